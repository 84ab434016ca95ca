"""Bill: what fetchBill offers, when it offers it again, and when no more (BIL-*)."""

from decimal import Decimal
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.actors import CALLER_IN_BETWEEN
from conformance.bbps.dimensions.amounts import AMOUNT, GREAT, INDIVISIBLE
from conformance.bbps.dimensions.bills import (
    BILL,
    DEMANDS,
    LINES,
    SEVERAL_DEMANDS,
    SPLIT,
    UNPAID_BILL,
    main_service,
)
from conformance.bbps.dimensions.changes import ALONE, CHANGE, ONE_OF_THEM
from conformance.bbps.dimensions.codes import NEAR_CODE
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, bills_in, read, rupees
from conformance.bbps.shelf import cheap_bill
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, answered_4xx, demand, refused, same
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable

pytestmark = pytest.mark.independent

OF_DEMANDS: Final = Decimal(20)  # rupees due on several demands
RUPEES_AND_PAISE: Final = Decimal("100.50")


@verifies("BIL-01")
def test_fetch_offers_the_payable_bill(bbps: Bbps) -> None:
    """A demand is raised; the integrator fetches the bill of its consumer code."""
    code = bbps.provision.new_consumer_code()
    bbps.raise_demand(code)

    response = bbps.fetch(code)

    accepted(response, "fetchBill for a consumer code with a demand")
    offered = read(response.body, "Bill")
    demand(
        len(offered) == 1,
        required="exactly one bill is offered",
        observed=f"{len(offered)} bills are offered",
    )
    bill = offered[0]
    same(bill.get("consumerCode"), code, "the consumer code of the bill")
    same(bill.get("businessService"), bbps.target.bills.business_service, "its business service")
    same(rupees(bill.get("totalAmount")), bbps.target.bills.amount, "the amount of the bill")
    demand(bool(bill.get("id")), required="the bill has an id", observed="it has none")
    details = bill.get("billDetails") or []
    demand(
        bool(details) and all(detail.get("expiryDate") for detail in details),
        required="the bill has details, each with an expiry date",
        observed=f"{len(details)} details, expiry {[d.get('expiryDate') for d in details]}",
    )


@verifies("BIL-02")
@crossed(UNPAID_BILL, AMOUNT, never=(never(UNPAID_BILL, SPLIT, AMOUNT, INDIVISIBLE),), rows=20)
def test_bill_adds_up(bbps: Bbps, combination: Combination) -> None:
    """Demands of a certain amount are raised; total, details and tax heads of the bill add up."""
    amount = combination[AMOUNT]

    bill = combination[UNPAID_BILL](bbps, amount=amount)

    given = bbps.target.bills.provision == "pool"
    usual = bill.amount if given else bbps.target.bills.amount
    _adds_up(bbps, bill, usual if amount is None else amount)


@verifies("BIL-02")
@crossed(DEMANDS)
def test_bill_has_all_its_demands(bbps: Bbps, combination: Combination) -> None:
    """Several demands are raised for one consumer code; their bill shows the amount of all."""
    _adds_up(bbps, combination[DEMANDS](bbps, amount=OF_DEMANDS), OF_DEMANDS)


@verifies("BIL-02")
@crossed(GREAT)
def test_great_bill_adds_up(bbps: Bbps, combination: Combination) -> None:
    """A demand of a great amount is raised; total, details and tax heads of the bill add up."""
    amount = combination[GREAT]

    bill = BILL.values[BILL.plain](bbps, amount=amount)

    _adds_up(bbps, bill, bill.amount if amount is None else amount)


@verifies("BIL-02")
def test_bill_keeps_paise(bbps: Bbps) -> None:
    """A demand of rupees and paise is raised; its bill hides no rounding."""
    try:
        bill = bbps.new_bill(amount=RUPEES_AND_PAISE)
    except Unanswered:
        raise
    except Inconclusive as refused:
        raise NotApplicable(f"no bill with an amount in paise can be created: {refused}") from None

    _adds_up(bbps, bill, RUPEES_AND_PAISE + _rounding_shown(bill, bbps.target.bills.tax_head))


@verifies("BIL-02")
@crossed(LINES)
def test_bill_repeats_the_lines_of_its_demands(bbps: Bbps, combination: Combination) -> None:
    """Demands have lines of rupees, and of paise that add up to rupees; their bill shows each."""
    bill = unless_hindered(lambda: combination[LINES](bbps), " with paise")
    raised = unless_hindered(lambda: bbps.provision.lines_of(bill), " with its demands")

    billed = unless_hindered(lambda: _billed_lines(bill), " line by line")

    for line, due in raised.items():
        shown = billed.get(line, Decimal(0))
        same(shown, due, f"what the bill shows of a demand under tax head {line[1]}")


@verifies("BIL-03")
def test_unknown_consumer_code_gets_nothing(bbps: Bbps, bill: Bill) -> None:
    """The integrator fetches for a consumer code that nobody has, while others have bills."""
    response = bbps.fetch(f"{bill.consumer_code}-NOBODY")

    if not response.succeeded:
        answered_4xx(response, "fetchBill for an unknown consumer code, unless it offers nothing,")
        return
    offered = [each.consumer_code for each in bills_in(response)]
    same(offered, [], "the list of bills for an unknown consumer code")


@verifies("BIL-03")
@crossed(NEAR_CODE)
def test_near_miss_gets_nobody_elses_bill(bbps: Bbps, combination: Combination) -> None:
    """The integrator fetches for something that is nearly a consumer code that has a bill."""
    bill = bbps.once("bill of a code that is misspelt", bbps.new_bill)
    near = combination[NEAR_CODE](bill.consumer_code)
    if near == bill.consumer_code:
        raise NotApplicable(f"not looked at: {near!r} has no such other spelling")

    _only_of(near, bbps.fetch(near), f"fetchBill for {near!r} instead of {bill.consumer_code!r}")


@verifies("BIL-03")
def test_code_of_another_city_gets_no_bill(bbps: Bbps, bill: Bill) -> None:
    """The integrator fetches in another city for a consumer code that has a bill in this one."""
    city = bbps.target.second_city

    response = bbps.fetch(bill.consumer_code, tenant=city)

    others = [each.id for each in _offered(response) if each.tenant != city]
    same(others, [], f"the list of bills of other cities that {city} offers")


@verifies("BIL-03")
def test_code_of_another_service_gets_no_bill(bbps: Bbps, bill: Bill) -> None:
    """The integrator fetches for a consumer code under a business service that is not its own."""
    service = needs.second_service(bbps).business_service

    response = bbps.fetch(bill.consumer_code, service=service)

    others = [each.id for each in _offered(response) if each.business_service != service]
    same(others, [], f"the list of bills of other services that are offered for {service}")


@verifies("BIL-04")
@crossed(CALLER_IN_BETWEEN, UNPAID_BILL, rows=12)
def test_fetching_again_gives_the_same_bill(bbps: Bbps, combination: Combination) -> None:
    """The integrator fetches before and after another fetch, before the bill expires."""
    bill = combination[UNPAID_BILL](bbps)
    _fetch_in_between(bbps, bill, combination[CALLER_IN_BETWEEN])

    again = bbps.bills_for(bill)

    same([each.id for each in again], [bill.id], "the ids of the bills offered again")
    same(again[0].amount, bill.amount, "the amount of the bill fetched again")


OF_ONE_DEMAND: Final = tuple(UNPAID_BILL.without(*SEVERAL_DEMANDS).values)


@verifies("BIL-06")
@crossed(
    CHANGE,
    UNPAID_BILL,
    never=(
        never(CHANGE, (ALONE,), UNPAID_BILL, SEVERAL_DEMANDS),
        never(CHANGE, (ONE_OF_THEM,), UNPAID_BILL, OF_ONE_DEMAND),
    ),
    rows=14,
)
def test_changed_demand_gives_a_fresh_bill(bbps: Bbps, combination: Combination) -> None:
    """The demand changes after the bill was fetched: the old bill is replaced."""
    bill = combination[UNPAID_BILL](bbps)
    due = combination[CHANGE](bbps, bill)

    offered, fresh = bbps.polling.within_deadline(
        lambda: bbps.bills_for(bill),
        lambda bills: bool(bills) == bool(due) and all(each.id != bill.id for each in bills),
    )

    demand(
        fresh,
        required="fetchBill offers a fresh bill after the demand changed"
        if due
        else "fetchBill offers nothing after the demand was cancelled",
        observed=f"it offers {[each.id for each in offered] or 'none'}, {bill.id} before",
    )
    same(sum((each.amount for each in offered), Decimal(0)), due, "the amount of the fresh bill")
    refused(bbps.submit_transaction(bill), "a new transaction on the old bill")
    payable = offered[0] if offered else bbps.new_bill()
    granted(bbps.submit_transaction(payable), "a transaction on a fresh bill")


@verifies("BIL-07")
@pytest.mark.parametrize("missing", ["tenantId", "businessService", "consumerCode"])
def test_missing_criterion_is_named(bbps: Bbps, bill: Bill, missing: str) -> None:
    """fetchBill is called without one of its criteria."""
    query = {
        "tenantId": bill.tenant,
        "businessService": bill.business_service,
        "consumerCode": bill.consumer_code,
    }
    if not bills_in(bbps.client.call("bill.fetch", query=query)):
        raise Inconclusive("the complete call offers no bill", "see BIL-01")
    del query[missing]

    response = bbps.client.call("bill.fetch", query=query, body={"tenantId": bill.tenant})

    answered_4xx(response, f"fetchBill without {missing}")
    demand(
        missing.lower() in response.text.lower(),
        required=f"the error names {missing}",
        observed=f"its codes are {', '.join(response.codes) or 'none'}",
    )


@verifies("BIL-05")
def test_paid_period_is_not_billed_with_a_further_one(bbps: Bbps) -> None:
    """A bill was paid, then another period is demanded on its consumer code, and fetched."""
    if bbps.target.bills.provision != "demands":
        raise NotApplicable("not looked at: the demands of a pool's bills are not changed")
    bill = cheap_bill(bbps, main_service(bbps))
    bbps.receipt_of(bbps.pay(bill))

    further = CHANGE.values["a demand of another period"](bbps, bill) - bill.amount

    fresh = bbps.offered(
        bill.consumer_code, service=bill.business_service, tenant=bill.tenant, amount=further
    )
    same(fresh.amount, further, "the amount of the bill of a further period")


def _fetch_in_between(bbps: Bbps, bill: Bill, caller: str) -> None:
    """Have a bill fetched by somebody; NotApplicable if that one may not, or is not known."""
    try:
        response = bbps.fetch(bill.consumer_code, service=bill.business_service, as_=caller)
    except Unanswered:
        raise
    except Inconclusive as hindrance:
        raise NotApplicable(f"no fetch by the {caller}: {hindrance}") from None
    if not response.succeeded:
        raise NotApplicable(f"the {caller} may not fetch: {response.description}")


def _offered(response: Response) -> list[Bill]:
    """Return the bills that fetchBill offers; none where it refuses."""
    return bills_in(response) if taken(response, "fetchBill") else []


def _only_of(code: str, response: Response, what: str) -> None:
    """Demand that no bill is offered but of the consumer code that was requested."""
    others = [each.consumer_code for each in _offered(response) if each.consumer_code != code]
    demand(
        not others,
        required=f"{what} offers no bill of another consumer code",
        observed=f"{code!r} was requested; bills of {', '.join(others[:3])} were offered",
    )


def _adds_up(bbps: Bbps, bill: Bill, amount: Decimal) -> None:
    """Demand that a bill adds up, as it was provided and as it is offered to this check now."""
    for each in (bill, *(each for each in bbps.bills_for(bill) if each.id == bill.id)):
        _bill_adds_up(each, amount)


def _bill_adds_up(bill: Bill, amount: Decimal) -> None:
    details = read(bill.raw, "billDetails")
    same(bill.amount, amount, "the total of the bill")
    same(
        sum((rupees(read(each, "amount")) for each in details), Decimal(0)),
        amount,
        "the sum of the bill's details",
    )
    for detail in details:
        accounts = read(detail, "billAccountDetails")
        same(
            sum((rupees(read(each, "amount")) for each in accounts), Decimal(0)),
            rupees(read(detail, "amount")),
            "the sum of a detail's account details",
        )


def _billed_lines(bill: Bill) -> dict[tuple[str, str], Decimal]:
    """Return what a bill shows, in rupees, by the id and the tax head of its demands."""
    billed: dict[tuple[str, str], Decimal] = {}
    for detail in read(bill.raw, "billDetails"):
        for account in read(detail, "billAccountDetails"):
            line = str(read(detail, "demandId")), str(read(account, "taxHeadCode"))
            billed[line] = billed.get(line, Decimal(0)) + rupees(read(account, "amount"))
    return billed


def _rounding_shown(bill: Bill, tax_head: str) -> Decimal:
    """Return what other tax heads than the demand's add to a bill, if that may be its rounding."""
    added = sum(
        (
            rupees(read(account, "amount"))
            for detail in read(bill.raw, "billDetails")
            for account in read(detail, "billAccountDetails")
            if read(account, "taxHeadCode") != tax_head
        ),
        Decimal(0),
    )
    return added if abs(added) < 1 else Decimal(0)
