"""On this machine: each of several processes certifies one city after the other."""

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from types import FrameType
from typing import Final

from conformance.core.errors import ExitCode
from conformance.core.interrupts import ended_by_signals
from conformance.fleet.city import certify_city, without_verdict
from conformance.fleet.engines import Begun, unheard
from conformance.fleet.task import CityResult, CityTask

LOST: Final = "the process that certified it ended twice: killed, or out of memory"


class LocalEngine:
    """Processes of this machine, each a pool of its own: one that dies costs its city only."""

    def __init__(self, workers: int) -> None:
        """Certify as many cities at a time."""
        self.workers = workers

    def run(
        self, tasks: Sequence[CityTask], limits: Mapping[str, int], begun: Begun = unheard
    ) -> Iterator[CityResult]:
        """Yield the result of each task once, when it is there; see `Engine`."""
        return _Fleet(tasks, limits, self.workers, begun).results()


class _Fleet:
    """The cities that wait, and those under way."""

    def __init__(
        self, tasks: Sequence[CityTask], limits: Mapping[str, int], workers: int, begun: Begun
    ) -> None:
        self._begun = begun
        self._waiting = deque(tasks)
        self._limits = limits
        self._idle = [_pool() for _ in range(min(workers, len(tasks)))]
        self._running: dict[Future[CityResult], tuple[CityTask, ProcessPoolExecutor]] = {}
        self._lost: set[str] = set()  # cities whose process ended once
        self._others = {*multiprocessing.active_children()}  # processes that are not ours

    def results(self) -> Iterator[CityResult]:
        try:
            self._start()
            while self._running:
                yield from self._ended(wait(self._running, return_when=FIRST_COMPLETED).done)
                self._start()
        except KeyboardInterrupt:
            self._waiting.clear()
            yield from self._interrupted()
            raise
        finally:
            if self._running:  # nobody wants the results any more
                self._interrupt()
            for pool in [*self._idle, *(pool for _, pool in self._running.values())]:
                pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        """Give each idle process a city, in the order of the file, as far as limits allow."""
        busy = Counter(task.origin for task, _ in self._running.values())
        for task in list(self._waiting):
            if not self._idle:
                return
            if busy[task.origin] < self._limits.get(task.origin, 1):
                busy[task.origin] += 1
                self._waiting.remove(task)
                pool = self._idle.pop()
                with _deaf_to_the_terminal():
                    self._running[pool.submit(_certify, task)] = task, pool
                self._begun(task)

    def _ended(self, done: set[Future[CityResult]]) -> Iterator[CityResult]:
        for future in done:
            task, pool = self._running.pop(future)
            try:
                result = future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=True)
                self._idle.append(_pool())
                if task.city not in self._lost:
                    self._lost.add(task.city)
                    self._waiting.appendleft(task)
                    continue
                result = without_verdict(task, ExitCode.SUITE_ERROR, LOST)
            else:
                self._idle.append(pool)
            yield result

    def _interrupt(self) -> None:
        for process in {*multiprocessing.active_children()} - self._others:
            process.terminate()

    def _interrupted(self) -> Iterator[CityResult]:
        self._interrupt()
        for future in wait(self._running).done:
            _, pool = self._running.pop(future)
            self._idle.append(pool)
            with suppress(BrokenProcessPool, KeyboardInterrupt):
                yield future.result()


def _pool() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)


@contextmanager
def _deaf_to_the_terminal() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach: the command ends it, once, by SIGTERM."""
    resource_tracker.ensure_running()  # it would change the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process:
    """What a process of the pool knows of itself."""

    orphan = False  # whether the command that started it was killed


def _prepare() -> None:
    """Begin a process: SIGTERM ends the city under way as Ctrl-C does, or an idle orphan."""
    signal.signal(signal.SIGTERM, _end_orphan)
    threading.Thread(target=_end_with_the_command, daemon=True).start()


def _end_orphan(_number: int, _frame: FrameType | None) -> None:
    if _Process.orphan:
        raise SystemExit


def _end_with_the_command() -> None:
    """Leave nothing behind of a command that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _Process.orphan = True
        os.kill(os.getpid(), signal.SIGTERM)


def _certify(task: CityTask) -> CityResult:
    try:
        with ended_by_signals(_end_orphan):
            return certify_city(task)
    finally:
        if _Process.orphan:
            os._exit(int(ExitCode.INTERRUPTED))
