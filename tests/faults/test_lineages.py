"""Each lineage of DIGIT gets the verdicts that its deviations predict, and no others.

The strict one is certified by tests/end_to_end/test_certify.py and by the fault matrix.
"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from conformance.core.verdicts import Verdict
from conformance.reference.lineages.catalogue import LINEAGES
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from tests.faults.collected import limits
from tests.faults.matrix import WORKERS

pytestmark = pytest.mark.whole
DEVIATING = [name for name in LINEAGES if name != "strict"]
Sight = tuple[str, dict[str, str], list[str]]  # verdict, requirements that did not pass, errors


def certified(lineage: str) -> Sight:
    """Certify the reference in the form of a line of DIGIT."""
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(
            settings={"limits": limits()},
            reference=ReferenceOptions(lineage=lineage),
            reports=Path(folder),
            written=False,
        )
        run, _ = carry_out(config)
    results = run.results
    if results is None:
        return "no results", {}, []
    found = {row.id: row.verdict for row in results.requirements}
    errors = [f"{row.id}: {row.reason}" for row in results.checks if row.verdict == Verdict.ERROR]
    return (
        str(results.verdict),
        {id_: verdict for id_, verdict in found.items() if verdict not in {Verdict.PASSED, None}},
        errors,
    )


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[Sight]]]:
    # Spawned: a forked process would clean up after other tests while it certifies.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield {name: pool.submit(certified, name) for name in DEVIATING}


@pytest.mark.parametrize("name", DEVIATING)
def test_verdicts_are_the_predicted_ones(runs: dict[str, Future[Sight]], name: str) -> None:
    verdict, found, errors = runs[name].result()
    assert errors == []
    assert found == LINEAGES[name].predicted
    assert verdict == "NON-CONFORMANT"
