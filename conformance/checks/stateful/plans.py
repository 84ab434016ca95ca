"""What traces do, decided before anything is sent: a few fixed ones, so that each rule is put to
the test, then random ones, drawn on an account that a conforming deployment would keep. They
are chosen to put the rules to the test after many histories.
"""

import random
from collections.abc import Sequence, Set
from typing import Final

from conformance.checks.stateful.account import Account
from conformance.checks.stateful.coverage import Goal, Steps, fresh_account, goals, reached_by
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
    InParts,
    LetExpire,
    PayAtCounter,
    ReportOutcome,
    Setting,
    TraceStep,
)

TRACES: Final = {"quick": 8, "standard": 14, "deep": 200}  # random ones
SHORTEST: Final = 3  # steps of a random trace
LONGEST: Final = 12
CANDIDATES: Final = 12  # of which one is taken
CURIOSITY: Final = 0.8  # how often a step is taken because it leads to something new
SUCCEED, FAIL, MISTAKE = (ReportOutcome(each) for each in ("success", "failure", OTHER_AMOUNT))
INTRUDE, INTRUDE_AS_CITIZEN = (ReportOutcome("success", each) for each in (RIVAL, "citizen"))
FIXED: Final[tuple[Steps, ...]] = (
    (LetExpire(), Create(), Fetch(), Fetch()),
    (ChangeDemand(), Create(), Fetch(), Fetch()),
    (CANCEL_DEMAND, Create(), Fetch()),
    (PayAtCounter(), PayAtCounter(), Fetch(CASHIER)),
    (
        *(PayAtCounter(), CancelPayment(), Fetch(), Create(), INTRUDE, FAIL, SUCCEED),
        *(Create(), FAIL, Create(), SUCCEED, Fetch()),
    ),
    (
        *(PayAtCounter(), CancelPayment(), Fetch(), Create(), LetExpire(), INTRUDE_AS_CITIZEN),
        *(SUCCEED, FAIL, Fetch()),
    ),
    (Create(), Create(), Create(RIVAL), Fetch(RIVAL), Fetch()),
    (Create(), *(ReportOutcome("success", actor) for actor in OUTSIDERS)),
    (Create(), MISTAKE, Create(RIVAL), Fetch()),
    (Create(), FAIL, SUCCEED, Create(RIVAL), ReportOutcome("success", RIVAL), SUCCEED, Fetch()),
    (Create(), SUCCEED, SUCCEED, FAIL, PayAtCounter()),
    (Create(), LetExpire(), SUCCEED, Fetch()),
    (Create(), LetExpire(), Fetch(RIVAL), MISTAKE, SUCCEED, Create(), SUCCEED, Fetch()),
    (
        *(Create(), FAIL, Create(), Create(RIVAL), INTRUDE_AS_CITIZEN, LetExpire(), Fetch(RIVAL)),
        *(ReportOutcome("success", place=-2), SUCCEED, Fetch()),
    ),
    (
        *(InParts(), Create(part=True), SUCCEED, Fetch(RIVAL), Create(), Create(), INTRUDE),
        *(LetExpire(), INTRUDE_AS_CITIZEN, SUCCEED, Fetch()),
    ),
    (Create(), PayAtCounter(), SUCCEED, Fetch()),
    (Create(), ChangeDemand(), SUCCEED, Fetch(), Create(), SUCCEED, Fetch()),
)


def random_plans(setting: Setting, *, depth: str, seed: int) -> list[Steps]:
    """Draw as many traces as the depth has, each with regard to those before.

    The same seed draws the same ones.
    """
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated
    reached = {goal for each in FIXED for goal in goals(each, setting, depth)}
    plans: list[Steps] = []
    while len(plans) < TRACES[depth]:
        drawn = [_drawn(chance, setting, depth, reached) for _ in range(CANDIDATES)]
        new = [goals(each, setting, depth) - reached for each in drawn]
        most = max(range(CANDIDATES), key=lambda place: len(new[place]))
        plans.append(_shortest(drawn[most], setting, depth, new[most]))
        reached |= new[most]
    return plans


def _shortest(steps: Steps, setting: Setting, depth: str, wanted: Set[Goal]) -> Steps:
    """Leave out each step without which a trace leads to the same goals."""
    for place in reversed(range(len(steps))):
        shorter = (*steps[:place], *steps[place + 1 :])
        if goals(shorter, setting, depth) >= wanted and len(shorter) >= SHORTEST:
            steps = shorter
    return steps


def _drawn(chance: random.Random, setting: Setting, depth: str, reached: Set[Goal]) -> Steps:
    """Draw a trace, in which time passes once at most; steps to new goals are preferred.

    Mostly, a transaction is created at once: little can happen without any.
    """
    account = fresh_account()
    steps: list[TraceStep] = []
    length = chance.randint(SHORTEST, LONGEST)
    if setting.parts and chance.random() < 0.25:
        _add(InParts(), steps, account)
    if chance.random() < 0.75:
        _add(Create(part=account.in_parts), steps, account)
    while len(steps) < length:
        past = [*steps[-1:], *(each for each in steps if isinstance(each, LetExpire))]
        possible = [each for each in STEPS if each.possible(account, setting) and each not in past]
        new = [each for each in possible if reached_by(each, account, depth) - reached]
        _add(
            chance.choice(new if new and chance.random() < CURIOSITY else possible), steps, account
        )
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
