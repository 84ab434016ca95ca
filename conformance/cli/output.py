"""What a command prints, whatever stands at the other end: any console, a closed pipe, a full disk.

Nothing that a command decides depends on whether somebody can read it.
"""

import codecs
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOBase, UnsupportedOperation
from pathlib import Path
from typing import Any, Final

from conformance.core.errors import SetupError

PLAIN: Final = "bbps-plain"  # the name of our treatment of what an encoding lacks
# What a person would write on a console without the character; anything else is shown as its code.
INSTEAD: Final = {
    "₹": "Rs", "≠": "!=", "≤": "<=", "≥": ">=", "…": "...", "→": "->", "–": "-", "—": "-",
    "‘": "'", "’": "'", "“": '"', "”": '"', "•": "*", "·": "-", "×": "x", "━": "-", "─": "-",
    "\u00a0": " ",
}  # fmt: skip


@contextmanager
def writing(path: Path, remedy: str = "choose another file") -> Iterator[None]:
    """Write a file or a folder within; SetupError where that is impossible."""
    try:
        yield
    except OSError as problem:
        cause = problem.strerror or ""
        raise SetupError(f"{path}: cannot be written", cause=cause, remedy=remedy) from None


def write_whole(path: Path, text: str, remedy: str = "choose another file") -> None:
    """Write a text file; SetupError where that is impossible, and what was there stays whole."""
    content = text.encode("utf-8", "backslashreplace")
    with writing(path, remedy):
        if path.exists() and not path.is_file():  # a pipe or a terminal
            path.write_bytes(content)
            return
        place = path.resolve()  # a link stays a link
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            beside.write_bytes(content)
            if place.exists():
                shutil.copymode(place, beside)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


class Output(TextIOBase):
    """A stream that takes whatever is written: what its encoding lacks is put otherwise.

    `lost` says that nothing reaches its reader any more, `problem` why; a reader who has gone is
    no problem.
    """

    def __init__(self, stream: Any) -> None:
        """Write to a stream; None stands for one that was closed before the command began."""
        self._stream = stream
        self.lost = stream is None
        self.problem: OSError | None = None
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors=PLAIN)

    def write(self, text: str) -> int:
        """Write a text."""
        if not isinstance(text, str):  # click tries, to find out what kind of stream it has
            raise TypeError("only text can be written")
        if not self.lost:
            try:
                self._stream.write(text)
            except UnicodeEncodeError:  # a stream that could not be set up
                encoding = self.encoding
                self._stream.write(text.encode(encoding, PLAIN).decode(encoding, "replace"))
            except (OSError, ValueError) as problem:
                self._lose(problem)
        return len(text)

    def flush(self) -> None:
        """Hand on what waits."""
        if not self.lost:
            try:
                self._stream.flush()
            except (OSError, ValueError) as problem:
                self._lose(problem)

    def isatty(self) -> bool:
        """Whether a person reads it as it comes."""
        return not self.lost and bool(self._stream.isatty())

    def writable(self) -> bool:
        """Return true: it takes whatever is written."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the stream, as terminals have one."""
        if self.lost:
            raise UnsupportedOperation("nothing is written any more")
        return int(self._stream.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return str(getattr(self._stream, "encoding", None) or "utf-8")

    @property
    def errors(self) -> str:  # type: ignore[override]
        """What happens to characters that the encoding lacks."""
        return PLAIN

    def _lose(self, problem: OSError | ValueError) -> None:
        """Write nothing more. Python flushes its streams at the end: that must not fail, too."""
        self.lost = True
        if isinstance(problem, OSError) and problem.errno != errno.EPIPE:
            self.problem = problem
        with suppress(OSError, ValueError, AttributeError):
            self._stream.close()


@contextmanager
def guarded_output() -> Iterator[Output]:
    """Guard both streams of the process while the context lasts; yields standard output."""
    streams = sys.stdout, sys.stderr
    output, errors = Output(sys.stdout), Output(sys.stderr)
    sys.stdout, sys.stderr = output, errors
    try:
        yield output
    finally:
        output.flush()
        errors.flush()
        sys.stdout, sys.stderr = streams
        for name, each in (("stdout", output), ("stderr", errors)):
            if each.lost:  # Python itself must find nothing there to flush
                setattr(sys, name, None)


def _plain(problem: UnicodeError) -> tuple[str, int]:
    """Return how to put the characters that an encoding lacks."""
    assert isinstance(problem, UnicodeEncodeError)
    lacking = problem.object[problem.start : problem.end]
    return "".join(map(_shown, lacking)), problem.end


def _shown(character: str) -> str:
    return INSTEAD.get(character) or character.encode("ascii", "backslashreplace").decode()


codecs.register_error(PLAIN, _plain)
