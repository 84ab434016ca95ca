"""Open points: each is named once, has its reason, and is used by some service."""

from pathlib import Path

import pytest

import conformance.reference
from conformance.reference.platform.choices import _TABLE, CHOICES, choice

SOURCES = Path(conformance.reference.__file__).parent.rglob("*.py")
TEXT = "\n".join(each.read_text("utf-8") for each in SOURCES if each.name != "choices.py")


def test_each_is_named_once() -> None:
    assert len(CHOICES) == len(_TABLE)


@pytest.mark.parametrize("name", CHOICES)
def test_each_has_its_reason_and_is_used(name: str) -> None:
    assert len(CHOICES[name].why.split()) > 5
    assert f'choice("{name}")' in TEXT
    assert choice(name) == CHOICES[name].value


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        choice("zuul-bad-tokn-status")
