"""Views of the BBPS flow: each belongs to one check, and shares what the run has learnt."""

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from conformance.bbps.deferred import DeferredChecks, Postponed
from conformance.bbps.deferred_cases import DeferredCase
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.provisioning import Provisioning
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.exchange import SET_UP
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Inconclusive
from conformance.generation import Plan
from conformance.generation.campaign import Campaign
from conformance.profile.target import Target


@pytest.fixture
def bbps() -> Bbps:
    """The flow on a target that nobody calls."""
    target = Target.model_validate(
        {"name": "views", "base_url": "http://127.0.0.1:1", "tenant": "pb.a", "state_tenant": "pb"}
    )
    ledger = Ledger(Path(os.devnull), Decimal(0))
    client = Client(target, Contracts.load(), Redactor(), lambda _: None, ledger=ledger)
    return Bbps(client, "run")


def test_everything_of_a_view_calls_for_its_check(bbps: Bbps) -> None:
    view = bbps.for_check("a")
    assert (view.check, bbps.check) == ("a", SET_UP)
    assert view.provision.client is view.client is view.clock._client
    assert view.provision.clock is view.clock


def test_a_remark_stands_on_the_check_of_its_view(bbps: Bbps) -> None:
    bbps.for_check("a").remark("seen")
    assert bbps.remark_on("a") == bbps.for_check("b").remark_on("a") == "seen"
    assert bbps.remark_on("b") == bbps.remark_on(SET_UP) == ""


def test_views_share_consumer_codes_and_what_is_made_once(bbps: Bbps) -> None:
    views = [bbps, bbps.for_check("a"), bbps.for_check("b")]
    assert len({each.provision.new_consumer_code() for each in views}) == 3
    made = [each.once("key", lambda each=each: each.check) for each in views]  # type: ignore[misc]
    assert made == [SET_UP] * 3
    assert {id(each.outcome_channel) for each in views} == {id(bbps.outcome_channel)}
    assert {id(each.ledger) for each in views} == {id(bbps.ledger)}


def test_views_share_how_late_effects_showed(bbps: Bbps) -> None:
    bbps.polling.recall(4.5)
    view = bbps.for_check("a")
    view.polling.within_deadline(lambda: 1, bool)
    assert view.polling.longest == 4.5
    view.polling.recall(9.0)
    assert bbps.polling.longest == bbps.for_check("b").polling.longest == 9.0


def test_a_watch_begins_at_the_last_act_of_its_own_check(bbps: Bbps) -> None:
    view, other = bbps.for_check("a"), bbps.for_check("b")
    view.client._act()
    assert view.polling._last_act() is not None
    assert other.polling._last_act() is None


def test_cases_are_filed_by_check_and_shared(bbps: Bbps, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    run = DeferredChecks(
        bbps, split=True, kept={}, keep=lambda check, _: kept.append(check), lapse=kept.remove
    )
    prepared = DeferredCase(
        bill=bbps.unknown_bill("C", "B"), transaction=None, owner="", due=bbps.clock.now() + 5_000,
        until=0,
    )  # fmt: skip
    monkeypatch.setattr(DeferredChecks, "_prepared", lambda *_, **__: prepared)
    have: Callable[[str], Bill] = lambda check: run.for_check(check).bill(expired=False)  # noqa: E731
    for check in ("a", "b", "a"):
        with pytest.raises(Postponed):
            have(check)
    assert kept == ["a", "b"]  # the second request of a check finds the case of the first
    assert run.window() == (prepared.due, 0)


def test_a_case_that_the_run_used_up_itself_is_prepared_again(
    bbps: Bbps, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed: list[str] = []
    bill = bbps.unknown_bill("C", "B")
    due = DeferredCase(bill=bill, transaction=None, owner="", due=1, until=0)
    fresh = replace(due, due=bbps.clock.now() + 5_000)
    run = DeferredChecks(
        bbps,
        split=True,
        kept={"ours": replace(due, tried=True).as_json(), "theirs": due.as_json()},
        keep=lambda *_: None,
        lapse=lapsed.append,
    )
    monkeypatch.setattr(DeferredChecks, "_prepared", lambda *_, **__: fresh)
    monkeypatch.setattr(Provisioning, "is_due", lambda *_: False)  # it was paid
    with pytest.raises(Postponed, match="used its case up"):
        run.for_check("ours").bill(expired=False)
    with pytest.raises(Inconclusive, match="was paid or its demand cancelled"):
        run.for_check("theirs").bill(expired=False)
    assert lapsed == ["ours", "theirs"]
    assert run.window() == (fresh.due, 0)
    run.decided("ours")
    assert run.window() is None


def test_generated_requests_are_sent_once_for_all_checks(bbps: Bbps) -> None:
    run = Campaign(bbps, bbps.client.contracts, Plan(depth="quick", seed=0))
    first, other = run.for_check("a"), run.for_check("b")
    assert (first.bbps.check, other.bbps.check, run.bbps.check) == ("a", "b", SET_UP)
    sent_by: list[str] = []
    first._carry_out = lambda *_, **__: sent_by.append("a")  # type: ignore[method-assign]
    other._carry_out = lambda *_, **__: sent_by.append("b")  # type: ignore[method-assign]
    assert first.valid("gateway.search") is other.valid("gateway.search")
    assert sent_by == ["a"]


def test_a_promise_of_one_view_is_known_to_others(bbps: Bbps) -> None:
    transaction = Transaction(
        id="T", status="PENDING", amount=Decimal(1), bill_id="B", created_by="", created_at=0,
        modified_by=None, modified_at=0, raw={},
    )  # fmt: skip
    bbps.for_check("a").owned(transaction, by="rival")
    assert bbps.for_check("b")._creators == {"T": "rival"}
