"""What a command prints reaches its reader in some form, or is lost without changing anything."""

import errno
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest
from rich.console import Console

from conformance.cli.ending import Commands
from conformance.cli.output import Output, guarded_output, write_whole
from conformance.core.errors import SetupError

TEXT = "\u20b9 100 \u2260 \u20b9 99\u2026 \u0906 \ud83d \u00e9"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "Rs 100 != Rs 99... \\u0906 \\ud83d \\xe9"),
        ("latin-1", "Rs 100 != Rs 99... \\u0906 \\ud83d \u00e9"),
        ("cp1252", "Rs 100 != Rs 99\u2026 \\u0906 \\ud83d \u00e9"),
        ("utf-8", "\u20b9 100 \u2260 \u20b9 99\u2026 \u0906 \\ud83d \u00e9"),
    ],
)
@pytest.mark.parametrize("print_", [click.echo, Console.print], ids=["echo", "rich"])
def test_a_character_that_the_console_lacks_is_written_otherwise(
    encoding: str, shown: str, print_: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(shows, encoding=encoding))
    with guarded_output():
        if print_ is click.echo:
            click.echo(TEXT)
        else:
            Console(file=sys.stdout).print(TEXT)
    assert shows.getvalue().decode(encoding).rstrip() == shown


class Broken(BytesIO):
    """What takes nothing."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, _: object) -> int:
        raise OSError(self._number, "no more")


@pytest.mark.parametrize(("number", "told"), [(errno.EPIPE, False), (errno.ENOSPC, True)])
def test_what_cannot_be_written_is_lost_and_known(number: int, told: bool) -> None:
    output = Output(TextIOWrapper(Broken(number), encoding="utf-8"))
    print("one", file=output, flush=True)
    print("two", file=output, flush=True)
    assert output.lost
    assert (output.problem is not None) == told


def ended(code: int | None, stdout: TextIOWrapper | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """What a command comes to that prints, and perhaps decides."""

    @click.group(cls=Commands)
    def main() -> None:
        """Do something."""

    @main.command()
    def work() -> None:
        click.echo("a line")
        if code is not None:
            sys.exit(code)

    monkeypatch.setattr(sys, "stdout", stdout)
    with pytest.raises(SystemExit) as end:
        main(["work"])
    assert isinstance(end.value.code, int)
    return end.value.code


def broken(number: int) -> TextIOWrapper:
    return TextIOWrapper(Broken(number), encoding="utf-8")


@pytest.mark.parametrize("code", [0, 1, 4])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE, errno.EIO])
def test_a_verdict_stays_what_it_is_when_nobody_can_read_it(
    code: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(code, broken(number), monkeypatch) == code
    assert ended(code, None, monkeypatch) == code


def test_a_command_whose_only_product_is_lost_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(None, broken(errno.ENOSPC), monkeypatch) == 2
    assert capsys.readouterr().err == "bbps-conformance: the output is lost (no more)\n"


def test_a_reader_that_has_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(None, broken(errno.EPIPE), monkeypatch) == 0
    assert ended(None, None, monkeypatch) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no such device")
def test_python_itself_has_nothing_left_to_flush() -> None:
    command = [sys.executable, "-m", "conformance", "--version"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "bbps-conformance: the output is lost (No space left on device)\n"


def test_what_cannot_be_written_whole_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.yaml"
    path.write_text("answers\n", encoding="utf-8")
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    usual = Path.write_bytes

    def half(self: Path, content: bytes) -> int:
        usual(self, content[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        with pytest.raises(SetupError, match="No space left on device"):
            write_whole(path, "more answers\n")
    assert path.read_text("utf-8") == "answers\n"
    write_whole(link, "more answers\n")
    assert path.read_text("utf-8") == "more answers\n"
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in tmp_path.iterdir()} == {"city.yaml", "link.yaml"}
