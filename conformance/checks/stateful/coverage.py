"""Which rules a trace puts to the test, each after what happened before. No I/O.

A rule that holds on a fresh bill may be forgotten once something else happened to it; so traces are
chosen that lead to each act after each history.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import Final

from conformance.checks.stateful.account import ENDED, PENDING, Account, KnownTransaction
from conformance.checks.stateful.steps import (
    OWNER,
    RIVAL,
    CancelPayment,
    Create,
    Fetch,
    PayAtCounter,
    ReportOutcome,
    Setting,
    TraceStep,
)

Steps = tuple[TraceStep, ...]
Goal = tuple[str, ...]  # an act, and what happened before it

TOGETHER: Final = {"quick": 1, "standard": 1, "deep": 2}  # what happened before, combined
AMOUNT: Final = Decimal(100)  # rupees that are demanded while traces are drawn


def fresh_account() -> Account:
    """Return an account to which nothing has happened, as traces are drawn on."""
    return Account("bill", AMOUNT, AMOUNT)


def goals(steps: Iterable[TraceStep], setting: Setting, depth: str) -> frozenset[Goal]:
    """Return what a trace leads to where the rules are kept; what the register leaves open not."""
    account, found = fresh_account(), set[Goal]()
    for step in steps:
        if step.possible(account, setting):
            found |= reached_by(step, account, depth)
            step.foresee(account)
    return frozenset(found)


def reached_by(step: TraceStep, account: Account, depth: str) -> set[Goal]:
    """Return what a single step leads to."""
    act = _act(step, account)
    history = sorted(account.history(_subject(step, account)))
    sizes = range(TOGETHER[depth] + 1) if act else ()
    return {(act, *some) for size in sizes for some in combinations(history, size)}


def _subject(step: TraceStep, account: Account) -> KnownTransaction | None:
    return account.transactions[step.place] if isinstance(step, ReportOutcome) else None


def _act(step: TraceStep, account: Account) -> str:
    """Return what a step puts to the test; empty where nothing is expected of it."""
    match step:
        case ReportOutcome():
            return _report(step, account)
        case Create():
            expected, act = account.creation(), "a transaction is created"
        case PayAtCounter():
            expected, act = account.counter_payment(), "the counter is paid"
        case Fetch():
            expected, act = account.offer(), "a bill is fetched"
        case CancelPayment():
            return "a payment is cancelled"
        case _:
            return ""
    return "" if expected.holds is None else f"{act}: {expected.requirement}, {expected.holds}"


def _report(step: ReportOutcome, account: Account) -> str:
    entry = account.transactions[step.place]
    if step.actor != entry.owner:
        alike = step.actor in {OWNER, RIVAL} and entry.status == PENDING
        kind = "SYSTEM user" if alike else "user"
        return f"another {kind} reports on one that is {entry.status}"
    if entry.status in ENDED:
        return f"the owner reports again on one that is {entry.status}"
    rule = account.success(entry).requirement
    if step.outcome == "failure":
        return "the owner reports failure"
    return f"the owner reports {step.outcome}: {rule}" if rule else ""
