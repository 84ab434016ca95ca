"""Dates and delays in every form that servers write."""

from datetime import UTC, datetime

import pytest

from conformance.client.http_fields import NEVER, delay, moment

AT = datetime(2026, 11, 6, 8, 49, 37, tzinfo=UTC)
DATE = "Fri, 06 Nov 2026 08:49:35 GMT"


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 06 Nov 2026 08:49:37 GMT",
        "Friday, 06-Nov-26 08:49:37 GMT",
        "Fri Nov  6 08:49:37 2026",
        "Fri, 06 Nov 2026 08:49:37 -0000",
        "Fri, 06 Nov 2026 08:49:37",
        "06 Nov 2026 14:19:37 +0530",
        " Fri, 06 Nov 2026 08:49:37 UTC ",
    ],
)
def test_each_form_of_a_date_is_the_same_moment(text: str) -> None:
    assert moment(text) == AT
    assert delay(text, DATE) == 2.0


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1", "+5", "1e3", "\u00b2", "\u0967\u0968", "1.5.2", "nan", "inf", "0x10", "5s",
     "Fri, 99 Nov 2026 08:49:37 GMT", "Fri, 06 Nov 2026 25:61:61 GMT",
     "Fri, 31 Dec 9999 23:59:59 -2400", "06 Nov"],
)  # fmt: skip
def test_what_cannot_be_read_requires_nothing(text: str) -> None:
    assert delay(text, DATE) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("07", 7.0), (" 7\t", 7.0), ("1.5", 1.5), ("9" * 400, NEVER),
     ("Fri, 06 Nov 1994 08:49:37 GMT", 0.0), ("Thu, 31 Dec 9999 23:59:59 GMT", NEVER)],
)  # fmt: skip
def test_seconds_are_read_within_bounds(text: str, seconds: float) -> None:
    assert delay(text, DATE) == seconds


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_date_says_nothing_without_the_clock_that_set_it(date: str) -> None:
    assert delay("Fri, 06 Nov 2026 08:49:37 GMT", date) is None
