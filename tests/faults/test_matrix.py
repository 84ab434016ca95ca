"""The strict reference is all green; each fault turns its own requirements red.

That a fault turns nothing else red is shown here for the faults of the main flow, and for all
faults by `make faults`, which takes minutes.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from conformance.reference import Fault, catalogue
from tests.faults.matrix import LANES, Row, observe, observe_in_matrix, reach, uncovered, written
from tests.faults.reach import Reach

FAULTS = {fault.name: fault for fault in catalogue()}
MAIN_FLOW = (
    "created-user-has-no-role",
    "token-never-issued",
    "success-ignored",
    "failure-ignored",
    "owner-check-off",
    "terminal-guard-off",
    "receipt-missing",
    "receipt-dated-at-update",
    "cheque-refused",
)


def _company(fault: Fault) -> tuple[str, ...]:
    """Return requirements whose checks make the exchanges that contract checks look at."""
    looks_at_others = {"CON-01", "CON-02"} & set(fault.requirements)
    return ("BIL-01", "TXN-13", "RCP-01", "PAY-01", "PAY-02") if looks_at_others else ()


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    # Spawned: a forked process would clean up after other tests while it certifies.
    with ProcessPoolExecutor(LANES, get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def strict(pool: ProcessPoolExecutor) -> Future[Row]:
    return pool.submit(observe, "")


@pytest.fixture(scope="module")
def whole(pool: ProcessPoolExecutor) -> dict[str, Future[Row]]:
    """The main flow's faults, as the matrix observes them."""
    reached = pool.submit(reach).result()
    return {name: pool.submit(observe_in_matrix, FAULTS[name], reached) for name in MAIN_FLOW}


@pytest.fixture(scope="module")
def own(pool: ProcessPoolExecutor) -> dict[str, Future[Row]]:
    """Every fault, against the checks of the requirements that it violates."""
    return {
        name: pool.submit(observe, name, fault.requirements + _company(fault))
        for name, fault in FAULTS.items()
    }


def test_strict_reference_is_green(strict: Future[Row]) -> None:
    row = strict.result()
    assert (row.red, row.undecided, row.errors) == (frozenset(), frozenset(), ())


@pytest.mark.parametrize("name", MAIN_FLOW)
def test_fault_turns_nothing_else_red(whole: dict[str, Future[Row]], name: str) -> None:
    row = whole[name].result()
    assert not row.errors
    assert not row.missed(FAULTS[name]), f"not seen; red are {sorted(row.red)}"
    assert not row.blamed(FAULTS[name])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_fault_turns_its_own_requirements_red(own: dict[str, Future[Row]], fault: Fault) -> None:
    row = own[fault.name].result()
    assert not row.errors
    assert not row.missed(fault), f"not seen; red are {sorted(row.red)}"


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


def test_fault_reaches_where_it_is_asked_for_and_what_looks_back() -> None:
    reached = Reach(
        beforehand=frozenset({"everywhere"}),
        under={
            "bill::fetched": frozenset({"here"}),
            "bill::expired": frozenset({"there"}),
            "lifecycle::told": frozenset({"there"}),
            "lifecycle::finished": frozenset(),
            "books::agree": frozenset(),
        },
    )
    assert reached.checks("here") == {"bill::fetched", "books::agree"}
    told = {"lifecycle::told", "lifecycle::finished"}
    assert reached.checks("there") == {"bill::expired", "books::agree", *told}
    assert reached.checks("everywhere") == set(reached.under)
    assert reached.checks("nowhere") == {"books::agree"}
