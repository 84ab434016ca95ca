"""How a command ends that cannot do its work: one message on stderr, and the documented code."""

import errno
import os
import sys
from typing import Any, Final

import click

from conformance.core.errors import ConformanceError, ExitCode

NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Commands(click.Group):
    """A group whose commands end with one message, whatever they raise; never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn what it raises into message and exit code."""
        try:
            return super().invoke(ctx)
        except ConformanceError as problem:
            _print(f"bbps-conformance: {problem}")
            raise SystemExit(int(problem.exit_code)) from None
        except (click.ClickException, click.exceptions.Exit):
            raise  # click prints these itself
        except (KeyboardInterrupt, click.Abort):  # click would end with 1, which is a verdict
            _print("bbps-conformance: interrupted")
            raise SystemExit(int(ExitCode.SUITE_ERROR)) from None
        except Exception as problem:
            if isinstance(problem, OSError) and problem.errno == errno.EPIPE:
                raise  # the reader of the output has gone; click ends quietly
            if isinstance(problem, OSError) and problem.errno in NO_SPACE:
                _print(_no_space(problem))
                raise SystemExit(int(ExitCode.SETUP)) from None
            _print(_unexpected(problem))
            raise SystemExit(int(ExitCode.SUITE_ERROR)) from None


def _no_space(problem: OSError) -> str:
    """Return the message on a disk that takes no more."""
    place = f"{problem.filename}: " if problem.filename else ""
    notes = getattr(problem, "__notes__", ())
    message = f"bbps-conformance: {place}the disk is full; free some space, then continue the run"
    return "\n".join([message, *notes])


def _unexpected(problem: Exception) -> str:
    """Return the message on an error of the suite; its traceback is written to a file."""
    import traceback

    text = "".join(traceback.format_exception(problem))
    return "\n".join(
        [
            f"bbps-conformance: {type(problem).__name__}: {problem}",
            *getattr(problem, "__notes__", ()),
            f"This is an error of the suite. Please report it. Details: {_written(text)}",
        ]
    )


def _written(text: str) -> str:
    """Write a text to a new temporary file; return its path, or the text if none can be made."""
    import tempfile

    try:
        number, path = tempfile.mkstemp(prefix="bbps-conformance-error-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return text
    return path


def _print(message: str) -> None:
    """Print on stderr, whatever characters the terminal cannot show."""
    encoding = str(getattr(sys.stderr, "encoding", None) or "utf-8")
    click.echo(message.encode(encoding, "backslashreplace").decode(encoding), err=True)
