"""Answers as gateways and proxies spoil them: read as the standards say, or undecided by name."""

import gzip
import itertools
import json
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from pydantic import ValidationError

from conformance.client import deadline
from conformance.client.client import Unanswered
from conformance.client.transport import OF_TLS, RawRequest, Transport
from conformance.core.curl import curl
from conformance.core.errors import SetupError
from conformance.profile.target import Limits, Target
from conformance.results.exchange_store import ExchangeStore
from tests.servers import Handler, serving
from tests.unit.client.conftest import Line, Talk

FOUND: Mapping[str, Any] = {"ResponseInfo": None, "Transaction": [{"txnId": "J\u00fc 1.10"}]}
PLAIN = json.dumps(FOUND, ensure_ascii=False)


def asked(talk: Talk) -> Any:
    """What a search brings, or why it brings nothing."""
    try:
        return talk.client.call("transaction.search", query={"txnId": "1"}).body
    except Unanswered as problem:
        return problem.message
    finally:
        last = talk.recorded[-1]
        json.dumps(last.as_json(), ensure_ascii=False).encode()  # every file takes it
        ExchangeStore().add(last)
        curl(last).encode()


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (PLAIN.encode("utf-8-sig"), {}),
        (PLAIN.encode("utf-16"), {}),
        (PLAIN.encode("utf-32"), {"Content-Type": "application/json;charset=utf-32"}),
        (PLAIN.encode("latin-1"), {"Content-Type": "application/json; Charset=ISO-8859-1"}),
        (PLAIN.encode(), {"Content-Type": 'Application/JSON;charset="ISO-8859-1"'}),
        (gzip.compress(PLAIN.encode(), mtime=0), {"Content-Encoding": "x-gzip"}),
        (PLAIN.replace("{", '{"Transaction": 5,', 1).encode(), {}),
        (PLAIN.encode(), {"X-Note": "\u00e9\u00ff", "Set-Cookie": "\u00fc=\u00e4; Expires=Bad"}),
        (PLAIN.encode(), {"Date": "Tue, 15 Nov 9999 23:59:59 -2400"}),
    ],
)
def test_what_the_standards_allow_is_read(
    line: Line, talk: Talk, content: bytes, headers: dict[str, str]
) -> None:
    line.script = [(200, headers, content)]
    assert asked(talk) == FOUND


@pytest.mark.parametrize(
    ("status", "content", "headers", "reason"),
    [
        (200, PLAIN.encode(), {"Content-Encoding": "gzip"}, "not what Content-Encoding gzip says"),
        (
            200,
            gzip.compress(PLAIN.encode(), mtime=0)[:-9],
            {"Content-Encoding": "gzip"},
            "it breaks off",
        ),
        (
            200,
            gzip.compress(PLAIN.encode(), mtime=0),
            {},
            "compressed, and no Content-Encoding says so",
        ),
        (200, PLAIN.encode(), {"Content-Encoding": "br"}, "br was not requested"),
        (200, PLAIN.encode("latin-1"), {}, "byte 52 is not text in UTF-8"),
        (200, b'{"a": NaN}', {}, "NaN in it is no number of JSON"),
        (200, b'{"a": ' + b"7" * 5000 + b"}", {}, "a number in it is too long"),
        (200, b'{"a": 1e777777777777}', {}, "a number in it is too long"),
        (200, b"[" * 70_000, {}, "nested more than 100 levels deep"),
        (200, PLAIN.encode()[:-5], {}, "cannot be read: it breaks off before its JSON ends"),
        (301, b"", {"Location": "https://a.example/x?t=1"}, "redirects to https://a.example/x"),
        (302, b"<html>", {}, "HTTP 302, a redirect to no address"),
        (307, b'{"message": "moved"}', {"Location": "/b"}, "HTTP 307, which redirects to /b"),
        (300, b'{"Errors": [{"code": "X"}]}', {}, "HTTP 300, a redirect to no address"),
        (304, b"", {}, "HTTP 304, which refers to the copy of a cache, and the suite keeps none"),
        (999, b'{"Errors": [{"code": "X"}]}', {}, "HTTP 999, which is no status of HTTP"),
        (600, b"{}", {}, "HTTP 600, which is no status of HTTP"),
        (400, b'{"Errors":[{"code":"X","message":"\xfc"}]}', {}, "not text in UTF-8"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_undecided_with_its_cause(
    line: Line, talk: Talk, status: int, content: bytes, headers: dict[str, str], reason: str
) -> None:
    line.script = [(status, headers, content)] * 4
    assert reason in str(asked(talk))
    assert reason in talk.recorded[-1].failure
    assert talk.recorded[-1].status == status
    store = ExchangeStore()
    store.add(talk.recorded[-1])
    assert not [*store.where("fair")]  # it says nothing of the contract


def test_half_of_a_character_is_read_sent_again_and_kept(line: Line, talk: Talk) -> None:
    line.script = [(200, {}, b'{"Transaction": [{"txnId": "half \\ud83d"}]}')] * 2
    half = asked(talk)["Transaction"][0]["txnId"]
    assert half == "half \ud83d"
    assert talk.recorded[-1].response_body == '{"Transaction": [{"txnId": "half \\ud83d"}]}'
    talk.client.call("transaction.search", query={"txnId": half}, body={"name": half})
    assert rb'"name": "half \ud83d"' in line.asked[-1][2]


def test_an_undecodable_body_hides_no_secret(line: Line, talk: Talk) -> None:
    line.script = [(200, {"Content-Encoding": "br"}, gzip.compress(b'{"access_token": "a"}'))] * 4
    asked(talk)
    assert talk.recorded[-1].response_body.startswith("(41 bytes that are no text, beginning with")


def test_no_cookie_is_ever_sent_and_all_that_is_sent_is_evidence(line: Line, talk: Talk) -> None:
    line.script = [(200, {"Set-Cookie": "SESSION=4711; Path=/"}, PLAIN.encode())] * 2
    asked(talk)
    asked(talk)
    sent = {name.lower() for name in talk.recorded[-1].request_headers}
    assert "cookie" not in sent
    assert sent >= {"host", "user-agent", "accept-encoding", "content-length", "traceparent"}


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[int]:
    """Answer each connection with a start, and then with a drop for ever; yields the port."""

    class Dripping(BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(start)
            while self.client_is_there():
                self.request.sendall(drop)

        def client_is_there(self) -> bool:
            readable, _, _ = select.select([self.request], [], [], 0.02)
            return not readable or bool(self.request.recv(65536))

    with ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # broken connections
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def hasty(seconds: float, **network: Any) -> Target:
    return target(**network).model_copy(update={"limits": Limits(timeout_seconds=seconds)})


def target(**network: Any) -> Target:
    return Target.model_validate(
        {"name": "x", "base_url": "http://x", "tenant": "pb.a", "state_tenant": "pb",
         "network": network, "limits": {"timeout_seconds": 5}}
    )  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [{"X-City": "\u0905"}, {"X-City": "a\r\nX-Admin: 1"}, {"X City": "a"}, {"": "a"},
     {"X-City": "a\0"}, {"X-City": "half \ud83d"}, {"X-C\u00e9": "a"}],
)  # fmt: skip
def test_a_header_that_cannot_be_sent_is_a_mistake_of_the_profile(headers: dict[str, str]) -> None:
    with pytest.raises(
        ValidationError, match=r"one line of ASCII|is no name of a header|a valid string"
    ):
        target(headers=headers)


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Accept-Encoding", "TE"])
def test_what_frames_a_request_is_no_setting(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} is set by the client itself; leave it out"):
        target(headers={name: "3"})


@pytest.mark.parametrize(
    "network",
    [{"egress": "http://proxy.town:99999"}, {"second_egress": "http://proxy.town:x"},
     {"egress": "http://[::1"}, {"egress": "http://a b"}],
)  # fmt: skip
def test_a_proxy_that_nobody_can_call_is_a_mistake_of_the_profile(network: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"must be local:ADDRESS or http\(s\)://proxy:port"):
        target(**network)


@pytest.mark.parametrize("value", ["", "a", "two words", 'a;b="c"'])
def test_any_other_header_is_taken(value: str) -> None:
    assert target(headers={"X-City": value}).network.headers["X-City"].get_secret_value() == value


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:99999/", "no connection"),
        ("http://a..b/", "no connection"),
        (f"http://{'a' * 70}.example/", "no connection"),
        ("ftp://127.0.0.1/", "no connection: the address cannot be used"),
        ("http://[::1/", "no connection: the address cannot be used"),
    ],
)
def test_an_address_that_cannot_be_used_is_a_failure_by_name(url: str, reason: str) -> None:
    transport = Transport(target())
    answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
    transport.close()
    assert answer.status is None
    assert not answer.sent
    assert answer.failure.startswith(reason)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("start", "drop", "status"),
    [
        (b"HTTP/1.1 ", b"2", None),
        (OK + b"X-Note: ", b"a", None),
        (OK, b"A: b\r\n", None),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", None),
        (OK + b"\r\n", b" ", 200),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 200),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Note: ", b"a", 200),
    ],
)
@pytest.mark.parametrize("by_proxy", [False, True], ids=["", "by a proxy"])
def test_an_answer_that_comes_in_drops_has_an_end(
    monkeypatch: pytest.MonkeyPatch, start: bytes, drop: bytes, status: int | None, by_proxy: bool
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(deadline, "monotonic", lambda: float(next(ticks)))
    with dripping(start, drop) as port:
        egress = f"http://127.0.0.1:{port}" if by_proxy else ""
        host = "deployment.example" if by_proxy else f"127.0.0.1:{port}"
        transport = Transport(hasty(12, egress=egress))
        url = f"http://{host}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
        transport.close()
    assert answer.failure == "no answer in time: not complete within 12 s"
    assert answer.status == status
    assert answer.sent


def test_silence_has_an_end() -> None:
    with dripping(b"", b"") as port:
        transport = Transport(hasty(1))
        url = f"http://127.0.0.1:{port}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
        transport.close()
    assert answer.failure == "no answer in time: not complete within 1 s"


@pytest.mark.parametrize("drop", [b"", b"\x16\x03\x01\x40\x00"])
def test_a_handshake_that_hangs_has_an_end_and_nothing_was_sent(drop: bytes) -> None:
    with dripping(b"", drop) as port:
        transport = Transport(hasty(1))
        url = f"https://127.0.0.1:{port}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
        transport.close()
    assert answer.failure == "no connection: no TLS handshake within 1 s"
    assert not answer.sent


def test_a_tunnel_that_hangs_has_an_end() -> None:
    with dripping(OK + b"X-Note: ", b"a") as port:
        transport = Transport(hasty(1, egress=f"http://127.0.0.1:{port}"))
        url = "https://deployment.example/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
        transport.close()
    assert answer.failure == "no answer in time: not complete within 1 s"


def test_a_host_is_found_under_any_of_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Quick(Handler):
        def do_GET(self) -> None:
            self.respond(200, b"{}")

    looked_up = socket.getaddrinfo

    def several(host: str, port: int, *others: Any, **named: Any) -> list[Any]:
        return [
            each
            for address in (["127.0.0.3", "127.0.0.1"] if host == "city.example" else [host])
            for each in looked_up(address, port, *others, **named)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    transport = Transport(target())
    with serving(Quick) as port:  # on 127.0.0.1 only
        url = f"http://city.example:{port}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
    transport.close()
    assert (answer.status, answer.failure) == (200, "")


def test_of_a_header_that_stands_twice_both_values_are_kept() -> None:
    class Repeating(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            for value in ("a", "b"):
                self.send_header("X-Note", value)
            self.end_headers()

    transport = Transport(target())
    with serving(Repeating) as port:
        url = f"http://127.0.0.1:{port}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
    transport.close()
    assert answer.headers["x-note"] == "a, b"


def test_answers_that_end_early_have_one_cause_however_long_they_are() -> None:
    class Short(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "9")
            self.end_headers()
            self.wfile.write(b"{}")

    transport = Transport(target())
    with serving(Short) as port:
        url = f"http://127.0.0.1:{port}/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
    transport.close()
    assert answer.sent
    assert answer.failure.startswith("the connection broke: peer closed connection")
    assert not any(map(str.isdigit, answer.failure))


def test_what_a_proxy_lets_not_through_was_not_sent() -> None:
    class Refusing(Handler):
        def do_CONNECT(self) -> None:
            self.respond(407, b"")

    with serving(Refusing) as port:
        transport = Transport(target(egress=f"http://127.0.0.1:{port}"))
        url = "https://127.0.0.1:1/"
        answer = transport.send(RawRequest(method="GET", url=url, headers={}, content=b""))
        transport.close()
    assert not answer.sent
    assert answer.failure.startswith("no connection: the proxy lets nothing through: 407")


@pytest.mark.parametrize(
    ("variable", "file"),
    [("SSL_CERT_FILE", "gone/x.pem"), ("SSL_CERT_FILE", "bad.pem"), ("SSLKEYLOGFILE", "gone/log")],
)
def test_certificates_that_are_gone_are_no_fault_of_the_deployment(
    variable: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.pem").write_text("no certificate", encoding="utf-8")
    for each in OF_TLS:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(variable, str(tmp_path / file))
    transport = Transport(target())
    with pytest.raises(SetupError, match=f"cannot be loaded .*correct or unset {variable}"):
        transport.send(
            RawRequest(method="GET", url="HTTPS://127.0.0.1:9/", headers={}, content=b"")
        )
    plain = RawRequest(method="GET", url="http://127.0.0.1:9/", headers={}, content=b"")
    assert transport.send(plain).failure.startswith("no connection"), "needs no certificates"
