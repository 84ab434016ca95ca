"""The first page of a certificate: what an official needs, on one sheet of A4."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conformance.core.verdicts import RunVerdict, Verdict
from conformance.report.plain import clipped, without_paths
from conformance.results.gating import gate_lines
from conformance.results.model import RequirementRow, Results
from conformance.results.validity import digest_of, valid_until

COMMAND: Final = "python -m conformance verify certificate.html"
SUITE: Final = ("name", "version", "commit")
FACT: Final = 170  # characters that a fact may have
SHORT: Final = 16  # hexadecimal digits
LINES: Final = 5  # requirements that the page names; the appendix has the others
SORTED: Final = {  # what the page counts -> verdicts
    "kept": (Verdict.PASSED,),
    "broken": (Verdict.FAILED,),
    "waived": (Verdict.WAIVED,),
    "undecided": (Verdict.INCONCLUSIVE, Verdict.ERROR),
    "not applicable": (Verdict.NOT_APPLICABLE,),
    "not looked at": (None,),
}
MEANS: Final = (
    "The suite did what a BBPS integrator does: fetch bills, create transactions, report their "
    "outcome, and look for the receipt.",
    "What is counted as kept was seen to be kept, in all cases that were tried on that day.",
)
MEANS_NOT: Final = (
    "No statement on load, availability, or security beyond the requirements listed.",
    "No statement on other addresses or cities, nor on what was changed afterwards: new software, "
    "roles or master data need a new run.",
    "No approval by NPCI, and none of the contract with the agent.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """One area: how many of its requirements came to what, without the empty ones."""

    name: str
    total: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """What the first page says besides the verdict and its meaning."""

    who: tuple[tuple[str, str], ...]
    how: tuple[tuple[str, str], ...]
    areas: tuple[AreaLine, ...]
    open_points: tuple[tuple[RequirementRow, str], ...]
    more: int
    remarks: tuple[str, ...]
    means: tuple[str, ...]
    means_not: tuple[str, ...]
    digest: str
    command: str
    code: str


def first_page(results: Results) -> FirstPage:
    """Return the content of the first page."""
    wrong = _open_points(results)
    digest = digest_of(results)
    remarks = (*results.problems, *results.notes)
    return FirstPage(
        who=tuple((name, _fact(text)) for name, text in _who(results) if text),
        how=tuple((name, _fact(text)) for name, text in _how(results) if text),
        areas=tuple(_areas(results)),
        open_points=tuple(wrong[:LINES]),
        more=max(len(wrong) - LINES, 0),
        remarks=tuple(_fact(each) for each in remarks[:3]),
        means=MEANS,
        means_not=MEANS_NOT,
        digest=digest,
        command=COMMAND,
        code=f"BBPS conformance {results.header.run}\nsha256:{digest}\n{COMMAND}",
    )


def kind(results: Results) -> str:
    """Return what the page is; only a deployment gets a certificate."""
    if results.header.rehearsal is not None:
        return "rehearsal, no certificate"
    if results.verdict is RunVerdict.WITH_WAIVERS:
        return "certificate of conformance with waivers"
    conformant = results.verdict is RunVerdict.CONFORMANT
    return "certificate of conformance" if conformant else "report on conformance"


def _who(results: Results) -> Iterator[tuple[str, str]]:
    target = results.header.target
    yield "Target", target["name"]
    yield "Address", target["base_url"]
    if results.header.rehearsal is not None:
        for name, value in results.header.rehearsal.facts.items():
            if name != "rehearsal" and value != "none":
                yield name.capitalize(), value
    yield "Services seen", target.get("detected", "")
    if target.get("mdms"):
        digest = hashlib.sha256(target["mdms"].encode()).hexdigest()[:SHORT]
        yield "Master data", f"fingerprint {digest}"
    yield "Settings", f"fingerprint {target['fingerprint']}"


def _how(results: Results) -> Iterator[tuple[str, str]]:
    header = results.header
    yield "Checked", moment(results.finished)
    yield "Valid until", _validity(results)
    used = sum(bool(row.checks) for row in results.waivers)
    yield "Waivers", f"{used} in use" if used else "none in use"
    yield "Suite", " ".join(header.suite[name] for name in SUITE if name in header.suite)
    yield "Mode", f"{header.mode}, {header.contract.get('form', 'effective')} form of the contract"
    yield "Checks", f"{results.executed} of {results.planned} executed"
    yield "Run", header.run
    yield "Gate", "; ".join(gate_lines(results))


def _validity(results: Results) -> str:
    """Return the last day of a certificate; what is none has no such day."""
    last = valid_until(results)
    certified = results.verdict in (RunVerdict.CONFORMANT, RunVerdict.WITH_WAIVERS)
    if results.header.rehearsal is not None or not certified or last is None:
        return "not valid as a certificate"
    return f"{last.isoformat()}, or until the deployment is changed"


def _areas(results: Results) -> Iterator[AreaLine]:
    names = dict.fromkeys(row.area for row in results.requirements)
    for name in names:
        found = Counter(row.verdict for row in results.requirements if row.area == name)
        counts = ((word, sum(found[each] for each in those)) for word, those in SORTED.items())
        yield AreaLine(
            name=name,
            total=found.total(),
            counts=tuple((word, count) for word, count in counts if count),
        )


def _open_points(results: Results) -> list[tuple[RequirementRow, str]]:
    """Return the requirements that need somebody's work, the gravest first, with their word."""
    order = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.WAIVED)
    return [
        (row, row.word)
        for rows in (results.binding, results.advised_against)
        for verdict in order
        for row in rows
        if row.verdict is verdict
    ]


def moment(iso: str) -> str:
    """Return a moment to the minute, with its offset: `2026-01-31 14:05 +05:30`."""
    day, _, rest = iso.partition("T")
    return f"{day} {rest[:5]} {rest[12:] or rest[8:]}".strip()


def _fact(text: str) -> str:
    return clipped(without_paths(text), FACT)
