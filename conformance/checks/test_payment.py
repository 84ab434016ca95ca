"""Payment: five modes, their rules, amounts, once per bill (PAY-01 to PAY-09, PAY-13)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import DAY
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, payments_in, read, rupees, transaction_in
from conformance.checks.controls import granted, taken
from conformance.checks.expect import (
    accepted,
    demand,
    one_receipt,
    paid_once,
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
    response = bbps.submit_payment(bill, mode)

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


LACKING: Final = [
    pytest.param(mode, {name: lack}, id=f"{mode} {how} {name}")
    for mode, names in {
        "CHEQUE": ("instrumentNumber", "instrumentDate"),
        "DD": ("instrumentNumber", "instrumentDate"),
        "ONLINE": ("transactionNumber", "instrumentNumber"),
        "CARD": ("transactionNumber", "instrumentNumber"),
    }.items()
    for name in names
    for how, lack in (("without", None), ("with an empty", ""))
    if not (lack == "" and name == "instrumentDate")
]


@verifies("PAY-06")
@pytest.mark.parametrize(("mode", "changes"), LACKING)
def test_mode_refuses_what_it_lacks(bbps: Bbps, mode: str, changes: dict[str, Any]) -> None:
    """A payment lacks one parameter of its mode; with it, it is accepted."""
    bill = bbps.bill_of(needs.taking(bbps, mode))

    _refused_then_accepted(bbps, bill, mode, changes)


@verifies("PAY-06")
@pytest.mark.parametrize("days", [2, -92], ids=["in the future", "over 90 days old"])
@pytest.mark.parametrize("mode", ["CHEQUE", "DD"])
def test_instrument_date_is_limited(bbps: Bbps, mode: str, days: int) -> None:
    """A cheque or draft is dated in the future, or more than 90 days back."""
    bill = bbps.bill_of(needs.taking(bbps, mode))

    _refused_then_accepted(bbps, bill, mode, {"instrumentDate": bbps.clock.now() + days * DAY})


@verifies("PAY-07")
@pytest.mark.parametrize("mode", ["BARTER", "", "online payment"], ids=["unknown", "empty", "text"])
def test_unknown_mode_is_refused(bbps: Bbps, bill: Bill, mode: str) -> None:
    """A payment names a mode that does not exist; in CASH it is accepted."""
    _refused_then_accepted(bbps, bill, "CASH", {"paymentMode": mode})


@verifies("PAY-07")
def test_disallowed_mode_is_refused(bbps: Bbps) -> None:
    """A payment uses a mode that the business service does not allow."""
    terms = needs.disallowing(bbps)
    bill = bbps.bill_of(terms.service)
    allowed = next(mode for mode in STATUSES if mode not in terms.shut)

    for mode in STATUSES:
        if mode in terms.shut:
            response = bbps.submit_payment(bill, mode)
            refused(response, f"a payment in mode {mode}, which is not allowed")
    granted(bbps.submit_payment(bill, allowed), f"a payment in mode {allowed}")


WRONG_AMOUNTS: Final[dict[str, Callable[[Decimal], Decimal]]] = {
    "one rupee less": lambda due: due - 1,
    "one rupee more": lambda due: due + 1,
    "negative": lambda due: -due,
    "fractional": lambda due: due - Decimal("0.50"),
    "zero": lambda _: Decimal(0),
}


@verifies("PAY-08")
@pytest.mark.parametrize("wrong", WRONG_AMOUNTS)
def test_amount_must_be_the_amount_due(bbps: Bbps, wrong: str) -> None:
    """Another amount than due is paid in each mode, where part and advance are not allowed."""
    terms = needs.refusing(bbps, less=wrong == "one rupee less", more=wrong == "one rupee more")
    bill = bbps.bill_of(terms.service)
    amount = WRONG_AMOUNTS[wrong](bill.amount)
    modes = [each for each in STATUSES if each in bbps.target.modes and each not in terms.shut]

    for mode in modes:
        response = bbps.submit_payment(bill, mode, amount=amount)
        refused(response, f"a payment in mode {mode} of ₹ {amount} for ₹ {bill.amount} due")
    granted(bbps.submit_payment(bill, modes[0]), f"the amount due, paid in mode {modes[0]}")


@verifies("PAY-08")
@pytest.mark.parametrize("difference", [100, -1], ids=["more", "less"])
def test_details_add_up_to_the_total(bbps: Bbps, bill: Bill, difference: int) -> None:
    """The total of a payment differs from the sum of its details."""
    response = bbps.submit_payment(bill, "CASH", totalAmountPaid=bill.amount + difference)

    if taken(response, "a payment whose total is not the sum of its details"):
        payment = payments_in(response)[0]
        same(payment.amount, bill.amount, "the total, compared with the sum of its details,")


@verifies("PAY-08")
def test_part_is_taken_where_allowed(bbps: Bbps) -> None:
    """Part of a bill is paid where the business service allows it."""
    bill = bbps.bill_of(needs.part_payment(bbps))
    part = Decimal(40)

    response = bbps.submit_payment(bill, "CASH", amount=part)

    accepted(response, "a part payment where it is allowed")
    same(payments_in(response)[0].amount, part, "the amount of the payment")


@verifies("PAY-08")
@pytest.mark.parametrize("wrong", ["negative", "fractional", "zero"])
def test_part_must_be_an_amount(bbps: Bbps, wrong: str) -> None:
    """Where part of a bill may be paid, a negative amount, paise and zero are refused."""
    bill = bbps.bill_of(needs.part_payment(bbps))
    amount = WRONG_AMOUNTS[wrong](bill.amount)

    response = bbps.submit_payment(bill, "CASH", amount=amount)

    refused(response, f"a payment of ₹ {amount} where part payment is allowed")
    granted(bbps.submit_payment(bill, "CASH"), "the amount due")


@verifies("PAY-09")
@pytest.mark.parametrize("second", list(STATUSES))
def test_bill_is_paid_once(bbps: Bbps, second: str) -> None:
    """A bill paid in CASH is paid again, in each mode that its business service takes."""
    bill = bbps.bill_of(needs.taking(bbps, second))

    first = bbps.submit_payment(bill, "CASH")
    granted(first, "the first payment")

    response = bbps.submit_payment(bill, second)

    refused(response, f"a second payment of the bill, in {second}")
    paid_once(bbps, bill)


@verifies("PAY-09")
def test_bill_paid_by_transaction_is_not_paid_at_the_counter(bbps: Bbps, bill: Bill) -> None:
    """A bill paid through BBPS is paid again at the counter."""
    paid = bbps.pay(bill)
    bbps.receipt_of(paid)

    refused(bbps.submit_payment(bill, "CASH"), "a second payment of the bill, at the counter")
    one_receipt(bbps, paid)


@verifies("PAY-09")
def test_bill_paid_at_the_counter_is_not_paid_by_transaction(bbps: Bbps, bill: Bill) -> None:
    """A bill paid at the counter is paid again through BBPS, if a transaction on it is taken."""
    granted(bbps.submit_payment(bill, "CASH"), "the payment at the counter")

    response = bbps.submit_transaction(bill)
    if taken(response, "a transaction on the bill"):  # the money decides, not the transaction
        transaction = transaction_in(response)
        bbps.update(transaction, SUCCESS)
        last = bbps.polling.lastingly(
            lambda: bbps.transaction(transaction.id), lambda sight: sight.status != "SUCCESS"
        )
        demand(
            last.status != "SUCCESS",
            required="for a bill paid at the counter, no transaction ends in success",
            observed="one was taken and ended in SUCCESS: the customer has paid twice",
        )

    paid_once(bbps, bill)


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
