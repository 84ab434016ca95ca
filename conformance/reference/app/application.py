"""One application: every service behind the gateway, on one port. Nothing makes it answer 5xx.

Order of a request: latency, reference controls, route prefix, gateway, rate limit, service.
"""

import asyncio
import json
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from conformance.reference.access import authorization as access
from conformance.reference.app import seeds
from conformance.reference.app.answer_faults import deformed, misjudged
from conformance.reference.app.noise import Noise
from conformance.reference.billing import bills, demands
from conformance.reference.collection import payments, workflow
from conformance.reference.faults.identity import IDENTITY_FAULTS
from conformance.reference.faults.money import MONEY_FAULTS
from conformance.reference.gateway import admission as gateway
from conformance.reference.gateway.refusals import boot_page
from conformance.reference.lineages.catalogue import lineage_of
from conformance.reference.mdms import service as mdms
from conformance.reference.pg import transactions
from conformance.reference.platform.clock import YEAR_9999, Clock
from conformance.reference.platform.errors import (
    GatewayProblem,
    ServiceProblem,
    Unhandled,
    envelope,
    unhandled_envelope,
    wrong_media_type,
)
from conformance.reference.platform.faults import Fault, Faults
from conformance.reference.platform.settings import Settings
from conformance.reference.platform.shapes import Misfit, info_must_fit
from conformance.reference.platform.store import Store
from conformance.reference.platform.world import Call, Reply, Route, World
from conformance.reference.user import accounts as users
from conformance.reference.user import tokens

LOG: Final = logging.getLogger(__name__)
SERVICES: Final = (users, tokens, access, mdms, demands, bills, transactions, payments, workflow)
CACHE_CONTROL: Final = "no-cache, no-store, max-age=0, must-revalidate"
SIX_KEY_PREFIXES: Final = ("/access/", "/egov-mdms-service/", "/pg-service/")
MISFIT: Final = ("JsonMappingException", "Failed to deserialize certain JSON fields")


def catalogue() -> tuple[Fault, ...]:
    """Return every fault that can be switched on."""
    return (*IDENTITY_FAULTS, *MONEY_FAULTS)


def build(settings: Settings) -> "Application":
    """Build a deployment; BadSetting when settings name what does not exist."""
    lineage = lineage_of(settings.lineage)
    known = [fault.name for fault in catalogue()]
    faults = Faults((*lineage.faults, *settings.faults), known)
    schema = [statement for part in (*SERVICES, seeds) for statement in part.SCHEMA]
    world = World(
        settings=settings,
        clock=Clock(settings.clock_ms),
        store=Store(settings.db, schema),
        faults=faults,
        lineage=lineage,
    )
    for service in SERVICES:
        seed = getattr(service, "seed", None)
        if seed is not None:
            seed(world)
    seeds.plant(world)
    return Application(world)


class Application:
    """The ASGI application of one deployment."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._routes = [route for service in SERVICES for route in service.ROUTES]
        self._exact = {route.path: route for route in self._routes if "{" not in route.path}
        self._noise = Noise(world.settings.noise, world.settings.noise_seed)
        self._log = ExchangeLog(world.settings.log_exchanges)
        self._limit = RateLimit(world.settings.rate_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; also takes part in the server's start and stop."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(scope, receive)
        content = await request.body()
        if self.world.settings.latency_ms:
            await asyncio.sleep(self.world.settings.latency_ms / 1000)
        path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        if path.startswith("/reference/"):
            reply, spoiling = self._control(path, request.method, content), None
        else:
            spoiling = self._noise.drawn()
            if spoiling is None or spoiling.arrives:
                reply = await run_in_threadpool(self._serve, request, path, content)
        if spoiling is not None:
            await spoiling.answer(scope, receive, send)
            return
        self._log.write(request.method, path, request.url.query, reply)
        await _response(reply, self.world.clock.now())(scope, receive, send)

    def _serve(self, request: Request, path: str, content: bytes) -> Reply:
        call = Call(
            method=request.method,
            path=path,
            query=parse_qs(request.url.query, keep_blank_values=True),
            body=None,
            user=None,
            peer=request.client.host if request.client else "",
            headers={key.lower(): value for key, value in request.headers.items()},
        )
        if path.strip("/").partition("/")[0] not in gateway.PREFIXES:
            return _no_route(path)
        try:
            admitted = gateway.admit(self.world, call, content)
            self._limit.take()
            reply = self._from_service(admitted, content)
        except GatewayProblem as problem:
            reply = self._refusal(problem)
            if self.world.lineage.gateway == "spring":  # refuses before it sets any header
                return replace(reply, media_type="")
        headers = {"x-correlation-id": str(uuid.uuid4()), "Cache-Control": CACHE_CONTROL}
        return Reply(
            status=reply.status,
            body=reply.body,
            headers=headers | dict(reply.headers),
            media_type=reply.media_type,
        )

    def _refusal(self, problem: GatewayProblem) -> Reply:
        item = {
            "code": problem.code,
            "message": problem.message,
            "description": problem.description,
            "params": None,
        }
        reply = Reply(
            status=problem.status,
            body=problem.page or {"ResponseInfo": None, "Errors": [item]},
            headers=problem.headers,
        )
        return misjudged(self.world, reply) if problem.code == "JsonParseException" else reply

    def _from_service(self, call: Call, content: bytes) -> Reply:
        route, parameters = self._route(gateway.tidied(self.world, call.path))
        six_keys = self.world.lineage.six_key_errors and call.path.startswith(SIX_KEY_PREFIXES)
        if route is None:
            return self._not_found(call.path, six_keys=six_keys)
        try:
            prepared = _prepared(route, call, content, parameters, six_keys=six_keys)
            return deformed(self.world, call.path, route.handler(self.world, prepared))
        except Malformed as problem:
            return misjudged(self.world, Reply(status=400, body=problem.body))
        except ServiceProblem as problem:
            body = envelope(problem.items, described=route.described, six_keys=six_keys)
            return Reply(status=400, body=body)
        except Misfit:
            if self.world.faults.on("breaks-on-odd-input"):
                return Reply(status=500, body=unhandled_envelope("ClassCastException", None))
            body = envelope([MISFIT], described=route.described, six_keys=six_keys)
            return Reply(status=400, body=body)
        except Unhandled as problem:
            body = unhandled_envelope(problem.kind, problem.detail, six_keys=six_keys)
            return Reply(status=400, body=body)
        except GatewayProblem:
            raise
        except Exception as problem:  # whatever a service throws is told as 400
            LOG.exception("%s: the reference itself broke", call.path)
            body = unhandled_envelope(type(problem).__name__, None, six_keys=six_keys)
            return Reply(status=400, body=body)

    def _not_found(self, path: str, *, six_keys: bool) -> Reply:
        """Answer a path that the gateway routes and no service knows."""
        if self.world.lineage.gateway == "zuul":
            text = f"The resource - {path} not found"
            raise GatewayProblem(404, "ResourceNotFoundException", text, description=None)
        if not six_keys:
            return _no_route(path)
        text = f"No static resource {path.partition('/')[2]}."
        body = unhandled_envelope("NoResourceFoundException", text, six_keys=True)
        return Reply(status=400, body=body)

    def _route(self, path: str) -> tuple[Route | None, dict[str, str]]:
        if path in self._exact:
            return self._exact[path], {}
        for route in self._routes:
            before, opening, after = route.path.partition("{module}")
            if opening and path.startswith(before) and path.endswith(after):
                module = path[len(before) : len(path) - len(after)]
                if module and "/" not in module:
                    return route, {"module": module}
        return None, {}

    def _control(self, path: str, method: str, content: bytes) -> Reply:
        """Answer what only the reference has: health, and its clock."""
        if path == "/reference/health":
            return Reply(body={"status": "up", "lineage": self.world.lineage.name})
        if path != "/reference/clock":
            return _no_route(path)
        clock = self.world.clock
        if method == "GET":
            return Reply(body={"now": clock.now()})
        try:
            asked = gateway.parsed_json(content)
            moved = "advance" in asked
            now = clock.now() + int(asked["advance"]) if moved else int(asked["now"])
        except (ValueError, TypeError, KeyError, OverflowError):
            return Reply(status=400, body={"error": 'send {"now": ms} or {"advance": ms}'})
        if not 0 <= now < YEAR_9999:
            return Reply(status=400, body={"error": f"{now} is beyond every calendar"})
        return Reply(body={"now": clock.put(now)})


class Malformed(Exception):
    """Input that no service method ever sees."""

    def __init__(self, body: Any) -> None:
        super().__init__("malformed")
        self.body = body


class RateLimit:
    """So many requests per second for all callers together; off when None."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._second = 0
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Count a request; GatewayProblem 429 when the second is used up."""
        if self._per_second is None:
            return
        with self._lock:
            second = int(time.monotonic())
            self._taken = self._taken + 1 if second == self._second else 1
            self._second = second
            over = self._taken > self._per_second
        if over:
            raise GatewayProblem(
                429,
                "RateLimitExceededException",
                "Rate limit exceeded",
                description=None,
                headers={"Retry-After": "1"},
            )


class ExchangeLog:
    """Writes method, path, query, status and codes of each answer: no bodies, no secrets.

    The query is that of updates of transactions, which states their outcome.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, method: str, path: str, query: str, reply: Reply) -> None:
        """Append one line."""
        if self._path is None:
            return
        errors = reply.body.get("Errors") if isinstance(reply.body, dict) else None
        codes = [item["code"] for item in errors or ()]
        entry = {"method": method, "path": path, "status": reply.status, "codes": codes}
        line = json.dumps(entry | ({"query": query} if path.endswith("/_update") else {}))
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _prepared(
    route: Route, call: Call, content: bytes, parameters: Mapping[str, str], *, six_keys: bool
) -> Call:
    """Refuse what frameworks refuse before a service method runs: method, media type, JSON."""
    if call.method not in route.methods:
        verb = "is not supported" if six_keys else "not supported"
        text = f"Request method '{call.method}' {verb}"
        raise Unhandled("HttpRequestMethodNotSupportedException", text)
    if route.form:
        return replace(call, body=_form(call, content), parameters=parameters)
    media_type = call.headers.get("content-type")
    if content and "json" not in (media_type or ""):
        raise Malformed(wrong_media_type(media_type, six_keys=six_keys))
    item = None
    if not content.strip() or call.body is None:
        item = ("MissingJsonException", "JSON body has errors or is missing")
    elif isinstance(call.body, str):
        item = ("JsonParseException", "The body is no JSON")
    elif not isinstance(call.body, dict):
        item = MISFIT
    if item is not None:
        raise Malformed(envelope([item], six_keys=six_keys))
    info_must_fit(call.body, dated=call.path.startswith("/access/"))
    return replace(call, parameters=parameters)


def _form(call: Call, content: bytes) -> dict[str, str]:
    """Return the first value of each parameter, of the form before those of the query."""
    sent = parse_qs(content.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {key: values[0] for key, values in {**call.query, **sent}.items()}


def _no_route(path: str) -> Reply:
    """Answer as a router without any route for a path: no filter ran, no envelope."""
    return Reply(status=404, body=boot_page(404, "Not Found", "No message available", path))


def _response(reply: Reply, now: int) -> Response:
    """Return an answer as it goes out, dated by the deployment's own clock (epoch ms)."""
    if reply.body is None:
        content = b""
    elif isinstance(reply.body, str):
        content = reply.body.encode()
    else:
        content = json.dumps(reply.body, default=_number, ensure_ascii=False).encode(
            "utf-8", errors="replace"
        )
    headers = {"Date": formatdate(now / 1000, usegmt=True)} | dict(reply.headers)
    if content and reply.media_type:
        headers["Content-Type"] = reply.media_type
    return Response(content, status_code=reply.status, headers=headers)


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
