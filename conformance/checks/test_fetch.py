"""By whatever parameters a consumer code is fetched, its bill is the same (BIL-03 to BIL-05).

A deployment may refuse lists of consumer codes, and a payer's number; then it offers nothing wrong.
"""

from dataclasses import replace

import pytest

from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.fetches import FETCH, Wanted, bill_for, payers_bill, unknown
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, bills_in
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import answered_4xx, demand, same
from conformance.checks.settled import settled
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent


@verifies("BIL-03")
@crossed(FETCH)
def test_unknown_code_gets_nothing_however_it_is_fetched(
    bbps: Bbps, combination: Combination
) -> None:
    """A code that nobody has is fetched alone, in lists, and with somebody's number."""
    bill = bbps.once("bill of a payer with a number", lambda: payers_bill(bbps))
    wanted = combination[FETCH](bbps, replace(bill, consumer_code=unknown(bill.consumer_code)))

    response = wanted.fetch(bbps)

    granted(bbps.fetch(bill.consumer_code), "fetchBill for the code that has a bill")
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
@crossed(FETCH)
def test_paid_bill_is_not_offered_however_it_is_fetched(
    bbps: Bbps, combination: Combination
) -> None:
    """A bill was paid through BBPS; its consumer code is fetched in another way."""
    paid = settled(
        bbps,
        "fetched in each way",
        lambda: [payers_bill(bbps)],
        lambda bills: bbps.taken_transaction(bills[0]),
    ).bill
    wanted = combination[FETCH](bbps, paid)

    offered, gone = bbps.polling.within_deadline(
        lambda: _offered(bbps, wanted, paid), lambda bills: not bills
    )

    demand(
        gone,
        required="a paid bill is not offered again",
        observed=f"offered are {[each.id for each in offered]}, and {paid.id} was paid",
    )


def _offered(bbps: Bbps, wanted: Wanted, bill: Bill) -> list[Bill]:
    """Return what is offered for a bill's consumer code; nothing where the fetch is refused."""
    response = wanted.fetch(bbps)
    if not taken(response, "fetchBill with these parameters"):
        return []
    return [each for each in bills_in(response) if each.consumer_code == bill.consumer_code]
