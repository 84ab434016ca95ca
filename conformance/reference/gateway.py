"""The gateway: token, address, role and tenant are checked here, before any service is asked."""

import json
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from conformance.reference import access, tokens
from conformance.reference.errors import GatewayProblem
from conformance.reference.world import Call, User, World

OPEN: Final = frozenset(
    {
        "/user/oauth/token",
        "/egov-mdms-service/v1/_search",
        "/egov-mdms-service/v1/_get",
    }
)
# Prefixes that the gateway routes; anything else is unknown to it and meets no filter.
PREFIXES: Final = frozenset(
    {
        "user", "access", "egov-mdms-service", "billing-service", "pg-service",
        "collection-services", "egov-hrms", "egov-workflow-v2", "property-services",
        "tl-services",
    }
)  # fmt: skip
NO_TOKEN: Final = "You are not authorized to access this resource"
NO_ROLE: Final = "Not authorized to access this resource"


def admit(world: World, call: Call, content: bytes) -> Call:
    """Let a request through as its service sees it; GatewayProblem if not."""
    is_json = "json" in call.headers.get("content-type", "")
    if _is_open(world, call.path):
        return _with_body(call, _lenient(content) if is_json else None, call_user(content))
    body = _parsed(content) if is_json and content else None
    user = _identified(world, call, _token(call, body))
    if not _may(world, call, user, body):
        raise _forbidden(world, _token(call, body))
    enriched = _enriched(world, body, user)
    return _with_body(call, enriched, _signing(world, enriched, user))


def call_user(content: bytes) -> User | None:
    """Return the userInfo that a client sent: on open paths nobody replaces it."""
    body = _lenient(content)
    info = body.get("RequestInfo") if isinstance(body, dict) else None
    user = info.get("userInfo") if isinstance(info, dict) else None
    return user if isinstance(user, dict) else None


def parsed_json(content: bytes) -> Any:
    """Parse JSON with Decimal fractions; ValueError for anything that is no JSON."""
    try:
        return json.loads(content, parse_float=_fraction, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _is_open(world: World, path: str) -> bool:
    if path in OPEN:
        return True
    return world.faults.on("user-creation-open") and path == "/user/users/_createnovalidate"


def _with_body(call: Call, body: Any, user: User | None) -> Call:
    return Call(
        method=call.method,
        path=call.path,
        query=call.query,
        body=body,
        user=user,
        peer=call.peer,
        headers=call.headers,
        parameters=call.parameters,
    )


def _lenient(content: bytes) -> Any:
    try:
        return parsed_json(content)
    except ValueError:
        return content.decode("utf-8", errors="replace")  # the service says what is wrong


def _parsed(content: bytes) -> Any:
    try:
        return parsed_json(content)
    except ValueError:
        raise GatewayProblem(400, "JsonParseException", "Bad request", description=None) from None


def _token(call: Call, body: Any) -> str | None:
    """Find the token: in the body of a request that has one, else in the header."""
    header = call.headers.get("auth-token")
    if call.method == "GET" or not isinstance(body, dict):
        return header
    info = body.get("RequestInfo", body.get("requestInfo"))
    if info is not None and not isinstance(info, dict):
        raise GatewayProblem(400, "ClassCastException", "RequestInfo is not an object")
    token = info.get("authToken") if info else None
    if token is not None and not isinstance(token, str):
        raise GatewayProblem(400, "ClassCastException", "authToken is not a text")
    return token or header


def _identified(world: World, call: Call, token: str | None) -> User:
    if token is None:
        if world.faults.on("fetch-without-token") and call.path.endswith("_fetchbill"):
            return {"uuid": "anonymous", "type": "SYSTEM", "tenantId": "pb", "roles": []}
        raise GatewayProblem(401, "CustomException", NO_TOKEN)
    user = tokens.user_of(world, token)
    if user is None:
        raise _bad_token(world)
    if not tokens.address_allowed(world, str(user["type"]), call, use="token"):
        raise GatewayProblem(401, "CustomException", NO_TOKEN)
    return user


def _bad_token(world: World) -> GatewayProblem:
    detail = {"code": "InvalidAccessTokenException", "message": "Invalid Access Token Exception"}
    text = f"400 : [{json.dumps(detail)}]"
    if world.faults.on("internal-host-in-error"):
        text += " from http://egov-user.egov.svc.cluster.local:8080/user/_details"
    code = "BadRequest" if world.lineage.bad_token_status == 500 else "InvalidAccessTokenException"
    return GatewayProblem(world.lineage.bad_token_status, code, text)


def _forbidden(world: World, token: str | None) -> GatewayProblem:
    if world.faults.on("token-in-error"):
        return GatewayProblem(403, "CustomException", f"{NO_ROLE} with token {token}")
    if world.lineage.gateway == "spring":
        return GatewayProblem(401, "CustomException", NO_TOKEN)
    return GatewayProblem(403, "CustomException", NO_ROLE)


def _may(world: World, call: Call, user: User, body: Any) -> bool:
    """Whether the user's roles open the path for every tenant that the request names."""
    if user["uuid"] == "anonymous":
        return True
    named = set(_tenants_in(body))
    queried = {part for value in call.query.get("tenantId", ()) for part in value.split(",")}
    if not world.faults.on("body-tenant-wins") and named and queried and not queried <= named:
        return False
    if world.lineage.gateway == "spring" and not named and not queried:
        raise GatewayProblem(401, "CustomException", "Failed to parse request at API gateway")
    roles = _claimed_roles(world, user, body)
    if tidied(world, call.path) != call.path:
        return True
    tenants = named or queried or {str(user["tenantId"])}
    return access.authorized(world, roles, call.path, tenants)


def tidied(world: World, path: str) -> str:
    """Return the path that is looked at: the raw one, unless a fault tidies it up first."""
    if not world.faults.on("role-check-ignores-spelling"):
        return path
    plain = unquote(path).partition(";")[0].rstrip("/")
    return plain.replace("//", "/").replace("/./", "/")


def _claimed_roles(world: World, user: User, body: Any) -> list[Mapping[str, Any]]:
    roles = list(user["roles"])
    if world.faults.on("claimed-roles-believed") and isinstance(body, dict):
        claimed = (body.get("RequestInfo") or {}).get("userInfo") or {}
        roles += [role for role in claimed.get("roles") or () if isinstance(role, dict)]
    return roles


def _tenants_in(body: Any) -> Iterator[str]:
    """Yield every tenantId of a body, at any depth, outside of RequestInfo."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key in {"RequestInfo", "requestInfo"}:
                continue
            if key == "tenantId" and isinstance(value, str | list):
                values = [value] if isinstance(value, str) else value
                yield from (each for each in values if isinstance(each, str))
            else:
                yield from _tenants_in(value)
    elif isinstance(body, list):
        for each in body:
            yield from _tenants_in(each)


def _enriched(world: World, body: Any, user: User) -> Any:
    """Replace what the client says of itself by what the token says."""
    if not isinstance(body, dict):
        return body
    for key in ("RequestInfo", "requestInfo"):
        info = body.get(key)
        if isinstance(info, dict):
            kept = {name: value for name, value in info.items() if name != "authToken"}
            shown = {name: user.get(name) for name in user if name not in {"locale", "active"}}
            claimed = kept.get("userInfo")
            if world.faults.on("claimed-identity-signs") and isinstance(claimed, dict):
                shown |= claimed
            body = body | {key: kept | {"userInfo": shown, "correlationId": str(uuid.uuid4())}}
    return body


def _signing(world: World, body: Any, user: User) -> User:
    """Return who a service takes the caller to be: the token's user, whatever was claimed."""
    if world.faults.on("claimed-identity-signs") and isinstance(body, dict):
        claimed: dict[str, Any] = (body.get("RequestInfo") or {}).get("userInfo", {})
        return dict(user) | claimed
    return user


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond what Decimal holds
        raise ValueError(f"{text[:40]} is out of range") from None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")
