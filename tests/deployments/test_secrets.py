"""Secrets of the way to a deployment (headers, proxies, OAuth client) reach no artefact."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.results.secret_scan import scan
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Serve, described
from tests.servers import Handler, serving

KEY, COOKIE, PROXY, CLIENT = "Key-7f3a91", "sess=Cook1e-55", "Pr0xy-9912", "Cl1ent-4411"
SECRETS = (KEY, COOKIE, PROXY, CLIENT, "Admin@2024", "Cashier@2024")
HEADERS = {"X-Api-Key": KEY, "Cookie": COOKIE, "X-Tier": "gold"}


class Forwarding(Handler):
    """A proxy that forwards, and remembers the credentials it was given."""

    seen: list[dict[str, str]]

    def do_POST(self) -> None:
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        content = self.received()
        place = urlsplit(self.path)
        onward = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
        headers = {k: v for k, v in self.headers.items() if not k.lower().startswith("proxy-")}
        onward.request("POST", f"{place.path}?{place.query}", content, headers)
        response = onward.getresponse()
        body = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        onward.close()


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A proxy that wants a password; its URL, and the headers that it saw."""
    seen: list[dict[str, str]] = []
    handler = type("Handler", (Forwarding,), {"seen": seen})
    with serving(handler) as port:
        yield f"http://me:{PROXY}@127.0.0.1:{port}", seen


def test_no_artefact_of_a_run_holds_one(
    served: Serve, proxy: tuple[str, list[dict[str, str]]], tmp_path: Path
) -> None:
    egress, seen = proxy
    deployment = served(client_secret=CLIENT)
    document = described(
        deployment.base_url,
        network={"headers": HEADERS, "egress": egress, "second_egress": "local:127.0.0.2"},
        oauth={"client_id": "egov-user-client", "client_secret": CLIENT},
    )
    profile = tmp_path / "target.yaml"
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    config = RunConfig(
        target=profile, reports=tmp_path / "reports", depth="quick",
        only=("USR-03", "USR-04", "USR-11", "TXN-05", "RCP-01", "PAY-01"),
    )  # fmt: skip
    run, _ = carry_out(config)
    assert run.results is not None
    sent = seen[-1]
    assert (sent["x-api-key"], sent["cookie"], sent["x-tier"]) == (KEY, COOKIE, "gold")
    assert "proxy-authorization" in sent
    written = [path for path in run.folder.rglob("*") if path.is_file()]
    assert {"results.json", "junit.xml", "ledger.jsonl"} <= {path.name for path in written}
    tokens = run.redactor.secrets
    assert set(SECRETS) <= tokens
    assert scan(tmp_path / "reports", tokens) == []
    settings = (run.folder / "results.json").read_text(encoding="utf-8")
    assert "127.0.0.1" in settings
    assert "me@" not in settings


def test_no_message_holds_one_when_the_proxy_is_dead(tmp_path: Path) -> None:
    document = described(
        "http://127.0.0.1:9", network={"headers": HEADERS, "egress": f"http://me:{PROXY}@127.0.0.1:9"},
        limits={"retries": 0},
    )  # fmt: skip
    profile = tmp_path / "target.yaml"
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    for command in ("doctor", "certify"):
        done = CliRunner().invoke(
            main, [command, "-t", str(profile), "--reports", str(tmp_path / "reports")]
        )
        assert done.exit_code == 2
        assert "the proxy of network.egress is down" in " ".join(done.output.split())
        assert not [secret for secret in SECRETS if secret in done.output]
    assert scan(tmp_path / "reports", SECRETS) == []
