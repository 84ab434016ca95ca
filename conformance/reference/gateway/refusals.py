"""What a gateway answers to a request that it refuses; each kind of gateway has its own texts."""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Final

from conformance.reference.platform.errors import GatewayProblem
from conformance.reference.platform.world import Reply, World

NO_TOKEN: Final = "You are not authorized to access this resource"
NO_ROLE: Final = "Not authorized to access this resource"
UNREADABLE: Final = "Failed to parse request at API gateway"
USER_SERVICE: Final = "http://egov-user.egov.svc.cluster.local:8080/user/_details"


def no_token() -> GatewayProblem:
    """Refuse a caller who shows no token, or may not use it from where he is."""
    return GatewayProblem(401, "CustomException", NO_TOKEN)


def bad_token(world: World) -> GatewayProblem:
    """Refuse a token that the user service does not know (any more)."""
    detail = {"code": "InvalidAccessTokenException", "message": "Invalid Access Token Exception"}
    text = f"400 : [{json.dumps(detail)}]"
    if world.faults.on("internal-host-in-error"):
        text += f" from {USER_SERVICE}"
    if world.lineage.gateway == "spring":
        return GatewayProblem(401, "CustomException", text)
    code = "BadRequest" if world.lineage.bad_token_status == 500 else "InvalidAccessTokenException"
    return GatewayProblem(world.lineage.bad_token_status, code, text)


def no_role(world: World, token: str | None) -> GatewayProblem:
    """Refuse a caller without the role; the newer gateway answers as in `no_token`."""
    if world.faults.on("token-in-error"):
        return GatewayProblem(403, "CustomException", f"{NO_ROLE} with token {token}")
    if world.lineage.gateway == "spring":
        return no_token()
    return GatewayProblem(403, "CustomException", NO_ROLE)


def no_tenant(*, is_json: bool) -> GatewayProblem:
    """Refuse, as the newer gateway does, a request that names no tenant anywhere."""
    text = UNREADABLE
    if not is_json:
        text = "TenantId is mandatory in URL for non json requests"
    return GatewayProblem(401, "CustomException", text)


def wrong_type(world: World, what: str) -> GatewayProblem:
    """Refuse a RequestInfo that is no object, or a token that is no text."""
    if world.lineage.gateway == "spring":
        return GatewayProblem(401, "CustomException", UNREADABLE)
    breaks = world.lineage.breaks_on_odd_input or world.faults.on("odd-request-info-breaks-gateway")
    return GatewayProblem(500 if breaks else 400, "ClassCastException", what)


def no_json(world: World, problem: ValueError) -> GatewayProblem:
    """Refuse a body that cannot be parsed."""
    if world.lineage.breaks_on_odd_input and world.lineage.gateway == "spring":
        return GatewayProblem(500, "DecodingException", "JSON decoding error: Unexpected input")
    if world.lineage.breaks_on_odd_input and _truncated(problem):
        return GatewayProblem(500, "JsonEOFException", "Unexpected end-of-input")
    return GatewayProblem(400, "JsonParseException", "Bad request", description=None)


def no_object(world: World, content: bytes, body: Any) -> GatewayProblem | None:
    """Refuse an empty body, an array or a scalar where the gateway breaks on it, else None."""
    if not world.lineage.breaks_on_odd_input or isinstance(body, dict):
        return None
    empty = not content.strip()
    if world.lineage.gateway == "spring":
        if empty or body is None:
            return GatewayProblem(500, "NullPointerException", "value")
        return GatewayProblem(500, "DecodingException", "JSON decoding error: Cannot deserialize")
    if body is None and not empty:  # the literal null counts as a request without token
        return None
    text = "No content to map due to end-of-input" if empty else "Cannot deserialize instance"
    return GatewayProblem(500, "MismatchedInputException", text)


def broken_filter() -> GatewayProblem:
    """Answer, as stock Zuul does, no JSON object on an open path: its own filter breaks."""
    text = "pre:RequestEnrichmentFilter"
    problem = GatewayProblem(500, "ZuulException", text)
    page = boot_page(500, "Internal Server Error", text, "")
    problem.page = {key: page[key] for key in page if key != "path"}
    return problem


def unread_media_type(media_type: str) -> GatewayProblem:
    """Refuse, as the newer gateway does, a body that it can not read as JSON."""
    kind = media_type.partition(";")[0] or "application/octet-stream"
    text = f"Content type '{kind}' not supported for bodyType=java.util.Map<?, ?>"
    return GatewayProblem(500, "UnsupportedMediaTypeException", text)


def unreachable(world: World) -> GatewayProblem:
    """Answer for a service that does not run: stock gateways say 500, not 502."""
    if world.lineage.gateway == "spring":
        return GatewayProblem(500, "AnnotatedConnectException", "finishConnect(..) failed")
    return forwarding_error()


def forwarding_error() -> GatewayProblem:
    """Return what Zuul makes of a service that does not answer it."""
    text = "com.netflix.zuul.exception.ZuulException: Forwarding error"
    return GatewayProblem(500, "ZuulRuntimeException", text)


def boot_page(status: int, error: str, message: str, path: str) -> dict[str, Any]:
    """Return the framework's own error page, which is no envelope."""
    now = int(time.time() * 1000)
    return {"timestamp": now, "status": status, "error": error, "message": message, "path": path}


def no_route(world: World, path: str) -> Reply:
    """Answer as a router without any route for a path: no filter ran, no envelope."""
    page = boot_page(404, "Not Found", "No message available", path)
    if world.lineage.gateway == "spring":
        moment = datetime.fromtimestamp(page["timestamp"] / 1000, UTC)
        del page["message"]
        page |= {"timestamp": moment.isoformat(timespec="milliseconds")}
        page |= {"requestId": uuid.uuid4().hex[:13]}
    return Reply(status=404, body=page)


def encoded_slash() -> Reply:
    """Answer as the server before the stock gateway to a path with an encoded slash."""
    page = "<!doctype html><html><head><title>HTTP Status 400 – Bad Request</title></head></html>"
    return Reply(status=400, body=page, media_type="text/html;charset=utf-8")


def refusal(problem: GatewayProblem) -> Reply:
    """Return the answer to a refused call."""
    item = {
        "code": problem.code,
        "message": problem.message,
        "description": problem.description,
        "params": None,
    }
    return Reply(
        status=problem.status,
        body=problem.page or {"ResponseInfo": None, "Errors": [item]},
        headers=problem.headers,
    )


def no_request_info() -> GatewayProblem:
    """Refuse, as the newer gateway does, a body without RequestInfo."""
    text = 'Cannot invoke "RequestInfo.getAuthToken()" because "requestInfo" is null'
    return GatewayProblem(401, "CustomException", text)


def _truncated(problem: ValueError) -> bool:
    if not isinstance(problem, json.JSONDecodeError):
        return False
    return problem.pos >= len(problem.doc.rstrip()) or problem.msg.startswith("Unterminated")
