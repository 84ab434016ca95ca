"""Bills that were paid through BBPS: paid once a run for each name."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.checks.settled import Settled, settled
from conformance.client.client import Unanswered
from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive

BILLS = cast("list[Bill]", ["first bill", "second bill"])


class Deployment:
    """Counts what it finishes; `trouble` is what the next creation ends in."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self.trouble: Exception | None = None
        self.once = Once()

    made_once = Bbps.made_once

    def finish(self, transaction: Transaction, signal: Any) -> Any:
        assert signal == SUCCESS
        self.finished.append(cast(str, transaction))
        return SimpleNamespace(id=transaction)

    def pay(self, name: str) -> Settled:
        return settled(cast(Bbps, self), name, lambda: BILLS, self._create)

    def _create(self, bills: Sequence[Bill]) -> Transaction:
        assert bills == BILLS
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble
        return cast(Transaction, "a transaction")


def test_bills_of_a_name_are_paid_once() -> None:
    deployment = Deployment()

    paid = deployment.pay("two periods")

    assert (paid.bills, paid.bill) == (BILLS, BILLS[0])
    assert deployment.pay("two periods") is paid
    assert deployment.finished == ["a transaction"]


def test_bills_of_another_name_are_others() -> None:
    deployment = Deployment()
    assert deployment.pay("two periods") is not deployment.pay("a rebate")
    assert len(deployment.finished) == 2


def test_what_got_no_answer_is_tried_again() -> None:
    deployment = Deployment()
    deployment.trouble = Unanswered("the connection broke", "run again")
    with pytest.raises(Unanswered):
        deployment.pay("two periods")

    assert deployment.pay("two periods").bills == BILLS


def test_what_was_refused_is_not_tried_again() -> None:
    deployment = Deployment()
    deployment.trouble = Inconclusive("no transaction could be created")
    for _ in range(2):
        with pytest.raises(Inconclusive):
            deployment.pay("two periods")

    assert not deployment.finished
