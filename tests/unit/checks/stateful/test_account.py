from decimal import Decimal

import pytest

from conformance.checks.stateful.account import (
    FAILURE,
    OPEN,
    SUCCESS,
    Account,
    Expected,
    KnownTransaction,
)

DUE = Decimal(100)


@pytest.fixture
def account() -> Account:
    return Account("bill", DUE, DUE)


def pending(account: Account, name: str = "one") -> KnownTransaction:
    entry = KnownTransaction(name, account.bill, account.amount, "integrator")
    account.created(entry)
    return entry


def test_fresh_bill_takes_one_transaction(account: Account) -> None:
    assert account.creation() == Expected("TXN-01", True)
    pending(account)
    assert account.creation() == Expected("TXN-04", False)


def test_failure_frees_the_bill(account: Account) -> None:
    account.ended(pending(account), FAILURE)
    assert account.creation() == Expected("TXN-04", True)


def test_success_settles_what_is_due(account: Account) -> None:
    account.ended(pending(account), SUCCESS)
    assert account.due == 0
    assert account.offer() == Expected("BIL-05", False)
    assert account.counter_payment() == Expected("PAY-09", False)


def test_time_outdates_the_bill_and_not_its_transaction(account: Account) -> None:
    entry = pending(account)
    account.time_passed()
    assert account.outdated == "it expired"
    assert account.success(entry) == Expected("RCP-04", True)


def test_fresh_bill_fetched_meanwhile_leaves_a_late_success_decided(account: Account) -> None:
    entry = pending(account)
    account.time_passed()
    account.offered("bill 2", DUE)
    assert account.success(entry) == Expected("RCP-04", True)
    assert account.bill == "bill 2"


def test_payment_at_the_counter_leaves_a_pending_transaction_open(account: Account) -> None:
    entry = pending(account)
    assert account.counter_payment() == OPEN
    account.paid_at_counter("CASH", "payment")
    assert account.success(entry) == OPEN


def test_cancelled_payment_is_due_again_by_either_bill(account: Account) -> None:
    account.paid_at_counter("CASH", "payment")
    account.cancelled(account.receipts[0])
    assert account.due == DUE
    assert account.offer() == Expected("BIL-04", True)
    assert account.may_be("bill")
    assert account.may_be("bill 2")


def test_grown_demand_is_due_less_what_was_paid(account: Account) -> None:
    entry = pending(account)
    account.demand_changed(Decimal(250))
    account.ended(entry, SUCCESS)
    assert account.due == Decimal(150)
    assert account.offer() == Expected("RCP-07", True)
    assert not account.may_be("bill")


def test_cancelled_demand_offers_nothing(account: Account) -> None:
    account.demand_changed(Decimal(0))
    assert account.offer() == Expected("BIL-06", False)
    assert account.creation() == Expected("BIL-06", False)


def test_unchanged_bill_stays_the_same(account: Account) -> None:
    assert account.offer() == Expected("BIL-04", True)
    assert (account.may_be("bill"), account.may_be("bill 2")) == (True, False)


def test_rest_of_a_part_payment_is_due_by_either_bill(account: Account) -> None:
    entry = KnownTransaction("one", account.bill, Decimal(40), "integrator")
    account.created(entry)
    account.ended(entry, SUCCESS)
    assert account.due == Decimal(60)
    assert account.offer() == Expected("RCP-07", True)
    assert account.may_be("bill")
    assert account.may_be("bill 2")
    assert account.creation() == OPEN


def test_what_happened_before_is_known_of_all_but_the_one_in_question(account: Account) -> None:
    first = pending(account)
    account.ended(first, FAILURE)
    second = pending(account, "two")
    account.time_passed()
    assert account.history(first) == {"the bill expired"}
    assert account.history(second) == {"the bill expired", "a transaction failed"}
