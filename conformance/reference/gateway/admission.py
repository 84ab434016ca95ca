"""The gateway: token, address, role and tenant are checked before any service sees the request."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote

from conformance.reference.access import authorization as access
from conformance.reference.gateway import refusals
from conformance.reference.platform.hash_order import in_hash_order
from conformance.reference.platform.json_bodies import parsed_json
from conformance.reference.platform.site import SERVICES
from conformance.reference.platform.world import Call, User, World
from conformance.reference.user import accounts as users
from conformance.reference.user import tokens
from conformance.reference.user.addresses import address_allowed, claims_elsewhere

CREATE_USER: Final = "/user/users/_createnovalidate"
CREATE_PAYMENT: Final = "/payments/_create"
CHANGE_USER: Final = "/user/users/_updatenovalidate"


def admit(world: World, call: Call) -> Call:
    """Let a request through as its service sees it; GatewayProblem if not."""
    is_json = "json" in call.headers.get("content-type", "")
    if call.path in world.site.open_paths:
        body = _on_open_path(world, call) if is_json else None
        return replace(call, body=body, user=_claimed_user(body))
    body = _parsed(world, call) if is_json or _reads_every_body(world, call) else None
    token = _token(world, call, body)
    if token is None and _may_be_anonymous(world, call):
        return _enriched(world, call, body, users.anonymous(world))
    user = _identified(world, call, token)
    if call.path not in world.lineage.mixed and not _may(world, call, user, body, is_json):
        raise refusals.no_role(world, token)
    return _passed_on(world, _enriched(world, call, body, user))


def _passed_on(world: World, call: Call) -> Call:
    dropped = call.method == "GET" and world.lineage.stock_zuul
    return replace(call, body=None, content=b"") if dropped else call


def routes(world: World, path: str) -> bool:
    """Whether the gateway may have a route for a path; without one no filter looks at it."""
    doubled = path.startswith("//") and world.lineage.gateway == "spring"
    return service_of(path) in SERVICES and not doubled


def service_of(path: str) -> str:
    """Return the first segment of a path, by which the gateway chooses the service."""
    return path.strip("/").partition("/")[0]


def tidied(world: World, path: str) -> str:
    """Return the path that is looked at: the raw one, unless a fault tidies it up first."""
    plain = unquote(path).partition(";")[0].rstrip("/")
    plain = plain.replace("//", "/").replace("/./", "/")
    if plain != path and world.faults.on("role-check-ignores-spelling"):
        return plain
    ends = (f"/{service_of(path)}/", path[path.rfind("/") :])
    alike = [
        url for url in access.known(world) if url.startswith(ends[0]) and url.endswith(ends[1])
    ]
    if path not in alike and alike and world.faults.on("middle-of-a-path-overlooked"):
        return alike[0]
    return path


def _may_be_anonymous(world: World, call: Call) -> bool:
    path, method = call.path, call.method
    if path in world.lineage.mixed:
        return True
    if path == CREATE_USER:
        return world.faults.on("user-creation-open")
    if "access_token" in call.query and world.faults.on("query-token-unchecked"):
        return True
    if _bearer(call) and world.faults.on("bearer-token-unchecked"):
        return True
    if path.endswith("/transaction/v1/_update"):
        return method == "GET" and world.faults.on("get-without-token")
    return path.endswith("_fetchbill") and world.faults.on("fetch-without-token")


def _claimed_user(body: Any, name: str = "RequestInfo") -> User | None:
    """Return the userInfo that a client sent: on open paths nobody replaces it."""
    info = body.get(name) if isinstance(body, dict) else None
    user = info.get("userInfo") if isinstance(info, dict) else None
    return user if isinstance(user, dict) else None


def _on_open_path(world: World, call: Call) -> Any:
    breaks = call.content.strip() and world.lineage.breaks_on_odd_input
    if breaks and world.lineage.gateway == "spring":
        return _parsed(world, call)
    try:
        body = parsed_json(call.content)
    except ValueError:
        if breaks:
            raise refusals.broken_filter() from None
        return call.content.decode("utf-8", errors="replace")  # the service answers what is wrong
    if breaks and not isinstance(body, dict):
        raise refusals.broken_filter()
    return body


def _reads_every_body(world: World, call: Call) -> bool:
    """Whether the gateway reads a body whatever its media type, as the newer one does."""
    spring = world.lineage.gateway == "spring" and world.lineage.breaks_on_odd_input
    return spring and call.method != "GET"


def _parsed(world: World, call: Call) -> Any:
    """Return the body of a JSON request; None where there is none."""
    media_type = call.headers.get("content-type", "")
    if call.content.strip() and "json" not in media_type:
        raise refusals.unread_media_type(media_type)
    try:
        body = parsed_json(call.content) if call.content.strip() else None
    except ValueError as problem:
        raise refusals.no_json(world, problem) from None
    refusal = refusals.no_object(world, call.content, body) if call.method != "GET" else None
    if refusal is not None:
        raise refusal
    return body


def _token(world: World, call: Call, body: Any) -> str | None:
    """Find the token: in the body of a request that has one, else in the header.

    The newer gateway never looks at the header, nor at a RequestInfo in another spelling.
    """
    spring = world.lineage.gateway == "spring"
    header = None if spring else call.headers.get("auth-token")
    if call.method == "GET" or not isinstance(body, dict):
        return header
    info = body.get("RequestInfo", None if spring else body.get("requestInfo"))
    if info is None and spring:
        raise refusals.no_request_info()
    if info is not None and not isinstance(info, dict):
        raise refusals.wrong_type(world, "RequestInfo is not an object")
    token = info.get("authToken") if info else None
    if token is not None and not isinstance(token, str):
        raise refusals.wrong_type(world, "authToken is not a text")
    return token or header or _cookie(world, call)


def _cookie(world: World, call: Call) -> str | None:
    """Return the token of a cookie, which nobody looks at but for a fault."""
    _, named, token = call.headers.get("cookie", "").partition("auth-token=")
    return token if named and world.faults.on("cookie-token-from-anywhere") else None


def _bearer(call: Call) -> bool:
    return call.headers.get("authorization", "").lower().startswith("bearer ")


def _identified(world: World, call: Call, token: str | None) -> User:
    if token is None:
        raise refusals.no_token()
    in_header = token == call.headers.get("auth-token")
    user = tokens.user_of(world, token, in_header=in_header)
    if user is None:
        raise refusals.bad_token(world)
    free = (
        (call.method == "GET" and world.faults.on("get-from-anywhere"))
        or (in_header and world.faults.on("header-token-from-anywhere"))
        or (token == _cookie(world, call))
    )
    if not free and not address_allowed(world, str(user["type"]), call, use="token"):
        raise refusals.no_token()
    if claims_elsewhere(world, call) and world.faults.on("forwarding-header-ends-session"):
        tokens.end(world, token)
    return user


def _may(world: World, call: Call, user: User, body: Any, is_json: bool) -> bool:
    """Whether the user's roles open the path for the tenants that the request names."""
    roles = _claimed_roles(world, call, user, body)
    tenants = _tenants(world, call, user, body, is_json)
    if not tenants:
        return False
    if tidied(world, call.path) != call.path or _freed(world, call.path, user):
        return True
    if _switched_off(world, call):
        return True
    path = _judged_path(world, call)
    return access.authorized(world, _widened(world, roles, user, tenants), path, tenants)


def _switched_off(world: World, call: Call) -> bool:
    """Whether a header of the caller switches the role check off, where a fault has it so."""
    passed = call.headers.get("x-pass-through-gateway") == "true"
    override = "x-http-method-override" in call.headers
    return (passed and world.faults.on("pass-through-header-opens")) or (
        override and world.faults.on("method-override-opens")
    )


def _judged_path(world: World, call: Call) -> str:
    """Return the path that roles must open: the one that is called, but for a fault."""
    named = call.headers.get("x-original-url", "")
    return named if named and world.faults.on("original-url-header-judged") else call.path


def _widened(
    world: World, roles: list[Mapping[str, Any]], user: User, tenants: set[str]
) -> list[Mapping[str, Any]]:
    """Return the roles that count, for faults at more tenants than they are for."""
    own = str(user["tenantId"])
    elsewhere = any(role["tenantId"] != own for role in roles)
    if elsewhere and tenants == {own} and world.faults.on("own-tenant-counts"):
        return [{**role, "tenantId": own} for role in roles]
    places = {role["tenantId"] for role in roles}
    if len(places) > 1 and world.faults.on("tenant-of-another-role-counts"):
        return [{**role, "tenantId": other["tenantId"]} for role in roles for other in roles]
    return roles


def _freed(world: World, path: str, user: User) -> bool:
    """Whether a fault opens a path of user administration to everybody of a type."""
    freed = {
        ("employee-creates-users", "EMPLOYEE", CREATE_USER),
        ("citizen-changes-roles", "CITIZEN", CHANGE_USER),
        ("employee-changes-roles", "EMPLOYEE", CHANGE_USER),
    }
    return any(
        (user["type"], path) == (kind, opened) and world.faults.on(fault)
        for fault, kind, opened in freed
    )


def _tenants(world: World, call: Call, user: User, body: Any, is_json: bool) -> set[str]:
    """Return the tenants that roles must cover; none where body and query play each other off.

    Strict: the query must name nothing that the body does not. Stock: the query counts only
    where the body is silent, and then only its first parameter.
    """
    named = _tenants_of_body(world, body)
    first = (call.first("tenantId") or "").split(",")
    queried = {part for part in (first if _stock(world) else call.several("tenantId")) if part}
    if _stock(world):
        looked_at = is_json or world.lineage.gateway == "spring"
        found = named or (queried if looked_at else set())
        if not found and world.lineage.gateway == "spring":
            raise refusals.no_tenant(is_json=is_json)
        return found or {str(user["tenantId"])}
    at_odds = named and queried and not queried <= named
    if at_odds and not world.faults.on("body-tenant-wins"):
        return set()
    return named or queried or {str(user["tenantId"])}


def _tenants_of_body(world: World, body: Any) -> set[str]:
    """Return the tenants of a body: all of them, unless a fault overlooks some."""
    partly = world.faults.on("tenants-of-later-items-unchecked")
    placed = list(_tenants_in(body, partly=partly))
    named = {tenant for _, tenant in placed}
    if len(named) < 2:
        return named
    if world.faults.on("first-tenant-counts"):
        return {placed[0][1]}
    outermost = min(depth for depth, _ in placed)
    outer = {tenant for depth, tenant in placed if depth == outermost}
    if outer != named and world.faults.on("detail-tenant-unchecked"):
        return outer
    cities = {tenant for tenant in named if "." in tenant}
    if cities and cities != named and world.faults.on("state-tenant-unchecked"):
        return cities
    return named


def _stock(world: World) -> bool:
    return world.lineage.one_tenant_is_enough


def _claimed_roles(world: World, call: Call, user: User, body: Any) -> list[Mapping[str, Any]]:
    """Return the roles of a user, with those that a fault believes a client to have."""
    claims = {
        "claimed-roles-believed": _claimed_user(body),
        "roles-of-other-request-info-believed": _claimed_user(body, "requestInfo"),
        "roles-in-header-believed": _user_in_header(call),
    }
    roles = list(user["roles"])
    for fault, claimed in claims.items():
        claimed_roles = (claimed or {}).get("roles")
        if claimed_roles and world.faults.on(fault):
            roles += [role for role in claimed_roles if isinstance(role, dict)]
    return roles


def _user_in_header(call: Call) -> User | None:
    try:
        user = parsed_json(call.headers.get("x-user-info", "null").encode())
    except ValueError:
        return None
    return user if isinstance(user, dict) else None


def _tenants_in(body: Any, *, partly: bool = False) -> Iterator[tuple[int, str]]:
    """Yield every tenantId of a body with its depth, outside of RequestInfo, level by level.

    With `partly` of each list those of its first element (a fault).
    """
    level, depth = [body], 0
    while level:
        below: list[Any] = []
        for each in level:
            if isinstance(each, list):
                below += each[:1] if partly else each
            for key, value in each.items() if isinstance(each, dict) else ():
                if key == "tenantId" and isinstance(value, str | list):
                    values = [value] if isinstance(value, str) else value
                    yield from ((depth, name) for name in values if isinstance(name, str))
                elif key not in {"RequestInfo", "requestInfo"}:
                    below.append(value)
        level, depth = below, depth + 1


def _enriched(world: World, call: Call, body: Any, user: User) -> Call:
    """Replace the identity that the client claims by that of the token."""
    claimed = _claimed_user(body)
    if claimed and world.faults.on("claimed-identity-signs"):
        user = dict(user) | dict(claimed)
    pays = call.path.endswith(CREATE_PAYMENT)
    if claimed and pays and world.faults.on("claimed-identity-signs-payment"):
        user = dict(user) | {key: claimed[key] for key in ("id", "uuid") if key in claimed}
    if pays and "x-user-id" in call.headers and world.faults.on("identity-header-signs-payment"):
        user = dict(user) | {"id": call.headers["x-user-id"], "uuid": call.headers["x-user-id"]}
    shown = {name: user[name] for name in user if name not in {"locale", "active"}}
    if isinstance(body, dict):
        for key in ("RequestInfo", "requestInfo"):
            info = body.get(key)
            if isinstance(info, dict):
                kept = {name: value for name, value in info.items() if name != "authToken"}
                own = {"userInfo": shown, "correlationId": str(uuid.uuid4())}
                body = body | {key: kept | own}
        if world.lineage.gateway == "zuul":  # which writes the body anew, from a map
            body = {key: body[key] for key in in_hash_order(body)}
    return replace(call, body=body, user=user)
