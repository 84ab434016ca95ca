"""The actors: a token for each, the BBPS role for those who need it, SYSTEM users of the run."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.client.client import Client
from conformance.client.response import Response
from conformance.client.transport import SECOND_EGRESS
from conformance.core.curl import curl
from conformance.core.verdicts import Inconclusive
from conformance.doctor.connectivity import what_spoils
from conformance.doctor.diagnostics import Diagnostic, State, fault, unseen, well
from conformance.doctor.login_failure import TRY, attempt, why_login_fails
from conformance.profile.target import Actor

HOLDERS: Final = ("integrator", "rival")  # actors that must hold the BBPS role
SAME_FOR_ALL: Final = "Invalid login credentials"  # wrong password, wrong address, or anything
WRONG: Final = (
    SAME_FOR_ALL,
    "user name, password, type or tenant is wrong; the platform answers the same for all four",
    "correct actors.{actor} (username, password, type, tenant)",
)
# A sign of a refused token request, what it usually means, and what to do.
REFUSALS: Final = (
    ("lock", "the account is locked after wrong passwords", "unlock it, or wait an hour"),
    ("activate", "the account is switched off", "set it active, see /user/users/_updatenovalidate"),
    WRONG,
    ("TenantId", "the tenant is missing or unknown", "correct actors.{actor}.tenant"),
    ("HTTP 401", "the OAuth client is unknown, or its secret is wrong",
     "correct oauth.client_id and oauth.client_secret"),
    ("HTTP 403", "something in front of the user service refuses this machine's address",
     "add our address to the white list, or set network.egress to one that is on it"),
    ("HTTP 404", "no user service is mounted there", "correct base_url or network.prefixes"),
)  # fmt: skip
UNWORDED: Final = ("", f"{WRONG[1]}; or the account is locked or switched off", WRONG[2])
NO_TOKEN: Final = (
    "", "the answer holds no token", "see what answers there: correct base_url or "
    "network.prefixes, or start the user service",
)  # fmt: skip
NO_USER_SERVICE: Final = "what answers is not a user service, or the user service has a problem"
DOUBTFUL: Final = (WRONG, UNWORDED)  # a white list of SYSTEM users may be the cause, too


def examine_actors(bbps: Bbps) -> list[Diagnostic]:
    """Obtain a token of each supplied actor; then create the SYSTEM users that the run creates.

    One login each: wrong passwords in a row lock an account. Mode inspect creates nobody.
    """
    actors = dict(bbps.client.actors)
    diagnostics: list[Diagnostic] = []
    login_failed: list[tuple[str, Actor, Response]] = []
    for name, actor in actors.items():
        if not actor.create:
            diagnostics += _supplied(bbps.client, name, actor, login_failed)
    faulty = ""
    for name, actor in actors.items():
        if not actor.create:
            continue
        if faulty:
            diagnostics.append(unseen("credential", name, f"see the fault of the {faulty}"))
            continue
        found = list(_created(bbps, name))
        faulty = name if any(each.state is State.FAULT for each in found) else ""
        diagnostics += found
    # Last: an actor with a token helps to find out why another one has none.
    diagnostics += [why_login_fails(bbps, *each) for each in login_failed]
    return list(_with_one_line_to_try(diagnostics))


def _with_one_line_to_try(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield diagnostics of which only the first shows the line that repeats a login."""
    shown = False
    for each in diagnostics:
        remedy, found, _ = each.remedy.partition(f"; {TRY}")
        if shown and found and "line below" not in remedy:
            yield replace(each, remedy=f"{remedy}; then try the line above with this account")
        else:
            yield each
        shown = shown or bool(found)


def _supplied(
    client: Client, name: str, actor: Actor, login_failed: list[tuple[str, Actor, Response]]
) -> Iterator[Diagnostic]:
    """Let an actor log in; an unexplained refusal of a SYSTEM user goes to `login_failed`."""
    if not actor.password.get_secret_value():
        client.sessions.give_up(name, "the profile holds no password")
        yield fault(
            "credential",
            f"the {name} has no password",
            evidence=f"actors.{name}.password of the profile is empty",
            cause="it was never set, or the variable or file that it names is empty",
            remedy=f"set actors.{name}.password to ${{VARIABLE}} or file:PATH, and put the "
            "password into that variable or file",
            blocking=True,
        )
        return
    response = _logged_in(client, name)
    if isinstance(response, Diagnostic):
        yield response
    elif _token(response):
        yield from _admitted(client, name, response)
    else:
        client.sessions.give_up(name, response.description)
        meaning = _meaning(response)
        if actor.type == "SYSTEM" and meaning in DOUBTFUL:
            login_failed.append((name, actor, response))
        else:
            yield _refused(name, response, meaning)


def _created(bbps: Bbps, name: str) -> Iterator[Diagnostic]:
    """Create a SYSTEM user of the run and let him log in; what fails is left to the checks."""
    try:
        _, creation = bbps.provision.new_system_user(name)
    except Inconclusive as problem:
        yield unseen("credential", name, f"not created: {problem.reason}")
        return
    if not creation.succeeded:
        yield _not_created(name, creation)
        return
    response = _logged_in(bbps.client, name, blocking=False)
    if isinstance(response, Diagnostic):
        yield response
    elif _token(response):
        yield from _admitted(bbps.client, name, response)
    else:
        bbps.client.sessions.give_up(name, response.description)
        yield _login_failed(bbps.client, name, response)


def _logged_in(client: Client, name: str, *, blocking: bool = True) -> Response | Diagnostic:
    try:
        return client.login(name)
    except Inconclusive as problem:
        if blocking:  # the run ends here: no call as this actor can show anything more
            client.sessions.give_up(name, problem.reason)
        cause, remedy = what_spoils(problem.reason) or (NO_USER_SERVICE, problem.remedy)
        return fault(
            "credential",
            f"the {name} obtains no token",
            evidence=problem.reason,
            cause=cause,
            remedy=remedy,
            blocking=blocking,
        )


def _token(response: Response) -> str:
    body = response.body if isinstance(response.body, dict) else {}
    return str(body.get("access_token") or "") if response.succeeded else ""


def _admitted(client: Client, name: str, response: Response) -> Iterator[Diagnostic]:
    yield well("credential", f"the {name} obtains a token")
    if name in HOLDERS:
        yield _role_of(client, name, response)


def _meaning(response: Response) -> tuple[str, str, str]:
    """Return what a refusal usually means: its sign, the cause and what to do."""
    if response.succeeded:
        return NO_TOKEN
    text = f"{response.description} {response.text[:500]}".lower()
    other = UNWORDED if 400 <= response.status < 500 else NO_TOKEN
    return next((each for each in REFUSALS if each[0].lower() in text), other)


def _refused(name: str, response: Response, meaning: tuple[str, str, str]) -> Diagnostic:
    _, cause, remedy = meaning
    return fault(
        "credential",
        f"the {name} obtains no token",
        evidence=response.description,
        cause=cause,
        remedy=f"{remedy.format(actor=name)}; {attempt(name, response)}",
        blocking=True,
    )


def _not_created(name: str, creation: Response) -> Diagnostic:
    return fault(
        "credential",
        f"no SYSTEM user can be created as the {name}",
        evidence=creation.description,
        cause="the administrator may not create users, or the role in the profile is unknown "
        "to the user service",
        remedy="grant the administrator /user/users/_createnovalidate (action 605), or supply "
        f"actors.{name} with username and password; then\n{curl(creation.exchange)}",
    )


def _login_failed(client: Client, name: str, response: Response) -> Diagnostic:
    """Return why a SYSTEM user that was created a moment ago, with a known password, is refused."""
    if not _admitted_elsewhere(client, name):
        return fault(
            "address",
            "a SYSTEM user that was just created obtains no token from here",
            evidence=response.description,
            cause="our address is not on the white list of SYSTEM users, or they get no token "
            "at all (USR-03)",
            remedy="add the address that we call from to the white list, or set network.egress to "
            f"one that is on it; {attempt(name, response)}",
        )
    return fault(
        "address",
        "SYSTEM users obtain tokens from the second address, and none from the first",
        evidence=f"first: {response.description}; second: a token",
        cause="the second address is the white-listed one: the two are swapped",
        remedy="swap network.egress and network.second_egress, or white-list the first address "
        "instead of the second",
        blocking=True,
    )


def _admitted_elsewhere(client: Client, name: str) -> bool:
    try:
        return bool(_token(client.login(name, egress=SECOND_EGRESS)))
    except Inconclusive:
        return False


def roles_in(response: Response) -> list[str] | None:
    """Return the codes of the roles that a token answer names; None if it names none."""
    try:
        return [str(each.get("code")) for each in read(response.body, "UserRequest", "roles")]
    except (Inconclusive, AttributeError, TypeError):
        return None


def _role_of(client: Client, name: str, response: Response) -> Diagnostic:
    role, roles = client.target.role, roles_in(response)
    if roles is None:
        return unseen("role", f"of the {name}", "the token answer names no roles")
    if role in roles:
        return well("role", f"the {name} holds {role}")
    return fault(
        "role",
        f"the {name} does not hold {role}",
        evidence=f"the token answer names {', '.join(roles) or 'no role'}",
        cause="the account was created without it, or role in the profile is misspelt",
        remedy="add the role to the account by /user/users/_updatenovalidate:\n"
        f'"roles": [{{"code": "{role}", "tenantId": "{client.target.state_tenant}"}}]',
    )
