"""Covering arrays: few combinations that hold each value, or each pair or triple, of dimensions."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations as pairs_of
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Combination, Dimension, Never

# Depth -> how many dimensions are covered together: each value, each pair, each triple.
STRENGTHS: Final[Mapping[str, int]] = {"quick": 1, "standard": 2, "deep": 3}
Part = tuple[Any, ...]  # what of a combination is to be tried: a value, or a pair of values


@cache
def combinations(
    dimensions: tuple[Dimension[Any], ...],
    constraints: tuple[Never, ...] = (),
    *,
    depth: str,
    seed: int,
    rows: int,
) -> tuple[Combination, ...]:
    """Return combinations of dimensions, the plainest first; the same seed gives the same.

    There are `rows` at most, deep aside, or as many as it takes to try each value: first those in
    which each value occurs, then those that add most pairs.
    """
    plain = Combination({each: each.plain for each in dimensions})
    found = _obeying(dimensions, constraints, depth=depth, seed=seed)
    if plain.obeys(constraints) and plain not in found:
        found.insert(0, plain)
    found.sort(key=lambda each: each != plain)
    if depth == "deep" or len(found) <= rows:
        return tuple(found)
    few = _obeying(dimensions, constraints, depth="quick", seed=seed)
    kept = _first(found[:1], [*few, *found], _values)
    return tuple(_first(kept, found, _pairs, rows))


def _first(
    kept: Sequence[Combination],
    found: Sequence[Combination],
    parts: Callable[[Combination], set[Part]],
    rows: int | None = None,
) -> list[Combination]:
    """Return `kept`, and of `found` one after another the one that adds most parts, while any does.

    `rows` bounds how many there are.
    """
    chosen = list(kept)
    tried = set().union(*(parts(each) for each in chosen))
    left = [(each, parts(each)) for each in found]
    while left and (rows is None or len(chosen) < rows):
        row, new = max(left, key=lambda each: len(each[1] - tried))
        if new <= tried:
            break
        chosen.append(row)
        tried |= new
    return chosen


def _values(row: Combination) -> set[Part]:
    return set(row.chosen)


def _pairs(row: Combination) -> set[Part]:
    return set(pairs_of(row.chosen, 2))


def _obeying(
    dimensions: tuple[Dimension[Any], ...],
    constraints: tuple[Never, ...],
    *,
    depth: str,
    seed: int,
) -> list[Combination]:
    found = _covering(dimensions, constraints, depth, seed)
    return [each for each in found if each.obeys(constraints)]


def _covering(
    dimensions: tuple[Dimension[Any], ...],
    constraints: tuple[Never, ...],
    depth: str,
    seed: int,
) -> list[Combination]:
    """Return the rows of a covering array."""
    from covertable import make, sorters  # heavy, and many a command plans nothing

    rows = make(
        {str(place): each.at(depth) for place, each in enumerate(dimensions)},
        strength=min(STRENGTHS[depth], len(dimensions)),
        sorter=sorters.hash,
        salt=str(seed),
        constraints=[_condition(dimensions, each) for each in constraints],
    )
    return [
        Combination({each: row[str(place)] for place, each in enumerate(dimensions)})
        for row in rows
    ]


def _condition(dimensions: tuple[Dimension[Any], ...], constraint: Never) -> dict[str, Any]:
    """Return a constraint in the words of the library."""
    halves = ((constraint.one, constraint.values), (constraint.other, constraint.others))
    return {
        "operator": "or",
        "conditions": [
            {
                "operator": "not",
                "condition": {
                    "operator": "in",
                    "left": str(dimensions.index(dimension)),
                    "values": list(values),
                },
            }
            for dimension, values in halves
        ],
    }
