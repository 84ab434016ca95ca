"""How many things go on at the same time; whoever waits for an effect lets others go on meanwhile.

So waits overlap, for any number of checks, and a deployment gets no more calls at a time.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

PATIENCE: Final = 1.0  # seconds until one that has waited goes on without a free lane
WAITING: Final = 8  # threads for each lane: as many may wait, and a few go on
MOST: Final = 128  # threads, where there are no more lanes: containers allow some hundreds


class Lanes:
    """A number of lanes, each taken by one thread at a time."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._returning = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a free lane and have it, but for what is done `while_waiting`."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 and not self._returning)
            self._free -= 1
        token = _TAKEN.set(self)
        try:
            yield
        finally:
            _TAKEN.reset(token)
            self._give_back()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let another have the lane of this thread; who comes back goes before who begins.

        No lane is awaited for long: whoever has it may wait for what this thread is to make.
        """
        self._give_back()
        try:
            yield
        finally:
            with self._changed:
                self._returning += 1
                self._changed.wait_for(lambda: self._free > 0, PATIENCE)
                self._returning -= 1
                self._free -= 1
                self._changed.notify_all()

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()


# The lanes of which this thread has one; None where nothing else goes on.
_TAKEN: Final[ContextVar[Lanes | None]] = ContextVar("taken", default=None)


def threads_for(lanes: int, things: int) -> int:
    """Return how many threads do some things: one after the other where there is one lane."""
    return min(things, 1 if lanes == 1 else max(lanes, min(lanes * WAITING, MOST)))


@contextmanager
def while_waiting() -> Iterator[None]:
    """Let others go on while this thread waits for something."""
    lanes = _TAKEN.get()
    if lanes is None:
        yield
        return
    with lanes.lent():
        yield


@contextmanager
def in_turn(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock; let others go on while it is awaited."""
    while not lock.acquire(blocking=False):
        with while_waiting(), lock:
            pass  # it is taken with a lane, so that nobody waits for both at a time
    try:
        yield
    finally:
        lock.release()


def sleep(seconds: float) -> None:
    """Wait for some seconds, and let others go on meanwhile."""
    with while_waiting():
        time.sleep(seconds)
