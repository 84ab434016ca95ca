"""How bytes reach the deployment: connections by egress, pacing, and what is worth a second try.

Knows nothing of operations, actors or contracts; client.py does.
"""

import os
import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpcore
import httpx

from conformance import __version__
from conformance.client.content import ACCEPTED, MOST_BYTES, TOO_LARGE, Undecodable, decoded
from conformance.client.deadline import Pool
from conformance.client.http_fields import delay
from conformance.client.traffic import Traffic
from conformance.client.waits import WAITS
from conformance.core.errors import SetupError
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Target

FIRST_EGRESS: Final = "first"
SECOND_EGRESS: Final = "second"
# Statuses of something in front of the services: they decide nothing about conformance.
UNDECIDED_STATUSES: Final = frozenset({429, 502, 503, 504})
LONGEST_PAUSE: Final = 10.0  # seconds; a longer Retry-After ends the attempt instead
USUAL_HEADERS: Final = {
    "Accept-Encoding": ACCEPTED,
    "Connection": "keep-alive",
    "User-Agent": f"digit-bbps-conformance/{__version__}",
}
# For connections without TLS: to load the certificates that count takes longer than many requests.
NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
OF_TLS: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")  # that Python and httpx read
# What goes wrong before the deployment can have got the request.
NOT_SENT: Final = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.LocalProtocolError,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,
)
FAULTS: Final = (
    *NOT_SENT,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    OSError,
)
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})  # methods whose requests state its length


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """One request as it is sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    egress: str = FIRST_EGRESS
    paced: bool = True  # False for calls that must leave together


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """What came back: a response, or a `failure` as a text; `sent`: whether the request left.

    A response that cannot be decoded has a failure, too. `sent_headers` are all that were sent.
    """

    status: int | None
    headers: Mapping[str, str]
    content: bytes
    seconds: float
    failure: str = ""
    sent: bool = True
    sent_headers: Mapping[str, str] | None = None


class Abandoned(BaseException):
    """The run was interrupted. No Exception: nothing on the way may take it for an outcome."""


class Transport:
    """Sends over one kept-alive pool per egress, never faster than the profile allows."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._pools: dict[tuple[str, bool], Pool] = {}  # by egress, and whether it is for TLS
        self._lock = threading.Lock()
        self._pacer = Pacer(target.limits.requests_per_second)
        self.traffic = Traffic()
        self._slots = threading.BoundedSemaphore(target.limits.requests_in_flight)
        self._abandoned = False
        own = {name: each.get_secret_value() for name, each in target.network.headers.items()}
        self._usual_headers = {**USUAL_HEADERS, **own}

    def send(self, raw_request: RawRequest) -> RawResponse:
        """Send one request; transport faults come back as a RawResponse without status."""
        if not raw_request.paced:
            return self._awaited(raw_request)
        with self._slots:
            self._pacer.wait()
            with self.traffic.passing():
                return self._awaited(raw_request)

    def _awaited(self, raw_request: RawRequest) -> RawResponse:
        with WAITS.of(raw_request.method, raw_request.url):
            return self._sent(raw_request)

    def pause(self, raw_response: RawResponse, attempt: int) -> None:
        """Wait before another attempt: as long as Retry-After requires, else longer each time.

        After a 429, all other paced requests wait as well.
        """
        required = retry_after(raw_response)
        seconds = min(0.1 * 2**attempt, 2.0) if required is None else required
        if seconds > LONGEST_PAUSE:
            raise Inconclusive(
                f"the deployment allows the next request only after {seconds:.0f} s (Retry-After)",
                "lower limits.requests_per_second in the profile, or run later",
            )
        if raw_response.status == 429:
            self._pacer.hold(seconds)
        time.sleep(seconds)

    def _sent(self, raw_request: RawRequest) -> RawResponse:
        if self._abandoned:
            raise Abandoned
        started = time.perf_counter()
        headers: Mapping[str, str] = raw_request.headers
        try:
            # No client of httpx, which has a jar of cookies: one actor would send those of another.
            pool = self._pool(raw_request)
            url, host = _address(raw_request.url)
            headers = self._headers(raw_request, host)
            response = pool.send(
                httpcore.Request(
                    raw_request.method.upper(),
                    url,
                    headers=[
                        (name.encode("ascii"), headers[name].encode("ascii")) for name in headers
                    ],
                    content=raw_request.content,
                )
            )
            answered = _joined(response.headers)
            content, failure = _content(response, answered)
        except FAULTS as fault:
            return RawResponse(
                status=None,
                headers={},
                content=b"",
                seconds=time.perf_counter() - started,
                failure=_description(fault),
                sent=not isinstance(fault, NOT_SENT),
                sent_headers=headers,
            )
        return RawResponse(
            status=response.status,
            headers=answered,
            content=content,
            seconds=time.perf_counter() - started,
            failure=failure,
            sent_headers=headers,
        )

    def _headers(self, raw_request: RawRequest, host: str) -> dict[str, str]:
        """Return all headers of a request, with those that HTTP demands of it."""
        given = {**self._usual_headers, **raw_request.headers}
        named = {name.lower() for name in given}
        headers = given if "host" in named else {"Host": host, **given}
        framed = named & {"content-length", "transfer-encoding"}
        if not framed and (raw_request.content or raw_request.method.upper() in WITH_BODY):
            headers["Content-Length"] = str(len(raw_request.content))
        return headers

    def abandon(self) -> None:
        """Send nothing more: `send` raises Abandoned from now on."""
        self._abandoned = True

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, raw_request: RawRequest) -> Pool:
        which = raw_request.egress, raw_request.url[:6].lower() == "https:"
        with self._lock:
            if which not in self._pools:
                self._pools[which] = self._opened(*which)
            return self._pools[which]

    def _opened(self, egress: str, secure: bool) -> Pool:
        network = self._target.network
        if egress == SECOND_EGRESS and not network.second_egress:
            raise Inconclusive(
                "the target profile names no second address to call from",
                "set network.second_egress to local:ADDRESS or to a proxy URL",
            )
        route = _route(network.second_egress if egress == SECOND_EGRESS else network.egress)
        return Pool(
            self._target.limits.timeout_seconds,
            local_address=route.get("local_address"),
            proxy=route.get("proxy"),
            verify=_trust(network.ca_file) if secure else NOBODY,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )


class Pacer:
    """Spaces requests evenly, so that a limit per second is never exceeded."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1.0 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Block until the next request may leave."""
        with self._lock:
            now = time.monotonic()
            slot = max(now, self._next)
            self._next = slot + self._interval
        if slot > now:
            time.sleep(slot - now)

    def hold(self, seconds: float) -> None:
        """Let no request leave for a while."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


@lru_cache(maxsize=256)  # most calls go where others went
def _address(text: str) -> tuple[httpcore.URL, str]:
    """Return an address, and the host that a request names; httpx.InvalidURL if it is none."""
    url = httpx.URL(text)
    address = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return address, url.netloc.decode("ascii")


def retry_after(raw_response: RawResponse) -> float | None:
    """Return what Retry-After requires, in seconds; it holds seconds or a date. None without it."""
    headers = raw_response.headers
    return delay(headers.get("retry-after", ""), headers.get("date", ""))


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name; of one that stands several times, the values as a list."""
    found: dict[str, str] = {}
    for field, content in headers:
        name, value = _text(field).lower(), _text(content)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _text(field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError:
        return field.decode("latin-1")


def _content(response: httpcore.Response, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """Return the body of an answer, and why it cannot be decoded, if so: then it is as it came."""
    pieces, size = [], 0
    try:
        assert isinstance(response.stream, Iterable)
        for piece in response.stream:
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                return b"".join(pieces), TOO_LARGE
    except httpcore.ReadTimeout as late:
        return b"".join(pieces), _description(late)
    finally:
        response.close()
    content = b"".join(pieces)
    codings = headers.get("content-encoding", "")
    try:
        return (decoded(content, codings) if codings else content), ""
    except Undecodable as problem:
        return content, f"HTTP {response.status}, and the answer cannot be decoded: {problem}"


def _route(egress: str) -> dict[str, str]:
    kind, _, address = egress.partition(":")
    if kind == "local":
        return {"local_address": address}
    return {"proxy": egress} if egress else {}


def _trust(ca_file: str) -> ssl.SSLContext:
    """Return which certificates count: those of a file, or those that httpx takes.

    Raises SetupError where they cannot be loaded: a variable may name what is no longer there.
    """
    if ca_file:
        return ssl.create_default_context(cafile=ca_file)
    try:
        return httpx.create_ssl_context()
    except OSError as fault:
        named = [name for name in OF_TLS if os.environ.get(name)]
        raise SetupError(
            "the certificates that this machine trusts cannot be loaded",
            cause=str(fault),
            remedy=f"correct or unset {' or '.join(named) or 'its settings of TLS'}",
        ) from None


def _description(fault: Exception) -> str:
    # How much came differs each time, and would make as many causes of one.
    reason = str(fault).partition(" (received ")[0] or type(fault).__name__
    match fault:
        case httpcore.ProxyError():
            return f"no connection: the proxy lets nothing through: {reason}"
        case httpcore.ConnectTimeout() | httpcore.ConnectError():
            return f"no connection: {reason}"
        case httpcore.TimeoutException():
            return f"no answer in time: {reason}"
        case httpx.InvalidURL() | httpcore.UnsupportedProtocol() | UnicodeError():
            return f"no connection: the address cannot be used: {reason}"
        case httpcore.LocalProtocolError():
            return f"nothing was sent: {reason}"
        case _:
            return f"the connection broke: {reason}"
