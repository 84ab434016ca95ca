"""The run in Markdown, for the page of a build or a pull request: verdict and failures first."""

from pathlib import Path
from typing import Final

from conformance.core.verdicts import Level, Verdict
from conformance.report.meaning import meaning
from conformance.report.plain import inert
from conformance.results.gating import gate_lines
from conformance.results.model import CheckRow, Results

FILE: Final = "summary.md"


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
        *(f"\n**{inert(problem)}**" for problem in results.problems),
        *(f"\n{inert(line)}." for line in gate_lines(results)),
        "",
    ]
    for row in results.failed:
        lines += _failure(row, results.level_of(row))
    lines += _open(results)
    lines += _waivers(results)
    lines += _table(results)
    return "\n".join(lines) + "\n"


def _counted(results: Results) -> str:
    counts = results.summary
    parts = [f"{counts[v.replace('-', '_')]} {v}" for v in Verdict if counts[v.replace("-", "_")]]
    return ", ".join(parts) + "." if parts else ""


def _failure(row: CheckRow, level: Level) -> list[str]:
    return [
        f"## Failed: {', '.join(row.requirements)} ({level})",
        "",
        f"{inert(row.title)}",
        "",
        f"* Required: {inert(row.required)}",
        f"* Observed: {inert(row.observed)}",
        f"* Exchanges: {', '.join(row.exchanges) or 'none'}",
        "",
    ]


def _open(results: Results) -> list[str]:
    rows = (*results.rows(Verdict.ERROR, Verdict.INCONCLUSIVE), *results.waived)
    if not rows:
        return []
    lines = ["## Undecided, waived or broken", ""]
    for row in rows:
        reason = inert(row.reason or row.observed)
        waived = f", waived by {row.waiver}" if row.waiver else ""
        lines.append(f"* {', '.join(row.requirements)} {row.verdict}{waived}: {reason}")
    return [*lines, ""]


def _waivers(results: Results) -> list[str]:
    if not results.waivers:
        return []
    lines = [
        f"* {row.id} {row.requirement} **{row.state}**, until {row.expiry}, {inert(row.owner)}: "
        f"{inert(row.reason)} ({inert(row.link)})"
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
