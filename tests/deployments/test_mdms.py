"""Master data of a deployment that is served: its own is clean, `mdms diff` sees what drifts."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.mdms.checkout import Checkout
from conformance.mdms.lint import Expectations, lint
from conformance.mdms.masters import MASTERS
from conformance.mdms.rules import Severity
from conformance.mdms.served import served_rows
from conformance.profile.loading import SHIPPED_MASTERS
from conformance.run.config import RunConfig
from conformance.run.reading import reading
from tests.deployments.conftest import Go, Serve, described

ROLES, GRANTS = "roles.json", "roleactions.json"


class Place:
    """A served reference, a profile of it, and a checkout of what it serves."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self.profile = folder / "city.yaml"
        self.profile.write_text(yaml.safe_dump(described(base_url)), encoding="utf-8")
        self.checkout = folder / "checkout"
        with reading(RunConfig(target=self.profile)) as client:
            for file, (module, key) in MASTERS.items():
                rows = served_rows(client, file, anew=True).rows
                self.write(file, {"tenantId": "pb", "moduleName": module, key: rows})

    def path(self, file: str) -> Path:
        return self.checkout / "data" / "pb" / MASTERS[file][0] / file

    def write(self, file: str, content: Any) -> None:
        self.path(file).parent.mkdir(parents=True, exist_ok=True)
        self.path(file).write_text(json.dumps(content, indent=2, default=str), encoding="utf-8")

    def change(self, file: str, rows: list[Any]) -> None:
        content = json.loads(self.path(file).read_text(encoding="utf-8"))
        self.write(file, content | {MASTERS[file][1]: rows})

    def rows(self, file: str) -> list[Any]:
        rows = json.loads(self.path(file).read_text(encoding="utf-8"))[MASTERS[file][1]]
        assert isinstance(rows, list)
        return rows

    def diff(self, *options: str) -> Result:
        words = ["mdms", "diff", str(self.checkout), "--target", str(self.profile), *options]
        return CliRunner().invoke(main, words)


@pytest.fixture
def place(served: Serve, tmp_path: Path) -> Place:
    """A reference whose checkout is what it serves."""
    return Place(served().base_url, tmp_path)


def test_what_the_reference_serves_is_clean(place: Place) -> None:
    meant = Expectations(role="BBPS_USER", day=datetime.now(UTC).date())
    flaws = lint(Checkout(place.checkout), meant)
    assert [str(each) for each in flaws if each.severity is not Severity.NOTE] == []


def test_what_is_served_is_what_stands_there(place: Place) -> None:
    done = place.diff()
    assert (done.exit_code, done.stdout) == (0, "0 differences\n")


def test_both_directions_are_compared(place: Place) -> None:
    grants, roles = place.rows(GRANTS), place.rows(ROLES)
    lost = grants.pop(0)
    place.change(GRANTS, [*grants, lost | {"actionid": 954}])
    place.change(ROLES, [roles[0] | {"description": "another"}, *roles[1:]])
    done = place.diff("--format", "json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    assert (document["left_out"], document["unread"]) == ({}, {})
    found = {(each["file"], each["side"], each["row"]) for each in document["differences"]}
    assert found == {
        (ROLES, "not the same", "code BBPS_USER"),
        (GRANTS, "only in the repository", "rolecode BBPS_USER, actionid 954"),
        (GRANTS, "only served", "rolecode BBPS_USER, actionid 1862"),
    }
    (role,) = (each for each in document["differences"] if each["file"] == ROLES)
    assert (role["path"], role["line"]) == (str(place.path(ROLES)), 5)
    assert role["fields"]["description"]["repository"] == '"another"'
    text = place.diff().stdout
    assert f"{place.path(ROLES)}, line 5: not the same: code BBPS_USER" in text
    assert "row 1 of roleactions.json: only served: rolecode BBPS_USER, actionid 1862" in text
    assert text.endswith("3 differences: 1 not the same, 1 only in the repository, 1 only served\n")


def test_a_file_that_is_absent_has_no_rows(place: Place) -> None:
    place.path(GRANTS).unlink()
    done = place.diff("--format", "json")
    sides = {(each["file"], each["side"]) for each in json.loads(done.stdout)["differences"]}
    assert (done.exit_code, sides) == (1, {(GRANTS, "only served")})


def test_a_module_that_the_repository_lacks_is_left_out(served: Serve, tmp_path: Path) -> None:
    place = Place(served().base_url, tmp_path)
    place.checkout = SHIPPED_MASTERS
    done = place.diff()
    assert done.exit_code == 0
    assert "TaxPeriod.json is not compared: the repository has no folder BillingService" in (
        done.stdout
    )


def test_what_is_not_served_is_named(place: Place, served: Serve) -> None:
    """It is closed without a token, and the profile names no administrator."""
    closed = described(served(mdms_open=False).base_url, actors={"administrator": None})
    place.profile.write_text(yaml.safe_dump(closed), encoding="utf-8")
    done = place.diff()
    assert done.exit_code == 2
    assert "roles.json is not compared: the target profile names no actor 'administrator'" in (
        done.stdout
    )
    assert done.stdout.endswith("0 differences in what is compared\n")


def test_nobody_there_ends_with_2(place: Place) -> None:
    place.profile.write_text(yaml.safe_dump(described("http://127.0.0.1:9")), encoding="utf-8")
    done = place.diff()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Connection refused" in done.stderr


def test_a_broken_file_ends_with_2(place: Place) -> None:
    place.path(GRANTS).write_text('{"a": 1,\n}', encoding="utf-8")
    done = place.diff()
    assert done.exit_code == 2
    assert "roleactions.json, line 2, column 1" in done.stderr


def test_without_a_target_it_is_the_embedded_reference(place: Place) -> None:
    done = CliRunner().invoke(main, ["mdms", "diff", str(SHIPPED_MASTERS)])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (
        0,
        "0 differences in what is compared",
    )


def commands_in(remedy: str) -> dict[str, list[str]]:
    """The commands about master data that a remedy names, by their names."""
    found = map(shlex.split, re.findall(r"`bbps-conformance (mdms [^`]+)`", remedy))
    return {words[1]: words for words in found}


@pytest.mark.parametrize(
    ("fault", "file", "lost"),
    [
        ("role-not-listed", ROLES, lambda row: row["code"] == "BBPS_USER"),
        ("grant-missing", GRANTS, lambda row: row["actionid"] == 1572),
    ],
)
def test_a_remedy_of_the_doctor_names_commands_that_find_the_rows(
    place: Place, served: Serve, visit: Go, fault: str, file: str, lost: Any
) -> None:
    """The repository has the rows, and they are not served; or it lacks them, too."""
    deployment = served(faults=(fault,))
    state = str(place.path(file).parents[1])
    remedy = visit(deployment.base_url, mdms={"repository": state}).only.remedy
    commands = commands_in(remedy)
    assert commands.keys() == {"plan", "diff"}
    assert CliRunner().invoke(main, commands["plan"]).stdout == ""
    place.profile.write_text(yaml.safe_dump(described(deployment.base_url)), encoding="utf-8")
    words = [str(place.profile) if each == "PROFILE" else each for each in commands["diff"]]
    assert "only in the repository" in CliRunner().invoke(main, words).stdout

    place.change(file, [row for row in place.rows(file) if not lost(row)])
    planned = CliRunner().invoke(main, commands["plan"])
    assert planned.exit_code == 0
    assert f"+++ b/{MASTERS[file][0]}/{file}" in planned.stdout


def test_a_missing_tax_period_is_an_error_of_the_lint_that_the_remedy_names(
    place: Place, served: Serve, visit: Go
) -> None:
    file = "TaxPeriod.json"
    place.change(file, [row for row in place.rows(file) if row["service"] != "PT"])
    deployment = served(mdms_data=place.checkout)
    repository = {"repository": str(place.path(file).parents[1])}
    bills = {"tax_period": "financial-year"}
    faults = visit(deployment.base_url, mdms=repository, bills=bills).examination.faults
    (fault,) = (each for each in faults if each.area == "master data")
    assert fault.what == "no tax period of PT covers the financial year"
    done = CliRunner().invoke(main, commands_in(fault.remedy)["lint"])
    assert done.exit_code == 1
    assert "BusinessService.json:7: error service-no-period: PT has no tax period" in done.stdout
