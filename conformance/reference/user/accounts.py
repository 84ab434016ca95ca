"""Accounts of egov-user: creation without OTP, update and search."""

import hashlib
import secrets
import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.errors import Unhandled
from conformance.reference.platform.master_data import MasterData
from conformance.reference.platform.shapes import Kind, must_fit
from conformance.reference.platform.store import IntegrityError, packed, unpacked
from conformance.reference.platform.world import Call, Reply, Route, World
from conformance.reference.user.requests import (
    OPTIONAL,
    refuse_incomplete,
    refuse_unknown_roles,
    refuse_weak_password,
    user_in,
)

# Search criteria and the columns they look at; those that find nothing without a tenant.
SEARCHED: Final = {
    "username": "username", "name": "name", "mobilenumber": "mobile", "emailid": "email",
    "uuid": "uuid", "id": "number",
}  # fmt: skip
CRITERIA: Final[dict[str, Kind]] = {
    "username": "text", "name": "text", "mobilenumber": "text", "emailid": "text",
    "uuid[]": "text", "id[]": "integer", "rolecodes[]": "text", "sort[]": "text",
    "usertype": "text", "type": "text", "tenantid": "text", "active": "flag",
    "pagesize": "integer", "pagenumber": "integer",
}  # fmt: skip
# Why a session is over: logged out, its account changed, or its token expired.
LOGGED_OUT, CHANGED, EXPIRED = 1, 2, 3
COMPARED: Final = 8  # characters of a password, where a fault compares no more
NEEDING_TENANT: Final = frozenset({"username", "name", "mobilenumber", "rolecodes"})
# User name, password, type, tenant, mobile number, roles at that tenant.
Person = tuple[str, str | None, str, str, str, tuple[str, ...]]

SCHEMA = (
    """create table if not exists users (
        number integer primary key autoincrement, uuid text unique not null,
        username text not null, tenant text not null, type text not null, name text not null,
        mobile text not null, email text, salt text not null, password text not null,
        active integer not null, roles text not null, others text not null,
        failures text not null default '[]')""",
    "create unique index if not exists one_account on users (username, tenant, type)",
    # Digests of what resembles the password of an account, by the fault that takes it.
    """create table if not exists password_forms (
        uuid text not null, fault text not null, digest text not null,
        primary key (uuid, fault))""",
)


def people(masters: MasterData) -> tuple[Person, ...]:
    """Return the people of the rehearsal, at home in the state and its first two cities."""
    state, here, there = masters.state, masters.cities[0], masters.cities[1 % len(masters.cities)]
    return (
        ("administrator", "Admin@2024", "EMPLOYEE", state, "9000000001", ("SUPERUSER",)),
        ("cashier", "Cashier@2024", "EMPLOYEE", here, "9000000002", ("EMPLOYEE", "UC_EMP")),
        ("neighbour", "Neighbour@2024", "EMPLOYEE", there, "9000000003", ("EMPLOYEE", "UC_EMP")),
        ("9876543210", "123456", "CITIZEN", state, "9876543210", ("CITIZEN",)),
        ("anonymous", None, "SYSTEM", state, "9000000000", ("ANONYMOUS",)),
    )


def seed(world: World) -> None:
    """Create the people of the rehearsal, unless they exist."""
    if world.store.row("select 1 from users"):
        return
    for username, password, kind, tenant, mobile, roles in people(world.masters):
        insert(
            world,
            {
                "userName": username,
                "password": world.settings.passwords.get(username, password),
                "type": kind,
                "tenantId": tenant,
                "mobileNumber": mobile,
                "name": "Test payer" if kind == "CITIZEN" else username.title(),
                "emailId": None,
                "active": True,
                "roles": [{"code": code, "tenantId": tenant} for code in roles],
            },
        )


def public(row: sqlite3.Row) -> dict[str, Any]:
    """Return the user as tokens and `userInfo` show it."""
    return {
        "id": row["number"],
        "uuid": row["uuid"],
        "userName": row["username"],
        "name": row["name"],
        "mobileNumber": row["mobile"],
        "emailId": row["email"],
        "locale": None,
        "type": row["type"],
        "roles": unpacked(row["roles"]),
        "active": bool(row["active"]),
        "tenantId": row["tenant"],
        "permanentCity": unpacked(row["others"]).get("permanentCity"),
    }


def anonymous(world: World) -> dict[str, Any]:
    """Return the SYSTEM user that stands for callers without a token on mixed-mode paths."""
    row = account(world, "anonymous", world.masters.state, "SYSTEM")
    assert row is not None
    return public(row)


def find_user(world: World, key: str) -> dict[str, Any] | None:
    """Return the user with a uuid, or None."""
    row = world.store.row("select * from users where uuid = ?", key)
    return None if row is None else public(row)


def account(world: World, username: str, tenant: str, kind: str) -> sqlite3.Row | None:
    """Return the account of a name, tenant and type, or None."""
    statement = "select * from users where username = ? and tenant = ? and type = ?"
    return world.store.row(statement, username, tenant, kind)


def digest(password: str, salt: str) -> str:
    """Return a salted digest of a rehearsal password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000).hex()


def password_forms(world: World, key: str) -> dict[str, str]:
    """Return the digests of what resembles an account's password, by the fault that takes it."""
    rows = world.store.rows("select * from password_forms where uuid = ?", key)
    return {row["fault"]: row["digest"] for row in rows}


def _keep_forms(database: sqlite3.Connection, key: str, forms: dict[str, str]) -> None:
    """Keep the digests of what resembles a password; only faults look at them."""
    for fault, form in forms.items():
        statement = "insert or replace into password_forms values (?, ?, ?)"
        database.execute(statement, (key, fault, form))


def _forms(password: str, salt: str) -> dict[str, str]:
    return {
        "password-prefix-compared": digest(password[:COMPARED], salt),
        "password-case-ignored": digest(password.lower(), salt),
    }


def create(world: World, call: Call) -> Reply:
    """Answer `_createnovalidate`: create the account that the request describes."""
    user = acceptable(world, user_in(call.body))
    if world.faults.on("system-user-becomes-employee"):
        user["type"] = "EMPLOYEE"
    if world.faults.on("created-user-has-no-role"):
        user["roles"] = []
    if world.faults.on("creation-ignores-tenant"):
        user["tenantId"] = world.masters.cities[0]
    return Reply(body=_wrapped([_shown(insert(world, user))]))


def update(world: World, call: Call) -> Reply:
    """Answer `_updatenovalidate`: change name, roles, activity or password of an account."""
    user = user_in(call.body)
    row = world.store.row("select * from users where uuid = ?", user["uuid"])
    if row is None:
        raise Unhandled("UserNotFoundException")
    roles, active = row["roles"], row["active"]
    if user["roles"]:
        refuse_unknown_roles(world, user["roles"])
        roles = packed(_with_tenant(user["roles"], user["tenantId"] or row["tenant"]))
    if any(str(key).lower() == "active" for key in _sent_user(call.body)):
        active = int(bool(user["active"]))
    password = row["password"]
    if user["password"]:
        password = digest(user["password"], row["salt"])
    if world.faults.on("role-withdrawal-ignored"):
        roles = packed(_united(unpacked(row["roles"]), unpacked(roles)))
    others = unpacked(row["others"]) | _others(user)
    with world.store.transaction() as database:
        database.execute(
            "update users set name = ?, roles = ?, active = ?, password = ?, others = ? "
            "where uuid = ?",
            (
                user["name"] or row["name"], roles, active, password, packed(others), row["uuid"],
            ),
        )  # fmt: skip
        if user["password"]:
            former = {"former-password-accepted": row["password"]}
            forms = _forms(user["password"], row["salt"]) | former
            _keep_forms(database, row["uuid"], forms)
        if _ends_sessions(world, row, roles=roles, active=active, password=password):
            end_sessions(database, row["uuid"], CHANGED, spared=_spared(world))
    changed = world.store.row("select * from users where uuid = ?", row["uuid"])
    assert changed is not None
    return Reply(body=_wrapped([_shown(changed)]))


def update_profile(world: World, call: Call) -> Reply:
    """Answer `profile/_update`: people change their own name, e-mail address and other fields."""
    user = user_in(call.body)
    row = world.store.row("select * from users where uuid = ?", str((call.user or {}).get("uuid")))
    if row is None or user["uuid"] not in (None, row["uuid"]):
        raise Unhandled("UserProfileUpdateDeniedException")
    roles, kind = row["roles"], row["type"]
    if user["roles"] and world.faults.on("profile-update-takes-roles"):
        roles = packed(_with_tenant(user["roles"], row["tenant"]))
    if user["type"] and world.faults.on("profile-update-takes-type"):
        kind = user["type"]
    others = unpacked(row["others"]) | _others(user)
    with world.store.transaction() as database:
        database.execute(
            "update users set name = ?, email = ?, others = ?, roles = ?, type = ? "
            "where uuid = ?",
            (
                user["name"] or row["name"], user["emailId"] or row["email"], packed(others),
                roles, kind, row["uuid"],
            ),
        )  # fmt: skip
    changed = world.store.row("select * from users where uuid = ?", row["uuid"])
    assert changed is not None
    return Reply(body=_wrapped([_shown(changed)]))


def end_sessions(database: sqlite3.Connection, key: str, why: int, *, spared: str = "0") -> None:
    """End every session of an account, also one that only its refresh token could renew.

    But for those that a condition of SQL names, which only faults give.
    """
    of_user = "json_extract(user, '$.uuid') = :key"
    ends = (
        f"update tokens set ended = :why where ended in (0, :expired) and {of_user} "
        f"and not ({spared.format(of_user=of_user)})"
    )
    database.execute(ends, {"why": why, "expired": EXPIRED, "key": key})


def _spared(world: World) -> str:
    """Return a condition of SQL: which sessions a fault lets go on after a change."""
    if world.faults.on("change-ends-the-newest-session"):
        return "rowid < (select max(rowid) from tokens where ended = 0 and {of_user})"
    return "renewed" if world.faults.on("renewed-session-outlives-change") else "0"


def _ends_sessions(
    world: World, row: sqlite3.Row, *, roles: str, active: int, password: str
) -> bool:
    """Whether a change of an account ends its sessions: of activity, password or roles."""
    return (
        (not active and not world.faults.on("token-outlives-deactivation"))
        or (password != row["password"] and not world.faults.on("token-outlives-password"))
        or (
            roles != row["roles"]
            and not world.faults.on("token-outlives-role")
            and not (_a_role_stays(row, roles) and world.faults.on("token-keeps-one-of-two-roles"))
        )
    )


def _a_role_stays(row: sqlite3.Row, roles: str) -> bool:
    """Whether an account keeps one of its roles."""
    return any(each in unpacked(row["roles"]) for each in unpacked(roles))


def _united(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*old, *(role for role in new if role not in old)]


def search(world: World, call: Call) -> Reply:
    """Answer `v1/_search`: accounts by user name, name, mobile number, e-mail, uuid, id or role."""
    return _found(world, call, active=None)


def search_active(world: World, call: Call) -> Reply:
    """Answer `_search`: as `v1/_search`, but only active accounts unless others are requested."""
    return _found(world, call, active=True)


def _found(world: World, call: Call, *, active: bool | None) -> Reply:
    criteria = {str(key).lower(): value for key, value in call.body.items()}
    must_fit(criteria, CRITERIA)
    given = {key for key in (*SEARCHED, "rolecodes") if criteria.get(key)}
    # The newer gateway does not say that it passed a call on, which then counts as one within.
    within = {"id", "rolecodes"} if world.lineage.gateway != "spring" else set()
    if not given - within or (NEEDING_TENANT & given and not criteria.get("tenantid")):
        raise Unhandled("InvalidUserSearchCriteriaException", "Insufficient or invalid criteria")
    wanted = {key: criteria[key] for key in given & SEARCHED.keys()}
    tenant, kind = criteria.get("tenantid"), criteria.get("usertype")
    requested = criteria.get("active")
    active = requested if isinstance(requested, bool) else active
    codes = criteria.get("rolecodes")
    codes = codes if isinstance(codes, list) else []
    found = [
        row
        for row in world.store.rows("select * from users order by number")
        if all(
            _named(row[column], wanted[key]) for key, column in SEARCHED.items() if key in wanted
        )
        and (not tenant or row["tenant"] == tenant)
        and (not kind or row["type"] == str(kind).upper())
        and (active is None or bool(row["active"]) == active)
        and (not codes or any(role["code"] in codes for role in unpacked(row["roles"])))
    ]
    return Reply(body=_wrapped([_found_shown(row) for row in found]))


def _named(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else bool(value == wanted)


def acceptable(world: World, user: dict[str, Any]) -> dict[str, Any]:
    """Refuse what is incomplete, a taken name, a weak password, an unknown role: in this order."""
    refuse_incomplete(world, user)
    if user["type"] == "CITIZEN":
        user["tenantId"] = user["tenantId"].partition(".")[0]
    if account(world, user["userName"], user["tenantId"], user["type"]) is not None:
        raise Unhandled("DuplicateUserNameException")
    refuse_weak_password(user["password"])
    refuse_unknown_roles(world, user["roles"])
    return user


def insert(world: World, user: Mapping[str, Any]) -> sqlite3.Row:
    """Store a new account; Unhandled when its name is taken. Without a password it gets any."""
    salt = secrets.token_hex(8)
    password = user["password"] or secrets.token_urlsafe(12)
    key = str(uuid.uuid4())
    roles = _with_tenant(user["roles"], user["tenantId"])
    try:
        with world.store.transaction() as database:
            database.execute(
                "insert into users (uuid, username, tenant, type, name, mobile, email, salt, "
                "password, active, roles, others) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key, user["userName"], user["tenantId"], user["type"], user["name"],
                    user["mobileNumber"], user["emailId"], salt, digest(password, salt),
                    int(user["active"]), packed(roles), packed(_others(user)),
                ),
            )  # fmt: skip
            _keep_forms(database, key, _forms(password, salt))
    except IntegrityError:
        raise Unhandled("DuplicateUserNameException") from None
    row = world.store.row("select * from users where uuid = ?", key)
    assert row is not None
    return row


def _with_tenant(roles: list[dict[str, Any]], tenant: str) -> list[dict[str, Any]]:
    """Return roles with names from the masters; a role without tenant is at the user's own."""
    return [
        {
            "name": role["code"].replace("_", " ").title(),
            "code": role["code"],
            "tenantId": role.get("tenantId") or tenant,
        }
        for role in roles
    ]


def _others(user: Mapping[str, Any]) -> dict[str, Any]:
    """Return the optional fields of a user that have a value."""
    return {key: user[key] for key in OPTIONAL if user.get(key) not in (None, False)}


def _sent_user(body: Mapping[str, Any]) -> Mapping[str, Any]:
    sent = next((value for key, value in body.items() if str(key).lower() == "user"), None)
    return sent if isinstance(sent, Mapping) else {}


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    """Return the user as creation and update show it: every field, nulls included, no password."""
    others = dict.fromkeys(OPTIONAL) | {"accountLocked": False} | unpacked(row["others"])
    blank = {"accountLockedDate": None, "password": None}
    shown: dict[str, Any] = public(row) | others | blank
    return shown


def _found_shown(row: sqlite3.Row) -> dict[str, Any]:
    """Return the user as a search shows it: without the fields of a request, never locked is 0."""
    shown = _shown(row) | {"accountLockedDate": 0}
    return {key: shown[key] for key in shown if key not in {"password", "otpReference"}}


def _wrapped(users: list[dict[str, Any]]) -> dict[str, Any]:
    response = dict.fromkeys(("apiId", "ver", "ts", "resMsgId", "msgId"))
    return {"responseInfo": response | {"status": "200"}, "user": users}


ROUTES = (
    Route(path="/user/users/_createnovalidate", handler=create),
    Route(path="/user/users/_updatenovalidate", handler=update),
    Route(path="/user/profile/_update", handler=update_profile),
    Route(path="/user/_search", handler=search_active),
    Route(path="/user/v1/_search", handler=search),
)
