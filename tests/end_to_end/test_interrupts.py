"""Ctrl-C pressed several times: a run ends as after once, its findings are kept, no traceback."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.end_to_end.test_surroundings import as_in_a_terminal

DEADLINE = 120  # seconds; only a hung command takes as long
TIMES = 6


@pytest.mark.parametrize("jobs", ["1", "4"])
@pytest.mark.parametrize("gap", [0, 5, 50, 300])  # milliseconds
def test_however_often_it_is_pressed_the_run_ends_as_after_once(
    tmp_path: Path, jobs: str, gap: int
) -> None:
    words = ("certify", "--jobs", jobs, "--depth", "quick", "--reports", ".")
    with subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ), preexec_fn=as_in_a_terminal,
    ) as process:  # fmt: skip
        pause = threading.Event()
        deadline = time.monotonic() + DEADLINE
        while findings(tmp_path) < 1:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            pause.wait(0.02)
        for _ in range(TIMES):
            process.send_signal(signal.SIGINT)
            pause.wait(gap / 1000)
        try:
            printed, errors = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()

    assert process.returncode == 130, errors
    assert "the run was interrupted; its findings are kept in " in errors
    assert "Traceback" not in printed + errors
    assert findings(tmp_path) >= 1
    assert not list(tmp_path.rglob("certificate.html"))


def findings(folder: Path) -> int:
    """Return how many findings the journals of a folder hold."""
    return sum(path.read_bytes().count(b'"verdict"') for path in folder.rglob("journal.jsonl"))
