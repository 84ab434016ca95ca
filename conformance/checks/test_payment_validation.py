"""Validation: `_validate` judges as `_create` does, and stores nothing (PAY-10)."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from conformance.bbps.dimensions.bills import BILL
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.dimensions.judged import JUDGED
from conformance.bbps.dimensions.payments import PLACE
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment
from conformance.bbps.payloads import Share, due, total
from conformance.bbps.shelf import lent
from conformance.checks.controls import taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import demand, same
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

FOREIGN: Final = ("a bill of another city",)
TOGETHER: Final = ("second of two", "first of two")  # a request is entered under one city


@verifies("PAY-10")
@crossed(JUDGED, PLACE, never=(never(JUDGED, FOREIGN, PLACE, TOGETHER),), rows=34)
def test_validate_judges_as_create(bbps: Bbps, combination: Combination) -> None:
    """A payment is validated, then created: both decide the same, and validation stores nothing."""
    judged, place = combination[JUDGED], combination[PLACE]
    mode, service = judged.place(bbps)

    with lent(bbps, *[service] * place.bills) as loan:
        shares = judged.shares(bbps, loan.bills, place)
        changes = {
            "tenantId": bbps.target.tenant,
            **judged.changes(bbps.clock.now(), total(shares)),
        }
        loan.spent = _decided_alike(bbps, mode, shares, loan.bills[0], **changes)


@verifies("PAY-10")
def test_validate_takes_what_is_due_again(bbps: Bbps) -> None:
    """A payment was cancelled; one on the bill that is due again is validated, then created."""
    bill = BILL.values["a cancelled payment before"](bbps)

    _decided_alike(bbps, "CASH", due([bill]), bill)


def _decided_alike(
    bbps: Bbps, mode: str, shares: Sequence[Share], bill: Bill, **changes: Any
) -> bool:
    """Validate a payment, then create it; return whether it was taken.

    Demand that both decide the same, and that validation stores no payment on a bill of it.
    """
    validated = bbps.submit_payment(
        shares[0].bill, mode, shares=shares, operation="payment.validate", **changes
    )
    valid = taken(validated, "the validation")
    stored = bbps.polling.lastingly(lambda: _living(bbps, bill), lambda seen: not seen)
    created = bbps.submit_payment(shares[0].bill, mode, shares=shares, **changes)
    created_too = taken(created, "the creation")

    same(len(stored), 0, "the number of payments after validation")
    demand(
        valid == created_too,
        required="validation decides as creation does",
        observed=f"validation: {validated.description}; creation: {created.description}",
    )
    return created_too


def _living(bbps: Bbps, bill: Bill) -> list[Payment]:
    """Return the payments of a bill that were not cancelled."""
    return [each for each in bbps.payments_of_bill(bill) if each.status != "CANCELLED"]
