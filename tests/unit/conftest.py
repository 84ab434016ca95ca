"""A made-up run for the reports: one of each verdict, with hostile text in its exchanges."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.core.exchange import Exchange, SchemaViolation
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.results.exchange_store import ExchangeStore
from conformance.results.journal import Journal, PlannedCheck
from conformance.results.model import Header, Results
from conformance.results.waivers import Waiver

HOSTILE = "<img src=x onerror=alert(1)> \x1b[31mred \u202e| `code` ]]> & é"


def header_of(**changes: Any) -> Header:
    """Return a header; `changes` replaces fields."""
    values: dict[str, Any] = {
        "run": "20260110T093000-cafe",
        "suite": {"name": "digit-bbps-conformance", "version": "0.1.0"},
        "target": {"name": "uat", "base_url": "http://127.0.0.1:1", "fingerprint": "8f1c02bb"},
        "profile": {
            "settings": {
                "tenant": "pb.amritsar",
                "actors": {"rival": {"password": "hunter2plain"}},
            },
            "origins": {"tenant": "file", "actors.rival.password": "file"},
        },
        "contract": {
            "form": "effective",
            "documents": [
                {
                    "service": "pg-service",
                    "file": "pg-service.yaml",
                    "title": "Payment gateway",
                    "version": "1.0",
                    "sha256": "ab" * 32,
                    "source": "shipped",
                }
            ],
            "errata": ["collection-03", "pg-01"],
        },
        "mode": "full",
        "seed": 0,
        "partial": False,
        "rehearsal": None,
    }
    return Header(**{**values, **changes})


def exchange_of(id_: str, check: str, **changes: Any) -> Exchange:
    """Return an exchange of a check; `changes` replaces fields."""
    values: dict[str, Any] = {
        "id": id_,
        "check": check,
        "operation": "transaction.update",
        "actor": "rival",
        "method": "POST",
        "url": "http://127.0.0.1:1/pg-service/transaction/v1/_update?eg_pg_txnid=T1",
        "request_headers": {"content-type": "application/json"},
        "request_body": '{"RequestInfo": {"authToken": "***"}}',
        "status": 200,
        "response_headers": {"content-type": "application/json"},
        "response_body": f'{{"txnAmount": 100.10, "name": "{HOSTILE}"}}',
        "started_at": "2026-01-10T09:30:01.000+05:30",
        "milliseconds": 12.5,
        "violations": (
            SchemaViolation(side="response", pointer="/txnAmount", expected="string", got="1"),
        ),
    }
    return Exchange(**{**values, **changes})


def finding_of(id_: str, verdict: Verdict = Verdict.PASSED, **changes: Any) -> Finding:
    """Return a finding on the requirement `id_`."""
    values: dict[str, Any] = {
        "check": f"sample::{id_.lower()}",
        "title": f"The situation of {id_}",
        "requirements": (id_,),
        "verdict": verdict,
        "seconds": 0.25,
        "exchanges": (f"x-{id_}",),
    }
    return Finding(**{**values, **changes})


def planned_of(findings: Iterable[Finding]) -> tuple[PlannedCheck, ...]:
    """Return what had to be planned for these findings."""
    return tuple(
        PlannedCheck(check=each.check, title=each.title, requirements=each.requirements)
        for each in findings
    )


MIXED = (
    finding_of("USR-01"),
    finding_of("TXN-08", Verdict.FAILED, required="Refused.", observed=f"Done. {HOSTILE}"),
    finding_of("USR-06", Verdict.INCONCLUSIVE, reason="no second address; add it"),
    finding_of("PAY-03", Verdict.NOT_APPLICABLE, reason="no drafts here"),
    finding_of("RCP-02", Verdict.FAILED, observed="Dated today by the cashier."),
    finding_of("PAY-12", Verdict.ERROR, reason="KeyError: 'Payments'"),
)

WAIVER = Waiver(
    requirement="RCP-02",
    condition="dated today",
    reason="The fix is scheduled.",
    owner="payments team",
    link="https://tickets.digit.org/7",
    expiry=date(9999, 3, 31),
)

Runner = Callable[..., tuple[Path, Results, ExchangeStore]]


@pytest.fixture(scope="session")
def register() -> Register:
    return Register.load()


@pytest.fixture
def a_run(tmp_path: Path, register: Register) -> Runner:
    """Run a journal over findings; give folder, results and exchanges."""

    def run(
        findings: Iterable[Finding] = MIXED, **changes: Any
    ) -> tuple[Path, Results, ExchangeStore]:
        findings = tuple(findings)
        waivers = [WAIVER] if findings == MIXED else []
        folder = tmp_path / "reports" / "runs" / "20260110T093000-cafe"
        journal = Journal(folder, header_of(**changes), register, planned_of(findings))
        for finding in findings:
            for id_ in finding.exchanges:
                journal.exchanges.add(exchange_of(id_, finding.check))
            journal.finding(finding)
        errata = [{"id": "collection-03", "form": "corrected"}]
        results = journal.close(errata=errata, waivers=waivers, notes=["a note"])
        return folder, results, journal.exchanges

    return run
