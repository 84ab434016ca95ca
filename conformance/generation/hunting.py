"""Looking for failing cases with Hypothesis: each cause once, made as small as it gets."""

from collections.abc import Callable, Collection
from typing import Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import FlakyFailure, Unsatisfiable
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
MOST_CAUSES: Final = 5  # of one operation; a deployment with more has enough to mend


class _Found(Exception):
    """Tells Hypothesis that a case fails."""


def hunt(
    strategy: SearchStrategy[T],
    causes_of: Callable[[T], Collection[str]],
    *,
    examples: int,
    seed: int,
) -> None:
    """Try cases until no new cause shows; Hypothesis shrinks towards each cause in turn.

    `causes_of` sends a case (or remembers it) and says how it fails; what it saw is the result.
    """
    known: set[str] = set()
    while len(known) < MOST_CAUSES:
        cause = _next_cause(strategy, causes_of, known, examples, seed)
        if not cause:
            return
        known.add(cause)


def _next_cause(
    strategy: SearchStrategy[T],
    causes_of: Callable[[T], Collection[str]],
    known: Collection[str],
    examples: int,
    seed: int,
) -> str:
    """Shrink towards one cause that is not known yet, without slipping to another; return it."""
    wanted = ""

    @seeded(seed)
    @settings(
        max_examples=examples,
        derandomize=False,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def attempt(case: T) -> None:
        nonlocal wanted
        new = sorted(set(causes_of(case)) - set(known))
        if new and not wanted:
            wanted = new[0]
        if wanted in new:
            raise _Found

    try:
        attempt()
    except _Found:
        return wanted
    except (FlakyFailure, Unsatisfiable):  # it came and went, or the contract allows nothing
        return wanted
    return ""
