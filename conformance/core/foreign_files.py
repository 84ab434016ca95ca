"""The one reader of files that others wrote: YAML and JSON, with the line of every value.

A mistake is reported with file, line, value and remedy, and all mistakes of a file together.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from conformance.core.charsets import encoding_of
from conformance.core.errors import SetupError
from conformance.core.parsing import (
    Mistake,
    Node,
    Number,
    Unreadable,
    json_positions,
    parse_json,
    parse_yaml,
)

MOST_BYTES: Final = 64 * 1024 * 1024
Place = Sequence[str | int]  # keys and indexes that lead to a value


class FileError(SetupError):
    """A file cannot be used; the text names the file and, for each mistake, line and remedy."""

    def __init__(self, path: Path, *mistakes: Mistake) -> None:
        """Report one mistake on one line, or several as a list, in the order of their lines."""
        self.path = path
        self.mistakes = tuple(sorted(mistakes, key=lambda each: (each.line, each.column)))
        if len(mistakes) == 1:
            (only,) = mistakes
            place = _where(only)
            text = f"{path}, {place}{only.message}" if place else f"{path}: {only.message}"
            super().__init__(text, remedy=only.remedy)
        else:
            listing = "".join(f"\n  - {_where(each)}{each}" for each in self.mistakes)
            super().__init__(f"{path}: {len(mistakes)} mistakes:{listing}")


@dataclass(frozen=True)
class ForeignFile:
    """What a file holds: mappings with text keys, lists, texts, numbers, true, false, None."""

    path: Path
    value: Any
    positions: Callable[[], Node]

    @cached_property
    def _root(self) -> Node:
        return self.positions()

    def mapping(self, remedy: str) -> dict[str, Any]:
        """Return the document if it is a mapping, else FileError with a remedy."""
        if isinstance(self.value, dict):
            return self.value
        kind = {type(None): "nothing", list: "a list", str: "a text"}.get(
            type(self.value), "a value"
        )
        raise self.error((), f"holds {kind} where a mapping is expected", remedy)

    def line(self, place: Place) -> int:
        """Return the line (from 1) of a value, or of its nearest ancestor that exists."""
        node = self._root
        for part in place:
            if part not in node.parts:
                break
            node = node.parts[part]
        return node.line

    def mistake(self, place: Place, message: str, remedy: str = "") -> Mistake:
        """Return a mistake in a value; the message starts with the keys that lead to it."""
        return Mistake(f"{dotted(place)}{message}", remedy, self.line(place))

    def error(self, place: Place, message: str, remedy: str = "") -> FileError:
        """Return the error for a single mistake in a value."""
        return FileError(self.path, self.mistake(place, message, remedy))


def dotted(place: Place) -> str:
    """Return the keys and indexes that lead to a value as the start of a message."""
    return ".".join(str(part) for part in place) + ": " if place else ""


def read(path: Path, *, number: Number = Decimal, json: bool | None = None) -> ForeignFile:
    """Read a file, as JSON where its name ends so or `json` says so, else as YAML; or FileError.

    A file of another name may be JSON, too. `number` makes the values of fractions: amounts stay
    exact unless the caller wants floats.
    """
    text = read_text(path)
    try:
        if path.suffix.lower() == ".json" if json is None else json:
            return _json(path, text, number)
        if text.lstrip().startswith("{"):
            with suppress(Unreadable):  # YAML writes mappings so, too
                return _json(path, text, number)
        node = parse_yaml(text, number)
    except Unreadable as unreadable:
        raise FileError(path, *unreadable.mistakes) from None
    return ForeignFile(path, node.value, lambda: node)


def _json(path: Path, text: str, number: Number) -> ForeignFile:
    return ForeignFile(path, parse_json(text, number), partial(json_positions, text))


def read_text(path: Path) -> str:
    """Read a text in UTF-8, UTF-16 or UTF-32, without its byte order mark; FileError."""
    try:
        with path.open("rb") as file:  # a device never ends
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:  # a path may hold what no path can
        reason = problem.strerror if isinstance(problem, OSError) else "no such path can exist"
        message = f"cannot be read ({reason})"
        raise FileError(path, Mistake(message, "give the path of a readable file")) from None
    if len(content) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES // 1024**2} MB"
        raise FileError(path, Mistake(message, "give a smaller file"))
    encoding = encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        # The codec counts from after the mark where it left one out.
        start = problem.start + (len(BOM_UTF8) if content.startswith(BOM_UTF8) else 0)
        message = f"byte {start + 1} is not text in {encoding.upper().removesuffix('-SIG')}"
        line = content[:start].count(b"\n") + 1
        raise FileError(path, Mistake(message, "save the file as UTF-8", line)) from None


def _where(mistake: Mistake) -> str:
    column = f", column {mistake.column}" if mistake.column else ""
    return f"line {mistake.line}{column}: " if mistake.line else ""
