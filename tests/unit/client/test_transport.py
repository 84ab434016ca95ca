"""The line: connections kept alive, a pace, a bound on what is in flight, and Retry-After."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conformance.client import transport
from conformance.client.deadline import FEW
from conformance.client.transport import Pacer, RawRequest, RawResponse, Transport, retry_after
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Target
from tests.servers import Handler, serving

PATIENCE = 10.0  # seconds
CHUNK = 1024 * 1024
TOGETHER = 2  # requests that the server wants to have in flight before it answers one


class Server:
    """Answers 200; counts connections, and the most requests that it held at a time."""

    def __init__(self, *, meeting: bool) -> None:
        self.connections = self.most = self.held = 0
        lock = threading.Lock()
        barrier = threading.Barrier(TOGETHER)
        ours = self

        class Counting(Handler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                with lock:
                    ours.connections += 1
                super().setup()

            def do_GET(self) -> None:
                with lock:
                    ours.held += 1
                    ours.most = max(ours.most, ours.held)
                if meeting:
                    barrier.wait(timeout=10)
                with lock:
                    ours.held -= 1
                self.respond(200, b"{}")

        self.handler = Counting
        self.raw_request = RawRequest(method="GET", url="", headers={}, content=b"")


@pytest.fixture(params=[False], ids=[""])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(meeting=request.param)
    with serving(server.handler) as port:
        server.raw_request = replace(server.raw_request, url=f"http://127.0.0.1:{port}/")
        yield server


def line(**limits: Any) -> Transport:
    return Transport(
        Target.model_validate(
            {
                "name": "line",
                "base_url": "http://127.0.0.1",
                "tenant": "pb.amritsar",
                "state_tenant": "pb",
                "limits": {"requests_per_second": 1000, **limits},
            }
        )
    )


def test_a_connection_is_kept_alive(server: Server) -> None:
    ours = line()
    for _ in range(5):
        assert ours.send(server.raw_request).status == 200
    ours.close()
    assert server.connections == 1


@pytest.mark.parametrize("server", [True], indirect=True, ids=["the server holds what it gets"])
def test_no_more_is_in_flight_than_the_profile_allows(server: Server) -> None:
    ours = line(requests_in_flight=TOGETHER)
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: ours.send(server.raw_request), range(8)))
    ours.close()
    assert [each.status for each in replies] == [200] * 8
    assert server.most == TOGETHER


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Let one connection be answered as `talk` does; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE)
                talk(connection)

        with ThreadPoolExecutor(1) as pool:
            talking = pool.submit(accept)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
            talking.result(PATIENCE)


def post(url: str, content: bytes) -> RawResponse:
    ours = line()
    try:
        return ours.send(RawRequest(method="POST", url=url, headers={}, content=content))
    finally:
        ours.close()


def test_headers_and_body_leave_together() -> None:
    pieces = []

    def talk(connection: socket.socket) -> None:
        pieces.append(connection.recv(CHUNK))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with raw_server(talk) as url:
        assert post(url, b"the body").status == 200
    (piece,) = pieces
    assert piece.startswith(b"POST / HTTP/1.1\r\n")
    assert piece.endswith(b"\r\n\r\nthe body")


def test_a_long_body_leaves_whole() -> None:
    body, came = b"x" * 5 * FEW, bytearray()

    def talk(connection: socket.socket) -> None:
        while not came.endswith(b"\r\n\r\n" + body):
            came.extend(connection.recv(CHUNK))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with raw_server(talk) as url:
        assert post(url, body).status == 200
    assert came.count(b"POST ") == 1


@pytest.mark.parametrize("size", [10, 20 * CHUNK])
def test_an_answer_counts_that_came_before_all_was_sent(size: int) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while connection.recv(CHUNK):
                pass

    with raw_server(talk) as url:
        assert post(url, b"x" * size).status == 413


class Hands:
    """A clock that only sleeping moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(transport.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(transport.time, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


def test_requests_leave_evenly(hands: Hands) -> None:
    pacer = Pacer(4)
    left = []
    for _ in range(4):
        pacer.wait()
        left.append(hands.now)
    assert left == [0.0, 0.25, 0.5, 0.75]


def raw_response(status: int, **headers: str) -> RawResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawResponse(status=status, headers=named, content=b"", seconds=0.0)


def test_haste_makes_everybody_wait(hands: Hands) -> None:
    ours = line()
    ours.pause(raw_response(429, retry_after="3"), 0)
    assert hands.now == 3.0
    ours.pause(raw_response(502), 3)  # a fault of one request slows nobody else
    assert hands.now == pytest.approx(3.8)


def test_others_are_held_while_one_pauses(hands: Hands) -> None:
    pacer = Pacer(1000)
    pacer.hold(3)
    pacer.wait()
    assert hands.now == 3.0


NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": " 7 "}, 7.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": format_datetime(NOW + timedelta(seconds=5), usegmt=True)}, None),
        (
            {
                "retry_after": format_datetime(NOW + timedelta(seconds=5), usegmt=True),
                "date": format_datetime(NOW, usegmt=True),
            },
            5.0,
        ),
        (
            {
                "retry_after": format_datetime(NOW - timedelta(seconds=5), usegmt=True),
                "date": format_datetime(NOW, usegmt=True),
            },
            0.0,
        ),
    ],
)
def test_retry_after_is_read_in_either_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(raw_response(503, **headers)) == seconds


def test_a_long_wait_ends_inconclusive(hands: Hands) -> None:
    with pytest.raises(Inconclusive, match=r"after 60 s.*requests_per_second"):
        line().pause(raw_response(429, retry_after="60"), 0)
    assert hands.now == 0.0
