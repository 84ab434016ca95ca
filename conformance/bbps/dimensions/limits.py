"""Values on both sides of a limit: the age of an instrument, the lengths of texts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from conformance.bbps.clock import DAY, SECOND, Clock
from conformance.bbps.dimensions.dimension import Dimension

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
Date = Callable[[Clock], int]  # of an instrument, in epoch ms

# An hour is left to the limit, and passed beyond it: whether days, or whole days, are counted.
TAKEN_DATE: Final[Dimension[Date]] = Dimension(
    name="date",
    source="PAY-06; an instrument of up to 90 days is taken",
    values={
        "a minute ago": lambda clock: clock.now() - MINUTE,
        "almost 90 days ago": lambda clock: clock.now() - 90 * DAY + HOUR,
    },
)


def _tomorrow(clock: Clock) -> int:
    return clock.at(clock.day(clock.now()) + timedelta(days=1), time(0, 5))


REFUSED_DATE: Final[Dimension[Date]] = Dimension(
    name="date",
    source="PAY-06; a future date is refused, and one of over 90 days",
    values={
        "91 days ago": lambda clock: clock.now() - 91 * DAY - HOUR,
        "half a year ago": lambda clock: clock.now() - 180 * DAY,
        "tomorrow": _tomorrow,
        "in a month": lambda clock: clock.now() + 30 * DAY,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of a payment: its field, the mode that has it, its length, and how it is made."""

    field: str
    mode: str
    longest: int
    of_length: Callable[[int], str]


def _name(length: int) -> str:
    return f"{'Venkata ' * (length // 8 + 1)}"[: length - 1] + "n"


def _number(length: int) -> str:
    return f"{'CONF0123456789' * (length // 14 + 1)}"[:length]


def _address(length: int) -> str:
    return f"{'House 5, ' * (length // 9 + 1)}"[: length - 1] + "t"


def _email(length: int) -> str:
    end = "@mail.example.co.in"
    return f"{'mary.o' * (length // 6 + 1)}"[: length - len(end)] + end


TEXT: Final = Dimension(
    name="text",
    source="CON-05; the contract says how long these texts of a payment may be",
    values={
        field: Text(field=field, mode=mode, longest=longest, of_length=of_length)
        for field, mode, longest, of_length in (
            ("paidBy", "CASH", 128, _name),
            ("payerName", "CASH", 128, _name),
            ("payerAddress", "CASH", 1024, _address),
            ("payerEmail", "CASH", 64, _email),
            ("transactionNumber", "CARD", 128, _number),
            ("instrumentNumber", "CHEQUE", 128, _number),
            ("ifscCode", "CHEQUE", 64, _number),
        )
    },
)
BEYOND: Final = Dimension(
    name="length",
    source="CON-05; nothing is cut in silence, neither at the limit nor beyond it",
    values={"the longest": 0, "a character more": 1},
)
