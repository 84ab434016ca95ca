"""Where a deployment redirects to, as far as that is an address."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.client.client import Client
from conformance.client.response import Response
from conformance.doctor.connectivity import _redirect


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
