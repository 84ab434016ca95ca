"""Waiting for asynchronous effects: polling with a deadline, and the delay that was measured.

The measured delay also decides how long to watch that something does *not* happen.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from conformance.core import lanes
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Limits

T = TypeVar("T")
FIRST_POLL: Final = 0.02  # seconds
SLOWEST_POLL: Final = 1.0
EXACT: Final = 8  # a pause is no longer than this part of the delay so far: it is measured
LONG_ENOUGH: Final = 0.2  # seconds: no pause need be shorter than that for it
GLANCES: Final = 4  # about how often an absence is read again: more would only find it sooner
MARGIN: Final = 1.5  # times the longest delay seen, before an absence counts as lasting


@dataclass(slots=True)
class _Delays:
    """What a run has learnt about delays; shared by the views of all checks."""

    longest: float = 0.0  # seconds from a write to the read that showed it
    in_vain: int = 0  # how often the deadline passed without an effect


class Polling:
    """Polls a deployment whose writes may show late, and remembers how late they showed."""

    def __init__(self, limits: Limits, last_act: Callable[[], float | None] = lambda: None) -> None:
        """Take the limits; `last_act` returns when the check last did more than read."""
        self._last_act = last_act
        self._deadline = limits.settle_seconds
        self._least_quiet = limits.quiet_seconds
        self._account_delay = limits.account_seconds
        self._delays = _Delays()

    def since(self, last_act: Callable[[], float | None]) -> Self:
        """Return a view for another check, with its own last act; what was measured is shared."""
        view = copy.copy(self)
        view._last_act = last_act
        return view

    @property
    def longest(self) -> float:
        """The longest delay seen in the run, in seconds."""
        return self._delays.longest

    @property
    def in_vain(self) -> int:
        """How often in the run the deadline passed without the effect that was waited for."""
        return self._delays.in_vain

    def recall(self, longest: float) -> None:
        """Continue with the longest delay, in seconds, that an earlier part of the run saw."""
        self._delays.longest = longest

    @property
    def quiet(self) -> float:
        """Seconds to watch before concluding that nothing will change any more."""
        return max(self._least_quiet, self.longest * MARGIN)

    def eventually(self, read: Callable[[], T], seen: Callable[[T], bool], what: str) -> T:
        """Poll until `seen`; Inconclusive, naming `what`, after the deadline."""
        value, reached = self.within_deadline(read, seen)
        if not reached:
            raise Inconclusive(
                f"{what} did not show within {self._deadline:g} s",
                "raise limits.settle_seconds in the profile if the deployment is that slow",
            )
        return value

    def within_deadline(self, read: Callable[[], T], seen: Callable[[T], bool]) -> tuple[T, bool]:
        """Poll until `seen` or the deadline; return the last value and whether it was `seen`."""
        value, reached, seconds = self._poll(read, seen, self._deadline, measured=True)
        self._delays.in_vain += not reached
        self._delays.longest = max(self.longest, seconds if reached else 0.0)
        return value, reached

    def after_account_change(self, read: Callable[[], T], seen: Callable[[T], bool]) -> T:
        """Poll until `seen`, or until a change of an account must have taken effect."""
        value, _, _ = self._poll(read, seen, self._account_delay)
        return value

    def lastingly(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """Watch until the quiet time has passed since the check last did something.

        Return the first value that no longer holds, else the last. What was waited for meanwhile
        counts: an effect that would show by now needs no second wait.
        """
        rest = self._quiet_left()
        value, _, _ = self._poll(read, lambda value: not holds(value), rest, rest / GLANCES)
        return value

    def settled(
        self, read: Callable[[], T], seen: Callable[[T], bool], holds: Callable[[T], bool]
    ) -> T:
        """Poll until `seen` or the deadline, then watch as `lastingly` does."""
        value, _ = self.within_deadline(read, seen)
        if holds(value) and self._quiet_left() > 0:
            return self.lastingly(read, holds)
        return value

    def _quiet_left(self) -> float:
        """Seconds of the quiet time that are left since the check last did something."""
        last_act, now = self._last_act(), time.monotonic()
        return self.quiet - (0.0 if last_act is None else now - last_act)

    def _poll(
        self,
        read: Callable[[], T],
        seen: Callable[[T], bool],
        seconds: float,
        interval: float = FIRST_POLL,
        *,
        measured: bool = False,
    ) -> tuple[T, bool, float]:
        requested = began = time.monotonic()
        value = read()
        started = time.monotonic()
        while not seen(value):
            left = started + seconds - time.monotonic()
            if left <= 0:
                return value, False, seconds
            exact = max((time.monotonic() - began) / EXACT, LONG_ENOUGH)
            lanes.sleep(min(interval, left, exact if measured else SLOWEST_POLL, SLOWEST_POLL))
            interval *= 1.5
            requested = time.monotonic()
            value = read()
        return value, True, requested - began  # a slow response is no late effect
