"""Whole runs behind a proxy that spoils answers: nobody is blamed, and each cause is named.

`python -m tests.faults.spoils [MODE[:PATH] ...]` certifies so and lists what did not pass: without
arguments behind every mode, and behind one that cannot be read once for each service or operation
of a list. `make whole` does it for a sample.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import yaml

from conformance.core.verdicts import Verdict
from conformance.doctor.diagnostics import SetupFault
from conformance.reference import Settings, serve
from conformance.reference.app.spoiling import MODES
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import described
from tests.deployments.test_spoiled import few
from tests.faults.collected import limits
from tests.faults.matrix import WORKERS

PATHS: Final = (
    "/collection-services/", "/billing-service/", "/egov-mdms-service/", "/access/",
    "/pg-service/transaction/", "/user/users", "/user/_logout",
)  # fmt: skip
BLAME: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
Rows = list[tuple[Verdict, str, str]]  # of each check: verdict, id, reason


@contextmanager
def _profile(spoil: str) -> Iterator[Path]:
    """Serve a reference behind the proxy while the context lasts; yields a profile for it."""
    mode = spoil.partition(":")[0]
    usual = limits() if MODES[mode].readable else {**limits(), "retries": 0}
    with tempfile.TemporaryDirectory() as folder, serve(Settings(spoil=spoil)) as deployment:
        profile = Path(folder) / "target.yaml"
        document = described(deployment.base_url, limits=few(mode, **usual)) | {
            "clock_url": "/reference/clock"
        }
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        yield profile


def certified(spoil: str) -> Rows:
    """Certify at depth quick behind a mode; a target that is not ready decides nothing."""
    with _profile(spoil) as profile:
        config = RunConfig(target=profile, depth="quick", jobs=2, reports=profile.parent)
        try:
            run, _ = carry_out(config)
        except SetupFault as problem:
            return [(Verdict.INCONCLUSIVE, "doctor", str(problem))]
    if run.results is None:
        return []
    return [(row.verdict, row.id, row.reason or row.observed) for row in run.results.checks]


def everything() -> list[str]:
    """Return each mode, and each that cannot be read before one service only."""
    readable = [mode for mode, each in MODES.items() if each.readable]
    others = [mode for mode in MODES if mode not in readable]
    return [*readable, *(f"{mode}:{path}" for mode in others for path in PATHS)]


def main(chosen: Sequence[str]) -> int:
    """Certify behind modes; return 1 if anybody was blamed."""
    blamed = 0
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        spoils = list(chosen or everything())
        for spoil, rows in zip(spoils, pool.map(certified, spoils), strict=True):
            print(spoil, dict(Counter(verdict.value for verdict, _, _ in rows)))  # noqa: T201
            for verdict, id_, reason in rows:
                if verdict in BLAME:
                    blamed += 1
                    print(f"  {verdict} {id_}: {reason}")  # noqa: T201
            causes = Counter(
                reason for verdict, _, reason in rows if verdict is Verdict.INCONCLUSIVE
            )
            for cause, count in causes.most_common():
                print(f"  {count} undecided: {cause}")  # noqa: T201
    return 1 if blamed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
