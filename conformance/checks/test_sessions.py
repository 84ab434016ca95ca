"""Sessions: a token is one user's, whoever of the same name logs in or out (USR-13)."""

from typing import Final

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.checks.controls import closed, granted, reached
from conformance.checks.expect import denied, gets_through, same
from conformance.checks.probes import BBPS_ACTIONS, FORBIDDEN, Probe
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.error_texts import says

pytestmark = pytest.mark.independent

FETCH: Final = BBPS_ACTIONS[0]
OWNER, NAMESAKE = "owner", "namesake"
# Who may have the user name of a SYSTEM user of the state: type, and whether of a city instead.
NAMESAKES: Final = {
    "an employee of the same tenant": ("EMPLOYEE", False),
    "a SYSTEM user of a city": ("SYSTEM", True),
    "an employee of a city": ("EMPLOYEE", True),
}


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_login_of_a_namesake_changes_no_other_token(bbps: Bbps, kind: str) -> None:
    """A namesake of a BBPS user logs in, with other rights; the BBPS user's token is used again."""
    bbps.provision.system_user(OWNER)
    beyond = _beyond(bbps)
    owner = _whose_token(bbps, OWNER)
    _create_namesake(bbps, kind)

    reached(bbps, beyond, as_=NAMESAKE)

    since = f"since its namesake, {kind}, logged in"
    denied(beyond.call(bbps, as_=OWNER), f"{beyond} by the BBPS user, {since}")
    gets_through(FETCH.call(bbps, as_=OWNER), f"{FETCH} by the BBPS user, {since}")
    same(_whose_token(bbps, OWNER), owner, f"the user of the BBPS user's token, {since},")


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_login_of_a_bbps_user_changes_no_token_of_a_namesake(bbps: Bbps, kind: str) -> None:
    """A namesake of a BBPS user is logged in when the BBPS user logs in again."""
    bbps.provision.system_user(OWNER)
    beyond = _beyond(bbps)
    _create_namesake(bbps, kind)
    reached(bbps, beyond, as_=NAMESAKE)

    granted(bbps.client.login(OWNER), "another token of the BBPS user")

    gets_through(beyond.call(bbps, as_=NAMESAKE), f"{beyond} by the namesake, {kind},")


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_logout_of_a_namesake_ends_no_other_session(bbps: Bbps, kind: str) -> None:
    """The session of a namesake is ended; the BBPS user's token is used again."""
    bbps.provision.system_user(OWNER)
    beyond = _beyond(bbps)
    _create_namesake(bbps, kind)
    reached(bbps, beyond, as_=NAMESAKE)
    reached(bbps, FETCH, as_=OWNER)

    session = {"access_token": bbps.client.token(NAMESAKE)}
    ended = bbps.client.call("token.revoke", as_="administrator", body=session)

    granted(ended, "the end of a namesake's session by the administrator")
    closed(bbps, beyond, as_=NAMESAKE)
    gets_through(FETCH.call(bbps, as_=OWNER), f"{FETCH} by a user whose namesake logged out")


def _beyond(bbps: Bbps) -> Probe:
    """Return what the cashier may do, and a BBPS user with its own token may not."""
    reached(bbps, FETCH, as_=OWNER)
    for probe in FORBIDDEN:
        if probe.call(bbps, as_="cashier").reached and probe.call(bbps, as_=OWNER).denied:
            return probe
    raise Inconclusive(
        "nothing is open to the cashier and closed to a BBPS user, so that their tokens look alike",
        "see MDM-05 for what is closed, and give actors.cashier the rights of a cashier",
    )


def _create_namesake(bbps: Bbps, kind: str) -> None:
    """Have an account with the owner's user name and the cashier's roles; NotApplicable if none."""
    type_, in_a_city = NAMESAKES[kind]
    tenant = bbps.target.tenant if in_a_city else bbps.target.state_tenant
    actor = bbps.client.actor(OWNER).model_copy(update={"type": type_, "tenant": tenant})
    roles = read(bbps.client.login("cashier").body, "UserRequest", "roles")

    response = bbps.provision.submit_user(
        actor, roles=[{key: role.get(key) for key in ("code", "tenantId")} for role in roles]
    )

    if says(response.text, bbps.target.error_texts.name_taken):
        raise NotApplicable(f"{kind} cannot have the user name of the BBPS user")
    granted(response, "the creation of a namesake by the administrator")
    bbps.client.enlist(NAMESAKE, actor)


def _whose_token(bbps: Bbps, actor: str) -> str:
    """Return the uuid that the user service names for an actor's token; empty if it names none."""
    response = bbps.client.call(
        "token.details",
        as_="administrator",
        query={"access_token": bbps.client.token(actor)},
        tolerant=True,
    )
    return str(read(response.body, "uuid")) if response.succeeded else ""
