"""Rows are added to a file as its own rows are written, and nothing else of it changes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.mdms.insertion import with_rows

ROW = {"a": "x", "b": 1}
# How a file is written -> its text, and with ROW.
WRITTEN = {
    "two blanks": (
        '{\n  "t": "zz",\n  "rows": [\n    {\n      "a": "y",\n      "b": 2\n    }\n  ]\n}\n',
        '{\n  "t": "zz",\n  "rows": [\n    {\n      "a": "y",\n      "b": 2\n    },\n'
        '    {\n      "a": "x",\n      "b": 1\n    }\n  ]\n}\n',
    ),
    "tabs, no end of the last line": (
        '{\n\t"rows": [\n\t\t{\n\t\t\t"a":"y",\n\t\t\t"b":2\n\t\t}\n\t]\n}',
        '{\n\t"rows": [\n\t\t{\n\t\t\t"a":"y",\n\t\t\t"b":2\n\t\t},\n'
        '\t\t{\n\t\t\t"a":"x",\n\t\t\t"b":1\n\t\t}\n\t]\n}',
    ),
    "one line each": (
        '{"rows": [\n  { "a": "y", "b": 2 },\n  { "a": "z", "b": 3 }\n]}\n',
        '{"rows": [\n  { "a": "y", "b": 2 },\n  { "a": "z", "b": 3 },\n'
        '  { "a": "x", "b": 1 }\n]}\n',
    ),
    "no blanks at all": (
        '{"rows":[{"a":"y","b":2}]}',
        '{"rows":[{"a":"y","b":2},{"a":"x","b":1}]}',
    ),
    "lines end as on Windows": (
        '{\r\n  "rows": [\r\n    {"a": "y", "b": 2}\r\n  ]\r\n}\r\n',
        '{\r\n  "rows": [\r\n    {"a": "y", "b": 2},\r\n    {"a": "x", "b": 1}\r\n  ]\r\n}\r\n',
    ),
    "something after the list": (
        '{"rows": [\n  {"a": "y", "b": 2}\n\n ], "more": [1, 2]}\n',
        '{"rows": [\n  {"a": "y", "b": 2},\n  {"a": "x", "b": 1}\n\n ], "more": [1, 2]}\n',
    ),
    "an empty list": (
        '{\n  "rows": []\n}\n',
        '{\n  "rows": [\n    {\n      "a": "x",\n      "b": 1\n    }\n  ]\n}\n',
    ),
    "an empty list in one line": ('{"rows": [ ]}', '{"rows": [{"a": "x", "b": 1}]}'),
    "an odd last row": (
        '{"rows": [\n  {"a": "y", "b": 2},\n  {"a": "y", "b": 2},\n\n {\n"a" : "z", "b" : 3 }\n]}',
        '{"rows": [\n  {"a": "y", "b": 2},\n  {"a": "y", "b": 2},\n\n {\n"a" : "z", "b" : 3 },\n'
        '  {"a": "x", "b": 1}\n]}',
    ),
    "rows that are none": ('{"rows": [null]}', '{"rows": [null,{"a": "x", "b": 1}]}'),
}


@pytest.mark.parametrize(("before", "after"), WRITTEN.values(), ids=list(WRITTEN))
def test_a_row_is_written_as_those_around_it(before: str, after: str) -> None:
    assert with_rows(before, "rows", [ROW]) == after


def test_nothing_is_added_to_what_has_all() -> None:
    assert with_rows("{ }", "rows", []) == "{ }"


@pytest.mark.parametrize(
    ("before", "shown"), [('{"rows": []}', "\\u0939"), ('{"é": 1, "rows": []}', "ह")]
)
def test_characters_are_written_as_in_the_file(before: str, shown: str) -> None:
    assert shown in with_rows(before, "rows", [{"a": "ह"}])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4) | VALUES, max_size=5)
MADE = st.lists(
    st.dictionaries(st.text(max_size=4), st.text(max_size=4) | st.integers()), max_size=3
)


@settings(max_examples=150, derandomize=True, database=None)
@given(
    rows=ROWS, new=MADE, indent=st.sampled_from([None, 0, 1, 4, "\t"]), ascii_only=st.booleans(),
    colon=st.sampled_from([":", " : ", ": "]), after=st.booleans(),
)  # fmt: skip
def test_what_is_added_is_all_that_changes(
    rows: list[Any], new: list[Any], indent: Any, ascii_only: bool, colon: str, after: bool
) -> None:
    document = {"tenantId": "zz", "rows": rows} | ({"rows2": rows} if after else {})
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, separators=(", ", colon))
    changed = with_rows(text, "rows", new)
    assert json.loads(changed) == document | {"rows": rows + new}
    if rows:
        pairs = zip(text, changed, strict=False)
        same = next((at for at, (old, now) in enumerate(pairs) if old != now), len(text))
        assert changed.endswith(text[same:])
