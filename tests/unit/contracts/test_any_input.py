"""Whatever stands in a contract file: it judges, or one message says what is wrong with it."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contracts import Contracts, read_bundle
from conformance.contracts.diff import compare
from conformance.core.errors import SetupError

SERVICE, MEDIA_TYPE = "collection-services", "application/json"
PAYMENT = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "{base}", "variables": {"base": {"default": "/collection-services"}}}],
    "paths": {
        "/payments/_create": {
            "parameters": [{"name": "a", "in": "query", "schema": {"type": "integer"}}],
            "post": {
                "parameters": [{"$ref": "#/components/parameters/b"}],
                "requestBody": {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/x-body"}}}},
                "responses": {"2XX": {"$ref": "#/components/responses/done"}},
            },
        }
    },
    "components": {
        "parameters": {"b": {"name": "b", "in": "query", "schema": {"nullable": True}}},
        "responses": {
            "done": {
                "description": "d",
                "content": {"*/*": {"schema": {"$ref": "#/components/schemas/Page"}}},
            }
        },
        "schemas": {
            "Payment": PAYMENT,
            "Page": {
                "properties": {
                    "next": {"$ref": "#/components/schemas/Page"},
                    "all": {"type": "array", "items": {"$ref": "#/components/schemas/Payment"}},
                },
                "anyOf": [{"nullable": True, "allOf": [{"$ref": "#/components/schemas/Payment"}]}],
            },
        },
    },
    "x-body": {"type": "object", "properties": {"p": {"$ref": "#/components/schemas/Payment"}}},
}
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "t", "version": "1"},
    "basePath": "/collection-services",
    "consumes": [MEDIA_TYPE],
    "paths": {
        "/payments/_create": {
            "post": {
                "produces": [MEDIA_TYPE],
                "parameters": [
                    {"$ref": "#/parameters/body"},
                    {"name": "c", "in": "query", "type": "array", "items": {"type": "integer"}},
                ],
                "responses": {"200": {"$ref": "#/responses/done"}},
            }
        }
    },
    "parameters": {"body": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/P"}}},
    "responses": {"done": {"description": "d", "schema": {"$ref": "#/definitions/P"}}},
    "definitions": {"P": PAYMENT},
}
ODD = st.sampled_from(
    [
        None, True, 0, -1.5, 1e300, "", "x", [], {}, [None], [[]], "http://[", "#/paths", "%zz",
        {"$ref": "#"}, {"$ref": ""}, {"$ref": None}, {"$ref": "#/components/schemas/Page"},
        {"$ref": "x.yaml"}, {"$ref": "given.json#/info"}, {"in": "body"}, {"name": None},
        {"type": []}, {"type": "file"}, {"allOf": {}}, {"allOf": [None, True]}, {"required": True},
        {"properties": []}, {"items": [{}]}, {"nullable": True}, {"not": {}}, {"enum": [[], {}]},
    ]
)  # fmt: skip
KEYS = st.sampled_from(["$ref", "type", "schema", "allOf", "parameters", "post", "content", "in"])


def nodes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a document, as what holds it and the key there."""
    pending = [tree]
    while pending:
        holder = pending.pop()
        pairs = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, node in list(pairs):
            yield holder, key
            if isinstance(node, dict | list):
                pending.append(node)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Draw a contract of which a few places hold something else, or the same once more."""
    tree = copy.deepcopy(draw(st.sampled_from([OPENAPI, SWAGGER])))
    for _ in range(draw(st.integers(1, 4))):
        places = list(nodes(tree))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.integers(0, 3)):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[draw(KEYS)] = copy.deepcopy(draw(ODD))
            case 2:
                other, place = places[draw(st.integers(0, len(places) - 1))]
                holder[key] = copy.deepcopy(other[place]) if place in dict(_pairs(other)) else None
            case _:
                holder[key] = copy.deepcopy(draw(ODD))
    return tree


def _pairs(node: Any) -> Any:
    return node.items() if isinstance(node, dict) else enumerate(node)


BOUNDED = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def ours() -> Any:
    return Contracts.load(form="published").bundled(SERVICE)


@BOUNDED
@given(tree=spoilt())
def test_a_spoilt_contract_judges_or_is_refused_in_words(
    tmp_path: Path, ours: Any, tree: Any
) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(tree), encoding="utf-8")

    def judge() -> None:
        create = Contracts.load(documents={SERVICE: path}).operations["payment.create"]
        for body in (None, [], {"next": {"all": [{}]}, "p": 1}):
            create.check_request(query={"a": "1", "b": "", "c": "1,x"}, body=body)
            create.check_response(status=200, media_type=MEDIA_TYPE, body=body)

    def differ() -> None:
        bundle = read_bundle(path)
        compare(bundle, ours)
        compare(ours, bundle)

    for act in (judge, differ):
        message = str(path)
        try:
            act()
        except SetupError as problem:
            message = str(problem)
        assert str(path) in message


@BOUNDED
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    for name in ("given.json", "given.yaml"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(SetupError, match=name):
            read_bundle(path)
