"""A proxy before the deployment that spoils answers in one way that was seen in real life.

What integrators rehearse with it: a client that reads what the standards allow, and refuses the
rest without breaking.
"""

import asyncio
import gzip
import itertools
import json
import re
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Final
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.reference.app.old_http import CONNECTION
from conformance.reference.platform.settings import BadSetting

ELSEWHERE: Final = "https://127.0.0.1:1"
OWN: Final = "/reference/"  # controls of the reference, which no real deployment has
SESSION: Final = "GATEWAYSESSION"
NOT_LATIN: Final = b'"remark":"caf\xe9"'
LEVELS: Final = 20_000
PAUSE: Final = 0.02  # seconds between two drops


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer on its way through the proxy; header names are in lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether it holds a JSON object that is not empty."""
        return self.body.startswith(b'{"')

    def with_header(self, name: bytes, value: bytes) -> "Answer":
        """Return the answer with a header in place of those of that name."""
        others = tuple(each for each in self.headers if each[0] != name)
        return replace(self, headers=(*others, (name, value)))

    def as_type(self, media_type: bytes) -> "Answer":
        """Return the answer under a media type."""
        return self.with_header(b"content-type", media_type)

    def coded(self, coding: bytes, body: bytes) -> "Answer":
        """Return the answer with another body, under a content coding."""
        return replace(self.with_header(b"content-encoding", coding), body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoil:
    """One way to spoil answers; a client can read them all the same if `readable`.

    With a `drop`, what is sent begins with `start`, and then the drop comes for ever.
    """

    sentence: str
    answer: Callable[[Answer], Answer]
    readable: bool = True
    start: bytes = b""
    drop: bytes = b""


def _written(encoding: str, media_type: bytes) -> Callable[[Answer], Answer]:
    """Return what writes JSON in another encoding, where that has its characters."""

    def spoil(answer: Answer) -> Answer:
        try:
            body = answer.body.decode().encode(encoding)
        except UnicodeError:
            return answer
        return replace(answer.as_type(media_type), body=body) if answer.is_json else answer

    return spoil


def _remarking(member: bytes) -> Callable[[Answer], Answer]:
    """Return what adds a member to the object of an answer, before its others."""

    def spoil(answer: Answer) -> Answer:
        whole = answer.is_json
        return replace(answer, body=b"{" + member + b"," + answer.body[1:]) if whole else answer

    return spoil


def _twice(answer: Answer) -> Answer:
    """Give the first key of an object twice, first with null."""
    body = re.sub(rb'^\{("[^"]+"):', rb"{\1:null,\1:", answer.body, count=1)
    return replace(answer, body=body)


def _raw_deflate(answer: Answer) -> Answer:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return answer.coded(b"deflate", packer.compress(answer.body) + packer.flush())


def _odd_headers(answer: Answer) -> Answer:
    odd = (
        (b"x-note", "\u0928\u092e\u0938\u094d\u0924\u0947".encode()),
        (b"x-note", b"caf\xe9"),
        (b"set-cookie", b"a=b; Expires=Bad; Domain=.other.example"),
        (b"set-cookie", b"\xe9=\xfc"),
    )
    return replace(answer, headers=(*answer.headers, *odd))


def _cut(answer: Answer) -> Answer:
    """Promise more than comes: the server then closes the connection."""
    return answer.with_header(b"content-length", b"%d" % (len(answer.body) + 5))


def _same(answer: Answer) -> Answer:
    return answer


JSON: Final = b"application/json"
MODES: Final[Mapping[str, Spoil]] = {
    "byte-order-mark": Spoil(
        sentence="JSON begins with a byte order mark",
        answer=lambda each: replace(each, body=b"\xef\xbb\xbf" + each.body)
        if each.is_json
        else each,
    ),
    "utf-16": Spoil(
        sentence="JSON is in UTF-16, and says so",
        answer=_written("utf-16", JSON + b";charset=UTF-16"),
    ),
    "utf-32": Spoil(
        sentence="JSON is in UTF-32, and says nothing", answer=_written("utf-32-be", JSON)
    ),
    "latin-1": Spoil(
        sentence="JSON is in ISO-8859-1 where it can be, and says so",
        answer=_written("latin-1", JSON + b";charset=ISO-8859-1"),
    ),
    "wrong-charset": Spoil(
        sentence="JSON is in UTF-8, and says ISO-8859-1",
        answer=_written("utf-8", b'Application/JSON; Charset="ISO-8859-1"'),
    ),
    "no-utf-8": Spoil(
        sentence="JSON holds a byte that is no UTF-8",
        answer=_remarking(NOT_LATIN),
        readable=False,
    ),
    "half-character": Spoil(
        sentence="a text holds half of a character, escaped",
        answer=_remarking(rb'"remark":"Smile \ud83d"'),
    ),
    "control-characters": Spoil(
        sentence="a text holds control characters and markup, escaped",
        answer=_remarking(rb'"remark":"\u0000\u001b[31m ]]> \ufffe <b>&amp; \u2028"'),
    ),
    "raw-control-characters": Spoil(
        sentence="a text holds a line break as it is",
        answer=_remarking(b'"remark":"two\nlines"'),
        readable=False,
    ),
    "not-a-number": Spoil(
        sentence="a number is NaN", answer=_remarking(b'"remark":NaN'), readable=False
    ),
    "long-number": Spoil(
        sentence="a number has 5 000 digits",
        answer=_remarking(b'"remark":' + b"9" * 5000),
        readable=False,
    ),
    "deep": Spoil(
        sentence=f"lists stand in each other, {LEVELS} levels deep",
        answer=_remarking(b'"remark":' + b"[" * LEVELS + b"]" * LEVELS),
        readable=False,
    ),
    "large": Spoil(
        sentence="a text has half a million characters",
        answer=_remarking(b'"remark":"' + b"x" * 500_000 + b'"'),
    ),
    "repeated-keys": Spoil(sentence="a key stands twice, first with null", answer=_twice),
    "gzip": Spoil(
        sentence="bodies are compressed",
        answer=lambda each: each.coded(b"x-gzip", gzip.compress(each.body)),
    ),
    "deflate": Spoil(sentence="bodies are compressed, without a header", answer=_raw_deflate),
    "gzip-plain": Spoil(
        sentence="bodies are not compressed, though Content-Encoding says so",
        answer=lambda each: each.coded(b"gzip", each.body),
        readable=False,
    ),
    "gzip-unnamed": Spoil(
        sentence="bodies are compressed, and nothing says so",
        answer=lambda each: replace(each, body=gzip.compress(each.body)),
        readable=False,
    ),
    "gzip-cut": Spoil(
        sentence="compressed bodies break off",
        answer=lambda each: each.coded(b"gzip", gzip.compress(each.body)[:-12]),
        readable=False,
    ),
    "brotli": Spoil(
        sentence="bodies are in an encoding that was not requested",
        answer=lambda each: each.coded(b"br", b"\x0b\x02\x80" + each.body[:9] + b"\x03"),
        readable=False,
    ),
    "cut": Spoil(
        sentence="bodies are shorter than Content-Length says", answer=_cut, readable=False
    ),
    "slow-headers": Spoil(
        sentence="the headers come byte by byte, and never end",
        answer=_same,
        readable=False,
        start=b"HTTP/1.1 200 OK\r\nX-Note: ",
        drop=b"a",
    ),
    "slow-body": Spoil(
        sentence="the body comes byte by byte, and never ends",
        answer=_same,
        readable=False,
        start=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
        drop=b" ",
    ),
    "always-continue": Spoil(
        sentence="100 Continue comes again and again, and no answer",
        answer=_same,
        readable=False,
        drop=b"HTTP/1.1 100 Continue\r\n\r\n",
    ),
    "odd-headers": Spoil(
        sentence="headers are no ASCII, and cookies not well formed", answer=_odd_headers
    ),
    "cookie": Spoil(
        sentence="a cookie is a session: who sends it needs no token", answer=_same
    ),
    "redirect": Spoil(
        sentence="every call is redirected to https", answer=_same, readable=False
    ),
    "retry-after": Spoil(
        sentence="every third call gets a 429, with Retry-After in each of its forms", answer=_same
    ),
}  # fmt: skip
# A date as an old server writes it, one without a zone, and what is none of the forms.
FORMS: Final = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y")


class SpoilingProxy:
    """Spoils each answer of an application in one way; what the reference adds stays as it is."""

    def __init__(self, application: ASGIApp, chosen: str) -> None:
        """Stand before an application with `MODE`, or `MODE:PATH` for paths that begin so.

        BadSetting if there is no such mode.
        """
        mode, _, self._paths = chosen.partition(":")
        if mode not in MODES:
            raise BadSetting(f"there is no way {mode!r} to spoil answers: {', '.join(MODES)}")
        self._application = application
        self._mode = mode
        self._calls = itertools.count(1)
        self._sessions: dict[str, str] = {}  # cookie -> token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request, and its answer as it is after that."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(OWN) or not path.startswith(self._paths):
            await self._application(scope, receive, send)
            return
        answer = self._instead(scope)
        if answer is None:
            if self._mode == "cookie":
                scope, receive = await self._identified(scope, receive)
            answer = await _answered(self._application, scope, receive)
            if MODES[self._mode].drop:
                await _drip(MODES[self._mode], scope, receive)
                return
            answer = MODES[self._mode].answer(answer)
            if self._mode == "cookie":
                answer = self._with_session(answer)
        await _send(answer, send)

    def _instead(self, scope: Scope) -> Answer | None:
        """Return what the proxy answers itself, so that the application sees nothing."""
        if self._mode == "redirect":
            path = scope.get("raw_path") or scope["path"].encode()
            location = ((b"location", ELSEWHERE.encode() + path),)
            return Answer(status=301, headers=location, body=b"")
        number, third = divmod(next(self._calls), 3)
        if self._mode == "retry-after" and not third:
            headers = ((b"date", formatdate(usegmt=True).encode()), (b"retry-after", _form(number)))
            return Answer(status=429, headers=headers, body=b"")
        return None

    async def _identified(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """Return a request with the token of the session whose cookie it carries."""
        content = await _content_of(receive)
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
        known = re.search(rf"{SESSION}=(\w+)", cookies)
        token = self._sessions.get(known[1]) if known else None
        if token and content.startswith(b'{"RequestInfo"') and b'"authToken"' not in content:
            body = json.loads(content)
            body["RequestInfo"]["authToken"] = token
            content = json.dumps(body).encode()
            length = (b"content-length", b"%d" % len(content))
            others = [each for each in scope["headers"] if each[0] != b"content-length"]
            scope = {**scope, "headers": [*others, length]}

        async def again() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        return scope, again

    def _with_session(self, answer: Answer) -> Answer:
        """Return an answer that gives out a token with the cookie of a new session."""
        found = re.search(rb'"access_token": ?"([^"]+)"', answer.body)
        if found is None:
            return answer
        session = uuid4().hex
        self._sessions[session] = found[1].decode()
        return answer.with_header(b"set-cookie", f"{SESSION}={session}; Path=/; HttpOnly".encode())


def _form(number: int) -> bytes:
    """Return Retry-After in another form each time: most of them mean now, the others nothing."""
    dates = [time.strftime(form, time.gmtime()) for form in FORMS]
    forms = (*dates, dates[0].replace("GMT", "-0000"), "0", "0.2", "-1", "soon", "")
    return forms[number % len(forms)].encode()


async def _answered(application: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Return the whole answer of an application."""
    start: Message = {}
    pieces: list[bytes] = []

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            pieces.append(message.get("body", b""))

    await application(scope, receive, take)
    headers = [(name.lower(), value) for name, value in start["headers"]]
    kept = tuple(each for each in headers if each[0] != b"content-length")
    return Answer(status=start["status"], headers=kept, body=b"".join(pieces))


async def _drip(spoil: Spoil, scope: Scope, receive: Receive) -> None:
    """Send what has no end, until the client has gone."""
    connection = scope["extensions"][CONNECTION]
    connection.write(spoil.start)
    while not connection.is_closing():
        connection.write(spoil.drop)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                if (await receive())["type"] == "http.disconnect":
                    return


async def _content_of(receive: Receive) -> bytes:
    content, more = b"", True
    while more:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
    return content


async def _send(answer: Answer, send: Send) -> None:
    if not any(name == b"content-length" for name, _ in answer.headers):
        answer = answer.with_header(b"content-length", b"%d" % len(answer.body))
    start = {"type": "http.response.start", "status": answer.status}
    await send({**start, "headers": [*answer.headers]})
    await send({"type": "http.response.body", "body": answer.body})
