"""Lapses: the faults that leave one rule unjudged for some details, modes, services or ways in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final, Literal

from conformance.reference.billing import tables as billing_tables
from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.requests import CHEQUE_LIKE, TRANSFERS
from conformance.reference.collection.rules import BusinessService
from conformance.reference.platform.amounts import ZERO, total, whole
from conformance.reference.platform.world import World

GREAT: Final = 1000  # rupees
PAISE: Final = 2  # decimal places
Rule = Literal["amount", "mode", "paid", "instrument", "total", "expiry", "repeat"]
# How a payment comes: at the counter, to be validated, with a new transaction, with its success.
Way = Literal["counter", "validation", "transaction", "success"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A rule is about to be judged: for one detail of a payment, and its bill's service."""

    payment: Mapping[str, Any]
    way: Way
    spelled: str  # the mode, as the client spelt it
    by: str  # the type of the user who pays
    away: bool  # the payment is of another city than the first
    position: int = 0  # of the detail
    service: BusinessService | None = None
    payer_mode: str = ""  # in which the bill was paid before
    paid: Decimal = ZERO  # rupees of the detail
    former: bool = False  # it pays all that was demanded, of which a part is due

    @property
    def several(self) -> bool:
        """Whether the payment has several details."""
        return len(self.payment["paymentDetails"]) > 1

    @property
    def mode(self) -> str:
        """The mode of the payment."""
        return str(self.payment["paymentMode"])

    @property
    def by_transaction(self) -> bool:
        """Whether the payment is that of a transaction."""
        return self.way in {"transaction", "success"}

    @property
    def by_system(self) -> bool:
        """Whether a SYSTEM user pays at the counter."""
        return self.way == "counter" and self.by == "SYSTEM"

    @property
    def validated(self) -> bool:
        """Whether the payment is only validated."""
        return self.way == "validation"

    @property
    def great(self) -> bool:
        """Whether the payment is of more than a thousand rupees."""
        return bool(self.payment["totalAmountPaid"] > GREAT)

    @property
    def fractional(self) -> bool:
        """Whether the payment has something beyond its paise."""
        return -int(self.payment["totalAmountPaid"].as_tuple().exponent) > PAISE

    @property
    def in_parts(self) -> bool:
        """Whether the bill's service allows part payment."""
        return self.service is not None and self.service.part_payment


@dataclass(frozen=True, slots=True)
class Lapse:
    """A fault, the rules that it overlooks, and on which occasions."""

    fault: str
    rules: tuple[Rule, ...]
    when: Callable[[Occasion], bool]


LAPSES: Final = (
    Lapse("later-amounts-unjudged", ("amount",), lambda each: each.position > 0),
    Lapse(
        "first-amount-of-several-unjudged",
        ("amount",),
        lambda each: each.several and each.position == 0,
    ),
    Lapse("transfer-amounts-unjudged", ("amount",), lambda each: each.mode in TRANSFERS),
    Lapse(
        "amounts-of-transactions-in-parts-unjudged",
        ("amount",),
        lambda each: each.by_transaction and each.in_parts,
    ),
    Lapse(
        "great-transactions-unjudged", ("amount",), lambda each: each.by_transaction and each.great
    ),
    Lapse(
        "amounts-of-transactions-elsewhere-unjudged",
        ("amount",),
        lambda each: each.way == "transaction" and each.away,
    ),
    Lapse("amounts-of-system-users-unjudged", ("amount",), lambda each: each.by_system),
    Lapse("modes-of-system-users-unjudged", ("mode",), lambda each: each.by_system),
    Lapse("instruments-of-system-users-unjudged", ("instrument",), lambda each: each.by_system),
    Lapse("bill-paid-again-by-system-users", ("paid",), lambda each: each.by_system),
    Lapse("great-fractions-unjudged", ("amount",), lambda each: each.great and each.fractional),
    Lapse("former-due-of-a-rest-accepted", ("amount",), lambda each: each.former),
    Lapse(
        "fractions-that-even-out-accepted",
        ("amount",),
        lambda each: (
            each.several and not whole(each.paid) and whole(each.payment["totalAmountPaid"])
        ),
    ),
    Lapse("cheque-totals-unjudged", ("total",), lambda each: each.mode in CHEQUE_LIKE),
    Lapse("total-of-several-unjudged", ("total",), lambda each: each.several),
    Lapse("later-bills-paid-again", ("paid",), lambda each: each.position > 0),
    Lapse(
        "first-bill-of-several-paid-again",
        ("paid",),
        lambda each: each.several and each.position == 0,
    ),
    Lapse("bill-paid-by-cheque-paid-again", ("paid",), lambda each: each.payer_mode in CHEQUE_LIKE),
    Lapse(
        "bill-paid-by-transaction-paid-again", ("paid",), lambda each: each.payer_mode == "ONLINE"
    ),
    Lapse("great-bill-paid-again", ("paid",), lambda each: each.great),
    Lapse(
        "part-paid-meanwhile-paid-again",
        ("paid",),
        lambda each: each.way == "success" and each.position > 0,
    ),
    Lapse("same-bill-twice-accepted", ("repeat",), lambda _: True),
    Lapse("modes-of-transactions-unjudged", ("mode",), lambda each: each.by_transaction),
    Lapse("later-modes-unjudged", ("mode",), lambda each: each.position > 0),
    Lapse("mode-in-small-letters-unjudged", ("mode",), lambda each: each.spelled != each.mode),
    Lapse(
        "instrument-in-small-letters-unjudged",
        ("instrument",),
        lambda each: each.spelled != each.mode,
    ),
    Lapse("instrument-of-several-unjudged", ("instrument",), lambda each: each.several),
    Lapse("instrument-of-parts-unjudged", ("instrument",), lambda each: each.in_parts),
    Lapse("instrument-of-great-amounts-unjudged", ("instrument",), lambda each: each.great),
    Lapse("transfer-instruments-unjudged", ("instrument",), lambda each: each.mode in TRANSFERS),
    Lapse("validate-overlooks-modes", ("mode",), lambda each: each.validated),
    Lapse("validate-overlooks-instruments", ("instrument",), lambda each: each.validated),
    Lapse("validate-overlooks-amounts", ("amount",), lambda each: each.validated),
    Lapse("validate-overlooks-expiry", ("expiry",), lambda each: each.validated),
    Lapse("validate-overlooks-repeats", ("repeat",), lambda each: each.validated),
    Lapse(
        "validate-overlooks-later-bills",
        ("amount", "mode", "paid"),
        lambda each: each.validated and each.position > 0,
    ),
)


def occasions(
    world: World, db: Connection, occasion: Occasion, bills: Sequence[Mapping[str, Any]]
) -> list[Occasion]:
    """Return the occasion on which the rules are judged, for each detail."""
    found = []
    details = occasion.payment["paymentDetails"]
    for position, (detail, bill) in enumerate(zip(details, bills, strict=True)):
        paid = detail["totalAmountPaid"]
        row = world.masters.business_service(bill["businessService"])
        found.append(
            replace(
                occasion,
                position=position,
                service=None if row is None else BusinessService.of(row),
                payer_mode=payment_tables.mode_of_payer(db, bill["id"]),
                paid=paid,
                former=paid > bill["totalAmount"] and paid == demanded(db, bill),
            )
        )
    return found


def demanded(db: Connection, bill: Mapping[str, Any]) -> Decimal:
    """Return what the demands of a bill are over, in rupees, whatever was collected."""
    return total([each["taxAmount"] for each in billing_tables.lines_demanded(db, bill)])


def overlooked(world: World, rule: Rule, occasion: Occasion) -> bool:
    """Whether a fault leaves a rule unjudged on an occasion."""
    return any(
        rule in lapse.rules and lapse.when(occasion) and world.faults.on(lapse.fault)
        for lapse in LAPSES
    )
