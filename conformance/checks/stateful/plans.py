"""What traces do, decided before anything is sent: a few fixed ones, so that each rule is put to
the test, then random ones, drawn on an account that a conforming deployment would keep.
"""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from conformance.checks.stateful.account import Account
from conformance.checks.stateful.steps import (
    CANCEL_DEMAND,
    CASHIER,
    OTHER_AMOUNT,
    OUTSIDERS,
    RIVAL,
    STEPS,
    CancelPayment,
    ChangeDemand,
    Create,
    Fetch,
    LetExpire,
    PayAtCounter,
    ReportOutcome,
    Setting,
    TraceStep,
)

Steps = tuple[TraceStep, ...]

TRACES: Final = {"quick": 8, "standard": 22, "deep": 200}  # random ones
SHORTEST: Final = 3  # steps of a random trace
LONGEST: Final = 9
SUCCEED, FAIL, MISTAKE = (ReportOutcome(each) for each in ("success", "failure", OTHER_AMOUNT))
FIXED: Final[tuple[Steps, ...]] = (
    (LetExpire(), Create(), Fetch(), Fetch()),
    (ChangeDemand(), Create(), Fetch(), Fetch()),
    (CANCEL_DEMAND, Create(), Fetch()),
    (PayAtCounter(), PayAtCounter(), Fetch(CASHIER)),
    (PayAtCounter(), CancelPayment(), Fetch(), Create(), SUCCEED, Fetch()),
    (Create(), Create(), Create(RIVAL), Fetch(RIVAL), Fetch()),
    (Create(), *(ReportOutcome("success", actor) for actor in OUTSIDERS)),
    (Create(), MISTAKE),
    (Create(), SUCCEED, Fetch()),
    (Create(), FAIL, SUCCEED, Create(RIVAL), ReportOutcome("success", RIVAL), SUCCEED, Fetch()),
    (Create(), SUCCEED, SUCCEED, FAIL, PayAtCounter()),
    (Create(), LetExpire(), SUCCEED, Fetch()),
    (Create(), LetExpire(), Fetch(RIVAL), SUCCEED, Fetch()),
    (Create(), PayAtCounter(), SUCCEED, Fetch()),
    (Create(), ChangeDemand(), SUCCEED, Fetch(), Create(), SUCCEED, Fetch()),
)


def random_plans(setting: Setting, *, depth: str, seed: int) -> list[Steps]:
    """Draw as many traces as the depth has; the same seed draws the same ones."""
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated
    return [_drawn(chance, setting) for _ in range(TRACES[depth])]


def _drawn(chance: random.Random, setting: Setting) -> Steps:
    """Draw a trace, in which time passes once at most.

    Mostly, a transaction is created at once: little can happen without any.
    """
    account = Account("bill", Decimal(100), Decimal(100))
    steps: list[TraceStep] = []
    length = chance.randint(SHORTEST, LONGEST)
    if chance.random() < 0.75:
        _add(Create(), steps, account)
    while len(steps) < length:
        past = [*steps[-1:], *(each for each in steps if isinstance(each, LetExpire))]
        possible = [each for each in STEPS if each.possible(account, setting) and each not in past]
        _add(chance.choice(possible), steps, account)
    return tuple(steps)


def _add(step: TraceStep, steps: list[TraceStep], account: Account) -> None:
    step.foresee(account)
    steps.append(step)


def halves(plan: Sequence[TraceStep]) -> tuple[Steps, Steps]:
    """Return what comes before time passes, and what comes after it."""
    for place, step in enumerate(plan):
        if isinstance(step, LetExpire):
            return tuple(plan[:place]), tuple(plan[place + 1 :])
    return tuple(plan), ()


def passes_time(plan: Sequence[TraceStep]) -> bool:
    """Whether time has to pass in a trace."""
    return any(isinstance(step, LetExpire) for step in plan)
