"""What holds at once holds later: minutes, hours, days, a month's and a year's end, and years.

All rules go along with one journey of the clock, stop by stop. Where the clock cannot be moved
this is not looked at, but for what a run of two days sees.
"""

from functools import partial
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.accounts import DEACTIVATED, LOGGED_OUT, WITHOUT_ROLE
from conformance.bbps.dimensions.payments import COUNTER, PAPER, TRANSACTION, Way
from conformance.bbps.dimensions.times import (
    A_DAY,
    HOURS,
    MINUTE,
    MINUTES,
    NEXT_YEAR,
    YEAR_END,
    YEARS,
    Stop,
)
from conformance.bbps.dimensions.updates import AS_EVER, SUCCESS_REPORT
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, success
from conformance.bbps.journey import Journey
from conformance.bbps.journey_plan import LATE, LATE_ELSEWHERE, PROMISES, RECEIPTS
from conformance.bbps.models import Bill, Transaction, transaction_in
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill
from conformance.checks.controls import granted, reached, taken
from conformance.checks.expect import (
    accepted,
    dated_at_creation,
    demand,
    denied,
    kept_out,
    never_succeeds,
    no_receipt,
    not_created_again,
    one_receipt,
    refused,
    same,
    shown,
    unchanged,
)
from conformance.checks.paying import not_paid_again, works
from conformance.checks.probes import BBPS_ACTIONS, UPDATE
from conformance.checks.stops import at
from conformance.client.client import ANONYMOUS
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

# What a stop has made is used by one row of checks, one after the other.
pytestmark = pytest.mark.independent
OF_A_TRANSACTION: Final = "a transaction"
FETCH: Final = BBPS_ACTIONS[0]
OUTSIDERS: Final = {HOURS: ANONYMOUS, A_DAY: "rival", YEARS: "cashier"}


@verifies("RCP-02")
@at(*RECEIPTS)
def test_receipt_has_the_day_of_creation(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction of an earlier stop succeeds, while its bill is payable."""
    created, receipt = journey.receipt(stop)

    dated_at_creation(bbps, created, receipt)


@verifies("RCP-06")
@at(*RECEIPTS)
def test_receipt_number_is_new(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction is paid on another day, in another month, in another year."""
    _, receipt = journey.receipt(stop)

    number = receipt.receipt_numbers[0]
    found = bbps.payments(receiptNumbers=number)

    others = [each.id for each in found if each.id != receipt.id and number in each.receipt_numbers]
    same(others, [], f"the list of other payments with the receipt number {number}")
    numbers = journey.receipt_numbers()
    demand(
        len(set(numbers)) == len(numbers),
        required="no two receipts have the same number",
        observed=f"the numbers, one after the other, are {numbers}",
    )


@verifies("RCP-04")
@at(*LATE)
def test_late_success_is_receipted(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction succeeds minutes, hours, days or months after its bill has expired."""
    late, report = journey.late(stop).transaction, LATE[stop].report
    if report != AS_EVER:
        _taken_in_time(bbps, report)

    response = SUCCESS_REPORT.values[report](bbps, late)

    accepted(response, "success reported after the bill expired")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the late update")
    dated_at_creation(bbps, late, one_receipt(bbps, late))


@verifies("RCP-04")
@at(LATE_ELSEWHERE)
def test_late_success_in_another_city_is_taken(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction of another city succeeds days after its bill has expired."""
    late = journey.late_elsewhere(stop).transaction

    response = bbps.update(late, SUCCESS)

    accepted(response, "success reported in another city after the bill expired")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the late update")


@verifies("TXN-09")
@pytest.mark.independent(row=OF_A_TRANSACTION)
@at(MINUTES, HOURS, A_DAY, YEARS, next_day=True)
def test_success_stays_final(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Long after a success the owner reports failure, and success again."""
    paid = journey.paid(stop).transaction

    _demand_final(bbps, paid, "SUCCESS", stop)

    one_receipt(bbps, paid)


@verifies("TXN-10")
@at(MINUTES, HOURS, A_DAY, YEARS, next_day=True)
def test_failure_stays_final(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Long after a failure the owner reports success, and failure again."""
    failed = journey.failed(stop).transaction

    _demand_final(bbps, failed, "FAILURE", stop)

    no_receipt(bbps, failed, f"{stop} than a failure")


@verifies("TXN-08")
@at(*OUTSIDERS, next_day=True)
def test_owner_stays_the_owner(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction is pending for long: an outsider tries to finish it."""
    _demand_owner_only(bbps, journey.owned(stop).transaction, stop)


@verifies("TXN-08")
@at(A_DAY, YEARS)
def test_owner_stays_the_owner_after_expiry(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction is pending although its bill has expired: an outsider tries to finish it."""
    _demand_owner_only(bbps, journey.owned_and_forgotten(stop).transaction, stop)


@verifies("TXN-12")
@at(*PROMISES, next_day=True)
def test_amount_stays_promised(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Long after the creation success is reported with another amount than promised."""
    pending = journey.promised(stop)
    confirmed = pending.bill.amount - 1

    response = bbps.update(pending.transaction, success(amount=confirmed))

    what = f"₹ {confirmed} reported for ₹ {pending.bill.amount} {stop}"
    never_succeeds(bbps, pending.transaction, response, what)
    no_receipt(bbps, pending.transaction, "for an amount that was not promised")


@verifies("TXN-04")
@pytest.mark.independent(row="the pending one")
@at(MINUTES, HOURS, A_DAY, YEARS, next_day=True)
def test_pending_transaction_bars_another(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A transaction is pending for long: a second one is requested on its bill."""
    pending = journey.pending(stop)
    actor = "rival" if stop is HOURS else "integrator"

    response = bbps.submit_transaction(pending.bill, as_=actor)

    what = f"a second transaction by the {actor} {stop}"
    if actor == "integrator":
        not_created_again(bbps, response, pending.transaction, what)
    else:
        refused(response, what)
    _another_bill_takes_one(bbps, actor)


@verifies("TXN-13")
@pytest.mark.independent(row="the pending one")
@at(YEARS)
def test_old_transaction_is_found(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Long after its creation a transaction is searched: it shows, and as it was created."""
    pending = journey.pending(stop).transaction

    found = bbps.transactions(txnId=pending.id)

    same([each.record for each in found], [pending.record], "the record that is found")


@verifies("BIL-05")
@pytest.mark.independent(row=OF_A_TRANSACTION)
@at(A_DAY, YEARS, next_day=True)
def test_paid_bill_stays_paid(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A bill was paid long ago, and is fetched."""
    _demand_not_offered(bbps, journey.paid(stop).bill)


@verifies("BIL-05")
@at(YEARS)
def test_paid_bill_stays_paid_after_expiry(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A bill was paid long ago, would have expired since, and is fetched."""
    _demand_not_offered(bbps, journey.settled(stop))


@verifies("PAY-09")
@pytest.mark.independent(by="by")
@at(A_DAY, YEARS)
@pytest.mark.parametrize("by", [OF_A_TRANSACTION, "the counter"])
@pytest.mark.parametrize("again", [TRANSACTION, COUNTER.values["CASH"]], ids=str)
def test_paid_bill_stays_unpayable(
    bbps: Bbps, journey: Journey, stop: Stop, again: Way, by: str
) -> None:
    """A bill that is payable for years was paid long ago, and is paid again."""
    journey.go_on(stop)
    terms = needs.certified(bbps)[0]
    again.open_to(bbps, terms)
    if by == OF_A_TRANSACTION:
        TRANSACTION.open_to(bbps, terms)
    bill = journey.paid(stop).bill if by == OF_A_TRANSACTION else journey.collected(stop)

    response = again.submit(bbps, due([bill]))

    not_paid_again(bbps, again, response, f"on a bill that was paid, {stop}")
    works(bbps, again, terms.service)


@verifies("BIL-04")
@at(HOURS, A_DAY, YEARS)
def test_bill_stays_the_same(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A bill that is payable for years is fetched later."""
    bill = journey.unpaid(stop)

    offered = bbps.bills_for(bill)

    same([each.id for each in offered], [bill.id], "the list of bills offered before the expiry")


@verifies("BIL-04")
@at(YEAR_END)
def test_bill_stays_the_same_to_the_last(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Minutes before it expires a bill is fetched."""
    bill = journey.ending(stop)

    offered = bbps.bills_for(bill)

    same([each.id for each in offered], [bill.id], "the list of bills offered before the expiry")


@verifies("BIL-06", "TXN-03")
@at(NEXT_YEAR)
def test_bill_that_has_just_expired_takes_no_transaction(
    bbps: Bbps, journey: Journey, stop: Stop
) -> None:
    """Minutes after a bill expired a transaction on it is requested, and then on the fresh one."""
    bill = journey.ended(stop)

    refused(bbps.submit_transaction(bill), "a transaction on a bill that has just expired")

    offered = bbps.bills_for(bill)
    same(len(offered), 1, "the number of bills offered after the expiry")
    granted(bbps.submit_transaction(offered[0]), "a transaction on the fresh bill")


@verifies("BIL-06", "TXN-03")
@at(A_DAY, YEARS)
def test_expired_bill_takes_no_transaction(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Long after a bill expired a transaction on it is requested."""
    bill = journey.expired(stop)

    refused(bbps.submit_transaction(bill), "a transaction on a bill that expired long ago")
    _another_bill_takes_one(bbps, "integrator")


@verifies("PAY-06")
@at(YEAR_END)
@pytest.mark.parametrize("mode", PAPER)
def test_instrument_of_tomorrow_is_refused(
    bbps: Bbps, journey: Journey, stop: Stop, mode: str
) -> None:
    """Minutes before midnight a cheque or draft is dated on the next day."""
    journey.go_on(stop)
    way = COUNTER.values[mode]
    service = needs.taking(bbps, mode)
    ahead = bbps.clock.now() + 12 * MINUTE

    response = way.submit(bbps, due([cheap_bill(bbps, service)]), instrumentDate=ahead)

    refused(response, f"a payment in mode {mode} that is dated tomorrow")
    works(bbps, way, service)


@verifies("TXN-05")
@pytest.mark.independent(row="the pending one")
@at(YEARS)
def test_success_is_taken_however_late(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Years after the creation, while the bill is payable, the owner reports success."""
    pending = journey.pending(stop).transaction

    response = bbps.update(pending, SUCCESS)

    accepted(response, "a success years after the creation")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer")
    shown(bbps, pending, "SUCCESS")


@verifies("TXN-06")
@at(YEARS)
def test_failure_is_taken_however_late(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Years after the creation, when the bill has expired, the owner reports failure."""
    forgotten = journey.forgotten(stop).transaction

    response = bbps.update(forgotten, FAILURE)

    accepted(response, "a failure years after the creation")
    same(transaction_in(response).status, "FAILURE", "the status in the answer")
    shown(bbps, forgotten, "FAILURE")
    no_receipt(bbps, forgotten, "after a failure")


@verifies("USR-09")
@at(HOURS)
def test_ended_session_stays_over(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """A session was logged out hours ago; its token is brought again."""
    _demand_shut_out(bbps, journey, stop, LOGGED_OUT)


@verifies("USR-12")
@at(HOURS)
def test_dismissed_user_stays_shut_out(bbps: Bbps, journey: Journey, stop: Stop) -> None:
    """Users were deactivated, or lost their role, hours ago; tokens of before are brought again."""
    _demand_shut_out(bbps, journey, stop, DEACTIVATED, WITHOUT_ROLE)


def _demand_shut_out(bbps: Bbps, journey: Journey, stop: Stop, *ends: str) -> None:
    """Demand that tokens of ended sessions open nothing, at a time when a living one does."""
    for how in ends:
        actor, token = journey.session(stop, how)
        answer = bbps.polling.after_account_change(
            partial(FETCH.call, bbps, as_=actor, token=token), lambda answer: not answer.reached
        )
        denied(answer, f"{FETCH} with the token of a user who is {how}, {stop},")
    reached(bbps, FETCH)


def _taken_in_time(bbps: Bbps, report: str) -> None:
    """See that a success may be reported so while its bill is payable."""
    bill = cheap_bill(bbps, bbps.target.bills.certified[0])
    response = SUCCESS_REPORT.values[report](bbps, bbps.create_transaction(bill))
    if not taken(response, f"success reported {report}"):
        raise NotApplicable(
            f"not looked at: no success is reported {report} here: {response.description}"
        )


def _demand_final(bbps: Bbps, ended: Transaction, status: str, stop: Stop) -> None:
    """Demand that a transaction has kept its state, and keeps it whatever the owner reports."""
    same(ended.status, status, f"the status {stop}, when nobody has updated it")
    for signal in (FAILURE, SUCCESS):
        taken(bbps.update(ended, signal), f"a report {stop}")  # the record decides
    unchanged(bbps, ended)


def _another_bill_takes_one(bbps: Bbps, actor: str) -> None:
    """Make sure that an actor can create transactions at this time."""
    bill = cheap_bill(bbps, bbps.target.bills.certified[0])
    granted(bbps.submit_transaction(bill, as_=actor), "a transaction on another bill")


def _demand_not_offered(bbps: Bbps, bill: Bill) -> None:
    """Demand that nothing is offered for a bill that was paid."""
    offered = bbps.bills_for(bill)
    same([each.id for each in offered], [], "the list of bills offered for a bill that was paid")


def _demand_owner_only(bbps: Bbps, pending: Transaction, stop: Stop) -> None:
    """Demand that an outsider, who reaches the service, is kept out and changes nothing."""
    outsider = OUTSIDERS[stop]

    response = bbps.update(pending, SUCCESS, as_=outsider)

    kept_out(response, f"an update by the {outsider} {stop}")
    if outsider != ANONYMOUS:
        reached(bbps, UPDATE, as_=outsider)
    unchanged(bbps, pending)
    no_receipt(bbps, pending, "after a refused update")
