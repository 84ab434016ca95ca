"""Compares two answers: status, then codes, then shape, as the agreement of recordings is stated.

Shape is the set of paths and the JSON type at each. `null` agrees with every type: which optional
field has a value is data, not shape. Below null, an empty list and what a recording cut off,
nothing is known, so nothing is compared. Items of a list count together.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tests.agreement.recording import Answer

Level = Literal["status", "codes", "shape"]
MORE: Final = re.compile(r"^\.\.\. (\d+) more$")
TYPES: Final = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number",
    type(None): "null",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two answers differ: the first level at which they do, and what each of them said."""

    level: Level
    real: str
    reference: str

    @property
    def words(self) -> str:
        """The difference in one line."""
        if self.level == "shape":
            return f"shape: {self.reference}"
        return f"{self.real} | ref {self.reference}"


@dataclass(frozen=True, slots=True)
class Codes:
    """The error codes of an answer, sorted; `more` of them were cut off."""

    known: tuple[str, ...]
    more: int = 0

    def agree(self, other: "Codes") -> bool:
        """Whether the codes may be the same: known ones among the others, as many in all."""
        if len(self.known) + self.more != len(other.known) + other.more:
            return False
        return not set(self.known) - set(other.known) if self.more else self.known == other.known

    def __str__(self) -> str:
        listed = ",".join(self.known)
        return f"{listed},... {self.more} more" if self.more else listed


@dataclass(slots=True)
class Outline:
    """The paths of a document with the types found at each; and where nothing is known."""

    types: dict[str, set[str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)  # paths below which anything may be

    def hides(self, path: str) -> bool:
        """Whether nothing is known about a path."""
        return any(path.startswith((f"{each}.", f"{each}[]")) for each in self.unknown)


def compared(real: Answer, reference: Answer) -> Difference | None:
    """Return the first difference of two answers, None when they agree in all."""
    real_codes, own_codes = codes_of(real), codes_of(reference)
    told = f"{real.status} {real_codes}", f"{reference.status} {own_codes}"
    if real.status != reference.status:
        return Difference(level="status", real=told[0], reference=told[1])
    if not real_codes.agree(own_codes):
        return Difference(level="codes", real=told[0], reference=told[1])
    shape = "; ".join(shape_differences(real.body, reference.body))
    return Difference(level="shape", real="", reference=shape) if shape else None


def codes_of(answer: Answer) -> Codes:
    """Return what names a refusal: codes of DIGIT, error of OAuth and Spring, kind of a page."""
    body = answer.body
    if body is None:
        return Codes(("<empty>",))
    if isinstance(body, str) and salvaged(body) is None:
        return Codes(("<no JSON>",))
    if not isinstance(body, dict):
        return Codes(())
    errors = body.get("Errors")
    if isinstance(errors, list):
        cut = [MORE.match(each) for each in errors if isinstance(each, str)]
        known = sorted(str(each.get("code")) for each in errors if isinstance(each, dict))
        return Codes(tuple(known), sum(int(each.group(1)) for each in cut if each))
    if isinstance(body.get("error"), str):
        said = body.get("error_description")
        return Codes((body["error"], said) if said else (body["error"],))
    return Codes(())


def shape_differences(real: Any, reference: Any) -> Iterator[str]:
    """Yield what differs in shape, path by path."""
    left, right = Outline(), Outline()
    if isinstance(real, str):
        real = salvaged(real)
        left.unknown.add("$")  # it was cut off somewhere
    if isinstance(reference, str):
        reference = salvaged(reference)
    _outline(real, "$", left)
    _outline(reference, "$", right)
    for path in sorted(left.types.keys() | right.types.keys()):
        here, there = left.types.get(path), right.types.get(path)
        if here is None:
            if not left.hides(path):
                yield f"only ref {path}"
        elif there is None:
            if not right.hides(path):
                yield f"only real {path}"
        elif here - {"null"} and there - {"null"} and not here & there - {"null"}:
            yield f"type {path}: real {sorted(here)} ref {sorted(there)}"


def _outline(value: Any, path: str, outline: Outline) -> None:
    outline.types.setdefault(path, set()).add(TYPES[type(value)])
    if value is None or value == []:
        outline.unknown.add(path)
    elif isinstance(value, dict):
        for key, each in value.items():
            _outline(each, f"{path}.{key}", outline)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, str) and MORE.match(each):
                outline.unknown.add(path)  # further items may have further keys
            else:
                _outline(each, f"{path}[]", outline)


def salvaged(text: str) -> Any:
    """Return as much of a cut-off JSON text as is whole; None when it is no JSON."""
    if text[:1] not in "{[":
        return None
    ends = [index for index, letter in enumerate(text) if letter == ","]
    for end in reversed(ends):
        closed = _closed(text[:end])
        try:
            return json.loads(closed)
        except ValueError:
            continue
    return None


def _closed(text: str) -> str:
    """Return a text with its open lists and objects closed."""
    open_, quoted, escaped = [], False, False
    for letter in text:
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            open_.append("}" if letter == "{" else "]")
        elif letter in "}]":
            open_.pop()
    return text + "".join(reversed(open_))
