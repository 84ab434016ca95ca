"""Parts of a bill keep the rules of whole ones; so does a bill that is due again."""

from decimal import ROUND_FLOOR, Decimal
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.bills import BILL, PAID_BEFORE, Shape
from conformance.bbps.dimensions.payments import COUNTER, TRANSACTION, lawful
from conformance.bbps.flow import SUCCESS, Bbps, success
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill
from conformance.bbps.payloads import Share, due
from conformance.checks.controls import granted
from conformance.checks.expect import never_succeeds, refused, same, unchanged
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Service

pytestmark = pytest.mark.independent

PARTS_WAY: Final = {"a transaction": TRANSACTION, "cash": COUNTER.values["CASH"]}
HALVES: Final = Decimal("0.50")


@verifies("TXN-04")
def test_pending_part_bars_another_part(bbps: Bbps) -> None:
    """A transaction on a part of a bill is pending; one on another part is requested."""
    bill, part = _payable_in_parts(bbps)
    pending = bbps.create_transaction(bill, amount=part)

    refused(bbps.submit_transaction(bill, amount=part + 1), "a transaction on another part")

    unchanged(bbps, pending)


@verifies("TXN-12")
def test_part_is_not_confirmed_with_the_whole(bbps: Bbps) -> None:
    """Success of a transaction on a part is reported with all that is due."""
    bill, part = _payable_in_parts(bbps)
    transaction = bbps.create_transaction(bill, amount=part)

    response = bbps.update(transaction, success(amount=bill.amount))

    never_succeeds(bbps, transaction, response, f"₹ {bill.amount} reported for ₹ {part}")


@verifies("RCP-07")
def test_parts_settle_a_demand_one_after_another(bbps: Bbps) -> None:
    """Three transactions pay a bill, part by part; what is left is due after each."""
    bill, part = _payable_in_parts(bbps)
    left = bill.amount
    for paid in (part, part, bill.amount - 2 * part):
        transaction = bbps.taken_transaction(bill, amount=paid)
        bbps.receipt_of(bbps.finish(transaction, SUCCESS))
        left -= paid
        _left(bbps, bill, left, f"₹ {paid} of ₹ {bill.amount} were paid")
        if left:
            bill = bbps.offered(
                bill.consumer_code,
                service=bill.business_service,
                tenant=bill.tenant,
                amount=left,
            )


@verifies("RCP-07")
def test_part_of_several_demands_is_collected(bbps: Bbps) -> None:
    """A transaction pays a bill of two demands in part, and more than the first demand."""
    bill = Shape(service=_taking_parts, split=BILL.values["two periods"].split)(bbps)
    part = bill.amount - 1
    transaction = bbps.taken_transaction(bill, amount=part)

    bbps.receipt_of(bbps.finish(transaction, SUCCESS))

    _left(bbps, bill, Decimal(1), f"₹ {part} of ₹ {bill.amount} were paid")


@verifies("PAY-08")
@pytest.mark.parametrize("way", PARTS_WAY)
def test_former_due_is_not_paid_on_the_rest(bbps: Bbps, way: str) -> None:
    """A part of a bill was paid; what was due before is paid on the rest."""
    rest = BILL.values["the rest of a part payment"](bbps)
    share, terms = Share(bill=rest, paid=rest.amount + PAID_BEFORE), _terms(bbps, rest)
    PARTS_WAY[way].open_to(bbps, terms)
    if lawful([share], terms):
        raise NotApplicable(f"{rest.business_service} takes payments in advance")

    response = PARTS_WAY[way].submit(bbps, [share])

    refused(response, f"₹ {share.paid}, which were due before, for ₹ {rest.amount} due")
    granted(PARTS_WAY[way].submit(bbps, due([rest])), "a payment of the rest")


@verifies("PAY-08")
@pytest.mark.parametrize("way", PARTS_WAY)
def test_fractions_do_not_even_out(bbps: Bbps, way: str) -> None:
    """Two bills are paid in part, each with half a rupee; together these are whole rupees."""
    bills = [_payable_in_parts(bbps)[0] for _ in range(2)]
    PARTS_WAY[way].open_to(bbps, _terms(bbps, bills[0]))
    shares = [Share(bill=each, paid=each.amount - HALVES) for each in bills]

    response = PARTS_WAY[way].submit(bbps, shares)

    refused(response, f"parts with half a rupee each, ₹ {shares[0].paid}")
    granted(PARTS_WAY[way].submit(bbps, due(bills[:1])), "a payment of all that is due")


@verifies("PAY-09")
def test_bill_that_is_due_again_is_paid_once(bbps: Bbps) -> None:
    """A payment was cancelled and the bill paid again; it is paid a third time."""
    bill = BILL.values["a cancelled payment before"](bbps)
    granted(bbps.submit_payment(bill, "CASH"), "a payment of a bill that is due again")

    refused(bbps.submit_payment(bill, "CASH"), "a payment of a bill that was paid again")


def _left(bbps: Bbps, bill: Bill, left: Decimal, when: str) -> None:
    """Demand that some rupees are left due on the demands of a bill, before long."""
    due_now, _ = bbps.polling.within_deadline(
        lambda: bbps.provision.due_on(bill), lambda due_now: due_now == left
    )
    same(due_now, left, f"what is due after {when}")


def _terms(bbps: Bbps, bill: Bill) -> needs.Terms:
    return next(each for each in needs.certified(bbps) if each.code == bill.business_service)


def _taking_parts(bbps: Bbps) -> Service:
    return unless_hindered(lambda: needs.part_by_transaction(bbps))


def _payable_in_parts(bbps: Bbps) -> tuple[Bill, Decimal]:
    """Have a bill that may be paid in parts, by transactions, and a fourth of it in rupees."""
    bill = bbps.bill_of(_taking_parts(bbps))
    part = (bill.amount / 4).quantize(Decimal(1), ROUND_FLOOR)
    if part < 1:
        raise NotApplicable(f"not looked at: a bill of ₹ {bill.amount} has no three parts")
    return bill, part
