"""What an update may report of a transaction: success, failure, or neither."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What the payment side reports of a transaction; `amount` in rupees if it is stated.

    `success` is None where the report leaves the outcome open.
    """

    success: bool | None
    amount: Decimal | None = None


SUCCESS: Final = Signal(success=True)
FAILURE: Final = Signal(success=False)
OPEN: Final = Signal(success=None)


def success(*, amount: Decimal) -> Signal:
    """Report success with an amount of one's own."""
    return Signal(success=True, amount=amount)
