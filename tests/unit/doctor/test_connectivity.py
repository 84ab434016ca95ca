"""Where a deployment redirects to, as far as that is an address."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.client.client import Client
from conformance.client.response import Response
from conformance.doctor.connectivity import _redirect, _transport_fault


def redirected(location: str) -> Any:
    called = SimpleNamespace(url="http://city.example/pg-service/_search")
    response = SimpleNamespace(headers={"location": location}, exchange=called, description="302")
    client = SimpleNamespace(target=SimpleNamespace(base_url="http://city.example"))
    return _redirect(cast(Client, client), cast(Response, response))


def test_the_same_path_elsewhere_is_where_the_deployment_moved() -> None:
    found = redirected("https://city.example/pg-service/_search?a=1")
    assert found.remedy == "write https://city.example in base_url"


@pytest.mark.parametrize("location", ["http://[::1", "", "/login"])
def test_another_place_is_where_a_proxy_sends_callers(location: str) -> None:
    assert "sends callers elsewhere" in redirected(location).cause


@pytest.mark.parametrize(
    ("egress", "reason", "remedy"),
    [
        ("", "no connection: Connection refused", "correct host and port of base_url"),
        ("local:127.0.0.1", "no connection: Connection refused", "correct host and port of base_"),
        ("http://proxy:1", "no connection: Connection refused", "correct network.egress"),
        ("http://proxy:1", "no connection: Name or service not known", "correct network.egress"),
        ("http://proxy:1", "the connection broke: hung up", "try https:// in base_url"),
        ("local:9.9.9.9", "no connection: Cannot assign requested address", "address of this mac"),
        ("", "HTTP 999, which is no status of HTTP; firewalls answer so", "let it pass calls"),
        ("local:::1", "no connection: Address family for hostname not supported", "local: and an"),
    ],
)
def test_the_way_on_which_requests_leave_is_named(egress: str, reason: str, remedy: str) -> None:
    network = SimpleNamespace(egress=egress)
    target = SimpleNamespace(base_url="http://city.example", network=network)
    client = cast(Client, SimpleNamespace(target=target))
    assert remedy in _transport_fault(client, f"gateway.search as anonymous: {reason}").remedy
