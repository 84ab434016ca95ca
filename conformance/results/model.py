"""What a run concluded, as one value and as results.json. Every report is made from it alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Self

from conformance.core.verdicts import Finding, Level, RunVerdict, Verdict
from conformance.core.wording import plural
from conformance.results.gate import GATES, Gate
from conformance.results.rehearsal import Rehearsal
from conformance.results.waivers import WaiverRow

FORMAT: Final = "1.2"
SCHEMA: Final = "results.schema.json"
NOT_COVERED: Final = "not-covered"
DECIDED: Final = frozenset({Verdict.PASSED, Verdict.FAILED, Verdict.WAIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is known when a run begins; `partial` means that only some checks were requested.

    `rehearsal` is None only for a deployment that BBPS could reach.
    """

    run: str
    suite: Mapping[str, str]
    target: Mapping[str, str]
    profile: Mapping[str, Any]
    contract: Mapping[str, Any]
    mode: str
    seed: int
    partial: bool
    rehearsal: Rehearsal | None
    depth: str = "standard"  # how much was generated from the contracts

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild it from its fields in results.json, or in a journal."""
        kept = {each.name: data[each.name] for each in fields(cls)}
        return cls(**{**kept, "rehearsal": Rehearsal.from_json(kept["rehearsal"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One executed check with its verdict; `waiver` names those that accept its failure, if any."""

    id: str
    title: str
    requirements: tuple[str, ...]
    verdict: Verdict
    required: str = ""
    observed: str = ""
    reason: str = ""
    waiver: str = ""
    seconds: float = 0.0
    requests: int = 0
    exchanges: tuple[str, ...] = ()

    @property
    def counts_as(self) -> Verdict:
        """The verdict that it counts as: waived if a waiver accepts its failure."""
        return Verdict.WAIVED if self.waiver else self.verdict

    @classmethod
    def of(cls, finding: Finding, waiver: str = "") -> Self:
        """Turn a finding into a row."""
        kept = {each.name: getattr(finding, each.name) for each in fields(Finding)}
        return cls(id=kept.pop("check"), waiver=waiver, requests=len(finding.exchanges), **kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRow:
    """One requirement with its verdict; None when no check of this run was to look at it."""

    id: str
    area: str
    level: Level
    source: str
    statement: str
    why: str
    usual_causes: tuple[str, ...]
    not_checked: str
    verdict: Verdict | None
    checks: tuple[str, ...]

    @property
    def word(self) -> str:
        """The verdict as printed, `not-covered` when there is none."""
        return self.verdict or NOT_COVERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A run as it stands; `complete` is false until the run was closed."""

    header: Header
    started: str
    finished: str
    complete: bool
    verdict: RunVerdict
    planned: int
    executed: int
    requirements: tuple[RequirementRow, ...]
    checks: tuple[CheckRow, ...]
    problems: tuple[str, ...] = ()
    errata: tuple[Mapping[str, Any], ...] = ()
    waivers: tuple[WaiverRow, ...] = ()
    notes: tuple[str, ...] = field(default=())
    # An open run waits for another day: `from` and, if it must not be later, `until`, as texts.
    settle: Mapping[str, str] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)

    @property
    def binding(self) -> tuple[RequirementRow, ...]:
        """The requirements on which the verdict depends."""
        return tuple(row for row in self.requirements if row.level is Level.MUST)

    @property
    def decided(self) -> int:
        """How many of the binding requirements were judged: none that is not applicable."""
        return sum(row.verdict in DECIDED for row in self.binding)

    @property
    def certifiable(self) -> bool:
        """Whether a certificate may be made: the whole suite ran, to its end."""
        return self.complete and not self.header.partial

    @property
    def verdict_line(self) -> str:
        """The verdict with its reach, as every report shows it."""
        line = self._verdict_line
        return f"REHEARSAL: {line}" if self.header.rehearsal else line

    @property
    def _verdict_line(self) -> str:
        partial = self.verdict is RunVerdict.PARTIAL
        line = f"{'nothing binding failed' if partial else self.verdict}, {self._decided_of_all}"
        if not self.complete:
            return f"INCOMPLETE RUN, no certificate: {line}"
        if self.settle:
            line = f"OPEN RUN, to be settled {self.settle_window}: {line}"
        return f"PARTIAL RUN, no certificate: {line}" if self.header.partial else line

    @property
    def _decided_of_all(self) -> str:
        outside = sum(row.verdict is Verdict.NOT_APPLICABLE for row in self.binding)
        also = f", {outside} not applicable" if outside else ""
        if self.waived_requirements:
            also += f", {plural(len(self.waived_requirements), 'requirement')} waived"
        if self.stale_waivers:
            also += f", {plural(len(self.stale_waivers), 'stale waiver')}"
        if self.advised_against:
            also += f", {plural(len(self.advised_against), 'advisory requirement')} failed"
        return f"{self.decided} of {len(self.binding)} binding requirements decided{also}"

    @property
    def settle_window(self) -> str:
        """When an open run can be settled, as a text."""
        until = self.settle.get("until")
        return f"from {self.settle['from']} " + (f"until {until}" if until else "on")

    @property
    def summary(self) -> dict[str, int]:
        """Checks planned and executed, and how many came to which verdict."""
        counts = Counter(row.verdict for row in self.checks)
        words = {verdict.value.replace("-", "_"): counts[verdict] for verdict in Verdict}
        words |= {"failed": len(self.failed), "waived": len(self.waived)}
        return {"planned": self.planned, "executed": self.executed, **words}

    @property
    def failed(self) -> tuple[CheckRow, ...]:
        """The checks that failed, and no waiver accepts that."""
        return tuple(row for row in self.rows(Verdict.FAILED) if not row.waiver)

    @property
    def waived(self) -> tuple[CheckRow, ...]:
        """The checks that failed, and waivers accept that."""
        return tuple(row for row in self.checks if row.waiver)

    def waived_by(self, check: CheckRow) -> str:
        """Return the waivers that accept a failure, each with its last day; empty if none does."""
        named = check.waiver.split(", ")
        return ", ".join(f"{row.id} until {row.expiry}" for row in self.waivers if row.id in named)

    @property
    def waived_requirements(self) -> tuple[RequirementRow, ...]:
        """The requirements that failed, and waivers accept that."""
        return tuple(row for row in self.requirements if row.verdict is Verdict.WAIVED)

    @property
    def stale_waivers(self) -> tuple[WaiverRow, ...]:
        """The waivers that must be removed, corrected or renewed."""
        return tuple(row for row in self.waivers if row.stale)

    def rows(self, *verdicts: Verdict) -> tuple[CheckRow, ...]:
        """Return the checks that came to one of these verdicts."""
        return tuple(row for row in self.checks if row.verdict in verdicts)

    def level_of(self, check: CheckRow) -> Level:
        """Return the most binding level of what a check verifies."""
        return gravest_level(row for row in self.requirements if row.id in check.requirements)

    def gates(self, check: CheckRow) -> bool:
        """Whether a check ends the command with an error: by its verdict, level and baseline."""
        if check.verdict is Verdict.ERROR:
            return True
        if check.verdict not in (Verdict.FAILED, Verdict.INCONCLUSIVE) or check.waiver:
            return False
        rows = (row for row in self.requirements if row.id in check.requirements)
        levels = {row.level for row in rows if row.verdict is not Verdict.WAIVED}
        return bool(levels & GATES[self.gate.level]) and check.id not in self.gate.known

    @property
    def advised_against(self) -> tuple[RequirementRow, ...]:
        """The advisory requirements that failed: they do not decide the verdict."""
        failed = (row for row in self.requirements if row.verdict is Verdict.FAILED)
        return tuple(row for row in failed if row.level is Level.SHOULD)

    def violated(self) -> list[tuple[tuple[RequirementRow, ...], tuple[CheckRow, ...]]]:
        """Return the failed checks, those of the same requirements together, binding ones first.

        Within a level the groups stand in the order of the register.
        """
        groups: dict[tuple[RequirementRow, ...], list[CheckRow]] = {}
        for check in self.failed:
            rows = tuple(row for row in self.requirements if row.id in check.requirements)
            groups.setdefault(rows, []).append(check)
        places = {row.id: place for place, row in enumerate(self.requirements)}

        def rank(rows: tuple[RequirementRow, ...]) -> tuple[int, int]:
            return list(Level).index(gravest_level(rows)), places[rows[0].id]

        return [(rows, tuple(groups[rows])) for rows in sorted(groups, key=rank)]

    def failed_by_requirement(self) -> list[tuple[RequirementRow, tuple[CheckRow, ...]]]:
        """Return the failed checks under each of their requirements, binding ones first."""
        groups = {
            row: tuple(check for check in self.failed if row.id in check.requirements)
            for row in sorted(self.requirements, key=lambda row: list(Level).index(row.level))
        }
        return [(row, checks) for row, checks in groups.items() if checks]

    def as_json(self) -> dict[str, Any]:
        """Return the document that results.json holds; results.schema.json describes it."""
        return {
            "format": FORMAT,
            **asdict(self.header),
            "started": self.started,
            "finished": self.finished,
            "complete": self.complete,
            "verdict": self.verdict,
            "verdict_line": self.verdict_line,
            "summary": {
                **self.summary,
                "requirements": len(self.requirements),
                "binding": len(self.binding),
                "decided": self.decided,
            },
            "problems": list(self.problems),
            "requirements": [{**asdict(row), "verdict": row.word} for row in self.requirements],
            "checks": [asdict(row) for row in self.checks],
            "errata": [dict(each) for each in self.errata],
            "waivers": [asdict(each) for each in self.waivers],
            "notes": list(self.notes),
            "gate": asdict(self.gate),
            **({"settle": dict(self.settle)} if self.settle else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild results from `as_json`."""
        return cls(
            header=Header.from_json(data),
            started=data["started"],
            finished=data["finished"],
            complete=data["complete"],
            verdict=RunVerdict(data["verdict"]),
            planned=data["summary"]["planned"],
            executed=data["summary"]["executed"],
            requirements=tuple(_requirement_row(row) for row in data["requirements"]),
            checks=tuple(_check_row(row) for row in data["checks"]),
            problems=tuple(data["problems"]),
            errata=tuple(data["errata"]),
            waivers=tuple(WaiverRow.from_json(each) for each in data["waivers"]),
            notes=tuple(data["notes"]),
            settle=data.get("settle", {}),
            gate=Gate.from_json(data["gate"]),
        )


def gravest_level(rows: Iterable[RequirementRow]) -> Level:
    """Return the most binding level of some requirements."""
    return min((row.level for row in rows), key=list(Level).index)


def _requirement_row(row: Mapping[str, Any]) -> RequirementRow:
    word = row["verdict"]
    return RequirementRow(
        **{
            **row,
            "level": Level(row["level"]),
            "verdict": None if word == NOT_COVERED else Verdict(word),
            "usual_causes": tuple(row["usual_causes"]),
            "checks": tuple(row["checks"]),
        }
    )


def _check_row(row: Mapping[str, Any]) -> CheckRow:
    return CheckRow(
        **{
            **row,
            "verdict": Verdict(row["verdict"]),
            "requirements": tuple(row["requirements"]),
            "exchanges": tuple(row["exchanges"]),
        }
    )
