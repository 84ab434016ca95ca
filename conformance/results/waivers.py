"""The file of waivers: failures that the owner of a deployment accepts for now, each with its end.

A waiver never changes a finding; `rollup` decides what it does to requirements.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from conformance.core.foreign_files import FileError, read
from conformance.core.requirements import Register
from conformance.core.shapes import shaped
from conformance.core.verdicts import Finding, Verdict
from conformance.core.wording import did_you_mean

PLACEHOLDER: Final = re.compile(
    r"<[^<>]*>|\b(?:TODO|TBD|FIXME|XXX+|CHANGE[-_ ]?ME)\b", re.IGNORECASE
)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
WORDS: Final = 3  # of a reason at least
LETTERS: Final = 8  # of a condition at least: fewer would fit almost any failure


def _known(id_: str) -> str:
    register = Register.load()
    if id_ not in register:
        near = did_you_mean(id_, [each.id for each in register])
        raise ValueError(f"is not a requirement; {near or '`list` shows all of them'}")
    return id_


def _completed(text: str) -> str:
    if PLACEHOLDER.search(text):
        raise ValueError("is not completed; a person must write it")
    if not text:
        raise ValueError("is empty; a person must write it")
    return text


def _a_reason(text: str) -> str:
    if sum(any(map(str.isalpha, word)) for word in text.split()) < WORDS:
        raise ValueError(f"is no reason; write a sentence of at least {WORDS} words")
    return text


def _a_condition(text: str) -> str:
    if sum(map(str.isalnum, text)) < LETTERS:
        raise ValueError(
            "would fit almost any failure; write what `required` or `observed` of the finding says"
        )
    return text


def _an_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or " " in text or not text.isprintable():
        raise ValueError("is no address; write https://... of the ticket")
    return text


def _a_day(value: Any) -> Any:
    """Refuse all but ISO dates: pydantic would take moments and numbers, too."""
    if isinstance(value, date):
        return value
    if PLACEHOLDER.search(str(value)):
        raise ValueError("is not completed; a person must write it")
    try:
        if not DAY.fullmatch(str(value)):
            raise ValueError
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is no day; write it as 2027-03-31") from None


Written = Annotated[str, AfterValidator(_completed)]


class Waiver(BaseModel):
    """One accepted failure. `check` is a pattern in which `*` stands for anything, empty for all.

    `condition` is a part of what the finding required or observed. With `erratum`, the id of one of
    contracts/errata, only findings that name it are accepted. The waiver holds to the end of the
    day `expiry`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    requirement: Annotated[str, AfterValidator(_known)]
    check: str = ""
    erratum: str = ""
    condition: Annotated[str, AfterValidator(_a_condition)]
    reason: Annotated[Written, AfterValidator(_a_reason)]
    owner: Written
    link: Annotated[Written, AfterValidator(_an_address)]
    expiry: Annotated[date, BeforeValidator(_a_day)]

    def concerns(self, finding: Finding) -> bool:
        """Whether a finding is of a check that the waiver is about."""
        if self.requirement not in finding.requirements:
            return False
        pattern = ".*".join(re.escape(part) for part in self.check.split("*"))
        return not self.check or re.fullmatch(pattern, finding.check, re.DOTALL) is not None

    def fits(self, finding: Finding) -> bool:
        """Whether a finding is the failure that the waiver accepts."""
        if finding.verdict is not Verdict.FAILED or not self.concerns(finding):
            return False
        condition, texts = _plain(self.condition), (finding.required, finding.observed)
        if not any(condition in _plain(text) for text in texts):
            return False
        named = re.compile(rf"(?<![\w-]){re.escape(self.erratum)}(?![\w-])")
        return not self.erratum or any(map(named.search, texts))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    waivers: tuple[Waiver, ...] = Field(min_length=1)


class WaiverState(StrEnum):
    """What a run showed of a waiver."""

    IN_USE = "in use"
    EXPIRED = "expired"
    UNUSED = "unused"  # what fails is something else
    NO_LONGER_NEEDED = "no longer needed"  # its checks pass
    UNDECIDED = "undecided"  # its checks did not run, or decided nothing


STALE: Final = frozenset({WaiverState.EXPIRED, WaiverState.UNUSED, WaiverState.NO_LONGER_NEEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """A waiver with what the run showed of it; `checks` are those whose failure it accepts."""

    id: str
    requirement: str
    check: str
    condition: str
    reason: str
    owner: str
    link: str
    expiry: str
    state: WaiverState
    checks: tuple[str, ...]
    erratum: str = ""

    @property
    def stale(self) -> bool:
        """Whether it must be removed, corrected or renewed."""
        return self.state in STALE

    @property
    def standing(self) -> str:
        """Its state as printed; of one that expired, with its last day."""
        expired = self.state is WaiverState.EXPIRED
        return f"{self.state} after {self.expiry}" if expired else self.state

    @property
    def waiver(self) -> Waiver:
        """The waiver as it stood in the file."""
        return Waiver(**{name: getattr(self, name) for name in Waiver.model_fields})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild it from results.json or a journal."""
        return cls(**{**data, "state": WaiverState(data["state"]), "checks": tuple(data["checks"])})


def load(path: Path, errata: Collection[str]) -> tuple[Waiver, ...]:
    """Read a file of waivers; FileError with every mistake, its place and its remedy.

    `errata` are the ids that a waiver may name.
    """
    file = read(path)
    file.mapping("write `waivers:` and a list below it, as `waivers suggest RUN` does")
    waivers = shaped(file, _File).waivers
    unknown = [
        file.mistake(
            ("waivers", number, "erratum"),
            f"{each.erratum!r} is no erratum",
            did_you_mean(each.erratum, errata) or "`contracts show SERVICE` lists the errata",
        )
        for number, each in enumerate(waivers)
        if each.erratum and each.erratum not in errata
    ]
    if unknown:
        raise FileError(path, *unknown)
    return waivers


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
