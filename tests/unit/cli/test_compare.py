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

REMEDY = "give the folder of a run, or its results.json"


@pytest.fixture
def runs(tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with good, advised and bad runs, the last one latest, and what is no run."""
    fails = {"good": (), "unadvised": ("USR-11",), "bad": ("TXN-08",)}
    for name, failing in fails.items():
        findings = [
            finding_of(
                id_, Verdict.FAILED if id_ in failing else Verdict.PASSED,
                required="Refused.", observed="Done.",
            )
            for id_ in ("TXN-08", "USR-11")
        ]  # fmt: skip
        folder = tmp_path / "reports/runs" / name
        journal = Journal(folder, header_of(run=name), register, planned_of(findings))
        for finding in findings:
            journal.finding(finding)
        journal.close()
    results = (tmp_path / "reports/runs/good/results.json").read_text("utf-8")
    (tmp_path / "cut.json").write_text(results[: len(results) // 2], "utf-8")
    (tmp_path / "later.json").write_text(json.dumps(json.loads(results) | {"format": "9.0"}))
    (tmp_path / "profile.yaml").write_text("name: uat\n")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "other.json").write_text('{"name": "uat"}')
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
        ("good", "profile.yaml", 2, f"(char 0); {REMEDY}"),
        ("good", "list.json", 2, f"it holds no results; {REMEDY}"),
        ("good", "other.json", 2, f"it holds no results; {REMEDY}"),
        ("nothing", "good", 2, "holds no run"),
        ("absent", "good", 2, "there is no run 'absent'"),
    ],
)
def test_each_comparison_ends_with_its_code(first: str, second: str, code: int, says: str) -> None:
    done = compared(first, second)
    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())


ADVISED = ("good", "unadvised")  # USR-11 is a SHOULD
LEFT_OUT = "leaves out 1 of 1 regression."


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("pair", "gate", "code", "says"),
    [
        (("good", "bad"), ("--gate", "must"), 1, ""),
        (("good", "bad"), ("--gate", "should"), 1, ""),
        (("good", "bad"), ("--gate", "none"), 0, f"--gate none {LEFT_OUT}"),
        (ADVISED, (), 1, ""),
        (ADVISED, ("--gate", "must"), 0, f"--gate must {LEFT_OUT}"),
        (ADVISED, ("--gate", "should"), 1, ""),
        (ADVISED, ("--gate", "all"), 2, "--gate 'all': write one of must, should, none"),
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_only_regressions_of_the_level_gate(
    pair: tuple[str, str], gate: tuple[str, ...], code: int, says: str, form: str
) -> None:
    done = compared(*pair, *gate, "--format", form)
    assert done.exit_code == code, done.output
    shown = " ".join(done.output.split())
    assert says in shown
    assert code == 2 or "1 regression in 1 requirement" in shown, "each level is shown"
    assert ("leaves out" in shown) == bool(LEFT_OUT in says)


@pytest.mark.usefixtures("runs")
def test_a_program_reads_which_regressions_gate() -> None:
    for gate, gating in (("must", []), ("should", ["sample::usr-11"])):
        document = json.loads(compared(*ADVISED, "--gate", gate, "--format", "json").output)
        assert (document["gate"], document["gating"]) == (gate, gating)
        assert len(document["regressions"]) == 1


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
