"""Examines a certificate that stands alone: its page must follow from the data that it carries."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jinja2 import TemplateError

from conformance.core.requirements import Requirement
from conformance.core.verdicts import Finding
from conformance.core.wording import plural
from conformance.report.carried import NothingCarried, data_of, unpacked
from conformance.report.certificate import FILE as CERTIFICATE
from conformance.report.certificate import page_of
from conformance.results.manifest import checksum
from conformance.results.model import CheckRow, RequirementRow, Results
from conformance.results.reading import MALFORMED
from conformance.results.rollup import PlannedCheck, conclude
from conformance.run.examination.proof import Checked, Proof, fault, holds, note
from conformance.run.examination.run_folder import SHOWN, differences, page_line
from conformance.run.examination.signature import signature_lines
from conformance.run.examination.standing import (
    contract_lines,
    rehearsal_lines,
    same_suite,
    standing_lines,
    suite_lines,
    unsound,
)


def examine_page(path: Path, text: str, *, key: Ed25519PublicKey | None, today: date) -> Proof:
    """Examine a page; an attestation in the same folder counts, if it is on this page."""
    lines: list[Checked] = []
    results = None
    try:
        data = data_of(text)
        results, evidence = unpacked(data)
        if reason := unsound(results):
            results = None
            raise NothingCarried(f"its data {reason}")
        if same_suite(results):
            lines.append(page_line(text, page_of(results, evidence, data)))
        lines += _rollup(results)
        lines += suite_lines(CERTIFICATE, results)
        lines += contract_lines(results)
        lines += rehearsal_lines(CERTIFICATE, results)
        lines += standing_lines(results, today)
    except NothingCarried as problem:
        lines.append(fault(path.name, str(problem)))
    except (TemplateError, *MALFORMED) as problem:
        lines.append(fault(path.name, f"no page can be made from its data: {problem}"))
    lines.append(note("evidence", "the page stands alone: its exchanges were not examined"))
    files = {CERTIFICATE: checksum(path)}
    lines += signature_lines(path.parent, results, files, key, whole=False)
    return Proof(what=str(path), results=results, lines=tuple(lines))


def _rollup(results: Results) -> Iterator[Checked]:
    """Yield whether verdict and counts follow from the findings that the page carries."""
    if results.planned != results.executed or results.executed != len(results.checks):
        text = (
            f"{results.planned} planned, {results.executed} executed, {len(results.checks)} shown"
        )
        yield fault(CERTIFICATE, f"the checks do not add up: {text}")
        return
    expected = _concluded(results).as_json()
    differing = list(islice(differences(expected, results.as_json()), SHOWN))
    for place, must, is_ in differing:
        yield fault(CERTIFICATE, f"{place} of its data is {is_!r}; its findings give {must!r}")
    if not differing:
        found = plural(len(results.checks), "finding")
        yield holds("verdict", f"{results.verdict}: it follows from {found}, as all counts do")


def _concluded(results: Results) -> Results:
    again = conclude(
        results.header,
        [_requirement(row) for row in results.requirements],
        [
            PlannedCheck(check=row.id, title=row.title, requirements=row.requirements)
            for row in results.checks
        ],
        [_finding(row) for row in results.checks],
        started=results.started,
        finished=results.finished,
        complete=results.complete,
        errata=results.errata,
        waivers=[row.waiver for row in results.waivers],
        notes=results.notes,
        settle=results.settle,
    )
    return replace(again, gate=results.gate)


def _requirement(row: RequirementRow) -> Requirement:
    return Requirement(
        id=row.id, area=row.area, level=row.level, source=row.source, statement=row.statement,
        why=row.why, observed="", usual_causes=row.usual_causes, not_checked=row.not_checked,
    )  # fmt: skip


def _finding(row: CheckRow) -> Finding:
    return Finding(
        check=row.id, title=row.title, requirements=row.requirements, verdict=row.verdict,
        required=row.required, observed=row.observed, reason=row.reason, seconds=row.seconds,
        exchanges=row.exchanges,
    )  # fmt: skip
