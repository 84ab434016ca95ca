"""The fault matrix itself, and a few faults of the main flow as it observes them.

`make matrix` observes the strict reference and every fault; CI runs it.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from conformance.reference import Fault, catalogue
from tests.faults import matrix
from tests.faults.matrix import WORKERS, Row, main, observe_in_matrix, reach, uncovered, written
from tests.faults.reach import Reach

FAULTS = {fault.name: fault for fault in catalogue()}
MAIN_FLOW = ("token-never-issued", "owner-check-off", "receipt-missing")


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    # Spawned: a forked process would clean up after other tests while it certifies.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def whole(pool: ProcessPoolExecutor) -> dict[str, Future[Row]]:
    """The main flow's faults, as the matrix observes them."""
    reached = pool.submit(reach).result()
    return {name: pool.submit(observe_in_matrix, FAULTS[name], reached) for name in MAIN_FLOW}


@pytest.mark.parametrize("name", MAIN_FLOW)
def test_fault_turns_its_own_requirements_red_and_nothing_else(
    whole: dict[str, Future[Row]], name: str
) -> None:
    row = whole[name].result()
    assert not row.errors
    assert not row.missed(FAULTS[name]), f"not seen; red are {sorted(row.red)}"
    assert not row.blamed(FAULTS[name])


def test_matrix_tells_what_was_missed_blamed_and_left_out() -> None:
    fault = Fault(name="forgetful", requirements=("TXN-09",), sentence="", dependents=("TXN-11",))
    row = Row(fault="forgetful", red=frozenset({"TXN-11", "BIL-01"}), checks=7, errors=("x",))
    assert row.missed(fault) == {"TXN-09"}
    assert row.blamed(fault) == {"BIL-01"}
    assert row.wrong(fault)
    text = written(Row(fault=""), [row], {"forgetful": fault}, 1)
    assert "| forgetful | TXN-09 | BIL-01 TXN-11 | TXN-09 | BIL-01 |  | 7 |" in text
    assert "Killed: 0 of 1" in text
    assert "* forgetful: x" in text
    assert "TXN-09" in uncovered([row])


SEEN = Row(fault="owner-check-off", red=frozenset(FAULTS["owner-check-off"].requirements))


@pytest.mark.parametrize(
    ("strict", "changes", "code"),
    [
        ({}, {}, 0),
        ({}, {"red": frozenset()}, 1),
        ({}, {"red": SEEN.red | {"MDM-01"}}, 1),
        ({}, {"errors": ("a check broke",)}, 1),
        ({"red": frozenset({"TXN-08"})}, {}, 1),
        ({"undecided": frozenset({"TXN-08"})}, {}, 1),
        ({"errors": ("a check broke",)}, {}, 1),
    ],
    ids=[
        "seen", "missed", "others blamed", "broken",
        "strict is red", "strict is undecided", "strict is broken",
    ],
)  # fmt: skip
def test_matrix_ends_with_1_unless_all_is_seen(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    strict: dict[str, Any],
    changes: dict[str, Any],
    code: int,
) -> None:
    rows = Row(fault="", **strict), [replace(SEEN, **changes)]
    monkeypatch.setattr(matrix, "observe_all", lambda *_, **__: rows)
    monkeypatch.setattr(matrix, "REPORT", tmp_path / "fault-matrix.md")
    assert main([SEEN.fault]) == code
    assert "| owner-check-off |" in matrix.REPORT.read_text(encoding="utf-8")


def test_matrix_refuses_an_unknown_fault() -> None:
    assert main(["owner-chek-off"]) == 2


def test_fault_reaches_where_it_is_asked_for_and_what_looks_back() -> None:
    reached = Reach(
        beforehand=frozenset({"everywhere"}),
        under={
            "bill::fetched": frozenset({"here"}),
            "bill::expired": frozenset({"there"}),
            "lifecycle::first": frozenset({"there"}),
            "lifecycle::finished": frozenset(),
            "reconciliation::agree": frozenset(),
        },
    )
    assert reached.checks("here") == {"bill::fetched", "reconciliation::agree"}
    traces = {"lifecycle::first", "lifecycle::finished"}
    assert reached.checks("there") == {"bill::expired", "reconciliation::agree", *traces}
    assert reached.checks("everywhere") == set(reached.under)
    assert reached.checks("nowhere") == {"reconciliation::agree"}
