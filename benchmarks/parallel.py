"""A whole run with several jobs, compared with the ideal, as rows of a Markdown table.

`python -m benchmarks.parallel [LATENCY_MS] [JOBS ...]` certifies a reference that runs in its own
process: once for each number of jobs, where each answer comes late, and once where what is written
shows late. Each figure is of all checks, from the first to the last; set-up and reports are not in
it. The ideal is the processor time of the suite, and exchanges x latency / jobs. A run that takes
longer than BOUND is given up: its verdict is ERROR.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

from benchmarks.apart import served_apart
from benchmarks.table import Row, printed
from conformance.profile.loading import load
from conformance.run.certify import drive
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile
from conformance.run.plugin import Certification
from conformance.run.session import Run

LATENCY: Final = 100  # ms
JOBS: Final = (8, 16)
LAG: Final = 2000  # ms
JOBS_OF_LAG: Final = 16
BOUND: Final = 900  # seconds
# What is wanted: times the ideal by jobs, and seconds where writes show late.
WANTED: Final = {8: 1.15, 16: 1.25}
WANTED_OF_LAG: Final = 300


class Timed(Certification):
    """Measures the checks: neither start-up nor reports."""

    seconds = 0.0
    processor = 0.0
    exchanges = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin to measure once the run is open."""
        super().pytest_collection_finish(session)
        self.exchanges = self._exchanges()
        self.seconds, self.processor = time.perf_counter(), time.process_time()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Measure before the results are written."""
        self.seconds = time.perf_counter() - self.seconds
        self.processor = time.process_time() - self.processor
        self.exchanges = self._exchanges() - self.exchanges
        super().pytest_sessionfinish(session)

    def _exchanges(self) -> int:
        return sum(1 for _ in self.run.exchanges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run: wall and processor time of its checks in seconds, exchanges, and its verdict."""

    seconds: float
    processor: float
    exchanges: int
    verdict: str


def measured(jobs: int, *words: object) -> Measured:
    """Certify a reference that is served with the given words."""
    serving = served_apart("--port", 0, *words)
    with serving as base_url, tempfile.TemporaryDirectory() as folder:
        profile = load(default_profile(), {"base_url": base_url})
        config = RunConfig(jobs=jobs, reports=Path(folder), written=False)
        run = Run(profile, config)
        run.open()
        timed = Timed(config, lambda: run)
        bound = threading.Timer(BOUND, run.client.abandon)
        bound.start()
        try:
            drive(timed)
        finally:
            bound.cancel()
    assert run.results is not None, "the run did not come to its end"
    return Measured(
        seconds=timed.seconds,
        processor=timed.processor,
        exchanges=timed.exchanges,
        verdict=str(run.results.verdict),
    )


def row_of_latency(jobs: int, latency: int) -> Row:
    """Return the row of a run where each answer comes late."""
    found = measured(jobs, "--latency", latency)
    ideal = found.processor + found.exchanges * latency / 1000 / jobs
    return Row(
        subject=f"a whole run, each answer after {latency} ms, {jobs} jobs",
        ours=f"{found.seconds:.0f} s, {found.verdict}",
        peer=f"ideal {ideal:.0f} s",
        ratio=found.seconds / ideal,
        wanted=f"{WANTED[jobs]:.2f}" if jobs in WANTED else "-",
        method=f"{found.exchanges} exchanges; ideal: processor time ({found.processor:.0f} s) "
        "and exchanges x latency / jobs",
    )


def row_of_lag(jobs: int, lag: int) -> Row:
    """Return the row of a run where what is written shows late."""
    found = measured(jobs, "--lag", lag)
    return Row(
        subject=f"a whole run, each write seen after {lag / 1000:g} s, {jobs} jobs",
        ours=f"{found.seconds:.0f} s, {found.verdict}",
        peer="-",
        ratio=None,
        wanted=f"{WANTED_OF_LAG} s",
        method=f"{found.exchanges} exchanges, processor {found.processor:.0f} s",
    )


def rows(latency: int = LATENCY, jobs: Sequence[int] = JOBS) -> Iterator[Row]:
    """Measure a run for each number of jobs, and one for late writes."""
    each_jobs = [partial(row_of_latency, each, latency) for each in jobs]
    # In a process of its own each, as a user's run is: nothing is warm.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for measure in (*each_jobs, partial(row_of_lag, JOBS_OF_LAG, LAG)):
            yield pool.submit(measure).result()


def main() -> None:
    """Print the rows."""
    latency, *jobs = [int(each) for each in sys.argv[1:]] or [LATENCY]
    print(printed(rows(latency, jobs or JOBS)))


if __name__ == "__main__":
    main()
