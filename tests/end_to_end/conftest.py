"""A place to run the command in several parts, on a reference that the test serves.

The test moves its clock between two commands; the profile names no virtual clock, as that of a
real deployment.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance.reference import Deployment, Settings, serve

EXAMPLES = Path(__file__).parents[2] / "conformance/examples"
PASSWORD = "Admin@2024"
HOUR = 60 * 60 * 1000
DAY = 24 * HOUR
INDIA = 5 * HOUR + HOUR // 2  # ahead of UTC
OVERNIGHT = ("--depth", "quick", "--only", "RCP-02", "--only", "RCP-04", "--only", "BIL-06")
PARTIAL = 4  # how a run of some requirements ends at best
WAITING = 8  # checks of these requirements that another day decides
LASTING = 6  # checks of others, which see again on another day what held at once
# Runs the command, and kills it when a method is called so often: before it, or after.
SUDDEN_END = """
import os, signal, sys
from importlib import import_module
module, owner, name, when, count = sys.argv.pop(1).split(":")
place = getattr(import_module(module), owner)
usual, calls = getattr(place, name), []
def sudden(*given, **named):
    calls.append(1)
    last = len(calls) == int(count)
    if last and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    returned = usual(*given, **named)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return returned
setattr(place, name, sudden)
from conformance.cli.main import main
main()
"""


class Place:
    """A served reference, a profile that describes it, and the runs on it."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        self.deployment = deployment
        self.folder = folder
        self.because: list[str] = []  # what the doctor says against a run, whose clock was moved
        self.environment_of_today: dict[str, str] = {}
        self.profile = folder / "target.yaml"
        settings = yaml.safe_load((EXAMPLES / "targets/reference.yaml").read_text("utf-8"))
        del settings["clock_url"]
        settings["base_url"] = deployment.base_url
        settings["mdms"] = {"repository": str(EXAMPLES / "mdms/pb")}
        settings["actors"]["administrator"]["password"] = "${ADMINISTRATOR}"
        self.settings = settings
        self.write()

    def write(self) -> None:
        self.profile.write_text(yaml.safe_dump(self.settings), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        profile = ("--target", str(self.profile))
        return [sys.executable, "-m", "conformance", *arguments, *profile]

    @property
    def environment(self) -> dict[str, str]:
        fixed = {"COLUMNS": "400", "ADMINISTRATOR": PASSWORD}
        return os.environ | fixed | self.environment_of_today

    def certify(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("certify", *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=1800,  # only a hung command takes as long, however busy the machine
            check=False,
        )

    def killed(self, *arguments: str, after: int) -> None:
        """Certify, and kill the command once it has decided so many checks."""
        with self.going_on(*arguments, after=after):
            pass

    def killed_at(self, moment: str, *arguments: str) -> None:
        """Certify, and kill the command at a moment: module:class:method:before|after:count."""
        words = self.command("certify", *arguments)
        done = subprocess.run(
            [sys.executable, "-c", SUDDEN_END, moment, *words[words.index("certify") :]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr

    @contextmanager
    def going_on(self, *arguments: str, after: int) -> Iterator[int]:
        """Have a command that has decided so many checks, by its number; it is killed then."""
        started = subprocess.Popen(
            self.command("certify", *arguments),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + 300
            while self.decided() < after:
                assert time.monotonic() < until
                assert started.poll() is None
                time.sleep(0.01)
            yield started.pid
        finally:
            started.send_signal(signal.SIGKILL)
            started.wait()

    def decided(self) -> int:
        journals = list((self.folder / "reports/runs").glob("*/journal.jsonl"))
        return journals[0].read_text("utf-8").count('{"kind": "finding"') if journals else 0

    def advance_to(self, hour: int) -> None:
        """Move the clock on to the next time that it is so late in India."""
        url = f"{self.deployment.base_url}/reference/clock"
        in_india = httpx.get(url).json()["now"] + INDIA
        self.advance((hour * HOUR - in_india) % DAY)

    def advance(self, milliseconds: int) -> None:
        url = f"{self.deployment.base_url}/reference/clock"
        httpx.post(url, json={"advance": milliseconds}).raise_for_status()

    @property
    def run(self) -> Path:
        (found,) = (self.folder / "reports/runs").iterdir()
        return found

    @property
    def results(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.run / "results.json").read_text("utf-8"))
        return document

    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.results["requirements"]}

    def checks(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.results["checks"]}

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.run)): path.read_bytes()
            for path in sorted(self.run.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with serve(Settings(**getattr(request, "param", {}))) as deployment:
        place = Place(deployment, tmp_path)
        if datetime.now(UTC).hour >= 18:  # after midnight in India one more check waits
            place.advance(DAY // 4)
            place.because = ["1 fault must be repaired (clock)"]
        yield place
