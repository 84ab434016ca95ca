"""Connections that keep one deadline for a whole exchange; httpx has one for each read only."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Any, Final, Self

import httpcore
import httpx
from httpcore import NetworkBackend, NetworkStream

STEPS: Final = ("pool", "connect", "write", "read")  # what httpcore limits in time
FEW: Final = 64 * 1024  # bytes of a request that wait until all of it is there


class Deadline(float):
    """The seconds that an exchange may take in all; they run from when it is made.

    To httpcore it is the timeout of each step, and it hands it down to the network unchanged.
    """

    ends: float

    def __new__(cls, seconds: float) -> Self:
        """Let an exchange begin now."""
        deadline = super().__new__(cls, seconds)
        deadline.ends = monotonic() + seconds
        return deadline

    def bounding(self, late: type[httpcore.TimeoutException], what: str) -> "BoundedStep":
        """Bound a step by the seconds that are left; `late`, which names it, where none are."""
        return BoundedStep(self, late, what)


class BoundedStep:
    """One step of an exchange; no generator, which would cost as much as the step itself."""

    __slots__ = ("_deadline", "_late", "_what")

    def __init__(
        self, deadline: Deadline, late: type[httpcore.TimeoutException], what: str
    ) -> None:
        self._deadline, self._late, self._what = deadline, late, what

    def __enter__(self) -> float:
        """Return the seconds that are left."""
        left = self._deadline.ends - monotonic()
        if left <= 0:
            raise self._problem()
        return left

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Say which step was late, in place of what httpcore says."""
        if kind is not None and issubclass(kind, httpcore.TimeoutException):
            raise self._problem() from None

    def _problem(self) -> httpcore.TimeoutException:
        return self._late(f"{self._what} within {float(self._deadline):g} s")


class Pool(httpx.HTTPTransport):
    """A pool of connections, each exchange of which ends within so many seconds.

    That holds for all of it: to connect, TLS, the request, interim answers, headers and body.
    """

    def __init__(self, seconds: float, **options: Any) -> None:
        """Take the seconds, and the options of an httpx.HTTPTransport."""
        super().__init__(**options)
        self._seconds = seconds
        # httpx has no option for it.
        self._pool._network_backend = _Network(self._pool._network_backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; httpx.TimeoutException where it, or later the body, is not in time."""
        request.extensions = {**request.extensions, **self._in_time()}
        return super().handle_request(request)

    def send(self, request: httpcore.Request) -> httpcore.Response:
        """Do the same without what httpx makes of requests and answers; httpcore's exceptions."""
        request.extensions = {**request.extensions, **self._in_time()}
        return self._pool.handle_request(request)

    def _in_time(self) -> dict[str, Any]:
        return {"timeout": dict.fromkeys(STEPS, Deadline(self._seconds))}


class _Network(NetworkBackend):
    """Opens connections in the time that is left."""

    def __init__(self, inner: NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to a host; each of its addresses gets its share of the time."""
        assert isinstance(timeout, Deadline)
        addresses = _addresses(host, port)
        for untried in range(len(addresses), 0, -1):
            address = addresses[-untried]
            try:
                with timeout.bounding(
                    httpcore.ConnectTimeout, "timed out: nothing answers"
                ) as left:
                    stream = self._inner.connect_tcp(
                        address, port, left / untried, local_address, socket_options
                    )
                return _Stream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if untried == 1:
                    raise
        raise AssertionError("a host has an address")


class _Stream(NetworkStream):
    """A connection that reads and writes in the time that is left.

    Headers and body leave together, as a service gets them from most clients.
    """

    def __init__(self, inner: NetworkStream) -> None:
        self._inner = inner
        self._unsent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes; httpcore.ReadTimeout where they come too late."""
        assert isinstance(timeout, Deadline)
        if self._unsent:
            with suppress(httpcore.WriteError):  # it may have answered before it had all
                self._send(timeout)
        with timeout.bounding(httpcore.ReadTimeout, "not complete") as left:
            return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes, few of them not before `read`; WriteTimeout where they are taken too late."""
        assert isinstance(timeout, Deadline)
        self._unsent += buffer
        if len(self._unsent) > FEW:
            self._send(timeout)

    def _send(self, timeout: Deadline) -> None:
        unsent, self._unsent = self._unsent, b""
        with timeout.bounding(httpcore.WriteTimeout, "not complete") as left:
            self._inner.write(unsent, left)

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """Return the connection with TLS; httpcore.ConnectTimeout where that lasts too long."""
        assert isinstance(timeout, Deadline)
        with timeout.bounding(httpcore.ConnectTimeout, "no TLS handshake") as left:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore wants to know of a connection."""
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host; the host itself where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return [host]  # to connect says why
    return list(dict.fromkeys(_numeric(*each[4]) for each in found))


def _numeric(address: str | int, _port: object, _flow: object = 0, scope: object = 0) -> str:
    """Return an address of a socket as a text, with the network card of a local one."""
    return f"{address}%{scope}" if scope else str(address)
