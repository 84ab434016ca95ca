"""Races: calls that got no answer make no race, whatever may be read afterwards."""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.checks import test_races as races
from conformance.checks.released import released_together
from conformance.client.response import Response
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive

CAP = Inconclusive("the cap of 10 rupees per run is reached (10 spent)")


def answered(status: int = 200) -> Response:
    exchanged = Exchange(
        id="x1", check="c", operation="transaction.create", actor="a", method="POST", url="u",
        request_headers={}, request_body="", status=status, response_headers={}, response_body="",
        started_at="", milliseconds=1,
    )  # fmt: skip
    return Response(status=status, headers={}, body={}, text="{}", exchange=exchanged)


def lost() -> Response:
    raise CAP


@pytest.mark.parametrize("calls", [[lost] * 4, [lost, answered, lost, lost]], ids=["0", "1"])
def test_fewer_than_two_answers_are_no_race(calls: list[Callable[[], Response]]) -> None:
    with pytest.raises(Inconclusive, match="the cap of 10 rupees"):
        released_together(_refusing(), calls)


def test_two_answers_are_a_race_whatever_was_lost() -> None:
    volley = released_together(_refusing(), [lost, answered, lost, answered])
    assert (len(volley.responses), volley.accepted) == (2, 2)


def _refusing(**results: Any) -> Any:
    """Stand in for the verbs on a deployment that refuses whatever comes at the same moment."""

    def refused(*_: Any, **__: Any) -> Response:
        return answered(400)

    return SimpleNamespace(
        client=SimpleNamespace(token=lambda actor: actor, race=nullcontext),
        polling=SimpleNamespace(lastingly=lambda read, _: read()),
        new_bill=lambda: SimpleNamespace(id="b1"),
        submit_transaction=refused,
        submit_payment=refused,
        **results,
    )


def test_burst_that_is_refused_throughout_proves_no_uniqueness() -> None:
    with pytest.raises(Inconclusive, match="no transaction was accepted in 4 rounds"):
        races.test_creations_leave_one_pending(_refusing(transactions=lambda **_: []))
    with pytest.raises(Inconclusive, match="no payment was accepted in 4 rounds"):
        races.test_payments_at_the_same_moment_count_once(_refusing())
