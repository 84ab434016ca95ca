"""Regular expressions of anybody end in bounded time: with an answer, or undecided."""

from typing import Any

import pytest

from conformance.core.verdicts import Inconclusive
from conformance.scenarios import patterns
from conformance.scenarios.places import checked, count, within
from conformance.scenarios.runner import _Player
from tests.unit.scenarios.test_runner import response

# Python's own engine needs longer than anybody waits for these.
EXPLOSIVE = ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", r"^(\w+\s?)*$", "(a*)*b", "(x+x+)+y"]
LOOKING_BACK = [r"(a+)+\1$", r"^(a|aa)+(?=b)\1$", r"^(?:(a)|b|aa)*\1c"]


@pytest.mark.parametrize("expression", EXPLOSIVE)
def test_what_explodes_elsewhere_is_decided(expression: str) -> None:
    assert not patterns.found(expression, "a" * 50_000 + "!")


@pytest.mark.parametrize("expression", LOOKING_BACK)
def test_what_is_too_much_work_stays_undecided(expression: str) -> None:
    with pytest.raises(ValueError, match="takes too long to match"):
        patterns.found(expression, "a" * 5_000 + "!")


def test_a_text_that_is_too_long_is_not_searched() -> None:
    with pytest.raises(ValueError, match="longer than 1000000 characters"):
        patterns.found("a", "b" * 1_000_001)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("^b[0-9]$", "b1"), ("(?i)BILL", "a bill"), (r"\A(?![\s\S]*no)", "yes"), ("", "x"),
        (r"(?P<a>x)", "x"), (r"^\d{4}-\d\d$", "2026-11"), (r"(a)\1", "aa"), ("(?m)^b", "a\nb"),
        (r"\/pg\-service\/", "/pg-service/"), ("अ", "अ"),
    ],
)  # fmt: skip
def test_expressions_as_people_write_them(expression: str, text: str) -> None:
    assert patterns.found(expression, text)


@pytest.mark.parametrize(
    "expression", ["(", "a{", "[", "x" * 3_000, "(" * 900, "((a{999}){999}){999}", r"\Z"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        patterns.checked(expression)


DOCUMENT = {"list": [{"a": "a" * 5_000 + "!"}]}


def test_expressions_in_a_place_are_bounded_too() -> None:
    assert within(DOCUMENT, "$.list[?search(@.a, '^(a+)+$')]") is None
    assert within(DOCUMENT, "$.list[?search(@.a, 'a!$')].a") == DOCUMENT["list"][0]["a"]
    assert within(DOCUMENT, "$.list[?match(@.a, 'a')]") is None
    assert within(DOCUMENT, "$.list[?search(@.a, '(')]") is None
    with pytest.raises(ValueError, match="takes too long"):
        within(DOCUMENT, r"$.list[?search(@.a, '(a+)+\\1$')]")


@pytest.mark.parametrize(
    "place", ["$..a..b", "$[?@[?@[?@.a]]]", "$[?$.a == $.b]", "$" + "[0]" * 400, "/a" * 600]
)
def test_a_place_that_looks_through_the_answer_again_and_again_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match=r"more than|longer than"):
        checked(place)


@pytest.mark.parametrize("place", ["$..id", "$['a..b', '?$?$?$']", "$.a[?@.b].c[?@.d]"])
def test_other_places_are_not(place: str) -> None:
    assert checked(place) == place


def test_a_document_that_is_too_deep_decides_nothing() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="nothing can be looked up at"):
        count(response(deep), "$..a")


def test_what_a_variable_makes_of_a_place_is_inconclusive() -> None:
    player: Any = object.__new__(_Player)
    player._variables = {"place": "$["}.__getitem__
    step: Any = type("Step", (), {"name": "Fetch"})
    with pytest.raises(Inconclusive, match="step 'Fetch': is not a place"):
        player._looked_up(step, "{{place}}", response({}))
