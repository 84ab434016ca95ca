"""Killed in the middle of a run, a deployment with --db comes back consistent."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from conformance.reference import Settings, serve
from tests.reference.conftest import Rehearsal, speaking
from tests.reference.money import Till, rupees

CROWD = 6
ENOUGH = 30  # successes acknowledged before the kill


class Witness:
    """What clients were answered before the line went dead."""

    def __init__(self) -> None:
        self.successes: list[dict[str, Any]] = []
        self.begun: list[dict[str, Any]] = []
        self.enough = threading.Event()

    def pay_until_cut_off(self, till: Till) -> None:
        """Make and pay bills one after the other; the kill ends it."""
        with suppress(httpx.TransportError):
            while True:
                transaction = till.created(till.bill())
                self.begun.append(transaction)
                assert till.update(transaction).status_code == 200
                self.successes.append(transaction)
                if len(self.successes) >= ENOUGH:
                    self.enough.set()


@contextmanager
def served(db: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve in a process of its own; yields it with its base URL."""
    command = [sys.executable, "-m", "conformance", "serve", "--port", "0", "--db", str(db)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[2]
        finally:
            process.kill()


def clients(base_url: str) -> list[Till]:
    """Clients with connections of their own and one set of tokens."""
    first = Till(Rehearsal(base_url))
    tills = [first]
    for _ in range(CROWD - 1):
        till = Till.__new__(Till)
        till.digit = Rehearsal(base_url)
        for who in ("administrator", "integrator"):
            till.digit.learn(who, first.digit.token(who))
        tills.append(till)
    return tills


def test_killed_in_the_middle_it_comes_back_consistent(tmp_path: Path) -> None:
    db, witness = tmp_path / "state.db", Witness()
    with served(db) as (process, base_url), ThreadPoolExecutor(CROWD) as pool:
        lines = [pool.submit(witness.pay_until_cut_off, till) for till in clients(base_url)]
        assert witness.enough.wait(60)
        process.send_signal(signal.SIGKILL)
        for line in lines:
            line.result(30)
    settings = Settings(db=db)
    with serve(settings) as deployment, speaking(deployment.base_url) as digit:
        till = Till.__new__(Till)
        till.digit = digit
        answer = digit.login("integrator", "Bbps@2024", "SYSTEM", "pb")
        digit.learn("integrator", answer.json()["access_token"])
        for transaction in witness.successes:
            assert till.sight(transaction)["txnStatus"] == "SUCCESS"
        numbers = [number for each in witness.begun for number in receipts(till, each)]
        assert len(set(numbers)) == len(numbers)
        till.paid()  # and it goes on working


def receipts(till: Till, transaction: dict[str, Any]) -> list[str]:
    """The receipt numbers of a transaction, whose books must agree."""
    success = till.sight(transaction)["txnStatus"] == "SUCCESS"
    payments = till.receipts_of(transaction)
    assert len(payments) == success
    (detail,) = till.stored_demand(transaction["consumerCode"])["demandDetails"]
    paid = sum(rupees(each["totalAmountPaid"]) for each in payments)
    assert rupees(detail["collectionAmount"]) == paid
    return [each["paymentDetails"][0]["receiptNumber"] for each in payments]
