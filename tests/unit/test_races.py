"""Races: calls that got no answer make no race, whatever may be read afterwards."""

from collections.abc import Callable

import pytest

from conformance.answers import Answer
from conformance.checks.together import released_together
from conformance.evidence import Exchange
from conformance.verdicts import Inconclusive

CAP = Inconclusive("the cap of 10 rupees per run is reached (10 spent)")


def answered() -> Answer:
    told = Exchange(
        id="x1", check="c", operation="transaction.create", actor="a", method="POST", url="u",
        request_headers={}, request_body="", status=200, response_headers={}, response_body="",
        started_at="", milliseconds=1,
    )  # fmt: skip
    return Answer(status=200, headers={}, body={}, text="{}", exchange=told)


def lost() -> Answer:
    raise CAP


@pytest.mark.parametrize("calls", [[lost] * 4, [lost, answered, lost, lost]], ids=["0", "1"])
def test_fewer_than_two_answers_are_no_race(calls: list[Callable[[], Answer]]) -> None:
    with pytest.raises(Inconclusive, match="the cap of 10 rupees"):
        released_together(calls)


def test_two_answers_are_a_race_whatever_was_lost() -> None:
    volley = released_together([lost, answered, lost, answered])
    assert (len(volley.answers), volley.accepted) == (2, 2)
