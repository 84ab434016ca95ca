"""Between HTTP and the deployment: a request becomes a call, a reply becomes a response."""

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.app.exchange_log import ExchangeLog
from conformance.reference.app.noise import Noise
from conformance.reference.app.varying import Varying
from conformance.reference.gateway.admission import routes, tidied
from conformance.reference.platform.json_bodies import json_bytes
from conformance.reference.platform.world import Call, Reply, World


class PathAsSent:
    """Middleware: routes by the path as it was sent, not decoded.

    What a spelling like `//` or `%2F` leads to is for the gateway to decide.
    """

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the path that decides where it goes."""
        if scope["type"] == "http":
            path = path_as_sent(scope)
            if routes(self._world, path):
                path = tidied(self._world, path).replace("\n", "%0A")  # `$` would overlook it
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


class Endpoint:
    """Answers the requests of a route with the replies of a function, which runs in a thread.

    In between lie the latency, the noise and the log that the settings ordered.
    """

    def __init__(
        self,
        world: World,
        reply_to: Callable[[Call], Reply],
        *,
        log: ExchangeLog,
        noise: Noise | None = None,
        varying: Varying | None = None,
    ) -> None:
        self._world = world
        self._reply_to = reply_to
        self._log = log
        self._noise = noise
        self._varying = varying or Varying()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        call = call_of(request, await request.body())
        if self._world.settings.latency_ms:
            await asyncio.sleep(self._world.settings.latency_ms / 1000)
        spoiling = self._noise.drawn() if self._noise else None
        if spoiling is None or spoiling.arrives:
            reply = await run_in_threadpool(self._reply_to, call)
        if spoiling is not None:
            await spoiling.answer(scope, receive, send)
            return
        self._log.write(call, reply)
        answer = response(self._varying.reply(call, reply), self._world.clock.now())
        await self._varying.response(call, answer)(scope, receive, send)


def path_as_sent(scope: Scope) -> str:
    """Return the path of a request, percent-encoded as the client sent it."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


def call_of(request: Request, content: bytes) -> Call:
    """Return a request as a call that the gateway has not seen yet."""
    query = request.scope.get("query_string", b"").decode(errors="replace")
    return Call(
        method=request.method,
        path=path_as_sent(request.scope),
        query=parse_qs(query, keep_blank_values=True),
        body=None,
        user=None,
        peer=request.client.host if request.client else "",
        headers={key.lower(): value for key, value in request.headers.items()},
        content=content,
        parameters=request.path_params,
    )


def response(reply: Reply, now: int) -> Response:
    """Return a reply as it goes out, dated by the deployment's own clock (epoch ms)."""
    if reply.body is None:
        content = b""
    elif isinstance(reply.body, str):
        content = reply.body.encode()
    else:
        content = json_bytes(reply.body)
    headers = {"Date": formatdate(now / 1000, usegmt=True)} | dict(reply.headers)
    if content and reply.media_type:
        headers["Content-Type"] = reply.media_type
    return Response(content, status_code=reply.status, headers=headers)
