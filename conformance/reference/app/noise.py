"""Noise on the line: a share of exchanges lost or mangled, as bad networks and proxies do."""

import asyncio
import random
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from conformance.reference.gateway.refusals import forwarding_error, refusal
from conformance.reference.platform.json_bodies import json_bytes

PAGE: Final = "<!doctype html><title>Service unavailable</title><h1>Please try later</h1>"
# As stock Zuul says that the service behind it does not answer.
FORWARDING: Final = json_bytes(refusal(forwarding_error()).body)
KINDS: Final = ("502", "429", "html", "truncated", "reset", "time-out", "forwarding")
ARRIVING: Final = 0.5  # share of the requests with a spoilt answer that are served
HANG: Final = 3600.0  # seconds; the client gives up long before


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiling:
    """What happens to one exchange: how its answer is spoilt, and whether the request arrived."""

    kind: str
    arrives: bool

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with noise in place of the real answer."""
        match self.kind:
            case "time-out":
                await _until_gone(receive)
            case "reset":
                await _cut_off(send)
            case kind:
                await _mangled(kind)(scope, receive, send)


class Noise:
    """Spoils a share (0 to 1) of exchanges, by a seeded choice.

    Half of the requests are served all the same, and only the answer is lost; a 429 answers
    only requests that were not (RFC 6585).
    """

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311  # a rehearsal's dice, no secret
        self._lock = threading.Lock()

    def drawn(self) -> Spoiling | None:
        """Draw what happens to the next exchange; None leaves it alone."""
        if not self._share:
            return None
        with self._lock:
            if self._random.random() >= self._share:
                return None
            kind, arrives = self._random.choice(KINDS), self._random.random() < ARRIVING
        return Spoiling(kind=kind, arrives=arrives and kind != "429")


async def _until_gone(receive: Receive) -> None:
    """Send nothing until the client gives up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _cut_off(send: Send) -> None:
    """Promise a body and end without it: the server can only close the connection."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _mangled(kind: str) -> Response:
    match kind:
        case "429":
            return Response(b"", status_code=429, headers={"Retry-After": "0"})
        case "forwarding":
            return Response(FORWARDING, status_code=500, media_type="application/json")
        case "truncated":
            return Response(b'{"ResponseInfo": {"apiId": "bb', media_type="application/json")
        case "html":
            return Response(PAGE, media_type="text/html")
        case _:
            return Response(PAGE, status_code=502, media_type="text/html")
