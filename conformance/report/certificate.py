"""The certificate: one static HTML page, verdict first, for readers who never saw the code.

It loads nothing from outside and shows text of the deployment without interpreting it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import escape

from conformance.core import resources
from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.redaction import Redactor
from conformance.core.requirements import LEVEL_WORDS, SOURCE_WORDS
from conformance.core.verdicts import Level, Verdict
from conformance.report import carried
from conformance.report.carried import Shown, packed
from conformance.report.first_page import AreaLine, first_page, kind
from conformance.report.meaning import decision, meaning
from conformance.report.plain import clipped, printable, readable, shortened, without_paths
from conformance.report.qr_code import qr_code
from conformance.report.stories import by_reason, case_of, stories, title_of
from conformance.results.exchange_store import Evidence
from conformance.results.model import CheckRow, RequirementRow, Results, gravest_level

FILE: Final = "certificate.html"
TEMPLATE: Final = "certificate.html.j2"
EXCHANGES_PER_CHECK: Final = 8
CASES: Final = 40  # of a situation that the page names
BODY_LIMIT: Final = 3_000
TEXT_LIMIT: Final = 2_000
# Bytes of markup: the page carries them as data too, and stays below 2 MB.
EVIDENCE_LIMIT: Final = 700_000
MARKS: Final = {
    "failed": "✕", "error": "!", "inconclusive": "?", "waived": "~", "passed": "✓",
    "not-applicable": "–", "not-covered": "·",
}  # fmt: skip
GLOSSARY: Final = (
    ("requirement", "One rule for a deployment, with an id that never changes."),
    ("MUST, SHOULD, NOTE", "MUST decides the verdict; SHOULD is reported; NOTE only informs."),
    ("check", "One test of the deployment that verifies one or more requirements."),
    ("exchange", "A request with its response; secrets are removed before recording."),
    ("passed", "The deployment was seen to do what the requirement demands."),
    ("failed", "The deployment was seen to do something else."),
    ("waived", "It failed, and a waiver of the owner accepts that until its expiry."),
    ("inconclusive", "No decision was possible: something that the check needs was missing."),
    ("not applicable", "The profile declares, with a reason, that the rule does not apply."),
    ("error", "The suite itself failed; this says nothing about the deployment."),
    ("not covered", "No check of this run tested the requirement."),
    ("integrator", "The SYSTEM user of the BBPS agent, for which payments are made."),
    ("rival", "A second SYSTEM user with the same role, which must not change payments of others."),
    ("cashier", "An employee who takes payments at the counter."),
    ("transaction", "The record of a payment that starts before the citizen pays."),
    ("receipt", "The city's proof of payment; DIGIT stores it as a payment with a receipt number."),
    ("erratum", "A known difference between the published contract and running DIGIT."),
    ("fingerprint", "A short checksum of the profile: equal fingerprints mean equal settings. "
     "The embedded reference is another target with each lineage, fault and variation."),
    ("rehearsal", "A run on the embedded reference, on a deployment on the same machine, or on "
     "one whose clock can be moved. It shows how the suite works and certifies no deployment."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A check that did not pass, with its evidence."""

    check: CheckRow
    evidence: tuple[Shown, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One situation in which checks did not pass: its first case in full, the others by name.

    `more` are the cases of the others and what was seen; `uncounted` is how many more there are.
    """

    title: str
    first: Trouble
    case: str
    more: tuple[tuple[str, str], ...]
    uncounted: int


class SizeLimit:
    """What evidence may still cost; markup weighs up to six times the text it shows."""

    def __init__(self, size: int) -> None:
        self._left = size

    def affords(self, evidence: Shown) -> bool:
        """Spend what the evidence costs; False, and nothing spent, when it is too much."""
        texts = (evidence.request, evidence.response, evidence.repeat, *evidence.violations)
        cost = sum(len(escape(printable(text)).encode()) for text in texts)
        if cost > self._left:
            return False
        self._left -= cost
        return True


def write_certificate(folder: Path, results: Results, exchanges: Evidence) -> Path:
    """Write certificate.html into the folder."""
    path = folder / FILE
    path.write_text(page(results, exchanges), encoding="utf-8", errors="backslashreplace")
    return path


def page(results: Results, exchanges: Evidence) -> str:
    """Return the certificate as one HTML document below 2 MB."""
    evidence = chosen(results, exchanges)
    return page_of(results, evidence, packed(results, evidence))


def chosen(results: Results, exchanges: Evidence) -> dict[str, tuple[Shown, ...]]:
    """Return what a page shows of the exchanges, by check, as far as there is room."""
    limit = SizeLimit(EVIDENCE_LIMIT)
    failed = [*(group for _, group in results.violated()), results.waived]
    checks = [story.first for group in failed for story in stories(group)]
    for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE):
        checks += [those[0] for _, those in by_reason(results.rows(verdict))]
    found = {check.id: _evidence(check, exchanges, limit) for check in checks}
    return {check: shown for check, shown in found.items() if shown}


def page_of(results: Results, evidence: carried.Evidence, data: str) -> str:
    """Return the page of some results that shows this evidence and carries the data of both."""

    def trouble(check: CheckRow) -> Trouble:
        shown = tuple(evidence.get(check.id, ()))
        return Trouble(check=check, evidence=shown, left_out=len(check.exchanges) - len(shown))

    def situations(checks: Iterable[CheckRow]) -> list[Situation]:
        return [
            Situation(
                title=story.title,
                first=trouble(story.first),
                case=case_of(story.first),
                more=tuple((case_of(each), each.observed) for each in story.checks[1 : CASES + 1]),
                uncounted=max(len(story.checks) - CASES - 1, 0),
            )
            for story in stories(checks)
        ]

    violations = [(rows, situations(checks)) for rows, checks in results.violated()]
    binding = [each for each in violations if gravest_level(each[0]) is Level.MUST]
    first = first_page(results)
    return template(TEMPLATE).render(
        results=results,
        header=results.header,
        kind=kind(results),
        decision=decision(results),
        sentence=meaning(results),
        first=first,
        qr_code=qr_code(first.code),
        counts=_counts(results),
        binding=binding,
        advised=violations[len(binding) :],
        broken=_reasons(results.rows(Verdict.ERROR), trouble),
        undecided=_reasons(results.rows(Verdict.INCONCLUSIVE), trouble),
        waived=situations(results.waived),
        declared=_declared(results),
        cases=_cases(results),
        remarks=_remarks(results),
        areas=_matrix(results, first.areas),
        settings=list(_settings(results.header.profile)),
        documents=[_document(each) for each in results.header.contract.get("documents", ())],
        marks=MARKS,
        glossary=GLOSSARY,
        sources=SOURCE_WORDS,
        levels=LEVEL_WORDS,
        data=data,
    )


def _reasons(
    checks: Iterable[CheckRow], trouble: Callable[[CheckRow], Trouble]
) -> list[tuple[str, str, Trouble, list[str], int]]:
    """Return what was not decided by its reason: ids, first check, titles, how many in all."""
    return [
        (reason, _ids(those), trouble(those[0]), list(map(title_of, those[:CASES])), len(those))
        for reason, those in by_reason(checks)
    ]


def _declared(results: Results) -> list[tuple[str, list[str]]]:
    """Return the requirements that do not apply at all, with the reasons."""
    reasons: dict[str, list[str]] = {}
    for row in results.requirements:
        if row.verdict is Verdict.NOT_APPLICABLE:
            found = (each.reason for each in results.checks if row.id in each.requirements)
            reasons[row.id] = [*dict.fromkeys(found)]
    return list(reasons.items())


def _cases(results: Results) -> list[tuple[str, str, int]]:
    """Return what single cases do not apply of requirements that do: ids, reason, how many."""
    whole = {row.id for row in results.requirements if row.verdict is Verdict.NOT_APPLICABLE}
    single = (
        each for each in results.rows(Verdict.NOT_APPLICABLE) if not whole & {*each.requirements}
    )
    return [(_ids(those), reason, len(those)) for reason, those in by_reason(single)]


def _ids(checks: Iterable[CheckRow]) -> str:
    """Return the requirements of some checks, each once."""
    return ", ".join(dict.fromkeys(id_ for check in checks for id_ in check.requirements))


def _counts(results: Results) -> list[tuple[str, int]]:
    """Return how many requirements came to which verdict, without the empty ones."""
    words = [row.word for row in results.requirements]
    return [(word, words.count(word)) for word in MARKS if word in words]


def _matrix(
    results: Results, areas: Iterable[AreaLine]
) -> list[tuple[AreaLine, list[RequirementRow]]]:
    """Return each area with its requirements."""
    return [
        (area, [row for row in results.requirements if row.area == area.name]) for area in areas
    ]


def _remarks(results: Results) -> list[tuple[str, str, str]]:
    """Return what checks that passed remarked: requirements, what they were about, remark.

    Such as how many generated requests were sent and accepted; what several share, once.
    """
    ids: dict[tuple[str, str], list[str]] = {}
    for check in results.rows(Verdict.PASSED):
        if check.reason:
            about = check.title.removesuffix("]").rpartition("[")[2]
            ids.setdefault((about, check.reason), []).extend(check.requirements)
    return [
        (", ".join(dict.fromkeys(named)), about, remark) for (about, remark), named in ids.items()
    ]


def _evidence(check: CheckRow, exchanges: Evidence, limit: SizeLimit) -> tuple[Shown, ...]:
    shown: list[Shown] = []
    for id_ in reversed(check.exchanges[-EXCHANGES_PER_CHECK:]):  # the decisive one is the last
        exchange = exchanges.get(id_)
        if exchange is None:
            continue
        evidence = _shown(exchange)
        if not limit.affords(evidence):
            break
        shown.insert(0, evidence)
    return tuple(shown)


def _shown(exchange: Exchange) -> Shown:
    status = f"{exchange.status}" if exchange.status is not None else "no answer"
    return Shown(
        id=exchange.id,
        summary=f"{exchange.operation} as {exchange.actor}",
        status=status,
        request=f"{exchange.method} {exchange.url}\n\n{_readable(exchange.request_body)}".strip(),
        response=_readable(exchange.response_body) or exchange.failure or "(empty)",
        repeat=shortened(curl(exchange), BODY_LIMIT * 2),
        violations=tuple(
            shortened(f"{each.side} {each.pointer}: expected {each.expected}, got {each.got}", 300)
            for each in exchange.violations[:10]
        ),
    )


def _readable(body: str) -> str:
    return shortened(readable(body), BODY_LIMIT)


def _document(described: Mapping[str, str]) -> tuple[str, str, str]:
    """Return service, title with version, and where the document came from."""
    title = f"{described.get('title', '')} {described.get('version', '')}".strip()
    origin = without_paths(f"{described.get('file', '')}, {described.get('source', '')}")
    return described["service"], title, f"{origin}, SHA-256 {described.get('sha256', '')[:16]}…"


def _settings(profile: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each setting that was given, with its origin, secrets hidden once more."""
    origins = profile.get("origins", {})
    for path, value in _flat(Redactor().document(profile.get("settings", {}))):
        if any(path == given or path.startswith(f"{given}.") for given in origins):
            yield path, without_paths(value), str(origins.get(path, ""))


def _flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _flat(value, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list | tuple) and any(isinstance(each, Mapping) for each in node):
        for number, value in enumerate(node):
            yield from _flat(value, f"{path}[{number}]")
    elif isinstance(node, list | tuple):
        yield path, ", ".join(str(each) for each in node) or "none"
    elif node is not None:
        yield path, str(node)


def template(name: str) -> Template:
    """Return a shipped template that shows any text as it is, without interpreting it."""
    environment = Environment(
        loader=FileSystemLoader(resources.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Only plain text passes through: what a macro made is markup of ours.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["brief"] = lambda text: shortened(text, TEXT_LIMIT)
    environment.filters["clip"] = clipped
    environment.filters["reason"] = lambda text: shortened(without_paths(text), TEXT_LIMIT)
    return environment.get_template(name)
