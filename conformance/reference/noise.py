"""Noise on the line: a share of answers lost or mangled, as bad networks and proxies do."""

import asyncio
import random
import threading
from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PAGE: Final = "<!doctype html><title>Service unavailable</title><h1>Please try later</h1>"
HANG: Final = 3600.0  # seconds; the client gives up long before


class Noise:
    """Spoils a share (0 to 1) of answers, by a seeded choice; the request was served before."""

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311  # a rehearsal's dice, no secret
        self._lock = threading.Lock()

    async def spoils(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Perhaps answer with noise in place of the real answer; tell whether it did."""
        if not self._share:
            return False
        with self._lock:
            hit = self._random.random() < self._share
            kind = self._random.choice(("502", "429", "html", "truncated", "reset", "time-out"))
        if not hit:
            return False
        if kind == "time-out":
            await _until_gone(receive)
        elif kind == "reset":
            await _cut_off(send)
        else:
            await _mangled(kind)(scope, receive, send)
        return True


async def _until_gone(receive: Receive) -> None:
    """Say nothing until the client gives up."""
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
        case "truncated":
            return Response(b'{"ResponseInfo": {"apiId": "bb', media_type="application/json")
        case "html":
            return Response(PAGE, media_type="text/html")
        case _:
            return Response(PAGE, status_code=502, media_type="text/html")
