"""Values for one field: made for any schema that a contract may state, or none."""

from typing import Any

import pytest
from hypothesis.strategies import SearchStrategy

from conformance.generation.counterexamples import search
from conformance.generation.values import Place, allowed, can_be_drawn, forbidden

THIS_CENTURY = 946_684_800_000  # in epoch ms
LIMITS = [
    ({"minimum": THIS_CENTURY}, THIS_CENTURY, THIS_CENTURY + 10**6),
    ({"maximum": -(10**9)}, -(10**9) - 10**6, -(10**9)),
    ({"minimum": 0.5}, 1, 10**6 + 1),
    ({"maximum": 99.5}, -(10**6), 99),
    ({}, -(10**6), 10**6),
]
IMPOSSIBLE: list[dict[str, Any]] = [
    {"type": "number", "minimum": 0.2, "maximum": 0.8},  # no whole one, at least
    {"type": "integer", "minimum": 5, "maximum": 4},
    {"type": "string", "minLength": 5, "maxLength": 4},
    {"type": "string", "minLength": 10**6},
    {"type": "string", "pattern": r"^\p{L}+$"},  # of another language
    {"type": "array", "items": {"type": "string", "pattern": r"^(?<name>a)$"}},
]


def drawn(strategy: SearchStrategy[Any]) -> list[Any]:
    values: list[Any] = []

    def keep(value: Any) -> tuple[()]:
        values.append(value)
        return ()

    search(strategy, keep, examples=30, seed=0)
    return values


def place(schema: dict[str, Any], *, required: bool = False) -> Place:
    return Place(path=("field",), schema=schema, required=required)


@pytest.mark.parametrize(("limits", "least", "most"), LIMITS)
def test_numbers_keep_to_any_limits(limits: dict[str, Any], least: int, most: int) -> None:
    values = drawn(allowed(place({"type": "number", **limits})))
    assert len(set(values)) > 1
    assert least <= min(values) <= max(values) <= most


@pytest.mark.parametrize("schema", IMPOSSIBLE)
def test_a_field_that_nothing_can_be_made_for_is_left_alone(schema: dict[str, Any]) -> None:
    assert not can_be_drawn(allowed(place(schema)))


def test_of_several_kinds_those_are_made_that_can_be() -> None:
    of_two = allowed(place({"type": ["integer", "string"], "pattern": r"^\p{L}+$"}))
    assert {type(each) for each in drawn(of_two)} == {int}


def test_a_long_text_with_a_pattern_is_broken_in_other_ways() -> None:
    schema = {"type": "string", "minLength": 30, "pattern": "^[0-9]+$"}
    values = drawn(forbidden(place(schema)))
    assert any(isinstance(each, str) and len(each) < 30 for each in values)
    assert any(not isinstance(each, str) for each in values)
