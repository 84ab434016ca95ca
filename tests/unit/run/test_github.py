"""What a run adds to a job of GitHub, and that nothing there can change how the run ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.report.markdown import markdown
from conformance.run.github import CUT, MOST_BYTES, announce
from tests.unit.conftest import Runner


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    return tmp_path / "page.md"


def announced(results: object, capsys: pytest.CaptureFixture[str]) -> str:
    announce(results)  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_without_github_nothing_is_added(
    a_run: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert announced(a_run()[1], capsys) == ""


def test_the_page_of_the_job_gets_the_summary(
    a_run: Runner, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_text("before\n", encoding="utf-8")
    _, results, _ = a_run()
    assert "::error title=TXN-08" in announced(results, capsys)
    assert page.read_text("utf-8") == "before\n" + markdown(results)


def test_a_page_stays_below_what_github_takes(
    a_run: Runner, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_bytes(b"x" * (MOST_BYTES - 2_000))
    _, results, _ = a_run()
    announced(results, capsys)
    text = page.read_text("utf-8")
    assert MOST_BYTES - 2_000 < len(text.encode()) <= MOST_BYTES
    assert text.endswith(CUT)
    announced(results, capsys)
    assert page.read_text("utf-8").startswith(text)
    assert page.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("name", ["absent/page.md", ".", "/dev/full"])
def test_a_page_that_cannot_be_written_is_said(
    a_run: Runner, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / name))
    _, results, _ = a_run()
    announce(results)
    assert "The page of the job has no summary: " in capsys.readouterr().err


def certified(folder: Path, *words: str) -> Result:
    only = ("--only", "TXN-07", "--depth", "quick", "--reports", str(folder / "reports"))
    return CliRunner().invoke(main, ["certify", *only, *words])


def test_a_run_in_a_job_stops_commands_first_and_announces_at_the_end(
    page: Path, tmp_path: Path
) -> None:
    done = certified(tmp_path, "--fault", "update-without-id-accepted")
    lines = done.stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 32
    again = lines.index(f"::{token}::")
    commands = [number for number, line in enumerate(lines) if line.startswith("::error ")]
    assert done.exit_code == 1
    assert commands
    assert min(commands) > again
    assert page.read_text("utf-8").startswith("# REHEARSAL: ")


def test_json_stays_alone_on_standard_output(page: Path, tmp_path: Path) -> None:
    done = certified(tmp_path, "--format", "json")
    assert json.loads(done.stdout)["verdict"] == "PARTIAL"
    assert "::stop-commands::" in done.stderr
    assert page.is_file()
