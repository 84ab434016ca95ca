"""A run of a deployment that BBPS could reach, whole and CONFORMANT, with a key to sign it."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conformance.core.requirements import Register
from conformance.core.verdicts import Level, Verdict
from conformance.profile.this_machine import on_this_machine
from conformance.report.writing import write_all
from conformance.results.attestation.keys import new_key, private_key
from conformance.results.journal import Journal
from conformance.run.examination.verifying import attest
from tests.unit.conftest import exchange_of, finding_of, header_of, planned_of

CITY = "https://digit.city.gov"
NAME = "20260110T093000-cafe"
TODAY = date.today()  # noqa: DTZ011  runs of these tests end now

Copy = Callable[[], Path]


def made(home: Path, *, verdict: Verdict = Verdict.PASSED, **changes: object) -> Path:
    """Make a whole run below a folder; TXN-08 comes to the verdict, all else passes."""
    assert not on_this_machine(CITY)
    register = Register.load()
    texts = {"required": "Refused.", "observed": "Done."} if verdict is Verdict.FAILED else {}
    findings = [
        finding_of(each.id, verdict, **texts) if each.id == "TXN-08" else finding_of(each.id)
        for each in register
        if not each.not_checked
    ]
    folder = home / "reports" / "runs" / NAME
    target = {"name": "city", "base_url": CITY, "fingerprint": "8f1c02bb"}
    settings = {"settings": {"base_url": CITY}, "origins": {}}
    header = header_of(**{"target": target, "profile": settings, **changes})
    journal = Journal(folder, header, register, planned_of(findings))
    for finding in findings:
        for id_ in finding.exchanges:
            journal.exchanges.add(exchange_of(id_, finding.check, url=f"{CITY}/pg/_update"))
        journal.finding(finding)
    results = journal.close()
    assert any(row.level is Level.MUST for row in results.requirements)
    write_all(folder, results, journal.exchanges)
    return folder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys `city` and `other`."""
    home = tmp_path_factory.mktemp("keys")
    for name in ("city", "other"):
        new_key(home / name)
    return home


@pytest.fixture(scope="session")
def signed_run(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    folder = made(tmp_path_factory.mktemp("signed"))
    attest(folder, private_key(keys / "city.key"), today=TODAY)
    return folder


@pytest.fixture
def run(signed_run: Path, tmp_path: Path) -> Path:
    """A copy of the signed run, to be changed."""
    folder = tmp_path / NAME
    shutil.copytree(signed_run, folder)
    return folder
