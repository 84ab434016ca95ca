"""The amount of a transaction: promised on whatever bill, in whatever notation, and confirmed."""

from decimal import Decimal

import pytest

from conformance.bbps.dimensions.amounts import AMOUNT, INDIVISIBLE, NOTATION, PLACES
from conformance.bbps.dimensions.bills import BILL, SPLIT
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.flow import Bbps, success
from conformance.bbps.models import read, rupees, transaction_in
from conformance.checks.controls import granted
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


@verifies("TXN-05")
@crossed(PLACES, NOTATION, AMOUNT, rows=9)
def test_owner_marks_success(bbps: Bbps, combination: Combination) -> None:
    """The integrator reports that the customer has paid what was promised."""
    bill = BILL.values[BILL.plain](bbps, amount=combination[AMOUNT])
    created = bbps.submit_transaction(bill, txnAmount=combination[NOTATION](bill.amount))
    granted(created, "a transaction on a payable bill")
    transaction = bbps.transaction(transaction_in(created).id)

    response = bbps.update(transaction, success(amount=_with(combination[PLACES], bill.amount)))

    accepted(response, "the owner's report of success")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the update")
    sight, shown = bbps.polling.within_deadline(
        lambda: bbps.transaction(transaction.id), lambda seen: seen.status == "SUCCESS"
    )
    demand(
        shown,
        required=f"search shows SUCCESS within {bbps.target.limits.settle_seconds:g} s",
        observed=f"search shows {sight.status}",
    )


def _with(places: Decimal, amount: Decimal) -> Decimal:
    """Return an amount with at least so many decimals."""
    return amount if amount % places else amount.quantize(places)
