"""Races: calls released together; the end state decides, not what the answers claim (TXN-11)."""

from collections.abc import Callable
from typing import Final

import pytest

from conformance.answers import Answer
from conformance.bbps import FAILURE, SUCCESS, Bbps, Signal
from conformance.checks.expect import demand, same
from conformance.checks.together import Volley, released_together
from conformance.records import Bill, Transaction
from conformance.requirements import verifies

ROUNDS: Final = 5
UPDATES: Final[dict[str, tuple[Signal, ...]]] = {
    "success against success": (SUCCESS,) * 4,
    "success against failure": (SUCCESS, FAILURE) * 2,
}


@verifies("TXN-11")
@pytest.mark.parametrize("race", UPDATES)
def test_updates_end_in_one_state(bbps: Bbps, race: str) -> None:
    """The owner's updates of one transaction are released together."""
    volleys = []
    for _ in range(ROUNDS):
        transaction = bbps.create_transaction(bbps.new_bill())
        volleys.append(
            released_together([_update(bbps, transaction, signal) for signal in UPDATES[race]])
        )
        _one_end(bbps, transaction)
    _remark(bbps, volleys)


@verifies("TXN-11")
def test_creations_leave_one_pending(bbps: Bbps) -> None:
    """Transactions on one bill are asked for together."""
    volleys = []
    for _ in range(ROUNDS):
        bill = bbps.new_bill()
        volleys.append(released_together([_creation(bbps, bill)] * 4))
        pending = _pending(bbps, bill)
        demand(
            pending <= 1 and volleys[-1].accepted <= 1,
            required="of creations released together, at most one leaves a pending transaction",
            observed=f"{pending} are pending, {volleys[-1].accepted} were accepted",
        )
    _remark(bbps, volleys)


@verifies("PAY-09")
def test_payments_at_the_same_moment_count_once(bbps: Bbps) -> None:
    """Payments of one bill, in different modes, are released together."""
    volleys = []
    for _ in range(ROUNDS):
        bill = bbps.new_bill()
        calls = [_payment(bbps, bill, mode) for mode in ("CASH", "ONLINE", "CARD", "CHEQUE")]
        volleys.append(released_together(calls))
        same(len(bbps.payments_of_bill(bill)), 1, "the number of payments of the bill")
    _remark(bbps, volleys)


def _pending(bbps: Bbps, bill: Bill) -> int:
    """Count the pending transactions on a bill, once nothing more appears."""
    seen = bbps.patience.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda found: len(found) < 2
    )
    return sum(each.status == "PENDING" for each in seen)


def _update(bbps: Bbps, transaction: Transaction, signal: Signal) -> Callable[[], Answer]:
    bbps.client.token("integrator")
    return lambda: bbps.update(transaction, signal, together=True)


def _creation(bbps: Bbps, bill: Bill) -> Callable[[], Answer]:
    bbps.client.token("integrator")
    return lambda: bbps.submit_transaction(bill, together=True)


def _payment(bbps: Bbps, bill: Bill, mode: str) -> Callable[[], Answer]:
    bbps.client.token("cashier")
    return lambda: bbps.submit_payment(bill, mode, together=True)


def _one_end(bbps: Bbps, transaction: Transaction) -> None:
    """Demand one terminal state that stays, with at most one receipt, and one only on success."""
    first = bbps.patience.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda sight: sight.status != "PENDING",
        "a terminal state",
    )
    last = bbps.patience.lastingly(
        lambda: bbps.transaction(transaction.id), lambda sight: sight.status == first.status
    )
    same(last.status, first.status, "the state after a race, read twice,")
    receipts = len(bbps.payments_of(transaction))
    due = 1 if last.status == "SUCCESS" else 0
    demand(
        receipts == due,
        required=f"a race that ends in {last.status} leaves {due} receipt(s)",
        observed=f"it leaves {receipts}",
    )


def _remark(bbps: Bbps, volleys: list[Volley]) -> None:
    widest = max(volley.spread for volley in volleys)
    bbps.remark(f"{len(volleys)} rounds, calls released within {widest:.1f} ms of each other")
