"""Scripts of Postman become data, line by line; what does not is listed."""

from typing import Any

import pytest

from conformance.scenarios.postman.expected import expectations
from conformance.scenarios.postman.lines import Fate
from conformance.scenarios.postman.scripts import translated
from conformance.scenarios.postman.symbols import Constant, InBody, Joined, written

BODY = "const json = pm.response.json();\n"


def expected(source: str) -> Any:
    found = expectations(translated(source, "test").claims)
    return found[0] if len(found) == 1 else found


def listed(source: str, listen: str = "test") -> list[tuple[int, str]]:
    lines = translated(source, listen).book.finished()
    return [(number, reason) for number, _, fate, reason in lines if fate is Fate.NOT_DATA]


@pytest.mark.parametrize(
    ("source", "expectation"),
    [
        ("pm.response.to.have.status(201)", {"status": 201}),
        ("pm.response.to.have.status('Created')", {"status": 201}),
        ("pm.response.to.be.ok", {"status": "2xx"}),
        ("pm.response.to.not.be.serverError", {"status": ["1xx", "2xx", "3xx", "4xx"]}),
        ("pm.response.to.not.have.status(101)",
         {"status": [100, 102, 103, "2xx", "3xx", "4xx", "5xx"]}),
        ("pm.expect(pm.response.code).not.to.be.oneOf([100, 101, 102, 103])",
         {"status": ["2xx", "3xx", "4xx", "5xx"]}),
        ("pm.expect(pm.response.code).to.be.within(200, 202)", {"status": [200, 201, 202]}),
        ("pm.expect(pm.response.code).to.be.above(503)",
         {"status": [504, 505, 506, 507, 508, 510, 511]}),
        ("pm.expect(pm.response.code).to.be.oneOf([200, 201])", {"status": [200, 201]}),
        ("pm.expect(pm.response.code).to.equal(200)", {"status": 200}),
        ("pm.expect(pm.response).to.have.property('code', 200)", {"status": 200}),
        ("tests['a'] = responseCode.code === 200", {"status": 200}),
        ("tests['a'] = responseCode.code == 200 || responseCode.code == 201",
         {"status": [200, 201]}),
        ("tests['a'] = responseBody.has('ok')", {"contains": {"text": "ok"}}),
        ("tests['a'] = JSON.parse(responseBody).a[0].b == 'c'", {"equals": {"/a/0/b": "c"}}),
        ("tests['a'] = 'id' in JSON.parse(responseBody)", {"present": ["/id"]}),
        ("pm.response.to.have.header('Location')", {"present": ["header:Location"]}),
        ("pm.expect(pm.response.headers.get('X')).to.include('y')",
         {"contains": {"header:X": "y"}}),
        ("tests['a'] = postman.getResponseHeader('X') === 'y'", {"equals": {"header:X": "y"}}),
        ("pm.expect(pm.response.responseTime).to.be.below(500)", {"within_ms": 500}),
        ("pm.response.to.have.jsonBody('a.b', 1)", {"equals": {"/a/b": 1}}),
    ],
)  # fmt: skip
def test_of_an_answer(source: str, expectation: Any) -> None:
    assert expected(source) == expectation
    assert expected(f"pm.test('x', () => {{ {source}; }});") == expectation
    assert not listed(source)


@pytest.mark.parametrize("refusal", [
    "pm.response.to.not.have.status(200)",
    "pm.expect(pm.response.code).to.not.equal(200)",
    "pm.expect(pm.response.status).to.not.equal('OK')",
    "tests['a'] = responseCode.code !== 200",
])  # fmt: skip
def test_any_status_but_one(refusal: str) -> None:
    allowed = expected(refusal)["status"]
    assert 200 not in allowed
    assert {201, 204, "4xx", "5xx"} <= {*allowed}
    assert not {"2xx", "accepted"} & {*allowed}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("Math.round('2.5')", 3), ("Math.round(-2.5)", -2), ("Math.floor(2.9)", 2),
        ("Math.ceil(2.1)", 3), ("Math.trunc(-2.9)", -2), ("Math.abs(-2)", 2), ("1e3", 1000),
        ("1.0", 1), ("0x10", 16), ("10n", 10), ("1_000", 1000), ("parseInt('12abc')", 12),
        ("parseInt('12.9')", 12), ("parseInt(12.9)", 12), ("parseFloat('1.5 rupees')", 1.5),
        ("Number('12')", 12), ("Number('')", 0), ("Number(true)", 1), ("(2.345).toFixed(1)", "2.3"),
        ("Number('100').toFixed(2)", "100.00"), ("String(12)", "12"), ("(12).toString()", "12"),
        ("' a '.trim()", "a"), ("Math.round(1e3)", 1000),
    ],
)  # fmt: skip
def test_numbers_as_javascript_reads_them(expression: str, value: Any) -> None:
    found = expected(f"{BODY}pm.expect(json.a).to.eql({expression});")
    assert found == {"equals": {"/a": value}}
    assert type(found["equals"]["/a"]) is type(value)


@pytest.mark.parametrize("expression", [
    "Number('12 apples')", "parseInt('abc')", "Math.round('x')", "parseInt('11', 2)", "Math.max(1)",
    "(1).toFixed(900)", "1e999", "Number('-')",
])  # fmt: skip
def test_what_is_no_number_is_listed(expression: str) -> None:
    source = f"{BODY}pm.expect(json.a).to.eql({expression});"
    assert expected(source) == []
    assert [number for number, _ in listed(source)] == [2]


def test_a_name_of_a_block_ends_with_it() -> None:
    source = (
        f"{BODY}let a = 1; var b = 1;\n"
        "{ let a = 2; var b = 2; a = 3; }\n"
        "pm.expect(json.a).to.eql(a);\n"
        "pm.expect(json.b).to.eql(b);"
    )
    assert expected(source) == {"equals": {"/a": 1, "/b": 2}}


@pytest.mark.parametrize(
    ("chain", "expectation"),
    [
        ("to.equal('x')", {"equals": {"/a/b": "x"}}),
        ("to.eql({c: [1, true, null]})", {"equals": {"/a/b": {"c": [1, True, None]}}}),
        ("to.deep.equal([1])", {"equals": {"/a/b": [1]}}),
        ("to.not.equal('x')", {"not_equals": {"/a/b": "x"}}),
        ("not.to.be.null", {"present": ["/a/b"]}),
        ("to.be.null", {"absent": ["/a/b"]}),
        ("to.be.undefined", {"absent": ["/a/b"]}),
        ("to.exist", {"present": ["/a/b"]}),
        ("to.be.ok", {"present": ["/a/b"], "not_equals": {"/a/b": False}}),
        ("to.be.true", {"equals": {"/a/b": True}}),
        ("to.be.an('array')", {"type": {"/a/b": "array"}}),
        ("to.be.a('string').and.match(/^\\d+$/i)",
         {"type": {"/a/b": "string"}, "matches": {"/a/b": "(?i)^\\d+$"}}),
        ("to.have.lengthOf(2)", {"length": {"/a/b": 2}}),
        ("to.be.above(1).and.to.be.at.most(5)", {"above": {"/a/b": 1}, "at_most": {"/a/b": 5}}),
        ("to.be.within(1, 5)", {"at_least": {"/a/b": 1}, "at_most": {"/a/b": 5}}),
        ("to.include('x')", {"contains": {"/a/b": "x"}}),
        ("to.include({c: 1})", {"equals": {"/a/b/c": 1}}),
        ("to.be.oneOf(['x', 'y'])", {"one_of": {"/a/b": ["x", "y"]}}),
        ("to.have.property('c').that.equals(1)",
         {"present": ["/a/b/c"], "equals": {"/a/b/c": 1}}),
        ("to.have.nested.property('c[0].d', 1)", {"equals": {"/a/b/c/0/d": 1}}),
        ("to.have.keys(['c', 'd'])",
         {"present": ["/a/b/c", "/a/b/d"], "length": {"/a/b": 2}}),
        ("to.have.all.keys('c', 'd')",
         {"present": ["/a/b/c", "/a/b/d"], "length": {"/a/b": 2}}),
        ("to.include.all.keys('c', 'd')", {"present": ["/a/b/c", "/a/b/d"]}),
        ("to.be.empty", {"length": {"/a/b": 0}}),
        ("to.not.be.empty", {"present": ["$[?length($['a']['b']) > 0 && @ != null && @ != '']"]}),
        ("to.not.be.null.and.not.be.undefined", {"present": ["/a/b"]}),
        ("to.eql(pm.environment.get('x'))", {"equals": {"/a/b": "{{x}}"}}),
        ("to.eql(`T-${pm.variables.get('x')}`)", {"equals": {"/a/b": "T-{{x}}"}}),
        ("length.to.be.greaterThan(0)",
         {"present": ["$[?length($['a']['b']) > 0 && @ != null && @ != '']"]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "way",
    ["json.a.b", "json['a'].b", "pm.response.json().a['b']", "JSON.parse(responseBody).a.b",
     "_.get(json, 'a.b')", "deep", "renamed"],
)  # fmt: skip
def test_chains_on_paths(way: str, chain: str, expectation: Any) -> None:
    start = BODY + "const {a: {b: deep}} = json; let {a} = json; const renamed = a.b;\n"
    dot = "" if chain.startswith("length") else ")."
    call = f"pm.expect({way}.length).{chain[7:]}" if not dot else f"pm.expect({way}).{chain}"
    assert expected(f"{start}{call};") == expectation
    assert not listed(f"{start}{call};")


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        ("pm.environment.set('t', json.access_token)", "t", "path"),
        ("pm.collectionVariables.set('t', 'x')", "t", "x"),
        ("postman.setGlobalVariable('t', 5)", "t", 5),
        ("postman.setEnvironmentVariable('t', Date.now())", "t", "{{$timestampMs}}"),
        ("pm.globals.set('t', Math.floor(Date.now() / 1000))", "t", "{{$timestamp}}"),
        ("pm.variables.set('t', pm.variables.replaceIn('{{$guid}}'))", "t", "{{$guid}}"),
        ("pm.environment.set('t', 'PT-' + Math.floor(Math.random() * 10))", "t",
         "PT-{{$randomInt}}"),
        ("pm.environment.set('t', new Date().toISOString())", "t", "{{$isoTimestamp}}"),
    ],
)  # fmt: skip
def test_variables_are_set(source: str, name: str, value: Any) -> None:
    found = translated(BODY + source, "test")
    (only,) = found.sets
    assert only.name == name
    assert (getattr(only.value, "path", None) and "path") or written(only.value) == value


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("pm.sendRequest('http://x', function (e, r) {\n  pm.environment.set('a', 1);\n});",
         "sends another request"),
        ("postman.setNextRequest('x');", "changes the order of the requests"),
        ("for (const each of json.list) {\n  pm.expect(each.a).to.exist;\n}", "a loop"),
        ("if (Math.random() > 1) {\n  pm.environment.set('a', 1);\n}", "depends on a condition"),
        ("pm.environment.set('a', CryptoJS.MD5('x').toString());", "not understood"),
        ("this is no script {", "no JavaScript"),
    ],
)  # fmt: skip
def test_what_is_no_data_is_listed(source: str, reason: str) -> None:
    found = translated(source, "test")
    lines = source.splitlines()
    assert {why for _, why in listed(source)} >= {reason}
    assert {number for number, _ in listed(source)} == set(range(1, len(lines) + 1))
    assert not found.claims
    assert not found.sets


@pytest.mark.parametrize(
    "source",
    [
        "if (json.Errors) { pm.expect(json.Errors[0].code).to.eql('X'); } else { json.b; }",
        "if (pm.environment.get('x')) return;\npm.expect(json.a).to.eql(1);",
        "return;\npm.expect(json.a).to.eql(1);",
        "let n = json.n; n += 5;\npm.expect(n).to.eql(6);",
        "let n = json.n; n++;\npm.expect(n).to.eql(6);",
        "let w = json.b; if (!w) w = 'dflt';\npm.expect(w).to.eql('dflt');",
        "let w = json.b; for (const each of json.c) { w = each; }\npm.expect(w).to.eql('x');",
        "pm.expect(json.x ?? 'd').to.eql('d');",
        "pm.expect(json.x || json.y).to.eql('d');",
        "pm.environment.set('n', json.n + 1);",
        "pm.environment.set('n', parseInt(pm.environment.get('t')) + 1);",
    ],
)
def test_what_holds_in_some_cases_only_is_not_required(source: str) -> None:
    found = translated(BODY + source, "test")
    assert (found.claims, found.sets) == ([], [])
    assert listed(BODY + source)


def test_conditions_that_hold_anyhow() -> None:
    source = BODY + (
        "if (pm.response.code === 200) {\n"
        "  pm.environment.set('id', json.id);\n"
        "} else {\n"
        "  tests['failed'] = false;\n"
        "}\n"
        "if (json.token) { pm.environment.set('token', json.token.value); }"
    )
    found = translated(source, "test")
    assert [each.name for each in found.sets] == ["id", "token"]
    assert not listed(source)


def test_a_condition_that_another_test_denies() -> None:
    source = BODY + (
        "pm.response.to.have.status(400);\n"
        "if (pm.response.code === 200) {\n  pm.environment.set('id', json.id);\n}"
    )
    assert not translated(source, "test").sets
    assert [number for number, _ in listed(source)] == [3, 4, 5]


@pytest.mark.parametrize(
    ("source", "required", "lines"),
    [
        ("try {\n  pm.expect(json.a).to.eql(1);\n} catch (e) {\n  pm.expect(json.b).to.eql(2);\n}",
         [], [3, 4, 5, 6]),
        ("try {\n  pm.expect(json.a).to.eql(1);\n} catch (e) {\n  console.log(e);\n}", [], [3]),
        ("try {\n  pm.expect(json.a).to.eql(1);\n} catch (e) {\n  throw e;\n}", ["a"], []),
        ("try {\n  pm.test('t', () => pm.expect(json.a).to.eql(1));\n} catch (e) {\n  log(e);\n}",
         ["a"], [4, 5, 6]),
        ("try {\n  tests['t'] = json.a === 1;\n} catch (e) {\n  tests['t'] = false;\n}", ["a"], []),
        ("if (pm.response.code === 200) {\n  pm.environment.set('a', json.a);\n} else {\n"
         "  pm.expect(json.b).to.eql(2);\n}", [], [4, 5, 6]),
    ],
)  # fmt: skip
def test_what_a_catch_or_another_case_does(
    source: str, required: list[str], lines: list[int]
) -> None:
    found = translated("const json = pm.response.json();\n" + source, "test")
    places = [each.subject.path[0] for each in found.claims if isinstance(each.subject, InBody)]
    assert places == required
    listed_ = [number for number, _, fate, _ in found.book.finished() if fate == Fate.NOT_DATA]
    assert [each for each in listed_ if each > 1] == lines


def test_functions_and_failures_that_are_caught() -> None:
    source = (
        "function check(value) { pm.expect(value).to.exist; }\n"
        "let body;\n"
        "try {\n  body = JSON.parse(responseBody);\n} catch (e) {\n  console.log(e);\n}\n"
        "pm.test('both', function () {\n  check(body.a);\n  check(body.b);\n});"
    )
    assert expected(source) == {"present": ["/a", "/b"]}
    assert not listed(source)


def test_headers_before_the_request() -> None:
    source = "pm.request.headers.add({key: 'X-Id', value: pm.environment.get('id')});"
    (header,) = translated(source, "prerequest").headers
    assert (header.name, written(header.value)) == ("X-Id", "{{id}}")
    assert listed(source, "test") == [(1, "changes the request")]


@pytest.mark.parametrize("source", ["(" * 5000, "!" * 3000 + "a", "a" + ".b" * 5000, "{" * 3000])
def test_hostile_scripts_are_read_in_bounds(source: str) -> None:
    assert not translated(source, "test").claims


def test_a_script_that_is_too_large_is_listed_once() -> None:
    ((_, text, fate, _),) = translated("var a = 1;\n" * 50_000, "test").book.finished()
    assert (text, fate) == ("(50001 lines)", Fate.NOT_DATA)


def test_a_status_that_is_one_of_several_lets_values_be_kept() -> None:
    source = BODY + (
        "pm.expect(pm.response.code).to.be.oneOf([200, 201]);\n"
        "if (pm.response.code >= 200 && pm.response.code < 300) { pm.globals.set('a', json.a); }\n"
        "if (pm.response.code === 201) { pm.globals.set('b', json.b); }\n"
        "if (pm.response.code === 404) { pm.globals.set('c', json.c); }"
    )
    assert [each.name for each in translated(source, "test").sets] == ["a", "b"]
    assert listed(source) == [(5, "depends on a condition")]


@pytest.mark.parametrize(
    "way",
    ["pm.response.to.have.jsonSchema(schema)", "pm.expect(json).to.be.jsonSchema(schema)",
     "tests['a'] = tv4.validate(json, schema)",
     "pm.expect(ajv.validate(schema, json)).to.be.true"],
)  # fmt: skip
def test_schemas(way: str) -> None:
    schema = (
        "{type: 'object', required: ['id', 'a'], properties: {id: {type: 'string', pattern: '^x'},"
        " a: {type: 'object', required: ['n'], properties: {n: {minimum: 1}}}}}"
    )
    assert expected(f"{BODY}const schema = {schema};\n{way};") == {
        "type": {"": "object", "/id": "string", "/a": "object"},
        "matches": {"/id": "^x"},
        "at_least": {"/a/n": 1},
    }
    assert not listed(f"{BODY}const schema = {schema};\n{way};")
    part = "{properties: {id: {type: 'string'}}, required: ['b']}"
    assert expected(f"{BODY}const schema = {part};\n{way};") == {"present": ["/b"]}
    assert listed(f"{BODY}const schema = {part};\n{way};") == [(3, "no expectation says this")]


@pytest.mark.parametrize(
    ("condition", "expectation"),
    [
        ("Boolean(json.a)", {"present": ["/a"], "not_equals": {"/a": False}}),
        ("JSON.stringify(json).includes('x')", {"contains": {"text": "x"}}),
        ("JSON.stringify(json).indexOf('x') > -1", {"contains": {"text": "x"}}),
        ("JSON.parse(JSON.stringify(json.a)).b === 1", {"equals": {"/a/b": 1}}),
        ("JSON.stringify(json.a) === JSON.stringify([1])", {"equals": {"/a": [1]}}),
    ],
)
def test_what_javascript_makes_of_a_value_is_not_the_value(
    condition: str, expectation: Any
) -> None:
    assert expected(f"{BODY}tests['x'] = {condition};") == expectation


def test_a_part_of_the_answer_as_text_is_kept_but_not_looked_into() -> None:
    source = f"{BODY}pm.environment.set('t', JSON.stringify(json.a));\n"
    asked = "pm.expect(JSON.stringify(json.a)).to.include('x');"
    assert [each.name for each in translated(source, "test").sets] == ["t"]
    assert listed(f"{source}{asked}") == [(3, "not understood")]


@pytest.mark.parametrize(
    "change",
    ["json.a = 5;", "json['a'].b = 5;", "json.a.b++;", "json.a.sort();", "json.a.shift();",
     "delete json.a;", "Object.assign(json, {a: 5});", "[1].forEach(() => { json.a = 5; });",
     "for (const x of [1]) { json.list.forEach(() => { json.a = 5; }); }",
     "pm.sendRequest('x', () => { json = {}; });"],
)  # fmt: skip
def test_what_a_script_changes_is_not_the_answer(change: str) -> None:
    source = f"let json = pm.response.json();\n{change}\npm.environment.set('t', json.a[0].id);\n"
    found = translated(f"{source}pm.expect(json.a).to.equal(5);", "test")
    assert not found.claims
    assert not found.sets
    assert {number for number, _ in listed(f"{source}pm.expect(json.a).to.equal(5);")} == {2, 3, 4}


def test_a_text_of_several_parts_of_the_answer() -> None:
    source = f"{BODY}pm.environment.set('t', json.a + '-' + json.b);"
    (change,) = translated(source, "test").sets
    assert isinstance(change.value, Joined)
    assert change.value.parts == (InBody(("a",)), Constant("-"), InBody(("b",)))


@pytest.mark.parametrize("time", ["Date.now() + 86400000", "Date.now() - 1000"])
def test_another_time_than_now_is_listed(time: str) -> None:
    assert listed(f"pm.environment.set('t', {time});", "prerequest") == [(1, "not understood")]
