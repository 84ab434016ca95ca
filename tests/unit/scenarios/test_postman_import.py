"""A collection becomes scenarios that load, and the report says what does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scenarios.importing import UPDATE, imported, item, only, raw


def test_one_scenario_for_each_folder(tmp_path: Path) -> None:
    document = {
        "info": {"name": "City"},
        "item": [
            {"name": "Pay", "item": [item("Update", "{{host}}" + UPDATE)]},
            {"name": "Look", "item": [item("Page", "https://elsewhere.example/page?a=1")]},
        ],
    }
    found, done = imported(tmp_path, document)
    assert set(found) == {"city-pay", "city-look"}
    assert found["city-pay"]["steps"][0]["call"] == "transaction.update"
    assert found["city-pay"]["requirements"] == ["TXN-05"]
    page = found["city-look"]["steps"][0]
    assert page["request"] == {"method": "POST", "path": "/page"}
    assert page["query"] == {"a": "1"}
    assert "raw call: Look / Page: POST /page" in done.output
    (tmp_path / "one").mkdir()
    one, _ = imported(tmp_path / "one", document, "--one")
    assert [step["name"] for step in one["city"]["steps"]] == ["Update", "Page"]


def test_two_folders_of_one_name_are_two_scenarios(tmp_path: Path) -> None:
    folders = [{"name": "Pay", "item": [item(name, "{{h}}" + UPDATE)]} for name in ("A", "B")]
    found, _ = imported(tmp_path, {"info": {"name": "C"}, "item": folders})
    steps = {name: [each["name"] for each in one["steps"]] for name, one in found.items()}
    assert steps == {"c-pay": ["A"], "c-pay-2": ["B"]}


def test_what_a_script_saves_is_used_later(tmp_path: Path) -> None:
    first = item("First", "{{host}}/pg-service/transaction/v1/_create", test=(
        "const j = pm.response.json();\n"
        "pm.test('made', () => pm.response.to.have.status(200));\n"
        "pm.environment.set('id', j.Transaction.txnId);\n"
        "pm.environment.set('header', 'T ' + j.Transaction.txnId);\n"
        "pm.environment.set('next', j.next);"
    ))  # fmt: skip
    second = item(
        "Second", "{{host}}" + UPDATE + "?transactionId={{id}}", body=raw('{"a": "{{header}}"}'),
        prerequest="pm.environment.set('n', '{{x}}');", header=[{"key": "X", "value": "{{n}}"}],
    )  # fmt: skip
    found, done = imported(
        tmp_path, {"info": {"name": "C"}, "item": [first, second]}, environment={"x": "7"}
    )
    assert done.exit_code == 0, done.output
    one, two = found["c"]["steps"]
    assert one["expect"] == {"status": 200}
    assert one["description"] == "made"
    assert one["save"]["id"] == "/Transaction/txnId"
    assert two["query"] == {"transactionId": "{{id}}"}
    assert two["body"] == {"a": "T {{header_part_1}}"}
    assert two["headers"] == {"X": "7"}
    assert one["save"]["header_part_1"] == "/Transaction/txnId"


def test_a_document_that_a_script_makes_is_sent(tmp_path: Path) -> None:
    made = item(
        "Made", "{{host}}" + UPDATE, body=raw("{{payload}}"),
        prerequest="const p = {a: {password: 'Tr0ub4dor-3'}, b: 1};\n"
                   "pm.environment.set('payload', JSON.stringify(p));",
    )  # fmt: skip
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": [made]})
    assert found["c"]["steps"][0]["body"] == {"a": {"password": "{{password}}"}, "b": 1}
    assert "Tr0ub4dor-3" not in done.output + json.dumps(found)


def test_variables_by_scope(tmp_path: Path) -> None:
    document = {
        "info": {"name": "C"},
        "variable": [
            {"key": "a", "value": "collection"},
            {"key": "b", "value": "collection"},
            {"key": "c", "value": "{{c}}{{c}}"},
        ],
        "item": [item("U", "{{host}}" + UPDATE + "?a={{a}}&b={{b}}&g={{g}}&c={{c}}&u={{u}}")],
    }
    environment, globals_ = {"a": "environment"}, {"g": "global", "a": "global"}
    found, done = imported(tmp_path, document, environment=environment, globals_=globals_)
    (step,) = found["c"]["steps"]
    assert step["query"] == {
        "a": "environment", "b": "collection", "g": "global", "c": "{{c}}{{c}}", "u": "{{u}}",
    }  # fmt: skip
    assert found["c"]["values"]["u"] == {"generate": "environment"}
    assert "c refers to itself" in done.output


@pytest.mark.parametrize(
    ("environment", "query"),
    [
        ({"env": "prod", "x-prod": "7"}, "7"),
        ({"env": "prod"}, "{{x_prod}}"),
        ({"env": "{{other}}", "other": "prod", "x-prod": "{{y-{{env}}}}", "y-prod": "8"}, "8"),
    ],
)
def test_a_name_in_a_name(environment: Any, query: str, tmp_path: Path) -> None:
    step = only(tmp_path, item("U", "{{h}}/x?q={{x-{{env}}}}"), environment=environment)
    assert step["query"] == {"q": query}


def test_a_variable_of_the_path_with_a_name_that_no_scenario_has(tmp_path: Path) -> None:
    step = only(tmp_path, item("U", "{{h}}/statuses/:id.json"))
    assert step["request"]["path"] == "/statuses/{{id_json}}"


@pytest.mark.parametrize("text", ["{{x-{{env}}}}", "{{}}", "{{ }}"])
def test_what_no_scenario_can_say_is_left_out(text: str, tmp_path: Path) -> None:
    script = "pm.response.to.have.status(200);"
    odd = item("Odd", "{{h}}/x", body=raw({"a": text}), test=script)
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": [odd, item("V", "{{h}}/y")]})
    assert [step["name"] for step in found["c"]["steps"]] == ["V"]
    assert "left out: Odd: body.a" in done.output
    assert f"Odd, test, line 1: its request is left out: {script}" in done.output


def test_values_that_grow_without_end_are_bounded(tmp_path: Path) -> None:
    document = {
        "variable": [
            {"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 50} for n in range(12)
        ],
        "item": [item("U", "{{host}}" + UPDATE + "?a={{v0}}")],
    }  # fmt: skip
    found, done = imported(tmp_path, document)
    assert done.exit_code == 0
    assert len(str(found)) < 10**7


def test_generated_values(tmp_path: Path) -> None:
    step = only(tmp_path, item("U", "{{h}}" + UPDATE, body=raw({"a": "{{$guid}}-{{$guid}}"})))
    assert step["body"] == {"a": "{{guid}}-{{guid_2}}"}


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (raw('{"a": {{x}}, // one\n "b": [1, 2,]}'), {"body": {"a": "{{x}}", "b": [1, 2]}}),
        (raw('{"requestInfo": {"authToken": "abcdefgh1"}, "a": 1}'), {"body": {"a": 1}}),
        (raw("[1]"), {"body": [1]}),
        (raw("<a/>"), {"text": "<a/>", "content_type": "application/xml"}),
        ({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"},
          {"key": "b", "value": "2", "disabled": True}]}, {"form": {"a": "1"}}),
        ({"mode": "urlencoded", "urlencoded": "a=1&a={{b}}"},
         {"text": "a=1&a={{b}}", "content_type": "application/x-www-form-urlencoded"}),
        ({"mode": "formdata", "formdata": [{"key": "a", "value": "1"},
          {"key": "f", "type": "file", "src": "x.png"}]},
         {"form": {"a": "1"}, "content_type": "multipart/form-data"}),
        ({"mode": "graphql", "graphql": {"query": "{ a }", "variables": '{"b": 1}'}},
         {"body": {"query": "{ a }", "variables": {"b": 1}}}),
        ({"mode": "file", "file": {"src": "../secret"}},
         {"text": "", "content_type": "application/octet-stream"}),
        ({"mode": "raw", "raw": '{"a": 1}', "disabled": True}, {}),
    ],
)  # fmt: skip
def test_bodies(body: Any, parts: dict[str, Any], tmp_path: Path) -> None:
    step = only(tmp_path, item("U", "{{host}}" + UPDATE, body=body))
    assert {key: step[key] for key in step if key not in {"name", "call"}} == parts


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        ({"type": "bearer", "bearer": [{"key": "token", "value": "{{t}}"}]},
         {"Authorization": "Bearer {{t}}"}, None),
        ({"type": "basic", "basic": {"username": "u", "password": "pa55w0rd!"}},
         {"Authorization": "Basic {{basic_credential}}"}, None),
        ({"type": "apikey", "apikey": {"key": "X-Key", "value": "abcdef123", "in": "header"}},
         {"X-Key": "{{x_key}}"}, None),
        ({"type": "apikey", "apikey": {"key": "k", "value": "{{k}}", "in": "query"}},
         None, {"k": "{{k}}"}),
        ({"type": "oauth2", "oauth2": {"accessToken": "abcdef123", "addTokenTo": "header"}},
         {"Authorization": "Bearer {{access_token}}"}, None),
        ({"type": "noauth"}, None, None),
        ({"type": "hawk", "hawk": {"authKey": "abcdef1234"}}, None, None),
    ],
)  # fmt: skip
def test_auth_by_value(auth: Any, headers: Any, query: Any, tmp_path: Path) -> None:
    step = only(tmp_path, item("Page", "{{host}}/page", auth=auth))
    assert step.get("headers") == headers
    assert step.get("query") == query
    assert "abcdef123" not in (tmp_path / "out" / "c.yaml").read_text("utf-8")


def test_a_saved_answer_says_what_to_expect(tmp_path: Path) -> None:
    body = {"ResponseInfo": {"ts": 1}, "Bill": [{"id": "x", "amount": 1.5, "none": None}]}
    response = [
        {"name": "no", "code": 400, "body": "{}"},
        {"name": "yes", "code": 201, "body": json.dumps(body)},
    ]
    step = only(tmp_path, item("U", "{{host}}" + UPDATE, response=response))
    assert step["expect"] == {
        "status": 201,
        "type": {"/Bill": "array", "/Bill/0/id": "string", "/Bill/0/amount": "number"},
    }


def test_the_report_as_json(tmp_path: Path) -> None:
    step = item("U", "{{h}}" + UPDATE, test="pm.response.to.have.status(200);\nfoo();\n// x")
    _, done = imported(tmp_path, {"info": {"name": "C"}, "item": [step, item("V", "")]}, "--json")
    report = json.loads(done.output)
    assert report["requests"]["total"] == 2
    assert report["requests"]["left_out"] == ["V: it has no address"]
    assert report["script_lines"] | {"lines": []} == {
        "total": 3, "translated": 1, "without_effect": 1, "no_requirement": 0, "listed": 1,
        "lines": [],
    }  # fmt: skip
    assert report["script_lines"]["lines"][0]["text"] == "foo();"


def test_what_is_not_sent_is_said(tmp_path: Path) -> None:
    sent = item(
        "S", "{{h}}/x",
        header=[{"key": key, "value": "v"}
                for key in ("X", "x", "Host", "Content-Length", "bad name", "Accept")],
        event=[], body=raw({"a": 1}),
    )  # fmt: skip
    sent["request"]["header"].append({"key": "Content-Type", "value": "text/plain"})
    sent["event"] = [
        {"listen": "test", "disabled": True, "script": {"exec": ["foo();", "", "bar();"]}},
        {"listen": "test", "script": {"src": "tests.js"}},
        {"listen": "other", "script": {"exec": "foo()"}},
    ]
    others = [item(name, f"{name}:a@b.example") for name in ("mailto", "tel")]
    others += [item("ws", "ws://h/x"), item("ftp", {"protocol": "ftp", "host": ["h"], "path": []})]
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": [sent, *others]})
    assert [step["name"] for step in found["c"]["steps"]] == ["S"]
    assert found["c"]["steps"][0]["headers"] == {"x": "v", "Accept": "v"}
    for line in (
        "note: S: the header X is given several times: only the last one is sent",
        "note: S: the header Host is left out: the client sends its own",
        "note: S: the header Content-Length is left out: the client sends its own",
        "note: S: a header is left out: 'bad name' is no name of a header",
        "note: S: the header Content-Type: text/plain is left out: application/json is sent",
        "note: S: its script test (lines: 2) is left out: it is disabled",
        "note: S: its script test is left out: it is tests.js, which is not read",
        "note: S: its script other (lines: 1) is left out: Postman runs none of that name",
        *(f"left out: {name}: its address is one of {name}" for name in
          ("mailto", "tel", "ws", "ftp")),
    ):  # fmt: skip
        assert line in done.output


def test_a_saved_answer_of_another_status_says_nothing(tmp_path: Path) -> None:
    refused = item(
        "Refused", "{{host}}" + UPDATE, test="pm.response.to.have.status(400)",
        response=[{"code": 200, "body": '{"ok": 1}'}, {"code": 400, "body": '{"Errors": []}'}],
    )  # fmt: skip
    step = only(tmp_path, refused)
    assert step["expect"] == {"status": 400, "type": {"/Errors": "array"}}


@pytest.mark.parametrize(
    ("more", "caller"),
    [
        ({"auth": {"type": "noauth"}}, "anonymous"),
        ({"header": [{"key": "auth-token", "value": ""}]}, "anonymous"),
        ({"body": raw({"RequestInfo": {"authToken": ""}})}, "anonymous"),
        ({"body": raw({"RequestInfo": {"authToken": "gone"}})}, None),
        ({"header": [{"key": "auth-token", "value": "gone"}]}, None),
    ],
)
def test_what_is_to_be_refused_without_a_token_has_none(
    more: Any, caller: str | None, tmp_path: Path
) -> None:
    nobody = item(
        "Nobody", "{{host}}" + UPDATE, test="pm.response.to.have.status(401)", **more
    )  # fmt: skip
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": [nobody]})
    assert found["c"]["steps"][0].get("as") == caller
    assert ("it requires 401" in done.output) == (caller is None)


def test_what_another_scenario_sets_is_said(tmp_path: Path) -> None:
    login = item(
        "In", "{{h}}/user/oauth/token", test="pm.environment.set('t', pm.response.json().t);"
    )
    use = item("Use", "{{h}}/x?t={{t}}")
    document = {
        "info": {"name": "C"},
        "item": [{"name": "A", "item": [login]}, {"name": "B", "item": [use]}],
    }
    said = "note: B / Use: the variable t is set by a script of another scenario: try --one"
    assert said in imported(tmp_path, document)[1].output
    (tmp_path / "one").mkdir()
    assert "note: B" not in imported(tmp_path / "one", document, "--one")[1].output


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"mode": "file", "file": {"content": '{"a": 1}'}}, {"body": {"a": 1}}),
        ({"mode": "protobuf", "protobuf": "x"}, {}),
    ],
)
def test_bodies_of_another_kind(body: Any, part: Any, tmp_path: Path) -> None:
    found, done = imported(
        tmp_path, {"info": {"name": "C"}, "item": [item("A", "{{h}}/x", body=body)]}
    )
    step = found["c"]["steps"][0]
    assert {key: step[key] for key in ("body", "text", "file") if key in step} == part
    assert ("its body is left out: protobuf" in done.output) == (not part)
