"""Sessions: a dead token opens nothing (USR-09), and a token is one user's (USR-13)."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import pytest

from conformance.bbps.dimensions.accounts import roles_of
from conformance.bbps.dimensions.channels import CARRIER, Carrier
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.bbps.reach import four_actions
from conformance.checks.controls import closed, granted, reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import denied, gets_through, same, shut
from conformance.checks.probes import BBPS_ACTIONS, FORBIDDEN, UPDATE, Probe
from conformance.client.client import Unanswered
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


@verifies("USR-09")
@crossed(CARRIER)
def test_dead_token_opens_nothing(bbps: Bbps, combination: Combination) -> None:
    """No token, an unknown one or that of an ended session is brought, in some way."""
    odd, carrier = bbps.unjudged(), combination[CARRIER]
    ended = bbps.once("token of an ended session", lambda: _ended_token(bbps, "leaver"))
    living = bbps.once("token of a living session", lambda: _living_token(bbps))
    channels = []
    four_actions(bbps)

    for what, dead, probes in (
        *_dead_tokens(carrier, ended),
        *_near_tokens(carrier, living),
    ):
        for probe in probes:
            response = probe.carried(odd, carrier, dead, as_="leaver")
            by_right = partial(probe.carried, odd, carrier, living, as_="resident")
            where = f"{probe} with {what}, in {combination.name(CARRIER)},"
            channels.append(shut(response, where, by_right))

    reached(bbps, FETCH)  # still
    if not any(channels):
        raise NotApplicable(f"no token is read in {combination.name(CARRIER)}")


def _living_token(bbps: Bbps) -> str:
    """Have the token of a user who logs in once: no other login ends its session."""
    bbps.provision.system_user("resident")
    reached(bbps, FETCH, as_="resident")
    return bbps.client.token("resident")


@verifies("USR-09")
def test_token_stays_dead_after_another_login(bbps: Bbps) -> None:
    """A session was ended, and its user logged in again; the token of before is brought."""
    before, odd = _ended_token(bbps, "returner"), bbps.unjudged()
    login = bbps.client.login("returner")
    granted(login, "another login of a user whose session was ended")
    usual, living = CARRIER.values[CARRIER.plain], str(read(login.body, "access_token"))

    response = FETCH.carried(odd, usual, before, as_="returner")

    by_right = partial(FETCH.carried, odd, usual, living, as_="returner")
    shut(response, f"{FETCH} with the token of a session that ended before", by_right)


def _ended_token(bbps: Bbps, who: str) -> str:
    """Have a token whose session was ended, after it was brought in every way."""
    bbps.provision.system_user(who)
    token = bbps.client.token(who)
    reached(bbps, FETCH, as_=who)
    for carrier in CARRIER.values.values():  # so that it is known wherever tokens are kept
        FETCH.carried(bbps.unjudged(), carrier, token, as_=who)
    ended = bbps.client.call("token.revoke", as_="administrator", body={"access_token": token})
    granted(ended, "the end of a session by the administrator")
    return token


def _dead_tokens(carrier: Carrier, ended: str) -> Iterator[tuple[str, str, Sequence[Probe]]]:
    """Yield what a dead token is, the token, and what to call with it."""
    usual = carrier is CARRIER.values[CARRIER.plain]
    yield "the token of an ended session", ended, BBPS_ACTIONS
    yield "an unknown token", str(uuid.uuid4()), BBPS_ACTIONS if usual else (FETCH, UPDATE)
    if usual:
        yield "a malformed token", "not a token", BBPS_ACTIONS
    if usual or not carrier.ordinary:  # the others differ in nothing but the token
        yield "no token", "", BBPS_ACTIONS


def _near_tokens(carrier: Carrier, living: str) -> Iterator[tuple[str, str, Sequence[Probe]]]:
    """Yield what is nearly a living token, where tokens are carried as usual."""
    if carrier is not CARRIER.values[CARRIER.plain]:
        return
    yield "a token too long by one", living + "0", (FETCH, UPDATE)
    yield "a token too short by one", living[:-1], (FETCH, UPDATE)


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_login_of_a_namesake_changes_no_other_token(bbps: Bbps, kind: str) -> None:
    """A namesake of a BBPS user logs in, with other rights; the BBPS user's token is used again."""
    bbps.provision.system_user(OWNER)
    beyond, token = _beyond(bbps), bbps.client.token(OWNER)
    owner = _whose(bbps, token)
    _create_namesake(bbps, kind)

    reached(bbps, beyond, as_=NAMESAKE)

    since = f"since its namesake, {kind}, logged in"
    denied(beyond.call(bbps, as_=OWNER, token=token), f"{beyond} by the BBPS user, {since}")
    _alive(bbps, FETCH, OWNER, token, f"{FETCH} by the BBPS user, {since}")
    same(_whose(bbps, token), owner, f"the user of the BBPS user's token, {since},")


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_login_of_a_bbps_user_changes_no_token_of_a_namesake(bbps: Bbps, kind: str) -> None:
    """A namesake of a BBPS user is logged in when the BBPS user logs in again."""
    bbps.provision.system_user(OWNER)
    beyond = _beyond(bbps)
    _create_namesake(bbps, kind)
    reached(bbps, beyond, as_=NAMESAKE)
    token = bbps.client.token(NAMESAKE)

    granted(bbps.client.login(OWNER), "another token of the BBPS user")

    _alive(bbps, beyond, NAMESAKE, token, f"{beyond} by the namesake, {kind},")


@verifies("USR-13")
@pytest.mark.parametrize("kind", NAMESAKES)
def test_logout_of_a_namesake_ends_no_other_session(bbps: Bbps, kind: str) -> None:
    """The session of a namesake is ended; the BBPS user's token is used again."""
    bbps.provision.system_user(OWNER)
    beyond = _beyond(bbps)
    _create_namesake(bbps, kind)
    reached(bbps, beyond, as_=NAMESAKE)
    reached(bbps, FETCH, as_=OWNER)

    token, session = bbps.client.token(OWNER), bbps.client.token(NAMESAKE)
    body = {"access_token": session}
    ended = bbps.client.call("token.revoke", as_="administrator", body=body)

    granted(ended, "the end of a namesake's session by the administrator")
    closed(bbps, beyond, as_=NAMESAKE, token=session)
    _alive(bbps, FETCH, OWNER, token, f"{FETCH} by a user whose namesake logged out")


def _alive(bbps: Bbps, probe: Probe, actor: str, token: str, what: str) -> None:
    """Demand that a token still reaches a service; another one would show nothing."""
    gets_through(probe.call(bbps, as_=actor, token=token), what, by_its_token=True)


def _beyond(bbps: Bbps) -> Probe:
    """Return what the cashier may do, and a BBPS user with its own token may not."""
    reached(bbps, FETCH, as_=OWNER)
    return bbps.made_once("what only the cashier may do", lambda: _closed_to_the_owner(bbps))


def _closed_to_the_owner(bbps: Bbps) -> Probe:
    for probe in FORBIDDEN:
        with suppress(Unanswered):  # its service may not run
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
    roles = roles_of(bbps, "cashier")

    response = bbps.provision.submit_user(
        actor, roles=[{key: role.get(key) for key in ("code", "tenantId")} for role in roles]
    )

    if says(response.text, bbps.target.error_texts.name_taken):
        raise NotApplicable(f"{kind} cannot have the user name of the BBPS user")
    granted(response, "the creation of a namesake by the administrator")
    bbps.client.enlist(NAMESAKE, actor)


def _whose(bbps: Bbps, token: str) -> str:
    """Return the uuid that the user service names for a token; empty if it names none."""
    response = bbps.client.call(
        "token.details",
        as_="administrator",
        query={"access_token": token},
        tolerant=True,
    )
    return str(read(response.body, "uuid")) if response.succeeded else ""
