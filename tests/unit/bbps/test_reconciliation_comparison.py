"""Books: which two disagree on one consumer code, and what is left open."""

from typing import Any

import pytest

from conformance.bbps.reconciliation.comparison import (
    BEFORE,
    RULES,
    Page,
    Reading,
    disagreements_on,
)
from conformance.core.verdicts import Inconclusive
from tests.unit.bill_documents import BILL, CODE, bill, demand, payment, transaction

TRANSACTIONS, RECEIPTS, DEMANDS, BILLS = RULES


def page(**changes: Any) -> Page:
    """A bill that one transaction has paid, told the same way by every book."""
    told: dict[str, Any] = {
        "bills": [bill()],
        "transactions": [transaction()],
        "payments": [payment()],
        "demands": [demand()],
        "raised": True,
    }
    place = {"code": CODE, "place": ("pb.amritsar", "PT"), "check": "c", "ids": [BILL]}
    return Page(**(place | told | changes))


UNPAID = {"payments": [], "demands": [demand(0)], "bills": [bill("ACTIVE")]}
AGREEING = {
    "paid": {},
    "a failure that moved nothing": UNPAID | {"transactions": [transaction("FAILURE")]},
    "one that waits": UNPAID | {"transactions": [transaction("PENDING")]},
    "part of the bill": {
        "transactions": [transaction(amount="40.00")],
        "payments": [payment(40)],
        "demands": [demand(40)],
    },
    "an expired bill, paid late": {"bills": [bill("EXPIRED")]},
    "paid at the counter": {
        "transactions": [],
        "payments": [payment(paymentMode="CASH", transactionNumber="", paymentStatus="NEW")],
    },
    "taken back": {
        "transactions": [],
        "payments": [payment(paymentMode="CASH", paymentStatus="CANCELLED")],
        "demands": [demand(0)],
    },
    "an amount that nobody tells": {"transactions": [transaction(amount=None)]},
}
DISAGREEING = {
    "success alone": (
        TRANSACTIONS,
        UNPAID,
        "transaction t-1 says SUCCESS, payments with its id: none",
    ),
    "a payment for a failure": (
        TRANSACTIONS,
        {"transactions": [transaction("FAILURE")]},
        "transaction t-1 says FAILURE, payment R/1 says ₹ 100 paid by it",
    ),
    "another amount": (
        TRANSACTIONS,
        {"transactions": [transaction(amount="99.00")]},
        "transaction t-1 says SUCCESS over ₹ 99.00, payment R/1 says ₹ 100",
    ),
    "a short receipt": (
        RECEIPTS,
        {"payments": [payment(receipt=99)], "demands": [demand(99)]},
        "payment R/1 says ₹ 100, its receipts say ₹ 99",
    ),
    "money that never arrived": (
        DEMANDS,
        {"demands": [demand(0)]},
        "payments say ₹ 100 paid, demand says ₹ 0 collected",
    ),
    "money that nobody paid": (
        DEMANDS,
        UNPAID | {"demands": [demand(100)], "transactions": []},
        "payments say ₹ 0 paid, demand says ₹ 100 collected",
    ),
    "a dishonoured cheque": (
        DEMANDS,
        {"payments": [payment(paymentStatus="DISHONOURED")]},
        "payments say ₹ 0 paid, demand says ₹ 100 collected",
    ),
    "a rest that nobody will ask for": (
        DEMANDS,
        {
            "transactions": [transaction(amount="40")],
            "payments": [payment(40)],
            "demands": [demand(40, isPaymentCompleted=True)],
        },
        "payments say ₹ 40 of ₹ 100 paid, demand says that it is completed",
    ),
    "a bill that is still due": (
        BILLS,
        {"bills": [bill("ACTIVE")]},
        "payment R/1 says ₹ 100 paid, bill says ACTIVE",
    ),
    "a bill that nobody paid": (
        BILLS,
        UNPAID | {"bills": [bill()], "transactions": []},
        "bill says PAID, payments of it: none",
    ),
}
LEFT_OPEN = {
    BEFORE: {"raised": False, "demands": [demand(0)]},
    "the demand is not shown": {"demands": []},
    "the demand was cancelled": {"demands": [demand(0, status="CANCELLED")]},
    "a receipt was remitted (PAY-12 checks what that does to the demand)": {
        "transactions": [],
        "payments": [payment(paymentMode="CASH")],
        "demands": [demand(0)],
    },
    "another amount than the amount due was paid (PAY-08 and PAY-09 check that)": {
        "payments": [payment(), payment()],
    },
}


@pytest.mark.parametrize("story", AGREEING)
def test_books_that_tell_one_story_agree(story: str) -> None:
    assert disagreements_on(page(**AGREEING[story])) == []


@pytest.mark.parametrize("story", DISAGREEING)
def test_the_two_that_disagree_are_named(story: str) -> None:
    pair, changes, words = DISAGREEING[story]
    reading = Reading([page(), page(**changes)])
    found = {name: reading.compared(name).disagreements for name in RULES}
    assert [name for name in RULES if found[name]] == [pair]
    assert [each.text for each in found[pair]] == [words]
    assert found[pair][0].description == f"{words} (consumer code CONF-1, bill b-1, check c)"
    assert reading.disagreeing == [reading.pages[1]]


@pytest.mark.parametrize("reason", LEFT_OPEN)
def test_what_the_register_does_not_decide_is_left_open(reason: str) -> None:
    comparison = Reading([page(), page(**LEFT_OPEN[reason])]).compared(DEMANDS)
    assert comparison.disagreements == []
    assert comparison.description == f"consumer codes that agree: 1; not compared: {reason}: 1"


def test_a_book_that_could_not_be_read_blames_nobody() -> None:
    unread = page(payments=[], unread={"payment": "a time-out"})
    reading = Reading([unread])
    assert reading.disagreeing == []
    for pair in (TRANSACTIONS, RECEIPTS, DEMANDS, BILLS):
        assert reading.compared(pair).unread == {"a time-out": 1}


def test_an_answer_that_cannot_be_read_blames_nobody() -> None:
    reading = Reading([page(demands=[{"status": "ACTIVE"}])])
    assert list(reading.compared(DEMANDS).unread) == ["the answer lacks /demandDetails"]
    with pytest.raises(Inconclusive):
        list(RULES[DEMANDS][0](reading.pages[0]))


def test_payments_of_others_on_a_code_out_of_a_pool_are_not_ours() -> None:
    earlier = payment()
    assert page(ids=["b-2"]).pays(earlier)
    assert not page(ids=["b-2"], raised=False).pays(earlier)
