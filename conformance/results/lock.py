"""One process at a time works on a run: it holds the run's folder, and a kill lets go of it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from conformance.core.errors import SetupError

LOCK: Final = ".lock"


class RunLocked(SetupError):
    """Another process works on the run; the message says which."""


class RunLock:
    """A lock on a run's folder, until it is released or forgotten."""

    def __init__(self, folder: Path) -> None:
        """Lock a folder; RunLocked if another process has it.

        Nothing is held where no file can be locked: such a folder is read-only, or no folder.
        """
        path = folder / LOCK
        # No fallback to a mere file: that would lock the run after a kill.
        self._lock = FileLock(path, mode=0o644, thread_local=False, fallback_to_soft=False)
        if not folder.is_dir():  # the lock would create it
            return
        try:
            self._lock.acquire(blocking=False)
            # A bare number may be a password, for which all files of a run are scanned.
            path.write_text(f"pid{os.getpid()}", encoding="utf-8")
        except Timeout:
            process = path.read_text(encoding="utf-8", errors="replace").removeprefix("pid")
            raise RunLocked(_message(folder.name, process)) from None
        except OSError:
            pass

    def release(self) -> None:
        """Let go of the folder; harmless when done twice."""
        if self._lock.is_locked:
            with suppress(OSError):  # the folder may be gone
                os.truncate(self._lock.lock_file, 0)
            self._lock.release()

    def __del__(self) -> None:
        """Let go of it, because nobody continues the run."""
        self.release()


def _message(run: str, process: str) -> str:
    where = f"process {process}" if process else "another process"
    return f"the run {run} is still in progress, in {where}; wait until it has ended, or stop it"
