"""Reads a run back: from results.json when it was closed, else from what its journal kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.evidence import Exchange
from conformance.report.conclusion import PlannedCheck, conclude
from conformance.report.results import FORMAT, Header, Results
from conformance.requirements import Requirement
from conformance.verdicts import Finding, Level, Verdict

JOURNAL: Final = "journal.jsonl"
RESULTS: Final = "results.json"
CUT: Final = "the last line of the journal was cut off, and what it recorded is lost"
# What rebuilding a value from a foreign document may raise.
MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError)


class JournalProblem(Exception):
    """A folder holds no readable run; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The lines of a journal; `damage` says in a sentence what of it is lost."""

    path: Path
    lines: tuple[Mapping[str, Any], ...]
    damage: tuple[str, ...]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the content of every line of one kind."""
        found = (line for line in self.lines if line["kind"] == kind)
        return [{name: value for name, value in line.items() if name != "kind"} for line in found]


def read(folder: Path) -> Results:
    """Return the results of the run in `folder`; JournalProblem if none can be read.

    A closed run is what results.json says. A run that was killed is concluded from its journal,
    which is never behind; it stays incomplete and gets no certificate.
    """
    path = folder / RESULTS
    results = _results(path) if path.is_file() else None
    if results is not None and (results.complete or not (folder / JOURNAL).is_file()):
        return results
    record = _record(folder / JOURNAL)
    try:
        return _concluded(record)
    except MALFORMED as problem:
        raise JournalProblem(f"{record.path}: {_unfit(problem)}") from None


def exchanges_of(folder: Path) -> tuple[Exchange, ...]:
    """Return every exchange that the journal in `folder` records; JournalProblem if none can."""
    record = _record(folder / JOURNAL)
    try:
        return tuple(Exchange.from_json(content) for content in record.of("exchange"))
    except MALFORMED as problem:
        raise JournalProblem(f"{record.path}: {_unfit(problem)}") from None


def _results(path: Path) -> Results:
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise JournalProblem(
                f"{path}: is written in format {document['format']!r}, and this suite reads "
                f"{FORMAT!r}; read it with the suite that wrote it"
            )
        return Results.from_json(document)
    except OSError as problem:
        raise JournalProblem(f"{path}: cannot be read: {problem.strerror}") from None
    except MALFORMED as problem:
        raise JournalProblem(f"{path}: {_unfit(problem)}") from None


def _record(path: Path) -> Record:
    """Return the lines of a journal; a last line that a kill cut short was never decided."""
    try:
        texts = path.read_text("utf-8", errors="replace").split("\n")
    except OSError as problem:
        raise JournalProblem(f"{path}: cannot be read: {problem.strerror}") from None
    lines, damage = [], []
    for number, text in enumerate(texts, start=1):
        if not text:
            continue
        line = _parsed(text)
        if line is not None:
            lines.append(line)
        elif number == len(texts):
            damage.append(CUT)
        else:
            raise JournalProblem(f"{path}: line {number} is no entry of a journal; it was changed")
    if not lines or lines[0]["kind"] != "header":
        raise JournalProblem(f"{path}: begins with no header; this is no run's journal")
    return Record(path=path, lines=tuple(lines), damage=tuple(damage))


def _concluded(record: Record) -> Results:
    first = record.of("header")[0]
    findings = [_finding(content) for content in record.of("finding")]
    footer = record.of("footer")[-1] if record.lines[-1]["kind"] == "footer" else {}
    counted = footer.get("findings", len(findings))
    if counted != len(findings):
        raise JournalProblem(
            f"{record.path}: its footer counts {counted} findings, but {len(findings)} stand "
            "in it; it was changed"
        )
    return conclude(
        Header(**first["header"]),
        [_requirement(row) for row in first["register"]],
        [_planned(row) for row in first["planned"]],
        findings,
        started=first["started"],
        finished=footer.get("finished", ""),
        complete=bool(footer),
        errata=footer.get("errata", ()),
        waivers=footer.get("waivers", ()),
        notes=footer.get("notes", ()),
        damage=record.damage,
    )


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "kind" in line else None


def _requirement(row: Mapping[str, Any]) -> Requirement:
    lists = {name: tuple(row[name]) for name in ("usual_causes", "needs")}
    return Requirement(**{**row, "level": Level(row["level"]), **lists})


def _planned(row: Mapping[str, Any]) -> PlannedCheck:
    return PlannedCheck(**{**row, "requirements": tuple(row["requirements"])})


def _finding(content: Mapping[str, Any]) -> Finding:
    lists = {name: tuple(content[name]) for name in ("requirements", "exchanges")}
    return Finding(**{**content, "verdict": Verdict(content["verdict"]), **lists})


def _unfit(problem: Exception) -> str:
    what = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem)
    return f"is no record of a run that this suite can read: {what}"
