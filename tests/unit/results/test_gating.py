"""The gate: which failures end the command with an error, alone and against an earlier run."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from conformance.core import resources
from conformance.core.errors import ExitCode, SetupError
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Level, RunVerdict, Verdict
from conformance.results.gate import GATES, Gate
from conformance.results.gating import baseline_of, compared, exit_code, gate_lines
from conformance.results.journal import Journal, read
from conformance.results.model import Results
from tests.unit.conftest import finding_of, header_of, planned_of

MUST, SHOULD = "TXN-08", "USR-11"
Whole = Callable[..., Results]


@pytest.fixture
def whole(tmp_path: Path, register: Register) -> Whole:
    """Conclude a run in which every requirement passed but for the given findings."""

    def run(*findings: Finding, name: str = "now", partial: bool = False, **how: object) -> Results:
        others = {id_ for each in findings for id_ in each.requirements}
        rest = [finding_of(each.id) for each in register if each.id not in others]
        every: Iterable[Finding] = [*findings, *([] if partial else rest)]
        header = header_of(run=name, partial=partial)
        journal = Journal(tmp_path / name, header, register, planned_of(every))
        for each in every:
            journal.finding(each)
        return journal.close(**how)  # type: ignore[arg-type]

    return run


def wrong(id_: str, verdict: Verdict = Verdict.FAILED, check: str = "") -> Finding:
    return finding_of(id_, verdict, check=check or f"sample::{id_.lower()}")


@pytest.mark.parametrize(
    ("id_", "verdict", "codes"),
    [
        (MUST, Verdict.PASSED, (0, 0, 0)),
        (MUST, Verdict.FAILED, (1, 1, 0)),
        (MUST, Verdict.INCONCLUSIVE, (4, 4, 0)),
        (MUST, Verdict.ERROR, (3, 3, 3)),
        (SHOULD, Verdict.FAILED, (0, 1, 0)),
        (SHOULD, Verdict.INCONCLUSIVE, (0, 4, 0)),
        (SHOULD, Verdict.ERROR, (3, 3, 3)),
    ],
)
def test_each_level_ends_with_its_code(
    whole: Whole, id_: str, verdict: Verdict, codes: tuple[int, ...]
) -> None:
    results = whole(wrong(id_, verdict))
    assert tuple(int(exit_code(compared(results, level))) for level in GATES) == codes


def test_a_gate_changes_no_verdict(whole: Whole) -> None:
    failed = whole(wrong(MUST))
    assert compared(failed, "none").verdict is RunVerdict.NON_CONFORMANT
    advised = whole(wrong(SHOULD))
    assert compared(advised, "should").verdict is RunVerdict.CONFORMANT


def test_a_part_of_the_suite_never_ends_as_the_whole(whole: Whole) -> None:
    passed = whole(finding_of(MUST), partial=True)
    assert exit_code(passed) == ExitCode.POLICY
    assert exit_code(compared(passed, "none")) == ExitCode.CONFORMANT
    failed = whole(wrong(MUST), partial=True)
    assert exit_code(failed) == ExitCode.NON_CONFORMANT
    assert exit_code(compared(failed, "must", failed)) == ExitCode.POLICY


def test_what_was_not_done_as_planned_is_an_error_at_any_gate(
    tmp_path: Path, register: Register
) -> None:
    planned = planned_of([finding_of(MUST), finding_of(SHOULD)])
    journal = Journal(tmp_path, header_of(), register, planned)
    journal.finding(finding_of(MUST))
    results = journal.close()
    assert {exit_code(compared(results, level)) for level in GATES} == {ExitCode.SUITE_ERROR}


VERDICTS = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)


@pytest.mark.parametrize("before", VERDICTS)
@pytest.mark.parametrize("now", VERDICTS)
def test_only_what_is_worse_than_before_gates(whole: Whole, before: Verdict, now: Verdict) -> None:
    baseline, results = whole(wrong(MUST, before), name="before"), whole(wrong(MUST, now))
    gated = compared(results, "must", baseline)
    worse = VERDICTS.index(now) > VERDICTS.index(before)
    code = {Verdict.FAILED: ExitCode.NON_CONFORMANT, Verdict.INCONCLUSIVE: ExitCode.POLICY}
    assert exit_code(gated) == (code[now] if worse else ExitCode.CONFORMANT)
    check = ("sample::txn-08",)
    assert gated.gate.regressions == (check if worse else ())
    better = before is not Verdict.PASSED and now is Verdict.PASSED
    assert gated.gate.improvements == (check if better else ())
    assert gated.verdict is results.verdict


def test_another_check_of_a_requirement_that_failed_is_a_regression(whole: Whole) -> None:
    one, two = (wrong(MUST, check=f"sample::{name}") for name in ("one", "two"))
    passed = finding_of(MUST, check="sample::two")
    gated = compared(whole(one, two), "must", whole(one, passed, name="before"))
    assert gated.gate.regressions == ("sample::two",)
    assert exit_code(gated) == ExitCode.NON_CONFORMANT


def test_a_new_check_gates_unless_its_requirement_failed_before(whole: Whole) -> None:
    new = wrong(MUST, check="sample::new")
    gated = compared(whole(new), "must", whole(name="before"))
    assert exit_code(gated) == ExitCode.NON_CONFORMANT
    gated = compared(whole(new), "must", whole(wrong(MUST), name="failed"))
    assert exit_code(gated) == ExitCode.CONFORMANT


def test_results_keep_the_gate_also_in_the_journal(whole: Whole, tmp_path: Path) -> None:
    baseline = whole(wrong(SHOULD), name="before")
    results = whole(wrong(MUST), wrong(SHOULD), level="should", baseline=baseline)
    document = json.loads((tmp_path / "now" / "results.json").read_text("utf-8"))
    schema = json.loads(resources.file("templates", "results.schema.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    assert document["gate"]["baseline"] == "before"
    assert read(tmp_path / "now") == results
    (tmp_path / "now" / "results.json").unlink()
    assert read(tmp_path / "now").gate == results.gate


def test_the_gate_is_described_where_it_is_not_the_usual_one(whole: Whole) -> None:
    results = whole(wrong(MUST), finding_of(SHOULD))
    assert not gate_lines(results)
    assert gate_lines(compared(results, "none")) == ["--gate none: the command ends with 0"]
    lines = gate_lines(compared(results, "must", whole(wrong(SHOULD), name="before")))
    assert "compared with run before of uat" in lines
    assert f"1 regression: {MUST}" in lines
    assert f"1 improvement: {SHOULD}" in lines
    assert "0 known problems" in lines


def test_a_baseline_of_another_target_is_named(whole: Whole) -> None:
    baseline = whole(wrong(MUST), name="before")
    other = {**baseline.header.target, "name": "other"}
    foreign = replace(baseline, header=replace(baseline.header, target=other))
    named = "that is another target than uat"
    for before, expected in ((baseline, False), (foreign, True)):
        lines = gate_lines(compared(whole(wrong(MUST)), "must", before))
        assert any(line.startswith(named) for line in lines) is expected
        assert (lines[1] == "compared with run before of other") is expected


def test_a_baseline_is_a_folder_or_a_file(whole: Whole, tmp_path: Path) -> None:
    results = whole(wrong(MUST))
    assert baseline_of(None) is None
    for path in (tmp_path / "now", tmp_path / "now" / "results.json"):
        assert baseline_of(path) == results


def test_a_baseline_that_was_not_finished_is_refused(tmp_path: Path, register: Register) -> None:
    Journal(tmp_path, header_of(), register, planned_of([finding_of(MUST)]))
    with pytest.raises(SetupError, match="was not finished"):
        baseline_of(tmp_path)


def test_an_unknown_level_in_results_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        Gate.from_json({"level": "x", "known": [], "regressions": [], "improvements": []})


def test_advisory_failures_stand_in_the_headline(whole: Whole, register: Register) -> None:
    must = sum(each.level is Level.MUST for each in register)
    line = whole(wrong(SHOULD)).verdict_line
    assert line == (
        f"CONFORMANT, {must} of {must} binding requirements decided, 1 advisory requirement failed"
    )
