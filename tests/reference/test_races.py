"""Races with real threads and sockets: what the database decides, and the faults that lose it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import Till

CROWD = 8


def together(calls: Sequence[Callable[[], httpx.Response]]) -> list[int]:
    """Release calls at the same moment; their statuses, sorted."""
    gate = threading.Barrier(len(calls))

    def released(call: Callable[[], httpx.Response]) -> int:
        gate.wait()
        return call().status_code

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(released, calls))


@pytest.fixture(params=["memory", "file"])
def till(request: pytest.FixtureRequest, faulty: Callable[..., Rehearsal], tmp_path: Path) -> Till:
    knobs: dict[str, Any] = {} if request.param == "memory" else {"db": tmp_path / "state.db"}
    return Till(faulty(**knobs))


def test_success_against_success_leaves_one_receipt(till: Till) -> None:
    transaction = till.created(till.bill())
    statuses = together([lambda: till.update(transaction)] * CROWD)
    assert statuses == [200] + [400] * (CROWD - 1)
    assert len(till.receipts_of(transaction)) == 1


def test_success_against_failure_ends_in_one_state(till: Till) -> None:
    for _ in range(5):
        transaction = till.created(till.bill())
        calls = [partial(till.update, transaction, status) for status in ("SUCCESS", "FAILURE") * 4]
        assert together(calls).count(200) == 1
        state = till.sight(transaction)["txnStatus"]
        assert len(till.receipts_of(transaction)) == (state == "SUCCESS")


def test_creations_for_one_bill_leave_one_pending(till: Till) -> None:
    bill = till.bill()
    assert together([lambda: till.submit(bill)] * CROWD).count(200) == 1
    assert len(till.seen(billId=bill["id"])) == 1


def test_payments_of_one_bill_leave_one(till: Till) -> None:
    bill = till.bill()
    modes = ("CASH", "CHEQUE", "DD", "CARD") * 2
    calls = [lambda mode=mode: till.pay(bill, mode) for mode in modes]
    assert together(calls).count(200) == 1
    assert len(till.payments(billIds=bill["id"])) == 1


def test_counter_against_transaction_leaves_one_payment(till: Till) -> None:
    bill = till.bill()
    transaction = till.created(bill)
    together([lambda: till.update(transaction), lambda: till.pay(bill)] * 2)
    assert len(till.payments(billIds=bill["id"])) == 1


def test_fetches_of_one_code_agree_on_one_bill(till: Till) -> None:
    code = till.raised()["consumerCode"]
    assert together([lambda: till.fetch(code)] * CROWD) == [201] * CROWD
    assert till.bill_of(code)["id"] == till.bill_of(code)["id"]


def test_receipt_numbers_are_unique_under_load(till: Till) -> None:
    bills = [till.bill() for _ in range(CROWD)]
    together([lambda bill=bill: till.pay(bill) for bill in bills])
    payments = till.payments(billIds=",".join(bill["id"] for bill in bills))
    numbers = [payment["paymentDetails"][0]["receiptNumber"] for payment in payments]
    assert len(set(numbers)) == len(numbers) == CROWD


def test_fault_loses_the_race_of_updates(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("terminal-guard-race"))
    transaction = till.created(till.bill())
    calls = [
        lambda status=status: till.update(transaction, status) for status in ("SUCCESS", "FAILURE")
    ]
    assert together(calls) == [200, 200]


def test_fault_loses_the_race_of_creations(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("create-race"))
    bill = till.bill()
    assert together([lambda: till.submit(bill)] * 2) == [200, 200]


def test_fault_loses_the_race_of_payments(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("payment-race"))
    bill = till.bill()
    assert together([lambda: till.pay(bill)] * 2) == [200, 200]
    assert till.pay(bill).status_code == 400
