"""A movable clock that several checks use: it moves when each of them waits for a later time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from conformance.bbps.clock import SECOND, Clock
from conformance.core.lanes import while_waiting

TOGETHER: Final = 60 * SECOND  # times as close as that have come when the latest of them has


class CommonClock:
    """Knows which checks use a clock, and what they wait for; safe to share between threads."""

    def __init__(self) -> None:
        self._users: set[str] = set()
        self._awaited: dict[str, int] = {}  # check -> the time it waits for, in epoch ms
        self._changed = threading.Condition()

    @contextmanager
    def used_by(self, check: str) -> Iterator[None]:
        """Let nobody else move the clock on while a check does not wait for a later time."""
        with self._changed:
            self._users.add(check)
        try:
            yield
        finally:
            with self._changed:
                self._users.discard(check)
                self._changed.notify_all()

    def wait(self, check: str, until: int, clock: Clock) -> None:
        """Wait for a time in epoch ms; who waits for the earliest moves the clock on, for all.

        Raises Inconclusive where it cannot be moved.
        """
        with while_waiting(), self._changed:
            self._awaited[check] = until
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: clock.now() >= until or self._moves(until))
                if clock.now() < until:
                    clock.go_to(self._next())
            finally:
                del self._awaited[check]
                self._changed.notify_all()

    def _moves(self, until: int) -> bool:
        """Whether all wait, and nobody for an earlier time."""
        return self._users <= self._awaited.keys() and until == min(self._awaited.values())

    def _next(self) -> int:
        """Return the earliest time that is awaited, or the latest of those close to it."""
        close = min(self._awaited.values()) + TOGETHER
        return max(each for each in self._awaited.values() if each <= close)
