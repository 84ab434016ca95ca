"""How commands end that cannot do their work: one message, the documented code, no traceback."""

import atexit
import errno
import signal
import sys
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from conformance.__main__ import run
from conformance.cli.ending import Commands
from conformance.cli.main import main as command
from conformance.core.errors import ConformanceError, ExitCode, SetupError
from conformance.core.interrupts import ended_by_signals
from conformance.core.verdicts import Inconclusive


@pytest.fixture(autouse=True)
def leave_nothing(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the files that describe errors of the suite with those of the tests."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("errors")))


def ended(problem: BaseException) -> Result:
    """What a command comes to that raises a problem."""

    @click.group(cls=Commands)
    def main() -> None:
        """Do something."""

    @main.command()
    def work() -> None:
        raise problem

    return CliRunner().invoke(main, ["work"])


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (SetupError("the port is taken", remedy="free it"), 2, "the port is taken; free it"),
        (ConformanceError("a file is missing", cause="a bad disk"), 3, "missing (a bad disk)"),
        (Inconclusive("there is no bill"), 4, "there is no bill"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (click.UsageError("no such option"), 2, "no such option"),
        (OSError(errno.ENOSPC, "No space left", "run/a"), 2, "run/a: the disk is full; free"),
        (OSError(errno.EFBIG, "File too large"), 2, "bbps-conformance: the disk is full; free"),
        (PermissionError(errno.EACCES, "No right", "run/a"), 2, "run/a: cannot be used (No right)"),
        (OSError(errno.ENAMETOOLONG, "Too long", "x"), 2, "x: cannot be used (Too long); give an"),
        (NotADirectoryError(errno.ENOTDIR, "No folder", "f/x"), 2, "f/x: cannot be used (No fol"),
        (
            OSError(errno.EMFILE, "Too many open files", "run/a"),
            2,
            "run/a: too many files are open",
        ),
        (OSError(errno.EIO, "Bad disk", "run/a"), 3, "OSError: [Errno 5] Bad disk: 'run/a'"),
        (RecursionError("too deep"), 3, "RecursionError: too deep\nThis is an error of the suite"),
        (pytest.fail.Exception("no Exception"), 3, "Failed: no Exception"),
        (ValueError("two\nlines"), 3, "ValueError: two lines\n"),
        (ValueError("x" * 9000), 3, f"{'x' * 200}"),
        (click.ClickException("a message of click"), 2, "a message of click"),
    ],
)
def test_one_message_and_the_code_of_the_error(
    problem: BaseException, code: int, message: str
) -> None:
    done = ended(problem)
    assert done.exit_code == code
    assert message in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_interrupts_and_a_later_one_ends_the_process(number: signal.Signals) -> None:
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)  # who started the tests may ignore it

    @click.group(cls=Commands)
    def main() -> None:
        """Do something."""

    @main.command()
    def work() -> None:
        signal.raise_signal(number)

    try:
        done = CliRunner().invoke(main, ["work"])
        assert (done.exit_code, done.stderr) == (130, "bbps-conformance: interrupted\n")
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)


def test_an_unexpected_error_is_one_of_the_suite_with_its_details_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = ended(KeyError("Payments"))
    assert done.exit_code == 3
    (details,) = tmp_path.iterdir()
    assert done.stderr == (
        "bbps-conformance: KeyError: 'Payments'\n"
        f"This is an error of the suite. Please report it. Details: {details}\n"
    )
    assert "in work\n    raise problem" in details.read_text(encoding="utf-8")


def test_where_no_file_can_be_written_the_place_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    done = ended(KeyError("Payments"))
    assert done.exit_code == 3
    assert f"it happened in {__file__}, line " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dry_run_continues_no_other_run(tmp_path: Path) -> None:
    arguments = ["certify", "--dry-run", "--resume", str(tmp_path), "--reports", str(tmp_path)]
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, "leave out --resume, --settle" in done.stderr) == (2, True)


def test_an_interrupt_while_modules_are_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def find_spec(self, *_: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "conformance.cli.main", raising=False)
    monkeypatch.setattr(atexit, "register", lambda *_: None)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # both are put back at the end
    monkeypatch.setattr(sys, "meta_path", [Interrupting()])
    with ended_by_signals(), pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "bbps-conformance: interrupted\n"


def test_a_folder_that_has_gone_is_no_error_of_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert ended(lost).exit_code == ExitCode.SUITE_ERROR
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    done = ended(lost)
    assert done.exit_code == ExitCode.SETUP
    assert "the current folder has been removed; change to another" in done.output
