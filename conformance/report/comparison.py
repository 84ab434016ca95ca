"""The comparison of two runs: on the console, in Markdown for a pull request, and as JSON."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from conformance.core.wording import plural
from conformance.report.console import entry, standard_console
from conformance.report.plain import inert, printable, shortened
from conformance.results.comparing import CheckChange, ComparedRun, RunComparison, by_requirement

LIMIT: Final = 300  # characters of what was required or observed
NAMES: Final = 12  # names of checks that one list shows
STYLES: Final = {"Regressions": "bold red", "Improvements": "green", "Other changes": "yellow"}


def print_comparison(comparison: RunComparison, console: Console | None = None) -> None:
    """Print what changed: the deployment first, then verdicts, and last what it comes to."""
    out = console or standard_console()
    for name, side in (("first", comparison.before), ("second", comparison.now)):
        entry(out, Text(name, "bold"), _about(side))
    for remark in comparison.remarks:
        entry(out, Text("remark", "yellow"), remark)
    out.print(Text("\nWhat else changed", style="bold"))
    for each in comparison.differences:
        _tell(out, f"{each.subject}: {each.before} -> {each.now}")
    if not comparison.differences:
        _tell(out, "nothing that the runs record")
    for heading, changes in _kinds(comparison):
        _print_changes(out, heading, changes, comparison)
    for heading, names in _apart(comparison):
        if names:
            out.print(Text(f"\n{heading} ({len(names)})", style="bold"))
            _tell(out, _some(names))
    style = "bold red" if comparison.regressions else "bold green"
    out.print()
    out.print(Text(comparison.conclusion, style=style))
    if comparison.gate_line:
        out.print(Text(comparison.gate_line))


def print_as_json(comparison: RunComparison) -> None:
    """Print it for other tools."""
    sys.stdout.write(json.dumps(comparison.as_json(), indent=1, ensure_ascii=True) + "\n")


def print_as_markdown(comparison: RunComparison) -> None:
    """Print it for the page of a pull request."""
    sys.stdout.write(markdown(comparison))


def markdown(comparison: RunComparison) -> str:
    """Return it as Markdown; text of a deployment is shown, never interpreted."""
    lines = [f"# {inert(comparison.conclusion)}", ""]
    lines += [comparison.gate_line, ""] if comparison.gate_line else []
    for name, side in (("First", comparison.before), ("Second", comparison.now)):
        lines.append(f"* {name}: {inert(_about(side))}")
    lines += [f"* **{inert(remark)}**" for remark in comparison.remarks]
    lines += ["", "## What else changed", ""]
    if comparison.differences:
        lines += ["| what | first | second |", "|---|---|---|"]
        lines += [
            f"| {inert(each.subject)} | {inert(each.before)} | {inert(each.now)} |"
            for each in comparison.differences
        ]
    else:
        lines.append("Nothing that the runs record.")
    for heading, changes in _kinds(comparison):
        lines += ["", f"## {heading} ({plural(len(changes), 'check')})", ""]
        for id_, alike in by_requirement(changes).items():
            lines.append(f"* **{id_}** {inert(_line(id_, alike, comparison))}")
            lines += [f"  * {name}: {inert(text)}" for name, text in _example(alike)]
    for heading, names in _apart(comparison):
        if names:
            lines += ["", f"{heading} ({len(names)}): {inert(_some(names))}"]
    return "\n".join(lines) + "\n"


def _tell(out: Console, text: str) -> None:
    out.print(Padding(Text(printable(text)), (0, 0, 0, 2)))


def _print_changes(
    out: Console, heading: str, changes: Sequence[CheckChange], comparison: RunComparison
) -> None:
    out.print(Text(f"\n{heading} ({plural(len(changes), 'check')})", style=STYLES[heading]))
    for id_, alike in by_requirement(changes).items():
        entry(out, Text(id_, STYLES[heading]), _line(id_, alike, comparison))
        for name, text in _example(alike):
            entry(out, name, text)


def _kinds(comparison: RunComparison) -> Iterator[tuple[str, Sequence[CheckChange]]]:
    """Yield each kind of change that occurred."""
    for heading, changes in (
        ("Regressions", comparison.regressions),
        ("Improvements", comparison.improvements),
        ("Other changes", comparison.others),
    ):
        if changes:
            yield heading, changes


def _apart(comparison: RunComparison) -> Iterable[tuple[str, Sequence[str]]]:
    return ("New checks", comparison.new), ("Vanished checks", comparison.vanished)


def _line(id_: str, alike: Sequence[CheckChange], comparison: RunComparison) -> str:
    """Return what became of a requirement, in how many checks."""
    checks = plural(len(alike), "check")
    for row in comparison.requirements:
        if row.id == id_:
            return f"{row.level} {row.before} -> {row.now}, in {checks}"
    return f"{alike[0].level} {checks} {alike[0].before} -> {alike[0].now}"


def _example(alike: Sequence[CheckChange]) -> Iterator[tuple[str, str]]:
    """Yield the first of some changes: its situation, and what was required and observed."""
    first = alike[0]
    yield "check", first.title
    if first.now != "passed":
        for name, text in (("required", first.required), ("observed", first.observed)):
            if text:
                yield name, shortened(" ".join(printable(text).split()), LIMIT)


def _about(side: ComparedRun) -> str:
    mark = "" if side.complete else " (incomplete)"
    return f"{side.run}{mark}, {side.target}: {side.verdict_line}"


def _some(names: Sequence[str]) -> str:
    """Return the names of checks, those of one rule once, with their number."""
    counts = Counter(name.partition("[")[0] for name in names)
    shown = [f"{name} ({count})" if count > 1 else name for name, count in counts.items()]
    more = f" and {len(shown) - NAMES} more" if len(shown) > NAMES else ""
    return ", ".join(shown[:NAMES]) + more


FORMS: Final[Mapping[str, Callable[[RunComparison], None]]] = {
    "text": print_comparison,
    "markdown": print_as_markdown,
    "json": print_as_json,
}
