"""Scenarios as data: what is read, and how a mistake is reported."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.core import foreign_files, resources
from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError
from conformance.scenarios.catalogue import load, read
from conformance.scenarios.model import Scenario
from conformance.scenarios.published_schema import schema
from tests.unit.scenarios.mistakes import GOOD, LOADER_ONLY, MISTAKES


def written(folder: Path, text: str, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shipped() -> list[Scenario]:
    return load()


def test_catalogue_covers_what_integrators_do(shipped: list[Scenario]) -> None:
    assert len(shipped) >= 35
    assert {each.area for each in shipped} == {
        "bills", "mdms", "payments", "transactions", "users", "workflow",
    }  # fmt: skip


def test_shipped_scenarios_stem_from_collections_that_exist(shipped: list[Scenario]) -> None:
    """Billing is in none of the published collections."""
    assert [each.name for each in shipped if not each.derived_from and each.area != "bills"] == []


def test_file_of_a_shipped_scenario_has_its_name() -> None:
    for path in resources.folder("scenarios").rglob("*.yaml"):
        assert read(path).name == path.stem


def test_refusals_have_their_control(shipped: list[Scenario]) -> None:
    """The same call, accepted: as the control of the step, or as another step."""
    bare = []
    for scenario in shipped:
        accepted = {
            step.call or "transaction.update"
            for step in scenario.steps
            if not any({"refused", "kept-out", "denied"} & {*each.status} for each in step.expected)
            or any("accepted" in each.status for each in step.expected)
            or step.control
        }
        for step in scenario.steps:
            refused = any({"refused", "kept-out", "denied"} & {*e.status} for e in step.expected)
            shown = step.prepares or step.control
            if refused and not shown and (step.call or "transaction.update") not in accepted:
                bare.append(f"{scenario.name}: {step.name}")
    assert bare == SHOWN_ELSEWHERE


def test_good_file_is_read(tmp_path: Path) -> None:
    scenario = read(written(tmp_path, GOOD))
    assert [step.call for step in scenario.steps] == ["bill.fetch"]
    assert scenario.steps[0].as_ == "integrator"


# The steps before show that the token is alive.
SHOWN_ELSEWHERE = ["role-in-effect: Search Transactions"]


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistake_is_described_with_file_and_place(tmp_path: Path, kind: str) -> None:
    change, message = MISTAKES[kind]
    (tmp_path.parent / "outside.json").write_text("{}", encoding="utf-8")
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(FileError) as problem:
        read(path)
    assert str(path) in str(problem.value)
    assert message in str(problem.value)


def test_a_document_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds a list where a mapping is expected"):
        read(written(tmp_path, "- name: a"))


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("bill.fetch", "bill.fech"), "one.yaml")
    (tmp_path / "below").mkdir()
    written(tmp_path / "below", GOOD.replace("200", "20"), "two.yml")
    with pytest.raises(SetupError) as problem:
        load(tmp_path)
    assert "one.yaml, line 6" in str(problem.value)
    assert "two.yml, line 6" in str(problem.value)


def test_variables_have_a_value_by_the_time_they_are_used(tmp_path: Path) -> None:
    text = """
name: a-scenario
title: A scenario
requirements: [RCP-01]
values:
  bill: {generate: bill}
  less: {generate: rupees, of: "{{bill.amount}}", plus: -1}
foreach:
  - {mode: CASH}
  - {mode: CARD}
steps:
  - name: Fetch
    call: bill.fetch
    query: {a: "{{mode}}", b: "{{less}}", c: "{{integrator.username}}", d: "{{column}}"}
    foreach: [{column: 1}, {column: "{{amount}}"}]
    expect:
      - {status: refused, equals: {"header:{{a}}": "{{later}}"}}
    save: {a: /Bill/0/id}
  - name: Search
    request: {method: GET, path: "/x/{{a}}"}
    save: {later: "header:Location"}
"""
    with pytest.raises(FileError) as problem:
        read(written(tmp_path, text))
    found = [each.message for each in problem.value.mistakes]
    assert found == [
        "steps.0.expect: {{a}} has no value yet: a later step saves it",
        "steps.0.expect: {{later}} has no value yet: a later step saves it",
    ]


def test_schema_is_one_for_editors() -> None:
    found = schema()
    assert found["properties"]["steps"]["items"]["$ref"] == "#/$defs/Step"
    assert {"as", "call", "expect", "never", "save"} <= set(found["$defs"]["Step"]["properties"])
    assert found["additionalProperties"] is False
    jsonschema.Draft202012Validator.check_schema(found)
    validator = jsonschema.Draft202012Validator(found)
    for path in sorted(resources.folder("scenarios").rglob("*.yaml")):
        document = foreign_files.read(path, number=float).value
        assert list(validator.iter_errors(document)) == [], path


def test_what_the_schema_accepts_and_the_loader_refuses_has_a_reason(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    accepted = []
    for kind, (change, _) in MISTAKES.items():
        path = written(tmp_path, GOOD.replace(*change))
        try:
            document = foreign_files.read(path, number=float).value
        except FileError:  # no editor reads it
            continue
        if validator.is_valid(document):
            accepted.append(kind)
    assert sorted(accepted) == sorted(LOADER_ONLY)


@pytest.mark.parametrize(
    "good",
    [
        "headers: {Accept-Language: hi, X-Tenant: '{{tenant}}', Authorization: 'Bearer {{never}}'}",
        "body: {pinCode: 143001, pincode: '143001', token: '', password: null, tokenType: x}",
        "request: {method: get, path: '/a/{{tenant}}/b.json'}",
        'text: \'{"password": "{{never}}Aa1@"}\', content_type: application/json',
        "form: {grant_type: password, password: '{{never}}'}",
        "as: kiosk, query: {a: '{{kiosk.username}}', b: '{{bill.amount}} }}'}",
    ],
)
def test_what_resembles_a_mistake_is_accepted(tmp_path: Path, good: str) -> None:
    values = "values: {never: {generate: text}, bill: {generate: bill}}\nsteps:"
    call = "call: bill.fetch" if good.startswith("request") else "call: bill.fetch, " + good
    text = GOOD.replace("steps:", values).replace(
        "call: bill.fetch", good if good.startswith("request") else call
    )
    path = written(tmp_path, text)
    assert read(path).name == "a-scenario"
    document = foreign_files.read(path, number=float).value
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(document)) == []


def test_an_actor_is_one_that_the_profile_or_the_suite_knows(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("call: bill.fetch", "call: bill.fetch, as: kisok"))
    assert read(path).steps[0].as_ == "kisok"
    with pytest.raises(FileError, match="'kisok' is no actor; did you mean kiosk"):
        read(path, actors={"kiosk"})
    assert read(path, actors={"kisok"})


def test_descriptions_of_the_schema_are_plain_text() -> None:
    found: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            found.append(str(node.get("description", "")))
        for each in node.values() if isinstance(node, dict) else node:
            if isinstance(each, dict | list):
                look(each)

    look(schema())
    assert not [each for each in found if "`" in each or "\n" in each.replace("\n\n", "")]


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "one.yaml")
    written(tmp_path, GOOD, "two.yaml")
    with pytest.raises(SetupError, match="a second scenario is called 'a-scenario'"):
        load(tmp_path)


def test_absent_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
