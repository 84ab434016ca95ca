"""Transactions that are lent for what must change nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.checks import keeping
from conformance.checks.keeping import LONGEST, kept
from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive, Violation


class Flow:
    """Creates numbered transactions, all of one status; notes which of them the owner updates."""

    def __init__(self, status: str = "PENDING", *, owner_may: bool = True) -> None:
        self.once = Once()
        self.status, self.owner_may = status, owner_may
        self.created = 0
        self.updated: list[int] = []

    def create(self) -> Any:
        self.created += 1
        return SimpleNamespace(id=self.created, status=self.status)

    def update(self, transaction: Any, _signal: Any) -> Any:
        self.updated.append(transaction.id)
        return SimpleNamespace(
            succeeded=self.owner_may, turned_away=False, refused=True, description="refused"
        )

    def tried(self, state: str = "fresh", **terms: Any) -> int:
        with kept(self, state, self.create, **terms) as transaction:  # type: ignore[arg-type]
            id_: int = transaction.id
            return id_


def test_owner_may_update_the_first_and_the_next_is_shared() -> None:
    flow = Flow()

    assert [flow.tried() for _ in range(4)] == [1, 2, 2, 2]
    assert flow.updated == [1]


def test_each_state_has_its_own() -> None:
    flow = Flow()
    assert [flow.tried(each) for each in ("fresh", "open", "fresh", "open")] == [1, 2, 3, 4]
    assert flow.updated == [1, 2]


def test_ended_one_is_shared_at_once() -> None:
    flow = Flow("SUCCESS")
    assert [flow.tried() for _ in range(3)] == [1, 1, 1]
    assert not flow.updated


def test_one_of_its_own_is_lent_to_nobody_else() -> None:
    flow = Flow()
    assert [flow.tried(shared=False) for _ in range(2)] == [1, 2]
    assert flow.updated == [1, 2]


def test_what_something_changed_is_left_behind() -> None:
    flow = Flow("FAILURE")
    with pytest.raises(Violation), kept(flow, "failed", flow.create):  # type: ignore[arg-type]
        raise Violation("it stays as it was", "it is another")

    assert flow.tried("failed") == 2


def test_refusal_to_the_owner_decides_nothing() -> None:
    with pytest.raises(Inconclusive):
        Flow(owner_may=False).tried()


def test_what_waited_too_long_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    flow, now = Flow("SUCCESS"), [100.0]
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now[0])
    flow.tried()

    now[0] += LONGEST + 1
    assert flow.tried() == 2
