"""Contract files from elsewhere, as the command takes them: every dialect, and every mistake."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.resources import folder

Write = Callable[[str], Path]

SCHEMA = "type: object, required: [count], properties: {count: {type: integer, format: int64}}"
COMMON = "https://raw.example.org/docs/common/contracts/v1-0-0.yml"
SWAGGER = f"""\
swagger: '2.0'
info: {{version: '9', title: Given}}
basePath: /payments
paths:
  /_create:
    post:
      parameters: [{{name: b, in: body, required: true, schema: {{$ref: '#/definitions/Asked'}}}}]
      responses:
        201: {{description: done, schema: {{$ref: '{COMMON}#/definitions/ResponseInfo'}}}}
definitions:
  Asked: {{{SCHEMA}}}
"""
MODERN = f"""\
openapi: VERSION
info: {{version: '9', title: Given}}
servers: [{{url: /payments}}]
paths:
  /_create:
    post:
      requestBody:
        required: true
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Asked'}}}}}}
      responses:
        '201':
          description: done
          content: {{application/json: {{schema: {{$ref: '{COMMON}#/definitions/ResponseInfo'}}}}}}
components:
  schemas:
    Asked: {{{SCHEMA}}}
"""
DIALECTS = {
    "2.0": SWAGGER,
    "3.0": MODERN.replace("VERSION", "3.0.3"),
    "3.1": MODERN.replace("VERSION", "3.1.0"),
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=list(DIALECTS))
def test_every_dialect_is_held_against_exchanges(text: str, written: Write) -> None:
    """Bodies, the bounds of int64, and the common contract that stands at a web address."""
    given = Contracts.load(form="published", documents={"collection-services": written(text)})
    create = given.operations["payment.create"]
    assert create.check_request(query={}, body={"count": 2**63 - 1}) == []
    found = [
        create.check_request(query={}, body={"count": 2**63})[0],
        create.check_request(query={}, body={})[0],
        *create.check_response(
            status=201, media_type="application/json",
            body={"apiId": "x", "ver": "1", "ts": "soon", "status": "SUCCESSFUL"},
        ),
    ]  # fmt: skip
    assert [(each.pointer, each.expected, each.got) for each in found] == [
        ("/count", f"at most {2**63 - 1}", str(2**63)),
        ("/count", "the field count", "no such field"),
        ("/ts", "a whole number", '"soon"'),
    ]


HEAD = "openapi: 3.1.0\ninfo: {version: '1', title: x}\npaths:\n"
BROKEN = {
    "reference into the document": (SWAGGER.replace("/Asked'}}]", "/Lost'}}]"), 7, "/Lost"),
    "reference of 3.0": (DIALECTS["3.0"].replace("/Asked'", "/Lost'"), 9, "schemas/Lost"),
    "reference into the common contract": (
        SWAGGER.replace("/ResponseInfo", "/Answer"), 9, f"{COMMON}#/definitions/Answer",
    ),
    "reference into the network": (SWAGGER.replace(COMMON, "https://x.org/y.yml"), 9, "fetched"),
    "reference to a file": (SWAGGER.replace(COMMON, "gone.yml"), 9, "gone.yml"),
    "reference in a circle": (
        SWAGGER.replace(f"{{{SCHEMA}}}", "{$ref: '#/definitions/Asked'}"), 11, "refers to itself",
    ),
    "tabulator": (SWAGGER.replace("  /_create", "\t/_create"), 5, "not YAML"),
    "bracket left open": (SWAGGER.replace("title: Given}", "title: Given"), 3, "not YAML"),
    "key that is given twice": (
        SWAGGER.replace("basePath", "info: {version: '8', title: Twice}\nbasePath"), 3,
        "'info' is given twice, first in line 2",
    ),
    "version to come": (DIALECTS["3.1"].replace("3.1.0", "4.0.0"), 1, "'4.0.0'"),
    "version of old": (SWAGGER.replace("'2.0'", "'1.2'"), 1, "'1.2'"),
    "no version": (SWAGGER.replace("swagger:", "x-swagger:"), 1, "no `openapi` or `swagger`"),
    "no paths": ("openapi: 3.1.0\ninfo: {version: '1', title: x}\n", 1, "`paths`"),
    "operation that is a number": (f"{HEAD}  /payments/_create: {{post: 7}}\n", 4, "not a mapping"),
    "operation without answers": (f"{HEAD}  /payments/_create: {{post: {{}}}}\n", 4, "responses"),
    "type that is none": (DIALECTS["3.1"].replace("type: object", "type: 7"), 5, "7 is not"),
    "pattern that is none": (
        SWAGGER.replace("{type: integer, format: int64}", "{type: string, pattern: '('}"), 5,
        "payment.create: not valid OpenAPI",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), BROKEN.values(), ids=list(BROKEN))
def test_mistake_is_one_message_with_file_and_line(
    text: str, line: int, message: str, written: Write, tmp_path: Path
) -> None:
    path = written(text)
    order = ["certify", "--contract", f"collection-services={path}", "--reports", str(tmp_path)]
    result = CliRunner().invoke(main, order)
    assert result.exit_code == 2, result.output
    assert re.match(rf"bbps-conformance: {re.escape(str(path))}, line {line}[,:]", result.output)
    assert message in result.output
    assert len(result.output.splitlines()) == 1


def test_alias_in_a_circle(written: Write) -> None:
    path = written("openapi: 3.1.0\ninfo: {version: '1', title: x}\npaths: &a\n  /x: *a\n")
    result = CliRunner().invoke(main, ["contracts", "diff", str(path), str(path)])
    assert result.exit_code == 2
    assert "the alias *a is not defined before this line" in result.output


@pytest.mark.parametrize(
    "path", sorted(folder("contracts").rglob("*.yaml")), ids=lambda path: path.name
)
def test_shipped_files_are_yaml_for_every_reader(path: Path) -> None:
    """The reader without the C library is stricter; some machines have only that one."""
    text = path.read_text(encoding="utf-8")
    tree: Any = yaml.load(text, Loader=yaml.SafeLoader)
    assert isinstance(tree, dict)


BROKEN_ELSEWHERE = """
openapi: 3.0.3
info: {title: t, version: '1'}
servers: [{url: /collection-services}]
paths:
  /receipts/_print:
    post: {responses: {'200': {$ref: 'https://city.example/other.yaml#/Printed'}}}
  /payments/_create:
    post:
      responses:
        '200':
          description: d
          content: {application/json: {schema: {$ref: '#/components/schemas/Paid'}}}
components:
  parameters:
    page: {$ref: 'missing.yaml#/page'}
  schemas:
    Paid: {required: [Payments], properties: {next: {$ref: '#/components/schemas/Paid'}}}
    Odd: {properties: {a: {$ref: '#/components/schemas/Nobody'}, b: {$ref: other.yaml}}}
    Last: {$ref: '#/components/schemas/Odd'}
"""


def test_what_no_check_needs_may_be_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(BROKEN_ELSEWHERE, encoding="utf-8")
    contracts = Contracts.load(form="published", documents={"collection-services": path})
    create = contracts.operations["payment.create"]
    found = create.check_response(status=200, media_type="application/json", body={"next": {}})
    assert [each.pointer for each in found] == ["/Payments", "/next/Payments"]
    lines = [mistake.line for each in contracts.left_out for mistake in each.mistakes]
    assert lines == [7, 16, 19]


@pytest.mark.parametrize("service", ["user", "common"])
def test_a_given_file_may_refer_to_what_it_replaces(tmp_path: Path, service: str) -> None:
    path = tmp_path / "a.yaml"
    published = "https://raw.example/egovernments/egov-services/master/docs"
    path.write_text(
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nservers: [{url: /user}]\n"
        "paths:\n  /_search:\n    post:\n      responses:\n        '200':\n          "
        "description: d\n          content: {application/json: {schema: {$ref: "
        f"'{published}/egov-user/contracts/v1-1-0.yml#/definitions/User'}}}}}}\n"
        "components: {schemas: {Who: {$ref: "
        f"'{published}/common-contract-v2-0-0.yml#/components/schemas/RequestHeader'}}}}}}\n",
        encoding="utf-8",
    )
    assert Contracts.load(form="published", documents={service: path}).left_out == []


def levels(count: int, keyword: str) -> str:
    """A contract whose body is stated in levels, each twice by the next."""
    tree = yaml.safe_load(DIALECTS["3.1"])
    schemas = tree["components"]["schemas"]
    for number in range(count):
        below = {"$ref": f"#/components/schemas/L{number + 1}"}
        schemas[f"L{number}"] = {keyword: [below, below]}
    schemas[f"L{count}"] = {"type": "object"}
    schemas["Asked"] = {
        "type": "object",
        "properties": {"inner": {"$ref": "#/components/schemas/L0"}},
    }
    return yaml.safe_dump(tree)


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_alternatives_that_multiply_are_refused(keyword: str, written: Write) -> None:
    path = written(levels(30, keyword))
    with pytest.raises(SetupError, match=r"one value has more than 1000 alternatives"):
        Contracts.load(documents={"collection-services": path})


def test_a_few_levels_of_alternatives_are_judged(written: Write) -> None:
    Contracts.load(documents={"collection-services": written(levels(7, "anyOf"))})


def test_a_long_chain_of_references_is_refused(written: Write) -> None:
    text = levels(300, "anyOf")
    tree = yaml.safe_load(text)
    for each in tree["components"]["schemas"].values():
        each["anyOf"] = each.get("anyOf", [])[:1] or [True]
    with pytest.raises(SetupError, match="more than 200 schemas refer one to another"):
        Contracts.load(documents={"collection-services": written(yaml.safe_dump(tree))})
