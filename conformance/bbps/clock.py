"""The deployment's clock: its time, and on the reference alone, how to move it."""

import copy
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final, Self

from conformance.client.client import Client
from conformance.core import lanes
from conformance.core.verdicts import Inconclusive

SECOND: Final = 1_000  # milliseconds
DAY: Final = 24 * 60 * 60 * SECOND
LONGEST_CHECK: Final = 3 * 60 * SECOND
JUST_OVER: Final = 2 * SECOND
POLL: Final = 0.05  # seconds


@dataclass(slots=True)
class _Offset:
    """How far a virtual clock is ahead of this machine's; shared by the views of all checks."""

    milliseconds: int | None = None  # None: not read yet
    lock: threading.Lock = field(default_factory=threading.Lock)  # held while it is read or moved


class Clock:
    """Time as the deployment sees it, in epoch ms; days are those of the profile's zone."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._offset = _Offset()

    def for_client(self, client: Client) -> Self:
        """Return a view on the same clock that is read and moved through another client."""
        view = copy.copy(self)
        view._client = client
        return view

    @property
    def movable(self) -> bool:
        """Whether the target's clock can be moved (a virtual clock)."""
        return bool(self._client.target.clock_url)

    def now(self) -> int:
        """Return the deployment's time, from its clock or by the skew of its Date header."""
        if not self.movable:
            return local_now() + self._client.skew
        if self._offset.milliseconds is None:
            self._set(None)
        assert self._offset.milliseconds is not None
        return local_now() + self._offset.milliseconds

    def advance(self, milliseconds: int) -> None:
        """Move a virtual clock forward; Inconclusive on a real one."""
        if not self.movable:
            raise Inconclusive(
                "the deployment's clock cannot be moved",
                "rehearse on the reference, or split the run over two days",
            )
        self._move(milliseconds)

    def go_to(self, epoch_ms: int) -> None:
        """Move a virtual clock on to a time, unless it has come; Inconclusive on a real one."""
        self.advance(max(epoch_ms - self.now(), 0))

    def pass_by(self, milliseconds: int) -> None:
        """Let some time pass: a virtual clock is moved, a real one awaited.

        Only for times shorter than most tokens live; Inconclusive when the clock stands still.
        """
        started = self.now()
        if self.movable:
            self._move(milliseconds)
        until = time.monotonic() + milliseconds / SECOND * 3
        while self.now() - started < milliseconds:
            if time.monotonic() > until:
                raise Inconclusive("the deployment's clock does not move on", "see its clock")
            lanes.sleep(POLL)

    def soon(self, epoch_ms: int) -> bool:
        """Whether a time has come, or would come during a check."""
        return epoch_ms - self.now() < LONGEST_CHECK

    def steps_over(self, epoch_ms: int) -> bool:
        """Let a time pass that would come during a check, or has just come; return if it did."""
        left = epoch_ms - self.now()
        near = -JUST_OVER < left < LONGEST_CHECK
        if near:
            self.pass_by(left + JUST_OVER)
        return near

    def at(self, day: date, hour: time_of_day) -> int:
        """Return the time of an hour of a day in the deployment's zone, in epoch ms."""
        return int(datetime.combine(day, hour, self._client.target.zone).timestamp() * SECOND)

    def day(self, epoch_ms: int) -> date:
        """Return the calendar day of a time in the deployment's zone."""
        return self._moment(epoch_ms).date()

    def text(self, epoch_ms: int) -> str:
        """Return a time as a text, to the minute, in the deployment's zone."""
        zone = self._client.target.timezone
        return f"{self._moment(epoch_ms):%a %d %b %Y %H:%M} ({zone})"

    def yesterday_in_utc(self) -> bool:
        """Whether the deployment's day has begun and that of UTC has not."""
        now = self.now()
        return self.day(now) > datetime.fromtimestamp(now / SECOND, UTC).date()

    def day_begins_in_utc(self) -> str:
        """Return the hour and minute in the deployment's zone at which UTC begins its day."""
        midnight = datetime.fromtimestamp(self.now() / SECOND, UTC).replace(hour=0, minute=0)
        return f"{midnight.astimezone(self._client.target.zone):%H:%M}"

    def financial_year(self) -> tuple[int, int]:
        """Return first and last second of the current financial year (April to March)."""
        today = self.day(self.now())
        year = today.year if today.month >= 4 else today.year - 1
        return self.days(date(year, 4, 1), date(year + 1, 3, 31))

    def days(self, first: date, last: date) -> tuple[int, int]:
        """Return the begin of a first day and the last second of a last one, in epoch ms."""
        zone = self._client.target.zone
        begin = datetime.combine(first, datetime.min.time(), zone)
        after = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
        return int(begin.timestamp() * SECOND), int(after.timestamp() * SECOND) - SECOND

    def until_tomorrow(self) -> int:
        """Return the ms from now to one minute after the next midnight in the zone."""
        now = self.now()
        midnight = datetime.combine(
            self.day(now) + timedelta(days=1), datetime.min.time(), self._client.target.zone
        )
        return int(midnight.timestamp() * SECOND) - now + 60 * SECOND

    def _move(self, milliseconds: int) -> None:
        self._set({"advance": milliseconds})
        self._client.sessions.age(milliseconds / 1000)

    def _set(self, command: dict[str, int] | None) -> None:
        """Take note of the time of a virtual clock, after what the command requests."""
        with lanes.in_turn(self._offset.lock):  # else the first of two answers could come last
            self._offset.milliseconds = self._control(command) - local_now()

    def _control(self, command: dict[str, int] | None) -> int:
        """Return the time of a virtual clock, after an advance if the command requests one."""
        path = self._client.target.clock_url
        answer = self._client.control(path, command)
        now = answer.get("now") if isinstance(answer, dict) else None
        if not isinstance(now, int) or isinstance(now, bool):
            raise Inconclusive(
                f"the clock at {path} shows no time in its answer",
                "correct clock_url in the profile, or see what stands before the deployment",
            )
        return now

    def _moment(self, epoch_ms: int) -> datetime:
        return datetime.fromtimestamp(epoch_ms / SECOND, self._client.target.zone)


def local_now() -> int:
    """Return this machine's time in epoch ms."""
    return int(time.time() * SECOND)


def part_of(period: tuple[int, int], number: int, parts: int) -> tuple[int, int]:
    """Return a part of a period, in epoch ms, in whole seconds; the first has number 1."""
    begin, end = (moment // SECOND for moment in period)
    length = (end - begin + 1) // parts
    first = begin + (number - 1) * length
    last = end if number == parts else first + length - 1
    return (period[0] if number == 1 else first * SECOND), (
        period[1] if number == parts else last * SECOND
    )
