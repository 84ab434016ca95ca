"""Walking JSON schemas inside OpenAPI 3.1 documents, and what they need before compiling.

`format: int64` bounds nothing and 3.1 knows no `nullable`: both are made explicit here.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.contracts.documents import Tree

MAPS_OF_SCHEMAS: Final = (
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas"
)  # fmt: skip
LISTS_OF_SCHEMAS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE_SCHEMAS: Final = (
    "items", "additionalProperties", "unevaluatedProperties", "not", "if", "then", "else",
    "contains", "propertyNames",
)  # fmt: skip
IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")  # of the same value
MOST_ALTERNATIVES: Final = 1_000  # a value is held against them in a few hundredths of a second
LONGEST_CHAIN: Final = 200
BOUNDS: Final = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
NULL: Final = {"type": "null"}
NULLABLE: Final = ("nullable", "x-nullable")
# What a value must fit besides its type: null is an alternative to all of it.
COMBINING: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf", "not", "if", "const"})


def rebuilt(schema: Any, change: Callable[[Tree], Tree]) -> Any:
    """Return a copy of a schema with `change` applied to every schema in it, innermost first."""
    if not isinstance(schema, dict):
        return schema  # true, false, or a mistake that the compiler reports
    copy = dict(schema)
    for key in MAPS_OF_SCHEMAS:
        if isinstance(copy.get(key), dict):
            copy[key] = {name: rebuilt(each, change) for name, each in copy[key].items()}
    for key in LISTS_OF_SCHEMAS:
        if isinstance(copy.get(key), list):
            copy[key] = [rebuilt(each, change) for each in copy[key]]
    for key in SINGLE_SCHEMAS:
        if key in copy:
            copy[key] = rebuilt(copy[key], change)
    return change(copy)


def with_schemas(node: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of an OpenAPI 3.x document with `change` applied to each outermost schema."""
    if isinstance(node, list):
        return [with_schemas(item, change) for item in node]
    if not isinstance(node, dict):
        return node
    copy: Tree = {}
    for key, value in node.items():
        if key == "schema":
            copy[key] = change(value)
        elif key == "schemas" and isinstance(value, dict):
            copy[key] = {name: change(each) for name, each in value.items()}
        elif key in {"example", "examples"}:
            copy[key] = value
        else:
            copy[key] = with_schemas(value, change)
    return copy


def schemas_in(node: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield place and schema of each outermost schema of an OpenAPI 3.x document."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in pairs:
        below = (*place, str(key))
        if key == "schema":
            yield below, value
        elif key == "schemas" and isinstance(value, dict):
            yield from (((*below, name), each) for name, each in value.items())
        elif key not in {"example", "examples"} and isinstance(value, dict | list):
            yield from schemas_in(value, below)


def explicit(document: Tree) -> Tree:
    """Return a document whose schemas say nullability and integer bounds in plain 2020-12."""
    return dict(with_schemas(document, lambda schema: rebuilt(schema, _explicit)))


def references(node: Any) -> Iterator[str]:
    """Yield every `$ref` in a node, in order."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def pointed(document: Any, pointer: str) -> Any:
    """Return the node at a JSON pointer (with or without `#`); LookupError if there is none."""
    node = document
    for part in pointer.removeprefix("#").split("/")[1:]:
        key = unescaped(part)
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def unescaped(part: str) -> str:
    """Return the key that a part of a JSON pointer means."""
    return part.replace("~1", "/").replace("~0", "~")


def require_few_alternatives(schema: Any, document: Tree) -> None:
    """Refuse what no validator judges in reasonable time; ValueError.

    Alternatives of alternatives multiply: thirty levels of two are a thousand million.
    """
    known: dict[str, int] = {}

    def count(node: Any, depth: int) -> int:
        if depth > LONGEST_CHAIN:
            raise ValueError(f"more than {LONGEST_CHAIN} schemas refer one to another")
        followed: list[tuple[str, int]] = []  # references, and the alternatives next to each
        found = 1
        while isinstance(node, dict):
            inner = [each for key in IN_PLACE for each in _listed(node.get(key))]
            found = sum(count(each, depth + 1) for each in inner)
            reference = node.get("$ref")
            if not (isinstance(reference, str) and reference.startswith("#/")):
                break
            if reference in known:
                found += known[reference]
                break
            known[reference] = 1  # one that leads back to itself adds nothing
            followed.append((reference, found))
            found, node = 1, _at(document, reference)
        for reference, next_to_it in reversed(followed):
            known[reference] = max(found, 1)
            found = next_to_it + known[reference]
        if found > MOST_ALTERNATIVES:
            raise ValueError(f"one value has more than {MOST_ALTERNATIVES} alternatives")
        return max(found, 1)

    def every(schema: Tree) -> Tree:
        count(schema, 0)
        return schema

    rebuilt(schema, every)


def _at(document: Tree, reference: str) -> Any:
    """Return what a reference leads to; None for one that leads nowhere."""
    try:
        return pointed(document, reference)
    except (LookupError, TypeError, ValueError):
        return None


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [] if node is None else [node]


def _explicit(schema: Tree) -> Tree:
    return _nullable(_bounded(_of_texts(schema)))


def _of_texts(schema: Tree) -> Tree:
    """Drop a list of texts of which some are written as numbers: nobody knows how they look."""
    if set(types_of(schema)) - {"null"} != {"string"} or not isinstance(schema.get("enum"), list):
        return schema
    meant = all(each is None or isinstance(each, str) for each in schema["enum"])
    return schema if meant else {key: each for key, each in schema.items() if key != "enum"}


def _bounded(schema: Tree) -> Tree:
    bounds = BOUNDS.get(str(schema.get("format")))
    types = types_of(schema)
    if bounds is None or not {"integer", "number"} & set(types):
        return schema
    return {"minimum": bounds[0], "maximum": bounds[1], **schema}


def _nullable(schema: Tree) -> Tree:
    flags = [schema.pop(key) for key in NULLABLE if key in schema]
    if True not in flags:
        return schema
    types = types_of(schema)
    if not COMBINING.isdisjoint(schema):
        return {"anyOf": [schema, NULL]}
    if "enum" in schema and None not in schema["enum"]:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [*types, "null"]} if types and "null" not in types else schema


def types_of(schema: Tree) -> list[str]:
    """Return the types that a schema itself lists."""
    declared = schema.get("type", [])
    return (
        [declared] if isinstance(declared, str) else declared if isinstance(declared, list) else []
    )
