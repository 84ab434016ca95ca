"""Two runs compared: which verdicts are worse, better or other, and what else changed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.report.comparison import markdown, print_comparison
from conformance.results.comparing import RunComparison, compare
from conformance.results.gate import GATES
from conformance.results.gating import compared
from conformance.results.journal import Journal
from conformance.results.model import Results
from conformance.results.reading import JournalProblem, read, read_results
from tests.unit.conftest import HOSTILE, finding_of, header_of, planned_of

PASSED, FAILED, OPEN, LEFT = (
    Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE,
)  # fmt: skip
Run = Callable[..., Results]


@pytest.fixture
def run(tmp_path: Path, register: Register) -> Run:
    """Conclude a run of some findings; `ended` False kills it before its end."""

    def made(
        *findings: Finding, name: str = "now", ended: bool = True,
        errata: tuple[dict[str, str], ...] = (), **header: Any,
    ) -> Results:  # fmt: skip
        journal = Journal(
            tmp_path / name, header_of(run=name, **header), register, planned_of(findings)
        )
        for each in findings if ended else findings[:-1]:
            journal.finding(each)
        return journal.close(errata=errata) if ended else read(tmp_path / name)

    return made


def kinds(comparison: RunComparison) -> dict[str, list[str]]:
    """Return the names of checks under each kind of change, where there are any."""
    named = {
        kind: [each.check for each in getattr(comparison, kind)]
        for kind in ("regressions", "improvements", "others")
    }
    named |= {"new": list(comparison.new), "vanished": list(comparison.vanished)}
    return {kind: checks for kind, checks in named.items() if checks}


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (PASSED, FAILED, "regressions"),
        (PASSED, OPEN, "regressions"),
        (OPEN, FAILED, "regressions"),
        (LEFT, FAILED, "regressions"),
        (PASSED, Verdict.ERROR, "regressions"),
        (FAILED, PASSED, "improvements"),
        (OPEN, PASSED, "improvements"),
        (FAILED, OPEN, "others"),
        (PASSED, LEFT, "others"),
        (FAILED, LEFT, "others"),
        (LEFT, PASSED, "others"),
        (FAILED, FAILED, ""),
        (PASSED, PASSED, ""),
        (OPEN, OPEN, ""),
    ],
)
def test_each_change_of_a_verdict_is_of_one_kind(
    run: Run, before: Verdict, now: Verdict, kind: str
) -> None:
    old = run(finding_of("TXN-08", before), finding_of("USR-01"), name="before")
    new = run(finding_of("TXN-08", now), finding_of("USR-01"))
    comparison = compare(old, new)
    assert kinds(comparison) == ({kind: ["sample::txn-08"]} if kind else {})
    assert comparison.unchanged == (1 if kind else 2)
    named = [(row.id, row.before, row.now) for row in comparison.requirements]
    assert named == ([("TXN-08", before, now)] if kind else [])


@pytest.mark.parametrize("before", [PASSED, OPEN, FAILED])
@pytest.mark.parametrize("now", [PASSED, OPEN, FAILED])
def test_a_regression_is_what_a_baseline_calls_one(run: Run, before: Verdict, now: Verdict) -> None:
    old, new = run(finding_of("TXN-08", before), name="before"), run(finding_of("TXN-08", now))
    named = tuple(each.check for each in compare(old, new).regressions)
    assert named == compared(new, baseline=old).gate.regressions


@pytest.mark.parametrize(
    ("requirement", "verdict", "kind"),
    [
        ("TXN-08", FAILED, "regressions"),  # its requirement had passed
        ("TXN-08", PASSED, "new"),
        ("TXN-09", FAILED, "new"),  # which nobody had judged before
        ("TXN-09", PASSED, "new"),
    ],
)
def test_a_new_check_is_apart_unless_its_requirement_had_passed(
    run: Run, requirement: str, verdict: Verdict, kind: str
) -> None:
    old = run(finding_of("TXN-08"), name="before")
    new = run(finding_of("TXN-08"), finding_of(requirement, verdict, check="sample::new"))
    assert kinds(compare(old, new)) == {kind: ["sample::new"]}


def test_vanished_checks_are_apart(run: Run) -> None:
    old = run(finding_of("TXN-08"), finding_of("USR-01"), name="before")
    assert kinds(compare(old, run(finding_of("USR-01")))) == {"vanished": ["sample::txn-08"]}


def test_what_a_waiver_accepts_is_no_regression(run: Run) -> None:
    old, new = run(finding_of("TXN-08"), name="before"), run(finding_of("TXN-08", FAILED))
    waived = replace(new, checks=tuple(replace(each, waiver="W1") for each in new.checks))
    comparison = compare(old, waived)
    assert kinds(comparison) == {"others": ["sample::txn-08"]}
    assert comparison.others[0].now == "waived"


@pytest.mark.parametrize("level", GATES)
@pytest.mark.parametrize("requirement", ["TXN-08", "USR-11"])
@pytest.mark.parametrize("verdict", [FAILED, OPEN, Verdict.ERROR])
def test_what_gates_is_what_gates_against_a_baseline(
    run: Run, level: str, requirement: str, verdict: Verdict
) -> None:
    old, new = run(finding_of(requirement), name="before"), run(finding_of(requirement, verdict))
    gated = compared(new, level, old)
    expected = tuple(each.id for each in new.checks if gated.gates(each))
    assert compare(old, new, level).gating == expected
    if verdict is Verdict.ERROR:
        assert expected, "errors of the suite gate at every level"


def test_only_regressions_gate(run: Run) -> None:
    old = run(finding_of("TXN-08", FAILED), name="before")
    comparison = compare(old, run(finding_of("TXN-08", Verdict.ERROR)))
    assert kinds(comparison) == {"others": ["sample::txn-08"]}
    assert comparison.gating == ()


def test_an_incomplete_run_is_marked_and_what_it_lacks_is_no_regression(run: Run) -> None:
    findings = finding_of("TXN-08"), finding_of("USR-01")
    whole, cut = run(*findings, name="before"), run(*findings, ended=False)
    comparison = compare(whole, cut)
    assert not comparison.now.complete
    assert comparison.remarks == (
        "The second run is incomplete: it executed 1 of 2 planned checks.",
    )
    assert kinds(comparison) == {"vanished": ["sample::usr-01"]}
    assert "(incomplete)" in markdown(comparison)


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"partial": True}, "The second run is partial"),
        ({"suite": {"name": "x", "version": "9"}}, "Different versions of the suite"),
        ({"target": header_of().target | {"name": "live"}}, "The runs had different targets"),
    ],
)
def test_what_makes_runs_unlike_is_remarked(run: Run, changes: dict[str, Any], remark: str) -> None:
    old, new = run(finding_of("USR-01"), name="before"), run(finding_of("USR-01"), **changes)
    assert [each for each in compare(old, new).remarks if each.startswith(remark)]


def test_another_register_is_remarked(run: Run) -> None:
    old, new = run(finding_of("USR-01"), name="before"), run(finding_of("USR-01"))
    fewer = replace(old, requirements=old.requirements[:-1])
    assert any("registers differ" in each for each in compare(fewer, new).remarks)
    gone = compare(new, fewer)
    assert [row.now for row in gone.requirements] == ["not-covered"] * len(gone.requirements)


def test_what_changed_in_the_deployment_stands_beside(run: Run) -> None:
    target = header_of().target
    seen = {
        "detected": "gateway: Zuul; pg-service: DIGIT 2.8",
        "mdms": "roles: 11 (3 rows); roleactions: 22 (5 rows)",
    }
    now = {
        "detected": "gateway: Zuul; pg-service: Digit-Core LTS",
        "mdms": "roles: 11 (3 rows); roleactions: 33 (6 rows)",
        "fingerprint": "other",
    }
    contract = header_of().contract
    old = run(
        finding_of("USR-01"), name="before", target=target | seen,
        errata=({"id": "pg-01", "form": "published"}, {"id": "pg-02", "form": "published"}),
    )  # fmt: skip
    new = run(
        finding_of("USR-01"), target=target | now, seed=7, depth="deep",
        contract=contract | {"form": "published", "errata": ["pg-01"]},
        profile={"settings": {"tenant": "pb.jalandhar", "actors": {}}, "origins": {}},
        errata=({"id": "pg-01", "form": "corrected"}, {"id": "pg-02", "form": "corrected"}),
    )  # fmt: skip
    differences = {each.subject: (each.before, each.now) for each in compare(old, new).differences}
    assert differences == {
        "pg-service": ("DIGIT 2.8", "Digit-Core LTS"),
        "master data roleactions": ("22 (5 rows)", "33 (6 rows)"),
        "contract form": ("effective", "published"),
        "depth": ("standard", "deep"),
        "seed": ("0", "7"),
        "fingerprint of the profile": ("8f1c02bb", "other"),
        "errata applied: collection-03": ("applied", "not known"),
        "errata seen (2): pg-01, pg-02": ("published", "corrected"),
        "profile actors": ("not set", "{}"),
        "profile actors.rival.password": ("hunter2plain", "not set"),
        "profile tenant": ("pb.amritsar", "pb.jalandhar"),
    }


@pytest.mark.parametrize(("partial", "count"), [(False, 2), (True, 1)])
def test_what_a_part_of_the_suite_did_not_see_is_no_difference(
    run: Run, partial: bool, count: int
) -> None:
    old = run(
        finding_of("USR-01"), name="before",
        errata=({"id": "pg-01", "form": "published"}, {"id": "pg-02", "form": "published"}),
    )  # fmt: skip
    new = run(
        finding_of("USR-01"), partial=partial,
        errata=({"id": "pg-01", "form": "corrected"}, {"id": "pg-02", "form": "not seen"}),
    )  # fmt: skip
    assert len(compare(old, new).differences) == count


def test_texts_of_a_deployment_mean_nothing_to_reader_or_terminal(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    old = run(finding_of("TXN-08"), name="before")
    comparison = compare(old, run(finding_of("TXN-08", FAILED, observed=HOSTILE)))
    assert "<img" not in markdown(comparison).replace(r"\<img", "")
    print_comparison(comparison)
    shown = capsys.readouterr().out
    assert "\x1b[31m" not in shown
    assert "passed -> failed, in 1 check" in shown
    assert "1 regression in 1 requirement (TXN-08), 0 improvements." in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "9.0"}, "read it with the suite that wrote it"),
        ({"target": []}, "target: "),
        ({"verdict": "SPLENDID"}, "verdict: "),
        ({"checks": [{"id": 7}]}, "checks.0"),
        ({"later": 1}, "the document: "),
        ({"contract": {"documents": ["pg"]}}, "contract.documents.0: "),
        ({"profile": {"settings": 7}}, "profile.settings: "),
        ({"requirements": []}, "verifies USR-01, which is no requirement of it"),
    ],
)
def test_results_of_another_form_are_refused_with_their_place(
    run: Run, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    document = run(finding_of("USR-01")).as_json()
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document | change), "utf-8")
    with pytest.raises(JournalProblem, match=r"results\.json: is") as caught:
        read_results(path)
    assert message in str(caught.value)
