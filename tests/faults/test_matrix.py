"""The strict reference is all green; each fault turns its own requirements red, nothing else."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from conformance.reference import Fault, catalogue
from tests.faults.matrix import LANES, Row, observe

FAULTS = catalogue()


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, Future[Row]]]:
    """Every fault observed, side by side; the tests wait for theirs."""
    with ProcessPoolExecutor(LANES) as pool:
        futures = {name: pool.submit(observe, name) for name in ["", *(f.name for f in FAULTS)]}
        yield futures


def test_strict_reference_is_green(rows: dict[str, Future[Row]]) -> None:
    row = rows[""].result()
    assert (row.red, row.undecided, row.errors) == (frozenset(), frozenset(), ())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_turns_its_own_requirements_red(rows: dict[str, Future[Row]], fault: Fault) -> None:
    row = rows[fault.name].result()
    assert not row.errors
    assert not row.missed(fault), f"not seen; red are {sorted(row.red)}"
    assert not row.blamed(fault)
