"""Who works on a run holds it: alone, visibly, and no longer than the process lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.results.lock import LOCK, RunLock, RunLocked

HOLDER = """
import sys
from pathlib import Path
from conformance.results.lock import RunLock
hold = RunLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_is_named_and_a_kill_lets_go(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    for _ in range(2):  # whoever tries leaves the name of the holder as it is
        with pytest.raises(RunLocked, match=f"in process {holder.pid};"):
            RunLock(tmp_path)
    holder.kill()
    holder.communicate()
    RunLock(tmp_path).release()


def test_a_hold_ends_when_it_is_released_or_forgotten(tmp_path: Path) -> None:
    hold = RunLock(tmp_path)
    assert (tmp_path / LOCK).read_text(encoding="utf-8") == f"pid{os.getpid()}"
    with pytest.raises(RunLocked):
        RunLock(tmp_path)
    hold.release()
    hold.release()
    assert not (tmp_path / LOCK).read_text(encoding="utf-8")
    again = RunLock(tmp_path)
    del again
    RunLock(tmp_path).release()


def test_a_folder_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    RunLock(tmp_path / "no run").release()
    assert not (tmp_path / "no run").exists()
