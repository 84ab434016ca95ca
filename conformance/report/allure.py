"""Allure results from a run: behaviours are requirements, steps are exchanges. Not the page itself.

Written without pytest, so that history ids are stable and nothing unredacted can get in.
"""

import hashlib
import json
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    StatusDetails,
    TestResult,
    TestStepResult,
)

from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Level, Verdict
from conformance.report.plain import printable
from conformance.results.exchange_store import Evidence
from conformance.results.model import CheckRow, RequirementRow, Results, gravest_level

FOLDER: Final = "allure-results"
STATUS: Final = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.INCONCLUSIVE: "broken",
    Verdict.ERROR: "broken",
    Verdict.NOT_APPLICABLE: "skipped",
}
SEVERITY: Final = {Level.MUST: "critical", Level.SHOULD: "normal", Level.NOTE: "minor"}
FEATURE_WIDTH: Final = 80
STEPS_PER_CHECK: Final = 20  # the last of them
CATEGORIES: Final = (
    ("Requirement violated", ["failed"], "(?s)required: .*"),
    ("Undecided", ["broken"], "(?s)inconclusive: .*"),
    ("Error of the suite", ["broken"], "(?s)error: .*"),
    ("Not applicable", ["skipped"], "(?s).*"),
)


def write_allure(folder: Path, results: Results, exchanges: Evidence) -> Path:
    """Write the folder allure-results: one result per check, and Allure's side files."""
    home = folder / FOLDER
    writer = _Writer(home, results, exchanges)
    for check in results.checks:
        writer.write(check)
    _side_files(home, results)
    return home


class _Writer:
    """Writes the checks of one run; ids follow from run and check, so that they are repeatable."""

    def __init__(self, home: Path, results: Results, exchanges: Evidence) -> None:
        self._log: Any = AllureFileLogger(  # type: ignore[no-untyped-call]  # it has no types
            str(home), clean=True
        )
        self._results = results
        self._rows = {row.id: row for row in results.requirements}
        self._exchanges = exchanges

    def write(self, check: CheckRow) -> None:
        """Write one check with its exchanges as steps, and with their texts if it did not pass."""
        found = (self._exchanges.get(id_) for id_ in check.exchanges[-STEPS_PER_CHECK:])
        exchanges = [each for each in found if each is not None]
        start = _epoch_ms(exchanges[0].started_at if exchanges else self._results.started)
        key = hashlib.sha256(check.id.encode()).hexdigest()[:32]
        rows = [self._rows[id_] for id_ in check.requirements]
        result = TestResult(
            uuid=self._uuid(check.id),
            name=printable(check.title),
            fullName=check.id,
            testCaseId=key,
            historyId=key,
            status=STATUS[check.verdict],
            statusDetails=_details(check),
            description="\n\n".join(f"**{row.id}** {row.statement}" for row in rows),
            labels=_labels(check, rows),
            steps=[self._step(check, each) for each in exchanges],
            start=start,
            stop=start + round(check.seconds * 1000),
        )
        # Else the logger draws a name, and nobody could write the same folder again.
        result.file_pattern = f"{result.uuid}-result.json"
        self._log.report_result(result)

    def _step(self, check: CheckRow, exchange: Exchange) -> TestStepResult:
        start = _epoch_ms(exchange.started_at)
        answer = exchange.status if exchange.status is not None else "no answer"
        step = TestStepResult(
            name=f"{_step_of(exchange)}{exchange.operation} as {exchange.actor}: {answer}",
            status="broken" if exchange.status is None else "passed",
            start=start,
            stop=start + round(exchange.milliseconds),
        )
        if check.verdict is Verdict.PASSED:
            return step
        for name, text, kind, extension in _attachments(exchange):
            file = f"{self._uuid(f'{check.id} {exchange.id} {name}')}-attachment.{extension}"
            self._log.report_attached_data(text, file)
            step.attachments.append(Attachment(name=name, source=file, type=kind))
        return step

    def _uuid(self, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._results.header.run} {name}"))


def _step_of(exchange: Exchange) -> str:
    """Return the step of a scenario that an exchange belongs to, as the begin of a name."""
    return printable(f"{exchange.step}: ") if exchange.step else ""


def _attachments(exchange: Exchange) -> list[tuple[str, str, str, str]]:
    request = f"{exchange.method} {exchange.url}\n{_headers(exchange.request_headers)}"
    answer = f"status {exchange.status}" if exchange.status is not None else exchange.failure
    response = f"{answer}\n{_headers(exchange.response_headers)}"
    return [
        ("request", f"{request}\n{exchange.request_body}", "text/plain", "txt"),
        ("response", f"{response}\n{exchange.response_body}", "text/plain", "txt"),
        ("curl", curl(exchange), "text/x-shellscript", "sh"),
    ]


def _headers(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in headers.items())


def _details(check: CheckRow) -> StatusDetails | None:
    match check.verdict:
        case Verdict.PASSED:  # such as how many generated requests were accepted
            return StatusDetails(message=printable(check.reason)) if check.reason else None
        case Verdict.FAILED:
            text = f"required: {check.required}\nobserved: {check.observed}"
        case Verdict.NOT_APPLICABLE:
            text = check.reason
        case _:
            text = f"{check.verdict}: {check.reason}"
    return StatusDetails(message=printable(text), known=bool(check.waiver))


def _labels(check: CheckRow, rows: Sequence[RequirementRow]) -> list[Label]:
    labels = [
        Label("severity", SEVERITY[gravest_level(rows)]),
        Label("framework", "bbps-conformance"),
    ]
    for area in dict.fromkeys(row.area for row in rows):
        labels.append(Label("epic", area))
    for row in rows:
        labels += [Label("feature", _feature(row)), Label("tag", row.id)]
    labels.append(Label("story", printable(check.title)))
    if check.verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR):
        labels.append(Label("tag", check.verdict.value))
    if check.waiver:
        labels.append(Label("tag", Verdict.WAIVED.value))
    return labels


def _feature(row: RequirementRow) -> str:
    """Return the id with as much of the statement as a line of a tree can show."""
    return f"{row.id} {textwrap.shorten(row.statement, FEATURE_WIDTH, placeholder=' …')}"


def _side_files(home: Path, results: Results) -> None:
    header = results.header
    facts = {
        "target": header.target["name"],
        "base_url": header.target["base_url"],
        "fingerprint": header.target["fingerprint"],
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
    executor = {"name": "bbps-conformance", "type": "cli", "buildName": header.run}
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
