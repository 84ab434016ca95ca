"""The requirement register: loaded from data all-or-nothing, looked up by id. Judges nothing."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.core import resources
from conformance.core.errors import ConformanceError, SetupError
from conformance.core.verdicts import Level

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
    "SAFETY": "what any payment interface owes its users",
}
LEVEL_WORDS: Final = {
    Level.MUST: "binding: a failure makes the deployment non-conformant",
    Level.SHOULD: "advised: a failure is reported and does not decide the verdict",
    Level.NOTE: "information only",
}
_ID: Final = re.compile(r"[A-Z]{3}-\d{2}")
_TEXTS: Final = ("area", "level", "source", "statement", "why", "observed", "since")
_LISTS: Final = ("usual_causes", "needs")
_OPTIONAL: Final = ("not_checked",)


class RegisterProblem(ConformanceError):
    """The register has a mistake; the message names the file, the id and the field."""


class UnknownRequirement(SetupError):
    """No requirement has that id; the message offers the nearest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One normative statement; `not_checked` gives the reason why no client can verify it."""

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


class Register:
    """The requirements in the order of the register."""

    def __init__(self, requirements: Mapping[str, Requirement]) -> None:
        self._requirements = dict(requirements)

    @classmethod
    def load(cls, path: Path | None = None) -> "Register":
        """Read the shipped register, or the one at `path`; RegisterProblem on any mistake."""
        path = path or resources.file("contracts", "requirements.yaml")
        document = _read(path)
        if not isinstance(document, dict) or not document:
            raise RegisterProblem(f"{path}: holds no requirements; write one block per id")
        return cls({str(id_): _requirement(path, str(id_), row) for id_, row in document.items()})

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
    """Return the requirement and its checks in plain words, for a reader who has no code."""
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
        *_entry("Since", requirement.since),
    ]
    if requirement.not_checked:
        lines += _entry("Not checked", requirement.not_checked)
    if checks:
        lines += ["", "What the checks do", *_listed(_by_situation(checks))]
    lines += ["", "What usually causes a failure", *_listed(requirement.usual_causes)]
    lines += ["", f"To look at it alone: bbps-conformance certify --only {requirement.id}"]
    return "\n".join(lines)


def _listed(texts: Iterable[str]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, 96, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
    ]


def _by_situation(checks: Iterable[str]) -> list[str]:
    """Return each situation once, with the cases in which it is tried."""
    cases: dict[str, list[str]] = {}
    for check in checks:
        situation, _, case = check.partition(" [")
        cases.setdefault(situation, []).extend([case.removesuffix("]")] if case else [])
    return [
        f"{situation} With: {', '.join(found)}." if found else situation
        for situation, found in cases.items()
    ]


def _read(path: Path) -> Any:
    import yaml  # only the loader needs it

    class Unique(yaml.CSafeLoader):
        """Refuses a key that occurs twice, which YAML would silently drop."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            for key in keys:
                if keys.count(key) > 1:
                    raise RegisterProblem(f"{path}: {key}: written twice; keep one")
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(path.read_text("utf-8"), Loader=Unique)  # noqa: S506  a safe loader
    except OSError as problem:
        raise RegisterProblem(f"{path}: cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise RegisterProblem(f"{path}: is not YAML: {problem}") from None


def _requirement(path: Path, id_: str, row: Any) -> Requirement:
    def problem(field: str, what: str) -> RegisterProblem:
        return RegisterProblem(f"{path}: {id_}: {field}: {what}")

    if not isinstance(row, dict):
        raise RegisterProblem(f"{path}: {id_}: holds {row!r}; write the fields of a requirement")
    for name in row:
        if name not in _FIELDS:
            raise problem(str(name), f"unknown field{_nearest(str(name), _FIELDS)}")
    for name in _TEXTS:
        if name not in row:
            raise problem(name, "is missing")
    for name in (*_TEXTS, *_OPTIONAL):
        if not isinstance(row.get(name, "-"), str) or not row.get(name, "-").strip():
            raise problem(name, f"must be a text, not {row[name]!r}")
    for name in _LISTS:
        value = row.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise problem(name, f"must be a list of texts, not {value!r}")
    if not _ID.fullmatch(id_):
        raise problem("id", "is not of the form ABC-01")
    if row["area"] not in AREAS:
        raise problem("area", f"{row['area']!r} is none of {', '.join(AREAS)}")
    if row["level"] not in list(Level):
        raise problem("level", f"{row['level']!r} is none of {', '.join(Level)}")
    if row["source"] not in SOURCES:
        raise problem("source", f"{row['source']!r} is none of {', '.join(SOURCES)}")
    values = {name: " ".join(str(row[name]).split()) for name in _TEXTS if name != "level"}
    return Requirement(
        id=id_,
        level=Level(row["level"]),
        usual_causes=tuple(row.get("usual_causes", ())),
        needs=tuple(row.get("needs", ())),
        not_checked=row.get("not_checked", ""),
        **values,
    )


_FIELDS: Final = tuple(each.name for each in fields(Requirement) if each.name != "id")


def _unknown(id_: str, known: tuple[str, ...]) -> str:
    return f'unknown requirement "{id_}"{_nearest(id_.upper(), known)}; `list` shows them all'


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="  ")


def _entry(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=f"  {name + ':':<13}", subsequent_indent=" " * 15)
