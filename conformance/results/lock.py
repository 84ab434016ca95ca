"""One process at a time works on a run: it holds the run's folder, and a kill lets go of it."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from conformance.core.errors import SetupError

LOCK: Final = ".lock"


class Held(SetupError):
    """Another process works on the run; the message says which."""


class Hold:
    """A hold on a run's folder, until it is released or forgotten."""

    def __init__(self, folder: Path) -> None:
        """Take hold of a folder; Held if another process has it.

        Nothing is held where no file can be locked: such a folder is read-only, or no folder.
        """
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                process = os.read(self._file, 32).decode(errors="replace").removeprefix("pid")
                os.close(self._file)
                self._file = None
                raise Held(_told(folder.name, process)) from None
            os.truncate(self._file, 0)
            os.write(self._file, f"pid{os.getpid()}".encode())  # a bare number may be a password

    def release(self) -> None:
        """Let go of the folder; harmless when done twice."""
        file, self._file = self._file, None
        if file is not None:
            os.truncate(file, 0)
            os.close(file)

    def __del__(self) -> None:
        """Let go of it, because nobody goes on with the run."""
        self.release()


def _told(run: str, process: str) -> str:
    where = f"process {process}" if process else "another process"
    return f"the run {run} is still going on, in {where}; wait until it has ended, or end it"
