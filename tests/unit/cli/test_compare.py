"""`compare`: what it takes, what it ends with, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.core.requirements import Register
from conformance.core.verdicts import Verdict
from conformance.results.journal import Journal
from tests.unit.conftest import finding_of, header_of, planned_of


@pytest.fixture
def runs(tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with a good run and a bad one, and files that are no runs."""
    for name, verdict in (("good", Verdict.PASSED), ("bad", Verdict.FAILED)):
        finding = finding_of("TXN-08", verdict, required="Refused.", observed="Done.")
        header = header_of(run=name)
        journal = Journal(tmp_path / "reports/runs" / name, header, register, planned_of([finding]))
        journal.finding(finding)
        journal.close()
    results = (tmp_path / "reports/runs/good/results.json").read_text("utf-8")
    (tmp_path / "cut.json").write_text(results[: len(results) // 2], "utf-8")
    (tmp_path / "later.json").write_text(json.dumps(json.loads(results) | {"format": "9.0"}))
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "nothing").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("first", "second", "code", "says"),
    [
        ("good", "bad", 1, "1 regression in 1 requirement (TXN-08)"),
        ("bad", "good", 0, "No regression, 1 improvement"),
        ("reports/runs/good/results.json", "good", 0, "Both are the same run."),
        ("reports/runs/good", "latest", 1, "1 regression in 1 requirement (TXN-08)"),
        ("cut.json", "good", 2, "is not a run that this suite can read"),
        ("later.json", "good", 2, "read it with the suite that wrote it"),
        ("good", "binary.json", 2, "is not a run that this suite can read"),
        ("nothing", "good", 2, "holds no run"),
        ("absent", "good", 2, "there is no run 'absent'"),
    ],
)
def test_each_comparison_ends_with_its_code(first: str, second: str, code: int, says: str) -> None:
    done = compared(first, second)
    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())


@pytest.mark.usefixtures("runs")
def test_a_pull_request_and_a_program_read_it_too() -> None:
    page = compared("good", "bad", "--format", "markdown")
    assert page.exit_code == 1, page.output
    assert "## Regressions (1 check)" in page.output
    data = compared("good", "bad", "--format", "json")
    assert data.exit_code == 1, data.output
    document = json.loads(data.output)
    assert [each["requirements"] for each in document["regressions"]] == [["TXN-08"]]
    assert document["conclusion"].startswith("1 regression")


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_line_is_wider_than_the_terminal(columns: str) -> None:
    done = CliRunner(env={"COLUMNS": columns, "NO_COLOR": "1"}).invoke(
        main, ["compare", "good", "bad"]
    )
    assert max(map(len, done.output.splitlines())) <= int(columns)
    assert "\x1b" not in done.output
