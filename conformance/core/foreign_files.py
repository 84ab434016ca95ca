"""The one reader of files that others wrote: YAML and JSON, with the line of every value.

A mistake is reported with file, line, value and remedy, and all mistakes of a file together.
"""

import errno
import hashlib
import os
import select
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from io import FileIO
from pathlib import Path
from typing import Any, Final

from conformance.core.charsets import encoding_of, mended
from conformance.core.errors import SetupError
from conformance.core.json_text import fraction
from conformance.core.nesting import DEEPEST
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
GZIP: Final = b"\x1f\x8b"
PIECE: Final = 1024 * 1024
PATIENCE: Final = 3000  # ms without a byte; a pipe to which nobody writes never ends
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
    sha256: str = ""
    mended: tuple[int, ...] = ()  # lines in which U+FFFD stands for half of a character

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


def file_in(folder: Path, name: str) -> Path | None:
    """Return a file in a folder, or below; None where there is none, or links lead elsewhere."""
    try:
        found = (folder / name).resolve()
        inside = bool(name) and found.is_relative_to(folder.resolve())
        return found if inside and found.is_file() else None
    except (OSError, ValueError, RuntimeError):  # no such path can exist; links in a circle
        return None


def read(
    path: Path,
    *,
    number: Number = fraction,
    json: bool | None = None,
    mend: bool = False,
    levels: int = DEEPEST,
) -> ForeignFile:
    """Read a file, as JSON where its name ends so or `json` says so, else as YAML; or FileError.

    A file of another name may be JSON, too. `number` makes the values of fractions: amounts stay
    exact unless the caller wants floats. With `mend`, half of a character refuses no JSON, of
    which so many `levels` may be nested.
    """
    return parsed(path, read_bytes(path), number=number, json=json, mend=mend, levels=levels)


def parsed(
    path: Path,
    content: bytes,
    *,
    number: Number = fraction,
    json: bool | None = None,
    mend: bool = False,
    levels: int = DEEPEST,
) -> ForeignFile:
    """Return what the content of a file means, as `read` does; a pipe gives its content once."""
    text, lines = mended(content) if mend else (_text(path, content), ())
    try:
        value, positions = _parsed(path, text, number, json, levels)
    except Unreadable as unreadable:
        raise FileError(path, *unreadable.mistakes) from None
    return ForeignFile(path, value, positions, hashlib.sha256(content).hexdigest(), lines)


def _parsed(
    path: Path, text: str, number: Number, json: bool | None, levels: int
) -> tuple[Any, Callable[[], Node]]:
    if path.suffix.lower() == ".json" if json is None else json:
        return parse_json(text, number, levels), partial(json_positions, text)
    if text.lstrip().startswith("{"):
        with suppress(Unreadable):  # YAML writes mappings so, too
            return parse_json(text, number, levels), partial(json_positions, text)
    node = parse_yaml(text, number)
    return node.value, lambda: node


def read_text(path: Path) -> str:
    """Read a text in UTF-8, UTF-16 or UTF-32, without its byte order mark; FileError."""
    return _text(path, read_bytes(path))


def _text(path: Path, content: bytes) -> str:
    encoding = encoding_of(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        # The codec counts from after the mark where it left one out.
        start = problem.start + (len(BOM_UTF8) if content.startswith(BOM_UTF8) else 0)
        message = f"byte {start + 1} is not text in {encoding.upper().removesuffix('-SIG')}"
        line, remedy = content[:start].count(b"\n") + 1, "save the file as UTF-8"
        if content.startswith(GZIP):
            message, line, remedy = "is compressed", 0, "unpack it"
        raise FileError(path, Mistake(message, remedy, line)) from None


def read_bytes(path: Path) -> bytes:
    """Return what a file holds; also a pipe, as long as somebody writes to it; FileError."""
    try:
        with open(path, "rb", buffering=0, opener=_without_waiting) as file:
            content = _pieces(file)
    except (OSError, ValueError) as problem:  # a path may hold what no path can
        reason = problem.strerror if isinstance(problem, OSError) else "no such path can exist"
        message = f"cannot be read ({reason})"
        raise FileError(path, Mistake(message, "give the path of a readable file")) from None
    if len(content) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES // 1024**2} MB"
        raise FileError(path, Mistake(message, "give a smaller file"))
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without waiting for somebody who writes to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _pieces(file: FileIO) -> bytes:
    """Return what a file holds, or a little more than may be; OSError."""
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    content = bytearray()
    while len(content) <= MOST_BYTES:
        if not waiting.poll(PATIENCE):
            raise OSError(errno.ETIMEDOUT, "it is no plain file, and nobody writes to it")
        piece = file.read(PIECE)
        if piece == b"":
            break
        content += piece or b""
    return bytes(content)


def _where(mistake: Mistake) -> str:
    column = f", column {mistake.column}" if mistake.column else ""
    return f"line {mistake.line}{column}: " if mistake.line else ""
