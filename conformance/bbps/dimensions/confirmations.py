"""The amount that a success confirms: the promised one in other notations, and other amounts."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import SUCCESS, Bbps, success
from conformance.bbps.models import Bill, Transaction
from conformance.client.response import Response
from conformance.core.verdicts import NotApplicable

Confirmed = Callable[[Decimal], str]
SMALL: Final = Decimal(10)  # rupees: what succeeds costs them
PAISE: Final = 2  # decimal places


def small_bill(bbps: Bbps) -> Bill:
    """Have a payable bill that costs little, or one of the pool."""
    return bbps.new_bill(amount=SMALL if bbps.target.bills.provision == "demands" else None)


def confirm(bbps: Bbps, transaction: Transaction, text: str, **parts: Any) -> Response:
    """Report success with an amount as it is written; `parts` are those of `Bbps.update`.

    NotApplicable where no update states it, and it is no amount in rupees and paise.
    """
    outcome = bbps.target.outcome
    if outcome.style == "update-parameters":
        also = {**(parts.pop("also", None) or {}), outcome.parameters.amount: text}
        return bbps.update(transaction, SUCCESS, also=also, **parts)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or -int(amount.as_tuple().exponent) > PAISE:
        raise NotApplicable(f"not looked at: the channel of outcomes cannot report {text!r}")
    return bbps.update(transaction, success(amount=amount), **parts)


# Notations that every reader of decimals understands, and odd ones, which may be refused.
CONFIRMED: Final[Dimension[Confirmed]] = Dimension(
    name="confirmed",
    source="TXN-05, TXN-12: amounts are numbers; the gateway and the platform write them apart",
    values={
        "as promised": lambda amount: f"{amount:f}",
        "with one decimal place": lambda amount: f"{amount:.1f}",
        "with two decimal places": lambda amount: f"{amount:.2f}",
        "with three decimal places": lambda amount: f"{amount:.3f}",
        "with a blank after it": lambda amount: f"{amount:f} ",
        "with a blank before it": lambda amount: f" {amount:f}",
        "with an exponent": lambda amount: f"{amount.normalize():e}",
        "with a sign": lambda amount: f"+{amount:f}",
        "with a zero before it": lambda amount: f"0{amount:f}",
    },
)
PLAIN: Final = ("as promised", "with one decimal place", "with two decimal places")

OTHER_AMOUNT: Final[Dimension[Confirmed]] = Dimension(
    name="amount",
    source="TXN-12: a different amount never ends in success, by whatever comparison",
    values={
        "one rupee less": lambda promised: f"{promised - 1}",
        "one rupee more": lambda promised: f"{promised + 1}",
        "one paisa less": lambda promised: f"{promised - Decimal('0.01')}",
        "one paisa more": lambda promised: f"{promised + Decimal('0.01')}",
        "forty paise more": lambda promised: f"{promised + Decimal('0.40')}",
        "less than a paisa more": lambda promised: f"{promised + Decimal('0.004')}",
        "nothing": lambda _: "0",
        "as many rupees as paise were promised": lambda promised: f"{promised * 100:f}",
        "as many paise as rupees were promised": lambda promised: f"{promised / 100:.2f}",
        "ten times as much": lambda promised: f"{promised * 10:f}",
        "a tenth, with two decimal places": lambda promised: f"{promised / 10:.2f}",
        "with another digit at its end": lambda promised: f"{promised:.0f}5",
        "less than nothing": lambda promised: f"{-promised}",
        "no number": lambda promised: f"{promised:f} rupees",
    },
)
