"""Transactions of another city keep the rules, too; the other checks are about the profile's own.

What keeps a run from transactions there leaves these checks out: MDM-08 is about its right to them.
"""

from collections.abc import Callable

import pytest

from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, success
from conformance.bbps.hindrance import Made, unless_hindered
from conformance.bbps.models import Bill, Transaction, payments_in
from conformance.checks.controls import granted
from conformance.checks.expect import (
    accepted,
    demand,
    kept_out,
    never_succeeds,
    not_created_again,
    shown,
    unchanged,
)
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent


@verifies("TXN-08")
def test_rival_finishes_nothing_in_another_city(bbps: Bbps) -> None:
    """A rival reports success of a transaction in another city; its owner finishes it."""
    _, transaction = _pending(bbps)

    kept_out(bbps.update(transaction, SUCCESS, as_="rival"), "an update by a rival")

    unchanged(bbps, transaction)
    granted(bbps.update(transaction, FAILURE), "the owner's update in another city")


@verifies("TXN-05")
def test_owner_marks_success_in_another_city(bbps: Bbps) -> None:
    """The owner of a transaction in another city reports success."""
    _, transaction = _pending(bbps)

    accepted(bbps.update(transaction, SUCCESS), "the owner's report of success in another city")

    shown(bbps, transaction, "SUCCESS")


@verifies("TXN-06")
def test_owner_marks_failure_in_another_city(bbps: Bbps) -> None:
    """The owner of a transaction in another city reports that the payment failed."""
    _, transaction = _pending(bbps)

    accepted(bbps.update(transaction, FAILURE), "the owner's report of failure in another city")

    shown(bbps, transaction, "FAILURE")


@verifies("TXN-09")
def test_success_is_final_in_another_city(bbps: Bbps) -> None:
    """A transaction in another city succeeded; its owner reports a failure."""
    _, transaction = _pending(bbps)
    paid = _made(lambda: bbps.finish(transaction, SUCCESS))

    bbps.update(paid, FAILURE)  # whatever it answers: the record decides

    unchanged(bbps, paid)


@verifies("TXN-10")
def test_failure_is_final_in_another_city(bbps: Bbps) -> None:
    """A transaction in another city failed; its owner reports success."""
    _, transaction = _pending(bbps)
    failed = _made(lambda: bbps.finish(transaction, FAILURE))

    bbps.update(failed, SUCCESS)

    unchanged(bbps, failed)


@verifies("TXN-04")
def test_pending_transaction_bars_another_in_another_city(bbps: Bbps) -> None:
    """A transaction is pending on a bill of another city; a further one is requested."""
    bill, transaction = _pending(bbps)

    again = bbps.submit_transaction(bill)

    not_created_again(bbps, again, transaction, "a transaction on a bill with a pending one")
    unchanged(bbps, transaction)


@verifies("TXN-12")
def test_other_amount_never_succeeds_in_another_city(bbps: Bbps) -> None:
    """Success of a transaction in another city is reported with one rupee more."""
    bill, transaction = _pending(bbps)

    response = bbps.update(transaction, success(amount=bill.amount + 1))

    what = f"₹ {bill.amount + 1} reported for ₹ {bill.amount}"
    never_succeeds(bbps, transaction, response, what)


@verifies("RCP-01")
def test_success_in_another_city_is_receipted(bbps: Bbps) -> None:
    """A transaction in another city succeeded: it has a payment, or its bill is due no more."""
    bill, transaction = _pending(bbps)
    paid = _made(lambda: bbps.finish(transaction, SUCCESS))

    def payments() -> int:
        response = bbps.search_payments(
            as_="administrator", tenantId=bill.tenant, transactionNumber=paid.id
        )
        if not response.succeeded:
            raise NotApplicable(f"not looked at: payments there: {response.description}")
        return len(payments_in(response))

    found, shown = bbps.polling.within_deadline(payments, bool)

    if not shown and bill.id not in [each.id for each in bbps.bills_for(bill)]:
        raise NotApplicable("not looked at: the administrator may not see that city's payments")
    demand(
        shown,
        required="a successful transaction in another city has a payment with its receipt",
        observed=f"it has {found} payments, and its bill is still offered",
    )


def _pending(bbps: Bbps) -> tuple[Bill, Transaction]:
    """Have a pending transaction in another city, and its bill; NotApplicable where none can be."""
    if not bbps.target.other_tenant:
        raise NotApplicable("the profile names no second city")
    bill = _made(lambda: bbps.new_bill(tenant=bbps.target.second_city))
    return bill, _made(lambda: bbps.create_transaction(bill))


def _made(make: Callable[[], Made]) -> Made:
    return unless_hindered(make, " in another city")
