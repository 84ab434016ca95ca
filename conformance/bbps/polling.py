"""Waiting for asynchronous effects: polling with a deadline, and the delay that was measured.

The measured delay also tells how long to watch that something does *not* happen.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Limits

T = TypeVar("T")
FIRST_POLL: Final = 0.02  # seconds
SLOWEST_POLL: Final = 1.0
GLANCES: Final = 4  # about so often an absence is looked at again: haste would only find it sooner
MARGIN: Final = 1.5  # times the longest delay seen, before an absence counts as lasting


class Polling:
    """Polls a deployment whose writes may show late, and remembers how late they showed."""

    def __init__(self, limits: Limits, last_act: Callable[[], float | None] = lambda: None) -> None:
        """Take the limits, and how to learn when the current check last did more than look."""
        self._last_act = last_act
        self._deadline = limits.settle_seconds
        self._least_quiet = limits.quiet_seconds
        self.longest = 0.0  # seconds from a write to the look that saw it
        self.in_vain = 0  # how often the deadline passed without a sight

    @property
    def quiet(self) -> float:
        """Seconds to watch before concluding that nothing will change any more."""
        return max(self._least_quiet, self.longest * MARGIN)

    def eventually(self, read: Callable[[], T], seen: Callable[[T], bool], what: str) -> T:
        """Poll until `seen`; Inconclusive with `what` and the last sight after the deadline."""
        value, reached, seconds = self._poll(read, seen, self._deadline)
        self.in_vain += not reached
        if not reached:
            raise Inconclusive(
                f"{what} did not show within {self._deadline:g} s",
                "raise limits.settle_seconds in the profile if the deployment is that slow",
            )
        self.longest = max(self.longest, seconds)
        return value

    def within_deadline(self, read: Callable[[], T], seen: Callable[[T], bool]) -> tuple[T, bool]:
        """Poll until `seen` or the deadline; return the last sight and whether it was reached."""
        value, reached, seconds = self._poll(read, seen, self._deadline)
        self.in_vain += not reached
        self.longest = max(self.longest, seconds if reached else 0.0)
        return value, reached

    def lastingly(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """Watch until the quiet time has passed since the current check last did something.

        Return the first sight that no longer holds, else the last. What was waited for meanwhile
        counts: an effect that would show by now needs no second wait.
        """
        last_act, now = self._last_act(), time.monotonic()
        rest = self.quiet - (0.0 if last_act is None else now - last_act)
        value, _, _ = self._poll(read, lambda sight: not holds(sight), rest, rest / GLANCES)
        return value

    def _poll(
        self,
        read: Callable[[], T],
        seen: Callable[[T], bool],
        seconds: float,
        interval: float = FIRST_POLL,
    ) -> tuple[T, bool, float]:
        asked = began = time.monotonic()
        value = read()
        started = time.monotonic()
        while not seen(value):
            left = started + seconds - time.monotonic()
            if left <= 0:
                return value, False, seconds
            time.sleep(min(interval, left, SLOWEST_POLL))
            interval *= 1.5
            asked = time.monotonic()
            value = read()
        return value, True, asked - began  # until it was asked: a slow answer is no late effect
