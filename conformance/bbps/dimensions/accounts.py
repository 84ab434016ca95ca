"""Accounts by type, tenant and role, and what is changed of one while it is in use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.bbps.reach import reaching
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.mdms.checkout import checked_out
from conformance.mdms.masters import FOUR_URLS, Masters
from conformance.mdms.served import served
from conformance.profile.target import Target

Tenant = Callable[[Target], str]
Role = dict[str, str]  # its code, and the tenant at which it counts
STATE: Final = "the state"
HERE: Final = "this city"
THERE: Final = "another city"
TENANTS: Final[Mapping[str, Tenant]] = {
    STATE: lambda target: target.state_tenant,
    HERE: lambda target: target.tenant,
    THERE: lambda target: target.second_city,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """At which tenant a user is, at which its BBPS role, and at which a role that opens nothing."""

    user: str
    role: str
    other: str = ""

    def covers(self, tenant: str) -> bool:
        """Whether the BBPS role counts at a tenant: the state's does at every city."""
        return self.role in {tenant, STATE}


PLACING: Final = Dimension(
    name="tenants of user and role",
    source="MDM-08; a user's own tenant, and a role of another tenant, open nothing",
    values={
        f"a user of {user} with a role at {role}": Placing(user=user, role=role)
        for user in TENANTS
        for role in TENANTS
    }
    | {
        f"a role at {role} next to another at {other}": Placing(user=user, role=role, other=other)
        for user, role, other in ((STATE, HERE, STATE), (HERE, HERE, THERE))
    },
)
HOLDER: Final = Dimension(
    name="type of the user",
    source="USR-02; what people may change of their own account is open to more than the BBPS user",
    values={  # the type, and the actor whose roles it has
        "a SYSTEM user": ("SYSTEM", "integrator"),
        "a citizen": ("CITIZEN", "citizen"),
        "an employee": ("EMPLOYEE", "cashier"),
    },
)


def powerless_role(bbps: Bbps) -> str:
    """Have a role that opens as little as possible; NotApplicable if each opens an action."""
    return bbps.once("powerless role", lambda: _powerless_role(bbps))


def role_codes(bbps: Bbps, actor: str) -> list[str]:
    """Return the codes of an actor's roles that the master data lists, as others may have them."""
    listed = {str(row.get("code")) for row in _masters(bbps).roles}
    return sorted({str(role.get("code")) for role in roles_of(bbps, actor)} & listed)


def roles_of(bbps: Bbps, actor: str) -> list[dict[str, Any]]:
    """Return an actor's roles as a login shows them, the same for a whole run."""

    def shown() -> list[dict[str, Any]]:
        roles: list[dict[str, Any]] = read(bbps.client.login(actor).body, "UserRequest", "roles")
        return roles

    return bbps.made_once(f"the roles of {actor}", shown)


def _masters(bbps: Bbps) -> Masters:
    repository = bbps.target.mdms.repository
    return checked_out(Path(repository)) if repository else served(bbps.client)


def _powerless_role(bbps: Bbps) -> str:
    masters = _masters(bbps)
    opened = {
        str(row["code"]): set(masters.urls_of(str(row["code"])))
        for row in masters.roles
        if row.get("code") and row["code"] != bbps.target.role
    }
    code = min(opened, key=lambda each: len(opened[each]), default="")
    if not code or opened[code] & set(FOUR_URLS):
        raise NotApplicable("each other role of the master data opens one of the four actions")
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """A change of an account that is in use; `undo` gives back what it took.

    `also` are roles that it has besides the BBPS role before.
    """

    fields: Callable[[Bbps], dict[str, Any]]
    ends_login: bool  # whether the login that worked before is over, too
    undo: Callable[[Bbps], dict[str, Any]]
    also: Callable[[Bbps], list[Role]] = lambda _: []


def _roles(code: str, tenant: str) -> dict[str, Any]:
    return {"roles": [{"code": code, "tenantId": tenant}]}


def _powerless(bbps: Bbps) -> list[Role]:
    return [{"code": powerless_role(bbps), "tenantId": bbps.target.state_tenant}]


def _at_another_city(bbps: Bbps) -> dict[str, Any]:
    if not bbps.target.other_tenant:
        raise NotApplicable("the profile names no second city")
    return _roles(bbps.target.role, bbps.target.other_tenant)


def _own_role(bbps: Bbps) -> dict[str, Any]:
    return _roles(bbps.target.role, bbps.target.state_tenant)


CHANGE: Final = Dimension(
    name="change of the account",
    source="USR-12",
    values={
        "it is deactivated": AccountChange(
            fields=lambda _: {"active": False}, ends_login=True, undo=lambda _: {"active": True}
        ),
        "its password is changed": AccountChange(
            fields=lambda _: {"password": "Other@2024x"}, ends_login=True, undo=lambda _: {}
        ),
        "its role is withdrawn": AccountChange(
            fields=lambda bbps: {"roles": _powerless(bbps)},
            ends_login=False,
            undo=_own_role,
        ),
        "its role is withdrawn, and another one stays": AccountChange(
            fields=lambda bbps: {"roles": _powerless(bbps)},
            ends_login=False,
            undo=lambda _: {},  # it has both again
            also=_powerless,
        ),
        "its role is moved to another city": AccountChange(
            fields=_at_another_city,
            ends_login=False,
            undo=_own_role,
        ),
    },
)


def account_in_use(bbps: Bbps, name: str, also: Sequence[Role] = ()) -> dict[str, Any]:
    """Have a BBPS user, enlisted under a name; return what its creation shows, and its roles.

    `also` are roles besides the BBPS role.
    """
    state = bbps.target.state_tenant
    roles = [{"code": bbps.target.role, "tenantId": state}, *also]
    _, user = bbps.provision.account(name, type_="SYSTEM", tenant=state, roles=roles)
    return {**user, "roles": roles}  # as requested: it may show with further ones


def change_account(bbps: Bbps, user: Mapping[str, Any], fields: Mapping[str, Any]) -> Response:
    """Request, as the administrator, that fields of an account are changed."""
    kept = ("id", "uuid", "userName", "name", "mobileNumber", "type", "tenantId", "active", "roles")
    body = {"user": {key: user.get(key) for key in kept} | {**fields}}
    return bbps.client.call("user.update", as_="administrator", body=body)


LOGGED_OUT, DEACTIVATED, WITHOUT_ROLE = "logged out", "deactivated", "without its role"
# How a session comes to its end -> the call that ends it, by its user and its token.
ENDS: Final[Mapping[str, Callable[[Bbps, Mapping[str, Any], str], Response]]] = {
    LOGGED_OUT: lambda bbps, _, token: bbps.client.call(
        "token.revoke", as_="administrator", body={"access_token": token}
    ),
    DEACTIVATED: lambda bbps, user, _: change_account(bbps, user, {"active": False}),
    WITHOUT_ROLE: lambda bbps, user, _: change_account(bbps, user, {"roles": _powerless(bbps)}),
}


def ended_session(bbps: Bbps, how: str) -> tuple[str, str]:
    """Have a session that was used and has ended; return its actor and its token.

    Inconclusive where it cannot be used before, or ended.
    """
    actor = how.replace(" ", "-")
    user = account_in_use(bbps, actor)
    reaching(bbps, "bill.fetch", (actor,))
    token = bbps.client.token(actor)
    response = ENDS[how](bbps, user, token)
    if not response.succeeded:
        raise Inconclusive(
            f"no session was ended, its user {how}: {response.description}", response.missing_grant
        )
    return actor, token
