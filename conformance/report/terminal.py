"""What the command prints: the progress of a run, then the verdict and how to act on it."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Finding, RunVerdict, Verdict
from conformance.core.wording import plural
from conformance.report.console import STYLES, entry, grid, standard_console, verdict_text
from conformance.report.evidence import to_repeat
from conformance.report.meaning import meaning
from conformance.report.plain import fitted, printable
from conformance.results.estimate import Estimate, about
from conformance.results.exchange_store import Evidence
from conformance.results.gating import gate_lines
from conformance.results.model import CheckRow, RequirementRow, Results
from conformance.results.remaining import Remaining

RUN_STYLES: Final = {
    RunVerdict.CONFORMANT: "bold green",
    RunVerdict.WITH_WAIVERS: "bold cyan",
    RunVerdict.NON_CONFORMANT: "bold red",
    RunVerdict.PARTIAL: "bold yellow",
    RunVerdict.INCONCLUSIVE: "bold yellow",
    RunVerdict.ERROR: "bold magenta",
}
LAST_EXCHANGES: Final = 8
SHOWN: Final = 4  # checks of one violation that are shown; the page shows them all
WITH_EVIDENCE: Final = 1  # checks of one violation shown with exchanges; the page has them all
NARROW: Final = 80
LABEL: Final = 56  # characters of what the bar says of a check
BESIDE: Final = 48  # columns that the table of requirements needs beside what they demand
PLAIN_LINES: Final = 20  # progress lines of a run that nobody watches, besides what went wrong


class Progress:
    """Shows a run as it goes: a live bar on a terminal, plain lines anywhere else."""

    def __init__(
        self, console: Console | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Show on a console; `now` is a clock in seconds."""
        self._console = console or standard_console()
        self._now = now
        self._planned = 0
        self._done = 0
        self._remaining: Remaining | None = None
        self._bar: Bar | None = None
        self._task = TaskID(0)

    def begin(self, planned: int, estimate: Estimate | None = None) -> None:
        """Start showing a run of that many checks, and what it will request of the deployment."""
        self._planned = planned
        if estimate is not None:
            self._remaining = Remaining(estimate, self._now)
        if estimate is not None or not self._console.is_terminal:
            lines = estimate.lines() if estimate else [f"Running {plural(planned, 'check')}"]
            self._console.print("\n".join(lines), highlight=False, soft_wrap=True)
        if not self._console.is_terminal:
            return
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=planned, left="")
        self._bar.start()

    def advance(self, finding: Finding) -> None:
        """Show one more verdict."""
        self._done += 1
        seconds = self._remaining.after(finding.check) if self._remaining else None
        left = "" if seconds is None else f"{about(seconds)} left"
        ids = ", ".join(finding.requirements)
        title = printable(finding.title)
        remarkable = finding.verdict not in (Verdict.PASSED, Verdict.NOT_APPLICABLE)
        if self._bar is None:
            if remarkable or self._done % max(self._planned // PLAIN_LINES, 1) == 0:
                line = self._line(finding.verdict, f"{ids}  {title}", left)
                self._console.print(line, soft_wrap=True)
            return
        if remarkable:
            self._console.print(verdict_text(finding.verdict), Text(f"{ids}  {title}"))
        description = fitted(f"{ids}  {title}", LABEL)
        self._bar.update(self._task, advance=1, description=description, left=left)

    def conclude(self) -> None:
        """Show that the checks are over, and that the reports are being written."""
        if self._bar is None:
            self._console.print("Writing the reports", highlight=False)
            return
        self._bar.update(self._task, description="writing the reports", left="")

    def _line(self, verdict: Verdict, text: str, left: str) -> Text:
        narrow = self._console.width < NARROW
        place = f"{self._done:>3}/{self._planned}" + (f", {left}" if left and not narrow else "")
        start = f"[{place}] {verdict:<14} "
        line = Text(start + fitted(text, self._console.width - len(start)))
        line.truncate(self._console.width, overflow="ellipsis")  # of wide characters
        return line

    def end(self) -> None:
        """Stop showing progress."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def print_results(
    results: Results,
    exchanges: Evidence,
    folder: Path,
    console: Console | None = None,
) -> None:
    """Print what broke, what stayed open, every requirement by area, and last the verdict."""
    out = console or standard_console()
    for rows, checks in results.violated():
        _print_violation(out, rows, checks, exchanges)
    _print_open(out, "Errors of the suite", results.rows(Verdict.ERROR))
    _print_open(out, "Undecided", results.rows(Verdict.INCONCLUSIVE))
    _print_open(out, "Waived", results.waived)
    _print_waivers(out, results)
    _print_requirements(out, results)
    _print_ending(out, results, folder)


def print_quietly(
    results: Results, _exchanges: Evidence, folder: Path, console: Console | None = None
) -> None:
    """Print the verdict, and where the reports are."""
    _print_ending(console or standard_console(), results, folder)


def print_json(results: Results, _exchanges: Evidence, _folder: Path) -> None:
    """Print what results.json holds."""
    document = json.dumps(results.as_json(), ensure_ascii=True, indent=1)
    sys.stdout.write(f"{document}\n")


def _print_requirements(out: Console, results: Results) -> None:
    areas = dict.fromkeys(row.area for row in results.requirements)
    for area in areas:
        rows = [row for row in results.requirements if row.area == area]
        out.print(Text(f"\n{area}", style="bold"))
        table = grid(5)
        for row in (each for each in rows if each.verdict is not None):
            level, checks = Text(row.level, "dim"), Text(plural(len(row.checks), "check"), "dim")
            rule = Text(" ".join(row.statement.split()) if out.width >= NARROW else "", "dim")
            rule.truncate(max(out.width - BESIDE, 0), overflow="ellipsis")
            table.add_row(f"  {row.id}", verdict_text(row.verdict), level, checks, rule)
        if table.row_count:
            out.print(table)
        uncovered = [row.id for row in rows if row.verdict is None]
        if uncovered:
            out.print(Padding(Text(f"not covered: {', '.join(uncovered)}", "dim"), (0, 0, 0, 2)))


def _print_violation(
    out: Console,
    rows: Sequence[RequirementRow],
    checks: Sequence[CheckRow],
    exchanges: Evidence,
) -> None:
    """Print the rule once, then the first checks that saw it broken, one with evidence."""
    count = f"  ({len(checks)} checks)" if len(checks) > 1 else ""
    out.print(Text(f"\nFAILED  {', '.join(row.id for row in rows)}{count}", style="bold red"))
    for row in rows:
        entry(out, row.id, row.statement)
    for number, cause in enumerate(cause for row in rows for cause in row.usual_causes):
        entry(out, "" if number else "usual cause", cause)
    for number, check in enumerate(checks[:SHOWN]):
        out.print()
        entry(out, "check", check.title)
        entry(out, "required", check.required)
        entry(out, "observed", check.observed)
        if number < WITH_EVIDENCE:
            _print_evidence(out, check, exchanges)
    if len(checks) > SHOWN:
        out.print()
        entry(out, "more", f"{plural(len(checks) - SHOWN, 'check')} found the same failure")


def _print_evidence(out: Console, check: CheckRow, exchanges: Evidence) -> None:
    found = (exchanges.get(id_) for id_ in check.exchanges[-LAST_EXCHANGES:])
    shown = [each for each in found if each is not None]
    if not shown:
        return
    entry(out, "exchanges", f"the last {len(shown)} of {len(check.exchanges)}")
    for each in shown:
        out.print(Text(f"    {_summary(each)}"), soft_wrap=True)
    repeated = to_repeat(check, exchanges)
    assert repeated is not None, "some were shown"
    entry(out, "repeat", f"{repeated.id} ({repeated.operation}); fill in the secrets first:")
    out.print(Text(printable(_indented(curl(repeated)))), soft_wrap=True)


def _print_open(out: Console, heading: str, checks: Sequence[CheckRow]) -> None:
    """Print checks under their reasons, each reason once, with the first checks that have it."""
    if not checks:
        return
    out.print(Text(f"\n{heading}", style="bold"))
    by_reason: dict[str, list[CheckRow]] = {}
    for check in checks:
        waived = f"waived by {check.waiver}: " if check.waiver else ""
        by_reason.setdefault(waived + (check.reason or check.observed), []).append(check)
    for reason, alike in by_reason.items():
        for check in alike[:SHOWN]:
            word = Text(check.verdict, style=STYLES[check.verdict])
            entry(out, word, f"{', '.join(check.requirements)}  {check.title}")
        if rest := alike[SHOWN:]:
            ids = dict.fromkeys(id_ for check in rest for id_ in check.requirements)
            entry(out, "more", f"{plural(len(rest), 'check')}, of {', '.join(ids)}")
        entry(out, "reason", reason)


def _print_waivers(out: Console, results: Results) -> None:
    """Print each waiver with its state, so that a stale one is not overlooked."""
    if not results.waivers:
        return
    out.print(Text("\nWaivers", style="bold"))
    for row in results.waivers:
        style = "bold yellow" if row.stale else "cyan"
        about = f"{row.id}  {row.requirement}, until {row.expiry}, {row.owner}: {row.reason}"
        entry(out, Text(row.state, style=style), about)


def _print_ending(out: Console, results: Results, folder: Path) -> None:
    counts = results.summary
    counted = [(counts[verdict.replace("-", "_")], verdict.value) for verdict in Verdict]
    reached = ", ".join(f"{count} {word}" for count, word in reversed(counted) if count)
    out.print()
    out.print(Text(results.verdict_line, style=RUN_STYLES[results.verdict]))
    out.print(Text(meaning(results)))
    sign = "=" if results.planned == results.executed else "≠"
    line = f"checks: planned {results.planned} {sign} executed {results.executed}"
    out.print(Text(f"{line} ({reached or 'none'})"), soft_wrap=True)
    for problem in results.problems:
        entry(out, "problem", problem)
    for note in results.notes:
        entry(out, "note", note)
    for line in gate_lines(results):
        entry(out, "gate", line)
    certificate = folder / "certificate.html"
    if results.certifiable and certificate.is_file():
        _place(out, "rehearsal" if results.header.rehearsal else "certificate", certificate)
    _place(out, "results", folder / "results.json")
    _place(out, "everything", folder)


def _summary(exchange: Exchange) -> str:
    answer = exchange.status if exchange.status is not None else f"no answer: {exchange.failure}"
    return printable(
        f"{exchange.id}  {exchange.operation} as {exchange.actor}: "
        f"{exchange.method} {exchange.url} -> {answer}"
    )


def _place(out: Console, name: str, path: Path) -> None:
    """Print a path unbroken, so that it can be copied."""
    out.print(Text(f"{name:<12} {path}"), soft_wrap=True)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
