"""The fault matrix itself: what it plans and concludes, and a few faults as it observes them.

`make matrix` observes the strict reference and every fault; CI runs it.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.core.verdicts import Finding, Verdict
from conformance.reference import Fault, catalogue
from tests.faults import matrix
from tests.faults.collected import Job, Seen
from tests.faults.matrix import Matrix, main, observe_all, written
from tests.faults.reach import Reach
from tests.faults.station import Stations
from tests.faults.trials import ELSEWHERE, QUICK, Row, Trials, first_depth

FAULTS = {fault.name: fault for fault in catalogue()}
MAIN_FLOW = (
    "token-never-issued",
    "owner-check-off",
    "receipt-missing",
    "inactive-gateway-accepted",
)


@pytest.fixture(scope="module")
def observed() -> Matrix:
    """The main flow's faults, as the matrix observes them."""
    return observe_all([FAULTS[name] for name in MAIN_FLOW])


@pytest.mark.parametrize("name", MAIN_FLOW)
def test_fault_turns_its_own_requirements_red_and_nothing_else(observed: Matrix, name: str) -> None:
    row = next(row for row in observed.rows if row.fault == name)
    assert not row.errors
    assert not row.missed(FAULTS[name]), f"not seen; red are {sorted(row.red)}"
    assert not row.blamed(FAULTS[name])
    assert row.red_checks
    assert not {check for seen in observed.strict.values() for check in seen.red}


def test_run_that_breaks_is_said_to_break() -> None:
    with Stations(1) as stations:
        jobs = [
            Job(depth=QUICK, faults=("no such fault",), checks=frozenset()),
            Job(depth=QUICK, checks=frozenset(), prepare=_end_early),
        ]
        unknown, ended = [seen.broken for _, seen in stations.carried_out(jobs)]
    assert unknown.startswith("the doctor ended the run: there is no fault")
    assert ended == "the process of the run ended early"


def _end_early() -> None:
    raise SystemExit(0)


def test_matrix_tells_what_was_missed_blamed_and_left_out() -> None:
    fault = Fault(name="forgetful", requirements=("TXN-09",), sentence="", dependents=("TXN-11",))
    row = Row(fault="forgetful", red=frozenset({"TXN-11", "BIL-01"}), checks=7, errors=("x",))
    assert row.missed(fault) == {"TXN-09"}
    assert row.blamed(fault) == {"BIL-01"}
    assert row.wrong(fault)
    seen = Matrix(strict={}, rows=[row])
    text = written(seen, {"forgetful": fault}, {})
    assert "| forgetful | TXN-09 | BIL-01 TXN-11 | TXN-09 | BIL-01 |  | standard | 7 |" in text
    assert "Killed: 0 of 1" in text
    assert "* forgetful: x" in text
    assert "TXN-09" in seen.uncovered()


def test_matrix_lists_the_checks_that_no_fault_turned_red() -> None:
    under = dict.fromkeys(("bill::fetched", "bill::kept[a]", "bill::kept[b]"), frozenset[str]())
    strict = Seen(
        reach=Reach(under=under | {"bill::each[a]": frozenset(), "bill::each[b]": frozenset()}),
        crossed=frozenset({"bill::kept[a]", "bill::kept[b]"}),
    )
    row = Row(fault="x", red_checks=frozenset({"bill::kept[b]", "bill::each[b]"}))
    seen = Matrix(strict={QUICK: strict}, rows=[row])
    assert seen.never_red() == {"bill::fetched", "bill::each[a]"}
    assert seen.unproven() == {"bill::fetched"}
    fault = Fault(name="x", requirements=(), sentence="")
    text = written(seen, {"x": fault}, {})
    assert "* Never red in any row: bill::fetched" in text
    assert "* A row that is never red: bill::each[a]" in text
    assert "| bill::kept[b] | x |" in text
    assert "* Never red, excused: bill::fetched: y" in written(
        seen, {"x": fault}, {"bill::fetched": "y"}
    )


@pytest.mark.parametrize(
    ("excused", "code"), [({"bill::fetched": "why"}, 0), ({}, 1), ({"bill::gone": "why"}, 1)]
)
def test_matrix_ends_with_1_for_a_check_that_is_never_red(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, excused: dict[str, str], code: int
) -> None:
    strict = Seen(reach=Reach(under={"bill::fetched": frozenset()}))
    seen = Matrix(strict={QUICK: strict}, rows=[])
    monkeypatch.setattr(matrix, "observe_all", lambda *_, **__: seen)
    monkeypatch.setattr(matrix, "REPORT", tmp_path / "fault-matrix.md")
    monkeypatch.setattr(matrix, "excused", lambda: excused)
    assert main([]) == code


SEEN = Row(fault="owner-check-off", red=frozenset(FAULTS["owner-check-off"].requirements))


def _finding(verdict: Verdict) -> Finding:
    return Finding(check="c", title="", requirements=("TXN-08",), verdict=verdict)


@pytest.mark.parametrize(
    ("strict", "changes", "code"),
    [
        (Verdict.PASSED, {}, 0),
        (Verdict.PASSED, {"red": frozenset()}, 1),
        (Verdict.PASSED, {"red": SEEN.red | {"MDM-01"}}, 1),
        (Verdict.PASSED, {"errors": ("a check broke",)}, 1),
        (Verdict.FAILED, {}, 1),
        (Verdict.INCONCLUSIVE, {}, 1),
        (Verdict.ERROR, {}, 1),
    ],
    ids=[
        "seen", "missed", "others blamed", "broken",
        "strict is red", "strict is undecided", "strict is broken",
    ],
)  # fmt: skip
def test_matrix_ends_with_1_unless_all_is_seen(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    strict: Verdict,
    changes: dict[str, Any],
    code: int,
) -> None:
    seen = Matrix(
        strict={QUICK: Seen(findings=(_finding(strict),))}, rows=[replace(SEEN, **changes)]
    )
    monkeypatch.setattr(matrix, "observe_all", lambda *_, **__: seen)
    monkeypatch.setattr(matrix, "REPORT", tmp_path / "fault-matrix.md")
    assert main([SEEN.fault]) == code
    assert "| owner-check-off |" in matrix.REPORT.read_text(encoding="utf-8")


def test_matrix_refuses_an_unknown_fault() -> None:
    assert main(["owner-chek-off"]) == 2


def test_fault_reaches_where_it_is_consulted_and_what_looks_back() -> None:
    reached = Reach(
        beforehand=frozenset({"everywhere"}),
        under={
            "bill::fetched": frozenset({"here"}),
            "bill::expired": frozenset({"there"}),
            "lifecycle::first": frozenset({"there"}),
            "lifecycle::finished": frozenset(),
            "reconciliation::agree": frozenset({"here"}),
        },
    )
    assert reached.own("here") == {"bill::fetched"}
    assert reached.own("there") == {"bill::expired", "lifecycle::first", "lifecycle::finished"}
    assert reached.own("everywhere") == reached.under.keys() - {"reconciliation::agree"}
    assert reached.own("nowhere") == set()
    assert reached.last == {"reconciliation::agree"}


# Two faults that do not meet, one that meets the first, one that books show, one about the form.
PLANNED = {
    "left": Fault(name="left", requirements=("BIL-01",), sentence=""),
    "right": Fault(name="right", requirements=("TXN-03",), sentence=""),
    "near": Fault(name="near", requirements=("BIL-02",), sentence=""),
    "booked": Fault(name="booked", requirements=("TXN-05",), sentence="", dependents=("RCP-07",)),
    "formal": Fault(name="formal", requirements=("CON-07",), sentence=""),
    "rare_at_quick": Fault(name="rare_at_quick", requirements=("BIL-05",), sentence=""),
    "rare": Fault(name="rare", requirements=("BIL-04",), sentence="", depth="deep"),
}
CHECKS = {
    "bill::one": ("BIL-01", {"left", "near"}),
    "bill::two": ("BIL-02", {"near"}),
    "transaction::three": ("TXN-03", {"right", "booked", "formal"}),
    "contract_input::odd": ("CON-07", {"left", "formal", "rare"}),
    "reconciliation::agree": ("RCP-07", set[str]()),
}


def found(*red: str) -> Seen:
    """What a run comes to in which these checks turn red."""
    return Seen(
        findings=tuple(
            Finding(
                check=check,
                title="",
                requirements=(id_,),
                verdict=Verdict.FAILED if check in red else Verdict.PASSED,
            )
            for check, (id_, _) in CHECKS.items()
        ),
        reach=Reach(under={check: frozenset(faults) for check, (_, faults) in CHECKS.items()}),
    )


@pytest.fixture
def trials() -> Iterator[Trials]:
    planned = [each for each in PLANNED.values() if each.name != "rare_at_quick"]
    return Trials(planned, lambda _: found())


def test_faults_that_cannot_meet_are_tried_together(trials: Trials) -> None:
    jobs = {frozenset(job.faults): job for job in trials.first()}
    assert set(map(tuple, map(sorted, jobs))) == {
        ("near", "right"), ("left",), ("booked",), ("formal",), ("rare",),
    }  # fmt: skip
    together = jobs[frozenset({"near", "right"})]
    assert together.depth == QUICK
    assert together.checks == CHECKS.keys() - {"contract_input::odd"}
    formal = jobs[frozenset({"formal"})]
    assert formal.depth == "standard"
    assert "contract_input::odd" in (formal.checks or ())
    assert first_depth(PLANNED["rare"]) == "deep"


def test_each_red_check_is_due_to_the_fault_that_reaches_it(trials: Trials) -> None:
    job = next(job for job in trials.first() if len(job.faults) == 2)
    rows = {row.fault: row for row in trials.judged(job, found("bill::two", "transaction::three"))}
    assert rows["near"].red_checks == {"bill::two"}
    assert rows["right"].red == {"TXN-03"}


def test_fault_that_is_not_as_expected_among_others_is_tried_alone(trials: Trials) -> None:
    job = next(job for job in trials.first() if len(job.faults) == 2)
    rows = trials.judged(job, found("bill::two"))
    assert [row.fault for row in rows] == ["near"]
    (again,) = trials.instead(job, rows)
    assert (again.faults, again.depth) == (("right",), "standard")


def test_trial_that_left_something_behind_decides_nothing(trials: Trials) -> None:
    job = next(job for job in trials.first() if len(job.faults) == 2)
    rows = trials.judged(job, found("bill::two", "transaction::three", "reconciliation::agree"))
    assert rows == []
    again = trials.instead(job, rows)
    assert {(each.faults, each.depth) for each in again} == {
        (("near",), QUICK), (("right",), QUICK),
    }  # fmt: skip


def test_two_rows_of_each_rule_that_is_about_something_else_are_tried() -> None:
    names = {kind: [f"bill::{kind}[{row}]" for row in "abcde"] for kind in ("own", "other")}
    ids = dict.fromkeys(names["own"], "BIL-01") | dict.fromkeys(names["other"], "BIL-02")
    strict = Seen(
        findings=tuple(
            Finding(check=check, title="", requirements=(id_,), verdict=Verdict.PASSED)
            for check, id_ in ids.items()
        ),
        reach=Reach(under=dict.fromkeys(ids, frozenset({"left"}))),
        crossed=frozenset(ids),
    )
    (job,) = Trials([PLANNED["left"]], lambda _: strict).first()
    assert job.checks is not None
    assert job.checks.issuperset(names["own"])
    assert len(job.checks.intersection(names["other"])) == 2


def test_some_checks_about_nothing_that_a_fault_may_turn_red_are_tried() -> None:
    own = {"bill::own": "TXN-05", "bill::dependent": "RCP-07"}
    ids = own | {f"bill::other_{number}": "BIL-02" for number in range(3 * ELSEWHERE)}
    strict = Seen(
        findings=tuple(
            Finding(check=check, title="", requirements=(id_,), verdict=Verdict.PASSED)
            for check, id_ in ids.items()
        ),
        reach=Reach(under=dict.fromkeys(ids, frozenset({"booked"}))),
    )
    (job,) = Trials([PLANNED["booked"]], lambda _: strict).first()
    assert job.checks is not None
    assert job.checks.issuperset(own)
    assert len(job.checks) == len(own) + ELSEWHERE
    (whole,) = Trials([PLANNED["booked"]], lambda _: strict, whole=True).first()
    assert whole.checks == ids.keys()


def test_fault_that_only_traces_show_is_tried_again_with_all_that_it_reaches() -> None:
    rows = [f"bill::other[{row}]" for row in "abcde"]
    ids = dict.fromkeys(rows, "BIL-02") | {"audit::whole": "BIL-01", "bill::one": "BIL-01"}
    strict = Seen(
        findings=tuple(
            Finding(check=check, title="", requirements=(id_,), verdict=Verdict.PASSED)
            for check, id_ in ids.items()
        ),
        reach=Reach(under=dict.fromkeys([*rows, "bill::one"], frozenset({"left"})) | {
            "audit::whole": frozenset()
        }),
        crossed=frozenset(rows),
    )  # fmt: skip
    trials = Trials([PLANNED["left"]], lambda _: strict)
    (job,) = trials.first()
    assert not {*rows} <= (job.checks or set())
    (again,) = trials.instead(job, trials.judged(job, strict))
    assert again.checks == ids.keys()


def test_fault_that_reaches_a_row_left_out_for_another_is_not_tried_with_it() -> None:
    rows = [f"bill::other[{row}]" for row in "abcde"]
    ids = dict.fromkeys(rows, "BIL-02") | {"bill::one": "BIL-01", "transaction::three": "TXN-03"}
    reached = {check: frozenset({"left", "right"}) for check in rows}
    strict = Seen(
        findings=tuple(
            Finding(check=check, title="", requirements=(id_,), verdict=Verdict.PASSED)
            for check, id_ in ids.items()
        ),
        reach=Reach(
            under=reached
            | {"bill::one": frozenset({"left"}), "transaction::three": frozenset({"right"})}
        ),
        crossed=frozenset(rows),
    )
    jobs = Trials([PLANNED["left"], PLANNED["right"]], lambda _: strict).first()
    assert sorted(job.faults for job in jobs) == [("left",), ("right",)]


def test_fault_that_no_quick_check_of_its_own_reaches_is_tried_at_standard_depth() -> None:
    (job,) = Trials([PLANNED["rare_at_quick"]], lambda _: found()).first()
    assert job.depth == "standard"


def test_fault_that_a_quick_run_misses_is_tried_at_standard_depth(trials: Trials) -> None:
    job = next(job for job in trials.first() if job.faults == ("left",))
    assert trials.judged(job, found()) == []
    (again,) = trials.instead(job, [])
    assert (again.faults, again.depth) == (("left",), "standard")
    (row,) = trials.judged(again, found())
    assert row.missed(PLANNED["left"]) == {"BIL-01"}
