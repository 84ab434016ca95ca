"""Addresses: login and token work from the white-listed addresses alone (USR-06 to USR-08)."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from conformance.bbps.dimensions.channels import (
    CARRIER,
    CLAIMED_ADDRESS,
    FORWARDING,
    GRANT,
    WAY_OF_LOGIN,
)
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.bbps.needs import outside
from conformance.bbps.reach import four_actions
from conformance.checks.bisection import culprits
from conformance.checks.controls import granted, reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, denied, gets_through, gives_no_token, refused, shut
from conformance.checks.probes import BBPS_ACTIONS, Probe
from conformance.client.response import Response
from conformance.client.transport import SECOND_EGRESS
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable, Violation

pytestmark = pytest.mark.independent
FETCH = BBPS_ACTIONS[0]
FOREIGN = "203.0.113.7"
FORGER = "forger"  # a user whose session others need not
Names = Sequence[str]


@verifies("USR-06")
@crossed(WAY_OF_LOGIN, GRANT, rows=9)
def test_login_from_another_address_is_refused(bbps: Bbps, combination: Combination) -> None:
    """The SYSTEM user requests a token from an address that is not white-listed, in some way."""
    bbps.provision.system_user("traveller")
    session = bbps.client.login("traveller")
    granted(session, "a token from the white-listed address")
    read(session.body, "access_token")
    changes = combination[GRANT](str(session.body.get("refresh_token") or ""))
    if "refresh_token" in changes and not changes["refresh_token"]:
        raise NotApplicable("no refresh token is issued")
    client, way = bbps.unjudged().client, combination[WAY_OF_LOGIN]

    response = client.login("traveller", changes, way=way, egress=SECOND_EGRESS)

    what = f"a token request from another address, by {combination},"
    if combination.name(WAY_OF_LOGIN) == WAY_OF_LOGIN.plain:
        refused(response, what)
    else:
        gives_no_token(response, what)
    granted(bbps.client.login("traveller"), "a token from the white-listed address")


@verifies("USR-07")
@crossed(CARRIER)
def test_token_opens_nothing_from_another_address(bbps: Bbps, combination: Combination) -> None:
    """The token is used from an address that is not white-listed, brought in some way."""
    odd, carrier, channels = bbps.unjudged(), combination[CARRIER], []
    token = bbps.client.token("integrator")
    four_actions(bbps)

    for probe in BBPS_ACTIONS:
        response = probe.carried(odd, carrier, token, as_="integrator", egress=SECOND_EGRESS)
        channels.append(
            shut(
                response,
                f"{probe} from another address, the token in {combination.name(CARRIER)},",
                partial(probe.carried, odd, carrier, token, as_="integrator"),
            )
        )
    if not any(channels):
        raise NotApplicable(f"no token is read in {combination.name(CARRIER)}")


@verifies("USR-08")
@crossed(CLAIMED_ADDRESS)
def test_forged_headers_open_nothing_outside(bbps: Bbps, combination: Combination) -> None:
    """From outside, every header that is known to name an address claims a white-listed one."""
    four_actions(bbps)
    outside(_login_outside(bbps), "USR-06")
    outside(_fetch_outside(bbps), "USR-07")
    passing = _passing(bbps)
    claims = partial(_claims, combination, bbps.target.white_listed_address)

    def logged_in(names: Names) -> Response:
        return bbps.client.login("integrator", egress=SECOND_EGRESS, headers=claims(names))

    def called(probe: Probe, names: Names) -> Response:
        return probe.call(bbps, egress=SECOND_EGRESS, headers=claims(names))

    what = "a token request from another address"
    _judged(passing, logged_in, lambda answer, by: refused(answer, f"{what} {by}"))
    for probe in BBPS_ACTIONS:
        _judged(passing, partial(called, probe), partial(_denied, probe))


@verifies("USR-08")
@crossed(CLAIMED_ADDRESS)
@pytest.mark.independent(row=FORGER)  # a login may end the session with which another case calls
def test_forged_headers_close_nothing_from_inside(bbps: Bbps, combination: Combination) -> None:
    """From the white-listed address, every such header claims some other address, then none."""
    forger = bbps.made_once("who forges headers", lambda: bbps.provision.system_user(FORGER))
    bbps.client.adopt(FORGER, forger)
    reached(bbps, FETCH, as_=FORGER)
    passing, claims = _passing(bbps), partial(_claims, combination, FOREIGN)

    def logged_in(names: Names) -> Response:
        return bbps.client.login(FORGER, headers=claims(names))

    def called(names: Names) -> Response:
        return FETCH.call(bbps, as_=FORGER, token=token, headers=claims(names))

    where = "from the white-listed address"
    _judged(
        passing, logged_in, lambda answer, by: accepted(answer, f"a token request {where} {by}")
    )
    alive, token = partial(gets_through, by_its_token=True), bbps.client.token(FORGER)
    _judged(passing, called, lambda answer, by: alive(answer, f"{FETCH} {where} {by}"))
    after = FETCH.call(bbps, as_=FORGER, token=token)
    alive(after, f"{FETCH} {where} without forged headers, after them,")


def _denied(probe: Probe, answer: Response, by: str) -> None:
    denied(answer, f"{probe} from another address {by}")


def _claims(combination: Combination, address: str, names: Names) -> dict[str, str]:
    """Return headers that claim an address."""
    claim = combination[CLAIMED_ADDRESS]
    return {header: text for name in names for header, text in claim(name, address).items()}


def _judged(
    names: Names, call: Callable[[Names], Response], demanded: Callable[[Response, str], None]
) -> None:
    """Demand something of a call with all headers; a violation names those that it takes."""

    def violates(some: Names) -> bool:
        try:
            demanded(call(some), "")
        except Violation:
            return True
        except Inconclusive:
            return False
        return False

    try:
        demanded(call(names), "with forged headers")
    except Violation:
        found = culprits(names, violates)
        demanded(call(found), f"with a forged {' and '.join(found)}")
        raise


def _passing(bbps: Bbps) -> Names:
    """Return the headers that nothing in front of the platform refuses, as edges do their own."""

    def found() -> Names:
        plain = Combination({CLAIMED_ADDRESS: CLAIMED_ADDRESS.plain})
        address = bbps.target.white_listed_address
        names: Names = FORWARDING

        def stopped(some: Names) -> bool:
            answer = FETCH.call(bbps, headers=_claims(plain, address, some))
            return not (answer.reached or answer.refused or answer.broke_down)

        while names and stopped(names):
            refused_ones = culprits(names, stopped)
            names = tuple(each for each in names if each not in refused_ones)
        return names

    return bbps.once("forwarding headers that pass", found)


def _login_outside(bbps: Bbps) -> Response:
    return bbps.once(
        "login from outside", lambda: bbps.client.login("integrator", egress=SECOND_EGRESS)
    )


def _fetch_outside(bbps: Bbps) -> Response:
    return bbps.once("fetch from outside", lambda: FETCH.call(bbps, egress=SECOND_EGRESS))
