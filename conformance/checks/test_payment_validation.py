"""Validation: `_validate` judges as `_create` does, and stores nothing (PAY-10)."""

from typing import Final

import pytest

from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.dimensions.judged import JUDGED
from conformance.bbps.dimensions.payments import PLACE
from conformance.bbps.flow import Bbps
from conformance.bbps.payloads import total
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
        bill = shares[0].bill
        changes = {
            "tenantId": bbps.target.tenant,
            **judged.changes(bbps.clock.now(), total(shares)),
        }
        validated = bbps.submit_payment(
            bill, mode, shares=shares, operation="payment.validate", **changes
        )
        valid = taken(validated, "the validation")
        stored = bbps.polling.lastingly(
            lambda: bbps.payments_of_bill(loan.bills[0]), lambda seen: not seen
        )
        created = bbps.submit_payment(bill, mode, shares=shares, **changes)
        loan.spent = taken(created, "the creation")

    same(len(stored), 0, "the number of payments after validation")
    demand(
        valid == loan.spent,
        required="validation decides as creation does",
        observed=f"validation: {validated.description}; creation: {created.description}",
    )
