"""Bills of one consumer code in two cities, or of two business services, have nothing in common."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.bills import main_service
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.namesakes import NAMESAKE, OTHERS, OWN, Elsewhere, namesakes
from conformance.bbps.dimensions.payments import WAY, Way
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, bill_in, bills_in, payment_in, transaction_in
from conformance.bbps.payloads import due
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, demand, same
from conformance.checks.paying import works
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

MORE: Final = Decimal(5)  # rupees
PAID_BY: Final = WAY.only("a transaction", "CASH")
CASH: Final = WAY.values["CASH"]


@verifies("BIL-01")
@crossed(NAMESAKE)
def test_each_place_has_a_bill_of_its_own(bbps: Bbps, combination: Combination) -> None:
    """Demands are raised for one consumer code at two places, and both bills are fetched."""
    place = combination[NAMESAKE](bbps)
    bill, other = namesakes(bbps, place)

    same(bill.amount, OWN, "the amount of the bill")
    _demand_payable(bbps, other, place)


@verifies("TXN-01")
@crossed(NAMESAKE)
def test_pending_transaction_leaves_its_namesake_payable(
    bbps: Bbps, combination: Combination
) -> None:
    """A transaction is pending; the same consumer code has a bill elsewhere, which is tried."""
    place = combination[NAMESAKE](bbps)
    bill, other = namesakes(bbps, place)
    there = bill_in(_fetched(bbps, other, place))
    usual = bbps.bill_of(place.service, amount=OWN, tenant=place.tenant)
    unless_hindered(lambda: bbps.create_transaction(usual), " elsewhere")
    bbps.create_transaction(bill)

    response = bbps.submit_transaction(there)

    accepted(response, "a transaction whose consumer code has a pending one elsewhere")
    same(transaction_in(response).status, "PENDING", "the status of the new transaction")


@verifies("RCP-07")
@crossed(NAMESAKE, PAID_BY)
def test_payment_leaves_its_namesake_due(bbps: Bbps, combination: Combination) -> None:
    """A bill is paid; the same consumer code has another one elsewhere, which stays due."""
    pair = _paid_pair(bbps, combination, combination[PAID_BY])

    unless_hindered(lambda: granted(pair.response, f"{combination[PAID_BY]}"))

    same(pair.left, OTHERS, "what is due on the demand elsewhere")
    _payable(pair.there, pair.other)


@verifies("PAY-01")
@crossed(NAMESAKE)
def test_bill_with_a_namesake_is_paid_at_the_counter(bbps: Bbps, combination: Combination) -> None:
    """A bill is paid in cash whose consumer code has another one elsewhere; a plain one is, too."""
    if needs.taking(bbps, "CASH") != main_service(bbps):
        raise NotApplicable("not looked at: the main business service takes no CASH")
    works(bbps, CASH, main_service(bbps))

    pair = _paid_pair(bbps, combination, CASH)

    accepted(pair.response, f"{CASH} on a bill whose consumer code has one elsewhere")


@verifies("BIL-05")
@crossed(NAMESAKE)
def test_cancellation_leaves_its_namesake_paid(bbps: Bbps, combination: Combination) -> None:
    """A bill and its namesake elsewhere are paid; the payment of the one is cancelled."""
    pair = _paid_pair(bbps, combination, CASH)
    unless_hindered(lambda: granted(pair.response, f"{CASH}"))
    there = bill_in(pair.there)
    unless_hindered(lambda: bbps.pay(there), " elsewhere")
    bbps.polling.within_deadline(lambda: bbps.bills_for(there), lambda offered: not offered)

    unless_hindered(lambda: granted(bbps.cancel(payment_in(pair.response)), "a cancellation"))

    offered = bbps.polling.lastingly(lambda: bbps.bills_for(there), lambda bills: not bills)
    same([each.id for each in offered], [], "the list of bills offered elsewhere, which was paid")


@verifies("BIL-04")
@crossed(NAMESAKE)
def test_change_elsewhere_leaves_a_bill_as_it_is(bbps: Bbps, combination: Combination) -> None:
    """A demand changes whose consumer code has a bill elsewhere: that one stays the same."""
    bill, other = namesakes(bbps, combination[NAMESAKE](bbps))

    unless_hindered(lambda: bbps.provision.change_demand_by(other, MORE))

    seen = bbps.polling.lastingly(
        lambda: [each.id for each in bbps.bills_for(bill)], lambda offered: offered == [bill.id]
    )
    same(seen, [bill.id], "the list of bills offered after a demand changed elsewhere")


@verifies("BIL-06")
@crossed(NAMESAKE)
def test_change_is_seen_where_the_code_has_another_bill(
    bbps: Bbps, combination: Combination
) -> None:
    """A demand changes whose consumer code has a bill elsewhere, too: its own bill is replaced."""
    place = combination[NAMESAKE](bbps)
    bill, other = namesakes(bbps, place)
    there = bill_in(_fetched(bbps, other, place))

    for old in (there, bill):
        unless_hindered(lambda old=old: bbps.provision.change_demand_by(old, MORE))  # type: ignore[misc]

        offered, fresh = bbps.polling.within_deadline(
            lambda old=old: bbps.bills_for(old),  # type: ignore[misc]
            lambda bills, old=old: bool(bills) and all(each.id != old.id for each in bills),  # type: ignore[misc]
        )
        demand(
            fresh,
            required="fetchBill offers a fresh bill after the demand changed",
            observed=f"it offers {[each.id for each in offered] or 'none'}, {old.id} before",
        )
        same([each.amount for each in offered], [old.amount + MORE], "the amount of the fresh bill")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """How a bill was paid whose consumer code has another elsewhere, and what is due there then.

    `response` answers the payment, or the report of success, and `there` a fetch elsewhere.
    """

    other: Bill
    response: Response
    left: Decimal
    there: Response


def _paid_pair(bbps: Bbps, combination: Combination, way: Way) -> _Pair:
    """Pay a bill whose consumer code has one elsewhere, as far as that is taken; once a run."""
    way.open_to(bbps, needs.certified(bbps)[0])
    where = combination.name(NAMESAKE)

    def pay() -> _Pair:
        place = combination[NAMESAKE](bbps)
        bill, other = namesakes(bbps, place)
        if way.by_transaction:
            response = bbps.update(bbps.create_transaction(bill), SUCCESS)
        else:
            response = way.submit(bbps, due([bill]))
        if response.succeeded:
            bbps.polling.within_deadline(lambda: bbps.bills_for(bill), lambda offered: not offered)
        left = bbps.polling.lastingly(
            lambda: unless_hindered(lambda: bbps.provision.due_on(other)), lambda due: due == OTHERS
        )
        there = _fetched(bbps, other, place) if response.succeeded else response
        return _Pair(other=other, response=response, left=left, there=there)

    return bbps.made_once(f"{way} on a bill with a namesake {where}", pay)


def _fetched(bbps: Bbps, other: Bill, place: Elsewhere) -> Response:
    """Fetch the bill of another place; NotApplicable if that may be refused, and is."""
    response, _ = bbps.polling.within_deadline(
        lambda: bbps.fetch(
            other.consumer_code, service=other.business_service, tenant=other.tenant
        ),
        lambda answer: bool(bills_in(answer)) or (place.one_at_a_time and answer.refused),
    )
    if place.one_at_a_time and not taken(response, "fetchBill for a second bill of a code"):
        raise NotApplicable(f"not looked at: one bill of a code at a time: {response.description}")
    return response


def _demand_payable(bbps: Bbps, other: Bill, place: Elsewhere) -> None:
    """Demand that the bill of another place is offered, over its own amount."""
    _payable(_fetched(bbps, other, place), other)


def _payable(response: Response, other: Bill) -> None:
    """Demand that a fetch offers the bill of another place, over its own amount."""
    accepted(response, f"fetchBill for {other.business_service} in {other.tenant}")
    offered = [each.amount for each in bills_in(response)]
    same(offered, [other.amount], "the list of amounts that are due elsewhere on the code")
