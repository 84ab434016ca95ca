"""What may be reported of a transaction: success, failure, or neither."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport:
    """A signal about one transaction; `amount` in rupees, None where it is not known."""

    transaction: str
    success: bool | None
    amount: Decimal | None

    @property
    def outcome(self) -> str:
        """The outcome in a word."""
        return {True: "success", False: "failure", None: "pending"}[self.success]

    @property
    def rupees(self) -> str:
        """The amount as text, two places; zero where it is not known."""
        return f"{self.amount or Decimal(0):.2f}"
