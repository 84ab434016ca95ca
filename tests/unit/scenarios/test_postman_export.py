"""Scenarios as a Postman collection: requests, tests, and the way back."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.cli.main import main
from conformance.core.resources import EXAMPLES
from conformance.profile.loading import load as load_profile
from conformance.profile.target import Target
from conformance.scenarios.catalogue import load, loaded
from conformance.scenarios.model import Scenario
from conformance.scenarios.postman.exporter import exported
from conformance.scenarios.postman.javascript import parsed
from conformance.scenarios.postman.tests_written import Unwritable, expression_at

PASSWORDS = ("Admin@2024", "Cashier@2024")


@pytest.fixture(scope="module")
def target() -> Target:
    return load_profile(EXAMPLES / "targets" / "reference.yaml").target


def requests(node: Any) -> list[Any]:
    found = [node] if "request" in node else []
    return found + [each for inner in node.get("item", []) for each in requests(inner)]


def document(scenario: Scenario) -> Any:
    return json.loads(scenario.model_dump_json(by_alias=True, exclude={"folder", "area"}))


def test_the_catalogue_comes_back_as_it_was(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(main, ["scenarios", "export", "--postman", str(tmp_path / "postman")])
    assert done.exit_code == 0, done.output
    collection = tmp_path / "postman" / "bbps.postman_collection.json"
    done = runner.invoke(
        main, ["scenarios", "import", str(collection), "--out", str(tmp_path / "back"), "--json"]
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert report["requests"]["left_out"] == []
    assert report["credentials"] == []
    back = {each.name: each for each in loaded([tmp_path / "back"])}
    assert {name: document(each) for name, each in back.items()} == {
        each.name: document(each) for each in load()
    }


def test_the_environment_stays_in_its_folder(tmp_path: Path) -> None:
    profile = tmp_path / "target.yaml"
    text = (EXAMPLES / "targets" / "reference.yaml").read_text("utf-8")
    profile.write_text(text.replace("name: reference", 'name: "../x/y"', 1), encoding="utf-8")
    out = tmp_path / "a" / "b"
    arguments = ["scenarios", "export", "--postman", str(out), "--target", str(profile)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert {each.name for each in out.iterdir()} == {
        "bbps.postman_collection.json", "x-y.postman_environment.json",
    }  # fmt: skip
    assert [each.name for each in out.parent.iterdir()] == ["b"]


def test_what_is_changed_in_postman_is_read_from_its_requests(tmp_path: Path) -> None:
    runner = CliRunner()
    runner.invoke(main, ["scenarios", "export", "--postman", str(tmp_path)])
    path = tmp_path / "bbps.postman_collection.json"
    collection = json.loads(path.read_text("utf-8"))
    for each in requests(collection):
        each["request"]["url"] += "&x=changed" if "?" in each["request"]["url"] else "?x=changed"
    path.write_text(json.dumps(collection), encoding="utf-8")
    done = runner.invoke(main, ["scenarios", "import", str(path), "--out", str(tmp_path / "back")])
    assert done.exit_code == 0, done.output
    back = loaded([tmp_path / "back"])
    assert all(step.query["x"] == "changed" for each in back for step in each.steps)


def test_every_script_is_javascript_and_every_request_has_a_test(target: Target) -> None:
    result = exported(load(), target, base_url="http://h", secrets=False)
    assert result.left_out == ()
    for each in requests(result.collection):
        for event in each["event"]:
            assert not parsed("\n".join(event["script"]["exec"])).has_error, each["name"]
        assert "pm.test(" in str(each["event"])
    names = [each["name"] for each in result.collection["item"]]
    assert names[0] == "Set-up"
    assert names[1:] == sorted({each.area for each in load()})
    ids = [each["id"] for each in requests(result.collection) if "id" in each]
    assert len(ids) == len(set(ids))


def test_secrets_are_written_only_if_wanted(target: Target) -> None:
    without = exported(load(), target, base_url="http://h", secrets=False)
    written = json.dumps([without.collection, without.environment])
    assert not any(each in written for each in PASSWORDS)
    secret = [each for each in without.environment["values"] if each.get("type") == "secret"]
    assert {each["value"] for each in secret} == {""}
    result = exported(load(), target, base_url="http://h", secrets=True)
    assert all(each in json.dumps(result.environment) for each in PASSWORDS)
    assert not any(each in json.dumps(result.collection) for each in PASSWORDS)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("/a/0/b", 'at("a", "0", "b")'),
        ("/a~1b/~0", 'at("a/b", "~")'),
        ("header:Location", 'pm.response.headers.get("Location")'),
        ("text", "pm.response.text()"),
    ],
)
def test_places(place: str, code: str) -> None:
    assert expression_at(place) == code


def test_places_with_conditions() -> None:
    code = expression_at("$.a['b-c'][?@.d=='{{x}}' && (@.e=={{x}} || @.f!=null)].g[0]")
    assert not parsed(code).has_error
    with pytest.raises(Unwritable):
        expression_at("$.a[?match(@.b, 'c')]")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12)
values = st.one_of(texts, st.integers(-1000, 1000), st.booleans(), st.none())
places = st.lists(texts.filter(lambda x: "{{" not in x), min_size=1, max_size=3).map(
    lambda parts: "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in parts)
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(
    expect=places.flatmap(lambda place: st.fixed_dictionaries({
        "equals": st.just({}) | values.map(lambda value: {place: value}),
        "present": st.just([]) | st.just([place]),
        "status": st.sampled_from([200, "4xx", "refused", ["accepted", 404]]),
    })),
    body=st.dictionaries(texts, values, max_size=3),
)  # fmt: skip
def test_any_scenario_is_written_as_javascript(expect: Any, body: Any, target: Target) -> None:
    scenario = Scenario.model_validate({
        "name": "x", "title": "x", "requirements": ["TXN-01"],
        "steps": [{"name": "x", "call": "transaction.create", "body": body, "expect": expect,
                   "eventually": True}],
    })  # fmt: skip
    result = exported([scenario], target, base_url="http://h", secrets=False)
    for each in requests(result.collection):
        for event in each["event"]:
            assert not parsed("\n".join(event["script"]["exec"])).has_error


STEP = {"name": "Find", "call": "bill.fetch"}


def scripts_of(target: Target, *steps: Any, **more: Any) -> list[str]:
    """Return the scripts that the steps of a scenario become, without the helpers."""
    scenario = Scenario.model_validate({"name": "x", "title": "x", "steps": steps, **more})
    found = exported([scenario], target, base_url="http://x", secrets=False)
    assert not found.left_out
    written = [each for each in requests(found.collection) if each["name"].startswith("Find")]
    return [
        "\n".join(each["event"][-1]["script"]["exec"]).partition("const required")[2]
        for each in written
    ]


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ({"below": {"/a": 5}}, 'size(at("a")) < Number("5")'),
        ({"matches": {"/a": "^x"}}, '!missing(at("a")) && new RegExp("^x", "").test(at("a"))'),
        ({"type": {"/a": "null"}}, 'missing(at("a"))'),
        ({"present": ["$[?length($['a']) > 0 && @ != null]"]},
         'filter((v) => count(within(body, ["a"])) > 0 && v != null)'),
    ],
)  # fmt: skip
def test_what_is_absent_meets_no_expectation(expect: Any, code: str, target: Target) -> None:
    (script,) = scripts_of(target, {**STEP, "expect": expect})
    assert code in script


def test_numbers_of_a_row_stand_where_texts_do(target: Target) -> None:
    step = {
        **STEP, "foreach": [{"n": 1}], "headers": {"X": "{{n}}"},
        "expect": {"equals": {"/a": "{{n}}"}, "matches": {"/b": "{{n}}"}},
    }  # fmt: skip
    (script,) = scripts_of(target, step)
    assert 'same(at("a"), 1)' in script
    assert 'new RegExp("1", "")' in script


def test_only_what_stands_at_a_pointer_is_compared_with_an_earlier_answer(target: Target) -> None:
    steps = [STEP, {**STEP, "name": "Again", "expect": {"unchanged_since": {"text": "Find"}}}]
    scenario = Scenario.model_validate({"name": "x", "title": "x", "steps": steps})
    found = exported([scenario], target, base_url="http://x", secrets=False)
    assert found.left_out == ("x: that text is unchanged",)


def test_a_first_step_that_is_repeated_keeps_its_values_and_its_count(target: Target) -> None:
    step = {**STEP, "never": {"present": ["/a"]}, "query": {"tenantId": "{{t}}"}}
    (script,) = scripts_of(target, step, values={"t": {"generate": "text"}})
    assert 'pm.collectionVariables.set("again", pm.info.requestId);' in script
    scenario = Scenario.model_validate({"name": "x", "title": "x", "steps": [step]})
    found = exported([scenario], target, base_url="http://x", secrets=False)
    (made,) = [each for each in requests(found.collection) if each["name"] == "Find"]
    before = made["event"][0]["script"]["exec"]
    assert before[0] == 'if (pm.collectionVariables.get("again") !== pm.info.requestId) {'
    assert any('"round", 0' in line for line in before[1:-1])
