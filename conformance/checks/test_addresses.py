"""Addresses: login and token work from the white-listed addresses alone (USR-06 to USR-08)."""

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.needs import outside
from conformance.checks.controls import granted, reached, taken
from conformance.checks.expect import accepted, denied, gets_through, refused
from conformance.checks.probes import BBPS_ACTIONS, UPDATE, Probe
from conformance.client.transport import SECOND_EGRESS
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

# Headers that proxies are known to set, and what a client writes into them of an address.
FORWARDING_HEADERS = {
    "X-Forwarded-For": ("X-Forwarded-For", "{address}"),
    "end of X-Forwarded-For": ("X-Forwarded-For", "198.51.100.9, {address}"),
    "X-Real-IP": ("X-Real-IP", "{address}"),
    "Forwarded": ("Forwarded", "for={address}"),
    "True-Client-IP": ("True-Client-IP", "{address}"),
    "Client-IP": ("Client-IP", "{address}"),
    "X-Client-IP": ("X-Client-IP", "{address}"),
}


@verifies("USR-06")
def test_login_from_another_address_is_refused(bbps: Bbps) -> None:
    """The SYSTEM user requests a token from an address that is not white-listed."""
    granted(bbps.client.login("integrator"), "a token from the white-listed address")

    response = bbps.client.login("integrator", egress=SECOND_EGRESS)

    refused(response, "a token request from another address")


@verifies("USR-06")
def test_session_is_not_renewed_from_another_address(bbps: Bbps) -> None:
    """A refresh token is used from an address that is not white-listed, to get a new token."""
    bbps.provision.system_user("returning")
    session = bbps.client.login("returning")
    granted(session, "a token from the white-listed address")
    if not (refresh := session.body.get("refresh_token")):
        raise NotApplicable("no refresh token is issued")

    renewed = {"grant_type": "refresh_token", "refresh_token": refresh, "password": ""}
    response = bbps.client.login("returning", renewed, egress=SECOND_EGRESS)

    refused(response, "the renewal of a session from another address")
    if not taken(bbps.client.login("returning", renewed), "the renewal of a session"):
        raise NotApplicable("no session can be renewed, not even from the white-listed address")


@verifies("USR-07")
def test_token_opens_no_update_by_get_from_another_address(bbps: Bbps) -> None:
    """The update is called by GET, the token in a header, from another address."""
    reached(bbps, UPDATE)

    token = {"auth-token": bbps.client.token("integrator")}
    response = UPDATE.call(bbps, method="GET", headers=token, egress=SECOND_EGRESS)

    denied(response, f"{UPDATE} by GET from another address", or_unknown=True)


@verifies("USR-07")
@pytest.mark.parametrize("probe", BBPS_ACTIONS, ids=str)
def test_token_opens_nothing_from_another_address(bbps: Bbps, probe: Probe) -> None:
    """The token is used from an address that is not white-listed."""
    reached(bbps, probe)

    response = probe.call(bbps, egress=SECOND_EGRESS)

    denied(response, f"{probe} from another address")


@verifies("USR-08")
@pytest.mark.parametrize("header", FORWARDING_HEADERS)
def test_forged_header_gives_no_token_outside(bbps: Bbps, header: str) -> None:
    """From outside, a token is requested with a header that claims the white-listed address."""
    claim = _claim(header, bbps.target.white_listed_address)
    bbps.client.token("integrator")  # the control: from the white-listed address it is granted
    outside(bbps.client.login("integrator", egress=SECOND_EGRESS), "USR-06")

    response = bbps.client.login("integrator", egress=SECOND_EGRESS, headers=claim)

    refused(response, f"a token request from another address with a forged {header}")


@verifies("USR-08")
@pytest.mark.parametrize("header", FORWARDING_HEADERS)
def test_forged_header_opens_nothing_outside(bbps: Bbps, header: str) -> None:
    """From outside, the token is used with a header that claims the white-listed address."""
    claim = _claim(header, bbps.target.white_listed_address)
    fetch = BBPS_ACTIONS[0]
    reached(bbps, fetch)
    outside(fetch.call(bbps, egress=SECOND_EGRESS), "USR-07")

    response = fetch.call(bbps, egress=SECOND_EGRESS, headers=claim)

    denied(response, f"{fetch} from another address with a forged {header}")


@verifies("USR-08")
@pytest.mark.parametrize("header", FORWARDING_HEADERS)
def test_forged_header_closes_nothing_from_inside(bbps: Bbps, header: str) -> None:
    """From the white-listed address, a header claims some other address."""
    claim = _claim(header, "203.0.113.7")
    reached(bbps, BBPS_ACTIONS[0])

    login = bbps.client.login("integrator", headers=claim)
    used = BBPS_ACTIONS[0].call(bbps, headers=claim)

    accepted(login, f"a token request from the white-listed address with {header}")
    gets_through(used, f"{BBPS_ACTIONS[0]} from the white-listed address with {header}")


def _claim(header: str, address: str) -> dict[str, str]:
    """Return the header that claims an address."""
    name, form = FORWARDING_HEADERS[header]
    return {name: form.format(address=address)}
