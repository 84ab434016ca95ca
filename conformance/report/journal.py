"""The journal of a run: one flushed line each, so that a killed run loses nothing decided.

Without its footer a journal is incomplete, and an incomplete run gets no certificate.
"""

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from conformance.evidence import Exchange
from conformance.report.conclusion import PlannedCheck, conclude
from conformance.report.results import Header, Results
from conformance.requirements import Requirement
from conformance.verdicts import Finding, Level, Verdict

__all__ = ["Journal", "JournalProblem", "PlannedCheck", "exchanges_of", "read"]

JOURNAL: Final = "journal.jsonl"
RESULTS: Final = "results.json"
REFRESH_SECONDS: Final = 1.0


class JournalProblem(Exception):
    """A folder holds no readable journal; the message names the file and the line."""


class Journal:
    """Records a run as it goes; `results.json` follows it, at most a second behind a finding."""

    def __init__(
        self,
        folder: Path,
        header: Header,
        register: Iterable[Requirement],
        planned: Sequence[PlannedCheck],
    ) -> None:
        """Begin the journal in `folder`, and let `latest` point to it."""
        self._folder = folder
        self._header = header
        self._register = tuple(register)
        self._planned = tuple(planned)
        self._findings: list[Finding] = []
        self._exchanges = 0
        self._started = _now()
        self._refreshed = float("-inf")
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / JOURNAL).write_text("", encoding="utf-8")
        self._begin()

    def exchange(self, exchange: Exchange) -> None:
        """Record an exchange, which is redacted already."""
        with self._lock:
            self._exchanges += 1
            self._line("exchange", exchange.as_json())

    def finding(self, finding: Finding) -> None:
        """Record the verdict on a check."""
        with self._lock:
            self._findings.append(finding)
            self._line("finding", asdict(finding))
            if time.monotonic() - self._refreshed >= REFRESH_SECONDS:
                self._refresh(self._conclude(complete=False))

    def close(
        self, *, errata: Iterable[Mapping[str, Any]] = (), notes: Iterable[str] = ()
    ) -> Results:
        """End the run: write the footer and the final results.json."""
        with self._lock:
            results = self._conclude(complete=True, errata=errata, notes=notes)
            self._line(
                "footer",
                {
                    "finished": results.finished,
                    "findings": len(self._findings),
                    "exchanges": self._exchanges,
                    "errata": [dict(each) for each in results.errata],
                    "notes": list(results.notes),
                },
            )
            self._refresh(results)
        return results

    def _begin(self) -> None:
        self._line(
            "header",
            {
                "started": self._started,
                "header": asdict(self._header),
                "register": [asdict(each) for each in self._register],
                "planned": [asdict(each) for each in self._planned],
            },
        )
        self._refresh(self._conclude(complete=False))
        _point_to(self._folder)

    def _line(self, kind: str, content: Mapping[str, Any]) -> None:
        # Opened for each line, so that no line waits in a buffer and an ended run holds no file.
        with (self._folder / JOURNAL).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **content}, ensure_ascii=False) + "\n")

    def _conclude(
        self,
        *,
        complete: bool,
        errata: Iterable[Mapping[str, Any]] = (),
        notes: Iterable[str] = (),
    ) -> Results:
        return conclude(
            self._header,
            self._register,
            self._planned,
            self._findings,
            started=self._started,
            finished=_now() if complete else "",
            complete=complete,
            errata=errata,
            notes=notes,
        )

    def _refresh(self, results: Results) -> None:
        replace(self._folder / RESULTS, json.dumps(results.as_json(), indent=1, ensure_ascii=False))
        self._refreshed = time.monotonic()


def read(folder: Path) -> Results:
    """Return the results of a run from its journal, also when the run was killed."""
    lines = _lines(folder / JOURNAL)
    first = next(lines, None)
    if first is None or first.get("kind") != "header":
        raise JournalProblem(f"{folder / JOURNAL}: begins with no header; this is no run's journal")
    rest = list(lines)
    footer = rest[-1] if rest and rest[-1]["kind"] == "footer" else None
    return conclude(
        Header(**first["header"]),
        [_requirement(row) for row in first["register"]],
        [_planned(row) for row in first["planned"]],
        [_finding(line) for line in rest if line["kind"] == "finding"],
        started=first["started"],
        finished=footer["finished"] if footer else "",
        complete=footer is not None,
        errata=footer["errata"] if footer else (),
        notes=footer["notes"] if footer else (),
    )


def exchanges_of(folder: Path) -> tuple[Exchange, ...]:
    """Return every exchange that the journal in `folder` records."""
    lines = (line for line in _lines(folder / JOURNAL) if line["kind"] == "exchange")
    return tuple(Exchange.from_json(_without_kind(line)) for line in lines)


def replace(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old text or the new, never a half."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the journal's lines; a last line that a kill cut short was never decided."""
    try:
        texts = path.read_text("utf-8", errors="replace").split("\n")
    except OSError as problem:
        raise JournalProblem(f"{path}: cannot be read: {problem.strerror}") from None
    for number, text in enumerate(texts, start=1):
        if not text:
            continue
        try:
            yield json.loads(text)
        except ValueError:
            if number == len(texts):
                return
            raise JournalProblem(f"{path}: line {number} is not JSON; it was changed") from None


def _requirement(row: Mapping[str, Any]) -> Requirement:
    lists = {name: tuple(row[name]) for name in ("usual_causes", "needs")}
    return Requirement(**{**row, "level": Level(row["level"]), **lists})


def _planned(row: Mapping[str, Any]) -> PlannedCheck:
    return PlannedCheck(**{**row, "requirements": tuple(row["requirements"])})


def _finding(line: Mapping[str, Any]) -> Finding:
    lists = {name: tuple(line[name]) for name in ("requirements", "exchanges")}
    return Finding(**{**_without_kind(line), "verdict": Verdict(line["verdict"]), **lists})


def _without_kind(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "kind"}


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _point_to(folder: Path) -> None:
    """Let `latest`, beside runs/, point to the run; where links are refused, do without."""
    runs = folder.parent
    home = runs.parent if runs.name == "runs" else runs
    draft = home / f".latest-{os.getpid()}"
    with suppress(OSError):
        draft.unlink(missing_ok=True)
        draft.symlink_to(folder.relative_to(home), target_is_directory=True)
        draft.replace(home / "latest")
    draft.unlink(missing_ok=True)
