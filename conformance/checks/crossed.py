"""A rule crossed with dimensions: executed for each combination of a covering array.

A combination that violates the rule is made as plain as it can be while it still does.
"""

import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from conformance.bbps.dimensions.covering import combinations
from conformance.bbps.dimensions.dimension import Combination, Dimension, Never
from conformance.bbps.flow import Bbps
from conformance.core.verdicts import Inconclusive, NotApplicable, Violation

Rule = Callable[[Bbps, Combination], None]
ROWS: Final = 24  # combinations of a rule at most, about; deep has all of its covering array


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The dimensions of a rule, and what of them does not go together."""

    dimensions: tuple[Dimension[Any], ...]
    constraints: tuple[Never, ...]
    rows: int

    def combinations(self, depth: str, seed: int) -> tuple[Combination, ...]:
        """Return the combinations that a run tries."""
        return combinations(
            self.dimensions, self.constraints, depth=depth, seed=seed, rows=self.rows
        )


def crossed(
    *dimensions: Dimension[Any], never: tuple[Never, ...] = (), rows: int = ROWS
) -> Callable[[Rule], Rule]:
    """Cross a rule with dimensions; the run supplies `combination`, once for each row."""
    crossing = Crossing(dimensions=dimensions, constraints=never, rows=rows)

    def decorate(rule: Rule) -> Rule:
        @functools.wraps(rule)
        def check(bbps: Bbps, combination: Combination) -> None:
            try:
                rule(bbps, combination)
            except Violation as violation:
                raise _smallest(rule, crossing, bbps, combination, violation) from None

        check.crossing = crossing  # type: ignore[attr-defined]
        return check

    return decorate


def crossing_of(check: Any) -> Crossing | None:
    """Return how a check is crossed; None if it is not."""
    return getattr(check, "crossing", None)


def _smallest(
    rule: Rule, crossing: Crossing, bbps: Bbps, combination: Combination, violation: Violation
) -> Violation:
    """Return the violation of the plainest combination that still shows it, executed last.

    So its exchanges end the evidence, and are those that a report repeats.
    """
    simpler, latest = True, combination
    while simpler:
        simpler = False
        for plainer in combination.plainer():
            if not plainer.obeys(crossing.constraints):
                continue
            found, latest = _violation(rule, bbps, plainer), plainer
            if found is not None:
                combination, violation, simpler = plainer, found, True
                break
    if latest != combination:
        violation = _violation(rule, bbps, combination) or violation
    if not combination.peculiarities:
        return violation
    case = "; ".join(combination.peculiarities)
    return Violation(violation.required, f"{violation.observed} (smallest case: {case})")


def _violation(rule: Rule, bbps: Bbps, combination: Combination) -> Violation | None:
    """Execute a rule again; return how it is violated, None if it holds or stays open."""
    with suppress(Inconclusive, NotApplicable):
        try:
            rule(bbps, combination)
        except Violation as violation:
            return violation
    return None
