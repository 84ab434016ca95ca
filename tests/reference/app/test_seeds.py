"""Seed data: people and demands of a file are there from the start; a bad file ends the start."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.reference import Settings, serve
from tests.reference.conftest import newcomer, speaking
from tests.reference.money import CITY, Till

GOOD = """
people:
  - {userName: planted-agent, name: Planted agent, mobileNumber: "9876501234", type: SYSTEM,
     active: true, tenantId: pb, password: Bbps@2024, roles: [{code: BBPS_USER, tenantId: pb}]}
demands:
  - {tenantId: pb.amritsar, consumerCode: PLANTED-1, consumerType: house, businessService: PT,
     demandDetails: [{taxHeadMasterCode: PT_TAX, taxAmount: 120.50}]}
"""
DEMAND = {
    "tenantId": CITY,
    "consumerCode": "PLANTED-2",
    "consumerType": "house",
    "businessService": "PT",
    "demandDetails": [{"taxHeadMasterCode": "PT_TAX", "taxAmount": 7}],
}


def planted(folder: Path, text: str) -> Path:
    file = folder / "seeds.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_people_and_demands_are_there(tmp_path: Path) -> None:
    settings = Settings(seed_data=planted(tmp_path, GOOD))
    with serve(settings) as deployment, speaking(deployment.base_url) as digit:
        assert digit.login("planted-agent", "Bbps@2024", "SYSTEM", "pb").status_code == 200
        bill = Till(digit).bill_of("PLANTED-1")
        assert bill["totalAmount"] == 120.5


def test_json_is_read_too_and_a_database_is_planted_once(tmp_path: Path) -> None:
    seeds = {"people": [newcomer("json-agent")["user"]], "demands": [DEMAND]}
    file = planted(tmp_path, json.dumps(seeds))
    for _ in range(2):
        settings = Settings(seed_data=file, db=tmp_path / "state.db")
        with serve(settings) as deployment, speaking(deployment.base_url) as digit:
            assert digit.login("json-agent", "Bbps@2024", "SYSTEM", "pb").status_code == 200


def test_an_empty_list_plants_nothing(tmp_path: Path) -> None:
    with serve(Settings(seed_data=planted(tmp_path, "people:\ndemands: []\n"))) as deployment:
        assert deployment.base_url


def one(part: str, entry: Any) -> str:
    return json.dumps({part: [entry]})


def person(**changes: Any) -> str:
    return one("people", newcomer("bad-agent")["user"] | changes)


BAD: list[tuple[str, str]] = [
    # content, what the message says
    ("people: [", "cannot be read"),
    ("", "a map with the lists"),
    ("- people", "a map with the lists"),
    ("people: 3", "a map with the lists"),
    ("persons: []", "'persons' is no seed data; there are people, demands"),
    ("people: [2024-04-01]", "cannot be read"),
    ("people: &all [*all]", "cannot be read"),
    ("demands: [{taxPeriodFrom: .nan}]", "cannot be read"),
    ("[" * 5000, "cannot be read"),
    (one("people", 3), "people[0]"),
    (one("people", None), "people[0]"),
    (one("people", {}), "people[0] is refused: InvalidUserCreateException"),
    (person(roles=[{"code": "NOBODY"}]), "INVALID_ROLE"),
    (person(password="short"), "INVALID_PWD_LENGTH"),
    (person(tenantId="pb.1"), "Pattern.createUserRequest.user.tenantId"),
    (person(userName={"a": 1}), "people[0] has a value of the wrong type"),
    (person(userName="administrator", type="EMPLOYEE"), "DuplicateUserNameException"),
    (one("demands", 3), "demands[0]"),
    (one("demands", None), "demands[0]"),
    (one("demands", {}), "NotNull.demandRequest.demands[0].consumerCode"),
    (one("demands", DEMAND | {"businessService": "XX"}), "EG_BS_BUSINESSSERVICE_NOTFOUND"),
    (one("demands", DEMAND | {"taxPeriodTo": 10**30}), "demands[0]"),
    (one("demands", DEMAND | {"demandDetails": 5}), "demands[0] has a value of the wrong type"),
    (json.dumps({"demands": [DEMAND, DEMAND]}), "demands[1] is refused: EG_BS_DUPLICATE_CONSUMER"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_a_bad_file_is_one_message(tmp_path: Path, content: str, message: str) -> None:
    file = planted(tmp_path, content)
    ended = CliRunner().invoke(main, ["serve", "--port", "0", "--seed-data", str(file)])
    assert ended.exit_code == 2
    assert message in ended.output
    assert ended.output.startswith(f"bbps-conformance: {file}: ")
    assert ended.output.count("\n") == 1


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_is_none_is_one_message(tmp_path: Path, name: str) -> None:
    file = str(tmp_path / name)
    ended = CliRunner().invoke(main, ["serve", "--port", "0", "--seed-data", file])
    assert ended.exit_code == 2
    assert "seed data cannot be read" in ended.output
    assert ended.output.count("\n") == 1


def test_nothing_is_planted_of_a_bad_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    seeds = {"people": [newcomer("half-agent")["user"], {}]}
    file = planted(tmp_path, json.dumps(seeds))
    ended = CliRunner().invoke(
        main, ["serve", "--port", "0", "--seed-data", str(file), "--db", str(state)]
    )
    assert ended.exit_code == 2
    with serve(Settings(db=state)) as deployment, speaking(deployment.base_url) as digit:
        assert digit.login("half-agent", "Bbps@2024", "SYSTEM", "pb").status_code == 400
