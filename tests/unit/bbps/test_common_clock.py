"""The clock of several checks: it moves when all of them wait for a later time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from conformance.bbps.clock import DAY, Clock
from conformance.bbps.common_clock import TOGETHER, CommonClock
from conformance.core.verdicts import Inconclusive


class VirtualClock:
    """A clock that stands still unless it is moved; `moves` are the times that it was moved to."""

    def __init__(self) -> None:
        self.time = 0
        self.moves: list[int] = []

    def now(self) -> int:
        return self.time

    def go_to(self, epoch_ms: int) -> None:
        self.moves.append(epoch_ms)
        self.time = epoch_ms


class Deployment:
    """Checks that use one clock side by side; each has come before any of them waits."""

    def __init__(self, checks: int) -> None:
        self.clock, self.common = VirtualClock(), CommonClock()
        self._all_there = threading.Barrier(checks)

    def wait(self, check: str, until: int) -> int:
        """Wait for a time; return what the clock shows then."""
        self.common.wait(check, until, cast(Clock, self.clock))
        return self.clock.now()

    def run(self, check: str, *times: int, end: Callable[[], None] = lambda: None) -> list[int]:
        """Wait for one time after the other; return what the clock shows each time."""
        with self.common.used_by(check):
            self._all_there.wait(10)
            seen = [self.wait(check, each) for each in times]
            end()
        return seen


def test_alone_a_check_moves_the_clock_at_once_and_only_forward() -> None:
    deployment = Deployment(1)
    assert deployment.run("a", DAY, DAY // 2, 2 * DAY) == [DAY, DAY, 2 * DAY]
    assert deployment.clock.moves == [DAY, 2 * DAY]


def test_nobody_is_taken_beyond_the_time_it_waits_for() -> None:
    deployment = Deployment(3)
    plans = {"a": (DAY, 3 * DAY), "b": (2 * DAY,), "c": (DAY + TOGETHER, 4 * DAY)}
    with ThreadPoolExecutor(3) as pool:
        begun = {each: pool.submit(deployment.run, each, *plans[each]) for each in plans}
        seen = {each: future.result(10) for each, future in begun.items()}

    day_one = DAY + TOGETHER  # that close they have come together
    assert seen == {"a": [day_one, 3 * DAY], "b": [2 * DAY], "c": [day_one, 4 * DAY]}
    assert deployment.clock.moves == [day_one, 2 * DAY, 3 * DAY, 4 * DAY]


def test_clock_stands_while_a_check_is_at_work() -> None:
    deployment, at_work = Deployment(2), threading.Event()
    seen_at_work: list[int] = []

    def work() -> None:
        at_work.wait(0.05)  # nobody sets it: the other has time to move the clock, if it could
        seen_at_work.append(deployment.clock.now())

    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(deployment.run, "a", DAY)
        pool.submit(deployment.run, "b", end=work).result(10)
        assert waiting.result(10) == [DAY]
    assert seen_at_work == [0]


def test_clock_that_cannot_be_moved_leaves_each_check_undecided() -> None:
    deployment = Deployment(2)

    def stuck(_: int) -> None:
        raise Inconclusive("the deployment's clock cannot be moved")

    deployment.clock.go_to = stuck  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(deployment.run, check, DAY) for check in "ab"]:
            with pytest.raises(Inconclusive, match="cannot be moved"):
                each.result(10)
