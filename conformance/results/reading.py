"""Reads a run back: from results.json when it was closed, else from what its journal kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.core.exchange import Exchange
from conformance.core.json_text import loaded
from conformance.core.requirements import Requirement
from conformance.core.verdicts import Finding, Level, Verdict
from conformance.results.exchange_store import FILE as EXCHANGES
from conformance.results.exchange_store import ExchangeStore
from conformance.results.gate import Gate
from conformance.results.model import FORMAT, SCHEMA, Header, Results
from conformance.results.packed_lines import DamagedLines
from conformance.results.rollup import PlannedCheck, conclude
from conformance.results.waivers import WaiverRow

JOURNAL: Final = "journal.jsonl"
RESULTS: Final = "results.json"
CUT: Final = "the last line of the journal was cut off, and what it recorded is lost"
LONGEST: Final = 200  # characters shown of what is wrong
# What rebuilding a value from a foreign document may raise.
MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError)


class JournalProblem(SetupError):
    """A folder holds no readable run; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The lines of a journal; `damage` says in a sentence what of it is lost."""

    path: Path
    lines: tuple[Mapping[str, Any], ...]
    damage: tuple[str, ...]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the content of every line of one kind."""
        return [_content(line) for line in self.lines if line["kind"] == kind]

    @property
    def invalid(self) -> tuple[str, ...]:
        """Why nobody may have the run, if so."""
        older = self.of("spoilt")  # the older name
        return tuple(content["reason"] for content in (*self.of("invalid"), *older))

    def findings(self) -> list[Finding]:
        """Return the findings that stand; a later part of a run withdraws what it decides again."""
        standing: list[Finding] = []
        for line in self.lines:
            if line["kind"] == "finding":
                standing.append(_finding(_content(line)))
            elif line["kind"] == "continued":
                standing = [each for each in standing if each.check not in line["withdrawn"]]
        return standing

    def cases(self) -> dict[str, dict[str, Any]]:
        """Return what checks prepared for another day and can still be decided, by check."""
        cases: dict[str, dict[str, Any]] = {}
        for line in self.lines:
            if line["kind"] == "case":
                cases[line["check"]] = _content(line)
            elif line["kind"] == "lapsed":
                cases.pop(line["check"], None)
        return cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the journal of a run kept: enough to continue it.

    `cases` are what checks prepared for another day, by check; `memory` is what the run had learnt
    besides.
    """

    folder: Path
    header: Header
    split: bool
    register: tuple[Requirement, ...]
    planned: tuple[PlannedCheck, ...]
    findings: tuple[Finding, ...]
    exchanges: ExchangeStore
    cases: Mapping[str, Mapping[str, Any]]
    memory: tuple[Mapping[str, Any], ...]
    started: str
    complete: bool
    invalid: tuple[str, ...]

    @property
    def undecided(self) -> frozenset[str]:
        """The planned checks that have no finding."""
        return frozenset(each.check for each in self.planned) - self._decided

    @property
    def waiting(self) -> frozenset[str]:
        """The checks that have a case and no verdict on it, however often it was taken up."""
        left = {each.check for each in self.findings if each.verdict is Verdict.INCONCLUSIVE}
        return frozenset(self.cases) & left

    @property
    def _decided(self) -> frozenset[str]:
        return frozenset(each.check for each in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a journal comes to, and how many exchanges its footer counts, if it has one."""

    results: Results
    exchanges: int | None


def read(folder: Path) -> Results:
    """Return the results of the run in `folder`; JournalProblem if none can be read.

    A closed run is what results.json says. A run that was killed is concluded from its journal,
    which is never behind; it stays incomplete and gets no certificate.
    """
    path = folder / RESULTS
    results = read_results(path) if path.is_file() else None
    if results is not None and (results.complete or not (folder / JOURNAL).is_file()):
        return results
    record = _record(folder / JOURNAL)
    try:
        return _concluded(record)
    except MALFORMED as problem:
        raise JournalProblem(f"{record.path}: {_unfit(problem)}") from None


def recorded(folder: Path) -> Recorded:
    """Return what the journal in `folder` says of the run, whatever results.json says.

    JournalProblem if it cannot be read.
    """
    record = _record(folder / JOURNAL)
    footer = record.of("footer")[-1] if record.lines[-1]["kind"] == "footer" else {}
    try:
        return Recorded(results=_concluded(record), exchanges=footer.get("exchanges"))
    except MALFORMED as problem:
        raise JournalProblem(f"{record.path}: {_unfit(problem)}") from None


def results_at(path: Path) -> Results:
    """Return the results in a results.json or in the folder of a run; JournalProblem."""
    return read_results(path) if path.is_file() else read(path)


def exchanges_of(folder: Path) -> ExchangeStore:
    """Return the exchanges of the run in `folder`; JournalProblem if they cannot be read."""
    return _exchanges(folder, _record(folder / JOURNAL))


def keep(folder: Path) -> Kept:
    """Return what the journal in `folder` kept; JournalProblem if it cannot be read."""
    record = _record(folder / JOURNAL)
    try:
        first = record.of("header")[0]
        return Kept(
            folder=folder,
            header=Header.from_json(first["header"]),
            split=first.get("split", False),
            register=tuple(_requirement(row) for row in first["register"]),
            planned=tuple(_planned(row) for row in first["planned"]),
            findings=tuple(record.findings()),
            exchanges=_exchanges(folder, record),
            cases=record.cases(),
            memory=tuple(record.of("memory")),
            started=first["started"],
            complete=record.lines[-1]["kind"] == "footer",
            invalid=record.invalid,
        )
    except MALFORMED as problem:
        raise JournalProblem(f"{record.path}: {_unfit(problem)}") from None


def _exchanges(folder: Path, record: Record) -> ExchangeStore:
    """Return the exchanges of a run; the journals of older suites held them themselves."""
    path = folder / EXCHANGES
    try:
        if path.is_file():
            return ExchangeStore(folder)
        if record.of("header")[0].get("exchanges"):
            raise JournalProblem(f"{path}: is missing, and the run cannot be read without it")
        store = ExchangeStore()
        for content in record.of("exchange"):
            store.add(Exchange.from_json(content))
    except DamagedLines as problem:
        raise JournalProblem(str(problem)) from None
    except OSError as problem:
        raise JournalProblem(f"{path}: cannot be read: {problem.strerror}") from None
    except MALFORMED as problem:
        raise JournalProblem(f"{path}: {_unfit(problem)}") from None
    return store


def read_results(path: Path) -> Results:
    """Return what a results.json says; JournalProblem if it cannot be read."""
    remedy = f"give the folder of a run, or its {RESULTS}"
    try:
        document = loaded(path.read_text("utf-8"))
        if not isinstance(document, dict) or "format" not in document:
            raise ValueError("it holds no results")
    except OSError as problem:
        raise JournalProblem(f"{path}: cannot be read: {problem.strerror}") from None
    except ValueError as problem:
        raise JournalProblem(f"{path}: {_unfit(problem)}", remedy=remedy) from None
    try:
        return results_from(document)
    except MALFORMED as problem:
        raise JournalProblem(f"{path}: {_unfit(problem)}") from None


def results_from(document: Any) -> Results:
    """Return the results that a results.json holds; one of MALFORMED if it holds none."""
    if document["format"] != FORMAT:
        raise ValueError(
            f"it is written in format {document['format']!r}, and this suite reads {FORMAT!r}; "
            "read it with the suite that wrote it"
        )
    for problem in schema().iter_errors(document):
        place = ".".join(map(str, problem.instance_path)) or "the document"
        raise ValueError(f"{place}: {problem.message[:LONGEST]}")
    known = {row["id"] for row in document["requirements"]}
    for check in document["checks"]:
        if strange := set(check["requirements"]) - known:
            raise ValueError(
                f"{check['id']} verifies {min(strange)}, which is no requirement of it"
            )
    return Results.from_json(document)


@cache
def schema() -> jsonschema_rs.Draft202012Validator:
    """Return what validates a results.json."""
    text = resources.file("templates", SCHEMA).read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


def _record(path: Path) -> Record:
    """Return the lines of a journal; a last line that a kill cut short was never decided."""
    try:
        texts = path.read_text("utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        raise JournalProblem(
            f"{path.parent} holds no run: it has no {path.name}", remedy="give the folder of a run"
        ) from None
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
            raise JournalProblem(
                f"{path}: line {number} is not an entry of a journal; the file was changed"
            )
    if not lines or lines[0]["kind"] != "header":
        raise JournalProblem(f"{path}: has no header; this is not the journal of a run")
    return Record(path=path, lines=tuple(lines), damage=tuple(damage))


def _concluded(record: Record) -> Results:
    first = record.of("header")[0]
    findings = record.findings()
    footer = record.of("footer")[-1] if record.lines[-1]["kind"] == "footer" else {}
    counted = footer.get("findings", len(findings))
    if counted != len(findings):
        raise JournalProblem(
            f"{record.path}: its footer counts {counted} findings, but it contains "
            f"{len(findings)}; the file was changed"
        )
    results = conclude(
        Header.from_json(first["header"]),
        [_requirement(row) for row in first["register"]],
        [_planned(row) for row in first["planned"]],
        findings,
        started=first["started"],
        finished=footer.get("finished", ""),
        complete=bool(footer),
        errata=footer.get("errata", ()),
        waivers=[WaiverRow.from_json(each).waiver for each in footer.get("waivers", ())],
        notes=footer.get("notes", ()),
        settle=footer.get("settle", {}),
        damage=(*record.damage, *record.invalid),
    )
    return replace(results, gate=Gate.from_json(footer["gate"])) if footer else results


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        line = loaded(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "kind" in line else None


def _content(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "kind"}


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
    return f"is not a run that this suite can read: {what}"
