"""Own contracts and scenarios are known by what they say, with all that they refer to."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.core import resources
from conformance.core.errors import ExitCode
from conformance.fleet.city import certify_city
from conformance.fleet.own_files import meaning_of
from tests.fleets import task_for
from tests.unit.fleet.conftest import Write

SCENARIO = """\
name: one
title: A file is sent
requirements: [TXN-07]
steps:
  - name: Send
    request: {method: POST, path: /pg-service/transaction/v1/_create}
    file: sent.json
    content_type: application/json
    as: integrator
    expect: [{status: refused}]
"""


def test_nothing_of_the_users_own_is_nothing() -> None:
    assert meaning_of({}, ()) == ""


def test_what_a_step_sends_counts(write: Write) -> None:
    place = write("own/one.yaml", SCENARIO)
    sent = write("own/sent.json", "{}")
    before = meaning_of({}, (place,))
    assert meaning_of({}, (place.parent,)) == before
    sent.write_text("[]", encoding="utf-8")
    assert meaning_of({}, (place,)) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("minLength: 1", "minLength: 2"),
        lambda text: text.replace("paths:", "x-of-nobody: 1\npaths:"),
    ],
)
def test_what_a_contract_says_counts_and_where_it_lies_does_not(
    write: Write, change: Callable[[str], str]
) -> None:
    text = (resources.folder("contracts") / "common.yaml").read_text(encoding="utf-8")
    here, there = write("here/common.yaml", text), write("there/common.yaml", text)
    assert meaning_of({"common": here}, ()) == meaning_of({"common": there}, ())
    assert change(text) != text
    other = write("there/common.yaml", change(text))
    assert meaning_of({"common": here}, ()) != meaning_of({"common": other}, ())


def test_a_city_is_not_certified_by_other_files_than_the_fleet_began_with(
    write: Write, tmp_path: Path
) -> None:
    scenario = write("own/one.yaml", SCENARIO)
    write("own/sent.json", "{}")
    task = task_for("alpha", "http://127.0.0.1:9", tmp_path, scenarios=(scenario,), own="others")
    result = certify_city(task)
    assert result.exit_code == ExitCode.SETUP
    assert "are not those with which the fleet began" in result.error
    right = replace(task, own=meaning_of({}, (scenario,)))
    assert "127.0.0.1:9" in certify_city(right).error  # nobody is there, which it found out
    scenario.unlink()
    assert "one.yaml" in certify_city(right).error
