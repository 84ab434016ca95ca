"""Which rules a trace puts to the test, each after what happened before. No I/O.

A rule that holds on a fresh bill may be forgotten once something else happened to it; so traces are
chosen that lead to each act after each history.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from conformance.checks.stateful.account import ENDED, PENDING, Account, KnownTransaction
from conformance.checks.stateful.payer import OWNER, PayerModel
from conformance.checks.stateful.steps import (
    RIVAL,
    CancelPayment,
    ChangeDemand,
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


def fresh_payer() -> PayerModel:
    """Return a payer to whom nothing has happened, as traces are drawn on."""
    return PayerModel([Account("bill", AMOUNT, AMOUNT)])


def goals(steps: Iterable[TraceStep], setting: Setting, depth: str) -> frozenset[Goal]:
    """Return what a trace leads to where the rules are kept; what the register leaves open not."""
    payer, found = fresh_payer(), set[Goal]()
    for step in steps:
        if step.possible(payer, setting):
            found |= reached_by(step, payer, depth)
            step.foresee(payer)
    return frozenset(found)


def reached_by(step: TraceStep, payer: PayerModel, depth: str) -> set[Goal]:
    """Return what a single step leads to."""
    act = _act(step, payer)
    accounts, entry = _subject(step, payer)
    special = {payer.kind} if payer.kind and payer.accounts[0] in accounts else set()
    history = sorted(payer.history(accounts, entry) | special)
    sizes = range(TOGETHER[depth] + 1) if act else ()
    return {(act, *some) for size in sizes for some in combinations(history, size)}


def _subject(
    step: TraceStep, payer: PayerModel
) -> tuple[Sequence[Account], KnownTransaction | None]:
    """Return the accounts that a step is about, and its transaction."""
    match step:
        case ReportOutcome():
            entry = payer.transactions[step.place]
            return payer.concerned(entry), entry
        case Create() | PayAtCounter():
            return payer.at(step.accounts), None
        case Fetch() | CancelPayment() | ChangeDemand():
            return payer.at([step.account]), None
        case _:
            return payer.accounts, None


def _act(step: TraceStep, payer: PayerModel) -> str:
    """Return what a step puts to the test; empty where nothing is expected of it."""
    if isinstance(step, ReportOutcome | Create | Fetch) and payer.bars(step.actor):
        return f"a dismissed owner: {type(step).__name__}, since {payer.dismissed}"
    several = " of two bills" if len(_subject(step, payer)[0]) > 1 else ""
    match step:
        case ReportOutcome():
            act = _report(step, payer)
            return act and act + several
        case Create():
            expected, act = payer.creation(payer.at(step.accounts)), "a transaction is created"
        case PayAtCounter():
            expected, act = payer.counter_payment(payer.at(step.accounts)), "the counter is paid"
        case Fetch():
            expected, act = payer.accounts[step.account].offer(), "a bill is fetched"
        case CancelPayment():
            return "a payment is cancelled"
        case _:
            return ""
    if expected.holds is None:
        return ""
    return f"{act}{several}: {expected.requirement}, {expected.holds}"


def _report(step: ReportOutcome, payer: PayerModel) -> str:
    entry = payer.transactions[step.place]
    if step.actor != entry.owner:
        alike = step.actor in {OWNER, RIVAL} and entry.status == PENDING
        kind = "SYSTEM user" if alike else "user"
        return f"another {kind} reports on one that is {entry.status}"
    if entry.status in ENDED:
        return f"the owner reports again on one that is {entry.status}"
    rule = payer.success(entry).requirement
    if step.outcome == "failure":
        return "the owner reports failure"
    return f"the owner reports {step.outcome}: {rule}" if rule else ""
