"""What contracts say besides references: media types, statuses, parameters, null and scalars."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, Operation
from conformance.contracts.operations import covering, stated

Given = Callable[[str], Operation]
OPENAPI = """\
openapi: VERSION
info: {title: t, version: '1'}
servers: [{url: /collection-services}]
paths:
  /payments/_create:
    post:
      responses: {'200': {description: d, content: {application/json: {schema: SCHEMA}}}}
components:
  schemas:
    Kind: {type: string, enum: [NEW, OLD]}
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
    Nullable: {type: string, nullable: true, x-nullable: true}
"""
SWAGGER = """\
swagger: '2.0'
info: {title: t, version: '1'}
basePath: /collection-services
consumes: [text/csv]
produces: [text/csv]
"""


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Load a contract and return its creation of payments."""

    def load(text: str, name: str = "given.yaml") -> Operation:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        documents = {"collection-services": path}
        contracts = Contracts.load(form="published", documents=documents)
        return contracts.operations["payment.create"]

    return load


def failures(operation: Operation, body: Any, media_type: str = "application/json") -> list[str]:
    found = operation.check_response(status=200, media_type=media_type, body=body)
    return [f"{each.pointer} {each.expected}" for each in found if each.severity == "failure"]


@pytest.mark.parametrize(
    ("media_type", "key"),
    [
        ("application/json", "Application/JSON; charset=utf-8"),
        ("application/json; charset=UTF-8", "Application/JSON; charset=utf-8"),
        ("application/vnd.x+json", "application/*+json"),
        ("application/pdf", "application/*"),
        ("text/html", "*/*"),
        ("", None),
    ],
)
def test_the_closest_media_range_covers(media_type: str, key: str | None) -> None:
    keys = ("*/*", "application/*", "application/*+json", "Application/JSON; charset=utf-8")
    assert covering({each: {} for each in keys}, media_type) == key
    assert covering({"application/json": {}}, "application/problem+json") is None


@pytest.mark.parametrize(
    ("status", "name"), [(200, "200"), (201, "2XX"), (404, "4xx"), (500, "default")]
)
def test_the_closest_status_is_stated(status: int, name: str) -> None:
    responses = {each: each for each in ("default", "2XX", "200", "4xx")}
    assert stated(responses, status) == name
    assert stated({"2XX": {}}, 400) is None


def test_ranges_judge(given: Given) -> None:
    text = OPENAPI.replace("VERSION", "3.0.0").replace("'200'", "'2XX'")
    operation = given(
        text.replace("application/json", "'*/*'").replace("SCHEMA", "{required: [id]}")
    )
    assert failures(operation, {}) == ["/id the field id"]
    assert failures(operation, None, "text/html") == [" a JSON document"]
    assert failures(operation, {}, "") != []
    (refused,) = operation.check_response(status=404, media_type="application/json", body={})
    assert refused.expected == "a documented status: 2XX"


OWN = """\
paths:
  /payments/_create:
    parameters:
      - {name: tenantId, in: query, required: true, type: string, maxLength: 2}
      - {name: ts, in: query, type: integer}
      - {name: envelope, in: body, schema: {required: [old]}}
    post:
      CONSUMES
      parameters:
        - {name: ts, in: query, type: string, maxLength: 1}
        - {name: body, in: body, required: true, schema: {required: [new]}}
      responses: {200: {description: d, schema: {required: [id]}}}
"""


@pytest.mark.parametrize("own", [True, False])
def test_an_operation_replaces_what_holds_for_all(given: Given, own: bool) -> None:
    lists = "{consumes: [application/json], produces: [application/json; charset=utf-8]}"
    text = OWN.replace("CONSUMES", lists[1:-1].replace(", produces", "\n      produces"))
    operation = given(SWAGGER + (text if own else OWN.replace("      CONSUMES\n", "")))
    found = operation.check_request(query={"tenantId": "abc", "ts": "12"}, body={})
    assert [f"{each.pointer} {each.expected}" for each in found] == [
        "?tenantId at most 2 characters",
        "?ts at most 1 characters",
        "/new the field new" if own else " text/csv",
    ]
    assert failures(operation, {}) == (["/id the field id"] if own else [" media type text/csv"])
    assert bool(failures(operation, None, "text/csv")) is own


def test_parameters_of_the_path_item(given: Given) -> None:
    text = OPENAPI.replace("VERSION", "3.1.0").replace("SCHEMA", "{}").replace(
        "    post:\n",
        "    parameters:\n"
        "      - {name: a, in: query, required: true, schema: {type: number, maximum: 2}}\n"
        "      - {name: b, in: query, required: true, schema: {}}\n"
        "      - {name: c, in: query, content: {application/json: {schema: {}}}}\n"
        "    post:\n      parameters: [{name: b, in: query, schema: {allOf: [{type: integer}]}}]\n",
    )  # fmt: skip
    operation = given(text)
    assert operation.check_request(query={"a": "1.5", "b": "7", "c": "{}"}, body=None) == []
    found = operation.check_request(query={"a": "2.5", "b": "x", "d": ""}, body=None)
    assert [(each.pointer, each.severity) for each in found] == [
        ("?a", "failure"), ("?b", "failure"), ("?d", "note"),
    ]  # fmt: skip
    (missing,) = operation.check_request(query={}, body=None)
    assert missing.expected == "the parameter a"


REF = "$ref: '#/components/schemas/Thing'"
NULLABLE = {
    "type": "{type: string, nullable: true}",
    "enum": "{type: string, enum: [a], nullable: true}",
    "enum alone": "{enum: [a], nullable: true}",
    "reference": f"{{{REF}, nullable: true}}",
    "reference to what may be null": "{$ref: '#/components/schemas/Nullable'}",
    "allOf": f"{{nullable: true, allOf: [{{{REF}}}]}}",
    "anyOf": f"{{nullable: true, type: object, anyOf: [{{{REF}}}, {{type: object}}]}}",
    "oneOf": f"{{nullable: true, oneOf: [{{{REF}}}, {{type: integer}}]}}",
    "typed oneOf": f"{{nullable: true, type: object, oneOf: [{{{REF}}}]}}",
    "all at once": f"{{nullable: true, type: object, enum: [{{}}], allOf: [{{{REF}}}],"
    f" anyOf: [{{{REF}}}], not: {{type: 'null'}}}}",
    "not": "{nullable: true, not: {type: 'null'}}",
    "inside": f"{{oneOf: [{{type: object, nullable: true}}, {{{REF}, type: string}}]}}",
}


@pytest.mark.parametrize("schema", NULLABLE.values(), ids=list(NULLABLE))
@pytest.mark.parametrize(
    ("version", "flag"), [("3.0.3", "nullable"), ("3.1.0", "nullable"), ("2.0", "x-nullable")]
)
def test_null_fits_wherever_it_is_allowed(
    given: Given, schema: str, version: str, flag: str
) -> None:
    schema = schema.replace("nullable", flag) if "Nullable" not in schema else schema
    if version == "2.0":
        components = OPENAPI.partition("  schemas:\n")[2]
        text = SWAGGER.replace("text/csv", "application/json") + (
            "paths:\n  /payments/_create:\n    post:\n      responses:\n"
            f"        200: {{description: d, schema: {schema}}}\ndefinitions:\n{components}"
        ).replace("#/components/schemas", "#/definitions")
    else:
        text = OPENAPI.replace("VERSION", version).replace("SCHEMA", schema)
    assert failures(given(text), None) == []
    refusing = given(text.replace(f"{flag}: true", f"{flag}: false").replace("x-x-", "x-"))
    assert "Nullable" in schema or failures(refusing, None) != [] or "not:" in schema


def test_types_of_3_1(given: Given) -> None:
    operation = given(
        OPENAPI.replace("VERSION", "3.1.0").replace(
            "SCHEMA",
            "{properties: {a: {type: [string, null]}, b: {type: [integer, string]},"
            " c: {const: null}, d: {$ref: '#/components/schemas/Kind', maxLength: 1}}}",
        )
    )
    assert failures(operation, {"a": None, "b": "x", "c": None}) == []
    assert len(failures(operation, {"a": 1, "b": None, "c": 1, "d": "NEW"})) == 4


def test_beside_a_reference_nothing_counts_before_3_1(given: Given) -> None:
    schema = "{properties: {d: {$ref: '#/components/schemas/Kind', maxLength: 1, enum: [x]}}}"
    operation = given(OPENAPI.replace("VERSION", "3.0.3").replace("SCHEMA", schema))
    assert failures(operation, {"d": "NEW"}) == []
    assert failures(operation, {"d": "x"}) == ["/d one of NEW, OLD"]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"), ("y", "y"),
        ("2024-04-01", "2024-04-01"), ("2024-04-01T10:00:00Z", "2024-04-01T10:00:00Z"),
        ("12:30:45", "12:30:45"), ("1_000", "1_000"), ("0o17", 15), ("017", 17), ("0x1F", 31),
        ("1e3", 1000), ("~", None), ("True", True), ("0b11", "0b11"), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(given: Given, scalar: str, value: Any) -> None:
    text = OPENAPI.replace("VERSION", "3.1.0")
    operation = given(text.replace("SCHEMA", f"{{enum: [{scalar}], example: {scalar}}}"))
    assert failures(operation, value) == []
    assert failures(operation, "else") != []


@pytest.mark.parametrize("written", ["1.10", "007", "true", "0x1F"])
def test_texts_that_are_written_as_numbers_blame_nobody(given: Given, written: str) -> None:
    """A list of texts without quotes: what the service answers cannot be told from it."""
    text = OPENAPI.replace("VERSION", "3.0.3")
    operation = given(text.replace("SCHEMA", f"{{type: string, enum: [A, {written}]}}"))
    assert failures(operation, written) == []
    assert failures(operation, 1) == [" a text"]


@pytest.mark.parametrize("wrapped", ["SCHEMA", "{oneOf: [{type: integer}, SCHEMA]}"])
def test_a_pattern_that_nobody_can_try_blames_nobody(given: Given, wrapped: str) -> None:
    """Searching for it would take years, so that it is given up."""
    schema = wrapped.replace("SCHEMA", "{type: string, pattern: '^(a|aa)+(?=x)$'}")
    operation = given(OPENAPI.replace("VERSION", "3.0.3").replace("SCHEMA", schema))
    assert failures(operation, "a" * 60) == []
    found = operation.check_response(status=200, media_type="application/json", body="a" * 60)
    assert [each.got[:23] for each in found] == ["unknown whether it fits"]
    assert failures(operation, "b") != []


def test_json_is_read_as_json(given: Given) -> None:
    """Escapes of two halves, tabulators, and a name that does not say what it is."""
    face = "\N{GRINNING FACE}"
    text = "\t" + json.dumps(minimal({"enum": [face]}), indent="\t").replace("/", "\\/")
    assert "\\ud83d\\ude00" in text
    for name in ("given.json", "given.yaml", "given"):
        assert failures(given(text, name), face) == []


def minimal(schema: Any) -> dict[str, Any]:
    """A document whose payments are answered with a schema."""
    answer = {"description": "", "content": {"*/*": {"schema": schema}}}
    return {
        "openapi": "3.0.1",
        "info": {"title": "", "version": "1"},
        "paths": {"/payments/_create": {"post": {"responses": {"200": answer}}}},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["given.yaml", "given.json"])
def test_marks_of_byte_order_are_no_part(tmp_path: Path, encoding: str, name: str) -> None:
    rupee = "\N{INDIAN RUPEE SIGN}"
    text = json.dumps(minimal({"enum": [rupee]}), ensure_ascii=False)
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    loaded = Contracts.load(form="published", documents={"collection-services": path})
    assert failures(loaded.operations["payment.create"], rupee) == []


def test_forms_and_files_of_2_0(given: Given) -> None:
    text = SWAGGER.replace("consumes: [text/csv]", "consumes: [multipart/form-data]") + (
        "paths:\n  /payments/_create:\n    post:\n      parameters:\n"
        "        - {name: f, in: formData, type: file, required: true}\n"
        "        - {name: n, in: formData, type: integer}\n"
        "      responses: {200: {description: d, schema: {type: file}}}\n"
    )
    operation = given(text)
    found = operation.check_request(query={}, body={"n": "x"}, media_type="multipart/form-data")
    assert {each.pointer for each in found} == {"/f", "/n"}
    assert failures(operation, None, "text/csv") == []


def test_addresses_of_servers_with_variables(given: Given) -> None:
    text = OPENAPI.replace("VERSION", "3.0.3").replace("SCHEMA", "{}").replace(
        "servers: [{url: /collection-services}]",
        "servers: [{url: 'https://{host}/{base}', variables: "
        "{host: {default: x.example}, base: {default: collection-services}}}]",
    )  # fmt: skip
    assert given(text).bundle["servers"] == [{"url": "https://x.example/collection-services"}]
