"""JUnit XML from results, for build servers: distinguishes failure, error and not-applicable."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from conformance.core.verdicts import Verdict
from conformance.report.plain import printable
from conformance.results.model import CheckRow, Results

FILE: Final = "junit.xml"


def write_junit(folder: Path, results: Results) -> Path:
    """Write junit.xml into the folder: one suite per area, one case per check."""
    root = Element("testsuites", attrib={"name": "BBPS conformance", **_counts(results.checks)})
    areas = {row.id: row.area for row in results.requirements}
    for area in dict.fromkeys(areas.values()):
        checks = [check for check in results.checks if areas[check.requirements[0]] == area]
        if checks:
            _suite(root, area, tuple(checks), results)
    for number, problem in enumerate(results.problems):
        _problem(root, number, problem)
    indent(root)
    path = folder / FILE
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(root: Element, area: str, checks: tuple[CheckRow, ...], results: Results) -> None:
    attributes = {"name": area, "timestamp": results.started, **_counts(checks)}
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
        _properties(case, [*named, ("title", check.title)])
        _outcome(case, check)


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


def _outcome(case: Element, check: CheckRow) -> None:
    match check.verdict:
        case Verdict.FAILED:
            text = f"required: {check.required}\nobserved: {check.observed}"
            _tell(case, "failure", check.observed, text)
        case Verdict.INCONCLUSIVE | Verdict.ERROR:
            _tell(case, "error", f"{check.verdict}: {check.reason}", check.reason)
        case Verdict.NOT_APPLICABLE:
            SubElement(case, "skipped", message=printable(check.reason))
        case Verdict.WAIVED:
            SubElement(case, "skipped", message=printable(f"waived by {check.waiver}"))


def _tell(case: Element, tag: str, message: str, text: str) -> None:
    first = printable(message).partition("\n")[0]
    SubElement(case, tag, message=first, type=tag).text = printable(text)


def _problem(root: Element, number: int, problem: str) -> None:
    suite = SubElement(root, "testsuite", name="run", tests="1", failures="0", errors="1")
    case = SubElement(suite, "testcase", classname="run", name=f"complete-{number}")
    _tell(case, "error", problem, problem)


def _counts(checks: tuple[CheckRow, ...]) -> dict[str, str]:
    verdicts = [check.verdict for check in checks]
    open_ones = verdicts.count(Verdict.INCONCLUSIVE) + verdicts.count(Verdict.ERROR)
    skipped = verdicts.count(Verdict.NOT_APPLICABLE) + verdicts.count(Verdict.WAIVED)
    return {
        "tests": str(len(checks)),
        "failures": str(verdicts.count(Verdict.FAILED)),
        "errors": str(open_ones),
        "skipped": str(skipped),
        "time": f"{sum(check.seconds for check in checks):.3f}",
    }
