"""Reading documents: what is converted to 3.1, bundles, and what is refused at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.contracts import Contracts, read_bundle
from conformance.contracts.loading import SERVICES
from conformance.contracts.schemas import references
from conformance.core.errors import SetupError

Write = Callable[[str], Path]

SWAGGER = """\
swagger: '2.0'
info: {version: '9', title: Given}
basePath: /payments
paths:
  /_create:
    post:
      parameters:
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/Asked'}}
      responses:
        201: {description: done, schema: {$ref: '#/definitions/Asked'}}
  /_search:
    post:
      parameters:
        - $ref: https://raw.example.org/docs/common/contracts/v1-0-0.yml#/parameters/requestInfo
        - {name: size, in: query, type: integer, minimum: 0, exclusiveMinimum: true}
        - {name: sort, in: query, type: array, collectionFormat: pipes, items: {type: string}}
      responses: {200: {description: found}}
definitions:
  Asked:
    type: object
    properties:
      count: {type: integer, format: int64, x-nullable: true, example: 3}
"""


def problem_of(service: str, path: Path) -> str:
    with pytest.raises(SetupError) as caught:
        Contracts.load(documents={service: path})
    return str(caught.value)


def test_swagger_is_converted_to_3_1(written: Write) -> None:
    tree = Contracts.load(
        form="published", documents={"collection-services": written(SWAGGER)}
    ).bundled("collection-services")

    create, search = tree["paths"]["/_create"]["post"], tree["paths"]["/_search"]["post"]
    assert tree["openapi"] == "3.1.0"
    assert tree["servers"] == [{"url": "/payments"}]
    assert create["operationId"] == "payment.create"
    assert create["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Asked"
    }
    assert list(create["responses"]) == ["201"]
    size, sort = search["parameters"]
    assert size["schema"] == {"type": "integer", "exclusiveMinimum": 0}
    assert sort["style"] == "pipeDelimited"
    assert search["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/common.RequestInfo"
    }
    count = tree["components"]["schemas"]["Asked"]["properties"]["count"]
    assert count == {
        "minimum": -(2**63),
        "maximum": 2**63 - 1,
        "type": ["integer", "null"],
        "format": "int64",
        "examples": [3],
    }


def test_3_0_is_converted_to_3_1(written: Write) -> None:
    path = written(
        "openapi: 3.0.3\ninfo: {version: '1', title: Given}\nservers: [{url: /payments}]\n"
        "paths:\n  /_create:\n    post:\n      requestBody:\n        content:\n"
        "          application/json:\n"
        "            schema: {type: string, nullable: true, enum: [a], example: a}\n"
        "      responses: {'201': {description: done}}\n"
    )
    tree = read_bundle(path)
    body = tree["paths"]["/_create"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"type": ["string", "null"], "enum": ["a", None], "examples": ["a"]}


@pytest.mark.parametrize("form", ["published", "effective"])
@pytest.mark.parametrize("service", SERVICES)
def test_bundles_refer_to_nothing_outside(form: str, service: str) -> None:
    tree = Contracts.load(form=form).bundled(service)
    assert all(reference.startswith("#/") for reference in references(tree))


def test_reference_to_a_neighbour_file(written: Write, tmp_path: Path) -> None:
    (tmp_path / "neighbour.yaml").write_text(SWAGGER, encoding="utf-8")
    text = SWAGGER.replace("'#/definitions/Asked'", "'neighbour.yaml#/components/schemas/Asked'")
    tree = read_bundle(written(text))
    assert "neighbour.Asked" in tree["components"]["schemas"]


def test_file_without_any_operation_of_the_service(written: Write) -> None:
    message = problem_of("pg-service", written(SWAGGER.replace("/_", "/x_")))
    assert "none of its paths is an operation of pg-service" in message


def test_missing_file_and_unknown_service(tmp_path: Path) -> None:
    assert "readable file" in problem_of("mdms", tmp_path / "nowhere.yaml")
    assert "no such service" in problem_of("mail", tmp_path / "nowhere.yaml")


def test_list_instead_of_a_document(written: Write) -> None:
    assert "a list where a mapping" in problem_of("mdms", written("- 1\n"))


def test_unknown_form() -> None:
    with pytest.raises(SetupError, match="effective or published"):
        Contracts.load(form="ideal")


def test_described_names_version_and_digest(effective: Contracts) -> None:
    described = {each["service"]: each for each in effective.described()}
    assert set(described) == {*SERVICES, "common"}
    assert all(
        len(each["sha256"]) == 64 and each["source"] == "shipped" for each in described.values()
    )
    assert "collection-services 1.0.1" in effective.published
