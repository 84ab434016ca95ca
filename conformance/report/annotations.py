"""What gates in a run, as commands that GitHub shows as annotations of a build.

The text of a deployment stands inside a command only escaped, so that it gives none itself.
"""

from collections.abc import Iterator
from typing import Final

from conformance.core.verdicts import Verdict
from conformance.core.wording import plural
from conformance.report.junit import outcome_of
from conformance.report.plain import printable, shortened
from conformance.results.model import CheckRow, Results

MOST: Final = 10  # of a kind that GitHub shows for a step
LONGEST: Final = 1_000  # characters of one text
KINDS: Final = {"failure": "error", "error": "error", "skipped": "warning"}  # by outcome_of


def annotations(results: Results) -> list[str]:
    """Return a command for each check that is not right: an error where it gates, else a warning.

    What does not apply is left out. GitHub shows ten of a kind; a last one counts the others.
    """
    found: dict[str, list[str]] = {"error": [], "warning": []}
    for problem in results.problems:
        found["error"].append(_command("error", "The run is not complete", problem))
    for check in sorted(results.checks, key=lambda each: each.verdict is not Verdict.FAILED):
        kind = KINDS.get(outcome_of(check, results))
        if kind and check.verdict is not Verdict.NOT_APPLICABLE:
            found[kind].append(_command(kind, _title(check, results), _message(check, results)))
    return [line for kind, lines in found.items() for line in _bounded(kind, lines)]


def _bounded(kind: str, lines: list[str]) -> Iterator[str]:
    if len(lines) <= MOST:
        yield from lines
        return
    yield from lines[: MOST - 1]
    more = plural(len(lines) - MOST + 1, "more check")
    yield _command(kind, f"{more} in this run", "The page of the job and summary.md name them all.")


def _title(check: CheckRow, results: Results) -> str:
    return f"{', '.join(check.requirements)} ({results.level_of(check)}) {check.verdict}"


def _message(check: CheckRow, results: Results) -> str:
    if check.verdict is Verdict.FAILED:
        lines = [check.title, f"Required: {check.required}", f"Observed: {check.observed}"]
    else:
        lines = [check.title, check.reason]
    if check.waiver:
        lines.append(f"Waived by {results.waived_by(check)}")
    return "\n".join(shortened(line, LONGEST) for line in lines)


def _command(kind: str, title: str, message: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    escaped = printable(text).replace("%", "%25").replace("\r", "%0D")
    return escaped.replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
