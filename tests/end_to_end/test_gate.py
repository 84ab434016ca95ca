"""The gate of `certify`: the same advisory failure at each level, and against an earlier run."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.end_to_end.test_certify import command

FAULTY = ("certify", "--fault", "token-in-error", "--only", "USR-11", "--depth", "quick")


def tags(folder: Path) -> set[str]:
    path = folder / "reports/latest/junit.xml"
    cases = ElementTree.parse(path).iter("testcase")  # noqa: S314  our own file
    return {each.tag for case in cases for each in case} & {"failure", "skipped", "error"}


def test_an_advisory_failure_gates_where_that_is_wanted(tmp_path: Path) -> None:
    usual = command(*FAULTY, cwd=tmp_path)
    assert usual.returncode == 4, usual.stdout + usual.stderr  # only a part of the suite
    assert "1 advisory requirement failed" in usual.stdout
    assert tags(tmp_path) == {"skipped"}

    known = command(*FAULTY, "--gate", "should", "--baseline", "latest", cwd=tmp_path)
    assert known.returncode == 4, known.stdout + known.stderr
    assert tags(tmp_path) == {"skipped"}
    gate = json.loads((tmp_path / "reports/latest/results.json").read_text("utf-8"))["gate"]
    assert gate["known"]
    assert not gate["regressions"]

    strict = command(*FAULTY, "--gate", "should", cwd=tmp_path)
    assert strict.returncode == 1, strict.stdout + strict.stderr
    assert "failure" in tags(tmp_path)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--gate", "may"), "must, should, none"),
        (("--baseline", "yesterday"), "there is no run 'yesterday'"),
        (("--baseline", "empty.json"), "empty.json"),
    ],
)
def test_what_cannot_gate_is_refused_at_once(
    tmp_path: Path, options: tuple[str, str], part: str
) -> None:
    (tmp_path / "empty.json").write_text("{}")
    done = command(*FAULTY, *options, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert part in done.stderr
    assert not (tmp_path / "reports").exists()
