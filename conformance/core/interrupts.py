"""Signals that would end the process interrupt a command, once: nothing breaks off its ending."""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")
USUAL: Final = (signal.SIG_DFL, signal.default_int_handler)  # anything else is somebody's wish
PATIENCE: Final = 5.0  # seconds that a command is given to end, whatever signals follow
AGAIN: Final = 0.05  # seconds until an interrupt that was lost is raised once more
CODE: Final = 130  # of a command that was interrupted


class Interrupts:
    """What becomes of signals: the first raises KeyboardInterrupt, those that follow nothing.

    A command that has not ended after PATIENCE ends at once when one more comes: what it wrote
    until then is kept, as of one that was killed.
    """

    def __init__(self) -> None:
        self._ending_since: float | None = None  # time.monotonic()
        self._before: dict[int, Any] = {}
        self._hook = sys.unraisablehook
        self._number = 0  # of the first signal
        self._code: Any = None  # with which the command has ended

    def heed(self, *handlers: Any) -> None:
        """Take the signals that nobody takes but these; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in NAMES if hasattr(signal, name)):
                if signal.getsignal(number) in (*USUAL, *handlers):
                    self._before[number] = signal.signal(number, self._take)
            if self._before:
                sys.unraisablehook = self._heed_what_was_lost

    def leave(self) -> None:
        """Leave the signals to what took them before."""
        if self._before:
            sys.unraisablehook = self._hook
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def end(self, code: Any) -> None:
        """Raise nothing more, because the command has ended with a code."""
        self._code = code
        self._ending_since = self._ending_since or time.monotonic()

    def finish(self) -> None:
        """End a process that was interrupted, and let no signal disturb the end of others.

        Python itself would wait for threads that still work, and crash where it cannot stop them.
        """
        if self._code == CODE:
            os._exit(CODE)
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self._ending_since is None:
            self._number, self._ending_since = number, time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._ending_since > PATIENCE:
            say("interrupted again, so it ended at once")
            os._exit(CODE)

    def _heed_what_was_lost(self, lost: "sys.UnraisableHookArgs") -> None:
        """Interrupt once more where Python forgets it, as in a callback of `weakref`."""
        if lost.exc_type is not KeyboardInterrupt:
            self._hook(lost)
        elif self._code is None:
            self._ending_since = None
            threading.Timer(AGAIN, os.kill, (os.getpid(), self._number)).start()


@contextmanager
def ended_by_signals(*handlers: Any) -> Iterator[None]:
    """Raise KeyboardInterrupt within for the first signal that ends a process; see `Interrupts`.

    A signal that is ignored stays so, and so does one that somebody takes, but for `handlers`.
    """
    interrupts = Interrupts()
    interrupts.heed(*handlers)
    try:
        yield
    finally:
        interrupts.leave()


def whole_process(command: Callable[[], object]) -> None:
    """Run a command until it exits; one that is interrupted ends with one line and CODE.

    The signals are taken until the process is gone: Python itself would print a traceback for one
    that comes while it ends.
    """
    interrupts = Interrupts()
    atexit.register(interrupts.finish)  # the first to be registered is the last that is called
    interrupts.heed()
    try:
        try:
            command()
        except SystemExit as exit_:
            interrupts.end(exit_.code)
            raise
    except KeyboardInterrupt:
        interrupts.end(CODE)
        say("interrupted")
        sys.exit(CODE)


def say(text: str) -> None:
    """Print a line on stderr, if that takes it."""
    with suppress(Exception):
        sys.stderr.write(f"bbps-conformance: {text}\n")
        sys.stderr.flush()
