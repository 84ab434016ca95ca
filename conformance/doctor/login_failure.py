"""Why a supplied SYSTEM user obtains no token: the answer is the same for password and address.

DIGIT answers the same for an unknown user, a wrong password, type or tenant; a white list may, too.
What distinguishes them is the account as an administrator sees it, and another SYSTEM user.
"""

from collections.abc import Mapping
from typing import Any, Final

from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.client.response import Response
from conformance.core.curl import curl
from conformance.core.verdicts import Inconclusive
from conformance.doctor.diagnostics import Diagnostic, fault
from conformance.profile.target import Actor

ADMINISTRATOR: Final = "administrator"
WITNESS: Final = "witness"
TRY: Final = "then try"
UNDECIDED: Final = (
    "the password is wrong, or our address is not on the white list of SYSTEM users; the answer is "
    "the same for both"
)
HOW_TO_DISTINGUISH: Final = (
    "correct actors.{name}.password, or add the address that we call from to the white list. To "
    "distinguish them, send the line below once from a white-listed machine (a few wrong passwords "
    "lock an account). A token there means that the address is wrong, a refusal that the password "
    "is wrong. Or let an administrator create a SYSTEM user with a new password "
    "(/user/users/_createnovalidate), and log in as that user from here. A refusal means that the "
    "address is wrong, a token that the password is wrong. Mode sandbox does that for you"
)


def why_login_fails(bbps: Bbps, name: str, actor: Actor, response: Response) -> Diagnostic:
    """Return the cause as far as it can be known; outside inspect a SYSTEM user helps."""
    account, seen = _account(bbps, actor)
    cause, remedy = _of_the_account(name, actor, account)
    area = "credential"
    if not cause:
        other, admitted, seen_of_other = _other(bbps, name)
        seen = "; ".join(filter(None, (seen, seen_of_other)))
        if other and admitted:
            cause = (
                f"the password is wrong: the {other} obtains a token from the same address (unless "
                "the white list is kept by user)"
            )
            remedy = f"correct actors.{name}.password"
        elif other:
            area, cause = "address", "our address is not on the white list of SYSTEM users"
            remedy = (
                "add the address that we call from to the white list, or set network.egress to one "
                "that is on it; only then it shows whether the password of "
                f"{actor.username} is right"
            )
        else:
            cause, remedy = UNDECIDED, HOW_TO_DISTINGUISH.format(name=name)
    return fault(
        area,
        f"the {name} obtains no token",
        evidence="; ".join(filter(None, (response.description, seen))),
        cause=cause,
        remedy=f"{remedy}; {attempt(name, response)}",
        blocking=True,
    )


def attempt(name: str, response: Response) -> str:
    """Return the login as a line to try, and what its variables stand for."""
    secret = f"{name}_PASSWORD".upper().replace("-", "_")
    return (
        f"{TRY}, with the password as {secret} and\n"
        'OAUTH_BASIC="Basic $(printf %s CLIENT_ID:CLIENT_SECRET | base64)":\n'
        f"{curl(response.exchange, notes=False)}"
    )


def _account(bbps: Bbps, actor: Actor) -> tuple[Mapping[str, Any] | None, str]:
    """Return the account as an administrator sees it, described; None if it cannot be read.

    An empty one: there is no such account.
    """
    tenant = actor.tenant or bbps.target.tenant
    try:
        bbps.client.token(ADMINISTRATOR)
        response = bbps.client.call(
            "user.search-v1",
            as_=ADMINISTRATOR,
            body={"userName": actor.username, "tenantId": tenant},
        )
        found = [each for each in read(response.body, "user") if isinstance(each, dict)]
    except (Inconclusive, TypeError):
        return None, ""
    if not response.succeeded:
        return None, ""
    named = [each for each in found if each.get("userName") == actor.username]
    if not named:
        return {}, f"the administrator finds no {actor.username} at {tenant}"
    account = next((each for each in named if each.get("type") == actor.type), named[0])
    return account, f"the administrator finds the account {_description(account)}"


def _description(account: Mapping[str, Any]) -> str:
    state = "switched off" if account.get("active") is False else "active"
    lock = ", locked" if account.get("accountLocked") is True else ""
    return f"of type {account.get('type')}, {state}{lock}"


def _of_the_account(name: str, actor: Actor, account: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return cause and remedy where the account itself shows them; else empty texts."""
    if account is None:
        return "", ""
    if not account:
        return "there is no such account", f"correct username and tenant of actors.{name}"
    if account.get("type") != actor.type:
        return (
            f"the account is of type {account.get('type')}, not {actor.type}",
            f"create a SYSTEM user for BBPS (USR-01), and name it in actors.{name}",
        )
    if account.get("active") is False:
        return "the account is switched off", "set it active by /user/users/_updatenovalidate"
    if account.get("accountLocked") is True:
        return "the account is locked after wrong passwords", "unlock it, or wait an hour"
    return "", ""


def _other(bbps: Bbps, name: str) -> tuple[str, bool, str]:
    """Return another SYSTEM user, whether it obtains a token from here, and a sentence on it.

    One that obtained a token already, else a new one, whose password is known to be right.
    """
    client = bbps.client
    for other, actor in client.actors.items():
        if other != name and actor.type == "SYSTEM" and client.sessions.held(other):
            return other, True, f"the {other} obtains a token from the same address"
    try:
        _, creation = bbps.provision.new_system_user(WITNESS)
        if not creation.succeeded:
            return "", False, ""
        response = client.login(WITNESS)
    except Inconclusive:
        return "", False, ""
    admitted = isinstance(response.body, dict) and "access_token" in response.body
    result = "a token" if admitted else response.description
    return "user just created", admitted, f"a SYSTEM user just created gets {result} from here"
