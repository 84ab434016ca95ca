"""Rupees as the money services handle them: exact decimals, never binary fractions."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

ZERO: Final = Decimal(0)
PAISE: Final = Decimal("0.01")
DECIMAL_TEXT: Final = re.compile(
    r"[+-]?(\d{1,1000}(\.\d{0,1000})?|\.\d{1,1000})([eE][+-]?\d{1,3})?", re.ASCII
)
LARGEST_EXPONENT: Final = 1000  # far beyond every amount column; a double ends at 308
COLUMN_LIMIT: Final = Decimal(10) ** 10  # of NUMERIC(12,2), in rupees


def amount_of(value: Any) -> Decimal | None:
    """Read rupees from text or a JSON number; None for everything that is no sane amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) < 10**LARGEST_EXPONENT else None
    text = str(value)
    return amount_in_text(text) if DECIMAL_TEXT.fullmatch(text) else None


def amount_in_text(text: str) -> Decimal | None:
    """Read decimal text that is known to be well formed; None outside of sane magnitudes."""
    number = Decimal(text)
    if number.is_zero():
        return ZERO
    fits = abs(number.adjusted()) <= LARGEST_EXPONENT
    return number if fits and -int(number.as_tuple().exponent) <= LARGEST_EXPONENT else None


def fits_column(value: Decimal) -> bool:
    """Whether rupees fit a NUMERIC(12,2) column."""
    return abs(value) < COLUMN_LIMIT


def two_places(value: Decimal) -> Decimal:
    """Round to paise, as a NUMERIC(12,2) column does."""
    return value.quantize(PAISE, ROUND_HALF_UP)


def rupees(value: Decimal) -> Decimal:
    """Round to whole rupees, half a rupee up."""
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def whole(value: Decimal) -> bool:
    """Whether an amount has no paise."""
    return value == value.to_integral_value()


def total(values: list[Decimal]) -> Decimal:
    """Add amounts."""
    return sum(values, ZERO)
