"""The words of a check in Allure: labels, description, and what came of it."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.requirements import SOURCE_WORDS
from conformance.core.verdicts import Level, Verdict
from conformance.report.plain import printable, shortened
from conformance.report.stories import case_of, story_of
from conformance.results.model import CheckRow, RequirementRow, gravest_level

SEVERITY: Final = {Level.MUST: "critical", Level.SHOULD: "normal", Level.NOTE: "minor"}
FEATURE_WIDTH: Final = 80
OTHERS: Final = 1_500  # characters for the names of other cases
Tree: TypeAlias = dict[str, Any]  # a part of a result, as Allure reads it


def labels(check: CheckRow, rows: Sequence[RequirementRow]) -> list[Tree]:
    """Return what Allure sorts a check by.

    The tree is area, requirement, situation. A check of several areas stands under the first one,
    for Allure would cross areas and requirements; each requirement is a tag besides.
    """
    area = rows[0].area
    tags = [row.id for row in rows]
    if check.verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR):
        tags.append(check.verdict.value)
    if check.waiver:
        tags.append(Verdict.WAIVED.value)
    found = [
        ("severity", SEVERITY[gravest_level(rows)]),
        ("framework", "bbps-conformance"),
        ("epic", area),
        *(("feature", _feature(row)) for row in rows if row.area == area),
        ("story", printable(story_of(check))),
        ("parentSuite", area),
        ("suite", _feature(rows[0])),
        *(("tag", tag) for tag in tags),
    ]
    return [{"name": name, "value": value} for name, value in found]


def description(check: CheckRow, rows: Sequence[RequirementRow], decisive: Exchange | None) -> str:
    """Return the rule as Markdown; of what did not pass, causes and the line that repeats it."""
    failed = check.verdict is Verdict.FAILED
    parts = []
    for row in rows:
        parts.append(f"**{row.id}** {row.statement} ({row.level}, {SOURCE_WORDS[row.source]})")
        if failed:
            causes = "\n".join(f"* {cause}" for cause in row.usual_causes)
            parts.append(f"Why: {row.why}\n\nUsual causes:\n\n{causes}")
    parts.append("\n".join(f"`bbps-conformance explain {row.id}`" for row in rows))
    if decisive is not None and check.verdict is not Verdict.NOT_APPLICABLE:
        parts.append(f"To repeat {decisive.operation}:\n\n{_fenced(curl(decisive))}")
    return "\n\n".join(parts)


def details(lead: CheckRow, checks: Sequence[CheckRow], waived_by: str) -> Tree | None:
    """Return what came of some cases, of which `lead` stands for all; None if there is nothing.

    `waived_by` are the waivers that accept the failure of `lead`, each with its last day.
    """
    text = _came(lead, waived_by)
    alike = [each for each in checks if each.counts_as is lead.counts_as]
    if not text:
        return None
    if len(checks) > 1 and lead.verdict is not Verdict.PASSED:
        others = "; ".join(case_of(each) for each in alike[1:])
        text += f"\n{len(alike)} of {len(checks)} cases {lead.counts_as}, first: {case_of(lead)}"
        text += f"\nthe others: {shortened(others, OTHERS)}" if others else ""
    return {"known": bool(lead.waiver), "message": printable(text)}


def _came(check: CheckRow, waived_by: str) -> str:
    match check.verdict:
        case Verdict.PASSED:  # such as how many generated requests were accepted
            return check.reason
        case Verdict.FAILED:
            text = f"required: {check.required}\nobserved: {check.observed}"
            return f"waived by {waived_by}\n{text}" if check.waiver else text
        case Verdict.NOT_APPLICABLE:
            return f"not applicable: {check.reason}"
    return f"{check.verdict}: {check.reason}"


def _feature(row: RequirementRow) -> str:
    """Return the id with as much of the statement as a line of a tree can show."""
    return f"{row.id} {textwrap.shorten(row.statement, FEATURE_WIDTH, placeholder=' …')}"


def _fenced(text: str) -> str:
    """Return a text as a block of code that nothing in it can end."""
    longest = max((len(each) for each in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{printable(text)}\n{fence}"
