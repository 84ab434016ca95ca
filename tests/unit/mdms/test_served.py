"""Master data as served: the repository stands in for what is closed, not for what was lost."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks import test_master_data as master_data
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.exchange import Exchange
from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.mdms.masters import PLACES
from conformance.mdms.served import master, master_anew, served_apart


def bbps(repository: str, *, status: int = 0) -> Bbps:
    """A deployment that answers everything with one status and a page, or not at all (0)."""

    def call(*_: Any, tolerant: bool, **__: Any) -> Response:
        if not status:
            raise Unanswered("no answer in time")
        assert tolerant
        message = Exchange(
            id="x1", check="c", operation="mdms.search", actor="a", method="POST", url="u",
            request_headers={}, request_body="", status=status, response_headers={},
            response_body="", started_at="", milliseconds=1,
        )  # fmt: skip
        return Response(status=status, headers={}, body=None, text="<html>", exchange=message)

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


@pytest.mark.parametrize("rows", [None, {"code": "A"}, "A", 7])
def test_a_served_master_that_is_no_list_leaves_it_undecided(rows: Any) -> None:
    with pytest.raises(Inconclusive, match="is not served") as problem:
        master(deployment(roles=rows), "ACCESSCONTROL-ROLES", "roles")
    assert "has loaded ACCESSCONTROL-ROLES/roles" in problem.value.remedy


def test_rows_that_are_no_mappings_are_nobodys() -> None:
    client = deployment(roles=[None, {"code": "A"}, "B", [1]])
    assert master(client, "ACCESSCONTROL-ROLES", "roles") == [{"code": "A"}]
    assert len(served_apart(client).master("roles.json").rows) == 4


def test_what_is_not_served_leaves_the_others_decided() -> None:
    masters = served_apart(deployment(roles=[{"code": "A"}]))
    assert masters.rows("roles.json") == {"A": 1}
    with pytest.raises(Inconclusive, match="roleactions is not served"):
        masters.rows_of("A")


def deployment(**masters: Any) -> Any:
    """A client of a deployment that serves some masters, by their names."""
    body = {
        "MdmsRes": {
            module: {name: masters[name]} for module, name in PLACES.values() if name in masters
        }
    }
    response = SimpleNamespace(status=200, body=body, description="HTTP 200")
    return SimpleNamespace(
        call=lambda *_, **__: response, target=SimpleNamespace(state_tenant="pb"), masters=Once()
    )


def test_a_master_is_read_once_for_a_run_unless_nobody_answered() -> None:
    served = SimpleNamespace(
        status=200, body={"MdmsRes": {"tenant": {"tenants": [{"code": "pb"}]}}}
    )
    responses = [Unanswered("no answer"), SimpleNamespace(status=401, body={}), served, served]

    def call(*_: Any, **__: Any) -> Any:
        response = responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    client = cast(
        Any,
        SimpleNamespace(call=call, target=SimpleNamespace(state_tenant="pb"), masters=Once()),
    )
    with pytest.raises(Unanswered):
        master(client, "tenant", "tenants")
    for _ in range(3):
        assert master(client, "tenant", "tenants") == [{"code": "pb"}]
    assert len(responses) == 1
    assert master_anew(client, "tenant", "tenants") == [{"code": "pb"}]
    assert not responses
