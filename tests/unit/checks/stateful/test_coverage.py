from conformance.checks.stateful.coverage import goals
from conformance.checks.stateful.payer import BOTH, OWNER, SECOND
from conformance.checks.stateful.plans import FAIL, FIXED, SUCCEED, random_plans
from conformance.checks.stateful.steps import (
    DEACTIVATED,
    OUTSIDERS,
    RIVAL,
    Create,
    Dismiss,
    Fetch,
    OwnAccount,
    PayAtCounter,
    Reinstate,
    ReportOutcome,
    Setting,
    TraceStep,
    TwoBills,
)

PLAIN = Setting(
    outsiders=(OWNER, *OUTSIDERS), modes=("CASH",), together=True, dismissals=(DEACTIVATED,)
)
FULL = Setting(
    callers=(OWNER, RIVAL, "cashier"),
    owners=(OWNER, RIVAL),
    outsiders=(OWNER, *OUTSIDERS),
    modes=("CASH", "CHEQUE"),
    parts=True,
    changes=True,
    clock=True,
)


def of(*steps: TraceStep) -> set[tuple[str, ...]]:
    return set(goals(steps, PLAIN, "standard"))


def test_an_act_counts_after_each_thing_that_happened_before() -> None:
    retried = of(Create(), FAIL, Create(), SUCCEED)
    assert ("the owner reports success: TXN-05", "a transaction failed") in retried
    assert ("the owner reports success: TXN-05", "a transaction failed") not in of(
        Create(), SUCCEED, Create(), FAIL
    )


def test_another_user_is_distinguished_from_the_owner() -> None:
    assert ("another SYSTEM user reports on one that is PENDING",) in of(
        Create(), ReportOutcome("success", RIVAL)
    )


def test_what_the_register_leaves_open_is_no_goal() -> None:
    crossed = of(Create(), PayAtCounter(), SUCCEED)
    assert not any(goal[0].startswith("the owner reports success") for goal in crossed)


def test_two_bills_count_apart_from_one() -> None:
    reached = of(TwoBills(), Create(accounts=BOTH), FAIL, Create(accounts=SECOND), SUCCEED)
    assert ("a transaction is created of two bills: TXN-01, True",) in reached
    assert ("a transaction is created: TXN-04, True", "it was tried with another bill") in reached


def test_a_dismissed_owner_is_a_case_of_its_own() -> None:
    reached = of(OwnAccount(), Create(), Dismiss(), SUCCEED, Reinstate(), SUCCEED)
    assert ("a dismissed owner: ReportOutcome, since it is deactivated",) in reached
    succeeded = "the owner reports success: TXN-05"
    assert (succeeded, "the owner was dismissed for a time") in reached


def test_what_is_not_possible_is_left_out() -> None:
    assert of(PayAtCounter("CHEQUE"), Fetch(RIVAL)) == set()


def test_drawn_traces_reach_most_rules_after_most_histories() -> None:
    fixed = {goal for each in FIXED for goal in goals(each, FULL, "standard")}
    for seed in range(4):
        drawn = random_plans(FULL, depth="standard", seed=seed)
        reached = {goal for each in drawn for goal in goals(each, FULL, "standard")}
        assert len(reached - fixed) > 30, seed
