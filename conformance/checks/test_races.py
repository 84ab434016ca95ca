"""Races: calls released together; the end state decides, and no answer may contradict it.

All rounds are run before the first is judged, so that the waiting is done once. Races are prepared
and judged side by side; while the calls of one are under way, nothing else is.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import pytest

from conformance.bbps import needs, trials
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, Transaction, payment_in, transaction_in
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill
from conformance.checks.expect import demand, no_receipt, one_receipt, paid_once, same
from conformance.checks.released import Volley, released_together
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable

pytestmark = pytest.mark.independent
ROUNDS: Final = 4
FEW: Final = 2  # rounds where each has several bills
MANY: Final = 5  # payments of one volley
TERMINAL: Final = frozenset({"SUCCESS", "FAILURE"})
BY_POST, BY_GET = "POST", "GET"
# The outcomes that are reported at the same moment, and how.
UPDATES: Final[dict[str, tuple[tuple[Signal, str], ...]]] = {
    "success against success": ((SUCCESS, BY_POST),) * 4,
    "success against failure": ((SUCCESS, BY_POST), (FAILURE, BY_POST)) * 2,
    "success by POST against failure by GET": ((SUCCESS, BY_POST), (FAILURE, BY_GET)) * 2,
}


@verifies("TXN-11")
@pytest.mark.parametrize("race", UPDATES)
def test_updates_end_in_one_state(bbps: Bbps, race: str) -> None:
    """The owner's updates of one transaction are sent at the same moment."""
    transactions = [bbps.create_transaction(bbps.new_bill()) for _ in range(ROUNDS)]
    volleys = [
        released_together(bbps, [_update(bbps, each, *report) for report in UPDATES[race]])
        for each in transactions
    ]
    for transaction, volley in zip(transactions, volleys, strict=True):
        _one_end(bbps, transaction, volley)
    _remark(bbps, volleys)


@verifies("TXN-11")
def test_creations_leave_one_pending(bbps: Bbps) -> None:
    """Transactions on one bill are requested at the same moment."""
    _leave_one_pending(bbps, ("integrator",) * 4)


@verifies("TXN-11")
def test_creations_of_two_users_leave_one_pending(bbps: Bbps) -> None:
    """Two BBPS users request transactions on one bill at the same moment."""
    unless_hindered(lambda: bbps.client.token("rival"))
    _leave_one_pending(bbps, ("integrator", "rival") * 2)


def _leave_one_pending(bbps: Bbps, users: Sequence[str]) -> None:
    bills = [bbps.new_bill() for _ in range(ROUNDS)]
    volleys = [
        released_together(bbps, [_creation(bbps, bill, user) for user in users]) for bill in bills
    ]
    for bill, volley in zip(bills, volleys, strict=True):
        pending, created = _pending(bbps, bill), _created(volley)
        demand(
            pending <= 1 and created <= 1,
            required="at most one of the simultaneous creations leaves a pending transaction",
            observed=f"{pending} are pending, {created} were accepted",
        )
    _some_accepted(volleys, "transaction")
    _remark(bbps, volleys)


@verifies("TXN-11")
def test_creations_on_a_second_bill_leave_one_pending(bbps: Bbps) -> None:
    """Transactions over two bills, the second of which is the same, are requested together."""
    trials.several_bills(bbps)
    rounds = [_three_bills(bbps) for _ in range(FEW)]
    volleys = [
        released_together(
            bbps, [_creation(bbps, own, "integrator", (own, bills[-1])) for own in bills[:-1]]
        )
        for bills in rounds
    ]
    for bills, volley in zip(rounds, volleys, strict=True):
        pending = sum(_pending(bbps, own) for own in bills[:-1])
        demand(
            pending <= 1 and volley.accepted <= 1,
            required="at most one of the simultaneous creations on a shared bill is pending",
            observed=f"{pending} are pending, {volley.accepted} were accepted",
        )
    _some_accepted(volleys, "transaction")
    _remark(bbps, volleys)


@verifies("PAY-09")
def test_payments_of_a_second_bill_count_once(bbps: Bbps) -> None:
    """Payments of two bills, the second of which is the same, are sent at the same moment."""
    mode = needs.counter_mode(bbps, bbps.target.bills.certified[0])
    rounds = [_three_bills(bbps) for _ in range(FEW)]
    volleys = [
        released_together(bbps, [_payment(bbps, own, mode, (own, bills[-1])) for own in bills[:-1]])
        for bills in rounds
    ]
    for bills, volley in zip(rounds, volleys, strict=True):
        if volley.accepted:
            paid_once(bbps, bills[-1])
    _some_accepted(volleys, "payment")
    _remark(bbps, volleys)


@verifies("RCP-06")
def test_payments_at_the_same_moment_have_receipt_numbers_of_their_own(bbps: Bbps) -> None:
    """Different bills are paid at the same moment; no two receipts have the same number."""
    service = bbps.target.bills.certified[0]
    mode = needs.counter_mode(bbps, service)
    bills = [cheap_bill(bbps, service) for _ in range(MANY)]
    volley = released_together(bbps, [_payment(bbps, bill, mode) for bill in bills])

    if volley.accepted < 2:
        raise NotApplicable(f"not looked at: {volley.accepted} of {MANY} payments were taken")
    paid = [payment_in(each) for each in volley.responses if each.succeeded]
    numbers = [number for each in paid for number in each.receipt_numbers]
    demand(
        len(set(numbers)) == len(numbers),
        required=f"{len(paid)} payments at the same moment have receipt numbers of their own",
        observed=f"the numbers are {', '.join(sorted(numbers))}",
    )
    _remark(bbps, [volley])


@verifies("PAY-09")
def test_payments_at_the_same_moment_count_once(bbps: Bbps) -> None:
    """Payments of one bill, in different modes, are sent at the same moment."""
    bills = [bbps.new_bill() for _ in range(ROUNDS)]
    modes = ("CASH", "ONLINE", "CARD", "CHEQUE")
    volleys = [
        released_together(bbps, [_payment(bbps, bill, mode) for mode in modes]) for bill in bills
    ]
    for bill, volley in zip(bills, volleys, strict=True):
        if volley.accepted:
            paid_once(bbps, bill)
    _some_accepted(volleys, "payment")
    _remark(bbps, volleys)


@verifies("PAY-09")
@pytest.mark.parametrize("bills", [1, 2], ids=["a bill", "the second of two bills"])
def test_counter_payment_beside_a_success_counts_once(bbps: Bbps, bills: int) -> None:
    """Success of a transaction is reported, and its bill paid at the counter at the same moment."""
    service = bbps.target.bills.certified[0]
    mode = needs.counter_mode(bbps, service)
    if bills > 1:
        trials.several_bills(bbps)
    rounds = [[cheap_bill(bbps, service) for _ in range(bills)] for _ in range(ROUNDS // bills)]
    transactions = unless_hindered(
        lambda: [bbps.create_transaction(each[0], shares=due(each)) for each in rounds]
    )
    volleys = [
        released_together(
            bbps, [_update(bbps, each, SUCCESS, BY_POST), _payment(bbps, own[-1], mode)]
        )
        for own, each in zip(rounds, transactions, strict=True)
    ]
    for own, volley in zip(rounds, volleys, strict=True):
        said = _said_paid(volley)
        seen = bbps.polling.lastingly(
            lambda bill=own[-1]: bbps.payments_of_bill(bill),  # type: ignore[misc]
            lambda found: len(found) < 2,
        )
        demand(
            len(seen) <= 1 and said <= 1,
            required="a success and a payment at the counter, at the same moment, pay a bill once",
            observed=f"it has {len(seen)} payments, and {said} answers say that it was paid",
        )
    _some_accepted(volleys, "report of success or payment")
    _remark(bbps, volleys)


def _said_paid(volley: Volley) -> int:
    """Count the answers that say that a bill was paid: by a payment taken, or by a success."""
    at_counter = sum(each.succeeded for each in volley.responses if _is_of_cashier(each))
    return at_counter + ("SUCCESS" in _ends_answered(volley))


def _is_of_cashier(response: Response) -> bool:
    return response.exchange.actor == "cashier"


def _pending(bbps: Bbps, bill: Bill) -> int:
    """Count the pending transactions on a bill, once nothing more appears."""
    seen = bbps.polling.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda found: len(found) < 2
    )
    return sum(each.status == "PENDING" for each in seen)


def _created(volley: Volley) -> int:
    """Count the transactions that accepted creations answer; a user may get its own twice."""
    answered = set()
    for number, response in enumerate(volley.responses):
        if response.succeeded:
            try:
                id_ = transaction_in(response).id
            except Inconclusive:
                id_ = f"unreadable answer {number}"
            answered.add((response.exchange.actor, id_))
    return len(answered)


def _update(
    bbps: Bbps, transaction: Transaction, signal: Signal, method: str
) -> Callable[[], Response]:
    bbps.client.token("integrator")
    return lambda: bbps.update(transaction, signal, method=method, together=True)


def _creation(
    bbps: Bbps, bill: Bill, user: str, bills: Sequence[Bill] = ()
) -> Callable[[], Response]:
    """Return a call that requests a transaction on a bill, or on several."""
    bbps.client.token(user)
    return lambda: bbps.submit_transaction(bill, as_=user, shares=due(bills), together=True)


def _payment(
    bbps: Bbps, bill: Bill, mode: str, bills: Sequence[Bill] = ()
) -> Callable[[], Response]:
    """Return a call that pays a bill, or several."""
    bbps.client.token("cashier")
    return lambda: bbps.submit_payment(bill, mode, shares=due(bills), together=True)


def _three_bills(bbps: Bbps) -> list[Bill]:
    return [cheap_bill(bbps, bbps.target.bills.certified[0]) for _ in range(3)]


def _one_end(bbps: Bbps, transaction: Transaction, volley: Volley) -> None:
    """Demand one lasting terminal state, the same in every answer, with its one receipt or none."""
    first = bbps.polling.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda sight: sight.status in TERMINAL,
        "a terminal state",
    )
    last = bbps.polling.lastingly(
        lambda: bbps.transaction(transaction.id), lambda sight: sight.status == first.status
    )
    same(last.status, first.status, "the state after a race, read twice,")
    answered = _ends_answered(volley)
    demand(
        answered <= {last.status},
        required=f"every accepted update of a transaction that ended in {last.status} answers "
        f"{last.status}: who gets another answer keeps, or returns, the wrong money",
        observed=f"accepted updates answered {' and '.join(sorted(answered))}",
    )
    if last.status == "SUCCESS":
        one_receipt(bbps, transaction)
    else:
        no_receipt(bbps, transaction, f"after a race that ended in {last.status}")


def _ends_answered(volley: Volley) -> set[str]:
    """Return the terminal states that accepted updates answered; an unreadable one gives none."""
    answered = set()
    for response in volley.responses:
        if response.succeeded and not _is_of_cashier(response):
            with suppress(Inconclusive):
                answered.add(transaction_in(response).status)
    return answered & TERMINAL


def _some_accepted(volleys: list[Volley], what: str) -> None:
    """Leave it open whether at most one is taken, where none was taken in any round."""
    if not any(volley.accepted for volley in volleys):
        raise Inconclusive(
            f"no {what} was accepted in {len(volleys)} rounds of simultaneous calls, so that "
            "nothing shows whether a second would have been; see the checks of single calls"
        )


def _remark(bbps: Bbps, volleys: list[Volley]) -> None:
    widest = max(volley.spread for volley in volleys)
    bbps.remark(f"{len(volleys)} rounds, calls released within {widest:.1f} ms of each other")
