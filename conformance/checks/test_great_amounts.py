"""Great amounts keep the rules of small ones: limits in code are often set at thousands.

What is refused moves no money, and counts against the cap of the profile all the same: so each
rule is tried on one great amount, and left out where the cap leaves too little.
"""

from decimal import Decimal
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.payments import COUNTER, lawful
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, success
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.payloads import Share, due
from conformance.bbps.shelf import great_bill
from conformance.checks.controls import granted
from conformance.checks.expect import (
    kept_out,
    never_succeeds,
    no_receipt,
    not_created_again,
    paid_once,
    refused,
    unchanged,
)
from conformance.checks.paying import works
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

GREAT: Final = Decimal(1_001)  # rupees
GREATER: Final = Decimal(5_001)
HALF, ONE = Decimal("0.50"), Decimal(1)
THOUSANDTH: Final = Decimal("0.001")
# Mode -> an amount in rupees, and the parameter that the payment lacks.
LACKING: Final = {"CHEQUE": (GREATER, "instrumentNumber"), "CARD": (GREAT, "transactionNumber")}


@verifies("TXN-08")
def test_rival_finishes_no_great_transaction(bbps: Bbps) -> None:
    """A rival reports success of a transaction over a great amount; its owner ends it."""
    transaction = bbps.create_transaction(great_bill(bbps, GREATER))

    kept_out(bbps.update(transaction, SUCCESS, as_="rival"), "an update by a rival")

    unchanged(bbps, transaction)
    granted(bbps.update(transaction, FAILURE), "the owner's update of a great transaction")


@verifies("TXN-10")
def test_great_failure_is_final(bbps: Bbps) -> None:
    """A transaction over a great amount failed; its owner reports success."""
    failed = bbps.finish(bbps.taken_transaction(great_bill(bbps, GREAT)), FAILURE)

    bbps.update(failed, SUCCESS)  # whatever it answers: the record decides

    unchanged(bbps, failed)
    no_receipt(bbps, failed, "after a failure, whatever is reported later")


@verifies("TXN-04")
def test_great_pending_transaction_bars_another(bbps: Bbps) -> None:
    """A transaction over a great amount is pending; a further one on its bill is requested."""
    bill, pending = _taken(bbps)

    again = bbps.submit_transaction(bill)

    not_created_again(bbps, again, pending, "a transaction on a bill with a pending one")
    unchanged(bbps, pending)


@verifies("TXN-12")
def test_other_great_amount_never_succeeds(bbps: Bbps) -> None:
    """Success of a transaction over a great amount is reported with one rupee less."""
    bill = great_bill(bbps, GREATER)
    transaction, other = bbps.create_transaction(bill), bill.amount - 1

    response = bbps.update(transaction, success(amount=other))

    never_succeeds(bbps, transaction, response, f"₹ {other} reported for ₹ {bill.amount}")


@verifies("TXN-03")
@pytest.mark.parametrize("less", [HALF, ONE], ids=["half a rupee", "one rupee"])
def test_great_transaction_is_over_what_is_due(bbps: Bbps, less: Decimal) -> None:
    """A transaction is requested over less than the great amount that is due."""
    bill = great_bill(bbps, GREAT)
    share = Share(bill=bill, paid=bill.amount - less)
    if lawful([share], needs.certified(bbps)[0]):
        raise NotApplicable(f"{bill.business_service} allows to pay ₹ {share.paid}")

    response = bbps.submit_transaction(bill, shares=[share])

    refused(response, f"a transaction of ₹ {share.paid} for ₹ {bill.amount} due")
    _taken(bbps)


@verifies("PAY-08")
@pytest.mark.parametrize("less", [THOUSANDTH, ONE], ids=["a thousandth", "one rupee"])
def test_great_amount_must_be_the_amount_due(bbps: Bbps, less: Decimal) -> None:
    """Cash of less than a great amount is paid; a small bill is paid."""
    way, service = COUNTER.values["CASH"], needs.taking(bbps, "CASH")
    bill = great_bill(bbps, GREAT, service)
    share = Share(bill=bill, paid=bill.amount - less)
    terms = [each for each in needs.certified(bbps) if each.code == bill.business_service]
    if lawful([share], terms[0]):
        raise NotApplicable(f"{bill.business_service} allows to pay ₹ {share.paid}")

    response = way.submit(bbps, [share])

    refused(response, f"{way} of ₹ {share.paid} for ₹ {bill.amount} due")
    works(bbps, way, service)


@verifies("PAY-09")
def test_great_bill_is_paid_once(bbps: Bbps) -> None:
    """A bill over a great amount was paid in cash; it is paid again."""
    way, service = COUNTER.values["CASH"], needs.taking(bbps, "CASH")
    bill = great_bill(bbps, GREAT, service)
    granted(way.submit(bbps, due([bill])), "a payment of a great amount")

    refused(way.submit(bbps, due([bill])), "a second payment of a great amount")
    paid_once(bbps, bill)


@verifies("PAY-06")
@pytest.mark.parametrize("mode", LACKING)
def test_mode_refuses_what_it_lacks_for_a_great_amount(bbps: Bbps, mode: str) -> None:
    """A payment of a great amount lacks a parameter of its mode; a small one has it."""
    way, service = COUNTER.values[mode], needs.taking(bbps, mode)
    amount, number = LACKING[mode]
    bill = great_bill(bbps, amount, service)

    response = way.submit(bbps, due([bill]), **{number: None})

    refused(response, f"{way} without its number")
    works(bbps, way, service)


def _taken(bbps: Bbps) -> tuple[Bill, Transaction]:
    """Have a pending transaction over a great amount, once a run, and its bill."""

    def create() -> tuple[Bill, Transaction]:
        bill = great_bill(bbps, GREAT)
        return bill, bbps.create_transaction(bill)

    return bbps.made_once("a transaction over a great amount", create)
