"""`list` and `explain`: the register for people and for other tools."""

import json

from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.check_index import titles_by_requirement
from conformance.core.requirements import Register


def test_register_is_listed_as_json() -> None:
    done = CliRunner().invoke(main, ["list", "--json"])
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [each["id"] for each in rows] == [each.id for each in Register.load()]
    assert {"statement", "level", "area", "needs"} <= rows[0].keys()
    assert "checks" not in rows[0]


def test_json_names_the_checks_on_request() -> None:
    rows = json.loads(CliRunner().invoke(main, ["list", "--checks", "--json"]).stdout)
    checked = {each["id"]: each["checks"] for each in rows}
    assert checked == {
        each.id: titles_by_requirement().get(each.id, []) for each in Register.load()
    }
    assert any(text.endswith("cases).") for text in checked["TXN-05"])
