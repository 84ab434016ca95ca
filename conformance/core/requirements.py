"""The requirement register: loaded from data all-or-nothing, looked up by id. Judges nothing."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.core.verdicts import Level
from conformance.core.wording import did_you_mean

if TYPE_CHECKING:
    import pytest

AREAS: Final = (
    "Identity and access", "Master data", "Bill", "Transaction", "Receipt", "Payment", "Contract",
)  # fmt: skip
SOURCES: Final = ("BBPS", "API", "PLATFORM", "SAFETY")
SOURCE_WORDS: Final = {
    "BBPS": "the BBPS integration document",
    "API": "the published collection-services contract V-2-0",
    "PLATFORM": "how DIGIT works",
    "SAFETY": "what users may expect of any payment interface",
}
LEVEL_WORDS: Final = {
    Level.MUST: "binding: a failure makes the deployment non-conformant",
    Level.SHOULD: "advised: a failure is reported and does not decide the verdict",
    Level.NOTE: "information only",
}
NEVER: Final = "never"
WITH_A_REASON: Final = "with a reason"
BY_THE_MASTERS: Final = "with a reason that the masters prove"
NO_OTHER_TENANT: Final = "with a reason, if the profile names no other_tenant"
_ID: Final = re.compile(r"[A-Z]{3}-\d{2}")
_TEXTS: Final = ("area", "level", "source", "statement", "why", "observed", "since")
_LISTS: Final = ("usual_causes", "needs")
_FIELDS: Final = dict.fromkeys((*_TEXTS, *_LISTS, "not_checked", "not_applicable"))
_ALLOWED: Final = {
    "area": AREAS,
    "level": tuple(Level),
    "source": SOURCES,
    "not_applicable": (NEVER, WITH_A_REASON, BY_THE_MASTERS, NO_OTHER_TENANT),
}


class UnknownRequirement(SetupError):
    """No requirement has that id; the message offers the nearest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One normative statement; `not_checked` gives the reason why no client can verify it.

    `not_applicable` says whether a profile may declare that it does not apply, and when.
    """

    id: str
    area: str
    level: Level
    source: str
    statement: str
    why: str
    observed: str
    usual_causes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    since: str = "1.0"
    not_checked: str = ""
    not_applicable: str = NEVER


class Register:
    """The requirements in the order of the register."""

    def __init__(self, requirements: Mapping[str, Requirement]) -> None:
        self._requirements = dict(requirements)

    @classmethod
    def load(cls, path: Path | None = None) -> "Register":
        """Read the shipped register, or the one at `path`; FileError with every mistake."""
        return cls._read(path) if path else cls._shipped()

    @classmethod
    @cache
    def _shipped(cls) -> "Register":
        return cls._read(resources.file("contracts", "requirements.yaml"))

    @classmethod
    def _read(cls, path: Path) -> "Register":
        # Here, so that requirements can be named without a parser of YAML.
        from conformance.core.foreign_files import FileError, read

        file = read(path)
        document = file.mapping("write one block per requirement")
        if not document:
            raise file.error((), "contains no requirement", "write one block per requirement")
        mistakes = [
            file.mistake((id_, *place), message, remedy)
            for id_, row in document.items()
            for place, message, remedy in _mistakes(id_, row)
        ]
        if mistakes:
            raise FileError(file.path, *mistakes)
        return cls({id_: _requirement(id_, row) for id_, row in document.items()})

    def of(self, id_: str) -> Requirement:
        """Return the requirement with that id; UnknownRequirement with the nearest ids."""
        try:
            return self._requirements[id_]
        except KeyError:
            raise UnknownRequirement(_unknown(id_, tuple(self._requirements))) from None

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that have requirements, in the order of AREAS."""
        used = {each.area for each in self}
        return tuple(area for area in AREAS if area in used)

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._requirements.values())

    def __len__(self) -> int:
        return len(self._requirements)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._requirements


def verifies(*ids: str) -> "pytest.MarkDecorator":
    """Mark a check with the ids of the requirements it verifies; at least one is demanded."""
    import pytest  # here, so that the register can be read without starting pytest

    if not ids:
        raise TypeError("verifies() names no requirement; write @verifies('TXN-08')")
    return pytest.mark.verifies(*ids)


def explain(requirement: Requirement, checks: Sequence[str] = ()) -> str:
    """Return the requirement and its checks as a text, for a reader without the code."""
    lines = [
        f"{requirement.id}  {requirement.level}  {requirement.area}",
        "",
        *_paragraph(requirement.statement),
        "",
        *_entry("Why", requirement.why),
        *_entry("Observed", requirement.observed),
        *_entry("Level", LEVEL_WORDS[requirement.level]),
        *_entry("Source", SOURCE_WORDS[requirement.source]),
        *_entry("Needs", ", ".join(requirement.needs) or "nothing beyond the integrator"),
        *_entry("Applies", _applying(requirement)),
        *_entry("Since", requirement.since),
    ]
    if requirement.not_checked:
        lines += _entry("Not checked", requirement.not_checked)
    if checks:
        lines += ["", "What the checks do", *_listed(checks)]
    lines += ["", "What usually causes a failure", *_listed(requirement.usual_causes)]
    lines += ["", f"To check it alone: bbps-conformance certify --only {requirement.id}"]
    return "\n".join(lines)


def _applying(requirement: Requirement) -> str:
    """Say whether a profile may declare that a requirement does not apply."""
    if requirement.not_applicable == NEVER:
        return "always; no profile can declare it not applicable"
    return f"unless the profile declares it not applicable {requirement.not_applicable}"


def _listed(texts: Iterable[str]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, 96, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
    ]


# Checked by hand: every command reads the register, and pydantic would double its start-up time.
def _mistakes(id_: str, row: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield place, message and remedy of each mistake in the block of a requirement."""
    if not _ID.fullmatch(id_):
        yield (), "the id is not of the form ABC-01", "correct it"
    if not isinstance(row, dict):
        yield (), f"{row!r} is not a mapping", "write the fields of a requirement"
        return
    for name in row.keys() - _FIELDS.keys():
        yield (name,), "is not a known field", did_you_mean(name, _FIELDS, most=3) or "remove it"
    for name in _TEXTS:
        if name not in row:
            yield (name,), "is missing", "add it"
    for name, value in row.items():
        for message, remedy in _mistakes_of_field(name, value):
            yield (name,), message, remedy


def _mistakes_of_field(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name in _LISTS:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            yield f"{value!r} is not a list of texts", "write one text per line, each after a dash"
    elif name in _FIELDS and not (isinstance(value, str) and value.strip()):
        yield f"{value!r} is not a text", "put it in quotes"
    elif value not in (allowed := _ALLOWED.get(name, [value])):
        yield f"{value!r} is none of {', '.join(allowed)}", "write one of them"


def _requirement(id_: str, row: Mapping[str, Any]) -> Requirement:
    values = {name: " ".join(row[name].split()) for name in _TEXTS if name != "level"}
    return Requirement(
        id=id_,
        level=Level(row["level"]),
        usual_causes=tuple(row.get("usual_causes", ())),
        needs=tuple(row.get("needs", ())),
        not_checked=row.get("not_checked", ""),
        not_applicable=row.get("not_applicable", NEVER),
        **values,
    )


def _unknown(id_: str, known: tuple[str, ...]) -> str:
    near = did_you_mean(id_.upper(), known, most=3)
    return f'unknown requirement "{id_}"; {near + "; " if near else ""}`list` shows all of them'


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="  ")


def _entry(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=f"  {name + ':':<13}", subsequent_indent=" " * 15)
