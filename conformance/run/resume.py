"""Continuing a run: one that was interrupted, or one that left cases to another day.

A later part runs under the same profile, contracts and suite as the first, or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.core.errors import SetupError
from conformance.core.ledger import read as read_ledger
from conformance.results.exchange_store import FILE as EXCHANGES
from conformance.results.journal import Kept, keep
from conformance.results.lock import RunLock
from conformance.results.manifest import FILE, altered
from conformance.results.model import Header
from conformance.results.reading import JOURNAL
from conformance.results.settings import ELSEWHERE, PACE, changed_settings, shown

# Checks that judge the run as a whole: every part of a run decides them again.
SUMMARIES: Final = ("reconciliation::", "audit::", "contract_summary::")
LEDGER: Final = "ledger.jsonl"


class ResumeError(SetupError):
    """The run cannot be continued; the message says why, and what can be done instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The earlier parts of a run, and which of its checks a further part decides.

    `settle` takes up what waits for another day, too. `lock` keeps other processes from the run.
    """

    lock: RunLock
    kept: Kept
    settle: bool

    @property
    def chosen(self) -> frozenset[str]:
        """The checks to run."""
        return self.kept.undecided | self.withdrawn

    @property
    def withdrawn(self) -> frozenset[str]:
        """Those of them that an earlier part decided."""
        summaries = {each.check for each in self.kept.findings if is_summary(each.check)}
        return frozenset(summaries) | (self.kept.waiting if self.settle else frozenset())

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        left = self.kept.undecided or (self.settle and self.kept.waiting)
        return self.kept.complete and not left

    @property
    def cases(self) -> dict[str, Mapping[str, Any]]:
        """What was prepared for another day and has no verdict yet, by check."""
        open_ = self.kept.undecided | self.kept.waiting
        return {check: case for check, case in self.kept.cases.items() if check in open_}

    def require_same(self, header: Header) -> None:
        """Raise ResumeError with all differences to the header of another part."""
        before, now = self.kept.header, header
        differences = setting_differences(before, now)
        if before.suite != now.suite:
            was, is_ = before.suite["version"], now.suite["version"]
            differences.insert(0, f"the suite: it was {was}, now it is {is_}")
        if differences:
            listing = "\n".join(f"  - {each}" for each in differences)
            raise ResumeError(
                f"the run {before.run} was made with other settings, so its parts would not fit "
                f"together:\n{listing}\nRestore them, or start a new run."
            )


def setting_differences(before: Header, now: Header) -> list[str]:
    """Return what two headers do not share of profile and contracts, one clause each."""
    differences = [
        f"{name}: it was {shown(old)}, now it is {shown(new)}"
        for name, old, new in changed_settings(before.profile, now.profile, ELSEWHERE | PACE)
    ]
    if before.contract != _plain(now.contract):
        differences.append("the contracts, or their errata: give the same files with --contract")
    return differences


def earlier_part(folder: Path, *, settle: bool) -> Earlier:
    """Read the run in `folder`, to settle or to resume it; ResumeError if it cannot be."""
    folder = folder.parent / folder.readlink() if folder.is_symlink() else folder  # latest
    try:
        lock = RunLock(folder)
        kept = keep(folder)
        records = [JOURNAL, *[EXCHANGES] * (folder / EXCHANGES).is_file()]
        changed = [each for each in records if kept.complete and altered(folder, each)]
        _mend(folder / LEDGER)
    except (SetupError, OSError, ValueError) as problem:
        raise ResumeError(str(problem)) from None
    name = kept.header.run
    if kept.invalid:
        raise ResumeError(
            f"the run {name} cannot be continued: {'; '.join(kept.invalid)}. "
            f"Delete {folder} and start a new run"
        )
    if changed:
        raise ResumeError(
            f"the run {name} cannot be continued: {changed[0]} is not as {FILE} recorded it, "
            "so it was changed after the run; start a new run"
        )
    if settle and not kept.split:
        raise ResumeError(
            f"the run {name} left nothing to another day; such a run begins with certify --open"
        )
    left = {check for check in kept.undecided - kept.cases.keys() if not is_summary(check)}
    if settle and left:
        raise ResumeError(
            f"the run {name} was interrupted before its end; first run certify --resume {name}"
        )
    return Earlier(lock=lock, kept=kept, settle=settle)


def is_summary(check: str) -> bool:
    """Whether a check judges the run as a whole."""
    return check.startswith(SUMMARIES)


def _mend(ledger: Path) -> None:
    """Take off an entry that a kill cut short before it was acted on; ValueError if others are."""
    if not ledger.is_file():
        return
    read_ledger(ledger)
    whole, end, rest = ledger.read_text(encoding="utf-8", errors="replace").rpartition("\n")
    if rest:
        ledger.write_text(whole + end, encoding="utf-8", errors="backslashreplace")


def _plain(node: Any) -> Any:
    """Return a document as JSON would give it back."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(each) for each in node] if isinstance(node, list | tuple) else node
