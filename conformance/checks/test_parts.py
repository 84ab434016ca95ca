"""Parts of a bill keep the rules of whole ones; so does a bill that is due again."""

from decimal import ROUND_FLOOR, Decimal

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.bills import BILL
from conformance.bbps.flow import SUCCESS, Bbps, success
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill
from conformance.checks.controls import granted
from conformance.checks.expect import never_succeeds, refused, same, unchanged
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent


@verifies("TXN-04")
def test_pending_part_bars_another_part(bbps: Bbps) -> None:
    """A transaction on a part of a bill is pending; one on another part is requested."""
    bill, part = _payable_in_parts(bbps)
    pending = bbps.create_transaction(bill, amount=part)

    refused(bbps.submit_transaction(bill, amount=part + 1), "a transaction on another part")

    unchanged(bbps, pending)


@verifies("TXN-12")
def test_part_is_not_confirmed_with_the_whole(bbps: Bbps) -> None:
    """Success of a transaction on a part is reported with all that is due."""
    bill, part = _payable_in_parts(bbps)
    transaction = bbps.create_transaction(bill, amount=part)

    response = bbps.update(transaction, success(amount=bill.amount))

    never_succeeds(bbps, transaction, response, f"₹ {bill.amount} reported for ₹ {part}")


@verifies("RCP-07")
def test_parts_settle_a_demand_one_after_another(bbps: Bbps) -> None:
    """Three transactions pay a bill, part by part; what is left is due after each."""
    bill, part = _payable_in_parts(bbps)
    left = bill.amount
    for paid in (part, part, bill.amount - 2 * part):
        transaction = bbps.create_transaction(bill, amount=paid)
        bbps.receipt_of(bbps.finish(transaction, SUCCESS))
        left -= paid
        due, _ = bbps.polling.within_deadline(
            lambda bill=bill: bbps.provision.due_on(bill),  # type: ignore[misc]
            lambda due, left=left: due == left,  # type: ignore[misc]
        )
        same(due, left, f"what is due after ₹ {paid} of ₹ {bill.amount} were paid")
        if left:
            bill = bbps.offered(
                bill.consumer_code,
                service=bill.business_service,
                tenant=bill.tenant,
                amount=left,
            )


@verifies("PAY-09")
def test_bill_that_is_due_again_is_paid_once(bbps: Bbps) -> None:
    """A payment was cancelled and the bill paid again; it is paid a third time."""
    bill = BILL.values["a cancelled payment before"](bbps)
    granted(bbps.submit_payment(bill, "CASH"), "a payment of a bill that is due again")

    refused(bbps.submit_payment(bill, "CASH"), "a payment of a bill that was paid again")


def _payable_in_parts(bbps: Bbps) -> tuple[Bill, Decimal]:
    """Have a bill that may be paid in parts, by transactions, and a fourth of it in rupees."""
    service = unless_hindered(lambda: needs.part_by_transaction(bbps))
    bill = bbps.bill_of(service)
    part = (bill.amount / 4).quantize(Decimal(1), ROUND_FLOOR)
    if part < 1:
        raise NotApplicable(f"not looked at: a bill of ₹ {bill.amount} has no three parts")
    return bill, part
