"""Fields of an answer as RFC 9110 has them, and as servers write them all the same."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

NEVER: Final = 1e9  # seconds; longer than any run waits
_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]*)?")


@lru_cache(maxsize=64)  # one that is stated again and again
def moment(text: str) -> datetime | None:
    """Return the moment of a date in any of the three forms; None if it is none.

    One without a zone, or with -0000, is in UTC.
    """
    try:
        found = parsedate_to_datetime(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def delay(text: str, date: str) -> float | None:
    """Return the seconds that Retry-After requires, at most `NEVER`; None if it cannot be read.

    It holds seconds, or a date by the clock that set the answer's `Date`.
    """
    if _SECONDS.fullmatch(text.strip()):
        return min(float(text), NEVER)
    due, now = moment(text), moment(date)
    if due is None or now is None:
        return None
    return min(max((due - now).total_seconds(), 0.0), NEVER)
