"""Depth is seen before anything recursive reads a text."""

import pytest

from conformance.client.response import decode
from conformance.core.nesting import DEEPEST, nested_deeper
from conformance.core.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "deeper"),
    [
        ("[" * DEEPEST + "]" * DEEPEST, False),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), True),
        ('{"a":' * (DEEPEST + 1), True),
        ("[" + ",".join(["[]"] * 500) + "]", False),
        ("[" + ",".join(['"[{\\"["'] * 500) + "]", False),
        ("<script>" + "{" * 500, False),
    ],
    ids=["at the limit", "beyond", "without an end", "side by side", "in texts", "no JSON"],
)
def test_depth_is_that_of_lists_and_objects_in_each_other(text: str, deeper: bool) -> None:
    assert nested_deeper(text) is deeper


@pytest.mark.parametrize("levels", [500, 100_000])
def test_what_is_nested_too_deeply_is_not_read_and_kept_as_a_text(levels: int) -> None:
    text = '{"a":' * levels + '"secret-value"' + "}" * levels
    redactor = Redactor()
    redactor.learn("secret-value")

    assert decode(text) is None
    kept = redactor.text(text)
    assert kept.startswith(f'({len(text)} characters of JSON, nested very deeply) {{"a":{{"a":')
    assert "secret-value" not in kept
