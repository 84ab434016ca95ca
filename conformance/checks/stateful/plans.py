"""What traces do, decided before anything is sent: a few fixed ones, so that each rule is put to
the test, then random ones, drawn on an account that a conforming deployment would keep. They
are chosen to put the rules to the test after many histories.
"""

import random
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

from conformance.checks.stateful.coverage import Goal, Steps, fresh_payer, goals, reached_by
from conformance.checks.stateful.kinds import KINDS
from conformance.checks.stateful.payer import BOTH, FIRST, SECOND, PayerModel
from conformance.checks.stateful.steps import (
    CANCEL_DEMAND,
    CASHIER,
    OTHER_AMOUNT,
    OUTSIDERS,
    RIVAL,
    STEPS,
    WITHDRAWN,
    CancelPayment,
    ChangeDemand,
    Create,
    Dismiss,
    Fetch,
    InParts,
    LetExpire,
    OfKind,
    OwnAccount,
    PayAtCounter,
    Reinstate,
    ReportOutcome,
    Setting,
    TraceStep,
    TwoBills,
)

TRACES: Final = {"quick": 6, "standard": 4, "deep": 200}  # random ones
SHORTEST: Final = 3  # steps of a random trace
LONGEST: Final = 12
CANDIDATES: Final = 12  # of which one is taken
CURIOSITY: Final = 0.8  # how often a step is taken because it leads to something new
SUCCEED, FAIL, MISTAKE = (ReportOutcome(each) for each in ("success", "failure", OTHER_AMOUNT))
INTRUDE, INTRUDE_AS_CITIZEN = (ReportOutcome("success", each) for each in (RIVAL, "citizen"))
LIFE: Final[Steps] = (  # of a bill of each kind: as many rules as one can be put to
    *(Create(), Create(RIVAL), INTRUDE, FAIL, SUCCEED, Create(), MISTAKE),
    *(Create(), LetExpire(), SUCCEED, FAIL, Fetch()),
)
FIXED: Final[tuple[Steps, ...]] = (
    (LetExpire(), Create(), Fetch(), Fetch()),
    (ChangeDemand(), Create(), Fetch(), Fetch()),
    (CANCEL_DEMAND, Create(), Fetch()),
    (PayAtCounter(), PayAtCounter(), Fetch(CASHIER)),
    (
        *(PayAtCounter(), CancelPayment(), Fetch(), Create(), INTRUDE, FAIL, SUCCEED),
        *(Create(), FAIL, SUCCEED, Create(), MISTAKE, Create(), Create(), SUCCEED, Fetch()),
    ),
    (
        *(PayAtCounter(), CancelPayment(), Fetch(), Create(), LetExpire(), INTRUDE_AS_CITIZEN),
        *(SUCCEED, FAIL, Fetch()),
    ),
    (Create(), Create(), Fetch(RIVAL), Fetch()),
    (Create(), *(ReportOutcome("success", actor) for actor in OUTSIDERS)),
    (
        *(Create(), FAIL, SUCCEED, Create(RIVAL), LetExpire(), ReportOutcome("success", RIVAL)),
        *(SUCCEED, Fetch()),
    ),
    (Create(), SUCCEED, SUCCEED, PayAtCounter()),
    (Create(), LetExpire(), Fetch(RIVAL), MISTAKE, SUCCEED, Create(), SUCCEED, Fetch()),
    (
        *(Create(), FAIL, Create(), Create(RIVAL), INTRUDE_AS_CITIZEN, LetExpire(), Fetch(RIVAL)),
        *(ReportOutcome("success", place=-2), SUCCEED, Fetch()),
    ),
    (
        *(InParts(), Create(part=True), INTRUDE, FAIL, SUCCEED, Create(part=True), SUCCEED, FAIL),
        *(Fetch(RIVAL), Create(), FAIL, SUCCEED, Create(), MISTAKE, Create(), Create(), INTRUDE),
        *(LetExpire(), INTRUDE_AS_CITIZEN, SUCCEED, FAIL, Fetch()),
    ),
    (Create(), PayAtCounter(), SUCCEED, Fetch()),
    (Create(), ChangeDemand(), SUCCEED, Fetch(), Create(), SUCCEED, Fetch()),
    (
        *(TwoBills(), Create(accounts=BOTH), Create(RIVAL, accounts=SECOND), INTRUDE, FAIL),
        *(Create(accounts=SECOND), Create(RIVAL, accounts=SECOND), SUCCEED, FAIL, Fetch()),
        *(Fetch(account=1), Create(accounts=BOTH), Create(), INTRUDE_AS_CITIZEN, FAIL, SUCCEED),
        *(Create(), MISTAKE, Create(), LetExpire(), SUCCEED, Fetch()),
    ),
    (
        *(TwoBills(), PayAtCounter(accounts=BOTH), Fetch(account=1), CancelPayment(1), Fetch()),
        *(Fetch(account=1), Create(accounts=BOTH), LetExpire(), INTRUDE, SUCCEED),
        *(FAIL, Fetch(account=1), Fetch()),
    ),
    (TwoBills(), Create(accounts=BOTH), MISTAKE, FAIL),
    (
        *(OwnAccount(), Create(), Dismiss(), SUCCEED, Reinstate(), INTRUDE, SUCCEED),
        *(Dismiss(), FAIL, Fetch(RIVAL)),
    ),
    (OwnAccount(), Dismiss(WITHDRAWN), Fetch(), Create(), Reinstate(), Create(), SUCCEED),
    *((OfKind(kind), *LIFE) for kind in KINDS),
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
    payer = fresh_payer()
    steps: list[TraceStep] = []
    length = chance.randint(SHORTEST, LONGEST)
    for start in _starts(chance, depth):
        if start.possible(payer, setting):
            _add(start, steps, payer)
    if chance.random() < 0.75:
        accounts = BOTH if payer.has(BOTH) else FIRST
        _add(Create(part=payer.accounts[0].in_parts, accounts=accounts), steps, payer)
    while len(steps) < length:
        past = [*steps[-1:], *(each for each in steps if isinstance(each, LetExpire))]
        possible = [each for each in STEPS if each.possible(payer, setting) and each not in past]
        new = [each for each in possible if reached_by(each, payer, depth) - reached]
        _add(chance.choice(new if new and chance.random() < CURIOSITY else possible), steps, payer)
    return tuple(steps)


def _starts(chance: random.Random, depth: str) -> Steps:
    """Return what is special from the start: mostly one thing, or nothing."""
    kinds = [name for name, each in KINDS.items() if depth == "deep" or not each.costly]
    kind = OfKind(chance.choice(kinds))
    starts: tuple[Steps, ...] = (
        (), (InParts(),), (TwoBills(),), (TwoBills(),), (OwnAccount(),), (TwoBills(), OwnAccount()),
        (kind,), (kind,), (kind,), (kind, OwnAccount()),
    )  # fmt: skip
    return chance.choice(starts)


def _add(step: TraceStep, steps: list[TraceStep], payer: PayerModel) -> None:
    step.foresee(payer)
    steps.append(step)


def kind_of(plan: Sequence[TraceStep]) -> str:
    """Return the kind of the bill or payer of a trace; empty if nothing is special."""
    return next((each.kind for each in plan if isinstance(each, OfKind)), "")


def of_no_kind(plan: Sequence[TraceStep]) -> Steps:
    """Return what a trace does, to a plain bill of a plain payer."""
    return tuple(each for each in plan if not isinstance(each, OfKind))


def on_one_bill(plan: Sequence[TraceStep]) -> Steps:
    """Return what a trace does, all of it to one bill."""
    return tuple(
        replace(step, accounts=FIRST)
        if isinstance(step, Create | PayAtCounter)
        else replace(step, account=0)
        if isinstance(step, Fetch | CancelPayment | ChangeDemand)
        else step
        for step in plan
        if not isinstance(step, TwoBills)
    )


def halves(plan: Sequence[TraceStep]) -> tuple[Steps, Steps]:
    """Return what comes before time passes, and what comes after it."""
    for place, step in enumerate(plan):
        if isinstance(step, LetExpire):
            return tuple(plan[:place]), tuple(plan[place + 1 :])
    return tuple(plan), ()


def passes_time(plan: Sequence[TraceStep]) -> bool:
    """Whether time has to pass in a trace."""
    return any(isinstance(step, LetExpire) for step in plan)
