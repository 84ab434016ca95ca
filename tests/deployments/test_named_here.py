"""A deployment on this machine under a name of its own: the run on it is a rehearsal."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from conformance.core.errors import ExitCode
from conformance.results.rehearsal import Rehearsal
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.examination.verifying import examine
from tests.deployments.conftest import Serve, described

NAME = "uat.digit.org"


@pytest.fixture
def named_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name lead to loopback, as a line of /etc/hosts does."""
    looked_up = socket.getaddrinfo

    def known(host: str, *others: Any, **named: Any) -> list[Any]:
        return list(looked_up("127.0.0.1" if host == NAME else host, *others, **named))

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.mark.usefixtures("named_here")
def test_a_run_on_a_name_of_this_machine_is_a_rehearsal(
    served: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = urlsplit(served().base_url).port
    document = described(f"http://{NAME}:{port}", mdms={"repository": None})
    for name, actor in document["actors"].items():
        if "password" in actor:
            monkeypatch.setenv(name.upper(), actor["password"])
            actor["password"] = f"${{{name.upper()}}}"
    profile = tmp_path / "target.yaml"
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    only = frozenset({"MDM-02"})
    run, _ = carry_out(RunConfig(target=profile, only=only, reports=tmp_path / "reports"))
    assert run.results is not None
    assert run.results.header.rehearsal == Rehearsal(because="resolved")
    assert run.results.verdict_line.startswith("REHEARSAL: ")
    page = (run.folder / "summary.md").read_text("utf-8")
    assert "whose name leads to this machine" in page
    monkeypatch.setattr(socket, "getaddrinfo", None)  # to examine a run needs no network
    proof = examine(run.folder, today=datetime.now(UTC).date())
    assert proof.exit_code is ExitCode.POLICY
    assert "it is a rehearsal on a deployment whose name leads to this machine" in proof.conclusion
