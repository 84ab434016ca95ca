"""The first signal interrupts, those that follow break nothing off, and none is lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core import interrupts
from conformance.core.interrupts import CODE, ended_by_signals

BEGUN = """\
import gc, os, signal, sys, threading, weakref
from conformance.core import interrupts
from conformance.core.interrupts import whole_process

def press(number=signal.SIGINT):
    os.kill(os.getpid(), number)

"""


def ended(folder: Path, program: str) -> tuple[int, str]:
    """Run a program in a process that ignores no signal; return its code and its errors."""
    path = folder / "program.py"
    path.write_text(BEGUN + program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=heeding, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return done.returncode, done.stderr


def heeding() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_signals_that_follow_break_off_no_ending(tmp_path: Path) -> None:
    program = """\
def command():
    try:
        press()
        threading.Event().wait(30)
    finally:
        for _ in range(3):
            press()
        press(signal.SIGTERM)
        sys.stderr.write("all is kept\\n")
whole_process(command)
"""
    assert ended(tmp_path, program) == (CODE, "all is kept\nbbps-conformance: interrupted\n")


def test_a_command_that_does_not_end_is_ended_by_another_signal(tmp_path: Path) -> None:
    program = """\
interrupts.PATIENCE = 0.0
def command():
    try:
        press()
        threading.Event().wait(30)
    finally:
        while True:
            press()
whole_process(command)
"""
    message = "bbps-conformance: interrupted again, so it ended at once\n"
    assert ended(tmp_path, program) == (CODE, message)


def test_an_interrupt_that_python_would_forget_is_heeded(tmp_path: Path) -> None:
    program = """\
class Thing:
    pass

def command():
    thing = Thing()
    thing.itself = thing
    forgotten = weakref.ref(thing, lambda _: press() or sum(range(1000)))
    del thing
    gc.collect()
    threading.Event().wait(30)
    sys.exit(4)
whole_process(command)
"""
    assert ended(tmp_path, program) == (CODE, "bbps-conformance: interrupted\n")


@pytest.mark.parametrize("code", [0, 1, 4, CODE])
def test_a_signal_while_python_ends_changes_no_code(tmp_path: Path, code: int) -> None:
    program = f"""\
import atexit

def command():
    atexit.register(press)
    sys.exit({code})
atexit.register(press)
whole_process(command)
"""
    assert ended(tmp_path, program) == (code, "")


def test_threads_that_work_on_crash_no_interrupted_command(tmp_path: Path) -> None:
    program = """\
def command():
    threading.Thread(target=lambda: [sum(range(99)) for _ in iter(int, 1)], daemon=True).start()
    press()
    threading.Event().wait(30)
whole_process(command)
"""
    assert ended(tmp_path, program) == (CODE, "bbps-conformance: interrupted\n")


def test_signals_that_are_ignored_stay_so_and_all_are_left_as_they_were() -> None:
    names = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    hook = sys.unraisablehook
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with ended_by_signals():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGINT) not in interrupts.USUAL
            with ended_by_signals():  # as a command within the process of one
                pass
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is names[signal.SIGINT]
        assert sys.unraisablehook is hook
    finally:
        signal.signal(signal.SIGTERM, names[signal.SIGTERM])
