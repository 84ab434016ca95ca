"""The deployment's clock: real time plus an offset that only the reference lets you move."""

import threading
import time
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Kolkata")
SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE
YEAR_9999: Final = 253_370_764_800_000  # where calendars end


class Clock:
    """Epoch milliseconds that pass as real ones do, from wherever the clock was put."""

    def __init__(self, start: int | None = None, zone: ZoneInfo = ZONE, *, tick: int = 1) -> None:
        """Start at a time (now); it shows multiples of `tick` ms."""
        self._lock = threading.Lock()
        self._zone = zone
        self._tick = tick
        self._offset = 0 if start is None else start - real_now()

    def now(self) -> int:
        """Return the deployment's time in epoch ms."""
        now = real_now() + self._offset
        return now - now % self._tick

    def put(self, epoch_ms: int) -> int:
        """Put the clock to a time; return the new time."""
        with self._lock:
            self._offset = epoch_ms - real_now()
        return self.now()

    def advance(self, milliseconds: int) -> int:
        """Move the clock; return the new time."""
        with self._lock:
            self._offset += milliseconds
        return self.now()

    def moment(self, epoch_ms: int | None = None) -> datetime:
        """Return a time (now) as an aware datetime in India."""
        return datetime.fromtimestamp((self.now() if epoch_ms is None else epoch_ms) / 1000, ZONE)

    def end_of_day(self, epoch_ms: int) -> int:
        """Return 23:59:59 of a time's day where the services run, its milliseconds kept."""
        end = self.moment(epoch_ms).astimezone(self._zone).replace(hour=23, minute=59, second=59)
        return int(end.timestamp()) * SECOND + epoch_ms % SECOND


def real_now() -> int:
    """Return this machine's time in epoch ms."""
    return time.time_ns() // 1_000_000
