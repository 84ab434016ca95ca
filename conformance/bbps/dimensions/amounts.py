"""Amounts by their magnitude and digits, and the notations of one amount."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension

Notation = Callable[[Decimal], str]

AMOUNT: Final[Dimension[Decimal | None]] = Dimension(
    name="amount",
    source="RCP-06, PAY-08; rounding and columns of a width depend on digits and magnitude",
    values={
        "the usual amount": None,
        **{
            f"₹ {rupees}": Decimal(rupees)
            for rupees in (1, 7, 49, 12, 23, 34, 45, 56, 78, 100, 250, 1001)
        },
    },
)
"""Small amounts, one or more of each last digit; the first is that of the profile."""

GREAT: Final[Dimension[Decimal | None]] = Dimension(
    name="amount",
    source="columns and limits are often set at a lakh; these cost no money until they are paid",
    values={
        "the usual amount": None,
        **{f"₹ {rupees}": Decimal(rupees) for rupees in (9_999, 99_999, 1_00_001, 12_34_567)},
    },
)
"""Amounts that a run bills and has validated, and rather does not pay."""

GREAT_PAID: Final[Dimension[Decimal]] = Dimension(
    name="amount",
    source="RCP-01; a column too narrow for an amount loses the receipt and not the success",
    values={f"₹ {rupees}": Decimal(rupees) for rupees in (9_999, 1_00_001)},
    costly=frozenset({"₹ 100001"}),
)
"""Great amounts that are paid; more than a lakh at depth deep only."""

# Too little to be split over several lines.
INDIVISIBLE: Final = ("₹ 1",)

NOTATION: Final[Dimension[Notation]] = Dimension(
    name="notation",
    source="txnAmount is text: 100.00 and 100 are one amount",
    values={
        "100": lambda amount: f"{amount.normalize():f}",
        "100.0": lambda amount: _with_places(amount, 1),
        "100.00": lambda amount: _with_places(amount, 2),
    },
)


def _with_places(amount: Decimal, places: int) -> str:
    """Write an amount with at least some decimals."""
    own = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(places, own)}f}"
