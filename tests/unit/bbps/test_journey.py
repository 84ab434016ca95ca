"""The journey over time: where it leads, what it makes on the way, and what it makes in vain."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps import clock
from conformance.bbps.clock import Clock
from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.dimensions.times import A_DAY, HOURS, MINUTES, YEAR_END, YEARS
from conformance.bbps.flow import Bbps
from conformance.bbps.journey import Journey
from conformance.client.client import Client, Unanswered
from conformance.core.sharing import Shared, SharedView
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Target

START = 1_774_981_800_000  # 1 April 2026 00:00


class Bills:
    """The bills of a profile, of which only the kind of provision is needed."""

    def __init__(self, provision: str) -> None:
        self.provision = provision

    @property
    def certified(self) -> None:
        raise Inconclusive("no business service is named", "")


class Bill(int):
    """A bill, by its number; it never expires."""

    expires_at = math.inf


class Deployment:
    """One whose clock moves at once, and that answers as it is wanted."""

    def __init__(self, *, movable: bool = True, provision: str = "demand") -> None:
        self.now, self.jobs, self.bills = START, 1, 0
        self.once = SharedView(Shared(), lambda _: None)
        self.trouble: Callable[[int], None] = lambda _: None
        self.target = Target.model_validate(
            {
                "name": "uat", "base_url": "http://127.0.0.1:1", "tenant": "pb.a",
                "state_tenant": "pb", "clock_url": "/clock" if movable else "",
            }
        ).model_copy(update={"bills": Bills(provision)})  # fmt: skip
        self.client = SimpleNamespace(
            target=self.target, skew=0, require=lambda _: None, control=self.control,
            sessions=SimpleNamespace(age=lambda _: None), masters=self.masters,
            abandon=lambda: None,
        )  # fmt: skip
        self.provision = SimpleNamespace(account=self.account)
        self.clock = Clock(cast(Client, self.client))

    def for_check(self, _: str) -> "Deployment":
        return self

    def control(self, _: str, command: dict[str, int] | None) -> dict[str, int]:
        self.now += command["advance"] if command else 0
        return {"now": self.now}

    def masters(self, *_: Any) -> None:
        raise Inconclusive("no master is served", "")

    def account(self, *_: Any, **__: Any) -> None:
        raise Inconclusive("no user is created", "")

    def new_bill(self, **_: Any) -> Bill:
        self.trouble(self.bills)
        self.bills += 1
        return Bill(self.bills)

    def create_transaction(self, bill: int, **_: Any) -> str:
        return f"on bill {bill}"

    def submit_transaction(self, *_: Any, **__: Any) -> Any:
        raise Inconclusive("none is requested", "")

    finish = submit_payment = submit_transaction


@pytest.fixture(autouse=True)
def _real_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the deployment is the only one that moves: it is read to the minute."""
    monkeypatch.setattr(clock, "local_now", lambda: START)


def journey(deployment: Deployment) -> Journey:
    return Journey(cast(Bbps, deployment), cast(DeferredChecks, None))


def test_a_clock_that_cannot_be_moved_leaves_nothing_to_look_at() -> None:
    with pytest.raises(NotApplicable, match="cannot be moved"):
        journey(Deployment(movable=False)).unpaid(HOURS)
    with pytest.raises(NotApplicable, match="pool"):
        journey(Deployment(provision="pool")).unpaid(HOURS)


def test_all_checks_of_a_run_go_one_way_and_see_the_same_things() -> None:
    digit = Deployment()
    first = journey(digit).unpaid(HOURS)
    moved = digit.now
    assert journey(digit).unpaid(HOURS) == first
    assert digit.now == moved
    assert journey(digit).unpaid(A_DAY) == first
    with pytest.raises(NotApplicable, match="beyond"):
        journey(digit).unpaid(MINUTES)


def test_a_later_stop_is_reached_over_those_before() -> None:
    digit = Deployment()
    bill = journey(digit).ending(YEAR_END)
    assert bill
    assert digit.clock.text(digit.now).startswith("Wed 31 Mar 2027 23:55")
    journey(digit).go_on(YEARS)
    assert digit.clock.text(digit.now).startswith("Sat 01 Apr 2028 00:05")


def test_what_could_not_be_made_is_missed_only_where_it_is_used() -> None:
    digit = Deployment()
    with pytest.raises(Inconclusive, match="none is requested"):
        journey(digit).paid(HOURS)
    assert journey(digit).pending(HOURS).transaction == cast(Any, "on bill 4")


def test_what_got_no_answer_is_made_again() -> None:
    digit = Deployment()

    def lost(bills: int) -> None:
        digit.trouble = lambda _: None
        raise Unanswered("no answer", "")

    digit.trouble = lost
    with pytest.raises(Unanswered):
        journey(digit).pending(HOURS)
    assert digit.now == START
    assert journey(digit).pending(HOURS).transaction
