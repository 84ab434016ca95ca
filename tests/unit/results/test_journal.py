"""The journal: nothing decided is lost, nothing incomplete is certified."""

import json
import threading
from pathlib import Path

import jsonschema
import pytest

from conformance.core import resources
from conformance.core.requirements import Register
from conformance.core.verdicts import RunVerdict, Verdict
from conformance.results.journal import (
    Journal,
    JournalProblem,
    exchanges_of,
    has_begun,
    keep,
    read,
)
from conformance.results.model import Results
from tests.unit.conftest import MIXED, Runner, exchange_of, finding_of, header_of, planned_of


def schema() -> dict[str, object]:
    return json.loads(resources.file("templates", "results.schema.json").read_text("utf-8"))


def test_reads_back_what_was_recorded(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    assert read(folder) == results
    assert list(exchanges_of(folder)) == list(exchanges)
    assert len(exchanges) == len(MIXED)


def test_results_json_fits_its_schema_and_rebuilds_the_results(a_run: Runner) -> None:
    folder, results, _ = a_run()
    document = json.loads((folder / "results.json").read_text("utf-8"))
    jsonschema.validate(document, schema())
    assert Results.from_json(document) == results
    assert document["verdict_line"].startswith("NON-CONFORMANT, 3 of ")


def test_a_killed_run_keeps_what_was_decided(tmp_path: Path, register: Register) -> None:
    findings = (finding_of("USR-01"), finding_of("USR-03"))
    journal = Journal(tmp_path, header_of(), register, planned_of(findings))
    journal.finding(findings[0])
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"kind": "finding", "check": "cut sho')
    results = read(tmp_path)
    assert any("last line of the journal was cut off" in each for each in results.problems)
    assert (results.complete, results.executed, results.planned) == (False, 1, 2)
    assert results.verdict is RunVerdict.ERROR
    assert not results.certifiable
    assert "INCOMPLETE RUN, no certificate" in results.verdict_line
    early = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert early["complete"] is False
    jsonschema.validate(early, schema())


def test_a_violation_stands_in_a_killed_run(tmp_path: Path, register: Register) -> None:
    failed = finding_of("TXN-08", Verdict.FAILED)
    journal = Journal(tmp_path, header_of(), register, planned_of([failed, finding_of("USR-01")]))
    journal.finding(failed)
    assert read(tmp_path).verdict is RunVerdict.NON_CONFORMANT


def test_less_executed_than_planned_is_an_error(tmp_path: Path, register: Register) -> None:
    findings = (finding_of("USR-01"), finding_of("USR-03"))
    journal = Journal(tmp_path, header_of(), register, planned_of(findings))
    journal.finding(findings[0])
    results = journal.close()
    assert results.verdict is RunVerdict.ERROR
    assert results.problems == ("planned but not executed: sample::usr-03",)
    words = {row.id: row.word for row in results.requirements}
    assert (words["USR-01"], words["USR-03"], words["USR-04"]) == (
        "passed", "inconclusive", "not-covered",
    )  # fmt: skip
    assert results.decided == 1
    assert results.as_json()["summary"]["decided"] == 1


def test_a_pass_next_to_a_check_that_was_not_executed_is_no_pass(
    tmp_path: Path, register: Register
) -> None:
    done, left_out = finding_of("TXN-08"), finding_of("TXN-08", check="sample::other")
    journal = Journal(tmp_path, header_of(), register, planned_of([done, left_out]))
    journal.finding(done)
    row = next(each for each in journal.close().requirements if each.id == "TXN-08")
    assert row.verdict is Verdict.INCONCLUSIVE


def test_nothing_executed_is_an_error(tmp_path: Path, register: Register) -> None:
    results = Journal(tmp_path, header_of(), register, ()).close()
    assert results.verdict is RunVerdict.ERROR
    assert results.problems


def test_a_check_executed_twice_is_noticed(tmp_path: Path, register: Register) -> None:
    finding = finding_of("USR-01")
    journal = Journal(tmp_path, header_of(), register, planned_of([finding]))
    journal.finding(finding)
    journal.finding(finding)
    assert journal.close().problems == ("executed but not planned: sample::usr-01",)


def test_a_partial_run_says_so_and_gets_no_certificate(a_run: Runner) -> None:
    _, results, _ = a_run([finding_of("USR-01")], partial=True)
    assert results.verdict is RunVerdict.PARTIAL
    assert results.verdict_line.startswith(
        "PARTIAL RUN, no certificate: nothing binding failed, 1 of "
    )
    assert not results.certifiable


def test_latest_points_to_the_last_run(tmp_path: Path, register: Register) -> None:
    for name in ("first", "second"):
        Journal(tmp_path / "runs" / name, header_of(run=name), register, ()).close()
    assert (tmp_path / "latest").resolve() == tmp_path / "runs" / "second"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["latest", "runs"]


def test_where_links_are_refused_latest_is_a_text(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("links are not allowed here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    Journal(tmp_path / "runs" / "only", header_of(run="only"), register, ()).close()
    assert (tmp_path / "latest").read_text() == "runs/only\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["latest", "runs"]


def test_many_threads_write_whole_lines(tmp_path: Path, register: Register) -> None:
    journal = Journal(tmp_path, header_of(), register, ())

    def write(worker: int) -> None:
        for number in range(50):
            journal.exchanges.add(exchange_of(f"x{worker}-{number}", "set-up"))

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert len(exchanges_of(tmp_path)) == 200


def test_results_json_alone_is_enough(a_run: Runner) -> None:
    folder, results, _ = a_run()
    (folder / "journal.jsonl").unlink()
    assert read(folder) == results


def test_the_journal_alone_is_enough(a_run: Runner) -> None:
    folder, results, _ = a_run()
    (folder / "results.json").unlink()
    assert read(folder) == results


def test_the_journal_of_a_killed_run_is_ahead_of_its_results(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.results.journal.REFRESH_SECONDS", float("inf"))
    findings = (finding_of("USR-01"), finding_of("USR-03"))
    journal = Journal(tmp_path, header_of(), register, planned_of(findings))
    for finding in findings:
        journal.finding(finding)
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["summary"]["executed"] == 0
    assert read(tmp_path).executed == 2


@pytest.mark.parametrize("broken", ["{broken", "[]", '"text"', '{"no": "kind"}'])
def test_a_changed_journal_is_named_with_its_line(a_run: Runner, broken: str) -> None:
    folder, _, _ = a_run()
    (folder / "results.json").unlink()
    path = folder / "journal.jsonl"
    lines = path.read_text("utf-8").split("\n")
    lines[1] = broken
    path.write_text("\n".join(lines), "utf-8")
    for reader in (read, exchanges_of):
        with pytest.raises(JournalProblem, match="line 2 is not an entry of a journal"):
            reader(folder)


def test_a_finding_taken_out_of_a_closed_journal_is_noticed(a_run: Runner) -> None:
    folder, _, _ = a_run()
    (folder / "results.json").unlink()
    path = folder / "journal.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    failed = next(line for line in lines if '"kind": "finding"' in line and "TXN-08" in line)
    lines.remove(failed)
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(JournalProblem, match="counts 6 findings, but it contains 5"):
        read(folder)


def test_a_journal_line_without_its_fields_is_no_traceback(a_run: Runner) -> None:
    folder, _, _ = a_run()
    (folder / "results.json").unlink()
    with (folder / "journal.jsonl").open("a") as file:
        file.write('{"kind": "finding"}\n{"kind": "case"}\n')
    for reader in (read, keep):
        with pytest.raises(JournalProblem, match="not a run that this suite can read"):
            reader(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a run that this suite can read"),
        ("[]", "not a run that this suite can read"),
        ('{"format": "1.2"}', '"run" is a required property'),
        ('{"format": "9.0"}', "format '9.0', and this suite reads '1.2'"),
    ],
)
def test_results_that_are_none_are_one_clear_message(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(JournalProblem, match=message):
        read(tmp_path)


@pytest.mark.parametrize("content", ["", '{"kind": "finding"}\n'])
def test_a_file_without_header_is_no_journal(tmp_path: Path, content: str) -> None:
    (tmp_path / "journal.jsonl").write_text(content)
    with pytest.raises(JournalProblem, match="no header"):
        read(tmp_path)


def test_a_missing_journal_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(JournalProblem, match="holds no run"):
        read(tmp_path)


def test_counts_each_verdict(a_run: Runner) -> None:
    _, results, _ = a_run()
    summary = results.summary
    assert {summary[word] for word in ("passed", "failed", "inconclusive", "waived")} == {1}
    assert summary["planned"] == summary["executed"] == len(MIXED)


def test_failed_checks_of_one_rule_stand_together_in_register_order(a_run: Runner) -> None:
    findings = [
        finding_of("TXN-09", Verdict.FAILED),
        finding_of("TXN-08", Verdict.FAILED, check="sample::rival"),
        finding_of("USR-01"),
        finding_of("TXN-08", Verdict.FAILED, check="sample::cashier"),
    ]
    _, results, _ = a_run(findings)
    message = [
        ([row.id for row in rows], [c.id for c in checks]) for rows, checks in results.violated()
    ]
    assert message == [
        (["TXN-08"], ["sample::rival", "sample::cashier"]),
        (["TXN-09"], ["sample::txn-09"]),
    ]


def test_a_requirement_holds_the_gravest_verdict_of_its_checks(a_run: Runner) -> None:
    findings = [finding_of("TXN-08", each, check=f"sample::{each}") for each in list(Verdict)[:4]]
    _, results, _ = a_run(findings)
    row = next(each for each in results.requirements if each.id == "TXN-08")
    assert row.verdict is Verdict.INCONCLUSIVE
    assert len(row.checks) == 4


def test_a_killed_run_is_gone_on_with_where_it_ended(tmp_path: Path, register: Register) -> None:
    findings = (finding_of("USR-01"), finding_of("USR-03"))
    journal = Journal(tmp_path, header_of(), register, planned_of(findings), split=True)
    journal.exchanges.add(exchange_of("x1", "sample::usr-01"))
    journal.finding(findings[0])
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"kind": "finding", "check": "cut sho')
    kept = keep(tmp_path)
    assert (kept.undecided, kept.split, kept.complete) == ({"sample::usr-03"}, True, False)

    later = Journal(tmp_path, kept.header, kept.register, kept.planned, kept=kept)
    later.finding(findings[1])
    results = later.close()

    assert (results.planned, results.executed, results.problems) == (2, 2, ())
    (tmp_path / "results.json").unlink()
    assert read(tmp_path) == results
    assert [each.id for each in exchanges_of(tmp_path)] == ["x1"]


def test_a_case_that_lapsed_waits_no_more(tmp_path: Path, register: Register) -> None:
    waiting = finding_of("RCP-04", Verdict.INCONCLUSIVE, reason="too late")
    journal = Journal(tmp_path, header_of(), register, planned_of((waiting,)), split=True)
    journal.case(waiting.check, {"due": 1})
    journal.finding(waiting)
    assert keep(tmp_path).waiting == {waiting.check}
    journal.lapsed(waiting.check)
    assert not keep(tmp_path).waiting


def test_what_waited_is_withdrawn_and_decided_once(tmp_path: Path, register: Register) -> None:
    waiting = finding_of("RCP-04", Verdict.INCONCLUSIVE, reason="prepared today")
    other = finding_of("USR-01")
    journal = Journal(tmp_path, header_of(), register, planned_of((waiting, other)), split=True)
    journal.case(waiting.check, {"due": 1})
    journal.finding(waiting)
    journal.finding(other)
    window = {"from": "tomorrow", "until": "Sunday"}
    opened = journal.close(settle=window)
    assert opened.verdict_line.startswith("OPEN RUN, to be settled from tomorrow until Sunday: INC")
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    jsonschema.validate(document, schema())
    assert Results.from_json(document) == opened == read(tmp_path)
    kept = keep(tmp_path)
    assert (kept.waiting, kept.undecided, kept.complete) == ({waiting.check}, frozenset(), True)

    later = Journal(
        tmp_path, kept.header, kept.register, kept.planned, kept=kept, withdrawn=kept.waiting
    )
    assert not read(tmp_path).complete
    assert keep(tmp_path).undecided == {waiting.check}  # so a killed settlement can be repeated
    later.finding(waiting)  # postponed again
    later.close(settle=window)
    kept = keep(tmp_path)
    assert kept.waiting == {waiting.check}

    last = Journal(
        tmp_path, kept.header, kept.register, kept.planned, kept=kept, withdrawn=kept.waiting
    )
    last.finding(finding_of("RCP-04"))
    results = last.close()

    assert (results.verdict, results.executed) == (RunVerdict.CONFORMANT, 2)
    assert not keep(tmp_path).waiting
    (tmp_path / "results.json").unlink()
    assert read(tmp_path) == results


def test_the_journal_of_an_older_suite_holds_its_exchanges(a_run: Runner) -> None:
    folder, _, exchanges = a_run()
    before = list(exchanges)
    path = folder / "journal.jsonl"
    header, *lines = map(json.loads, path.read_text("utf-8").splitlines())
    del header["exchanges"]
    recorded = [{"kind": "exchange", **each.as_json()} for each in before]
    (folder / "exchanges.jsonl.gz").unlink()
    path.write_text("".join(json.dumps(each) + "\n" for each in (header, *recorded, *lines)))
    assert list(exchanges_of(folder)) == list(keep(folder).exchanges) == before


def test_exchanges_that_are_missing_or_damaged_are_named(a_run: Runner) -> None:
    folder, _, _ = a_run()
    path = folder / "exchanges.jsonl.gz"
    path.write_bytes(b"nonsense")
    for reader in (keep, exchanges_of):
        with pytest.raises(JournalProblem, match=r"exchanges\.jsonl\.gz: cannot be unpacked"):
            reader(folder)
    path.unlink()
    for reader in (keep, exchanges_of):
        with pytest.raises(JournalProblem, match=r"exchanges\.jsonl\.gz: is missing"):
            reader(folder)


def test_what_was_learnt_is_kept(tmp_path: Path, register: Register) -> None:
    journal = Journal(tmp_path, header_of(), register, ())
    journal.memory({"pg-01": [{"published": "seen"}]})
    journal.memory({"patience": 1.5})
    assert keep(tmp_path).memory == ({"pg-01": [{"published": "seen"}]}, {"patience": 1.5})


def test_a_journal_without_its_header_continues_no_run(tmp_path: Path) -> None:
    assert not has_begun(tmp_path)
    for content, begun in (
        (b"", False),
        (b'{"kind": "hea', False),
        (b'{"kind": "header"}\n', True),
    ):
        (tmp_path / "journal.jsonl").write_bytes(content)
        assert has_begun(tmp_path) is begun
