"""Rows added to a JSON text that somebody else wrote, in the way in which its rows are written.

Nothing else of the text changes: not its indentation, the order of its rows, nor how it ends.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.core.parsing import Node, json_positions
from conformance.mdms.masters import Row

SAMPLE: Final = 10  # rows at the end that show how rows are written
_DECODER: Final = json.JSONDecoder()
_COLON: Final = re.compile(r"\s*:\s*")
_BLANK: Final = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands between the parts of a row: at its start, between pairs, in them, at its end."""

    opening: str
    joint: str
    colon: str
    closing: str

    def written(self, row: Row, *, ascii_only: bool) -> str:
        """Return a row as a text."""
        pairs = (
            f"{_text(key, ascii_only)}{self.colon}{_text(value, ascii_only)}"
            for key, value in row.items()
        )
        return f"{{{self.opening}{self.joint.join(pairs)}{self.closing}}}"


def with_rows(text: str, key: str, rows: Sequence[Row]) -> str:
    """Return a JSON text with rows at the end of the list that stands below a key of its object.

    The text is JSON, and its list is one.
    """
    if not rows:
        return text
    offsets = _Offsets(text)
    root = json_positions(text)
    node = root.parts[key]
    start = _list_start(text, offsets.of(node))
    starts = [offsets.of(each) for each in list(node.parts.values())[-SAMPLE:]]
    if not starts:
        return _first_rows(text, start, rows)
    layouts = Counter(_layouts(text, starts))
    layout = layouts.most_common(1)[0][0] if layouts else Layout("", ", ", ": ", "")
    ends = [_DECODER.raw_decode(text, at)[1] for at in starts]
    between = Counter(text[end:at] for end, at in zip(ends, starts[1:], strict=False))
    comma = between.most_common(1)[0][0] if between else f",{text[start + 1 : starts[0]]}"
    end = ends[-1]
    added = "".join(f"{comma}{layout.written(row, ascii_only=text.isascii())}" for row in rows)
    return f"{text[:end]}{added}{text[end:]}"


def _first_rows(text: str, start: int, rows: Sequence[Row]) -> str:
    """Return a text with the first rows of a list, indented as the key of the list is."""
    end = text.index("]", start)
    line = text.rfind("\n", 0, start) + 1
    indent = _blank(text, line)
    newline = "\r\n" if "\r\n" in text else "\n" if "\n" in text else ""
    outer, inner = newline + indent * 2, newline + indent * 3
    layout = Layout(inner, f",{inner or ' '}", ": ", outer)
    comma = f",{outer or ' '}"
    written = comma.join(layout.written(row, ascii_only=text.isascii()) for row in rows)
    return f"{text[: start + 1]}{outer}{written}{newline}{indent}{text[end:]}"


def _layouts(text: str, starts: Sequence[int]) -> Iterator[Layout]:
    """Yield how rows are written, as far as they are objects of two pairs or more."""
    for start in starts:
        if text[start] != "{":
            continue
        opening = _blank(text, start + 1)
        at = start + 1 + len(opening)
        pieces: list[str] = []
        colon = ""
        while text[at] == '"':
            at = _DECODER.raw_decode(text, at)[1]
            found = _COLON.match(text, at)
            assert found, "a key of JSON has a colon"
            colon = colon or found[0]
            at = _DECODER.raw_decode(text, found.end())[1]
            gap = re.compile(r"\s*,?\s*").match(text, at)
            assert gap, "it may be empty"
            pieces.append(gap[0])
            at = gap.end()
        if len(pieces) > 1:
            yield Layout(opening, Counter(pieces[:-1]).most_common(1)[0][0], colon, pieces[-1])


class _Offsets:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def of(self, node: Node) -> int:
        """Return the offset of a value, or of the key before it."""
        return self._starts[node.line - 1] + node.column - 1


def _list_start(text: str, key: int) -> int:
    """Return where the list begins that stands at a key."""
    end: int = _DECODER.raw_decode(text, key)[1]
    found = _COLON.match(text, end)
    assert found, "a key of JSON has a colon"
    return found.end()


def _blank(text: str, at: int) -> str:
    found = _BLANK.match(text, at)
    return found[0] if found else ""


def _text(value: Any, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only)
