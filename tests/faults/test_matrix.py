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
    "success-ignored",
    "failure-ignored",
    "owner-check-off",
    "terminal-guard-off",
    "receipt-missing",
    "receipt-dated-at-update",
    "cheque-refused",
)
# Deviations that no check sees yet: each violates a requirement that other faults prove. A check
# that begins to see one fails this test, and its row goes.
NOT_YET_SEEN = {
    "search-shows-other-amount",
    "receipt-dated-at-bill",
    "receipt-while-pending",
    "part-payment-closes-demand",
    "search-ignores-payer-ids",
    "search-ignores-business-services",
    "older-receipt-cancelled",
    "remit-reverses-demand",
    "further-modes-refused",
}


def _company(fault: Fault) -> tuple[str, ...]:
    """Return requirements whose checks make the exchanges that contract checks look at."""
    looks_at_others = {"CON-01", "CON-02"} & set(fault.requirements)
    return ("BIL-01", "TXN-13", "RCP-01", "PAY-01", "PAY-02") if looks_at_others else ()


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
    return {
        name: pool.submit(observe, name, fault.requirements + _company(fault))
        for name, fault in FAULTS.items()
    }


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
    if fault.name in NOT_YET_SEEN:
        assert row.missed(fault), "a check sees it now: take it out of NOT_YET_SEEN"
    else:
        assert not row.missed(fault), f"not seen; red are {sorted(row.red)}"
