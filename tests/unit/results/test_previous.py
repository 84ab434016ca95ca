"""The run before: what has changed since, in one sentence."""

from dataclasses import replace
from pathlib import Path

from conformance.core.requirements import Register
from conformance.core.verdicts import Verdict
from conformance.results.journal import Journal
from conformance.results.model import Results
from conformance.results.previous import changes, previous_of
from tests.unit.conftest import finding_of, header_of, planned_of


def closed(reports: Path, run: str, *verdicts: Verdict, **target: str) -> Results:
    findings = [
        finding_of(id_, verdict)
        for id_, verdict in zip(("TXN-08", "RCP-02", "BIL-01"), verdicts, strict=True)
    ]
    header = header_of(run=run)
    header = replace(header, target={**header.target, **target})
    journal = Journal(reports / "runs" / run, header, Register.load(), planned_of(findings))
    for finding in findings:
        journal.finding(finding)
    return journal.close()


def test_the_last_run_of_the_same_target_is_compared(tmp_path: Path) -> None:
    good, bad, unsure = Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE
    first = closed(tmp_path, "20260101T000000-aaaa", bad, good, unsure)
    closed(tmp_path, "20260102T000000-bbbb", bad, bad, bad, name="another")
    second = closed(tmp_path, "20260103T000000-cccc", good, bad, unsure, mdms="new")
    assert first.notes == ()
    said = second.notes[0]
    assert "20260101T000000-aaaa" in said
    assert "1 regression in 1 requirement (RCP-02), 1 improvement." in said
    assert "Changed besides: " in said


def test_what_did_not_change_is_said_too(tmp_path: Path) -> None:
    verdicts = (Verdict.PASSED, Verdict.FAILED, Verdict.PASSED)
    before = closed(tmp_path, "20260101T000000-aaaa", *verdicts)
    assert "No regression, 0 improvements" in changes(before, before)


def test_a_file_that_is_no_run_is_no_earlier_run(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "20250101T000000-dead"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text("[", encoding="utf-8")
    now = closed(tmp_path, "20260101T000000-aaaa", *[Verdict.PASSED] * 3)
    assert previous_of(tmp_path / "runs" / now.header.run, now) is None
