"""Stations: processes that collect once, each for one depth, and fork a child for each run.

No run pays for starting up, and nothing of one run reaches another.
"""

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from tests.faults.collected import Collected, Job, Seen


class Stations:
    """Carries out jobs side by side, each at the station of its depth. A context manager."""

    def __init__(self, workers: int) -> None:
        """Have up to `workers` jobs carried out at the same time."""
        self._workers = workers
        self._stations: dict[str, _Station] = {}

    def carried_out(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Seen]]:
        """Carry out jobs in their order; yield each as it ends."""
        waiting = deque(enumerate(jobs))
        running: dict[int, Job] = {}
        while waiting or running:
            while waiting and len(running) < self._workers:
                number, job = waiting.popleft()
                running[number] = job
                self._of(job.depth).send(number, job)
            ready: list[Any] = wait({self._of(each.depth) for each in running.values()})  # type: ignore[arg-type]
            for station in ready:
                ended, seen = station.receive()
                yield running.pop(ended), seen

    def _of(self, depth: str) -> "_Station":
        if depth not in self._stations:
            self._stations[depth] = _Station(depth)
        return self._stations[depth]

    def __enter__(self) -> "Stations":
        """Start nothing yet: a station starts with the first job of its depth."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Let all stations end."""
        for station in self._stations.values():
            station.close()


class _Station:
    """The process of one depth, seen from outside."""

    def __init__(self, depth: str) -> None:
        # Spawned: a forked process would clean up after other tests while it certifies.
        context = get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(depth, there))
        self._process.start()
        there.close()

    def send(self, number: int, job: Job) -> None:
        self._here.send((number, job))

    def receive(self) -> tuple[int, Seen]:
        answer: tuple[int, Seen] = self._here.recv()
        return answer

    def fileno(self) -> int:
        return self._here.fileno()

    def close(self) -> None:
        self._here.close()
        self._process.join()


def _serve(depth: str, requests: "Connection[Any, Any]") -> None:
    """Carry out what is requested, until nobody requests any more."""
    Collected(depth, lambda collected: _work(collected, requests)).start()


def _work(collected: Collected, requests: "Connection[Any, Any]") -> None:
    fork = get_context("fork")
    running: dict[Any, tuple[int, BaseProcess]] = {}
    while True:
        for ready in wait([requests, *running]):
            if ready is not requests:
                number, child = running.pop(ready)
                requests.send((number, _result(ready)))
                child.join()
                continue
            try:
                number, job = requests.recv()
            except EOFError:
                return
            if job.noting:  # not in a child, so that all children start with what it has read
                requests.send((number, collected.carry_out(job)))
                gc.freeze()
                continue
            here, there = fork.Pipe(duplex=False)
            child = fork.Process(target=_carry_out, args=(collected, job, there))
            child.start()
            there.close()
            running[here] = number, child


def _carry_out(collected: Collected, job: Job, there: "Connection[Any, Any]") -> None:
    there.send(collected.carry_out(job))


def _result(line: Any) -> Seen:
    try:
        seen: Seen = line.recv()
    except EOFError:
        return Seen(broken="the process of the run ended early")
    return seen
