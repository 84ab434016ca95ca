"""Connections that keep one deadline for a whole exchange; httpx has one for each read only."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Self

import httpcore
import httpx
from httpcore import NetworkBackend, NetworkStream

STEPS: Final = ("pool", "connect", "write", "read")  # what httpcore limits in time


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

    @contextmanager
    def bounding(self, late: type[httpcore.TimeoutException], what: str) -> Iterator[float]:
        """Yield the seconds that are left for a step; `late`, which names it, where none are."""
        problem = late(f"{what} within {float(self):g} s")
        left = self.ends - monotonic()
        if left <= 0:
            raise problem
        try:
            yield left
        except httpcore.TimeoutException:
            raise problem from None


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
        request.extensions["timeout"] = dict.fromkeys(STEPS, Deadline(self._seconds))
        return super().handle_request(request)


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
    """A connection that reads and writes in the time that is left."""

    def __init__(self, inner: NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes; httpcore.ReadTimeout where they come too late."""
        assert isinstance(timeout, Deadline)
        with timeout.bounding(httpcore.ReadTimeout, "not complete") as left:
            return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes; httpcore.WriteTimeout where they are taken too late."""
        assert isinstance(timeout, Deadline)
        with timeout.bounding(httpcore.WriteTimeout, "not complete") as left:
            self._inner.write(buffer, left)

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
