"""Looking for failing cases with Hypothesis: each cause once, made as small as it gets."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import FlakyFailure, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from conformance.generation.cases import GeneratedCase
from conformance.generation.turns import GENERATING, others_first
from conformance.generation.values import REMOVED, changed

T = TypeVar("T")
SHORT: Final = 32  # characters; longer texts are cut down to see whether they matter
MOST_CAUSES: Final = 5  # of one operation; a deployment with more has enough to mend


class _Found(Exception):
    """Signals to Hypothesis that a case fails."""


def search(
    strategy: SearchStrategy[T],
    causes_of: Callable[[T], Collection[str]],
    *,
    examples: int,
    seed: int,
) -> None:
    """Try cases until no new cause shows; Hypothesis shrinks towards each cause in turn.

    `causes_of` sends a case (or remembers it) and returns how it fails; what it saw is the result.
    """
    known: set[str] = set()
    while len(known) < MOST_CAUSES:
        cause = _next_cause(strategy, causes_of, known, examples, seed)
        if not cause:
            return
        known.add(cause)


def search_settings(examples: int, **more: Any) -> settings:
    """Return the settings of the search: seeded, remembering nothing, silent, in its own time."""
    return settings(
        max_examples=examples,
        derandomize=False,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        **more,
    )


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
    @search_settings(examples)
    @given(strategy)
    def attempt(case: T) -> None:
        nonlocal wanted
        with others_first():
            causes = causes_of(case)
        new = sorted(set(causes) - set(known))
        if new and not wanted:
            wanted = new[0]
        if wanted in new:
            raise _Found

    try:
        with GENERATING:
            attempt()
    except _Found:
        return wanted
    except (FlakyFailure, Unsatisfiable):  # it came and went, or the contract allows nothing
        return wanted
    return ""


def shrink(case: GeneratedCase, still_fails: Callable[[GeneratedCase], bool]) -> GeneratedCase:
    """Leave out and shorten what the failure of a case does not need, one thing at a time."""
    for smaller in _smaller(case):
        if still_fails(smaller):
            return shrink(smaller, still_fails)
    return case


def _smaller(case: GeneratedCase) -> Iterator[GeneratedCase]:
    for path, value in _places(case.query):
        for less in _less(value):
            yield replace(case, query=changed(case.query, path, less))
    if isinstance(case.body, dict):
        for path, value in _places(case.body):
            for less in _less(value):
                yield replace(case, body=changed(case.body, path, less))


def _less(value: Any) -> Iterator[Any]:
    yield REMOVED
    if isinstance(value, str) and len(value) > SHORT:
        yield value[:SHORT]


def _places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place below a node with its value, the outer ones first; entries of lists stay."""
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(entries):
        if isinstance(node, dict):
            yield (*path, key), value
        if isinstance(value, dict | list):
            yield from _places(value, (*path, key))
