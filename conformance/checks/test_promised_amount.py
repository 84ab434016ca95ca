"""The amount that a transaction promises, on whatever bill and in whatever notation."""

import pytest

from conformance.bbps.dimensions.amounts import AMOUNT, INDIVISIBLE, NOTATION
from conformance.bbps.dimensions.bills import BILL, SPLIT
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read, rupees
from conformance.bbps.needs import ONLINE, open_to
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, demand, same
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

SKEW_ALLOWED = 5_000  # ms between the deployment's clocks; a Date header has whole seconds only
UNSPLIT = (never(BILL, SPLIT, AMOUNT, INDIVISIBLE),)


@verifies("TXN-01")
@crossed(NOTATION, BILL, AMOUNT, never=UNSPLIT, rows=16)
def test_creation_answers_with_a_pending_transaction(bbps: Bbps, combination: Combination) -> None:
    """The integrator requests a transaction before the customer pays."""
    bill = combination[BILL](bbps, amount=combination[AMOUNT])
    open_to(bbps, bill.business_service, ONLINE)
    before = bbps.clock.now()
    response = bbps.submit_transaction(bill, txnAmount=combination[NOTATION](bill.amount))
    after = bbps.clock.now()

    accepted(response, "a transaction on a payable bill")
    raw = read(response.body, "Transaction")
    demand(bool(raw.get("txnId")), required="the transaction has an id", observed="it has none")
    same(raw.get("txnStatus"), "PENDING", "the status of the new transaction")
    same(rupees(raw.get("txnAmount")), bill.amount, "the transaction's amount")
    same(raw.get("billId"), bill.id, "the transaction's bill")
    created = int(read(raw, "auditDetails", "createdTime"))
    demand(
        before - SKEW_ALLOWED <= created <= after + SKEW_ALLOWED,
        required=f"createdTime is now ({before} to {after})",
        observed=f"createdTime is {created}",
    )
