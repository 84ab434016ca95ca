"""Giving up: a check that left requests out for want of answers passes nothing and still blames."""

from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.checks import test_contract_generated as generated
from conformance.client.exchange_log import ExchangeLog
from conformance.client.response import Response
from conformance.contracts import Contracts
from conformance.core.verdicts import Inconclusive, Violation
from conformance.generation import Plan
from conformance.generation.campaign import Campaign
from tests.unit.generation.test_generation import Deployment, campaign, response

OPERATION = "bill.search"
RECORDED = cast(ExchangeLog, SimpleNamespace(cite_id=lambda _: None))
TROUBLE = "no answer in time"


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


def silent_after(responses: int, status: int, contracts: Contracts) -> Campaign:
    """A campaign against a deployment that answers so often and then no more."""
    calls = count(1)

    def respond(_: dict[str, Any]) -> Response:
        if next(calls) > responses:
            raise Inconclusive(TROUBLE)
        return response(status, body={})

    running = campaign(contracts, Deployment(respond), Plan())
    cast(Any, running.bbps).remark = lambda _: None
    return running


def test_what_was_left_out_decides_nothing(contracts: Contracts) -> None:
    running = silent_after(1, 200, contracts)
    with pytest.raises(Inconclusive, match=TROUBLE):
        generated.test_generated_request_breaks_nothing(running, RECORDED, OPERATION)
    with pytest.raises(Inconclusive, match=TROUBLE):
        generated.test_generated_request_is_answered_as_documented(running, RECORDED, OPERATION)


def test_violations_left_out_decide_nothing(contracts: Contracts) -> None:
    for check in (
        generated.test_generated_violation_is_refused,
        generated.test_generated_violation_gets_a_4xx,
    ):
        with pytest.raises(Inconclusive, match=TROUBLE):
            check(silent_after(1, 400, contracts), RECORDED, OPERATION)


def test_what_was_answered_all_along_passes(contracts: Contracts) -> None:
    running = silent_after(10_000, 200, contracts)
    generated.test_generated_request_breaks_nothing(running, RECORDED, OPERATION)
    assert not running.valid(OPERATION).gave_up


def test_departure_before_the_silence_still_fails(contracts: Contracts) -> None:
    """Also where its smallest request, sent again as evidence, is not answered any more."""
    running = silent_after(3, 500, contracts)
    assert running.valid(OPERATION).gave_up
    with pytest.raises(Violation, match="5xx"):
        generated.test_generated_request_breaks_nothing(running, RECORDED, OPERATION)
