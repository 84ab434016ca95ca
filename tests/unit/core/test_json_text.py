"""The JSON of an answer is read as the standard says, within bounds that are named."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.core.json_text import NotRead, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1.10, "a": 2}', {"a": 2}),
        ("[100.10, 1e3, -0.0]", [Decimal("100.10"), Decimal(1000), Decimal("-0.0")]),
        ('"half \\ud83d"', "half \ud83d"),
        ("9" * 4000, int("9" * 4000)),
        ("[" * 100 + "]" * 100, None),
    ],
)
def test_what_the_standard_allows_is_read(text: str, value: Any) -> None:
    read = read_json(text)
    if value is not None:
        assert read == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN in it is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity in it is no number of JSON"),
        ("9" * 5000, "a number in it is too long"),
        ("[1e99999999999]", "a number in it is too long"),
        ("[0e-99999999999999999999999]", "a number in it is too long"),
        ('{"a":' * 101, "it is nested more than 100 levels deep"),
        ("\ufeff" + "[" * 99999, "it is nested more than 100 levels deep"),
        (
            '{"a": "line\nbreak"}',
            "from character 12 on it is no JSON (invalid control character)",
        ),
        ('{"a": ', "it breaks off before its JSON ends"),
        ('{"a": "half of', "it breaks off before its JSON ends"),
        ("[{}", "it breaks off before its JSON ends"),
        ("{}{}", "from character 3 on it is no JSON (something follows the object)"),
        ("<html>", ""),
        ("", ""),
    ],
)
def test_what_is_not_read_has_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotRead) as found:
        read_json(text)
    assert str(found.value) == reason
