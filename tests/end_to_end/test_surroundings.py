"""Commands in poor surroundings: one message, the documented code, no traceback."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from conformance.core.resources import EXAMPLES

REFERENCE: Final = str(EXAMPLES / "targets/reference.yaml")
CERTIFY: Final = ("certify", "--only", "TXN-07", "--depth", "quick")
LINT: Final = ("mdms", "lint", str(EXAMPLES / "mdms/pb"))
PROFILE: Final = (
    "profile", "init", "city.yaml", "--offline", "--from", "answers.json",
    "--base-url", "http://127.0.0.1:9",
)  # fmt: skip
COMMANDS: Final[
    Mapping[str, tuple[tuple[str, ...], int]]
] = {  # words, and the code where all is well
    "certify": (CERTIFY, 4),
    "doctor": (("doctor", "--target", REFERENCE), 0),
    "mdms lint": (LINT, 0),
    "explain": (("explain", "TXN-08"), 0),
    "scenarios list": (("scenarios", "list"), 0),
    "ci init": (("ci", "init", "github", "--stdout"), 0),
}
POOR: Final[Mapping[str, Mapping[str, str]]] = {
    "LANG=C": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "40 columns": {"COLUMNS": "40", "LINES": "10"},
    "NO_COLOR": {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    "a dumb terminal": {"TERM": "dumb"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    output: str
    errors: str = field(default="")


def ended(
    folder: Path, *words: str, limit: Callable[[], None] | None = None, **given: str
) -> Ended:
    """Run a command with no terminal and no home; `given` is the rest of its environment."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "100"} | given
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf-8", errors="replace", timeout=300, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return Ended(code=done.returncode, output=done.stdout, errors=done.stderr)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("surroundings", POOR)
def test_poor_surroundings_change_no_code(tmp_path: Path, surroundings: str, name: str) -> None:
    words, code = COMMANDS[name]
    done = ended(tmp_path, *words, **POOR[surroundings])
    assert (done.code, done.errors) == (code, "")
    assert done.output.strip()
    if surroundings == "LANG=C":
        assert done.output.isascii()
    if surroundings == "a dumb terminal":
        assert "\x1b" not in done.output


def small_files() -> None:
    """Let no file grow beyond some kilobytes, as on a disk that fills up."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path: Path) -> None:
    ended(tmp_path, *CERTIFY)
    done = ended(tmp_path, "report", "--postman", "-o", "all.json", limit=small_files)
    assert (done.code, "all.json: cannot be written" in done.errors) == (2, True)
    assert not list(tmp_path.glob("*all.json*"))


def test_too_few_open_files_are_said_by_name(tmp_path: Path) -> None:
    done = ended(tmp_path, *CERTIFY, "--jobs", "8", limit=few_files)
    assert done.code == 2
    assert "raise that limit (ulimit -n), or lower --jobs" in done.errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("certify", "--reports", "/proc/none"), "/proc/none"),
        (("certify", "--reports", "taken"), "taken"),
        (("ci", "init", "github", "--output", "/proc/none/job.yml"), "cannot be written"),
        (("ci", "init", "github", "--output", "taken/job.yml"), "cannot be written"),
        (("mdms", "lint", "absent"), "absent"),
        (("report", "latest", "--postman"), "there is no run 'latest'"),
        (("waivers", "suggest"), "there is no run 'latest'"),
        (("serve", "--port", "80000"), "80000 is not in the range"),
        (("serve", "--port", "0", "--db", "taken/x.db"), "cannot be used as a database"),
        (("serve", "--host", "203.0.113.1", "--port", "0"), "203.0.113.1:0 cannot be used"),
        (("gateway", "--port", "80000"), "80000 is not in the range"),
        (("profile", "init", "taken/city.yaml"), "no terminal for questions"),
        (("certify", "--target", "/dev/null"), "/dev/null"),
        (("doctor", "--target", "taken"), "taken"),
        (("scenarios", "run", "absent.yaml"), "absent.yaml"),
    ],
)
def test_what_cannot_be_used_is_one_message(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "taken").write_text("- a\n", encoding="utf-8")
    done = ended(tmp_path, *words)
    assert (done.code, message in done.errors) == (2, True), done.errors
    assert (tmp_path / "taken").read_text("utf-8") == "- a\n"


def as_in_a_terminal() -> None:
    """Ignore no signal, whatever whoever started the tests ignores (`nohup` does SIGHUP)."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_server_that_is_ended_ends_well(tmp_path: Path, name: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "serve", "--port", "0"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=as_in_a_terminal,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Serving at ")
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) in {(0, ""), (130, "bbps-conformance: interrupted\n")}
