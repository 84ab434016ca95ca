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
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

from benchmarks.apart import served_apart
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


def row_of_latency(jobs: int, latency: int) -> str:
    """Return the row of a run where each answer comes late."""
    found = measured(jobs, "--latency", latency)
    ideal = found.processor + found.exchanges * latency / 1000 / jobs
    wanted = f"{WANTED[jobs]:.2f}" if jobs in WANTED else ""
    return _row(
        f"latency {latency} ms", jobs, found, f"{ideal:.0f} s", found.seconds / ideal, wanted
    )


def row_of_lag(jobs: int, lag: int) -> str:
    """Return the row of a run where what is written shows late."""
    return _row(f"lag {lag} ms", jobs, measured(jobs, "--lag", lag), "", None, f"{WANTED_OF_LAG} s")


def _row(
    what: str, jobs: int, found: Measured, ideal: str, ratio: float | None, wanted: str
) -> str:
    times = "" if ratio is None else f"{ratio:.2f}"
    return (
        f"| {what} | {jobs} | {found.exchanges} | {found.processor:.0f} s | {found.seconds:.0f} s "
        f"| {ideal} | {times} | {wanted} | {found.verdict} |"
    )


def main() -> None:
    """Print a row for each number of jobs, and one for late writes."""
    arguments = [int(each) for each in sys.argv[1:]]
    latency = arguments[0] if arguments else LATENCY
    print("| what | jobs | exchanges | processor | whole run | ideal | times | wanted | verdict |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    rows = [partial(row_of_latency, jobs, latency) for jobs in arguments[1:] or JOBS]
    # In a process of its own each, as a user's run is: nothing is warm.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for each in (*rows, partial(row_of_lag, JOBS_OF_LAG, LAG)):
            print(pool.submit(each).result(), flush=True)


if __name__ == "__main__":
    main()
