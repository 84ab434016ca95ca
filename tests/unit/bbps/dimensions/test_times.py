"""The stops of the clock: their order from any start, and what is between them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from conformance.bbps.clock import Clock
from conformance.bbps.dimensions.times import (
    A_DAY,
    DAYS,
    LEAP_DAY,
    MARCH,
    MONTH_END,
    NEXT_MONTH,
    NEXT_YEAR,
    STOPS,
    YEAR_END,
    YEARS,
    Stop,
    days_between,
    last_of_month,
    last_of_year,
    leap_day,
)
from conformance.bbps.journey_plan import FOR_YEARS, LATE, RECEIPTS
from conformance.client.client import Client

INDIA = ZoneInfo("Asia/Kolkata")
CLOCK = Clock(cast(Client, SimpleNamespace(target=SimpleNamespace(zone=INDIA))))
STARTS = [
    datetime.combine(date(2026, 1, 1) + timedelta(days=days), time(*hour), INDIA)
    for days in range(0, 4 * 365 + 2, 1)
    for hour in ((0, 0), (23, 59))
]


def moments(start: datetime) -> dict[Stop, datetime]:
    """Return when the stops come for a journey that begins at a time."""

    def along() -> Iterator[tuple[Stop, datetime]]:
        place = int(start.timestamp()) * 1000
        for stop in STOPS:
            place = stop.after(CLOCK, place)
            yield stop, datetime.fromtimestamp(place / 1000, INDIA)

    return dict(along())


JOURNEYS = [moments(start) for start in STARTS]


def test_stops_follow_one_another_from_any_start() -> None:
    for start, journey in zip(STARTS, JOURNEYS, strict=True):
        times = [start, *journey.values()]
        assert times == sorted(set(times)), start


def test_stops_are_where_their_names_say() -> None:
    for journey in JOURNEYS:
        assert journey[MONTH_END].date() == last_of_month(journey[MONTH_END].date())
        assert journey[DAYS].isoweekday() == 7, "a Sunday"
        assert journey[NEXT_MONTH].day == 1
        assert (journey[YEAR_END].month, journey[YEAR_END].day) == (3, 31)
        assert {(journey[each].month, journey[each].day) for each in (NEXT_YEAR, YEARS)} == {(4, 1)}
        assert (journey[LEAP_DAY].month, journey[LEAP_DAY].day) == (2, 29)
        assert (journey[MARCH].month, journey[MARCH].day) == (3, 1)


def test_some_numbers_would_be_repeated_whenever_they_began_anew() -> None:
    for journey in JOURNEYS:
        of_days = [f"{journey[each]:%Y-%m}" for each in RECEIPTS]
        assert len(set(of_days)) < len(of_days), "two days of one month"
        of_months = {(journey[each].year, journey[each].month) for each in RECEIPTS}
        years = [year for year, _ in of_months]
        assert len(set(years)) < len(years), "two months of one year"
        assert journey[NEXT_YEAR].year < journey[YEARS].year, "the same month of two years"


def test_no_journey_outlives_the_bills_that_are_payable_for_years() -> None:
    for start, journey in zip(STARTS, JOURNEYS, strict=True):
        assert journey[YEARS] - start < timedelta(days=FOR_YEARS), start


def test_a_late_bill_has_expired_when_its_stop_comes() -> None:
    for journey in JOURNEYS:
        for stop in LATE:
            before = journey[STOPS[STOPS.index(stop) - 1]]
            assert before.date() < journey[stop].date()


def test_a_transaction_is_created_in_the_morning_the_afternoon_the_evening_and_at_night() -> None:
    journey = JOURNEYS[0]
    hours = {journey[STOPS[STOPS.index(each) - 1]].hour for each in RECEIPTS}
    assert {2, 9, 12, 16, 20, 23} <= hours


@pytest.mark.parametrize(
    ("day", "month", "year", "leap"),
    [
        (date(2026, 11, 29), date(2026, 11, 30), date(2027, 3, 31), date(2028, 2, 29)),
        (date(2027, 12, 31), date(2027, 12, 31), date(2028, 3, 31), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 31), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 31), date(2032, 2, 29)),
        (date(2028, 4, 1), date(2028, 4, 30), date(2029, 3, 31), date(2032, 2, 29)),
        (date(2097, 1, 1), date(2097, 1, 31), date(2097, 3, 31), date(2104, 2, 29)),
    ],
)
def test_ends_of_months_and_years(day: date, month: date, year: date, leap: date) -> None:
    assert (last_of_month(day), last_of_year(day), leap_day(day)) == (month, year, leap)


def test_days_are_counted_by_the_calendar() -> None:
    late = int(datetime(2026, 11, 29, 23, 59, tzinfo=INDIA).timestamp()) * 1000
    assert days_between(CLOCK, late, A_DAY) == 2
    assert days_between(CLOCK, late, DAYS) == 7, "from a Sunday to the next"
