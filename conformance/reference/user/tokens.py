"""egov-user: tokens. Issued for a password, frozen with the roles of that moment, ended by logout.

Strict: a SYSTEM user's login and token work from the white-listed peer addresses only.
"""

import base64
import binascii
import json
import sqlite3
import uuid
from html import escape
from typing import Any, Final

from conformance.reference.platform.choices import choice
from conformance.reference.platform.clock import MINUTE
from conformance.reference.platform.errors import Unhandled, missing_parameter, unhandled_envelope
from conformance.reference.platform.ids import new_token
from conformance.reference.platform.store import packed, unpacked
from conformance.reference.platform.world import Call, Reply, Route, User, World
from conformance.reference.user import accounts as users
from conformance.reference.user.addresses import address_allowed
from conformance.reference.user.credentials import account_named, flagged_account, password_right
from conformance.reference.user.requests import TYPES

CLIENT: Final = "egov-user-client"
VALIDITY: Final = 10_080 * MINUTE
REFRESH_VALIDITY: Final = 2 * VALIDITY
REVIVING: Final = 60 * MINUTE  # after which faults take the token of an ended session again
SCOPES: Final = frozenset({"read", "write"})
LOCK_AFTER, LOCK_WINDOW, LOCK_TIME = 5, 30 * MINUTE, 60 * MINUTE
# What stock says where it breaks on a null, in words of its Java.
NO_CREDENTIALS: Final = (
    'Cannot invoke "Object.toString()" because the return value of '
    '"org.springframework.security.core.Authentication.getCredentials()" is null'
)
NO_ID: Final = 'Cannot invoke "java.lang.Long.longValue()" because "id" is null'

SCHEMA = (
    """create table if not exists tokens (
        token text primary key, refresh text not null, slot text not null, user text not null,
        shown text not null, expires_at integer not null, ended integer not null default 0,
        renewed integer not null default 0)""",
    "create unique index if not exists one_live_token on tokens (slot) where ended = 0",
)


def user_of(world: World, token: str, *, in_header: bool = False) -> User | None:
    """Return the user that a live token was issued to, as it was then, or None."""
    row = world.store.row("select * from tokens where token = ?", token)
    if row is None and world.faults.on("longer-token-accepted"):
        row = world.store.row("select * from tokens where token = ?", token[:-1])
    revived = row is not None and row["ended"] and _revived(world, row)
    if row is None or (
        row["ended"] and not revived and not _goes_on(world, row["ended"], in_header=in_header)
    ):
        return None
    if row["expires_at"] <= world.clock.now():
        return None
    user: User = unpacked(row["user"])
    return user


def _revived(world: World, row: Any) -> bool:
    """Whether a fault lets an ended session go on: its user has another one, or time passed."""
    age = world.clock.now() - (row["expires_at"] - validity(world))
    if age > REVIVING and _aged_fault(world, row):
        return True
    if row["ended"] != users.LOGGED_OUT or not world.faults.on("login-revives-ended-token"):
        return False
    again = "select 1 from tokens where ended = 0 and slot = ?"
    return world.store.row(again, row["slot"]) is not None


def _aged_fault(world: World, row: Any) -> bool:
    """Whether a fault takes the token of an ended session again when it is old."""
    if row["ended"] == users.LOGGED_OUT:
        return world.faults.on("old-token-outlives-logout")
    if row["ended"] != users.CHANGED:
        return False
    account = world.store.row(
        "select active from users where uuid = ?", str(unpacked(row["user"])["uuid"])
    )
    active = account is not None and account["active"]
    return world.faults.on(
        "old-token-outlives-role" if active else "old-token-outlives-deactivation"
    )


def _goes_on(world: World, ended: int, *, in_header: bool) -> bool:
    """Whether a fault lets a session go on that has ended, by logout or by a change."""
    if ended == users.LOGGED_OUT:
        cached = in_header and world.faults.on("header-token-outlives-logout")
        return cached or world.faults.on("token-alive-after-logout")
    return in_header and world.faults.on("header-token-outlives-change")


def changed_users(world: World) -> frozenset[str]:
    """Return the uuids of users whose sessions a change of the account has ended."""
    rows = world.store.rows("select user from tokens where ended = ?", users.CHANGED)
    return frozenset(str(unpacked(row["user"])["uuid"]) for row in rows)


def issue(world: World, call: Call) -> Reply:
    """Answer `oauth/token`."""
    if call.method != "POST" and not world.faults.on("get-login-from-anywhere"):
        text = f"Request method '{call.method}' not supported"
        raise Unhandled("HttpRequestMethodNotSupportedException", text)
    form: dict[str, str] = call.body
    if _is_json(call) and world.faults.on("json-login-from-anywhere"):
        form = {key: str(value) for key, value in json.loads(call.content).items()}
    if not _client_known(world, call):
        return Reply(
            status=401,
            body={"error": "unauthorized", "error_description": "Bad credentials"},
            headers={"WWW-Authenticate": 'Basic realm="oauth2/client"'},
        )
    grant = form.get("grant_type")
    if not grant:
        return _refused("invalid_request", "Missing grant type")
    if grant == "client_credentials" and world.faults.on("client-credentials-log-in"):
        return _unasked(world, form)
    if grant not in {"password", "refresh_token"}:
        return _refused("unsupported_grant_type", f"Unsupported grant type: {grant}")
    if not SCOPES.issuperset(form.get("scope", "").split()):
        return _refused("invalid_scope", f"Invalid scope: {form['scope']}")
    if grant == "refresh_token":
        return _refreshed(world, call, form)
    return _for_password(world, call, form)


def _for_password(world: World, call: Call, form: dict[str, str]) -> Reply:
    tenant, kind = form.get("tenantId", ""), form.get("userType", "").upper()
    if "password" not in form and world.lineage.breaks_on_odd_input:
        return _broken(NO_CREDENTIALS)
    if not tenant:
        return _refused("invalid_request", "TenantId is mandatory")
    if kind not in TYPES and not (kind and world.faults.on("unknown-type-accepted")):
        return _refused("invalid_request", "User Type is mandatory and has to be a valid type")
    if kind == "CITIZEN":
        tenant = tenant.partition(".")[0]
    sent = form.get("userType", "")
    row = account_named(world, form.get("username", ""), tenant, kind, sent)
    row = row or flagged_account(world, form)
    if row is None or not (
        address_allowed(world, row["type"], call, use="login") or _unbound(world, call)
    ):
        return _refused("invalid_request", "Invalid login credentials")
    if world.faults.on("token-never-issued") and row["type"] == "SYSTEM":
        return _refused("invalid_request", "Invalid login credentials")
    if not row["active"] and not world.faults.on("deactivated-user-logs-in"):
        return _refused("invalid_request", "Please activate your account")
    if _locked(world, row):
        return _refused("invalid_request", "Account locked")
    if not password_right(world, row, call, form):
        failures = _note_failure(world, row)
        if failures >= LOCK_AFTER and world.lineage.stock_sessions:
            return _broken(NO_ID)
        return _wrong_password(world, form)
    forget = "update users set failures = '[]' where uuid = ?"
    with world.store.transaction() as database:
        database.execute(forget, (row["uuid"],))
    return _issued(world, row, form)


def _unbound(world: World, call: Call) -> bool:
    """Whether a fault overlooks the address of a login that comes by an unusual channel."""
    return (
        ("username" in call.query and world.faults.on("query-login-from-anywhere"))
        or (call.method == "GET" and world.faults.on("get-login-from-anywhere"))
        or (_is_json(call) and world.faults.on("json-login-from-anywhere"))
    )


def _is_json(call: Call) -> bool:
    return "json" in call.headers.get("content-type", "")


def _unasked(world: World, form: dict[str, str]) -> Reply:
    """Return a token for whoever is named, without a password."""
    tenant, kind = form.get("tenantId", ""), form.get("userType", "").upper()
    row = users.account(world, form.get("username", ""), tenant, kind)
    if row is None:
        return _refused("invalid_request", "Invalid login credentials")
    return _issued(world, row, form)


def _wrong_password(world: World, form: dict[str, str]) -> Reply:
    if world.faults.on("password-in-error"):
        return _refused("invalid_request", f"Invalid login credentials: {form.get('password')}")
    return _refused("invalid_request", "Invalid login credentials")


def _locked(world: World, row: sqlite3.Row) -> bool:
    if unpacked(row["others"]).get("accountLocked"):
        return True
    if world.lineage.stock_sessions:
        return False
    failures = [at for at in unpacked(row["failures"]) if world.clock.now() - at < LOCK_TIME]
    recent = failures[-LOCK_AFTER:]
    return len(recent) == LOCK_AFTER and recent[-1] - recent[0] < LOCK_WINDOW


def _note_failure(world: World, row: sqlite3.Row) -> int:
    """Count a wrong password; return how many there were of late, at most five.

    The one that locks the account also ends its sessions.
    """
    with world.store.transaction() as database:
        account = database.execute("select * from users where uuid = ?", (row["uuid"],)).fetchone()
        failures = [*unpacked(account["failures"]), world.clock.now()][-LOCK_AFTER:]
        statement = "update users set failures = ? where uuid = ?"
        database.execute(statement, (packed(failures), row["uuid"]))
        account = database.execute("select * from users where uuid = ?", (row["uuid"],)).fetchone()
        if _locked(world, account):
            users.end_sessions(database, row["uuid"], users.LOGGED_OUT)
    return sum(world.clock.now() - at < LOCK_WINDOW for at in failures)


def _issued(world: World, row: sqlite3.Row, form: dict[str, str]) -> Reply:
    """Return the live token of this login's slot, or a new one; its roles become those of now.

    As DIGIT does, the answer keeps showing the user that the token was issued to.
    """
    slot = _slot(world, row, form)
    now = world.clock.now()
    with world.store.transaction() as database:
        if world.variations.on("one-session-a-user"):
            users.end_sessions(database, row["uuid"], users.LOGGED_OUT)
        found = _live_token(database, slot, now) or _new_token(world, database, slot, row, now)
        database.execute(
            "update tokens set user = ? where token = ?",
            (packed(users.public(row)), found["token"]),
        )
    return _answer(world, found, form.get("scope") or "read write", now)


def _slot(world: World, row: sqlite3.Row, form: dict[str, str]) -> str:
    """Return the place of an account's one live token: scope, tenant of the login, and who."""
    tenant, owner = form.get("tenantId", ""), row["uuid"]
    if world.faults.on("token-slot-ignores-type"):
        owner = row["username"]
    if world.faults.on("token-slot-ignores-tenant"):
        tenant, owner = "", f"{row['type']}:{row['username']}"
    if world.faults.on("token-slot-is-the-name"):
        tenant, owner = "", row["username"]
    if world.variations.on("token-at-each-login"):
        owner += f"|{uuid.uuid4()}"
    return "|".join((form.get("scope", ""), tenant, owner))


def validity(world: World) -> int:
    """Return how long a token lives, in ms."""
    return MINUTE if world.variations.on("tokens-of-a-minute") else VALIDITY


def _live_token(database: sqlite3.Connection, slot: str, now: int) -> sqlite3.Row | None:
    expired = "update tokens set ended = ? where slot = ? and ended = 0 and expires_at <= ?"
    database.execute(expired, (users.EXPIRED, slot, now))
    found: sqlite3.Row | None = database.execute(
        "select * from tokens where slot = ? and ended = 0", (slot,)
    ).fetchone()
    return found


def _new_token(
    world: World, database: sqlite3.Connection, slot: str, account: sqlite3.Row, now: int
) -> sqlite3.Row:
    token, refresh = new_token(world), new_token(world)
    user = packed(users.public(account))
    database.execute(
        "insert into tokens (token, refresh, slot, user, shown, expires_at) "
        "values (?, ?, ?, ?, ?, ?)",
        (token, refresh, slot, user, user, now + validity(world)),
    )
    made: sqlite3.Row = database.execute(
        "select * from tokens where token = ?", (token,)
    ).fetchone()
    return made


def _refreshed(world: World, call: Call, form: dict[str, str]) -> Reply:
    """Return a token for a refresh token: by the rules of the login that it came from."""
    sent = form.get("refresh_token")
    old = world.store.row("select * from tokens where refresh = ?", sent or "")
    now = world.clock.now()
    refused = _refused("invalid_grant", _no_refresh(world, sent))
    if old is None or old["expires_at"] - validity(world) + REFRESH_VALIDITY <= now:
        return refused
    goes_on = old["ended"] == users.CHANGED and world.faults.on("refresh-outlives-change")
    over = old["ended"] in {users.LOGGED_OUT, users.CHANGED} and not goes_on
    if over and not world.lineage.stock_sessions:
        return refused
    account = world.store.row(
        "select * from users where uuid = ?", str(unpacked(old["user"])["uuid"])
    )
    if account is None or not (account["active"] or goes_on):
        return _refused("invalid_request", "Please activate your account")
    allowed = address_allowed(world, account["type"], call, use="login")
    if not allowed and not world.faults.on("refresh-from-anywhere"):
        return _refused("invalid_request", "Invalid login credentials")
    with world.store.transaction() as database:
        slot = old["slot"]
        if world.faults.on("renewed-session-outlives-change"):
            slot += f"|{uuid.uuid4()}"  # each renewal begins a session of its own
        found = _live_token(database, slot, now) or _new_token(world, database, slot, account, now)
        renewed = "update tokens set renewed = 1 where token = ?"
        database.execute(renewed, (found["token"],))
    return _answer(world, found, slot.partition("|")[0] or "read write", now)


def _no_refresh(world: World, sent: str | None) -> str:
    """Return the text about a refresh token that is not known; stock repeats the token."""
    stock = world.lineage.stock_sessions
    return f"Invalid refresh token: {sent or 'null'}" if stock else "Invalid refresh token"


def _answer(world: World, row: sqlite3.Row, scope: str, now: int) -> Reply:
    shown, left = unpacked(row["shown"]), max((row["expires_at"] - now) // 1000, 0)
    info = {"api_id": "", "ver": "", "ts": "", "res_msg_id": "", "msg_id": ""}
    body = {
        "access_token": row["token"],
        "token_type": "bearer",
        "refresh_token": row["refresh"],
        "expires_in": str(left) if world.faults.on("lifetime-as-text") else left,
        "scope": scope,
        "ResponseInfo": info | {"status": "Access Token generated successfully"},
        "UserRequest": shown,
    }
    return Reply(body=body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def details(world: World, call: Call) -> Reply:
    """Answer `_details`: the user of the token in the query."""
    token = call.first("access_token")
    if token is None:
        return Reply(status=400, body=missing_parameter("access_token"))
    user = user_of(world, token)
    if user is None:
        kind, text = "InvalidAccessTokenException", "Invalid Access Token Exception"
        if world.lineage.gateway == "spring":
            raise Unhandled(kind, text)
        return Reply(status=401, body=unhandled_envelope(kind, text))  # Zuul rewrites the status
    hidden = {key: value for key, value in user.items() if key != "permanentCity"}
    return Reply(body=hidden | {"actions": None})


def revoke(world: World, call: Call) -> Reply:
    """Answer `_logout`: end the token named in the body (in mSeva's way, in the query)."""
    token = call.body.get("access_token")
    if world.lineage.logout_reads_query:
        in_body = token if choice("logout-takes-body-in-mseva") else None
        token = call.first("access_token") or in_body
    ended = end(world, str(token))
    info: dict[str, Any] = {"apiId": "", "ver": "", "ts": world.clock.now()}
    info |= {"resMsgId": "", "msgId": ""}
    if not ended:
        failed = {"code": 400, "message": None, "description": "Logout failed", "fields": None}
        body = {"responseInfo": info | {"status": "Logout failed"}, "error": failed}
        return Reply(status=400, body=body)
    return Reply(body=info | {"status": "Logout successfully"})


def end(world: World, token: str) -> bool:
    """End the session of a token; return whether it was alive."""
    ends = "update tokens set ended = ? where token = ? and ended = 0"
    with world.store.transaction() as database:
        return database.execute(ends, (users.LOGGED_OUT, token)).rowcount > 0


def _client_known(world: World, call: Call) -> bool:
    kind, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return kind.lower() == "basic" and pair == f"{CLIENT}:{world.settings.client_secret}"


def _broken(description: str) -> Reply:
    """Answer as the user service where its own code breaks."""
    body = {"error": "server_error", "error_description": escape(description)}
    return Reply(status=500, body=body)


def _refused(error: str, description: str) -> Reply:
    return Reply(status=400, body={"error": error, "error_description": description})


ROUTES = (
    Route(path="/user/oauth/token", handler=issue, methods=("POST", "GET"), form=True),
    Route(path="/user/_details", handler=details),
    Route(path="/user/_logout", handler=revoke),
)
