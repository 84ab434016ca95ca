from conformance.checks.stateful.payer import BOTH, OWNER, SECOND
from conformance.checks.stateful.plans import (
    FIXED,
    LONGEST,
    TRACES,
    halves,
    on_one_bill,
    passes_time,
    random_plans,
)
from conformance.checks.stateful.steps import (
    DEACTIVATED,
    OUTSIDERS,
    RIVAL,
    WITHDRAWN,
    ChangeDemand,
    Create,
    Fetch,
    LetExpire,
    PayAtCounter,
    Setting,
    TwoBills,
)

ALL = Setting(
    callers=(OWNER, RIVAL, "cashier"),
    owners=(OWNER, RIVAL),
    outsiders=(OWNER, *OUTSIDERS),
    modes=("CASH", "CHEQUE"),
    changes=True,
    clock=True,
    together=True,
    dismissals=(DEACTIVATED, WITHDRAWN),
)


def test_same_seed_draws_the_same_traces() -> None:
    drawn = random_plans(ALL, depth="standard", seed=3)

    assert drawn == random_plans(ALL, depth="standard", seed=3)
    assert drawn != random_plans(ALL, depth="standard", seed=4)
    assert len(drawn) == TRACES["standard"]


def test_drawn_traces_come_to_every_kind_of_step() -> None:
    kinds = {
        type(step).__name__ for plan in random_plans(ALL, depth="deep", seed=0) for step in plan
    }

    assert kinds == {
        "Fetch", "Create", "ReportOutcome", "PayAtCounter", "CancelPayment", "LetExpire",
        "ChangeDemand", "TwoBills", "OwnAccount", "Dismiss", "Reinstate", "OfKind",
    }  # fmt: skip


def test_time_passes_once_at_most() -> None:
    drawn = random_plans(ALL, depth="deep", seed=1)
    assert max(len(plan) for plan in drawn) <= LONGEST
    for plan in (*FIXED, *drawn):
        before, after = halves(plan)
        assert not passes_time(before)
        assert not passes_time(after)


def test_what_is_done_to_two_bills_is_done_to_one() -> None:
    plan = (TwoBills(), Create(accounts=BOTH), Fetch(account=1), PayAtCounter(accounts=SECOND))
    assert on_one_bill(plan) == (Create(), Fetch(), PayAtCounter())


def test_what_a_target_forbids_is_not_drawn() -> None:
    bare = Setting()
    drawn = {step for plan in random_plans(bare, depth="deep", seed=2) for step in plan}

    assert not any(isinstance(step, PayAtCounter | LetExpire | ChangeDemand) for step in drawn)
    assert {step.actor for step in drawn if isinstance(step, Create | Fetch)} == {OWNER}
