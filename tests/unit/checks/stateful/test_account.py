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
from conformance.checks.stateful.payer import PAYABLE, PayerModel

DUE = Decimal(100)


@pytest.fixture
def payer() -> PayerModel:
    return PayerModel([Account("bill", DUE, DUE)])


@pytest.fixture
def account(payer: PayerModel) -> Account:
    return payer.accounts[0]


@pytest.fixture
def other(payer: PayerModel) -> Account:
    payer.accounts.append(Account("other bill", DUE, DUE))
    return payer.accounts[1]


def attempt(payer: PayerModel, *accounts: Account, name: str = "one") -> KnownTransaction:
    shares = {each.bill: each.amount for each in accounts}
    entry = KnownTransaction(name, shares, "integrator")
    payer.created(entry)
    return entry


def test_fresh_bill_takes_one_transaction(payer: PayerModel, account: Account) -> None:
    assert account.creation() == Expected("TXN-01", True)
    attempt(payer, account)
    assert account.creation() == Expected("TXN-04", False)


def test_failure_frees_the_bill(payer: PayerModel, account: Account) -> None:
    payer.ended(attempt(payer, account), FAILURE)
    assert account.creation() == Expected("TXN-04", True)


def test_success_settles_what_is_due(payer: PayerModel, account: Account) -> None:
    payer.ended(attempt(payer, account), SUCCESS)
    assert account.due == 0
    assert account.offer() == Expected("BIL-05", False)
    assert account.counter_payment() == Expected("PAY-09", False)


def test_time_outdates_the_bill_and_not_its_transaction(
    payer: PayerModel, account: Account
) -> None:
    entry = attempt(payer, account)
    account.time_passed()
    assert account.outdated == "it expired"
    assert payer.success(entry) == Expected("RCP-04", True)


def test_fresh_bill_fetched_meanwhile_leaves_a_late_success_decided(
    payer: PayerModel, account: Account
) -> None:
    entry = attempt(payer, account)
    account.time_passed()
    account.offered("bill 2", DUE)
    assert payer.success(entry) == Expected("RCP-04", True)
    assert account.bill == "bill 2"


def test_payment_at_the_counter_leaves_a_pending_transaction_open(
    payer: PayerModel, account: Account
) -> None:
    entry = attempt(payer, account)
    assert account.counter_payment() == OPEN
    account.paid_at_counter("CASH", "payment")
    assert payer.success(entry) == OPEN


def test_cancelled_payment_is_due_again_by_either_bill(account: Account) -> None:
    account.paid_at_counter("CASH", "payment")
    account.cancelled(account.receipts[0])
    assert account.due == DUE
    assert account.offer() == Expected("RCP-07", True)
    assert account.may_be("bill")
    assert account.may_be("bill 2")


def test_grown_demand_is_due_less_what_was_paid(payer: PayerModel, account: Account) -> None:
    entry = attempt(payer, account)
    account.demand_changed(Decimal(250))
    payer.ended(entry, SUCCESS)
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


def test_rest_of_a_part_payment_is_due_by_either_bill(payer: PayerModel, account: Account) -> None:
    entry = KnownTransaction("one", {account.bill: Decimal(40)}, "integrator")
    payer.created(entry)
    payer.ended(entry, SUCCESS)
    assert account.due == Decimal(60)
    assert account.offer() == Expected("RCP-07", True)
    assert account.may_be("bill")
    assert account.may_be("bill 2")
    assert account.creation() == OPEN


def test_what_happened_before_is_known_of_all_but_the_one_in_question(
    payer: PayerModel, account: Account
) -> None:
    first = attempt(payer, account)
    payer.ended(first, FAILURE)
    second = attempt(payer, account, name="two")
    account.time_passed()
    assert account.history(first) == {"the bill expired"}
    assert account.history(second) == {"the bill expired", "a transaction failed"}


def test_two_bills_are_taken_together_or_not_at_all(
    payer: PayerModel, account: Account, other: Account
) -> None:
    assert payer.creation([account, other]) == PAYABLE
    attempt(payer, other)
    assert payer.creation([account, other]) == Expected("TXN-04", False)
    assert payer.creation([account]) == PAYABLE


def test_failure_frees_both_bills(payer: PayerModel, account: Account, other: Account) -> None:
    payer.ended(attempt(payer, account, other), FAILURE)
    assert payer.creation([other]) == Expected("TXN-04", True)
    assert payer.history([other]) == {"a transaction failed", "it was tried with another bill"}


def test_success_settles_each_bill_by_its_share(
    payer: PayerModel, account: Account, other: Account
) -> None:
    other.demand_changed(Decimal(150))
    entry = attempt(payer, account, other)
    payer.ended(entry, SUCCESS)
    assert (account.due, other.due) == (0, Decimal(50))
    assert [each.amount for each in (*account.receipts, *other.receipts)] == [DUE, DUE]


def test_what_happens_to_one_bill_leaves_a_transaction_on_both_open(
    payer: PayerModel, account: Account, other: Account
) -> None:
    entry = attempt(payer, account, other)
    assert payer.counter_payment([other]) == OPEN
    payer.paid_at_counter([other], "CASH", "payment")
    assert payer.success(entry) == OPEN
    assert "another bill was paid" in payer.history([account])


def test_payment_of_two_bills_is_cancelled_for_both(
    payer: PayerModel, account: Account, other: Account
) -> None:
    payer.paid_at_counter([account, other], "CASH", "payment")
    assert payer.cancellable(other) == "payment"
    payer.cancelled("payment")
    assert (account.due, other.due) == (DUE, DUE)


def test_payment_is_not_cancelled_once_one_of_its_bills_was_paid_again(
    payer: PayerModel, account: Account, other: Account
) -> None:
    payer.paid_at_counter([account, other], "CASH", "payment")
    account.demanded += 1
    payer.paid_at_counter([account], "CASH", "another payment")
    assert payer.cancellable(other) == ""


def test_a_dismissed_owner_is_barred(payer: PayerModel) -> None:
    payer.dismissed = "it is deactivated"
    assert payer.bars("integrator")
    assert not payer.bars("rival")
