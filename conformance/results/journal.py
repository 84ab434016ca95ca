"""The journal of a run: one flushed line each, so that a killed run loses nothing decided.

Without its footer a journal is incomplete, and an incomplete run gets no certificate. A later
part of a run writes on, up to a footer of its own.
"""

import json
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from dataclasses import replace as updated
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from conformance.core.requirements import Requirement
from conformance.core.verdicts import Finding
from conformance.results.exchange_store import FILE as EXCHANGES
from conformance.results.exchange_store import ExchangeStore
from conformance.results.gate import USUAL
from conformance.results.gating import compared
from conformance.results.manifest import ATTESTATION
from conformance.results.manifest import FILE as MANIFEST
from conformance.results.model import Header, Results
from conformance.results.previous import since_last
from conformance.results.reading import (
    JOURNAL,
    RESULTS,
    JournalProblem,
    Kept,
    exchanges_of,
    keep,
    read,
)
from conformance.results.rollup import PlannedCheck, conclude
from conformance.results.validity import text_of
from conformance.results.waivers import Waiver

__all__ = ["Journal", "JournalProblem", "Kept", "PlannedCheck", "exchanges_of", "keep", "read"]

REFRESH_SECONDS: Final = 3.0


def has_begun(folder: Path) -> bool:
    """Whether a folder holds a journal that can be continued: its header was written whole."""
    try:
        with (folder / JOURNAL).open("rb") as file:
            return file.readline().endswith(b"\n")
    except OSError:
        return False


class Journal:
    """Records a run as it goes; `results.json` follows it, at most three seconds behind."""

    def __init__(
        self,
        folder: Path,
        header: Header,
        register: Iterable[Requirement],
        planned: Sequence[PlannedCheck],
        *,
        split: bool = False,
        kept: Kept | None = None,
        withdrawn: Iterable[str] = (),
        exchanges: ExchangeStore | None = None,
    ) -> None:
        """Begin the journal in `folder`, or continue what was kept; let `latest` point to it.

        `split` says that the run may leave cases to another day. `withdrawn` are the checks whose
        earlier findings no longer count, because they are decided again. `exchanges` are those
        recorded so far, by default those kept; from now on they are written into the folder.
        """
        self._folder = folder
        self._header = header
        self._register = tuple(register)
        self._planned = tuple(planned)
        self._split = split
        self._findings: list[Finding] = []
        if exchanges is None:
            exchanges = kept.exchanges if kept is not None else ExchangeStore()
        self.exchanges = exchanges
        self._started = _now()
        self._refreshed = float("-inf")
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        if kept is None:
            self._begin()
        else:
            self._continue(kept, frozenset(withdrawn))
        _point_to(folder)

    def finding(self, finding: Finding) -> None:
        """Record the verdict on a check, whose exchanges are recorded already."""
        with self._lock:
            self._findings.append(finding)
            self._line("finding", asdict(finding))
            if time.monotonic() - self._refreshed >= REFRESH_SECONDS:
                self._refresh(self._conclude(complete=False))

    def case(self, check: str, content: Mapping[str, Any]) -> None:
        """Record what a check prepared for another day."""
        with self._lock:
            self._line("case", {"check": check, **content})

    def lapsed(self, check: str) -> None:
        """Record that what a check prepared can be decided no more."""
        with self._lock:
            self._line("lapsed", {"check": check})

    def memory(self, content: Mapping[str, Any]) -> None:
        """Record what the run has learnt, which its exchanges alone do not show."""
        with self._lock:
            self._line("memory", content)

    def close(
        self,
        *,
        errata: Iterable[Mapping[str, Any]] = (),
        waivers: Iterable[Waiver] = (),
        notes: Iterable[str] = (),
        settle: Mapping[str, str] | None = None,
        level: str = USUAL,
        baseline: Results | None = None,
    ) -> Results:
        """End the run: write the footer and the final results.json; `settle` keeps it open.

        `level` is that of the gate, `baseline` an earlier run to compare with.
        """
        with self._lock:
            self.exchanges.seal()
            results = self._conclude(
                complete=True, errata=errata, waivers=waivers, notes=notes, settle=settle
            )
            results = compared(results, level, baseline)
            said = since_last(self._folder, results)
            results = updated(results, notes=(*said, *results.notes))
            self._line(
                "footer",
                {
                    "finished": results.finished,
                    "findings": len(self._findings),
                    "exchanges": len(self.exchanges),
                    "errata": [dict(each) for each in results.errata],
                    "waivers": [asdict(each) for each in results.waivers],
                    "notes": list(results.notes),
                    "settle": dict(results.settle),
                    "gate": asdict(results.gate),
                },
            )
            self._refresh(results)
        return results

    def invalidate(self, reason: str) -> None:
        """Record why the run is invalid for good: nobody may have it or continue it."""
        with self._lock:
            self._line("invalid", {"reason": reason})
            self._refresh(self._conclude(complete=False, damage=(reason,)))

    def _begin(self) -> None:
        self.exchanges.move_to(self._folder)
        (self._folder / JOURNAL).write_text("", encoding="utf-8")
        self._line(
            "header",
            {
                "started": self._started,
                "header": asdict(self._header),
                "register": [asdict(each) for each in self._register],
                "planned": [asdict(each) for each in self._planned],
                "split": self._split,
                "exchanges": EXCHANGES,
            },
        )
        self._refresh(self._conclude(complete=False))

    def _continue(self, kept: Kept, withdrawn: frozenset[str]) -> None:
        self._started = kept.started
        self._findings = [each for each in kept.findings if each.check not in withdrawn]
        path = self._folder / JOURNAL
        for name in (MANIFEST, ATTESTATION):  # of what the run was before
            (self._folder / name).unlink(missing_ok=True)
        self.exchanges.move_to(self._folder)
        whole, end, _ = path.read_text("utf-8", errors="replace").rpartition("\n")
        replace(path, whole + end)  # a line that a kill cut short was never decided
        self._line("continued", {"at": _now(), "withdrawn": sorted(withdrawn)})
        self._refresh(self._conclude(complete=False))

    def _line(self, kind: str, content: Mapping[str, Any]) -> None:
        # Opened for each line, so that no line waits in a buffer and an ended run holds no file.
        with (self._folder / JOURNAL).open(
            "a", encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(json.dumps({"kind": kind, **content}, ensure_ascii=False) + "\n")

    def _conclude(
        self,
        *,
        complete: bool,
        errata: Iterable[Mapping[str, Any]] = (),
        waivers: Iterable[Waiver] = (),
        notes: Iterable[str] = (),
        settle: Mapping[str, str] | None = None,
        damage: Iterable[str] = (),
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
            waivers=waivers,
            notes=notes,
            settle=settle,
            damage=damage,
        )

    def _refresh(self, results: Results) -> None:
        replace(self._folder / RESULTS, text_of(results))
        self._refreshed = time.monotonic()


def replace(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old text or the new, never a half."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8", errors="backslashreplace")
    draft.replace(path)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _point_to(folder: Path) -> None:
    """Let `latest`, next to runs/, point to the run: a link, or a text file naming the folder."""
    runs = folder.parent
    home = runs.parent if runs.name == "runs" else runs
    place = folder.relative_to(home)
    draft = home / f".latest-{os.getpid()}"
    with suppress(OSError):  # a pointer that cannot be written is no reason to stop a run
        draft.unlink(missing_ok=True)
        try:
            draft.symlink_to(place, target_is_directory=True)
        except OSError:  # file systems and accounts that may not make links
            draft.write_text(f"{place.as_posix()}\n", encoding="utf-8")
        draft.replace(home / "latest")
