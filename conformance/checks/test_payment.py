"""Payment: five modes, their rules, amounts, once per bill (PAY-01 to PAY-09, PAY-13)."""

import secrets
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import DAY
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, payments_in, read, rupees
from conformance.checks.controls import granted
from conformance.checks.expect import (
    accepted,
    demand,
    refused,
    same,
)
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

# mode -> (instrument status, payment status) of a fresh payment
STATUSES: Final = {
    "CASH": ("APPROVED", "NEW"),
    "CHEQUE": ("APPROVED", "NEW"),
    "DD": ("APPROVED", "NEW"),
    "ONLINE": ("REMITTED", "DEPOSITED"),
    "CARD": ("REMITTED", "DEPOSITED"),
}
# Modes that a deployment may add, with the same two statuses.
ADDED_MODES: Final = {
    "OFFLINE_NEFT": ("APPROVED", "NEW"),
    "OFFLINE_RTGS": ("APPROVED", "NEW"),
    "ONLINE_NEFT": ("REMITTED", "DEPOSITED"),
    "ONLINE_RTGS": ("REMITTED", "DEPOSITED"),
    "POSTAL_ORDER": ("APPROVED", "NEW"),
    "QR_CODE": ("APPROVED", "NEW"),
    "BBPS": ("APPROVED", "NEW"),
}


def _taken(bbps: Bbps, mode: str) -> None:
    """Demand that a payment in a mode is taken, with receipt, statuses and sums."""
    bill = bbps.bill_of(needs.taking(bbps, mode))
    # Leading zeros belong to the number of a cheque, which is no amount.
    number = None if mode == "CASH" else f"000{secrets.randbelow(10**9):09d}"
    changes: dict[str, Any] = {} if number is None else {"instrumentNumber": number}
    response = bbps.submit_payment(bill, mode, **changes)

    accepted(response, f"a payment in mode {mode}")
    payment = payments_in(response)[0]
    same(payment.mode, mode, "the mode of the payment")
    same(payment.amount, bill.amount, "the amount of the payment")
    demand(
        bool(payment.receipt_numbers) and all(payment.receipt_numbers),
        required="each detail of the payment has a receipt number",
        observed=f"the receipt numbers are {list(payment.receipt_numbers)}",
    )
    details = read(payment.raw, "paymentDetails")
    same(
        sum((rupees(each.get("totalAmountPaid")) for each in details), Decimal(0)),
        bill.amount,
        "the sum of the payment's details",
    )
    stored = bbps.payment(payment.id)
    same(
        stored.receipt_numbers, payment.receipt_numbers, "the receipt numbers of the stored payment"
    )
    same(stored.mode, mode, "the mode of the stored payment")
    if number is not None and stored.raw.get("instrumentNumber") is not None:
        same(stored.raw["instrumentNumber"], number, "the number of the stored instrument")
    instrument, status = (STATUSES | ADDED_MODES)[mode]
    same(payment.instrument_status, instrument, f"the instrument status of a {mode} payment")
    same(payment.status, status, f"the payment status of a {mode} payment")


@verifies("PAY-01")
def test_cash_is_taken(bbps: Bbps) -> None:
    """The cashier takes a bill's amount in CASH."""
    _taken(bbps, "CASH")


@verifies("PAY-02")
def test_cheque_is_taken(bbps: Bbps) -> None:
    """The cashier takes a CHEQUE of yesterday."""
    _taken(bbps, "CHEQUE")


@verifies("PAY-03")
def test_demand_draft_is_taken(bbps: Bbps) -> None:
    """The cashier takes a demand draft (DD) of yesterday."""
    _taken(bbps, "DD")


@verifies("PAY-04")
def test_online_payment_is_taken(bbps: Bbps) -> None:
    """A payment in mode ONLINE is registered with its transaction number."""
    _taken(bbps, "ONLINE")


@verifies("PAY-05")
def test_card_is_taken(bbps: Bbps) -> None:
    """The cashier takes a CARD payment with its transaction number."""
    _taken(bbps, "CARD")


@verifies("PAY-06")
@pytest.mark.parametrize("days", [2, -92], ids=["in the future", "over 90 days old"])
@pytest.mark.parametrize("mode", ["CHEQUE", "DD"])
def test_instrument_date_is_limited(bbps: Bbps, mode: str, days: int) -> None:
    """A cheque or draft is dated in the future, or more than 90 days back."""
    bill = bbps.bill_of(needs.taking(bbps, mode))

    _refused_then_accepted(bbps, bill, mode, {"instrumentDate": bbps.clock.now() + days * DAY})


@verifies("PAY-13")
def test_bbps_user_pays_online(bbps: Bbps, bill: Bill) -> None:
    """The BBPS user itself creates a payment, in mode ONLINE."""
    response = bbps.submit_payment(bill, "ONLINE", as_="integrator")

    accepted(response, "a payment in mode ONLINE by the BBPS user")
    same(payments_in(response)[0].mode, "ONLINE", "the mode of the payment")


@verifies("PAY-13")
@pytest.mark.parametrize("mode", ADDED_MODES)
def test_added_mode_is_taken(bbps: Bbps, mode: str) -> None:
    """A mode that the deployment adds to the five is used as the profile lists it."""
    _taken(bbps, mode)


def _refused_then_accepted(bbps: Bbps, bill: Bill, mode: str, changes: dict[str, Any]) -> None:
    """Demand a refusal; the same payment without the changes shows that they were the cause."""
    response = bbps.submit_payment(bill, mode, **changes)

    what = ", ".join(f"{name} {value!r}" for name, value in changes.items())
    refused(response, f"a payment in mode {mode} with {what}")
    granted(bbps.submit_payment(bill, mode), f"the same payment in mode {mode} without the fault")
