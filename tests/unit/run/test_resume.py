"""Going on with a run: what is left, and under which terms."""

import gzip
import os
from decimal import Decimal
from pathlib import Path

import pytest

from conformance.core.ledger import Entry, Ledger
from conformance.core.requirements import Register
from conformance.core.verdicts import Verdict
from conformance.results.journal import Journal, PlannedCheck
from conformance.results.lock import LOCK
from conformance.results.manifest import write_manifest
from conformance.run.resume import ResumeError, earlier_part
from tests.unit.conftest import finding_of, header_of, planned_of

SUMMARY = PlannedCheck(check="contract_summary::all", title="All.", requirements=("CON-01",))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal of a split run: one check is decided, one waits, one and a summary are left."""
    waiting = finding_of("RCP-04", Verdict.INCONCLUSIVE)
    planned = (*planned_of([finding_of("USR-01"), waiting, finding_of("USR-03")]), SUMMARY)
    journal = Journal(tmp_path, header_of(), Register.load(), planned, split=True)
    journal.finding(finding_of("USR-01"))
    journal.case(waiting.check, {"owner": "conf-user", "due": 1})
    journal.finding(waiting)
    return journal


@pytest.mark.usefixtures("journal")
def test_an_interrupted_run_is_left_what_it_did_not_decide(tmp_path: Path) -> None:
    earlier = earlier_part(tmp_path, settle=False)
    assert earlier.chosen == {"sample::usr-03", SUMMARY.check}
    assert list(earlier.cases) == ["sample::rcp-04"]
    assert not earlier.finished
    earlier.lock.release()
    with pytest.raises(ResumeError, match="first run certify --resume"):
        earlier_part(tmp_path, settle=True)


def test_settling_takes_up_what_waits_and_judges_the_whole_again(
    tmp_path: Path, journal: Journal
) -> None:
    journal.finding(finding_of("USR-03"))
    journal.finding(finding_of("CON-01", check=SUMMARY.check))
    journal.close(settle={"from": "tomorrow"})
    assert earlier_part(tmp_path, settle=False).finished
    earlier = earlier_part(tmp_path, settle=True)
    assert earlier.chosen == earlier.withdrawn == {"sample::rcp-04", SUMMARY.check}
    assert not earlier.finished


def test_what_a_resumed_part_decided_is_not_taken_up_again(tmp_path: Path) -> None:
    late = finding_of("RCP-04", Verdict.FAILED)
    journal = Journal(tmp_path, header_of(), Register.load(), planned_of([late]), split=True)
    journal.case(late.check, {"owner": "conf-user", "due": 1})  # killed before it was filed
    assert earlier_part(tmp_path, settle=False).chosen == {late.check}
    journal.finding(late)
    journal.close()
    earlier = earlier_part(tmp_path, settle=True)
    assert (earlier.finished, earlier.withdrawn) == (True, frozenset())


def test_a_journal_that_was_changed_is_not_gone_on_with(tmp_path: Path) -> None:
    findings = (finding_of("USR-01", Verdict.FAILED), finding_of("RCP-04", Verdict.INCONCLUSIVE))
    journal = Journal(tmp_path, header_of(), Register.load(), planned_of(findings), split=True)
    journal.case(findings[1].check, {"owner": "conf-user", "due": 1})
    for finding in findings:
        journal.finding(finding)
    journal.close(settle={"from": "tomorrow"})
    write_manifest(tmp_path)
    path = tmp_path / "journal.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"failed"', '"passed"'), "utf-8")
    with pytest.raises(ResumeError, match=r"journal\.jsonl is not as manifest\.json recorded it"):
        earlier_part(tmp_path, settle=True)
    path.write_text(whole, "utf-8")
    exchanges = tmp_path / "exchanges.jsonl.gz"
    recorded = exchanges.read_bytes()
    exchanges.write_bytes(gzip.compress(b""))
    with pytest.raises(
        ResumeError, match=r"exchanges\.jsonl\.gz is not as manifest\.json recorded"
    ):
        earlier_part(tmp_path, settle=True)
    exchanges.unlink()
    with pytest.raises(ResumeError, match=r"exchanges\.jsonl\.gz: is missing"):
        earlier_part(tmp_path, settle=True)
    exchanges.write_bytes(recorded)

    earlier = earlier_part(tmp_path, settle=True)
    kept = earlier.kept
    later = Journal(
        tmp_path, kept.header, kept.register, kept.planned, kept=kept, withdrawn=earlier.withdrawn
    )
    earlier.lock.release()
    assert earlier_part(tmp_path, settle=True).chosen == {findings[1].check}  # killed meanwhile
    later.finding(finding_of("RCP-04"))
    later.close()  # and killed before its reports
    assert earlier_part(tmp_path, settle=True).finished


@pytest.mark.usefixtures("journal")
def test_other_settings_are_reported_all_at_once(tmp_path: Path) -> None:
    earlier = earlier_part(tmp_path, settle=False)
    earlier.require_same(header_of(seed=7, target={"name": "uat", "detected": "elsewhere"}))
    before = header_of()
    other = header_of(
        suite={**before.suite, "version": "9.9"},
        profile={"settings": {"tenant": "pb.jalandhar", "bills": {"pool": "/elsewhere.csv"}}},
        contract={**before.contract, "errata": []},
    )
    with pytest.raises(ResumeError) as refused:
        earlier.require_same(other)
    message = str(refused.value)
    assert "the suite: it was 0.1.0, now it is 9.9" in message
    assert "tenant: it was pb.amritsar, now it is pb.jalandhar" in message
    assert "the contracts, or their errata" in message
    assert "pool" not in message  # a path is another from another folder


@pytest.mark.usefixtures("journal")
def test_a_later_part_may_have_another_pace(tmp_path: Path) -> None:
    earlier = earlier_part(tmp_path, settle=False)
    settings = dict(header_of().profile["settings"])
    pace = {"requests_per_second": 2, "requests_in_flight": 1}
    earlier.require_same(header_of(profile={"settings": {**settings, "limits": pace}}))
    more = {**pace, "rupees_per_run": 9}
    with pytest.raises(ResumeError, match=r"limits\.rupees_per_run"):
        earlier.require_same(header_of(profile={"settings": {**settings, "limits": more}}))


@pytest.mark.parametrize("content", [None, "", "{broken\n"])
def test_no_journal_is_one_message(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "journal.jsonl").write_text(content)
    with pytest.raises(ResumeError, match=r"journal\.jsonl"):
        earlier_part(tmp_path, settle=False)


@pytest.mark.usefixtures("journal")
def test_an_entry_that_was_cut_short_is_taken_off_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    entry = Entry(kind="transaction", key="B-1", tenant="pb.amritsar", rupees=Decimal(7))
    Ledger(path, Decimal(10)).enter(entry)
    whole = path.read_text()
    path.write_text(whole + '{"kind": "dem')
    earlier_part(tmp_path, settle=False)
    assert path.read_text() == whole
    assert Ledger(path, Decimal(10)).spent == 7  # the cap is one for all parts
    path.write_text("no entry\n" + whole)
    with pytest.raises(ResumeError, match="line 1"):
        earlier_part(tmp_path, settle=False)


@pytest.mark.usefixtures("journal")
def test_one_process_at_a_time_goes_on_with_a_run(tmp_path: Path) -> None:
    earlier = earlier_part(tmp_path, settle=False)
    with pytest.raises(ResumeError, match=f"still in progress, in process {os.getpid()};"):
        earlier_part(tmp_path, settle=False)
    earlier.lock.release()
    earlier_part(tmp_path, settle=False)
    write_manifest(tmp_path)
    assert LOCK not in (tmp_path / "manifest.json").read_text()
