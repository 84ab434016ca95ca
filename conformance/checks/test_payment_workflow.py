"""Workflow: what may be done with a receipt in its state, and what it does to the money (PAY-12).

SHOULD, but its money side is a MUST: what is cancelled is due again, what is refused stays paid.
"""

import operator
from decimal import Decimal
from functools import partial
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import SECOND
from conformance.bbps.dimensions.dimension import Combination, Dimension, never
from conformance.bbps.dimensions.payments import COUNTER, ONE_OR_TWO
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, payment_in
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, refused, same
from conformance.checks.paying import act, becomes, due_again, nothing_due, stays
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable

pytestmark = pytest.mark.independent

PART: Final = Decimal(40)  # rupees
REACHED: Final = {"CANCEL": "CANCELLED", "DISHONOUR": "DISHONOURED", "REMIT": "DEPOSITED"}
SOURCE: Final = "PAY-12; the state of the instrument decides what may be done"
Actions = tuple[str, ...]
# Actions that follow each other; the last one is in question.
ALLOWED: Final[Dimension[Actions]] = Dimension(
    name="action",
    source=SOURCE,
    values={
        "cancelled": ("CANCEL",),
        "remitted": ("REMIT",),
        "dishonoured": ("DISHONOUR",),
    },
)
# Only paper and cash are remitted, and only paper bounces.
TAKEN_IN: Final = COUNTER.only("CASH", "CHEQUE", "DD", "OFFLINE_NEFT", "POSTAL_ORDER")
ON_ACCOUNT: Final = ("OFFLINE_NEFT", "POSTAL_ORDER")
# After the first actions, if any, the last one is refused.
REFUSED: Final[Dimension[Actions]] = Dimension(
    name="action",
    source=SOURCE,
    values={
        "cancelled after remittance": ("REMIT", "CANCEL"),
        "remitted twice": ("REMIT", "REMIT"),
        "cancelled twice": ("CANCEL", "CANCEL"),
        "remitted after cancellation": ("CANCEL", "REMIT"),
        "dishonoured after cancellation": ("CANCEL", "DISHONOUR"),
        "cancelled after dishonour": ("DISHONOUR", "CANCEL"),
        "remitted after dishonour": ("DISHONOUR", "REMIT"),
        "dishonoured twice": ("DISHONOUR", "DISHONOUR"),
    },
)
AFTER_DISHONOUR: Final = (
    "cancelled after dishonour", "remitted after dishonour", "dishonoured twice",
)  # fmt: skip
PAPER_OR_CASH: Final = COUNTER.only("CASH", "CHEQUE", "DD")
# mode -> an action that is refused on a fresh payment
FRESH: Final[Dimension[tuple[str, Actions]]] = Dimension(
    name="refused action",
    source="money that has moved cannot be cancelled, and cash does not bounce",
    values={
        "CASH dishonoured": ("CASH", ("DISHONOUR",)),
        "ONLINE cancelled": ("ONLINE", ("CANCEL",)),
        "ONLINE dishonoured": ("ONLINE", ("DISHONOUR",)),
        "ONLINE remitted": ("ONLINE", ("REMIT",)),
        "CARD cancelled": ("CARD", ("CANCEL",)),
        "CARD dishonoured": ("CARD", ("DISHONOUR",)),
        "CARD remitted": ("CARD", ("REMIT",)),
        "CASH cancelled after remittance": ("CASH", ("REMIT", "CANCEL")),
    },
)

SETTLED: Final = FRESH.only(
    "CASH dishonoured", "ONLINE cancelled", "CARD cancelled", "CASH cancelled after remittance"
)


@verifies("PAY-12")
@crossed(
    TAKEN_IN,
    ALLOWED,
    ONE_OR_TWO,
    never=(
        never(TAKEN_IN, ("CASH", *ON_ACCOUNT), ALLOWED, ("dishonoured",)),
        never(TAKEN_IN, ON_ACCOUNT, ALLOWED, ("remitted",)),
    ),
    rows=8,
)
def test_action_is_taken_where_the_state_allows(bbps: Bbps, combination: Combination) -> None:
    """A receipt is cancelled, dishonoured or remitted; the payment and the dues are read back."""
    (action,), mode = combination[ALLOWED], combination[TAKEN_IN].mode
    payment, bills = _paid(bbps, mode, combination[ONE_OR_TWO].bills)

    accepted(act(bbps, action, payment), f"{action} of a fresh payment in mode {mode}")

    stored = becomes(bbps, payment, REACHED[action], f"after {action}")
    if action != "REMIT":
        same(stored.instrument_status, REACHED[action], f"the instrument status after {action}")
    for bill in bills:
        if action == "REMIT":
            nothing_due(bbps, bill, "a bill whose money was remitted")
        else:
            due_again(bbps, bill, f"after {action} of its payment in mode {mode}")


@verifies("PAY-12")
@crossed(
    PAPER_OR_CASH,
    REFUSED,
    never=(never(PAPER_OR_CASH, ("CASH",), REFUSED, AFTER_DISHONOUR),),
    rows=12,
)
def test_action_is_refused_in_other_states(bbps: Bbps, combination: Combination) -> None:
    """A second action is tried that the first one rules out; the whole payment is read back."""
    mode, (first, second) = combination[PAPER_OR_CASH].mode, combination[REFUSED]
    payment, _ = _paid(bbps, mode, 1)
    granted(act(bbps, first, payment), f"{first} of a fresh payment in mode {mode}")
    before = becomes(bbps, payment, REACHED[first], f"after {first}")

    refused(act(bbps, second, payment), f"{second} after {first} of a payment in mode {mode}")

    stays(bbps, before, f"after {second} was refused")


@verifies("PAY-12")
@crossed(FRESH)
def test_money_is_left_alone_that_no_action_is_for(bbps: Bbps, combination: Combination) -> None:
    """An action is tried on a payment that its mode or its state does not allow."""
    mode, actions = combination[FRESH]
    before = _before_the_last(bbps, mode, actions)[0]

    refused(act(bbps, actions[-1], before), f"{actions[-1]} of a payment in mode {mode}")

    stays(bbps, before, f"after {actions[-1]} was refused")


@verifies("BIL-05")
@crossed(SETTLED)
def test_refused_action_leaves_the_bill_paid(bbps: Bbps, combination: Combination) -> None:
    """An action is refused on a payment; the integrator fetches its bills."""
    mode, actions = combination[SETTLED]
    before, bills = _before_the_last(bbps, mode, actions)
    offered = [bill.id for bill in bills if bbps.bills_for(bill)]

    if taken(act(bbps, actions[-1], before), f"{actions[-1]} of a payment in mode {mode}"):
        raise Inconclusive(f"{actions[-1]} of a payment in mode {mode} is taken", "see PAY-12")

    for bill in bills:
        if bill.id not in offered:  # by a remittance, say: see PAY-12
            nothing_due(bbps, bill, f"a bill whose payment stands, as {actions[-1]} was refused,")


@verifies("PAY-12")
def test_several_receipts_are_cancelled_together_or_not_at_all(bbps: Bbps) -> None:
    """One request cancels two receipts, of which one is remitted; then both of two fresh ones."""
    fresh, remitted, other = (_paid(bbps, "CASH", 1) for _ in range(3))
    granted(act(bbps, "REMIT", remitted[0]), "the remittance of CASH")
    becomes(bbps, remitted[0], REACHED["REMIT"], "after remittance")
    before = bbps.payment(fresh[0].id)

    response = act(bbps, "CANCEL", fresh[0], remitted[0])

    refused(response, "the cancellation of a fresh receipt and of a remitted one")
    stays(bbps, before, "after its cancellation was refused")
    accepted(act(bbps, "CANCEL", fresh[0], other[0]), "the cancellation of two fresh receipts")
    for payment, bills in (fresh, other):
        becomes(bbps, payment, REACHED["CANCEL"], "after cancellation of two")
        due_again(bbps, bills[0], "after the cancellation of two receipts")


@pytest.mark.afterwards("moves the clock by seconds")
@verifies("PAY-12")
def test_only_the_newest_receipt_is_cancelled(bbps: Bbps) -> None:
    """Two part payments are made for one consumer code: the older is cancelled, then the newer."""
    service = needs.part_payment(bbps)
    bill, mode = bbps.bill_of(service), needs.counter_mode(bbps, service)
    if mode not in PAPER_OR_CASH.values:
        raise NotApplicable(f"{service.business_service} takes no mode that can be cancelled")
    older = _part(bbps, bill, mode)
    bbps.clock.pass_by(SECOND)  # else their dates do not show their order
    newer = _part(bbps, _rest(bbps, bill), mode)
    before = bbps.payment(older.id)

    response = act(bbps, "CANCEL", older)

    refused(response, "the cancellation of a receipt that has a newer one")
    stays(bbps, before, "after its cancellation was refused")
    accepted(act(bbps, "CANCEL", newer), "the cancellation of the newest receipt")


def _paid(bbps: Bbps, mode: str, count: int) -> tuple[Payment, list[Bill]]:
    """Have a payment of some bills, once nothing is due on them."""
    service = needs.taking(bbps, mode)
    bills = [cheap_bill(bbps, service) for _ in range(count)]
    response = bbps.submit_payment(bills[0], mode, shares=due(bills))
    granted(response, f"a payment in mode {mode}")
    bbps.polling.within_deadline(lambda: [bbps.bills_for(each) for each in bills], _none)
    return payment_in(response), bills


def _none(offered: list[list[Bill]]) -> bool:
    return not any(offered)


def _before_the_last(bbps: Bbps, mode: str, actions: Actions) -> tuple[Payment, list[Bill]]:
    """Have a payment after all actions but the last, as a search shows it.

    As the last one is to be refused, one payment serves a whole run.
    """

    def make() -> tuple[Payment, list[Bill]]:
        payment, bills = _paid(bbps, mode, 1)
        for action in actions[:-1]:
            granted(act(bbps, action, payment), f"{action} of a payment in mode {mode}")
            reached = REACHED[action]
            bbps.polling.eventually(
                lambda: bbps.payment(payment.id).status, partial(operator.eq, reached), reached
            )
        return bbps.payment(payment.id), bills

    done = " after ".join([mode, *actions[:-1]])
    return bbps.made_once(f"a payment in {done}", make)


def _part(bbps: Bbps, bill: Bill, mode: str) -> Payment:
    response = bbps.submit_payment(bill, mode, amount=PART)
    granted(response, f"a part payment in {mode}")
    return payment_in(response)


def _rest(bbps: Bbps, bill: Bill) -> Bill:
    """Have the bill of what a part payment left due."""
    offered = bbps.polling.eventually(
        lambda: bbps.bills_for(bill),
        lambda bills: bool(bills) and bills[0].id != bill.id,
        "the bill for the rest",
    )
    return offered[0]
