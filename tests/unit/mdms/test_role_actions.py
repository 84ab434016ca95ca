"""Master data as served: the repository stands in for what is closed, not for what was lost."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks import test_master_data as master_data
from conformance.client.client import Unanswered
from conformance.client.response import Answer
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive, NotApplicable


def bbps(repository: str, *, status: int = 0) -> Bbps:
    """A deployment that answers everything with one status and a page, or not at all (0)."""

    def call(*_: Any, tolerant: bool, **__: Any) -> Answer:
        if not status:
            raise Unanswered("no answer in time")
        assert tolerant
        told = Exchange(
            id="x1", check="c", operation="mdms.search", actor="a", method="POST", url="u",
            request_headers={}, request_body="", status=status, response_headers={},
            response_body="", started_at="", milliseconds=1,
        )  # fmt: skip
        return Answer(status=status, headers={}, body=None, text="<html>", exchange=told)

    target = SimpleNamespace(state_tenant="pb", mdms=SimpleNamespace(repository=repository))
    client = SimpleNamespace(call=call, target=target)
    return cast(Bbps, SimpleNamespace(client=client, target=target))


@pytest.mark.parametrize("repository", ["", "checkout"])
def test_lost_answer_leaves_it_undecided(repository: str) -> None:
    with pytest.raises(Unanswered):
        master_data.as_served(bbps(repository))


def test_repository_stands_in_for_what_is_closed() -> None:
    with pytest.raises(NotApplicable, match="HTTP 404"):
        master_data.as_served(bbps("checkout", status=404))
    with pytest.raises(Inconclusive, match="HTTP 404"):
        master_data.as_served(bbps("", status=404))
