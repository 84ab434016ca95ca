"""The doctor on bad lines: it distinguishes network from TLS, and blames no service for a proxy."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.doctor import AREAS, State
from tests.deployments.conftest import Go, Serve, Visit
from tests.servers import Handler, serving

ONCE = {"retries": 0, "timeout_seconds": 10}
HASTY = {"retries": 0, "timeout_seconds": 0.5}  # where the answer never comes in time
JSON = "application/json"
PAGE = "<html><title>Welcome</title></html>"
Answering = Callable[..., int]


@contextmanager
def server(
    status: int, media_type: str, body: str, certificate: tuple[Path, Path] | None = None
) -> Iterator[int]:
    """Serve one answer to everything; yields the port."""

    class Alike(Handler):
        def do_POST(self) -> None:
            self.received()
            later = {"Retry-After": "600"} if status == 429 else {}
            self.respond(status, body.encode(), {"Content-Type": media_type} | later)

    with serving(Alike, certificate) as port:
        yield port


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Start servers while a test lasts; they answer everything alike."""
    with ExitStack() as stack:
        yield lambda *response, **kind: stack.enter_context(server(*response, **kind))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", str(paths[0]), "-keyout", str(paths[1])],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths


def only(seen: Visit, area: str) -> Any:
    """The one fault; nothing else can be seen, and is reported as not examined."""
    fault = seen.only
    assert fault.area == area, seen.text
    assert fault.blocking
    others = [diagnostic for diagnostic in seen.examination.diagnostics if diagnostic is not fault]
    assert {diagnostic.area for diagnostic in others} == set(AREAS) - {area}
    assert all(diagnostic.state is State.UNSEEN for diagnostic in others)
    return fault


def test_nothing_listens(visit: Go) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        fault = only(visit(address, limits=ONCE), "network")
    assert "nothing listens" in fault.cause
    assert f"curl -sS -X POST '{address}/pg-service" in fault.remedy


def test_host_is_unknown(visit: Go) -> None:
    fault = only(visit("http://nowhere.invalid", limits=ONCE), "network")
    assert "host name" in fault.cause


def test_deployment_is_too_slow(served: Serve, visit: Go) -> None:
    fault = only(visit(served(latency_ms=3000).base_url, limits=HASTY), "network")
    assert "limits.timeout_seconds" in fault.remedy
    assert "no answer in time" in fault.evidence or "timed out" in fault.evidence


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        ((502, "text/html", PAGE), "a proxy answers in the deployment's place"),
        ((503, JSON, "{}"), "a proxy answers in the deployment's place"),
        ((429, JSON, "{}"), "429 (too many requests)"),
        ((200, "text/html", PAGE), "base_url leads to a web server"),
    ],
    ids=["502", "503", "429", "a page with 200"],
)
def test_something_else_answers(
    answering: Answering, visit: Go, response: tuple[Any, ...], cause: str
) -> None:
    fault = only(visit(f"http://127.0.0.1:{answering(*response)}", limits=ONCE), "network")
    assert cause in fault.cause


def test_certificate_is_self_signed(
    answering: Answering, visit: Go, certificate: tuple[Path, Path]
) -> None:
    port = answering(401, JSON, "{}", certificate=certificate)
    address = f"https://127.0.0.1:{port}"
    fault = only(visit(address, limits=ONCE), "TLS")
    assert "not signed by an authority" in fault.cause
    assert "network.ca_file" in fault.remedy
    trusted = visit(address, limits=ONCE, network={"ca_file": str(certificate[0])})
    assert "TLS" not in {area for area, _ in trusted.faults}


def test_https_leads_to_a_plain_port(served: Serve, visit: Go) -> None:
    address = served().base_url.replace("http:", "https:")
    fault = only(visit(address, limits=ONCE), "TLS")
    assert "plain http port" in fault.cause
    assert "http://" in fault.remedy


def test_http_leads_to_a_tls_port(
    answering: Answering, visit: Go, certificate: tuple[Path, Path]
) -> None:
    port = answering(401, JSON, "{}", certificate=certificate)
    fault = only(visit(f"http://127.0.0.1:{port}", limits=ONCE), "network")
    assert "https://" in fault.remedy


def test_a_server_that_knows_no_path_is_no_gateway(answering: Answering, visit: Go) -> None:
    port = answering(404, JSON, '{"error": "Not Found"}')
    found = only(visit(f"http://127.0.0.1:{port}", limits=ONCE), "network")
    assert found.what == "there is no DIGIT gateway at this address"
    assert "path prefix" in found.remedy


def test_no_user_service_behind_the_gateway(visit: Go) -> None:
    class WithoutUsers(Handler):
        def do_POST(self) -> None:
            self.received()
            status = 404 if "/oauth/" in self.path else 401
            self.respond(status, b"{}", {"Content-Type": JSON})

    with serving(WithoutUsers) as port:
        seen = visit(f"http://127.0.0.1:{port}", limits=ONCE)
    assert {area for area, _ in seen.faults} == {"credential"}
    remedies = [diagnostic.remedy for diagnostic in seen.examination.faults]
    assert all("network.prefixes" in remedy for remedy in remedies)
    assert [("curl " in remedy) for remedy in remedies] == [True, *[False] * (len(remedies) - 1)]
    assert len(remedies) > 1
