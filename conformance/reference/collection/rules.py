"""Which payments collections takes: instrument, amount, mode and expiry rules, as pure functions.

Each rule set returns messages by code; a later rule of the same code replaces the earlier text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol

from conformance.reference.collection.requests import CHEQUE_LIKE, ELECTRONIC, TRANSFERS
from conformance.reference.platform.amounts import ZERO, amount_of, rupees, total, whole

DAY: Final = 86_400_000
CHEQUE_LIFE: Final = 90  # whole days
EXPIRED: Final = ("BILL_EXPIRED", "Bill expired or invalid, regenerate bill!")
ALREADY_PAID: Final = ("BILL_ALREADY_PAID", "Bill has already been paid or is in pending state")
Messages = dict[str, str]


class Switches(Protocol):
    """The faults that are switched on."""

    def on(self, name: str) -> bool:
        """Whether a fault is switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessService:
    """The rules of a business service, as master data has them."""

    code: str
    part_payment: bool
    advance: bool
    modes_refused: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "BusinessService":
        """Read a row of BillingService.BusinessService; null counts as no."""
        return cls(
            code=str(row["code"]),
            part_payment=row.get("partPaymentAllowed") is True,
            advance=row.get("isAdvanceAllowed") is True,
            modes_refused=frozenset(row.get("collectionModesNotAllowed") or ()),
        )


def instrument_messages(payment: Mapping[str, Any], now: int, faults: Switches) -> Messages:
    """Check what the mode needs of numbers and dates (PAY-06); times in epoch ms."""
    mode = payment["paymentMode"]
    if mode in CHEQUE_LIKE:
        return cheque_messages(payment, now, faults)
    if mode in TRANSFERS:
        return transfer_messages(payment, now, faults)
    if mode in ELECTRONIC:
        return electronic_messages(payment, faults)
    return {}


def cheque_messages(payment: Mapping[str, Any], now: int, faults: Switches) -> Messages:
    """Cheque and DD: number, date, and a date that is neither future nor stale."""
    found = slip_messages(payment, faults)
    if "INVALID_INST_NUMBER" in found and faults.on("cheque-number-optional"):
        del found["INVALID_INST_NUMBER"]
    if "INVALID_INST_DATE" in found and faults.on("cheque-date-optional"):
        del found["INVALID_INST_DATE"]
    date = now if payment["instrumentDate"] is None else payment["instrumentDate"]
    by_hand = payment["transactionDate"]
    if by_hand is not None:
        return found | manual_date_messages(date, by_hand)
    if date <= 0 and faults.on("cheque-of-no-time-accepted"):
        return found
    if (now - date) // DAY > CHEQUE_LIFE + spared(payment, now - date, faults):
        found["CHEQUE_DD_DATE_WITH_RECEIPT_DATE"] = (
            "Cheque/DD date should be less than and within 90 days of Current Date"
        )
    ahead = date > now and not faults.on("future-cheque-accepted")
    soon = date < now + DAY and faults.on("cheque-of-tomorrow-accepted")
    sooner = date < now + DAY // 24 and faults.on("cheque-of-next-hour-accepted")
    if ahead and not (soon or sooner):
        found["CHEQUE_DD_DATE_WITH_FUTURE_DATE"] = "Cheque/DD date can not be future Date"
    return found


def spared(payment: Mapping[str, Any], age: int, faults: Switches) -> int:
    """Return by how many days faults let a cheque of an age (ms) live longer; or shorter."""
    if age // DAY > CHEQUE_LIFE and faults.on("stale-cheque-accepted"):
        return age // DAY
    if age // DAY == CHEQUE_LIFE + 1 and faults.on("cheque-lives-a-day-too-long"):
        return 1
    if age // DAY == CHEQUE_LIFE - 1 and faults.on("cheque-lives-a-day-too-short"):
        return -2
    stale_draft = payment["paymentMode"] == "DD" and age // DAY > CHEQUE_LIFE
    return CHEQUE_LIFE if stale_draft and faults.on("draft-lives-half-a-year") else 0


def manual_date_messages(date: int, by_hand: int) -> Messages:
    """Compare a cheque's date with the date of a receipt written by hand."""
    found = {}
    if date > by_hand:
        found["INVALID_CHEQUE_DD_DATE"] = (
            "Cheque/DD date should not be greater than Manual Receipt Date "
        )
    if (by_hand - date) // DAY > CHEQUE_LIFE:
        found["CHEQUE_DD_DATE_WITH_MANUAL_RECEIPT_DATE"] = (
            "Cheque/DD date should be less than and within 90 days of Manual Receipt Date "
        )
    return found


def transfer_messages(payment: Mapping[str, Any], now: int, faults: Switches) -> Messages:
    """Offline transfers and postal orders: number and date, not in the future, of any age."""
    found = slip_messages(payment, faults)
    if (payment["instrumentDate"] or 0) > now:
        found["INVALID_NEFT_RTGS_DATE"] = (
            "NEFT/RTGS date should not be greater than Manual Receipt Date "
        )
    return found


def lacks(number: str | None, faults: Switches) -> bool:
    """Whether a number is missing; an empty one counts as missing, and so do mere blanks."""
    if number is None:
        return True
    if number.strip():
        return False
    return not faults.on("blank-number-accepted" if number else "empty-number-accepted")


def slip_messages(payment: Mapping[str, Any], faults: Switches) -> Messages:
    """Demand the number and the date of a paper instrument."""
    found = {}
    if payment["instrumentDate"] is None:
        found["INVALID_INST_DATE"] = "Instrument Date Input is mandatory for cheque and DD"
    if lacks(payment["instrumentNumber"], faults):
        found["INVALID_INST_NUMBER"] = "Instrument Number is mandatory for Cheque, DD, Card"
    return found


def electronic_messages(payment: Mapping[str, Any], faults: Switches) -> Messages:
    """Card and online modes: transaction number and instrument number."""
    card = payment["paymentMode"] == "CARD"
    found = {}
    lax = "card-number-optional" if card else "online-number-optional"
    if lacks(payment["transactionNumber"], faults) and not faults.on(lax):
        found["INVALID_TXN_NUMBER"] = "Transaction Number is mandatory for Card and online payment"
    if lacks(payment["instrumentNumber"], faults) and not faults.on(lax):
        found["INVALID_INSTRUMENT_NUMBER"] = "Instrument Number is mandatory for Card"
    return found


def detail_messages(
    detail: Mapping[str, Any],
    bill: Mapping[str, Any],
    service: BusinessService,
    mode: str,
    faults: Switches,
    *,
    amounts: bool = True,
    modes: bool = True,
) -> Messages:
    """Check one detail's amount and mode against its bill (PAY-07, PAY-08), in DIGIT's order.

    `amounts` and `modes` are for faults: whether these are judged.
    """
    refused = modes and mode in service.modes_refused and not faults.on("refused-mode-accepted")
    not_allowed = f"The paymentMode: {mode} is not allowed for the bill: {bill['id']}"
    if not amounts:
        return {"INVALID_PAYMENTDETAIL": not_allowed} if refused else {}
    due = due_for(bill, faults)
    paid: Decimal = detail["totalAmountPaid"]
    id_ = bill["id"]
    odd = "INVALID_PAYMENTDETAIL"
    found: Messages = {}
    if not service.advance and (due < 0 or not whole(due)):
        found["INVALID_BILL_AMOUNT"] = (
            f"The bill amount of bill: {id_} is fractional or less than zero"
        )
    if not service.part_payment and paid < due and not excused(paid, due, "part", faults):
        found[odd] = "The amount to be paid is less than amount due"
    if not service.advance and paid > due and not excused(paid, due, "advance", faults):
        found[odd] = "The amount to be paid is more than amount due"
    if refused:
        found[odd] = not_allowed
    lax = service.part_payment and faults.on("any-part-accepted")
    if not sound(paid, due, faults) and not lax:
        found[odd] = f"The amount paid for the paymentDetail with bill number: {id_}"
    if not whole(due):
        found["INVALID_BILL"] = "The due amount cannot be fractional"
    if written_in_paise(paid) and faults.on("paise-by-notation"):
        found[odd] = "The amount paid cannot be fractional"
    if not whole(paid) and not faults.on("fraction-accepted") and not lax:
        found[odd] = "The amount paid cannot be fractional"
    return found


def written_in_paise(amount: Decimal) -> bool:
    """Whether an amount is written with decimals, be they zeros (a fault takes that for paise)."""
    return int(amount.as_tuple().exponent) < 0


def due_for(bill: Mapping[str, Any], faults: Switches) -> Decimal:
    """Return what a bill demands, to the paisa; faults round it to rupees."""
    due = amount_of(bill["totalAmount"]) or ZERO
    if whole(due):
        return due
    lax = "paise-rounded-away" if rounds_up(due) else "paise-left-due"
    return rupees(due) if faults.on(lax) else due


def rounds_up(due: Decimal) -> bool:
    """Whether an amount in rupees and paise is less than the rupees that it rounds to."""
    return rupees(due) > due


def sound(paid: Decimal, due: Decimal, faults: Switches) -> bool:
    """Whether an amount is a whole one, not negative, and zero only where nothing is due."""
    return odd_amount_fault(paid, due) is None or faults.on(odd_amount_fault(paid, due) or "")


def odd_amount_fault(paid: Decimal, due: Decimal) -> str | None:
    """Name the fault that lets an odd amount pass; None for an amount that is not odd."""
    if paid < 0:
        return "negative-amount-accepted"
    if paid == 0 and due > 0:
        return "zero-amount-accepted"
    return None if whole(paid) else "fraction-accepted"


def excused(paid: Decimal, due: Decimal, kind: str, faults: Switches) -> bool:
    """Whether a fault lets an amount other than the due pass; `kind` is part or advance."""
    odd = odd_amount_fault(paid, due)
    plain = {"part": "part-payment-accepted", "advance": "advance-accepted"}[kind]
    return faults.on(plain) if odd is None else faults.on(odd)


def expired(bill: Mapping[str, Any], now: int) -> bool:
    """Whether any detail of a bill lacks an expiry or has passed it."""
    dates = [detail.get("expiryDate") for detail in bill["billDetails"]]
    return any(date is None or date <= now for date in dates)


def sum_messages(payment: Mapping[str, Any], faults: Switches) -> Messages:
    """Demand that the details add up to the total (PAY-08)."""
    parts = total([detail["totalAmountPaid"] for detail in payment["paymentDetails"]])
    if parts == payment["totalAmountPaid"] or faults.on("total-not-compared"):
        return {}
    if parts > payment["totalAmountPaid"] and faults.on("smaller-total-accepted"):
        return {}
    return {"INVALID_PAYMENT_TOTAL": "The total amount paid differs from the sum of the details"}
