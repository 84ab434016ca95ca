"""Paise: a bill of rupees and paise is paid to the paisa, or not at all.

A deployment may refuse amounts in paise (PAY-08). What it takes must not be lost, nor leave a rest.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction, payment_in, transaction_in
from conformance.checks.controls import granted, taken
from conformance.checks.expect import demand, one_receipt, refused, same
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

RUPEE: Final = Decimal(1)
# Less than half a rupee, at which many round, and half a rupee.
AMOUNTS: Final = [Decimal("100.40"), Decimal("100.50")]


@verifies("TXN-03")
@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_rounded_amount_is_refused(bbps: Bbps, amount: Decimal) -> None:
    """A transaction is requested over the rupees below and above a bill with paise."""
    bill, terms = needs.bill_in_paise(bbps, amount)

    for rounded in _wrong(bill, terms):
        response = bbps.submit_transaction(bill, amount=rounded)
        refused(response, f"a transaction of ₹ {rounded} on a bill of ₹ {bill.amount}")

    stored = bbps.polling.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda seen: not seen
    )
    same([each.id for each in stored], [], "the list of transactions on the bill")
    whole = bbps.bill_of(terms.service)
    granted(bbps.submit_transaction(whole), "a transaction on a bill of whole rupees")


@verifies("RCP-01")
@pytest.mark.parametrize("amount", [*AMOUNTS, Decimal("0.50")], ids=str)
def test_success_on_paise_makes_one_receipt(bbps: Bbps, amount: Decimal) -> None:
    """A bill with paise is paid by whatever amount a transaction is accepted over."""
    bill, _ = needs.bill_in_paise(bbps, amount)

    paid = _paid(bbps, bill, (bill.amount, _above(bill), _below(bill)))

    one_receipt(bbps, paid)


@verifies("RCP-07")
@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_no_paise_stay_due(bbps: Bbps, amount: Decimal) -> None:
    """A bill with paise is paid by whatever amount a transaction for all of it is accepted over."""
    bill, terms = needs.bill_in_paise(bbps, amount)
    rest_allowed = terms.parts

    _paid(bbps, bill, (bill.amount, _above(bill), *([] if rest_allowed else [_below(bill)])))

    _nothing_due(bbps, bill)


@verifies("PAY-08")
@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_counter_takes_no_rounded_amount(bbps: Bbps, amount: Decimal) -> None:
    """The cashier is paid the rupees below and above a bill with paise, then the amount due."""
    bill, terms = needs.bill_in_paise(bbps, amount)

    for rounded in _wrong(bill, terms):
        response = bbps.submit_payment(bill, "CASH", amount=rounded)
        refused(response, f"a payment of ₹ {rounded} for ₹ {bill.amount} due")
    exact = bbps.submit_payment(bill, "CASH")
    if taken(exact, "a payment to the paisa"):
        same(payment_in(exact).amount, bill.amount, "the amount of the payment")
        _nothing_due(bbps, bill)
    whole = bbps.bill_of(terms.service)
    granted(bbps.submit_payment(whole, "CASH"), "a payment of a bill of whole rupees")


def _below(bill: Bill) -> Decimal:
    return bill.amount.quantize(RUPEE, ROUND_FLOOR)


def _above(bill: Bill) -> Decimal:
    return bill.amount.quantize(RUPEE, ROUND_CEILING)


def _wrong(bill: Bill, terms: needs.Terms) -> list[Decimal]:
    """The rupees below and above an amount, but what the business service permits."""
    rounded = [] if terms.parts else [_below(bill)]
    rounded += [] if terms.advances else [_above(bill)]
    if not rounded:
        raise NotApplicable(f"{terms.code} allows part and advance payment")
    return rounded


def _paid(bbps: Bbps, bill: Bill, amounts: tuple[Decimal, ...]) -> Transaction:
    """Have a bill paid by the first amount that is accepted; NotApplicable if none is."""
    for amount in filter(None, amounts):
        response = bbps.submit_transaction(bill, amount=amount)
        if taken(response, f"a transaction of ₹ {amount}"):
            return bbps.finish(bbps.transaction(transaction_in(response).id), SUCCESS)
    raise NotApplicable(
        f"no transaction is accepted on a bill of ₹ {bill.amount}, neither to the paisa nor "
        "rounded: PAY-08 lets a deployment refuse paise"
    )


def _nothing_due(bbps: Bbps, bill: Bill) -> None:
    due, gone = bbps.polling.within_deadline(lambda: bbps.bills_for(bill), lambda bills: not bills)
    demand(
        gone,
        required="nothing is due on a bill with paise that was paid",
        observed=f"fetchBill offers ₹ {sum(each.amount for each in due)}",
    )
