"""`--help` stays light: heavy packages are imported by the commands that need them."""

import subprocess
import sys

HEAVY = {"pytest", "httpx", "schemathesis", "hypothesis", "pydantic", "rich", "jinja2", "uvicorn"}


def test_command_line_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import conformance.cli.main"],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & HEAVY


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "--help"], capture_output=True, text=True, check=True
    )
    for name in ("certify", "serve", "list", "explain", "contracts", "gateway"):
        assert name in done.stdout
