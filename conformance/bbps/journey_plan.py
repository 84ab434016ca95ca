"""What the journey over time looks at, at which stops: late successes, receipts, promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.bbps import needs
from conformance.bbps.dimensions.bills import BILL, Shape
from conformance.bbps.dimensions.times import (
    A_DAY,
    DAYS,
    LEAP_DAY,
    MARCH,
    MONTH_END,
    NEXT_MONTH,
    NEXT_YEAR,
    YEAR_END,
    YEARS,
    Stop,
)
from conformance.bbps.dimensions.updates import AS_EVER
from conformance.bbps.flow import OPEN, Bbps
from conformance.bbps.models import Bill, Transaction

FOR_YEARS: Final = 3000  # days that a bill stays payable where it outlives the journey
PROMISES: Final = (A_DAY, YEARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A bill, and a transaction on it."""

    bill: Bill
    transaction: Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A transaction that is late: what its bill is made of, and what happens before the success.

    `beside` are the days that a second bill of the transaction stays payable; None without one.
    With `parts` the transaction pays one of as many parts of the bill. `report` says how the
    success is reported (SUCCESS_REPORT).
    """

    shape: Shape = BILL.values["one demand"]
    beside: int | None = None
    parts: int = 1
    report: str = AS_EVER
    meanwhile: Callable[[Bbps, Promise], object] = lambda *_: None


LATE: Final[Mapping[Stop, Late]] = {
    A_DAY: Late(shape=BILL.values["two periods"]),
    DAYS: Late(shape=BILL.values["the rest of a part payment"]),
    NEXT_MONTH: Late(shape=BILL.values["another business service"], beside=0),
    YEAR_END: Late(report="without an amount"),
    NEXT_YEAR: Late(beside=FOR_YEARS, meanwhile=lambda bbps, late: bbps.bills_for(late.bill)),
    LEAP_DAY: Late(
        shape=BILL.values["three periods with everything"],
        meanwhile=lambda bbps, late: bbps.update(late.transaction, OPEN),
    ),
    MARCH: Late(shape=Shape(service=needs.part_by_transaction), parts=4),
    YEARS: Late(report="by GET"),
}
LATE_ELSEWHERE: Final = DAYS  # when a success is late in another city


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """How a transaction comes to its receipt: how its success is reported (SUCCESS_REPORT).

    With `tried` it follows one that failed on the first day of the journey.
    """

    report: str = AS_EVER
    tried: bool = False


RECEIPTS: Final[Mapping[Stop, Receipted]] = {
    A_DAY: Receipted(),
    DAYS: Receipted(report="by GET"),
    MONTH_END: Receipted(tried=True),
    NEXT_MONTH: Receipted(report="without an amount"),
    NEXT_YEAR: Receipted(),
    MARCH: Receipted(),
    YEARS: Receipted(),
}
