"""JUnit XML from results, for build servers: it follows the gate of the run.

What gates is a failure or an error. The rest is skipped: servers show its message, and stay green.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from conformance.core.curl import curl
from conformance.core.verdicts import Verdict
from conformance.report.evidence import to_repeat
from conformance.report.plain import printable
from conformance.results.exchange_store import Evidence
from conformance.results.model import CheckRow, Results

FILE: Final = "junit.xml"


def write_junit(folder: Path, results: Results, exchanges: Evidence) -> Path:
    """Write junit.xml into the folder: one suite per area, one case per check."""
    root = Element(
        "testsuites", attrib={"name": "BBPS conformance", **_counts(results.checks, results)}
    )
    areas = {row.id: row.area for row in results.requirements}
    for area in dict.fromkeys(areas.values()):
        checks = [check for check in results.checks if areas[check.requirements[0]] == area]
        if checks:
            _suite(root, area, tuple(checks), results, exchanges)
    for number, problem in enumerate(results.problems):
        _problem(root, number, problem)
    indent(root)
    path = folder / FILE
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(
    root: Element,
    area: str,
    checks: tuple[CheckRow, ...],
    results: Results,
    exchanges: Evidence,
) -> None:
    attributes = {"name": area, "timestamp": results.started, **_counts(checks, results)}
    suite = SubElement(root, "testsuite", attributes)
    _properties(suite, _of_the_run(results))
    for check in checks:
        case = SubElement(
            suite,
            "testcase",
            classname=f"{area}.{check.requirements[0]}",
            name=printable(check.id),
            time=f"{check.seconds:.3f}",
        )
        named = [("requirement", id_) for id_ in check.requirements]
        named.append(("level", results.level_of(check)))
        _properties(case, [*named, ("title", check.title)])
        _outcome(case, check, results, exchanges)


def _of_the_run(results: Results) -> list[tuple[str, str]]:
    """Return what every suite says of the run, because build servers show one suite alone."""
    header = results.header
    facts = {
        "run": header.run,
        "target": header.target["name"],
        "verdict": results.verdict_line,
        **(header.rehearsal.facts if header.rehearsal else {}),
    }
    return list(facts.items())


def _properties(parent: Element, named: Iterable[tuple[str, str]]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in named:
        SubElement(properties, "property", name=name, value=printable(value))


def _outcome(case: Element, check: CheckRow, results: Results, exchanges: Evidence) -> None:
    """Report a check by the gate of the run: what does not gate is skipped, with its text."""
    tag = outcome_of(check, results)
    if tag == "passed":
        return
    if check.verdict is Verdict.NOT_APPLICABLE:
        SubElement(case, "skipped", message=printable(check.reason))
        return
    text = _text(check, results, exchanges)
    seen = check.observed if check.verdict is Verdict.FAILED else check.reason
    if tag == "skipped":
        why = f"waived by {results.waived_by(check)}" if check.waiver else "which does not gate"
        message = f"{check.verdict}, {why}: {seen}"
        SubElement(case, tag, message=printable(message).partition("\n")[0])
        SubElement(case, "system-out").text = printable(text)
    else:
        failed = check.verdict is Verdict.FAILED
        _tell(case, tag, seen if failed else f"{check.verdict}: {seen}", text)


def outcome_of(check: CheckRow, results: Results) -> str:
    """Return how build servers count a check: passed, skipped, failure or error."""
    match check.verdict:
        case Verdict.PASSED:
            return "passed"
        case Verdict.FAILED if results.gates(check):
            return "failure"
        case Verdict.INCONCLUSIVE | Verdict.ERROR if results.gates(check):
            return "error"
    return "skipped"


def _text(check: CheckRow, results: Results, exchanges: Evidence) -> str:
    """Return what a person needs to act on a check, causes and a way to repeat it."""
    rows = [row for row in results.requirements if row.id in check.requirements]
    lines = [f"{row.id} ({row.level}): {row.statement}" for row in rows]
    lines += [
        f"{name}: {text}"
        for name, text in (
            ("required", check.required),
            ("observed", check.observed),
            ("reason", check.reason),
            ("waiver", results.waived_by(check)),
        )
        if text
    ]
    if check.verdict is Verdict.FAILED:
        lines += [f"usual cause: {cause}" for row in rows for cause in row.usual_causes]
    lines.append(f"exchanges: {', '.join(check.exchanges) or 'none'}")
    repeated = to_repeat(check, exchanges)
    if repeated is not None:
        lines.append(f"repeat {repeated.id} ({repeated.operation}), with the secrets filled in:")
        lines.append(curl(repeated))
    return "\n".join(lines)


def _tell(case: Element, tag: str, message: str, text: str) -> None:
    first = printable(message).partition("\n")[0]
    SubElement(case, tag, message=first, type=tag).text = printable(text)


def _problem(root: Element, number: int, problem: str) -> None:
    suite = SubElement(root, "testsuite", name="run", tests="1", failures="0", errors="1")
    case = SubElement(suite, "testcase", classname="run", name=f"complete-{number}")
    _tell(case, "error", problem, problem)


def _counts(checks: tuple[CheckRow, ...], results: Results) -> dict[str, str]:
    outcomes = [outcome_of(check, results) for check in checks]
    return {
        "tests": str(len(checks)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(check.seconds for check in checks):.3f}",
    }
