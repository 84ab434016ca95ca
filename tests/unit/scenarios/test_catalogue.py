"""Scenarios as data: what is read, and how a mistake is reported."""

from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError
from conformance.core.requirements import Register
from conformance.scenarios.catalogue import load, read

GOOD = """
name: a-scenario
title: A scenario
requirements: [RCP-01]
steps:
  - {name: Fetch, call: bill.fetch, expect: {status: 200}}
"""


def written(folder: Path, text: str, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_scenarios_name_known_requirements() -> None:
    register = Register.load()
    scenarios = load()
    assert scenarios
    for scenario in scenarios:
        assert scenario.derived_from, scenario.name
        for id_ in scenario.requirements:
            assert id_ in register


def test_something_of_each_scenario_decides() -> None:
    for scenario in load():
        assert any(not step.given for step in scenario.steps), scenario.name


def test_good_file_is_read(tmp_path: Path) -> None:
    scenario = read(written(tmp_path, GOOD))
    assert [step.call for step in scenario.steps] == ["bill.fetch"]
    assert scenario.steps[0].as_ == "integrator"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("bill.fetch", "bill.fech"),
            'line 6: steps.0.call: "bill.fech" is not an operation; did you mean',
        ),
        (("status: 200", ""), "expects nothing"),
        (
            ("status: 200", "present: [Bill/0/id]"),
            'line 6: steps.0.expect.present.0: "Bill/0/id" is no',
        ),
        (
            ("status: 200", "equals: {'$.Bill[': 1}"),
            'scenario.yaml, line 6: steps.0.expect.equals: "$.Bill[" is not a place',
        ),
        (("name: a-scenario", "name: A Scenario"), "name:"),
        (("[RCP-01]", "[]"), "requirements:"),
        (("title:", "titel:"), "titel:"),
        (("steps:", "steps: ["), "not YAML"),
        (
            ("requirements:", "title: Another\nrequirements:"),
            "line 4: the key 'title' stands twice, first in line 3",
        ),
    ],
    ids=[
        "operation",
        "expectation",
        "pointer",
        "path",
        "name",
        "requirement",
        "key",
        "YAML",
        "key twice",
    ],
)
def test_mistake_is_told_with_file_and_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(FileError) as problem:
        read(path)
    assert str(path) in str(problem.value)
    assert message in str(problem.value)


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "one.yaml")
    written(tmp_path, GOOD, "two.yaml")
    with pytest.raises(SetupError, match="two scenarios are called 'a-scenario'"):
        load(tmp_path)


def test_absent_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
