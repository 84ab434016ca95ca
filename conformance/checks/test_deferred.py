"""What only another day decides: receipt day, late success, expiry (RCP-02, RCP-04, BIL-06).

Runs last, because it moves the clock where the clock can be moved: when all that run side by side
wait for another day. Where it cannot, the run is split over two days.
"""

from typing import Final

import pytest

from conformance.bbps.deferred import NOON, DeferredChecks
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import bills_in, transaction_in
from conformance.checks.controls import granted
from conformance.checks.expect import (
    accepted,
    dated_at_creation,
    demand,
    one_receipt,
    refused,
    same,
)
from conformance.core.requirements import verifies

pytestmark = [pytest.mark.independent, pytest.mark.next_day]

# Hours after local midnight at which a transaction is created: before 05:30 it is still the day
# before in UTC, so a receipt dated by the wrong zone shows.
CREATED_AT: Final = {"at noon": NOON, "after midnight, still yesterday in UTC": 2}


@verifies("RCP-02")
@pytest.mark.parametrize("when", CREATED_AT)
def test_receipt_day_is_the_creation_day(bbps: Bbps, deferred: DeferredChecks, when: str) -> None:
    """A transaction of one day succeeds on a later day: the receipt has the first date."""
    created = deferred.transaction(expired=False, at_hour=CREATED_AT[when])

    bbps.finish(created, SUCCESS)

    dated_at_creation(bbps, created, bbps.receipt_of(created))


@verifies("RCP-02")
def test_receipts_of_several_bills_have_the_creation_day(
    bbps: Bbps, deferred: DeferredChecks
) -> None:
    """A transaction over two bills succeeds on a later day: both receipts have the first date."""
    created = deferred.transaction(expired=False, bills=2)

    bbps.finish(created, SUCCESS)

    dated_at_creation(bbps, created, bbps.receipt_of(created))


@verifies("RCP-02")
def test_receipt_day_is_not_the_bill_day(bbps: Bbps, deferred: DeferredChecks) -> None:
    """A bill of one day is paid on the next: the receipt has the second date."""
    created = bbps.create_transaction(deferred.bill(expired=False))

    bbps.finish(created, SUCCESS)

    dated_at_creation(bbps, created, bbps.receipt_of(created))


@verifies("RCP-04")
def test_late_success_is_receipted(bbps: Bbps, deferred: DeferredChecks) -> None:
    """The bill expires between creation and success: a receipt is still created."""
    created = deferred.transaction(expired=True)

    response = bbps.update(created, SUCCESS)

    accepted(response, "success reported after the bill expired")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the late update")
    dated_at_creation(bbps, created, one_receipt(bbps, created))


@verifies("BIL-06")
def test_expired_bill_is_replaced(bbps: Bbps, deferred: DeferredChecks) -> None:
    """The bill expires unpaid: fetchBill offers a fresh one."""
    bill = deferred.bill(expired=True)

    offered = bills_in(bbps.fetch(bill.consumer_code))

    demand(
        len(offered) == 1 and offered[0].id != bill.id,
        required="after expiry fetchBill offers a fresh bill",
        observed=f"it offers {[each.id for each in offered]}, the expired one was {bill.id}",
    )
    demand(
        offered[0].expires_at > bbps.clock.now(),
        required="the fresh bill is not expired",
        observed=f"it expires on {bbps.clock.text(offered[0].expires_at)}",
    )


@verifies("BIL-06", "TXN-03")
def test_expired_bill_takes_no_transaction(bbps: Bbps, deferred: DeferredChecks) -> None:
    """A transaction is requested on a bill that has expired, then on the fresh one, if any."""
    bill = deferred.bill(expired=True)

    refused(bbps.submit_transaction(bill), "a new transaction on an expired bill")
    for fresh in bbps.bills_for(bill):
        if fresh.id != bill.id:
            granted(bbps.submit_transaction(fresh), "a transaction on the fresh bill")
