"""Cases for another day: what of them is kept, and until when they hold."""

import json
from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.clock import Clock
from conformance.bbps.deferred import Changed, DeferredChecks, Lapsed
from conformance.bbps.deferred_cases import DeferredCase, PausedCase
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.client.client import Client
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Target

BILL = Bill(
    id="B-1",
    tenant="pb.amritsar",
    business_service="PT",
    consumer_code="CONF-1",
    amount=Decimal("100.10"),
    expires_at=1_774_981_799_000,
    status="ACTIVE",
    raw={"mobileNumber": "9876543210"},
)
TRANSACTION = Transaction(
    id="T-1",
    status="PENDING",
    amount=Decimal("100.10"),
    bill_id="B-1",
    created_by="uuid",
    created_at=1_774_900_000_000,
    modified_by=None,
    modified_at=0,
    raw={"user": {"mobileNumber": "9876543210"}},
)


def case(due: int, until: int, transaction: Transaction | None = TRANSACTION) -> DeferredCase:
    return DeferredCase(bill=BILL, transaction=transaction, owner="conf-user", due=due, until=until)


@pytest.mark.parametrize("transaction", [TRANSACTION, None])
def test_a_case_survives_the_night_without_what_is_personal(
    transaction: Transaction | None,
) -> None:
    kept = json.loads(json.dumps(case(5, 7, transaction).as_json()))
    assert "9876543210" not in json.dumps(kept)
    again = DeferredCase.from_json({"check": "deferred::x", **kept})
    assert (again.due, again.until, again.owner) == (5, 7, "conf-user")
    assert (again.bill.amount, again.bill.consumer_code) == (Decimal("100.10"), "CONF-1")
    told = again.transaction
    assert (told and (told.id, told.created_at, told.amount)) == (
        transaction and ("T-1", 1_774_900_000_000, Decimal("100.10"))
    )


def deferred(*cases: DeferredCase, split: bool = True) -> DeferredChecks:
    """Return cases of a deployment whose clock cannot be moved and that nobody answers for."""
    target = Target.model_validate(
        {"name": "uat", "base_url": "http://127.0.0.1:1", "tenant": "pb.a", "state_tenant": "pb"}
    )
    client = cast(Client, SimpleNamespace(target=target, skew=0, require=lambda _: None))
    kept: dict[str, Any] = {f"deferred::{n}": each.as_json() for n, each in enumerate(cases)}
    bbps = SimpleNamespace(clock=Clock(client), target=target, client=client, check="deferred::x")
    return DeferredChecks(
        cast(Bbps, bbps), split=split, kept=kept, keep=lambda *_: None, lapse=lambda _: None
    )


def test_a_run_is_settled_when_all_cases_are_due_and_none_has_expired() -> None:
    assert deferred().window() is None
    assert deferred(case(5, 0)).window() == (5, 0)
    assert deferred(case(5, 0), case(7, 30), case(6, 20)).window() == (7, 20)
    first = deferred(case(5, 8), case(9, 0))  # not both at once
    assert (first.window(), first.first_due()) == ((5, 8), 5)


def test_the_window_is_told_in_the_zone_of_the_deployment() -> None:
    midnight, end = 1_774_981_800_000, 1_775_154_599_000  # 1 April 2026 00:00, 2 April 23:59:59
    assert deferred(case(midnight, end)).window_text() == (
        "from Wed 01 Apr 2026 00:00 (Asia/Kolkata) until Thu 02 Apr 2026 23:59 (Asia/Kolkata)"
    )
    assert (
        deferred(case(midnight, 0)).window_text() == "from Wed 01 Apr 2026 00:00 (Asia/Kolkata) on"
    )
    assert deferred().window_text() == ""


def test_a_run_that_is_not_split_tells_how_to_split_it() -> None:
    with pytest.raises(Inconclusive, match=r"--open.*--settle"):
        deferred(split=False).bill(expired=True)


def test_by_day_the_hours_after_midnight_are_not_looked_at_and_the_reason_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conformance.bbps.clock.local_now", lambda: 1_775_021_400_000)
    with pytest.raises(NotApplicable) as left_out:
        deferred().transaction(expired=False, at_hour=2)
    assert left_out.value.reason.startswith(
        "not looked at, because of the hour: this run came to it on Wed 01 Apr 2026 11:00"
    )
    assert "opened between 00:00 and 05:30" in left_out.value.reason


PAUSED = PausedCase(
    step=2, day=2, values={}, transactions={"T-1": "PENDING", "T-2": "FAILURE"}, bills=(),
    owner="conf-user", due=0,
)  # fmt: skip
UNPAID = PausedCase(step=2, day=2, values={}, transactions={}, bills=(BILL,), owner="", due=0)


def resumed(
    case: PausedCase, *, statuses: Mapping[str, str], due: bool = True, user: str = "conf-user"
) -> tuple[PausedCase | None, list[str]]:
    """What a later part of the run finds of a scenario's case; and whose case it let go."""
    lapsed: list[str] = []
    clock = SimpleNamespace(now=lambda: 1)
    bbps = SimpleNamespace(
        clock=clock,
        check="scenarios::x",
        transaction=lambda id_: SimpleNamespace(status=statuses[id_]),
        provision=SimpleNamespace(is_due=lambda _: due),
        client=SimpleNamespace(actor=lambda _: SimpleNamespace(username=user)),
    )
    kept = {"scenarios::x": json.loads(json.dumps(case.as_json()))}
    run = DeferredChecks(
        cast(Bbps, bbps), split=True, kept=kept, keep=lambda *_: None, lapse=lapsed.append
    )
    return run.paused(), lapsed


@pytest.mark.parametrize("case", [PAUSED, UNPAID])
def test_a_scenario_continues_with_what_it_left(case: PausedCase) -> None:
    found, lapsed = resumed(case, statuses={"T-1": "PENDING", "T-2": "SUCCESS"})
    assert found is not None
    assert (found.transactions, found.owner, lapsed) == (case.transactions, case.owner, [])
    assert [each.id for each in found.bills] == [each.id for each in case.bills]


@pytest.mark.parametrize(
    ("case", "changes", "why"),
    [
        (PAUSED, {"statuses": {"T-1": "FAILURE", "T-2": "FAILURE"}}, "T-1 became FAILURE since"),
        (UNPAID, {"statuses": {}, "due": False}, "bill B-1 was paid or its demand cancelled"),
    ],
)
def test_a_scenario_whose_things_were_changed_decides_nothing(
    case: PausedCase, changes: Mapping[str, Any], why: str
) -> None:
    with pytest.raises(Changed, match=why):
        resumed(case, **changes)


def test_a_scenario_of_another_user_waits_for_that_user() -> None:
    with pytest.raises(Lapsed, match="conf-user, who created the transaction") as left:
        resumed(PAUSED, statuses={"T-1": "PENDING", "T-2": "FAILURE"}, user="other")
    assert not isinstance(left.value, Changed)
