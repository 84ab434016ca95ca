from typing import cast

import pytest

from conformance.bbps.dimensions.dimension import Combination, Dimension, never
from conformance.bbps.flow import Bbps
from conformance.checks.crossed import crossed, crossing_of
from conformance.core.verdicts import Inconclusive, Violation

ACTOR = Dimension(name="actor", source="a test", values={"owner": 0, "rival": 1, "clerk": 2})
STATE = Dimension(name="state", source="a test", values={"fresh": 0, "failed": 1})
PLACE = Dimension(name="place", source="a test", values={"body": 0, "query": 1})
NOWHERE = cast(Bbps, None)
WORST = Combination({ACTOR: "rival", STATE: "failed", PLACE: "query"})


def violation(rule: object, combination: Combination) -> Violation:
    with pytest.raises(Violation) as caught:
        rule(NOWHERE, combination)  # type: ignore[operator]
    return caught.value


def test_violation_names_only_what_it_takes() -> None:
    @crossed(ACTOR, STATE, PLACE)
    def rule(_bbps: Bbps, combination: Combination) -> None:
        if combination[ACTOR] == 1 and combination[PLACE] == 1:
            raise Violation("kept out", f"let in as {combination.name(ACTOR)}")

    assert violation(rule, WORST).observed == (
        "let in as rival (smallest case: actor: rival; place: query)"
    )


def test_violation_of_the_plainest_case_stands_alone() -> None:
    @crossed(ACTOR, STATE, PLACE)
    def rule(_bbps: Bbps, _combination: Combination) -> None:
        raise Violation("kept out", "let in")

    assert violation(rule, WORST).observed == "let in"


def test_case_that_stays_open_makes_no_counterexample_smaller() -> None:
    @crossed(ACTOR, STATE, PLACE)
    def rule(_bbps: Bbps, combination: Combination) -> None:
        if combination != WORST:
            raise Inconclusive("no such user")
        raise Violation("kept out", "let in")

    assert "actor: rival; state: failed; place: query" in violation(rule, WORST).observed


def test_forbidden_combination_is_not_tried_to_make_it_smaller() -> None:
    tried = []

    @crossed(ACTOR, STATE, PLACE, never=(never(ACTOR, ("owner",), STATE, ("failed",)),))
    def rule(_bbps: Bbps, combination: Combination) -> None:
        tried.append(str(combination))
        if combination[STATE] == 1:
            raise Violation("kept out", "let in")

    violation(rule, WORST)

    assert "owner, failed, query" not in tried


def test_smallest_case_is_executed_last() -> None:
    executed = []

    @crossed(ACTOR, STATE, PLACE)
    def rule(_bbps: Bbps, combination: Combination) -> None:
        executed.append(str(combination))
        if combination[ACTOR] == 1:
            raise Violation("kept out", "let in")

    violation(rule, WORST)

    assert executed[-1] == "rival, fresh, body"


def test_violation_that_shows_once_is_kept() -> None:
    executed = []

    @crossed(ACTOR, STATE, PLACE)
    def rule(_bbps: Bbps, combination: Combination) -> None:
        executed.append(combination)
        if len(executed) == 1:
            raise Violation("kept out", "let in")

    found = violation(rule, WORST)

    assert found.observed.startswith("let in (smallest case: actor: rival; state: failed")


def test_rule_keeps_its_name_and_its_combinations() -> None:
    @crossed(ACTOR, STATE)
    def rule(_bbps: Bbps, _combination: Combination) -> None:
        """A situation."""

    crossing = crossing_of(rule)

    assert (rule.__name__, rule.__doc__) == ("rule", "A situation.")
    assert crossing is not None
    assert len(crossing.combinations("deep", 0)) == 6
