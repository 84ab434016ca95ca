"""The checks under plain pytest: with plugins and tests of a user, in threads, stopped early."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLUGIN = """
import pytest

@pytest.fixture(autouse=True)
def around_everything(request, tmp_path):
    (tmp_path / "begun").touch()
    yield
    assert (tmp_path / "begun").exists()

@pytest.fixture(autouse=True, scope="session")
def around_the_session():
    yield

def pytest_runtest_logreport(report):
    with open("reported.txt", "a") as file:
        print(report.when, report.outcome, report.nodeid.rpartition("/")[2], file=file)
"""
TESTS = """
import pytest

MADE = []

@pytest.fixture(scope="module")
def once():
    MADE.append(1)
    yield MADE
    MADE.clear()

def test_mine_first(once):
    assert once == [1]

def test_mine_second(once):
    assert once == [1]

@pytest.mark.skip(reason="mine, not a check")
def test_mine_skipped():
    pass
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "of_a_user.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


def plain(place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=place, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def results_of(place: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (place / "reports/latest/results.json").read_text("utf-8")
    )
    return document


def test_plugins_and_tests_of_a_user_work_as_ever(place: Path) -> None:
    done = plain(
        place, "-p", "of_a_user", "test_mine.py", "--pyargs", "conformance.checks",
        "-k", "mine or cash_is_taken", "--jobs", "2",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    reported = (place / "reported.txt").read_text(encoding="utf-8").splitlines()
    for line in (
        "call passed test_mine.py::test_mine_second",
        "setup skipped test_mine.py::test_mine_skipped",
    ):
        assert line in reported
    for when in ("setup", "call", "teardown"):
        assert f"{when} passed test_payment.py::test_cash_is_taken" in reported
    results = results_of(place)
    assert results["partial"] is True
    assert results["summary"]["planned"] == results["summary"]["passed"] == 1


def test_the_first_failure_ends_the_run_if_wanted(place: Path) -> None:
    done = plain(
        place, "--pyargs", "conformance.checks", "-k", "owner", "--fault", "owner-check-off",
        "-x", "--jobs", "4", "--only", "TXN-08",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "stopping after 1 failures" in done.stdout
    summary = results_of(place)["summary"]
    assert summary["failed"] >= 1
    assert summary["executed"] < summary["planned"]


def test_collecting_opens_no_run(place: Path) -> None:
    done = plain(
        place, "--pyargs", "conformance.checks", "--collect-only", "-q", "--only", "TXN-08",
        "--fault", "nonsense",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_owner.py::" in done.stdout
    assert not (place / "reports").exists()


def test_processes_of_xdist_are_refused(place: Path) -> None:
    """Each of them would pay up to the whole cap, and report a run that nobody finished."""
    done = plain(place, "--pyargs", "conformance.checks", "--only", "TXN-08", "-n", "2")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout.count("give --jobs N") == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not (place / "reports").exists()


def test_allure_shows_the_same_as_after_certify(place: Path) -> None:
    done = plain(
        place, "test_mine.py", "--pyargs", "conformance.checks",
        "-k", "mine_first or cash_is_taken", "--alluredir", "allure",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    shown, written = place / "allure", place / "reports/latest/allure-results"
    certified = {path.name: path.read_bytes() for path in written.iterdir()}
    found = {path.name: path.read_bytes() for path in shown.iterdir()}
    assert any(name.endswith("-result.json") for name in certified)
    assert {name: found.get(name) for name in certified} == certified
    others = [json.loads(found[name]) for name in found.keys() - certified.keys()]
    names = [each["fullName"] for each in others if "fullName" in each]
    assert names == ["test_mine#test_mine_first"], "tests of a user stay, and nothing else"
