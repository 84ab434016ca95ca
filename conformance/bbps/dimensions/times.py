"""When: the stops of a clock that can be moved, one after the other, and what is late there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from conformance.bbps.clock import SECOND, Clock

MINUTE: Final = 60 * SECOND
ONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A time at which rules are tried again; `after` gives it, by the stop before, in epoch ms.

    Caches last for minutes, jobs run each night, books are closed by month and by year.
    """

    name: str
    after: Callable[[Clock, int], int]

    def __str__(self) -> str:
        return self.name


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - ONE


def last_of_year(day: date) -> date:
    """Return the last day of a day's financial year, which ends with March."""
    return date(day.year + (day.month > 3), 3, 31)


def leap_day(day: date) -> date:
    """Return the first 29 February after a day."""
    year = day.year + 1
    while year % 4 or (year % 100 == 0 and year % 400):
        year += 1
    this_year = last_of_month(date(day.year, 2, 1))
    return this_year if this_year.day == 29 and day < this_year else date(year, 2, 29)


def sunday(day: date) -> date:
    """Return the first Sunday three days after a day, or later."""
    return day + timedelta(days=3 + (3 - day.weekday()) % 7)


def _later(milliseconds: int) -> Callable[[Clock, int], int]:
    return lambda _, before: before + milliseconds


def _on(day: Callable[[date], date], hour: int, minute: int = 0) -> Callable[[Clock, int], int]:
    """Return an hour of a day, which follows from the day of the stop before."""
    return lambda clock, before: clock.at(day(clock.day(before)), time(hour, minute))


# The hours differ: until 05:30 it is yesterday in UTC, and some books are closed at noon. One stop
# is a Sunday, on which offices are closed.
MINUTES: Final = Stop(name="minutes later", after=_later(11 * MINUTE))
HOURS: Final = Stop(name="hours later", after=_later(115 * MINUTE))
A_DAY: Final = Stop(name="over a day later", after=_on(lambda day: day + 2 * ONE, 2))
DAYS: Final = Stop(name="days later", after=_on(sunday, 16))
MONTH_END: Final = Stop(name="at the end of a month", after=_on(last_of_month, 20))
NEXT_MONTH: Final = Stop(name="in the next month", after=_on(lambda day: day + ONE, 6))
YEAR_END: Final = Stop(name="at the end of the financial year", after=_on(last_of_year, 23, 55))
NEXT_YEAR: Final = Stop(name="in the next financial year", after=_on(lambda day: day + ONE, 0, 5))
LEAP_DAY: Final = Stop(name="on 29 February", after=_on(leap_day, 12))
MARCH: Final = Stop(name="after 29 February", after=_on(lambda day: day + ONE, 9))
YEARS: Final = Stop(
    name="in a later financial year", after=_on(lambda day: last_of_year(day) + ONE, 0, 5)
)
STOPS: Final = (
    MINUTES, HOURS, A_DAY, DAYS, MONTH_END, NEXT_MONTH, YEAR_END, NEXT_YEAR, LEAP_DAY, MARCH, YEARS,
)  # fmt: skip


def days_between(clock: Clock, before: int, stop: Stop) -> int:
    """Return how many days after that of the stop before, in epoch ms, a stop comes."""
    return (clock.day(stop.after(clock, before)) - clock.day(before)).days
