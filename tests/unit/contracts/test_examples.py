"""Examples are true: each validates; and OpenAPI's own validator accepts every document."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

from conformance.contracts import Contracts
from conformance.contracts.documents import METHODS, Tree
from conformance.contracts.loading import COMMON, SERVICES
from conformance.contracts.schemas import pointed
from conformance.contracts.validation import Judge
from conformance.core.resources import folder

FORMS = ("published", "effective")


def media_examples(tree: Tree) -> Iterator[tuple[str, Any, Any]]:
    """Yield place, schema and example of each body that shows one."""
    for path, item in tree["paths"].items():
        for method in METHODS:
            operation = item.get(method, {})
            bodies = {"request": operation.get("requestBody", {}), **operation.get("responses", {})}
            for name, body in bodies.items():
                body = pointed(tree, body["$ref"]) if "$ref" in body else body
                for content in body.get("content", {}).values():
                    if "example" in content:
                        yield f"{method} {path} {name}", content["schema"], content["example"]


def schema_examples(tree: Tree, node: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield place, schema and value of each `examples` list inside a schema."""
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            for value in node["examples"]:
                yield place, {key: each for key, each in node.items() if key != "examples"}, value
        for key, value in node.items():
            if key not in {"example", "examples"}:
                yield from schema_examples(tree, value, f"{place}/{key}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("service", SERVICES)
def test_examples_validate(form: str, service: str) -> None:
    tree = Contracts.load(form=form).bundled(service)
    for place, schema, value in (*media_examples(tree), *schema_examples(tree, tree)):
        assert Judge(schema, tree, "request").judge(value) == [], place


@pytest.mark.parametrize(
    "operation",
    ["payment.create", "payment.validate", "payment.workflow", "payment.search",
     "transaction.create", "bill.fetch", "demand.create", "user.create", "token.create",
     "mdms.search", "access.actions"],
)  # fmt: skip
def test_requests_of_the_flow_show_an_example(effective: Contracts, operation: str) -> None:
    service = effective.operations[operation].service
    tree = effective.bundled(service)
    shown = {
        item["post"]["operationId"]
        for item in tree["paths"].values()
        for content in item["post"].get("requestBody", {}).get("content", {}).values()
        if "example" in content
    }
    assert operation in shown


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("service", SERVICES)
def test_bundles_are_valid_openapi(form: str, service: str) -> None:
    validate(Contracts.load(form=form).bundled(service))


@pytest.mark.parametrize("service", [*SERVICES, COMMON])
def test_documents_are_valid_openapi_as_they_stand(service: str) -> None:
    path = folder("contracts") / f"{service}.yaml"
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    validate(tree, base_uri=path.as_uri())
    assert tree["openapi"] == "3.1.0"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_and_field_is_described(form: str, service: str) -> None:
    tree = Contracts.load(form=form).bundled(service)
    for path, item in tree["paths"].items():
        for method in METHODS:
            if method in item:
                assert item[method]["operationId"], path
                assert item[method]["summary"], path
                assert item[method]["description"], path
    for name, schema in tree["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, each in schema.get("properties", {}).items():
            assert _described(each), f"{name}.{field}"


def _described(schema: Tree) -> bool:
    named = "$ref" in schema or "allOf" in schema
    return named or "description" in schema or any(map(_described, schema.get("anyOf", ())))


def test_schemas_compile_as_json_schema_2020_12(effective: Contracts) -> None:
    for service in SERVICES:
        tree = effective.bundled(service)
        for name in tree["components"]["schemas"]:
            whole = {"$ref": f"#/components/schemas/{name}", "components": tree["components"]}
            assert jsonschema_rs.Draft202012Validator(whole) is not None
