"""Covering arrays: few combinations that hold each value, or each pair or triple, of dimensions."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Combination, Dimension, Never

# Depth -> how many dimensions are covered together: each value, each pair, each triple.
STRENGTHS: Final[Mapping[str, int]] = {"quick": 1, "standard": 2, "deep": 3}


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

    There are about `rows` at most, deep aside: those that cover most come first, and no value is
    left out, which may take a few more.
    """
    plain = Combination({each: each.plain for each in dimensions})
    covering = [
        plain,
        *(each for each in _covering(dimensions, constraints, depth, seed) if each != plain),
    ]
    found = [each for each in covering if each.obeys(constraints)]
    if depth == "deep":
        return tuple(found)
    kept = found[:rows]
    for further in found[rows:]:
        if any(further.name(each) not in {row.name(each) for row in kept} for each in dimensions):
            kept.append(further)
    return tuple(kept)


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
