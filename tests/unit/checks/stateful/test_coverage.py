from dataclasses import replace

from conformance.checks.stateful.coverage import goals
from conformance.checks.stateful.kinds import KINDS
from conformance.checks.stateful.payer import BOTH, OWNER, SECOND
from conformance.checks.stateful.plans import FAIL, FIXED, SUCCEED, TRACES, random_plans
from conformance.checks.stateful.steps import (
    DEACTIVATED,
    OUTSIDERS,
    RIVAL,
    WITHDRAWN,
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
EVERYTHING = replace(FULL, together=True, dismissals=(DEACTIVATED, WITHDRAWN))


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


# What may have happened, or be special, when a rule is put to the test.
HISTORIES = frozenset(
    {
        "a transaction failed",
        "a payment was cancelled",
        "something was paid",
        "it pays a part",
        "it was tried with another bill",
        "the bill expired",
        *KINDS,
    }
)
# Acts of one rule -> histories that its fixed traces leave out: other checks come to them.
RULES: dict[tuple[str, ...], set[str]] = {
    ("another SYSTEM user reports on one that is PENDING",
     "another user reports on one that is PENDING"): set(),
    ("the owner reports again on one that is SUCCESS",): set(),
    ("the owner reports again on one that is FAILURE",): set(),
    ("the owner reports failure",): {"the bill expired"},
    ("the owner reports success with another amount: TXN-05",
     "the owner reports success with another amount: RCP-04"): set(),
    ("the owner reports success: TXN-05", "the owner reports success: RCP-04"): set(),
    ("the owner reports success: RCP-04",): set(),
    # an expired bill takes no transaction, and a further part of one is open (see test_parts)
    ("a transaction is created: TXN-04, False",): {"the bill expired", "it pays a part"},
}  # fmt: skip


def test_fixed_traces_put_each_rule_to_the_test_after_each_history() -> None:
    reached = {goal for each in FIXED for goal in goals(each, EVERYTHING, "standard")}
    missed = {
        (acts[0], history)
        for acts, elsewhere in RULES.items()
        for history in HISTORIES - elsewhere
        if not any((act, history) in reached for act in acts)
    }
    assert missed == set()


def test_drawn_traces_reach_most_rules_after_most_histories() -> None:
    fixed = {goal for each in FIXED for goal in goals(each, FULL, "standard")}
    for seed in range(4):
        drawn = random_plans(FULL, depth="standard", seed=seed)
        reached = {goal for each in drawn for goal in goals(each, FULL, "standard")}
        assert len(reached - fixed) > 4 * TRACES["standard"], seed
