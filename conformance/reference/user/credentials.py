"""Who is meant by a login, and whether the password is the account's."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from conformance.reference.platform.world import Call, World
from conformance.reference.user import accounts as users
from conformance.reference.user.requests import TYPES

OTP: Final = "123456"  # the fixed one-time password of sample deployments
PLATFORM: Final = "eGov@123"  # the password that sample data gives to everybody


def account_named(world: World, name: str, tenant: str, kind: str, sent: str) -> sqlite3.Row | None:
    """Return the account of a login: its name, tenant and type; `sent` is the type as written."""
    row = users.account(world, name, tenant, kind)
    if row is not None:
        return row
    if world.faults.on("unknown-type-accepted") and kind not in TYPES:
        return users.account(world, name, tenant, "SYSTEM")
    if kind == "SYSTEM" and world.faults.on("city-login-falls-back-to-state"):
        return users.account(world, name, tenant.partition(".")[0], kind)
    if kind == "EMPLOYEE" and world.faults.on("system-user-logs-in-as-employee"):
        return users.account(world, name, tenant, "SYSTEM")
    if sent != kind and world.faults.on("type-in-lower-case-unchecked"):
        return users.account(world, name, tenant, "SYSTEM")
    if kind == "BUSINESS" and world.faults.on("system-user-logs-in-as-business"):
        return users.account(world, name, tenant, "SYSTEM")
    if world.faults.on("login-ignores-tenant"):
        statement = "select * from users where username = ? and type = ?"
        return world.store.row(statement, name, kind)
    if world.faults.on("user-name-is-a-pattern"):
        statement = "select * from users where username like ? and tenant = ? and type = ?"
        return world.store.row(statement, name, tenant, kind)
    return None


def flagged_account(world: World, form: Mapping[str, str]) -> sqlite3.Row | None:
    """Return the SYSTEM account that a flag finds whatever the type, where a fault has it so."""
    flag = form.get("isInternal", "").lower() == "true"
    if not flag or not world.faults.on("internal-flag-crosses-types"):
        return None
    return users.account(world, form.get("username", ""), form.get("tenantId", ""), "SYSTEM")


def password_right(world: World, row: sqlite3.Row, call: Call, form: Mapping[str, str]) -> bool:
    """Whether a login has the password of an account."""
    flag = form.get("isInternal")
    if flag == "true" and world.faults.on("internal-flag-honoured"):
        return True
    if flag in {"yes", "1"} and world.faults.on("internal-flag-in-words"):
        return True
    sent = form.get("password", "")
    if users.digest(sent, row["salt"]) == row["password"]:
        return True
    if not sent and world.faults.on("empty-password-accepted"):
        return True
    if row["type"] == "SYSTEM" and _any_goes(world, sent, call):
        return True
    right = _right(world, row)
    return any(users.digest(text, row["salt"]) in right for text in _taken_for(world, sent))


def _any_goes(world: World, sent: str, call: Call) -> bool:
    """Whether a fault takes a password that is nobody's."""
    return (
        world.faults.on("any-password-accepted")
        or (sent == OTP and world.faults.on("fixed-otp-accepted"))
        or (sent == PLATFORM and world.faults.on("platform-password-accepted"))
        or ("password" in call.query and world.faults.on("password-in-query-unchecked"))
    )


def _right(world: World, row: sqlite3.Row) -> set[str]:
    """Return the digests that are taken: of the password, for faults of what resembles it."""
    forms = users.password_forms(world, row["uuid"])
    on = {name for name in forms if world.faults.on(name)}
    return {str(row["password"]), *(forms[name] for name in on)}


def _taken_for(world: World, sent: str) -> set[str]:
    """Return the texts that a password is taken for: itself, and for faults what it resembles."""
    forms = {
        "password-prefix-compared": sent[: users.COMPARED],
        "password-case-ignored": sent.lower(),
        "password-trimmed": sent.strip(),
        "longer-password-accepted": sent[:-1],
    }
    return {sent, *(text for fault, text in forms.items() if world.faults.on(fault))}
