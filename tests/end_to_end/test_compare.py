"""`compare` as installed: what it takes, what it ends with, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.test_certify import command

QUICK = ("certify", "--only", "USR-11", "--depth", "quick", "--reports")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a good run and a faulty one, and files that are no runs."""
    folder = tmp_path_factory.mktemp("runs")
    for name, fault in (("good", ()), ("bad", ("--fault", "token-in-error"))):
        done = command(*QUICK, name, *fault, cwd=folder)
        assert done.returncode == 4, done.stdout + done.stderr
    results = (folder / "good/latest/results.json").read_text("utf-8")
    (folder / "cut.json").write_text(results[: len(results) // 2], "utf-8")
    (folder / "later.json").write_text(json.dumps(json.loads(results) | {"format": "9.0"}), "utf-8")
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    (folder / "nothing").mkdir()
    return folder


@pytest.mark.parametrize(
    ("first", "second", "code", "says"),
    [
        ("good/latest", "bad/latest", 1, "in 1 requirement (USR-11)"),
        ("bad/latest", "good/latest", 0, "No regression, "),
        ("good/latest/results.json", "good/latest", 0, "Both are the same run."),
        ("cut.json", "good/latest", 2, "is not a run that this suite can read"),
        ("later.json", "good/latest", 2, "read it with the suite that wrote it"),
        ("good/latest", "binary.json", 2, "is not a run that this suite can read"),
        ("nothing", "good/latest", 2, "holds no run"),
        ("absent", "good/latest", 2, "there is no run 'absent'"),
    ],
)
def test_each_comparison_ends_with_its_code(
    runs: Path, first: str, second: str, code: int, says: str
) -> None:
    done = command("compare", first, second, cwd=runs)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in " ".join((done.stdout + done.stderr).split())


def test_an_id_and_latest_name_runs_too(runs: Path) -> None:
    (id_,) = (path.name for path in (runs / "bad/runs").iterdir())
    done = command("compare", id_, "latest", "--reports", "bad", cwd=runs)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pull_request_and_a_program_read_it_too(runs: Path) -> None:
    page = command("compare", "good/latest", "bad/latest", "--format", "markdown", cwd=runs)
    assert page.returncode == 1, page.stdout + page.stderr
    assert "## Regressions" in page.stdout
    assert "| faults | none | token-in-error |" in page.stdout
    data = command("compare", "good/latest", "bad/latest", "--format", "json", cwd=runs)
    assert data.returncode == 1, data.stdout + data.stderr
    document = json.loads(data.stdout)
    assert {id_ for each in document["regressions"] for id_ in each["requirements"]} == {"USR-11"}
