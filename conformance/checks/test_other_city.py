"""Transactions of another city keep the rules, too; the other checks are about the profile's own.

What keeps a run from transactions there leaves these checks out: MDM-08 is about its right to them.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.payments import lawful
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, success
from conformance.bbps.hindrance import Made, unless_hindered
from conformance.bbps.models import Bill, Transaction, payments_in
from conformance.bbps.payloads import Share
from conformance.checks.controls import granted
from conformance.checks.expect import (
    accepted,
    demand,
    kept_out,
    never_succeeds,
    not_created_again,
    refused,
    same,
    shown,
    unchanged,
)
from conformance.checks.paying import nothing_due
from conformance.client.response import Response
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
    _, transaction, response = _reported(bbps)

    accepted(response, "the owner's report of success in another city")

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


@verifies("TXN-03")
@pytest.mark.parametrize("more", [-1, 1], ids=["one rupee less", "one rupee more"])
def test_transaction_in_another_city_is_over_what_is_due(bbps: Bbps, more: int) -> None:
    """A transaction over another amount than is due there is requested; a right one is taken."""
    bbps.made_once("a transaction in another city", lambda: _pending(bbps))
    bill = _bill(bbps)
    share = Share(bill=bill, paid=bill.amount + more)
    if lawful([share], needs.certified(bbps)[0]):
        raise NotApplicable(f"{bill.business_service} allows to pay ₹ {share.paid}")

    response = bbps.submit_transaction(bill, shares=[share])

    refused(response, f"a transaction of ₹ {share.paid} for ₹ {bill.amount} due in another city")


@verifies("BIL-04")
def test_bill_of_another_city_stays_the_same(bbps: Bbps) -> None:
    """A bill of another city is fetched again, by the integrator."""
    bill = _bill(bbps)

    again = bbps.bills_for(bill)

    same([each.id for each in again], [bill.id], "the list of bills offered again in another city")


@verifies("RCP-07")
def test_success_in_another_city_settles_its_demand(bbps: Bbps) -> None:
    """A transaction in another city succeeded: nothing is due on its demand."""
    bill, _ = _settled(bbps)

    due, _ = bbps.polling.within_deadline(
        lambda: unless_hindered(lambda: bbps.provision.due_on(bill), " in another city"),
        lambda left: not left,
    )

    same(due, Decimal(0), "what is due on a demand of another city that was paid")


@verifies("BIL-05")
def test_bill_paid_in_another_city_is_not_offered_again(bbps: Bbps) -> None:
    """A transaction in another city succeeded: its bill is fetched again."""
    nothing_due(bbps, _settled(bbps)[0], "a bill that was paid in another city")


@verifies("RCP-01")
def test_success_in_another_city_is_receipted(bbps: Bbps) -> None:
    """A transaction in another city succeeded: it has a payment, or its bill is due no more."""
    bill, paid = _settled(bbps)

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


def _bill(bbps: Bbps) -> Bill:
    """Have an unpaid bill of another city; NotApplicable where none can be."""
    if not bbps.target.other_tenant:
        raise NotApplicable("the profile names no second city")
    return _made(lambda: bbps.new_bill(tenant=bbps.target.second_city))


def _pending(bbps: Bbps) -> tuple[Bill, Transaction]:
    """Have a pending transaction in another city, and its bill; NotApplicable where none can be."""
    bill = _bill(bbps)
    return bill, _made(lambda: bbps.create_transaction(bill))


def _reported(bbps: Bbps) -> tuple[Bill, Transaction, Response]:
    """Have a bill of another city, its transaction, and the answer to its success; once a run."""

    def report() -> tuple[Bill, Transaction, Response]:
        bill, transaction = _pending(bbps)
        return bill, transaction, bbps.update(transaction, SUCCESS)

    return bbps.made_once("a success in another city", report)


def _settled(bbps: Bbps) -> tuple[Bill, Transaction]:
    """Have a bill of another city that was paid, and its transaction; the same for a whole run."""
    bill, transaction, response = _reported(bbps)
    _made(lambda: granted(response, "the owner's report of success"))
    return bill, transaction


def _made(make: Callable[[], Made]) -> Made:
    return unless_hindered(make, " in another city")
