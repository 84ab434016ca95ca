"""Allure results from a run: behaviours are requirements, steps are exchanges. Not the page itself.

Written without pytest, so that history ids are stable and nothing unredacted can get in.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Verdict
from conformance.report.allure_texts import Tree, description, details, labels
from conformance.report.evidence import to_repeat
from conformance.report.plain import printable, readable, shortened
from conformance.report.stories import SCENARIOS, by_reason, case_of, stories, story_of, title_of
from conformance.results.exchange_store import Evidence
from conformance.results.model import CheckRow, Results

FOLDER: Final = "allure-results"
STATUS: Final = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.WAIVED: "failed",  # known, and in a category of its own: a waiver changes no finding
    Verdict.INCONCLUSIVE: "broken",
    Verdict.ERROR: "broken",
    Verdict.NOT_APPLICABLE: "skipped",
}
STEPS: Final = 20  # of a check, the last of them
WITH_TEXTS: Final = 8  # steps of a check that carry their texts, the last of them
OF_A_SAMPLE: Final = 3
BODY_LIMIT: Final = 20_000  # characters
CATEGORIES: Final = (
    ("Waived", ["failed"], "(?s)waived by .*"),
    ("Non-conformance", ["failed"], "(?s)required: .*"),
    ("Inconclusive", ["broken"], "(?s)inconclusive: .*"),
    ("Error of the suite", ["broken"], "(?s)error: .*"),
    ("Not applicable", ["skipped"], "(?s)not applicable: .*"),
)


def write_allure(folder: Path, results: Results, exchanges: Evidence) -> Path:
    """Write the folder allure-results: one result per situation, and Allure's side files."""
    home = folder / FOLDER
    write_results(home, results, exchanges, clean=True)
    return home


def write_results(home: Path, results: Results, exchanges: Evidence, *, clean: bool) -> None:
    """Write the results into a folder, which is emptied before if `clean`.

    The cases of a situation are the steps of one result: a page of a result for each would be
    heavy, and nobody would find anything on it.
    """
    writer = _Writer(home, results, exchanges, clean=clean)
    groups: dict[tuple[str, ...], list[CheckRow]] = {}
    for check in results.checks:
        groups.setdefault((_name(check), story_of(check), *check.requirements), []).append(check)
    for checks in groups.values():
        writer.write(checks)
    _side_files(home, results)


def _name(check: CheckRow) -> str:
    """Return the name of a check without its case; a scenario has none."""
    return check.id if check.id.startswith(SCENARIOS) else check.id.partition("[")[0]


def with_texts(results: Results) -> dict[str, int]:
    """Return the checks whose steps carry texts, with how many: what helps, and no more.

    That is the first case of each situation that failed, the first check of each reason for which
    something stayed undecided, and one sample of each requirement.
    """
    chosen: dict[str, int] = {}
    samples: set[str] = set()
    for check in results.rows(Verdict.PASSED):
        if check.exchanges and check.requirements[0] not in samples:
            samples.add(check.requirements[0])
            chosen[check.id] = OF_A_SAMPLE
    for _, checks in [*results.violated(), ((), results.waived)]:
        chosen |= {story.first.id: WITH_TEXTS for story in stories(checks)}
    for _, those in by_reason(results.rows(Verdict.INCONCLUSIVE, Verdict.ERROR)):
        chosen[those[0].id] = WITH_TEXTS
    return chosen


class _Writer:
    """Writes the checks of one run; ids follow from run and check, so that they are repeatable."""

    def __init__(self, home: Path, results: Results, exchanges: Evidence, *, clean: bool) -> None:
        if clean:
            shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._results = results
        self._rows = {row.id: row for row in results.requirements}
        self._exchanges = exchanges
        self._with_texts = with_texts(results)

    def write(self, checks: Sequence[CheckRow]) -> None:
        """Write the cases of one situation; the first of the gravest verdict stands for them."""
        lead = max(checks, key=lambda each: list(Verdict).index(each.counts_as))
        rows = [self._rows[id_] for id_ in lead.requirements]
        name = _name(lead)
        key = hashlib.sha256(" ".join((name, *lead.requirements)).encode()).hexdigest()[:32]
        start = min(map(self._start, checks))
        steps = [self._case(check, lead) for check in checks]
        uuid = self._uuid(f"{name} {key}")
        result = _filled(
            name=printable(title_of(lead) if len(checks) == 1 else story_of(lead)),
            status=STATUS[lead.counts_as],
            statusDetails=details(lead, checks, self._results.waived_by(lead)),
            description=description(lead, rows, self._decisive(lead)),
            steps=steps[0].get("steps") if len(checks) == 1 else steps,
            start=start,
            stop=start + round(sum(check.seconds for check in checks) * 1000),
            uuid=uuid,
            historyId=key,
            testCaseId=key,
            fullName=name,
            labels=labels(lead, rows),
        )
        text = json.dumps(result, ensure_ascii=False)
        (self._home / f"{uuid}-result.json").write_text(text, encoding="utf-8")

    def _case(self, check: CheckRow, lead: CheckRow) -> Tree:
        """Return one case as a step, with its exchanges if it leads, or if they carry texts."""
        start = self._start(check)
        with_texts = self._with_texts.get(check.id, 0)
        leads = check is lead and check.verdict is not Verdict.PASSED
        found = [self._exchanges.get(id_) for id_ in check.exchanges[-STEPS:]]
        exchanges = [each for each in found if each is not None] if leads else []
        exchanges = exchanges or [each for each in found[-with_texts:] if each and with_texts]
        decisive = self._decisive(check)
        first = len(exchanges) - with_texts
        return _filled(
            name=printable(case_of(check) or title_of(check)),
            status=STATUS[check.counts_as],
            statusDetails=details(check, [check], self._results.waived_by(check)),
            steps=[
                self._step(check, each, texts=place >= first, decides=each == decisive)
                for place, each in enumerate(exchanges)
            ],
            start=start,
            stop=start + round(check.seconds * 1000),
        )

    def _decisive(self, check: CheckRow) -> Exchange | None:
        undecided = check.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE)
        return None if undecided else to_repeat(check, self._exchanges)

    def _start(self, check: CheckRow) -> int:
        """Return when a check made its first exchange, else when the run began."""
        first = self._exchanges.get(check.exchanges[0]) if check.exchanges else None
        return _epoch_ms(first.started_at if first else self._results.started)

    def _step(self, check: CheckRow, exchange: Exchange, *, texts: bool, decides: bool) -> Tree:
        """Return an exchange as a step; that which decided has the verdict of the check."""
        start = _epoch_ms(exchange.started_at)
        answer = exchange.status if exchange.status is not None else "no answer"
        status = STATUS[check.verdict] if decides else "passed"
        observed = check.observed if decides else ""
        # A parameter is shown at its step, a shell script is only offered as a file.
        curl_ = [{"name": "curl", "value": printable(curl(exchange))}] if texts else []
        return _filled(
            name=f"{_step_of(exchange)}{exchange.operation} as {exchange.actor}: {answer}",
            status="broken" if exchange.status is None else status,
            statusDetails={"message": printable(observed)} if observed else None,
            attachments=self._attached(check, exchange) if texts else [],
            parameters=curl_,
            start=start,
            stop=start + round(exchange.milliseconds),
        )

    def _attached(self, check: CheckRow, exchange: Exchange) -> list[Tree]:
        """Write the texts of an exchange into files; return what names them."""
        found = []
        for name, text in _attachments(exchange):
            file = f"{self._uuid(f'{check.id} {exchange.id} {name}')}-attachment.txt"
            # Half a character, as an answer may have one, is written as its code.
            (self._home / file).write_bytes(text.encode("utf-8", "backslashreplace"))
            found.append({"name": name, "source": file, "type": "text/plain"})
        return found

    def _uuid(self, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._results.header.run} {name}"))


def _filled(**fields: Any) -> Tree:
    """Return the fields that hold something."""
    return {name: value for name, value in fields.items() if value}


def _step_of(exchange: Exchange) -> str:
    """Return the step of a scenario that an exchange belongs to, as the begin of a name."""
    return printable(f"{exchange.step}: ") if exchange.step else ""


def _attachments(exchange: Exchange) -> list[tuple[str, str]]:
    request = f"{exchange.method} {exchange.url}\n{_headers(exchange.request_headers)}"
    answer = f"status {exchange.status}" if exchange.status is not None else exchange.failure
    response = f"{answer}\n{_headers(exchange.response_headers)}"
    return [
        ("request", f"{request}\n{_bounded(exchange.request_body)}"),
        ("response", f"{response}\n{_bounded(exchange.response_body)}"),
    ]


def _headers(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in headers.items())


def _bounded(body: str) -> str:
    return shortened(readable(body), BODY_LIMIT)


def _side_files(home: Path, results: Results) -> None:
    header = results.header
    facts = {
        "target": header.target["name"],
        "base_url": header.target["base_url"],
        "fingerprint": header.target["fingerprint"],
        "services": header.target.get("detected", ""),
        "mode": header.mode,
        "run": header.run,
        "suite": header.suite["version"],
        "seed": str(header.seed),
        "verdict": results.verdict_line,
        **(header.rehearsal.facts if header.rehearsal else {}),
    }
    lines = [f"{name}={_property(value)}" for name, value in facts.items()]
    (home / "environment.properties").write_text(
        "\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace"
    )
    executor = {
        "name": "bbps-conformance",
        "type": "cli",
        "buildName": header.run,
        "reportName": f"BBPS conformance of {printable(header.target['name'])}",
    }
    (home / "executor.json").write_text(json.dumps(executor), encoding="utf-8")
    categories = [
        {"name": name, "matchedStatuses": statuses, "messageRegex": pattern}
        for name, statuses, pattern in CATEGORIES
    ]
    (home / "categories.json").write_text(json.dumps(categories, indent=1), encoding="utf-8")


def _property(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=")
    return printable(escaped).replace("\n", " ")


def _epoch_ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
