"""The rules of payments on both ways in: instruments, modes, amounts, once (PAY-06 to PAY-09).

Each is crossed with modes, business services, and several bills at once.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.amounts import NOTATION
from conformance.bbps.dimensions.dimension import Combination, Dimension, never
from conformance.bbps.dimensions.payments import (
    BLANK,
    COUNTER,
    FIVE,
    LACK,
    NUMBERLESS,
    OF_AGE,
    OF_DATE,
    OF_MONEY_MOVED,
    OF_PAPER,
    ON_ACCOUNT,
    ONE_OR_TWO,
    PAPER,
    PLACE,
    SAME_BILL,
    SERVICE,
    SHARE,
    SPELLING,
    TOTAL,
    TRANSACTION,
    UNKNOWN_MODE,
    WAY,
    WRONG_AMOUNT,
    Position,
    Way,
    lawful,
)
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, payment_in
from conformance.bbps.payloads import Share, due, payment_body, total
from conformance.bbps.shelf import cheap_bill, lent
from conformance.checks.controls import taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, never_succeeds, paid_once, refused, same
from conformance.checks.paying import (
    not_paid_again,
    nothing_due,
    paid_bills,
    payable_together,
    works,
)
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Service

pytestmark = pytest.mark.independent

INSTRUMENT: Final = COUNTER.only(*PAPER, "ONLINE", "CARD")
CASE_OF_MODE: Final = SPELLING.only("capitals", "small letters")
ADDED_LACK: Final = LACK.without(*OF_AGE, *BLANK)  # blanks: see PAY-06
FIVE_MODES: Final = COUNTER.only(*FIVE)
SOME_WAY: Final = WAY.only("CASH", "CHEQUE", "ONLINE", "a transaction")
ADDED_INSTRUMENT: Final = COUNTER.only(*ON_ACCOUNT, "ONLINE_NEFT", "ONLINE_RTGS")


@verifies("PAY-06")
@crossed(
    INSTRUMENT,
    LACK,
    CASE_OF_MODE,
    PLACE,
    SERVICE,
    never=(
        never(INSTRUMENT, ("ONLINE", "CARD"), LACK, OF_PAPER),
        never(INSTRUMENT, PAPER, LACK, OF_MONEY_MOVED),
    ),
    rows=24,
)
def test_mode_refuses_what_it_lacks(bbps: Bbps, combination: Combination) -> None:
    """A payment lacks one parameter of its mode; with it, it is accepted."""
    way, lack = combination[INSTRUMENT], combination.name(LACK)
    spelled = combination[CASE_OF_MODE](way.mode)
    _lacking(bbps, way, combination[SERVICE](bbps), combination[PLACE], lack, spelled)


@verifies("PAY-13")
@crossed(
    ADDED_INSTRUMENT,
    ADDED_LACK,
    PLACE,
    never=(
        never(ADDED_INSTRUMENT, ("ONLINE_NEFT", "ONLINE_RTGS"), ADDED_LACK, OF_DATE),
        never(ADDED_INSTRUMENT, ON_ACCOUNT, ADDED_LACK, NUMBERLESS),
    ),
    rows=12,
)
def test_added_mode_refuses_what_it_lacks(bbps: Bbps, combination: Combination) -> None:
    """A transfer or a postal order lacks one of its parameters; with it, it is accepted."""
    way, lack = combination[ADDED_INSTRUMENT], combination.name(ADDED_LACK)
    _lacking(bbps, way, needs.certified(bbps)[0], combination[PLACE], lack, way.mode)


@verifies("PAY-07")
@crossed(UNKNOWN_MODE, PLACE, rows=10)
def test_unknown_mode_is_refused(bbps: Bbps, combination: Combination) -> None:
    """A payment names a mode that does not exist; in CASH it is accepted."""
    mode, cash = combination[UNKNOWN_MODE], COUNTER.values["CASH"]
    terms = needs.certified(bbps)[0]
    cash.open_to(bbps, terms)

    with lent(bbps, *[terms.service] * combination[PLACE].bills) as loan:
        response = cash.submit(bbps, due(loan.bills), paymentMode=mode)
        refused(response, f"a payment in mode {mode!r}")

    works(bbps, cash, *[terms.service] * combination[PLACE].bills)


@verifies("PAY-07")
@crossed(SPELLING, PLACE, rows=6)
def test_disallowed_mode_is_refused(bbps: Bbps, combination: Combination) -> None:
    """A payment uses modes that the service of a bill disallows, if others are paid with it."""
    terms, other = _disallowing(bbps)
    services = _around(terms.service, other.service, combination[PLACE])

    with lent(bbps, *services) as loan:
        for mode in terms.shut:
            spelled = combination[SPELLING](mode)
            response = Way(mode=mode).submit(bbps, due(loan.bills), paymentMode=spelled)
            refused(response, f"a payment in mode {spelled!r}, which is not allowed")

    shut = {*terms.shut, *(each for each in other.shut if len(services) > 1)}
    allowed = next((mode for mode in FIVE if mode not in shut), None)
    if allowed is None:
        raise NotApplicable(f"no mode is open to both {terms.code} and {other.code}")
    works(bbps, Way(mode=allowed), *services)


@verifies("PAY-07")
@crossed(PLACE)
def test_disallowed_mode_is_refused_to_a_transaction(bbps: Bbps, combination: Combination) -> None:
    """A transaction is requested on a bill whose service disallows ONLINE; others are taken."""
    terms, other = needs.not_by_transaction(bbps)
    services = _around(terms.service, other, combination[PLACE])

    with lent(bbps, *services) as loan:
        response = TRANSACTION.submit(bbps, due(loan.bills))
        why = "on a service that disallows ONLINE"
        loan.spent = not_paid_again(bbps, TRANSACTION, response, why)  # which holds them

    works(bbps, TRANSACTION, *[other] * len(services))
    if loan.spent:
        paid_bills(bbps, TRANSACTION, *[other] * len(services))


@verifies("PAY-08")
@crossed(WAY, WRONG_AMOUNT, SHARE, SERVICE, rows=24)
def test_amount_must_be_the_amount_due(bbps: Bbps, combination: Combination) -> None:
    """Another amount than allowed is paid on a bill, alone or with others; with it, it is taken."""
    way, place, terms = combination[WAY], combination[SHARE], combination[SERVICE](bbps)
    way.open_to(bbps, terms)
    services = [terms.service] * place.bills

    with lent(bbps, *services) as loan:
        wrong = combination[WRONG_AMOUNT](loan.bills[place.index].amount)
        shares = place.shares(loan.bills, wrong)
        if lawful(shares, terms):
            raise NotApplicable(f"{terms.code} allows to pay {combination.name(WRONG_AMOUNT)}")
        paid = " and ".join(f"₹ {each.paid} for ₹ {each.bill.amount} due" for each in shares)
        refused(way.submit(bbps, shares), f"{way} of {paid}")

    works(bbps, way, *services)


@verifies("PAY-08")
@crossed(COUNTER, PLACE, TOTAL, rows=13)
def test_details_add_up_to_the_total(bbps: Bbps, combination: Combination) -> None:
    """The total of a payment differs from the sum of its details."""
    way, terms = combination[COUNTER], needs.certified(bbps)[0]
    way.open_to(bbps, terms)
    services = [terms.service] * combination[PLACE].bills

    with lent(bbps, *services) as loan:
        sums = combination[TOTAL](total(due(loan.bills)))
        response = way.submit(bbps, due(loan.bills), totalAmountPaid=sums)
        loan.spent = taken(response, "a payment whose total is not the sum of its details")
        if loan.spent:
            same(
                payment_in(response).amount,
                total(due(loan.bills)),
                "the total, compared with the sum of its details,",
            )

    works(bbps, way, *services)


@verifies("PAY-08")
@crossed(SOME_WAY, NOTATION, ONE_OR_TWO, rows=8)
def test_notation_of_an_amount_does_not_matter(bbps: Bbps, combination: Combination) -> None:
    """The amount due is written with decimals that are zeros, and accepted."""
    way, terms = combination[SOME_WAY], needs.certified(bbps)[0]
    way.open_to(bbps, terms)
    services = [terms.service] * combination[ONE_OR_TWO].bills
    works(bbps, way, *services)
    bills = [cheap_bill(bbps, each) for each in services]
    sums = total(due(bills))
    written = combination[NOTATION](sums)

    if way.by_transaction:
        response = bbps.submit_transaction(bills[0], shares=due(bills), txnAmount=written)
    else:
        response = way.submit(bbps, due(bills), **_written(bbps, bills, written))

    accepted(response, f"{way} of the amount due, written {written}")
    if not way.by_transaction:
        same(payment_in(response).amount, sums, "the amount of the payment")


@verifies("PAY-08")
def test_part_is_taken_where_allowed(bbps: Bbps) -> None:
    """Part of a bill is paid where the business service allows it."""
    service = needs.part_payment(bbps)
    bill, mode = bbps.bill_of(service), needs.counter_mode(bbps, service)
    part = Decimal(40)

    response = bbps.submit_payment(bill, mode, amount=part)

    accepted(response, "a part payment where it is allowed")
    same(payment_in(response).amount, part, "the amount of the payment")


PAID_WAY: Final = Dimension(name="first payment", source=WAY.source, values=WAY.values)
PAID_PLACE: Final = Dimension(
    name="place in the first payment", source=PLACE.source, values=PLACE.values
)


@verifies("PAY-09")
@crossed(PAID_WAY, WAY, PAID_PLACE, PLACE, rows=16)
def test_bill_is_paid_once(bbps: Bbps, combination: Combination) -> None:
    """A bill that was paid, alone or with another, is paid again, alone or with another."""
    first, way, place = combination[PAID_WAY], combination[WAY], combination[PLACE]
    terms = _taking(bbps, first, way)
    bills = paid_bills(bbps, first, *[terms.service] * combination[PAID_PLACE].bills)
    bill = bills[combination[PAID_PLACE].index]

    with lent(bbps, *[terms.service] * (place.bills - 1)) as loan:
        loan.spent = way.by_transaction  # a transaction that is taken holds them
        together = [*loan.bills[: place.index], bill, *loan.bills[place.index :]]
        response = way.submit(bbps, due(together))
        not_paid_again(bbps, way, response, f"on a bill that {first} has paid")

    paid_once(bbps, bill)


@verifies("PAY-09")
@crossed(WAY, SAME_BILL, rows=8)
def test_bill_is_not_paid_twice_at_once(bbps: Bbps, combination: Combination) -> None:
    """One payment names a bill in two details; with one detail it is accepted."""
    way, terms = combination[WAY], needs.certified(bbps)[0]
    way.open_to(bbps, terms)

    with lent(bbps, terms.service) as loan:
        shares = [
            Share(bill=loan.bills[0], paid=paid)
            for paid in combination[SAME_BILL](loan.bills[0].amount)
        ]
        refused(way.submit(bbps, shares), f"{way} that names one bill twice")

    works(bbps, way, terms.service)


@verifies("PAY-09")
@crossed(FIVE_MODES, PLACE, rows=5)
def test_bill_paid_at_the_counter_is_not_paid_by_a_pending_transaction(
    bbps: Bbps, combination: Combination
) -> None:
    """While a transaction is pending, a bill of it is paid at the counter; success is reported."""
    way, terms = combination[FIVE_MODES], _taking(bbps, TRANSACTION, combination[FIVE_MODES])
    services = [terms.service] * combination[PLACE].bills
    payable_together(bbps, TRANSACTION, *services)
    bills = [cheap_bill(bbps, each) for each in services]
    bill = bills[combination[PLACE].index]
    transaction = bbps.create_transaction(bills[0], shares=due(bills))
    if not taken(way.submit(bbps, due([bill])), f"{way} while a transaction is pending"):
        raise NotApplicable("a bill on which a transaction is pending is not paid at the counter")

    response = bbps.update(transaction, SUCCESS)

    what = "a transaction on a bill that was paid at the counter meanwhile"
    never_succeeds(bbps, transaction, response, what)
    paid_once(bbps, bill)


@verifies("BIL-05")
@crossed(PAID_WAY, ONE_OR_TWO, SERVICE, rows=16)
def test_paid_bill_is_not_offered_again(bbps: Bbps, combination: Combination) -> None:
    """Bills are paid, alone or together, by each way in; the integrator fetches again."""
    way, terms = combination[PAID_WAY], combination[SERVICE](bbps)
    way.open_to(bbps, terms)

    for bill in paid_bills(bbps, way, *[terms.service] * combination[ONE_OR_TWO].bills):
        nothing_due(bbps, bill, f"a bill that {way} has paid")


def _lacking(
    bbps: Bbps, way: Way, terms: needs.Terms, place: Position, lack: str, spelled: str
) -> None:
    """Demand a refusal of a payment that lacks something; without that it is accepted."""
    way.open_to(bbps, terms)
    changes = LACK.values[lack](bbps.clock.now())
    services = [terms.service] * place.bills

    with lent(bbps, *services) as loan:
        response = way.submit(bbps, due(loan.bills), paymentMode=spelled, **changes)
        refused(response, f"a payment in mode {spelled!r} with {lack}")

    works(bbps, way, *services)


def _disallowing(bbps: Bbps) -> tuple[needs.Terms, needs.Terms]:
    """Have a service that disallows modes, and one that does not, if there is one."""
    terms = needs.disallowing(bbps)
    open_ = (each for each in needs.certified(bbps) if not {*terms.shut} & {*each.shut})
    return terms, next(open_, terms)  # without one, each bill is of the same service


def _around(service: Service, other: Service, place: Position) -> list[Service]:
    """Return the services of some bills: one in its place, another of all others."""
    services = [other] * place.bills
    services[place.index] = service
    return services


def _taking(bbps: Bbps, *ways: Way) -> needs.Terms:
    """Have a business service that is open to some ways in."""
    terms = needs.certified(bbps)
    for each in terms:
        if not {way.mode for way in ways} & set(each.shut):
            for way in ways:
                way.open_to(bbps, each)
            return each
    raise NotApplicable(f"no certified business service takes {' and '.join(map(str, ways))}")


def _written(bbps: Bbps, bills: Sequence[Bill], written: str) -> dict[str, Any]:
    """Return the amounts of a payment as numbers in a notation: 7 or 7.0."""
    number = float if "." in written else int
    payment = payment_body(due(bills), "CASH", now=bbps.clock.now())
    details = [
        {**each, "totalAmountPaid": number(each["totalAmountPaid"])}
        for each in payment["paymentDetails"]
    ]
    return {"paymentDetails": details, "totalAmountPaid": number(payment["totalAmountPaid"])}
