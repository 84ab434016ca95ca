"""How a command ends that cannot do its work: one message on stderr, and the documented code."""

import errno
import os
from pathlib import Path
from typing import Any, Final

import click

from conformance.cli.output import guarded_output
from conformance.core.errors import NO_SPACE, ConformanceError, ExitCode
from conformance.core.interrupts import ended_by_signals

NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
NO_PLACE: Final = frozenset({  # of a path that leads to nothing that can be used
    errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENXIO,
})  # fmt: skip
TOO_MANY: Final = frozenset({errno.EMFILE, errno.ENFILE})  # files and connections are open
LONGEST: Final = 300  # characters of an unexpected error that are printed


class Commands(click.Group):
    """A group whose commands end with one message, whatever they raise; never with a traceback."""

    _decided = False  # whether a command chose its exit code itself

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run a command; whether its output reaches anybody does not change what it decides."""
        with guarded_output() as output, ended_by_signals():
            try:
                return super().main(*args, **settings)
            except SystemExit as end:
                output.flush()
                if self._decided:
                    raise
                if end.code == int(ExitCode.NON_CONFORMANT):  # click's own 1 is no verdict
                    raise SystemExit(int(ExitCode.SUITE_ERROR)) from None
                if output.problem is not None and not end.code:
                    _print(f"bbps-conformance: the output is lost ({output.problem.strerror})")
                    raise SystemExit(int(ExitCode.SETUP)) from None
                raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn what it raises into message and exit code."""
        self._decided = False
        try:
            return super().invoke(ctx)
        except SystemExit:
            self._decided = True
            raise
        except click.ClickException as problem:  # click prints it itself
            if problem.exit_code == int(ExitCode.NON_CONFORMANT):
                problem.__dict__["exit_code"] = int(ExitCode.SETUP)
            raise
        except click.exceptions.Exit:
            raise
        except BaseException as problem:  # noqa: BLE001  none may end as a verdict
            message, code = _ending(problem)
            _print(message)
            raise SystemExit(int(code)) from None


def _ending(problem: BaseException) -> tuple[str, ExitCode]:
    """Return the message of what ended a command, and the exit code."""
    match problem:
        case ConformanceError():
            return f"bbps-conformance: {problem}", problem.exit_code
        case KeyboardInterrupt() | click.Abort():  # click would end with 1, which is a verdict
            return "bbps-conformance: interrupted", ExitCode.INTERRUPTED
        case OSError(errno=number) if number in NO_SPACE:
            return _unwritable(problem, "the disk is full; free some space"), ExitCode.SETUP
        case OSError(errno=number) if number in TOO_MANY:
            reason = "too many files are open; raise that limit (ulimit -n), or lower --jobs"
            return _unwritable(problem, reason), ExitCode.SETUP
        case FileNotFoundError() if _is_nowhere():
            reason = "the current folder has been removed; change to another"
            return f"bbps-conformance: {reason}, then run the command again", ExitCode.SETUP
        case OSError(errno=number, filename=str() | bytes()) if number in NO_RIGHT:
            reason = f"cannot be used ({problem.strerror}); give this user the right to"
            return _unwritable(problem, reason), ExitCode.SETUP
        case OSError(errno=number, filename=str() | bytes()) if number in NO_PLACE:
            reason = f"cannot be used ({problem.strerror}); give another path"
            return _unwritable(problem, reason), ExitCode.SETUP
        case _:
            return _unexpected(problem), ExitCode.SUITE_ERROR


def _is_nowhere() -> bool:
    """Whether the folder in which the command began exists no longer."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _unwritable(problem: OSError, reason: str) -> str:
    """Return the message on a disk or a folder that takes no more."""
    place = f"{problem.filename}: " if problem.filename else ""
    notes = getattr(problem, "__notes__", ())
    continued = any(each.startswith("Continue with") for each in notes)
    then = "continue the run" if continued else "run the command again"
    return "\n".join([f"bbps-conformance: {place}{reason}, then {then}", *notes])


def _unexpected(problem: BaseException) -> str:
    """Return the message on an error of the suite; its traceback is written to a file."""
    line = " ".join(f"{type(problem).__name__}: {problem}".split())
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
    return "\n".join(
        [
            f"bbps-conformance: {line}",
            *getattr(problem, "__notes__", ()),
            f"This is an error of the suite. Please report it. Details: {_log_of(problem)}",
        ]
    )


def _log_of(problem: BaseException) -> str:
    """Write the traceback to a new file; return its path, or the place if none can be made."""
    import tempfile
    import traceback

    try:
        number, path = tempfile.mkstemp(prefix="bbps-conformance-error-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(problem))
    except OSError:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        return f"no file can be written; it happened in {last.filename}, line {last.lineno}"
    return path


def _print(message: str) -> None:
    """Print on stderr; a message may repeat what stands in a file of somebody else."""
    from conformance.report.plain import printable

    click.echo(printable(message), err=True)
