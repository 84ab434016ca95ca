"""Bad input ends in one message and exit code 2, the same under `certify` and plain pytest."""

import errno
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.verdicts import Finding
from conformance.run.embedded import default_profile
from conformance.run.session import Run

CERTIFY = ("-m", "conformance", "certify")
PYTEST = (
    "-m", "pytest", "-q", "-p", "no:cacheprovider",
    "--pyargs", "conformance.checks", "-k", "owner",
)  # fmt: skip
BAD = {
    "unknown fault": (("--fault", "nonsense"), "there is no fault 'nonsense'"),
    "unknown lineage": (("--lineage", "nonsense"), "--lineage 'nonsense': write one of strict"),
    "unknown depth": (("--depth", "nonsense"), "--depth 'nonsense': write one of quick"),
    "unknown mode": (("--mode", "nonsense"), "--mode 'nonsense': write one of inspect"),
    "no jobs": (("--jobs", "0"), "--jobs 0: write a number from 1 to 64"),
    "unknown requirement": (("--only", "TXN-80"), 'unknown requirement "TXN-80"'),
    "no profile": (("--target", "absent.yaml"), "absent.yaml: cannot be read"),
    "a profile with a mistake": (("--target", "misspelt.yaml"), "moed"),
    "no contract": (("--contract", "pg-service"), "--contract 'pg-service': write SERVICE=FILE"),
    "a contract with a mistake": (("--contract", "pg-service=broken.yml"), "broken.yml, line 1"),
    "a fault of no reference": (
        ("--target", "real.yaml", "--fault", "owner-check-off"),
        "--fault is for the embedded reference",
    ),
    "nothing answers": (("--target", "real.yaml"), "http://127.0.0.1:9: the target is not ready"),
    "production": (("--target", "production.yaml"), "--i-know-this-is"),
    "a port that is taken": (("--target", "taken.yaml"), "cannot listen on 127.0.0.1:"),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with profiles and contracts that cannot be used."""
    usual = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        simulator = {
            "bind": "127.0.0.1", "port": port, "public_url": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        for name, changes in {
            "misspelt": {"moed": "full"},
            "real": {"base_url": "http://127.0.0.1:9"},
            "production": {"base_url": "http://127.0.0.1:9", "production": True},
            "taken": {
                "outcome": {
                    "style": "gateway-simulator", "gateway": "AXIS", "simulator": simulator,
                }
            },
        }.items():  # fmt: skip
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({**usual, **changes}), "utf-8")
        (tmp_path / "broken.yml").write_text("swagger: [\n", encoding="utf-8")
        yield tmp_path


def ended(place: Path, *command: str) -> tuple[int, str]:
    """Exit code of a command, and what it printed, its lines as one."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=place, env=os.environ | {"COLUMNS": "400"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    printed = " ".join((done.stdout + done.stderr).split())
    return done.returncode, re.sub(r"http://127\.0\.0\.1:\d{2,}", "http://embedded", printed)


@pytest.mark.parametrize("name", BAD)
def test_one_message_and_one_code(place: Path, name: str) -> None:
    options, expected = BAD[name]
    code, printed = ended(place, *CERTIFY, *options)
    message = printed[printed.index("bbps-conformance: ") :]
    assert expected in message
    assert code == 2

    code, by_pytest = ended(place, *PYTEST, *options)

    assert message in by_pytest
    assert code == 2
    for text in (printed, by_pytest):
        assert "Traceback" not in text
        assert "INTERNALERROR" not in text
    assert not list(place.rglob("results.json"))


def test_serve_names_the_port_that_is_taken(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("serve", "gateway"):
            code, printed = ended(place, "-m", "conformance", command, "--port", port)
            assert (code, printed) == (
                2,
                f"bbps-conformance: 127.0.0.1:{port} is taken; choose another --port",
            )


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_what_breaks_a_run_is_one_message_and_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    def broken(_run: Run, _finding: Finding) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Run, "file", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    options = ["--only", "PAY-06", "--jobs", jobs, "--reports", str(tmp_path / "reports")]

    done = CliRunner().invoke(main, ["certify", *options])

    assert done.exit_code == 3
    assert "bbps-conformance: OSError: [Errno 5] Input/output error\n" in done.stderr
    assert "It cannot be continued, because the embedded reference ended with it" in done.stderr
    assert "This is an error of the suite. Please report it. Details: " in done.stderr
    assert not list(tmp_path.rglob("junit.xml"))


def test_a_full_disk_is_no_error_of_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_run: Run, _finding: Finding) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Run, "file", full)
    done = CliRunner().invoke(main, ["certify", "--only", "PAY-06", "--reports", str(tmp_path)])
    assert done.exit_code == 2
    assert "the disk is full; free some space, then run the command again\n" in done.stderr
    assert "It cannot be continued, because the embedded reference ended with it" in done.stderr
