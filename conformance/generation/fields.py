"""Requests that are right but for what chance makes of one field, or of several at once.

Values are drawn once and mixed: a strategy that draws whole requests takes ten times as long, and
little of what it draws differs.
"""

import copy
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contracts import Operation
from conformance.contracts.conversion import FORM, JSON
from conformance.generation.cases import GeneratedCase, query_value
from conformance.generation.counterexamples import search
from conformance.generation.turns import GENERATING
from conformance.generation.values import (
    REMOVED,
    Place,
    allowed,
    can_be_drawn,
    changed,
    forbidden,
    parameters,
    places,
    put,
)

QUERY, BODY = "query", "body"  # where a place of a whole request begins
MOST_CHANGES: Final = 4  # in one request
MOST_PLACES: Final = 60  # of one request that are changed; Hypothesis draws no more at a time
ROWS: Final = 20  # values that are drawn for each field
ATTEMPTS: Final = 3  # for each request: some were made before, or keep the contract only alone
Path = tuple[str | int, ...]


def one_field(
    right: GeneratedCase,
    operation: Operation,
    identifiers: Collection[str],
    pinned: Callable[[Any], Any],
    *,
    valid: bool,
) -> SearchStrategy[GeneratedCase]:
    """Change one field of the body of a right request, so that the change alone is judged.

    `valid` says whether the request keeps the contract; then `identifiers` keep their values.
    `pinned` returns a body whose names that chance must not choose have their values.
    """
    value_of = allowed if valid else forbidden

    def with_value(place: Place) -> SearchStrategy[GeneratedCase]:
        return value_of(place).map(
            lambda value: replace(right, body=pinned(changed(right.body, place.path, value)))
        )

    with GENERATING:
        able = [
            each
            for each in places(operation.request_schema, operation.bundle, right.body)
            if len(each.path) > 1
            and not (valid and each.path[-1] in identifiers)
            and can_be_drawn(value_of(each))
        ]
    if not able:  # the contract describes no field of it
        return st.nothing()
    return (
        st.sampled_from(able)
        .flatmap(with_value)
        .filter(lambda case: valid != bool(case.broken_places(operation)))
    )


def several_fields(
    bases: Sequence[GeneratedCase],
    operation: Operation,
    left_alone: Collection[str],
    *,
    count: int,
    seed: int,
) -> Iterator[GeneratedCase]:
    """Yield valid requests in which some fields of a base have other values, in query and body.

    Fields whose names are `left_alone` keep theirs. Fewer than `count` come of a small contract.
    """
    chance = random.Random(seed)  # noqa: S311  # no secret
    with GENERATING:
        places_of = [_changeable(base, operation, left_alone, chance) for base in bases]
        strategies = {each.path: _value_of(each) for found in places_of for each in found}
    values = _drawn(strategies, min(count, ROWS), seed)
    made: set[str] = set()
    for _ in range(count * ATTEMPTS if values else 0):
        base, found = chance.choice([*zip(bases, places_of, strict=True)])
        changes = chance.sample(found, min(len(found), chance.randint(1, MOST_CHANGES)))
        case = _with_values(base, {each.path: chance.choice(values)[each.path] for each in changes})
        if case.key not in made and not case.broken_places(operation):
            made.add(case.key)
            yield case
        if len(made) == count:
            return


def _changeable(
    base: GeneratedCase, operation: Operation, left_alone: Collection[str], chance: random.Random
) -> list[Place]:
    """Return the places of a base that can be changed; some of them where there are many."""
    found = [each for each in _places(base, operation) if each.path[-1] not in left_alone]
    if len(found) > MOST_PLACES:
        found = chance.sample(found, MOST_PLACES)
    return [each for each in found if can_be_drawn(allowed(each))]


def _drawn(
    strategies: dict[Path, SearchStrategy[Any]], rows: int, seed: int
) -> list[dict[Path, Any]]:
    """Draw a value for each place, several times; nothing where there is no place."""
    drawn: list[dict[Path, Any]] = []

    def keep(row: dict[Path, Any]) -> Collection[str]:
        drawn.append(row)
        return ()

    if strategies:
        search(st.fixed_dictionaries(strategies), keep, examples=1 + rows, seed=seed)
    return drawn[1:] or drawn  # the first holds the simplest values, which boundaries hold, too


def _value_of(place: Place) -> SearchStrategy[Any]:
    return allowed(place) if place.required else allowed(place) | st.just(REMOVED)


def _places(case: GeneratedCase, operation: Operation) -> Iterator[Place]:
    """Yield the places of a whole request, each with its path from `query` or `body` on."""
    for place in parameters(operation.parameters, operation.bundle):
        yield replace(place, path=(QUERY, *place.path))
    schema = operation.schema_of_body(FORM if case.form else JSON)
    for place in places(schema, operation.bundle, case.body):
        yield replace(place, path=(BODY, *place.path))


def _with_values(base: GeneratedCase, values: Mapping[tuple[str | int, ...], Any]) -> GeneratedCase:
    """Return a request with other values at some places, unless a change removed their parents."""
    document = copy.deepcopy({QUERY: dict(base.query), BODY: base.body})
    for path, value in values.items():
        with suppress(LookupError, TypeError, AttributeError):
            put(document, path, query_value(value) if path[0] == QUERY else value)
    return replace(base, query=document[QUERY], body=document[BODY])
