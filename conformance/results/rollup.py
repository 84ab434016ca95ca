"""Concludes a run from what it planned and what it found. No I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conformance.core.requirements import Requirement
from conformance.core.verdicts import Finding, RunVerdict, Verdict, certify, gravest
from conformance.results.model import CheckRow, Header, RequirementRow, Results
from conformance.results.waivers import Waiver
from conformance.results.waiving import Waiving


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCheck:
    """A check that a run promises to execute, known before the first one starts."""

    check: str
    title: str
    requirements: tuple[str, ...]


def conclude(
    header: Header,
    requirements: Iterable[Requirement],
    planned: Sequence[PlannedCheck],
    findings: Sequence[Finding],
    *,
    started: str,
    finished: str,
    complete: bool,
    errata: Iterable[Mapping[str, Any]] = (),
    waivers: Iterable[Waiver] = (),
    notes: Iterable[str] = (),
    settle: Mapping[str, str] | None = None,
    damage: Iterable[str] = (),
) -> Results:
    """Conclude a run from what was planned and found.

    A violation that was proven stands whatever else broke; apart from that, a run that did not do
    what it planned, or whose record is damaged, is an error, never a pass. Waivers hold by the day
    on which the run finished; one that was not finished has none.
    """
    findings = _as_planned(planned, findings)
    day = date.fromisoformat(finished[:10]) if finished else date.max
    waiving = Waiving(waivers if finished else (), findings, day, partial=header.partial)
    rows = tuple(_judged(each, planned, findings, waiving) for each in requirements)
    covered = {row.id: row.verdict for row in rows if row.verdict is not None}
    levels = {row.id: row.level for row in rows}
    executed = sum(each.verdict is not Verdict.NOT_APPLICABLE for each in findings)
    verdict = certify(levels, covered, executed, partial=header.partial)
    problems = (*_problems(planned, findings, complete), *damage)
    if problems and verdict is not RunVerdict.NON_CONFORMANT:
        verdict = RunVerdict.ERROR
    return Results(
        header=header,
        started=started,
        finished=finished,
        complete=complete,
        verdict=verdict,
        planned=len(planned),
        executed=len(findings),
        requirements=rows,
        checks=tuple(CheckRow.of(finding, waiving.waiver_of(finding)) for finding in findings),
        problems=problems,
        errata=tuple(errata),
        waivers=waiving.rows,
        notes=tuple(notes),
        settle=settle or {},
    )


def _as_planned(planned: Sequence[PlannedCheck], findings: Sequence[Finding]) -> list[Finding]:
    """Return findings in the order of the plan, in whichever order the checks ended."""
    places = {each.check: place for place, each in enumerate(planned)}
    return sorted(findings, key=lambda each: places.get(each.check, len(places)))


def _judged(
    requirement: Requirement,
    planned: Sequence[PlannedCheck],
    findings: Sequence[Finding],
    waiving: Waiving,
) -> RequirementRow:
    """Judge by the gravest verdict; a check that was promised and not executed decides nothing."""
    own = [each for each in findings if requirement.id in each.requirements]
    executed = {each.check for each in own}
    verdicts = [waiving.verdict(each, requirement.id) for each in own]
    for each in planned:
        if requirement.id in each.requirements and each.check not in executed:
            verdicts.append(Verdict.INCONCLUSIVE)
    return RequirementRow(
        id=requirement.id,
        area=requirement.area,
        level=requirement.level,
        source=requirement.source,
        statement=requirement.statement,
        why=requirement.why,
        usual_causes=requirement.usual_causes,
        not_checked=requirement.not_checked,
        verdict=gravest(verdicts) if verdicts else None,
        checks=tuple(each.check for each in own),
    )


def _problems(
    planned: Sequence[PlannedCheck], findings: Sequence[Finding], complete: bool
) -> tuple[str, ...]:
    if not complete:
        return (f"the run ended early: {len(findings)} of {len(planned)} planned checks executed",)
    if not findings:
        return ("no check was executed, so nothing is known about the deployment",)
    promised = Counter(each.check for each in planned)
    done = Counter(each.check for each in findings)
    left_out, unplanned = sorted((promised - done).elements()), sorted((done - promised).elements())
    problems = []
    if left_out:
        problems.append(f"planned but not executed: {', '.join(left_out)}")
    if unplanned:
        problems.append(f"executed but not planned: {', '.join(unplanned)}")
    return tuple(problems)
