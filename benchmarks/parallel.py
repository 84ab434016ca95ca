"""Parallel checks compared with the ideal, against a slow deployment.

`python -m benchmarks.parallel [LATENCY_MS] [JOBS ...]` serves the reference in its own process.
The ideal is exchanges x latency / jobs, or the longest checks that must follow one another.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from benchmarks.apart import served_apart
from conformance.profile.loading import load
from conformance.run.certify import drive
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile
from conformance.run.parallel import grouped, parallel_group
from conformance.run.planning import check_id
from conformance.run.plugin import Certification
from conformance.run.session import Run

LATENCY = 100  # ms
JOBS = (1, 8, 16)


class Independent(Certification):
    """Runs the independent checks only, and measures how long that takes."""

    seconds = 0.0
    groups: tuple[list[str], ...] = ()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what runs alone."""
        items[:] = [item for item in items if parallel_group(item) is not None]
        super().pytest_collection_modifyitems(config, items)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Measure the loop alone: neither start-up nor reports."""
        self.groups = tuple([check_id(item) for item in each] for each in grouped(session.items))
        started = time.perf_counter()
        try:
            super().pytest_runtestloop(session)
            return (yield)
        finally:
            self.seconds = time.perf_counter() - started


def measured(jobs: int, latency: int) -> str:
    """Return one line: wall time of the independent checks, the ideal, and their ratio."""
    serving = served_apart("--port", 0, "--latency", latency)
    with serving as base_url, tempfile.TemporaryDirectory() as folder:
        profile = load(default_profile(), {"base_url": base_url})
        config = RunConfig(jobs=jobs, reports=Path(folder), written=False)
        run = Run(profile, config)
        run.open()
        certification = Independent(config, lambda: run)
        processor = time.process_time()
        drive(certification)
        processor = time.process_time() - processor
    assert run.results is not None, "the run did not come to its end"
    counts = Counter(exchange.check for exchange in run.exchanges)
    exchanges = [sum(counts[check] for check in group) for group in certification.groups]
    ideal = max(sum(exchanges) / jobs, max(exchanges)) * latency / 1000
    return (
        f"{jobs:4} jobs: {certification.seconds:6.1f} s, ideal {ideal:6.1f} s, "
        f"{certification.seconds / ideal:.2f} times; {sum(exchanges)} exchanges, longest in a row "
        f"{max(exchanges)}, {processor:.1f} s of processor time"
    )


def main() -> None:
    """Print one line for each number of jobs."""
    arguments = [int(each) for each in sys.argv[1:]]
    latency = arguments[0] if arguments else LATENCY
    print(f"Independent checks, each answer after {latency} ms:")
    # In a process of its own each, as a user's run is: nothing is warm.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for line in pool.map(partial(measured, latency=latency), arguments[1:] or JOBS):
            print(line, flush=True)


if __name__ == "__main__":
    main()
