"""Payment: five modes, their rules, amounts, once per bill (PAY-01 to PAY-09, PAY-13)."""

import secrets
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.audit.differences import differences
from conformance.bbps.audit.fields import KEPT_OF_PAYMENT, OF_COLLECTION
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.limits import REFUSED_DATE, TAKEN_DATE
from conformance.bbps.dimensions.payments import COUNTER, PAPER
from conformance.bbps.flow import Bbps
from conformance.bbps.models import payment_in, read, rupees
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill, lent
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, demand, refused, same
from conformance.checks.paying import works
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

# Who pays need not be who owes, and a counter may have details of its own.
BY_SOMEBODY: Final[dict[str, Any]] = {
    "paidBy": "Somebody else",
    "payerEmail": "payer@bbps.example",
    "payerAddress": "12 Mall Road, Amritsar",
    "additionalDetails": {"counter": "seven"},
}
BANK: Final = "SBIN0000300"


def _taken(bbps: Bbps, mode: str) -> None:
    """Demand that a payment in a mode is taken, with receipt, statuses and sums."""
    bill = bbps.bill_of(needs.taking(bbps, mode))
    # Leading zeros belong to the number of a cheque, which is no amount.
    number = None if mode == "CASH" else f"000{secrets.randbelow(10**9):09d}"
    request = bbps.payment_request(bill, mode, bill.amount) | BY_SOMEBODY
    if number is not None:
        request["instrumentNumber"] = number
    if mode in PAPER:
        request["ifscCode"] = BANK
    response = bbps.submit_payment(bill, mode, **request)

    accepted(response, f"a payment in mode {mode}")
    payment = payment_in(response)
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
    decided = OF_COLLECTION - {"additionalDetails"}
    found = list(differences(request, stored.raw, left_out=decided, kept=KEPT_OF_PAYMENT))
    same(found, [], "the list of changes to the stored payment")
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


PAPER_MODE: Final = COUNTER.only(*PAPER)


@verifies("PAY-06")
@crossed(PAPER_MODE, REFUSED_DATE)
def test_instrument_date_is_limited(bbps: Bbps, combination: Combination) -> None:
    """A cheque or draft is dated in the future, or more than 90 days back."""
    way, date = combination[PAPER_MODE], combination[REFUSED_DATE](bbps.clock)
    service = needs.taking(bbps, way.mode)

    with lent(bbps, service) as loan:
        response = way.submit(bbps, due(loan.bills), instrumentDate=date)
        refused(response, f"{way} that is dated {combination.name(REFUSED_DATE)}")

    works(bbps, way, service)


@verifies("PAY-02")
@crossed(TAKEN_DATE)
def test_cheque_within_the_limit_is_taken(bbps: Bbps, combination: Combination) -> None:
    """A cheque is dated today, or almost 90 days back."""
    _taken_of(bbps, "CHEQUE", combination)


@verifies("PAY-03")
@crossed(TAKEN_DATE)
def test_draft_within_the_limit_is_taken(bbps: Bbps, combination: Combination) -> None:
    """A demand draft is dated today, or almost 90 days back."""
    _taken_of(bbps, "DD", combination)


def _taken_of(bbps: Bbps, mode: str, combination: Combination) -> None:
    """Demand that an instrument of a date within the limit is taken."""
    bill = cheap_bill(bbps, needs.taking(bbps, mode))

    response = bbps.submit_payment(bill, mode, instrumentDate=combination[TAKEN_DATE](bbps.clock))

    accepted(response, f"a payment in mode {mode} that is dated {combination.name(TAKEN_DATE)}")


@verifies("PAY-13")
def test_bbps_user_pays_online(bbps: Bbps) -> None:
    """The BBPS user itself creates a payment, in mode ONLINE."""
    bill = bbps.bill_of(needs.taking(bbps, "ONLINE"))

    response = bbps.submit_payment(bill, "ONLINE", as_="integrator")

    accepted(response, "a payment in mode ONLINE by the BBPS user")
    same(payment_in(response).mode, "ONLINE", "the mode of the payment")


@verifies("PAY-13")
@pytest.mark.parametrize("mode", ADDED_MODES)
def test_added_mode_is_taken(bbps: Bbps, mode: str) -> None:
    """A mode that the deployment adds to the five is used as the profile lists it."""
    _taken(bbps, mode)
