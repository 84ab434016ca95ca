"""The way of a call: gateway, rate limit, service; and what a caller reads who is refused."""

import uuid
from dataclasses import replace
from typing import Final

from conformance.reference.app.framework import handled, malformed, six_key_errors
from conformance.reference.app.rate_limit import RateLimit
from conformance.reference.gateway import admission as gateway
from conformance.reference.gateway.refusals import encoded_slash, no_route, refusal, unreachable
from conformance.reference.platform.errors import GatewayProblem, unhandled_envelope
from conformance.reference.platform.world import Call, Reply, Route, World

CACHE_CONTROL: Final = "no-cache, no-store, max-age=0, must-revalidate"


def answered(world: World, limit: RateLimit, route: Route | None, call: Call) -> Reply:
    """Return the answer to a call; `route` is the service's for the path, None without one."""
    service = gateway.service_of(call.path)
    if not gateway.routes(world, call.path) or service in world.site.no_service:
        return no_route(world, call.path)
    if world.lineage.stock_zuul and "%2f" in call.path.lower():
        return encoded_slash()
    try:
        admitted = gateway.admit(world, call)
        limit.take()
        if service in world.site.down:
            raise unreachable(world)
        reply = not_found(world, call) if route is None else handled(world, route, admitted)
    except GatewayProblem as problem:
        reply = refusal(problem)
        if world.lineage.stock_zuul and (problem.status, call.path) == (403, "/user/_logout"):
            reply = replace(reply, body=None)
        if problem.code == "JsonParseException":
            reply = malformed(world, reply)
        if world.lineage.gateway == "spring":  # refuses before it sets any header
            return replace(reply, media_type="")
    headers = {"x-correlation-id": str(uuid.uuid4()), "Cache-Control": CACHE_CONTROL}
    return replace(reply, headers=headers | dict(reply.headers))


def not_found(world: World, call: Call) -> Reply:
    """Answer a path that the gateway routes and no service knows."""
    if world.lineage.gateway == "zuul":
        text = f"The resource - {call.path} not found"
        raise GatewayProblem(404, "ResourceNotFoundException", text, description=None)
    if not six_key_errors(world, call.path):
        return no_route(world, call.path)
    text = f"No static resource {call.path.partition('/')[2]}."
    body = unhandled_envelope("NoResourceFoundException", text, six_keys=True)
    return Reply(status=400, body=body)
