"""The run in Markdown, for the page of a build or a pull request: verdict and failures first."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from conformance.core.verdicts import Verdict
from conformance.core.wording import plural
from conformance.report.meaning import meaning
from conformance.report.plain import fitted, inert
from conformance.results.gating import gate_lines
from conformance.results.model import CheckRow, Results

FILE: Final = "summary.md"
LONGEST: Final = 200  # characters of a text that are shown
TITLE: Final = 120
EXCHANGES: Final = 3  # of the first check that failed, the last of them
REASONS: Final = 20  # why checks are open, each once
NAMED: Final = 12  # requirements that have a reason in common


def write_summary(folder: Path, results: Results) -> Path:
    """Write summary.md into the folder."""
    path = folder / FILE
    path.write_text(markdown(results), encoding="utf-8", errors="backslashreplace")
    return path


def markdown(results: Results) -> str:
    """Return the run as Markdown; text of the deployment is shown, never interpreted."""
    target = results.header.target
    lines = [
        f"# {results.verdict_line}",
        "",
        meaning(results),
        "",
        f"Target **{inert(target['name'])}** at {inert(target['base_url'])}, "
        f"mode {results.header.mode}, run `{results.header.run}`, "
        f"suite {results.header.suite['version']}.",
        "",
        f"Checks: planned {results.planned}, executed {results.executed}. " + _counted(results),
        *(f"\n**{_short(problem)}**" for problem in results.problems),
        *(f"\n{inert(line)}." for line in gate_lines(results)),
        "",
    ]
    lines += _failures(results)
    lines += _open(results)
    lines += _waivers(results)
    lines += _table(results)
    return "\n".join(lines) + "\n"


def _counted(results: Results) -> str:
    counts = results.summary
    parts = [f"{counts[v.replace('-', '_')]} {v}" for v in Verdict if counts[v.replace("-", "_")]]
    return ", ".join(parts) + "." if parts else ""


def _failures(results: Results) -> list[str]:
    """Return each violated requirement once, with its failed checks counted and the first shown."""
    lines = []
    for row, checks in results.failed_by_requirement():
        first = checks[0]
        also = [id_ for id_ in first.requirements if id_ != row.id]
        with_others = f", also of {', '.join(also)}" if also else ""
        lines += [
            f"* **{row.id}** ({row.level}) in {plural(len(checks), 'check')}: "
            f"{_short(first.title, TITLE)}{with_others}",
            f"  * Required: {_short(first.required)}",
            f"  * Observed: {_short(first.observed)}",
            f"  * Exchanges: {_some(first.exchanges[-EXCHANGES:], len(first.exchanges))}",
        ]
    return ["## Failed", "", *lines, ""] if lines else []


def _open(results: Results) -> list[str]:
    """Return each reason once, with the checks that have it counted."""
    rows = (*results.rows(Verdict.ERROR, Verdict.INCONCLUSIVE), *results.waived)
    alike: dict[tuple[str, str], list[CheckRow]] = {}
    for row in rows:
        waived = f", waived by {row.waiver}" if row.waiver else ""
        reason = _short(row.reason or row.observed)
        alike.setdefault((f"{row.verdict}{waived}", reason), []).append(row)
    lines = []
    for (word, reason), checks in [*alike.items()][:REASONS]:
        ids = [*dict.fromkeys(id_ for check in checks for id_ in check.requirements)]
        named = _some(ids[:NAMED], len(ids))
        lines.append(f"* {word}, {plural(len(checks), 'check')} of {named}: {reason}")
    if len(alike) > REASONS:
        lines.append(f"* {plural(len(alike) - REASONS, 'more reason')}, in the other reports")
    return ["## Undecided, waived or broken", "", *lines, ""] if lines else []


def _some(names: Sequence[str], count: int) -> str:
    """Return names between commas, and how many more there are."""
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return f"{', '.join(names)}{more}" if names else "none"


def _short(text: str, limit: int = LONGEST) -> str:
    return inert(fitted(" ".join(text.split()), limit))


def _waivers(results: Results) -> list[str]:
    if not results.waivers:
        return []
    lines = [
        f"* {row.id} {row.requirement} **{row.state}**, until {row.expiry}, {inert(row.owner)}: "
        f"{_short(row.reason)} ({inert(row.link)})"
        for row in results.waivers
    ]
    return ["## Waivers", "", *lines, ""]


def _table(results: Results) -> list[str]:
    lines = ["## Requirements", "", "| id | level | area | verdict | checks |"]
    lines.append("|---|---|---|---|---|")
    for row in results.requirements:
        word = row.word.replace("-", " ")
        lines.append(f"| {row.id} | {row.level} | {row.area} | {word} | {len(row.checks)} |")
    return lines
