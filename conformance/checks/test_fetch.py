"""By whatever parameters a consumer code is fetched, its bill is the same (BIL-03 to BIL-05).

A deployment may refuse lists of consumer codes, and a payer's number; then it offers nothing wrong.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.fetches import (
    DUE_BESIDE,
    FETCH,
    Wanted,
    bill_for,
    payers_bill,
    unknown,
)
from conformance.bbps.dimensions.payments import WAY, Way
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, bills_in
from conformance.bbps.payloads import due
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import answered_4xx, demand, same
from conformance.checks.paying import paid_bills
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

PAID_BY: Final = WAY.only("a transaction", "CASH")


@verifies("BIL-03")
@crossed(FETCH)
def test_unknown_code_gets_nothing_however_it_is_fetched(
    bbps: Bbps, combination: Combination
) -> None:
    """A code that nobody has is fetched alone, in lists, and with somebody's number."""
    bill = bbps.once("bill of a payer with a number", lambda: payers_bill(bbps))
    wanted = combination[FETCH](bbps, replace(bill, consumer_code=unknown(bill.consumer_code)))

    response = wanted.fetch(bbps)

    bbps.made_once("the code that has a bill is fetched", lambda: _control(bbps, bill))
    if not response.succeeded:
        answered_4xx(response, "fetchBill for an unknown consumer code, unless it offers nothing,")
        return
    others = [each.consumer_code for each in bills_in(response) if not wanted.covers(each)]
    same(others, [], "the list of consumer codes with a bill that were not wanted")


@verifies("BIL-04")
@crossed(FETCH)
def test_bill_is_the_same_however_it_is_fetched(bbps: Bbps, combination: Combination) -> None:
    """A bill is fetched by its code, then in another way, and by its code again."""
    bill = bill_for(bbps, combination)
    wanted = combination[FETCH](bbps, bill)

    others = {each.id for each in _offered(bbps, wanted, bill)} - {bill.id}

    same(others, set(), "the set of other bills that are offered for the consumer code")
    again = [each.id for each in bbps.bills_for(bill)]
    same(again, [bill.id], "the list of bills offered by the consumer code again")


@verifies("BIL-05")
@crossed(FETCH, PAID_BY, rows=10)
def test_paid_bill_is_not_offered_however_it_is_fetched(
    bbps: Bbps, combination: Combination
) -> None:
    """A bill was paid through BBPS, or in cash; its consumer code is fetched in another way."""
    paid = _paid(bbps, combination[PAID_BY])
    wanted = combination[FETCH](bbps, paid)

    offered, gone = bbps.polling.within_deadline(
        lambda: _offered(bbps, wanted, paid), lambda bills: not bills
    )

    demand(
        gone,
        required="a paid bill is not offered again",
        observed=f"offered are {[each.id for each in offered]}, and {paid.id} was paid",
    )


@verifies("BIL-05")
def test_no_paid_bill_is_offered_in_a_list(bbps: Bbps) -> None:
    """Bills that were paid in each way are fetched together with one that is due."""
    terms = needs.certified(bbps)[0]
    paid = [bill for way in WAY.values.values() for bill in _paid_before(bbps, way, terms)]
    if not paid:
        raise NotApplicable("not looked at: no way in pays a bill of the main service")
    payable = bbps.made_once(DUE_BESIDE, bbps.new_bill)
    codes = ",".join([*(each.consumer_code for each in paid), payable.consumer_code])

    def offered() -> list[str]:
        response = bbps.fetch(codes)
        if not taken(response, "fetchBill for several consumer codes"):
            raise NotApplicable(f"no list of consumer codes is fetched: {response.description}")
        return [each.consumer_code for each in bills_in(response)]

    ways = {each.consumer_code for each in paid}
    seen, _ = bbps.polling.within_deadline(offered, lambda found: not ways & {*found})

    same([code for code in seen if code in ways], [], "the list of paid codes that are offered")


def _control(bbps: Bbps, bill: Bill) -> None:
    granted(bbps.fetch(bill.consumer_code), "fetchBill for the code that has a bill")


def _paid(bbps: Bbps, way: Way) -> Bill:
    """Have a bill that was paid by a way in, of a payer with a number; the same for a run."""

    def pay() -> Bill:
        bill = payers_bill(bbps)
        if way.by_transaction:
            bbps.pay(bill)
        else:
            granted(way.submit(bbps, due([bill])), str(way))
        return bill

    way.open_to(bbps, needs.certified(bbps)[0])
    return bbps.made_once(f"{way}, fetched in each way", pay)


def _paid_before(bbps: Bbps, way: Way, terms: needs.Terms) -> Sequence[Bill]:
    """Have the bill that other checks paid by a way in; none where that is hindered."""
    try:
        way.open_to(bbps, terms)
        return unless_hindered(lambda: paid_bills(bbps, way, terms.service))
    except NotApplicable:
        return ()


def _offered(bbps: Bbps, wanted: Wanted, bill: Bill) -> list[Bill]:
    """Return what is offered for a bill's consumer code; nothing where the fetch is refused."""
    response = wanted.fetch(bbps)
    if not taken(response, "fetchBill with these parameters"):
        return []
    return [each for each in bills_in(response) if each.consumer_code == bill.consumer_code]
