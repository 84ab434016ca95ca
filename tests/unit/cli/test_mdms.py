"""`mdms lint | rules | plan`: options, what is printed where, exit codes."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.mdms.rules import RULES
from tests.unit.mdms.clean import CLEAN, ROLE, changed, grant, written

ON = ("--role", ROLE, "--date", "2026-08-15")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["mdms", *map(str, words)])


def test_clean_data_ends_with_0(tmp_path: Path) -> None:
    done = run("lint", written(tmp_path), *ON, "--level", "note")
    assert (done.exit_code, done.stdout) == (0, "Nothing found.\n")


def test_errors_end_with_1_and_warnings_with_0(tmp_path: Path) -> None:
    written(tmp_path, changed(lambda rows: rows["roleactions.json"].append(grant("CLERK", 5))))
    done = run("lint", tmp_path, *ON)
    assert done.exit_code == 0
    assert "roleactions.json:10: warning grant-twice: " in done.stdout
    assert run("lint", tmp_path, *ON, "--level", "error").stdout == (
        "Nothing found. 1 less grave one not shown: see --level.\n"
    )
    written(tmp_path, changed(lambda rows: rows["roleactions.json"].append(grant("CLERK", 9))))
    assert run("lint", tmp_path, *ON).exit_code == 1


def test_mistakes_of_the_set_up_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words in (
        ("lint", tmp_path / "empty"), ("lint", tmp_path / "nowhere"), ("plan", tmp_path / "empty"),
        ("lint", written(tmp_path / "good"), "--only", "role-twise"),
        ("lint", tmp_path / "good", "--date", "today"), ("plan", tmp_path / "good", "--url", "x/y"),
        ("diff", tmp_path / "good", "--target", tmp_path / "no.yaml"),
    ):  # fmt: skip
        done = run(*words)
        assert done.exit_code == 2, words
        assert done.stderr
    done = run("lint", tmp_path / "good", "--only", "role-twise")
    assert "did you mean role-twice" in done.stderr


def test_rules_are_chosen(tmp_path: Path) -> None:
    written(tmp_path, changed(lambda rows: rows["roleactions.json"].append(grant("CLERK", 9))))
    for words, code in (
        (("--only", "role-*"), 0), (("--only", "grant-*"), 1), (("--skip", "grant-unknown-*"), 0),
        (("--only", "grant-*", "--skip", "grant-unknown-action"), 0),
    ):  # fmt: skip
        assert run("lint", tmp_path, *ON, *words).exit_code == code


def test_every_form_is_printed(tmp_path: Path) -> None:
    written(tmp_path, changed(lambda rows: rows["roleactions.json"].append(grant("CLERK", 9))))
    printed = {form: run("lint", tmp_path, *ON, "--format", form) for form in
               ("text", "json", "sarif", "github")}  # fmt: skip
    assert {each.exit_code for each in printed.values()} == {1}
    assert json.loads(printed["json"].stdout)["counts"]["error"] == 1
    assert json.loads(printed["sarif"].stdout)["runs"][0]["results"][0]["level"] == "error"
    assert printed["github"].stdout.startswith("::error file=")


def test_without_a_date_it_is_today(tmp_path: Path) -> None:
    """Periods that ended long ago are those of no day to come."""
    from tests.unit.mdms.clean import period

    rows = CLEAN | {"TaxPeriod.json": [period("PT", 2001), period("WS", 2001)]}
    done = run("lint", written(tmp_path, rows), "--role", ROLE)
    assert done.stdout.count("the last one ends on 2002-03-31") == 2


def test_rules_are_listed() -> None:
    done = run("rules")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(RULES)


def test_plan_prints_a_diff_and_writes_on_request(tmp_path: Path) -> None:
    folder = written(tmp_path / "data" / "zz")
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}
    done = run("plan", tmp_path, "--role", "NEW")
    assert done.exit_code == 0
    assert done.stdout.startswith("--- a/data/zz/ACCESSCONTROL-ROLES/roles.json\n")
    assert "data/zz/ACCESSCONTROL-ROLEACTIONS/roleactions.json: 4 rows to add" in done.stderr
    assert {path: path.read_bytes() for path in before} == before
    done = run("plan", tmp_path, "--role", "NEW", "--write")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "roleactions.json: 4 rows added" in done.stderr
    assert run("lint", tmp_path, "--role", "NEW", *ON[2:]).exit_code == 0
    done = run("plan", tmp_path, "--role", "NEW")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Nothing to add" in done.stderr


def test_a_file_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.setattr("conformance.cli.output.os.access", lambda _, right: right != os.W_OK)
    done = run("plan", tmp_path, "--role", "NEW", "--write")
    assert done.exit_code == 2
    assert "roles.json: cannot be written (Permission denied); make it writable" in done.stderr
