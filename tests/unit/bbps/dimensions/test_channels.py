"""Channels: where a token stands, how a login is sent, what headers claim."""

import json

import pytest

from conformance.bbps.dimensions.channels import (
    CARRIER,
    CLAIM,
    CLAIMED_ADDRESS,
    FORWARDING,
    GET,
    WAY_OF_LOGIN,
    claimed_everywhere,
    identity_headers,
)

TOKEN = "0a1b2c3d"
FORM = {"username": "agent", "password": "Secret@1"}
USER = {
    "uuid": "u-1", "userName": "root", "type": "EMPLOYEE", "tenantId": "pb",
    "roles": [{"code": "SUPERUSER", "tenantId": "pb"}],
}  # fmt: skip


@pytest.mark.parametrize("name", CARRIER.values)
def test_token_stands_in_one_place_and_in_none_if_empty(name: str) -> None:
    carrier = CARRIER.values[name]
    with_token = str(carrier.parts(TOKEN, {"tenantId": "pb"}, {"tenantId": "pb"}))
    without = str(carrier.parts("", {"tenantId": "pb"}, {"tenantId": "pb"}))
    assert TOKEN in with_token
    assert TOKEN not in without
    assert "authToken" not in without


def test_a_get_has_no_body() -> None:
    for carrier in CARRIER.values.values():
        parts = carrier.parts(TOKEN, {}, {"tenantId": "pb"})
        assert (parts["raw"] == b"") is (carrier.method == GET)


@pytest.mark.parametrize("name", WAY_OF_LOGIN.values)
def test_way_of_login_sends_every_field(name: str) -> None:
    parts = WAY_OF_LOGIN.values[name](FORM)
    sent = str(parts)
    basic = "Authorization" in parts.get("headers", {})
    assert basic or all(value in sent for value in FORM.values())


@pytest.mark.parametrize("name", CLAIMED_ADDRESS.values)
def test_every_header_claims_an_address(name: str) -> None:
    claims = [CLAIMED_ADDRESS.values[name](header, "192.0.2.1") for header in FORWARDING]
    assert all(any(part.isdigit() for part in "".join(claim.values())) for claim in claims)
    lines = [header for claim in claims for header in claim]
    assert len(lines) == len(set(lines))


def test_no_two_headers_are_one() -> None:
    assert len({name.lower() for name in FORWARDING}) == len(FORWARDING)
    claimed = identity_headers(USER)
    assert len({name.lower() for name in claimed}) == len(claimed)
    assert json.loads(claimed["x-user-info"]) == USER


def test_everything_is_claimed_at_once() -> None:
    parts = claimed_everywhere(USER, {"Transaction": {}})
    assert parts["request_info"]["userInfo"] == USER
    assert parts["body"]["requestInfo"] == {"userInfo": USER}
    assert parts["body"]["Transaction"] == {}
    assert parts["query"]["uuid"] == "u-1"
    assert parts["headers"]["X-User-Id"] == "u-1"
    assert len(CLAIM.values) == 6
