from conformance.checks.stateful.plans import (
    FIXED,
    LONGEST,
    TRACES,
    halves,
    passes_time,
    random_plans,
)
from conformance.checks.stateful.steps import (
    OUTSIDERS,
    OWNER,
    RIVAL,
    ChangeDemand,
    Create,
    Fetch,
    LetExpire,
    PayAtCounter,
    Setting,
)

ALL = Setting(
    callers=(OWNER, RIVAL, "cashier"),
    owners=(OWNER, RIVAL),
    outsiders=(OWNER, *OUTSIDERS),
    modes=("CASH", "CHEQUE"),
    changes=True,
    clock=True,
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
        "ChangeDemand",
    }  # fmt: skip


def test_time_passes_once_at_most() -> None:
    for plan in (*FIXED, *random_plans(ALL, depth="deep", seed=1)):
        before, after = halves(plan)
        assert not passes_time(before)
        assert not passes_time(after)
        assert len(plan) <= LONGEST


def test_what_a_target_forbids_is_not_drawn() -> None:
    bare = Setting()
    drawn = {step for plan in random_plans(bare, depth="deep", seed=2) for step in plan}

    assert not any(isinstance(step, PayAtCounter | LetExpire | ChangeDemand) for step in drawn)
    assert {step.actor for step in drawn if isinstance(step, Create | Fetch)} == {OWNER}
