"""Several bills in one transaction: each is judged, paid and receipted like a single one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import trials
from conformance.bbps.dimensions.baskets import SEVERAL, TAKEN, WRONG_BILL, failed
from conformance.bbps.dimensions.bills import BILL, UNPAID_BILL
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.payments import PLACE, SHARE, WRONG_AMOUNT, Position, lawful
from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Bill, Transaction, read, rupees, transaction_in
from conformance.bbps.needs import certified
from conformance.bbps.payloads import Share, due, total
from conformance.bbps.shelf import cheap_bill, lent
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import (
    accepted,
    demand,
    no_receipt,
    not_created_again,
    one_receipt,
    refused,
    same,
)
from conformance.checks.paying import nothing_due
from conformance.checks.settled import Settled, settled
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

SEVERAL_SHARES: Final = SHARE.without("the only one")
BEFORE_SUCCESS: Final = UNPAID_BILL.only("one demand", "two periods", "another business service")
SECOND_BILL: Final = BILL.only(
    "one demand", "two tax heads", "a rebate", "two periods", "another business service",
    "an owner other than the payer", "a failed transaction before", "the rest of a part payment",
)  # fmt: skip


@verifies("TXN-03")
@crossed(WRONG_AMOUNT, SEVERAL_SHARES, rows=12)
def test_each_share_is_judged(bbps: Bbps, combination: Combination) -> None:
    """A transaction pays another amount than due on one of several bills."""
    terms, place = certified(bbps)[0], combination[SEVERAL_SHARES]
    with lent(bbps, *[terms.service] * place.bills) as loan:
        amount = combination[WRONG_AMOUNT](loan.bills[place.index].amount)
        shares = place.shares(loan.bills, amount)
        if lawful(shares, terms):
            raise NotApplicable(f"{terms.code} allows to pay ₹ {amount}")
        refused(_requested(bbps, shares), f"a transaction with ₹ {amount} on {combination}")
        _nothing_stored(bbps, loan.bills)
    _works(bbps)


@verifies("TXN-03")
@crossed(WRONG_BILL, SEVERAL, rows=8)
def test_each_bill_is_known(bbps: Bbps, combination: Combination) -> None:
    """A transaction names a wrong bill among right ones."""
    service, place = bbps.target.bills.certified[0], combination[SEVERAL]
    with lent(bbps, *[service] * place.bills) as loan:
        bills = list(loan.bills)
        bills[place.index] = combination[WRONG_BILL](bbps, bills[place.index])
        right = loan.bills[place.index - 1]
        response = bbps.submit_transaction(right, shares=due(bills), **_filed_under(right))
        refused(response, f"a transaction on several bills, the {combination}")
        _nothing_stored(bbps, loan.bills)
    _works(bbps)


@verifies("TXN-04")
@crossed(TAKEN, PLACE, rows=12)
def test_taken_bill_is_refused_in_any_place(bbps: Bbps, combination: Combination) -> None:
    """A bill that is pending or paid is named again, alone or together with others."""
    _works(bbps)
    bill = cheap_bill(bbps, bbps.target.bills.certified[0])
    pending = combination[TAKEN](bbps, bill)

    bills = _around(bbps, bill, combination[PLACE])
    response = bbps.submit_transaction(bills[0], shares=due(bills))

    what = f"a transaction on a bill that is {combination.name(TAKEN)}"
    if pending is not None and bills == [bill]:
        not_created_again(bbps, response, pending, what)
    else:
        refused(response, what)


@verifies("TXN-04")
@crossed(PLACE)
def test_failure_frees_each_bill(bbps: Bbps, combination: Combination) -> None:
    """A transaction on several bills failed; one of them is tried again, alone or with others."""
    _works(bbps)
    bills = [cheap_bill(bbps, bbps.target.bills.certified[0]) for _ in range(2)]
    failed(bbps, bills)

    again = _around(bbps, bills[1], combination[PLACE])
    response = bbps.submit_transaction(again[0], shares=due(again))

    accepted(response, "a new transaction on a bill of a failed one")


@verifies("BIL-06")
@crossed(PLACE)
def test_replaced_bill_is_refused_in_any_place(bbps: Bbps, combination: Combination) -> None:
    """A bill that a fresh one replaced is named in a transaction, alone or with others."""
    _works(bbps)
    bill = cheap_bill(bbps, bbps.target.bills.certified[0])
    bbps.provision.change_demand_by(bill, Decimal(1))
    bbps.polling.within_deadline(
        lambda: bbps.bills_for(bill), lambda bills: bill.id not in [each.id for each in bills]
    )

    bills = _around(bbps, bill, combination[PLACE])
    response = bbps.submit_transaction(bills[0], shares=due(bills))

    refused(response, "a new transaction on a bill that was replaced")


@verifies("RCP-01")
@crossed(SECOND_BILL, SEVERAL, rows=9)
def test_each_bill_gets_its_receipt(bbps: Bbps, combination: Combination) -> None:
    """A transaction on several bills succeeds; the receipts of each bill are counted."""
    paid = _paid(bbps, combination)
    bills = paid.bills

    payment = one_receipt(bbps, paid.transaction)

    same(sorted(payment.bill_ids), sorted(each.id for each in bills), "the list of receipted bills")
    numbers = payment.receipt_numbers
    demand(
        len(set(numbers)) == len(bills),
        required="each bill has a receipt number of its own",
        observed=f"the numbers for {len(bills)} bills are {', '.join(numbers)}",
    )


@verifies("RCP-06")
@crossed(SECOND_BILL, SEVERAL, rows=9)
def test_each_receipt_repeats_its_share(bbps: Bbps, combination: Combination) -> None:
    """A transaction on several bills succeeds; each receipt is compared with its share."""
    paid = _paid(bbps, combination)
    bills = paid.bills

    payment = bbps.receipt_of(paid.transaction)

    same(payment.amount, total(due(bills)), "the amount of the payment")
    details = {
        str(read(each, "billId")): (
            rupees(read(each, "totalAmountPaid")),
            each.get("businessService"),
        )
        for each in read(payment.raw, "paymentDetails")
    }
    for bill in bills:
        if bill.id in details:  # else RCP-01 reports it
            amount, service = details[bill.id]
            same(amount, bill.amount, "the amount of a bill's receipt")
            same(service, bill.business_service, "the business service of a bill's receipt")


@verifies("RCP-07")
@crossed(SECOND_BILL, SEVERAL, rows=9)
def test_nothing_is_due_on_any_bill(bbps: Bbps, combination: Combination) -> None:
    """A transaction on several bills succeeds; each is fetched, and its demands are read."""
    paid = _paid(bbps, combination)
    one_receipt(bbps, paid.transaction)

    for bill in paid.bills:
        nothing_due(bbps, bill, "a bill that was paid with others")
        left, settled = bbps.polling.within_deadline(
            lambda bill=bill: bbps.provision.due_on(bill),  # type: ignore[misc]
            lambda left: left == 0,
        )
        demand(
            settled,
            required="its demands are collected",
            observed=f"₹ {left} are left on {bill.consumer_code}",
        )


@verifies("RCP-05")
@crossed(BEFORE_SUCCESS)
def test_no_bill_has_a_receipt_without_success(bbps: Bbps, combination: Combination) -> None:
    """A transaction on several bills is pending, then fails; receipts are searched."""
    _works(bbps)
    bills = [combination[BEFORE_SUCCESS](bbps), cheap_bill(bbps, bbps.target.bills.certified[0])]
    created = _created(bbps, bills)
    no_receipt(bbps, created, "while a transaction on several bills is pending")

    failed_one = bbps.finish(created, FAILURE)

    no_receipt(bbps, failed_one, "after a failure")
    for bill in bills:
        found = [each.transaction_number for each in bbps.payments_of_bill(bill)]
        same(found, [], "the list of a bill's payments after a failure")


def _filed_under(bill: Bill) -> dict[str, Any]:
    """Return the fields by which a transaction is that of a bill, whatever else it pays."""
    return {"billId": bill.id, "consumerCode": bill.consumer_code, "tenantId": bill.tenant}


def _requested(bbps: Bbps, shares: Sequence[Share]) -> Response:
    return bbps.submit_transaction(shares[0].bill, shares=shares)


def _works(bbps: Bbps) -> None:
    """Make sure, once a run, that a right transaction on several bills is taken."""
    trials.several_bills(bbps)
    granted(trials.two_bills(bbps), "a right transaction on two bills")


def _around(bbps: Bbps, bill: Bill, place: Position) -> list[Bill]:
    """Return bills among which a bill stands in its place."""
    service = bbps.target.bills.certified[0]
    bills = [cheap_bill(bbps, service) for _ in range(place.bills - 1)]
    bills.insert(place.index, bill)
    return bills


def _mixed(bbps: Bbps, combination: Combination) -> list[Bill]:
    """Have several bills, one of them of some kind."""
    _works(bbps)
    return _around(bbps, combination[SECOND_BILL](bbps), combination[SEVERAL])


def _created(bbps: Bbps, bills: Sequence[Bill]) -> Transaction:
    """Have a pending transaction; NotApplicable where different services do not go together."""
    response = _requested(bbps, due(bills))
    mixed = len({each.business_service for each in bills}) > 1
    if mixed and not taken(response, "a transaction on bills of several services"):
        raise NotApplicable(f"services are not paid together: {response.description}")
    granted(response, "a transaction on several bills")
    return transaction_in(response)


def _paid(bbps: Bbps, combination: Combination) -> Settled:
    """Have several bills, one of them of some kind, that were paid together."""
    return settled(
        bbps,
        f"several, {combination}",
        lambda: _mixed(bbps, combination),
        lambda bills: _created(bbps, bills),
    )


def _nothing_stored(bbps: Bbps, bills: Sequence[Bill]) -> None:
    """Demand that no transaction is stored on any of some bills, and that none appears."""
    stored = bbps.polling.lastingly(
        lambda: [row.id for bill in bills for row in bbps.transactions(billId=bill.id)],
        lambda seen: not seen,
    )
    same(stored, [], "the list of transactions on the bills")
