"""How money comes: by which way in and mode, for which service, on one bill or on several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from conformance.bbps import needs
from conformance.bbps.clock import DAY
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.bbps.payloads import Share, due
from conformance.client.response import Response
from conformance.core.verdicts import NotApplicable

FIVE: Final = ("CASH", "CHEQUE", "DD", "ONLINE", "CARD")
# Modes that a deployment may add.
ADDED: Final = (
    "OFFLINE_NEFT", "OFFLINE_RTGS", "ONLINE_NEFT", "ONLINE_RTGS", "POSTAL_ORDER", "QR_CODE", "BBPS",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way in of money: at the counter in a mode, or by a transaction, whose mode is ONLINE."""

    mode: str
    by_transaction: bool = False

    def __str__(self) -> str:
        return "a transaction" if self.by_transaction else f"a payment in mode {self.mode}"

    def open_to(self, bbps: Bbps, terms: needs.Terms) -> None:
        """See that the deployment takes money of a business service by this way."""
        if self.mode in terms.shut:
            raise NotApplicable(f"{terms.code} does not take mode {self.mode}")
        if not self.by_transaction and self.mode not in bbps.target.modes:
            raise NotApplicable(f"the profile does not list mode {self.mode} in payment_modes")

    def submit(self, bbps: Bbps, shares: Sequence[Share], **changes: Any) -> Response:
        """Request to pay shares; `changes` replace fields of the request."""
        bill = shares[0].bill
        if self.by_transaction:
            return bbps.submit_transaction(bill, shares=shares, **changes)
        return bbps.submit_payment(bill, self.mode, shares=shares, **changes)


WAY: Final = Dimension(
    name="way in",
    source="PAY-01 to PAY-09, PAY-13: the same rules hold for each mode and for a transaction",
    values={
        "CASH": Way(mode="CASH"),
        "a transaction": Way(mode="ONLINE", by_transaction=True),
        **{mode: Way(mode=mode) for mode in (*FIVE[1:], *ADDED)},
    },
)
COUNTER: Final = WAY.without("a transaction")
TRANSACTION: Final = WAY.values["a transaction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a bill stands among those that are paid together.

    With `evened_out` the next bill's share makes the sum right.
    """

    bills: int = 1
    index: int = 0
    evened_out: bool = False

    def shares(self, bills: Sequence[Bill], paid: Decimal) -> list[Share]:
        """Return the shares: an amount in rupees on the bill in question, all on the others."""
        shares = due(bills)
        shares[self.index] = replace(shares[self.index], paid=paid)
        if self.evened_out:
            other = (self.index + 1) % self.bills
            rest = bills[self.index].amount - paid
            shares[other] = replace(shares[other], paid=bills[other].amount + rest)
        return shares


PLACE: Final = Dimension(
    name="place of the bill",
    source="PAY-08: with several bills each share is judged by itself",
    values={
        "the only one": Position(),
        "second of two": Position(bills=2, index=1),
        "first of two": Position(bills=2),
    },
)
ONE_OR_TWO: Final = PLACE.only("the only one", "second of two")
SHARE: Final = Dimension(
    name="place of the share",
    source=PLACE.source,
    values={
        **PLACE.values,
        "first of two, evened out by the second": Position(bills=2, evened_out=True),
        "second of two, evened out by the first": Position(bills=2, index=1, evened_out=True),
        "last of three": Position(bills=3, index=2),
    },
)


def _certified(number: int) -> Callable[[Bbps], needs.Terms]:
    """Return how to have one of the business services that the profile names."""

    def terms(bbps: Bbps) -> needs.Terms:
        found = needs.certified(bbps)
        if number >= len(found):
            raise NotApplicable(f"the profile names {len(found)} business services")
        return found[number]

    return terms


SERVICE: Final = Dimension(
    name="business service",
    source="each service has its own row of the BusinessService master",
    values={
        "the main one": _certified(0),
        "a second one": _certified(1),
        "a third one": _certified(2),
    },
)

SPELLING: Final[Dimension[Callable[[str], str]]] = Dimension(
    name="spelling of the mode",
    source="DIGIT reads modes in any case of letters",
    values={
        "capitals": lambda mode: mode,
        "small letters": lambda mode: mode.lower(),
        "a capital": lambda mode: mode.capitalize(),
        "blanks around it": lambda mode: f" {mode} ",
    },
)

WRONG_AMOUNT: Final[Dimension[Callable[[Decimal], Decimal]]] = Dimension(
    name="amount",
    source="PAY-08",
    values={
        "one rupee less": lambda amount: amount - 1,
        "one rupee more": lambda amount: amount + 1,
        "half a rupee less": lambda amount: amount - Decimal("0.50"),
        "nothing": lambda _: Decimal(0),
        "the negative": lambda amount: -amount,
        "a paisa more": lambda amount: amount + Decimal("0.01"),
        "twice as much": lambda amount: amount * 2,
    },
)

TOTAL: Final[Dimension[Callable[[Decimal], Decimal]]] = Dimension(
    name="total",
    source="PAY-08: the sum of the details is the total",
    values={
        "a hundred more": lambda rupees: rupees + 100,
        "one less": lambda rupees: rupees - 1,
        "half of it": lambda rupees: (rupees / 2).to_integral_value(),
        "nothing": lambda _: Decimal(0),
    },
)
SAME_BILL: Final[Dimension[Callable[[Decimal], Sequence[Decimal]]]] = Dimension(
    name="amounts on the same bill",
    source="PAY-09: a bill is paid once, also where one payment names it twice",
    values={
        "all and all": lambda rupees: (rupees, rupees),
        "one rupee and the rest": lambda rupees: (Decimal(1), rupees - 1),
        "all and nothing": lambda rupees: (rupees, Decimal(0)),
    },
)


def lawful(shares: Sequence[Share], terms: needs.Terms) -> bool:
    """Whether a business service allows to pay each of some shares."""
    return all(
        each.paid > 0
        and each.paid == each.paid.to_integral_value()
        and (each.paid >= each.bill.amount or terms.parts)
        and (each.paid <= each.bill.amount or terms.advances)
        for each in shares
    )


# What a payment lacks: changed fields, by the time of the deployment in epoch ms.
Lack = Callable[[int], Mapping[str, Any]]
LACK: Final[Dimension[Lack]] = Dimension(
    name="what is lacking",
    source="PAY-06; blanks are no number, and the zero of time is no date of a cheque",
    values={
        "no instrument number": lambda _: {"instrumentNumber": None},
        "an empty instrument number": lambda _: {"instrumentNumber": ""},
        "blanks for an instrument number": lambda _: {"instrumentNumber": "   "},
        "no instrument date": lambda _: {"instrumentDate": None},
        "the zero of time for a date": lambda _: {"instrumentDate": 0},
        "a time before zero for a date": lambda _: {"instrumentDate": -DAY},
        "a date in the future": lambda now: {"instrumentDate": now + 2 * DAY},
        "no transaction number": lambda _: {"transactionNumber": None},
        "an empty transaction number": lambda _: {"transactionNumber": ""},
        "blanks for a transaction number": lambda _: {"transactionNumber": "   "},
    },
)
OF_PAPER: Final = (
    "no instrument date", "the zero of time for a date", "a time before zero for a date",
    "a date in the future",
)  # fmt: skip
OF_DATE: Final = ("no instrument date", "a date in the future")
OF_AGE: Final = ("the zero of time for a date", "a time before zero for a date")
OF_MONEY_MOVED: Final = (
    "no transaction number", "an empty transaction number", "blanks for a transaction number",
)  # fmt: skip
NUMBERLESS: Final = OF_MONEY_MOVED[:2]
BLANK: Final = ("blanks for an instrument number", "blanks for a transaction number")
PAPER: Final = ("CHEQUE", "DD")
MOVED: Final = ("ONLINE", "CARD", "ONLINE_NEFT", "ONLINE_RTGS")
ON_ACCOUNT: Final = ("OFFLINE_NEFT", "OFFLINE_RTGS", "POSTAL_ORDER")

BESIDE_THE_CASHIER: Final[Dimension[str]] = Dimension(
    name="who pays",
    source="PAY-06 to PAY-09 hold for each payer; the BBPS role may create payments, too (MDM-04)",
    values={"a BBPS user": "integrator", "a citizen": "citizen"},
)

UNKNOWN_MODE: Final = Dimension(
    name="mode",
    source="PAY-07; what is read leniently may be read as another mode",
    values={
        "unknown": "BARTER",
        "empty": "",
        "blanks": "   ",
        "text": "online payment",
        "two modes": "CASH,CHEQUE",
        "the beginning of one": "CAS",
        "more than one": "CASHIER",
        "the word null": "null",
    },
)
