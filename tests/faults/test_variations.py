"""What conforms in another form is certified CONFORMANT: each variation of the reference.

Several are certified together, as a run takes as long for one as for ten: of the catalogue every
so-many-th, so that neighbours, which are of one kind, never meet. `certify --variation NAME` shows
which of a group is to blame.
"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

from conformance.core.verdicts import Verdict
from conformance.reference.variations.catalogue import VARIATIONS
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from tests.faults.matrix import WORKERS

GROUPS: Final = 9
NAMES: Final = tuple(VARIATIONS)
# What was blamed before: a service's own refusals, other forms of answers, hidden people.
BLAMED: Final = (
    "unknown-transaction-404", "payments-201", "nulls-left-out", "mobile-number-masked-x",
    "nothing-due-400", "gateway-refuses-without-body", "amounts-of-one-decimal",
)  # fmt: skip
# What was left undecided or blamed: a service that does less at once, or again what it did.
UNDECIDED: Final = ("one-bill-a-transaction", "repeated-creation-200", "one-session-a-user")
BLAMED_403: Final = ("rules-403", "no-role-401", "mobile-number-left-out", "json-indented")
CERTIFIED: Final = {
    **{f"group {number}": (NAMES[number::GROUPS], "quick") for number in range(GROUPS)},
    "blamed before": (BLAMED, "standard"),
    "undecided before": (UNDECIDED, "standard"),
}
SLOW: Final = frozenset({"lag-of-200-ms", "latency-of-20-ms"})  # checks wait for them side by side
Sight = tuple[str, dict[str, str], list[str]]  # verdict, requirements that did not pass, reasons


def certified(names: tuple[str, ...], depth: str, only: tuple[str, ...] = ()) -> Sight:
    """Certify the reference with some variations."""
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(
            reference=ReferenceOptions(variations=names),
            depth=depth,
            only=only,
            jobs=8 if SLOW.intersection(names) else 1,
            reports=Path(folder),
            written=False,
        )
        run, _ = carry_out(config)
    results = run.results
    if results is None:
        return "no results", {}, []
    bad = {Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR}
    return (
        str(results.verdict),
        {
            row.id: row.verdict
            for row in results.requirements
            if row.verdict not in {Verdict.PASSED, None}
        },
        [f"{row.id}: {row.observed or row.reason}" for row in results.checks if row.verdict in bad],
    )


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[Sight]]]:
    # Spawned: a forked process would clean up after other tests while it certifies.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        slowest_first = sorted(CERTIFIED, key=lambda each: SLOW.isdisjoint(CERTIFIED[each][0]))
        yield {name: pool.submit(certified, *CERTIFIED[name]) for name in slowest_first}


@pytest.mark.whole
@pytest.mark.parametrize("name", CERTIFIED)
def test_variations_conform(runs: dict[str, Future[Sight]], name: str) -> None:
    verdict, found, reasons = runs[name].result()
    assert reasons == [], CERTIFIED[name][0]
    assert found == {}
    assert verdict == "CONFORMANT"


@pytest.mark.parametrize(
    ("names", "only"),
    [
        (BLAMED, ("MDM-04", "MDM-08", "BIL-05")),
        (BLAMED_403, ("MDM-04", "TXN-07", "RCP-06")),
        (UNDECIDED, ("USR-02", "USR-08", "TXN-04", "PAY-07")),
    ],
)
def test_what_was_blamed_before_conforms(names: tuple[str, ...], only: tuple[str, ...]) -> None:
    _, _, reasons = certified(names, "quick", only)
    assert reasons == []
