"""Independent checks of a run, several at the same time, each in a thread.

A check says itself that it is independent; whatever does not runs alone, after those that are.
The threads share the client, and with it connections, tokens and the pace. There are more of them
than jobs: while a check waits for an effect, or watches that nothing happens, another goes on.
"""

import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final, TypeVar

import pytest

from conformance.core.lanes import Lanes, threads_for

T = TypeVar("T")
R = TypeVar("R")
MARKERS: Final = (
    "verifies(*ids): the requirements of the register that a check verifies",
    "independent(by=None, row=None): changes nothing that another check uses, so it may run in "
    "parallel; with `by`, those that have the same value of that parameter run one after the "
    "other, and those whose `row` names such a value among them",
    "afterwards(reason): would disturb others, but not those that say so, too: runs after them",
    "alone(reason): runs alone, although its module is marked independent",
    "next_day: in an open run it waits for the next day",
)
# The marks of a check that may.
KNOWN: Final = frozenset({"independent", "afterwards", "verifies", "parametrize", "next_day"})
GRACE: Final = 2.0  # seconds that calls under way are given to end, once a run is interrupted
SWITCH: Final = 0.0005  # seconds of work before a thread yields, so that a response need not wait


def declare_markers(config: pytest.Config) -> None:
    """Declare the markers of checks."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)


def parallel_group(item: pytest.Item) -> str | None:
    """Return a name shared by the checks that follow one another; None for one that runs alone."""
    mark = item.get_closest_marker("independent")
    if mark is None or not isinstance(item, pytest.Function) or not _plain(item):
        return None
    by = mark.kwargs.get("by")
    row = item.callspec.params[by] if by else mark.kwargs.get("row")
    return f"{item.path}: {row}" if row else item.nodeid


def grouped(items: Iterable[pytest.Item]) -> list[list[pytest.Function]]:
    """Return the independent checks by group, the largest first: started last, they hold up."""
    groups: dict[str, list[pytest.Function]] = {}
    for item in items:
        name = parallel_group(item)
        if name is not None and isinstance(item, pytest.Function):
            groups.setdefault(name, []).append(item)
    return sorted(groups.values(), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A thread has nothing left to do, or failed."""

    fault: BaseException | None = None


def in_parallel(
    count: int,
    groups: Sequence[Sequence[T]],
    execute: Callable[[T], R],
    abandon: Callable[[], None],
) -> Generator[R, None, None]:
    """Yield what `execute` returns for each, `count` at a time; a group stays in order.

    Every other thread starts at the far end: large groups generate, and would wait for one another.
    What `execute` raises is raised here. Whatever ends the iteration early, an interrupt too,
    calls `abandon`, which has to end the calls under way.
    """
    waiting = deque(groups)
    done: SimpleQueue[R | _Ended] = SimpleQueue()
    # Daemons: a call that hangs must not keep an interrupted command from ending.
    lanes = Lanes(count)
    threads = [
        threading.Thread(
            target=_work,
            args=(lanes, waiting.pop if number % 2 else waiting.popleft, execute, done),
            daemon=True,
        )
        for number in range(threads_for(count, len(groups)))
    ]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        for each in threads:
            each.start()
        yield from _results(done, len(threads))
    except BaseException:
        waiting.clear()
        abandon()
        for each in threads:
            if each.is_alive():  # an interrupt may come before it was started
                each.join(GRACE / len(threads))
        raise
    finally:
        sys.setswitchinterval(usual)


def _work(
    lanes: Lanes,
    take: "Callable[[], Sequence[T]]",
    execute: "Callable[[T], R]",
    done: "SimpleQueue[R | _Ended]",
) -> None:
    """Execute one group after the other until none waits."""
    try:
        while True:
            with lanes.taken():
                try:
                    group = take()
                except IndexError:
                    break
                for each in group:
                    done.put(execute(each))
    except BaseException as fault:  # noqa: BLE001  raised again where the results are awaited
        done.put(_Ended(fault))
    else:
        done.put(_Ended())


def _results(done: "SimpleQueue[R | _Ended]", running: int) -> Iterator[R]:
    while running:
        each = done.get()
        if not isinstance(each, _Ended):
            yield each
        elif each.fault is not None:
            raise each.fault
        else:
            running -= 1


def _plain(item: pytest.Function) -> bool:
    """Whether nothing unnamed works on a check, such as a fixture or mark of a user's plugin."""
    information = item._fixtureinfo
    return {mark.name for mark in item.iter_markers()} <= KNOWN and set(
        information.initialnames
    ) == set(information.argnames)
