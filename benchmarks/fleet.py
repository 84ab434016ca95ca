"""A fleet compared with the ideal: more workers, more cities, and what the command remembers.

`python -m benchmarks.fleet [LATENCY_MS]` serves the reference in its own process and prints tables
of Markdown. A city is certified for one cheap requirement. The ideal is cities x time of one city
by one worker / workers. Ten minutes on two processors.
"""

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.apart import served_apart
from conformance.fleet.engines.dask import DaskEngine
from conformance.fleet.engines.local import LocalEngine
from conformance.fleet.folder import Manifest, folders_in, keep, overview_in
from conformance.fleet.sharing import Shard
from conformance.fleet.task import CityResult, write_result
from conformance.fleet.writing import write_overview
from tests.fleets import address_of, local_cluster, midday, task_for

LATENCY = 100  # ms
CITIES = 40
WORKERS = (1, 2, 4, 8)
GROWTH = (5, 10, 20, 40)
GROWN_BY = 4  # workers
FEW, MANY = "USR-01", "TXN-08"  # requirements: about 40 and 900 requests
REMEMBERED = 10  # cities of each measurement of memory
STATE = 4800  # cities of a paper estimate
LIMIT = 1.2  # peak memory with many requests, divided by that with few


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What some cities took: seconds on the clock, of one city, and of processors for one city."""

    seconds: float
    city: float
    processor: float
    requests: int


def fleet(
    base_url: str, cities: int, engine: LocalEngine | DaskEngine, only: str
) -> list[CityResult]:
    """Certify so many cities of one deployment, keep what they came to, and return that."""
    with tempfile.TemporaryDirectory() as home:
        tasks = [
            task_for(f"city-{number:03}", base_url, Path(home), only=(only,))
            for number in range(cities)
        ]
        folders = {task.city: task.folder for task in tasks}
        limits = {tasks[0].origin: cities}
        found = [keep(folders[each.city], each) for each in engine.run(tasks, limits)]
    wrong = [f"{each.city}: {each.error}" for each in found if not each.verdict]
    assert not wrong, wrong[0]
    return found


def measured(base_url: str, cities: int, engine: LocalEngine | DaskEngine) -> Measured:
    """Certify so many cities and say what they took."""
    used = _processor()
    started = time.perf_counter()
    found = fleet(base_url, cities, engine, FEW)
    seconds = time.perf_counter() - started
    return Measured(
        seconds=seconds,
        city=statistics.mean(each.seconds for each in found),
        processor=(_processor() - used) / cities,
        requests=found[0].requests,
    )


def _processor() -> float:
    """Seconds of processors that this process and its ended children used; not the reference."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def noon() -> tuple[str, str]:
    """Let the clock of the reference start at noon: near midnight a run waits for it."""
    return "--clock", datetime.fromtimestamp(midday() / 1000, UTC).isoformat()


def table(*rows: tuple[object, ...]) -> None:
    """Print a table; the first row is its head."""
    for number, row in enumerate(rows):
        print("| " + " | ".join(map(str, row)) + " |")
        if not number:
            print("|" + " --- |" * len(row), flush=True)


def by_workers(latency: int) -> None:
    """Print how long the same cities take with more and more workers."""
    with served_apart("--port", 0, "--latency", latency, *noon()) as base_url:
        found = {each: measured(base_url, CITIES, LocalEngine(each)) for each in WORKERS}
        with cluster_apart(GROWN_BY) as address:
            on_dask = measured(base_url, CITIES, DaskEngine(address))
    alone = found[WORKERS[0]]
    print(f"\n{CITIES} cities of {alone.requests} requests, each answer after {latency} ms:\n")
    head = ("workers", "seconds", "ideal", "times the ideal", "seconds of a city", "of processors")
    rows = [(f"{each}", each, one) for each, one in found.items()]
    rows.append((f"{GROWN_BY} on Dask", GROWN_BY, on_dask))
    ideal = CITIES * alone.city
    table(
        head,
        *(
            (name, f"{one.seconds:.1f}", f"{ideal / each:.1f}",
             f"{one.seconds * each / ideal:.2f}", f"{one.city:.1f}",
             "elsewhere" if one is on_dask else f"{one.processor:.1f}")
            for name, each, one in rows
        ),
    )  # fmt: skip


def by_cities(latency: int) -> None:
    """Print how long more and more cities take."""
    with served_apart("--port", 0, "--latency", latency, *noon()) as base_url:
        found = {each: measured(base_url, each, LocalEngine(GROWN_BY)) for each in GROWTH}
    print(f"\n{GROWN_BY} workers, more and more cities:\n")
    table(
        ("cities", "seconds", "seconds for each city"),
        *((each, f"{one.seconds:.1f}", f"{one.seconds / each:.2f}") for each, one in found.items()),
    )


@contextmanager
def cluster_apart(workers: int) -> Iterator[str]:
    """Run a cluster in processes of its own; yields its address."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve_cluster, args=(there, workers))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("stop")
        process.join()


def serve_cluster(pipe: Connection, workers: int) -> None:
    """Run a cluster until the other end says so."""
    with local_cluster(workers) as cluster:
        pipe.send(address_of(cluster))
        pipe.recv()


def remember(engine: str, only: str) -> None:
    """Print the peak memory of a command that certifies some cities, and their requests."""
    with served_apart("--port", 0, *noon()) as base_url:
        if engine == "local":
            found = fleet(base_url, REMEMBERED, LocalEngine(2), only)
        else:
            with cluster_apart(2) as address:
                found = fleet(base_url, REMEMBERED, DaskEngine(address), only)
    print(json.dumps([peak(), sum(each.requests for each in found)]))


def look_over(cities: int) -> None:
    """Print the peak memory and the seconds of an overview of so many cities."""
    with served_apart("--port", 0, *noon()) as base_url:
        (one,) = fleet(base_url, 1, LocalEngine(1), FEW)
    manifest = Manifest(
        fleet="state", shard=Shard(), cities=tuple(f"city-{n:04}" for n in range(cities))
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, place in folders_in(home, manifest).items():
            write_result(place, replace(one, city=name))
        started = time.perf_counter()
        overview = overview_in(home, manifest, folders_in(home, manifest), manifest.cities)
        write_overview(home, overview)
        seconds = time.perf_counter() - started
        page = (home / "overview.html").stat().st_size
    print(json.dumps([peak(), seconds, page / 1e6]))


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_fresh_process(*words: object) -> list[float]:
    """Measure in a process that remembers nothing of others."""
    command = [sys.executable, "-m", "benchmarks.fleet", *map(str, words)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: list[float] = json.loads(printed.splitlines()[-1])
    return figures


def memory() -> bool:
    """Print what the command remembers; return whether it grows with the requests."""
    rows: list[tuple[object, ...]] = []
    grown = False
    for engine in ("local", "dask"):
        few, many = (in_fresh_process("remember", engine, only) for only in (FEW, MANY))
        grown |= many[0] > LIMIT * few[0]
        rows.append(
            (engine, f"{few[1]:.0f}: {few[0]:.0f} MB", f"{many[1]:.0f}: {many[0]:.0f} MB",
             f"{many[0] / few[0]:.2f}")
        )  # fmt: skip
    print(f"\nPeak memory of the command, {REMEMBERED} cities, few and many requests:\n")
    table(("engine", "few", "many", "times"), *rows)
    print("\nThe overview of as many cities:\n")
    found = {cities: in_fresh_process("overview", cities) for cities in (CITIES, STATE)}
    table(
        ("cities", "peak memory", "seconds", "page"),
        *(
            (cities, f"{size:.0f} MB", f"{seconds:.1f}", f"{page:.1f} MB")
            for cities, (size, seconds, page) in found.items()
        ),
    )
    return grown


def main() -> None:
    """Print all tables; exit code 1 if memory grows with the requests beyond the limit."""
    latency = int(sys.argv[1]) if len(sys.argv) > 1 else LATENCY
    load = os.getloadavg()[0]
    print(
        f"started {datetime.now().astimezone():%H:%M}, {os.cpu_count()} processors, load {load:.1f}"
    )
    by_workers(latency)
    by_cities(latency)
    sys.exit(memory())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["remember", engine, only]:
            remember(engine, only)
        case ["overview", cities]:
            look_over(int(cities))
        case _:
            main()
