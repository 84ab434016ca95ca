"""The strict reference is all green; each fault turns its own requirements red.

That a fault turns nothing else red is shown here for the faults of the main flow, over the whole
suite, and for all faults by `make faults`, which takes minutes.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from conformance.reference import Fault, catalogue
from tests.faults.matrix import LANES, Row, observe

FAULTS = {fault.name: fault for fault in catalogue()}
MAIN_FLOW = (
    "created-user-has-no-role",
    "token-never-issued",
    "bill-parts-disagree",
    "client-status-kept",
    "success-ignored",
    "failure-ignored",
    "owner-check-off",
    "terminal-guard-off",
    "terminal-guard-success-only",
    "receipt-missing",
    "receipt-dated-at-update",
    "late-success-refused",
    "cheque-refused",
    "undocumented-status",
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(LANES) as pool:
        yield pool


@pytest.fixture(scope="module")
def whole(pool: ProcessPoolExecutor) -> dict[str, Future[Row]]:
    """The strict reference and the main flow's faults, against every check."""
    return {name: pool.submit(observe, name) for name in ("", *MAIN_FLOW)}


@pytest.fixture(scope="module")
def own(pool: ProcessPoolExecutor) -> dict[str, Future[Row]]:
    """Every fault, against the checks of the requirements that it violates."""
    return {name: pool.submit(observe, name, fault.requirements) for name, fault in FAULTS.items()}


def test_strict_reference_is_green(whole: dict[str, Future[Row]]) -> None:
    row = whole[""].result()
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
