"""What `mdms lint` found, for people, for other tools, and for those who show code: SARIF, GitHub.

SARIF is version 2.1.0 of OASIS; annotations are the workflow commands of GitHub Actions.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from conformance import __version__
from conformance.core.wording import plural
from conformance.mdms.rules import RULES, Flaw, LintRule, Severity
from conformance.report.plain import printable

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
ANNOTATION: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_text(flaws: Sequence[Flaw], hidden: int) -> str:
    """Return every flaw on a line, and each rule that was broken with its number and remedy."""
    lines = [
        f"{_place(each)}: {each.severity} {each.rule.id}: {printable(each.message)}"
        for each in flaws
    ]
    if flaws:
        lines.append("")
    numbers = Counter((each.severity, each.rule.id) for each in flaws)
    for severity in Severity:
        for rule in RULES.values():
            if number := numbers[severity, rule.id]:
                what = f"{rule.title}; {rule.remedy}"
                lines.append(f"{severity:<7} {number:>5} x {rule.id:<24} {what}")
    lines.append(summary(flaws, hidden))
    return "\n".join(lines) + "\n"


def summary(flaws: Sequence[Flaw], hidden: int) -> str:
    """Return how many flaws of each severity there are, in a sentence."""
    numbers = Counter(each.severity for each in flaws)
    said = [plural(numbers[each], each) for each in Severity if numbers[each]]
    found = f"{', '.join(said) or 'Nothing'} found."
    return (
        f"{found} {plural(hidden, 'less grave one')} not shown: see --level." if hidden else found
    )


def as_json(flaws: Sequence[Flaw], hidden: int) -> str:
    """Return a JSON document for other tools."""
    numbers = Counter(each.severity for each in flaws)
    found = [
        {
            "rule": each.rule.id, "level": each.severity, "file": str(each.spot.path),
            "line": each.spot.line, "message": each.message, "title": each.rule.title,
            "remedy": each.rule.remedy,
        }
        for each in flaws
    ]  # fmt: skip
    counts = {each: numbers[each] for each in Severity}
    return json.dumps({"counts": counts, "hidden": hidden, "flaws": found}, indent=1) + "\n"


def as_sarif(flaws: Sequence[Flaw], hidden: int) -> str:  # noqa: ARG001  each form takes both
    """Return a SARIF log with one run; files are relative to the current folder."""
    driver = {
        "name": "bbps-conformance mdms lint",
        "version": __version__,
        "rules": [_sarif_rule(rule) for rule in RULES.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(each) for each in flaws],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _sarif_rule(rule: LintRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": rule.severity},
    }


def _sarif_result(each: Flaw) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(each.spot.path)}}
    if each.spot.line:
        location["region"] = {"startLine": each.spot.line}
    return {
        "ruleId": each.rule.id,
        "ruleIndex": list(RULES).index(each.rule.id),
        "level": each.severity,
        "message": {"text": f"{each.message}; {each.rule.remedy}"},
        "locations": [{"physicalLocation": location}],
    }


def as_annotations(flaws: Sequence[Flaw], hidden: int) -> str:
    """Return a workflow command of GitHub Actions for each flaw, and the summary."""
    return "".join(f"{_annotation(each)}\n" for each in flaws) + f"{summary(flaws, hidden)}\n"


def _annotation(each: Flaw) -> str:
    spot = {"file": _relative(each.spot.path), "title": each.rule.id}
    if each.spot.line:
        spot["line"] = str(each.spot.line)
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in spot.items())
    message = _escaped(printable(f"{each.message}; {each.rule.remedy}"))
    return f"::{ANNOTATION[each.severity]} {properties}::{message}"


def _escaped(text: str, more: str = "") -> str:
    """Return a text in which nothing ends the message, or with `more` a property of it."""
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{more}" else each for each in text)


def _place(each: Flaw) -> str:
    line = f":{each.spot.line}" if each.spot.line else ""
    return f"{printable(str(each.spot.path))}{line}"


def _relative(path: Path | None) -> str:
    """Return a path as seen from the current folder, where it is below that."""
    whole = (path or Path()).resolve()
    here = Path.cwd()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _uri(path: Path | None) -> str:
    name = _relative(path)
    return f"file://{quote(name)}" if name.startswith("/") else quote(name)


FORMS: Final[Mapping[str, Callable[[Sequence[Flaw], int], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_annotations,
}
