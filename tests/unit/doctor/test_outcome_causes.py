"""Causes are named by evidence, the most likely first."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.client.response import Response
from conformance.doctor.outcome_causes import LATE, READ_OTHERWISE, of_creation, of_silence

STYLE = ("the program does not do its work", "run it by hand")


def answer(status: str | None, message: str = "", *, succeeded: bool = True) -> Response:
    body: dict[str, Any] = {"Transaction": [{"txnStatus": status, "gatewayStatusMsg": message}]}
    return cast(Response, SimpleNamespace(body=body, succeeded=succeeded))


def test_a_failure_that_was_answered_and_is_not_stored_may_be_late_or_refused() -> None:
    causes = of_silence(answer("FAILURE", "declined"), STYLE)
    assert causes[0] == LATE
    assert "persister refuses a value" in causes[1][0]


def test_a_message_that_is_longer_than_its_column_is_the_likely_cause() -> None:
    causes = of_silence(answer("FAILURE", "x" * 129), STYLE)
    assert "gatewayStatusMsg has 129 characters, and its column takes 128" in causes[0][0]
    assert causes[1] == LATE


@pytest.mark.parametrize("status", ["PENDING", None])
def test_a_failure_that_was_not_answered_was_not_set_or_not_understood(status: str | None) -> None:
    assert of_silence(answer(status, "x" * 500), STYLE) == [STYLE, READ_OTHERWISE, LATE]


def test_an_update_that_was_refused_shows_nothing_more() -> None:
    assert of_silence(answer("FAILURE", succeeded=False), STYLE) == [STYLE]
    assert of_silence(None, STYLE) == [STYLE]


def test_a_creation_is_refused_for_what_its_code_says() -> None:
    cause, remedy = of_creation("HTTP 400 (PathNotFoundException)") or ("", "")
    assert "mSeva fork reads PAYMENT/ServiceCodeMapping" in cause
    assert "add PAYMENT/ServiceCodeMapping" in remedy
    cause, _ = of_creation("HTTP 400 (INVALID_PAYMENT_GATEWAY)") or ("", "")
    assert "not active" in cause
    assert of_creation("HTTP 400 (BILL_EXPIRED)") is None
