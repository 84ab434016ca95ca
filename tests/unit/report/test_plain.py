"""Bodies of answers as reports show them."""

import pytest

from conformance.report.plain import readable


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"amount":100.00,"a":1e2}', '{\n  "amount": 100.00,\n  "a": 1e2\n}'),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ('[{"a": 1, "a": 1}]', '[{"a": 1, "a": 1}]'),
        ("<html>", "<html>"),
        ("", ""),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_json_is_indented_and_loses_nothing(body: str, shown: str) -> None:
    assert readable(body) == shown
