"""Own strategies for one field at a time: values that a schema allows, and values that it forbids.

They change a request that is right in everything else, so that it reaches behind authentication
and id lookups. The contract's own validator has the last word on which is which.
"""

import copy
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from conformance.contracts.documents import Tree
from conformance.contracts.validation import parts_of

MILLION: Final = 10**6  # how far an allowed number goes where only one limit is stated, or none
LONGEST: Final = 60  # characters of an allowed text beyond its least length
OVERLONG: Final = 5000  # characters; a longer limit is not probed
MOST_ITEMS: Final = 3  # of an allowed list beyond its least length
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean", "null"})
REMOVED: Final = object()
UNCONDITIONAL: Final = ("allOf",)
# Identity, tenant and identifiers stay right: a request that stops there reaches nothing.
UNTOUCHED: Final = frozenset({"RequestInfo", "requestInfo", "tenantId", "auditDetails"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One field of a request, with everything that the contract defines for it."""

    path: tuple[str | int, ...]
    schema: Tree  # keywords of all its parts together
    required: bool


def places(
    schema: Any, bundle: Tree, body: Any, path: tuple[str | int, ...] = ()
) -> Iterator[Place]:
    """Yield the fields that the contract describes, as deep as the body goes."""
    parts = parts_of(schema, bundle)
    needed = {
        name
        for part in parts_of(schema, bundle, UNCONDITIONAL)
        for name in part.get("required", ())
    }
    if isinstance(body, Mapping):
        names = dict.fromkeys(name for part in parts for name in part.get("properties", ()))
        for name in names:
            if name in UNTOUCHED:
                continue
            stated = [
                part["properties"][name] for part in parts if name in part.get("properties", ())
            ]
            if any(map(is_servers, stated)):
                continue
            inner = {"allOf": stated}
            yield Place(
                path=(*path, name), schema=_together(inner, bundle), required=name in needed
            )
            yield from places(inner, bundle, body.get(name), (*path, name))
    elif isinstance(body, list) and body:
        items = {"allOf": [part["items"] for part in parts if "items" in part]}
        yield from places(items, bundle, body[0], (*path, 0))


def parameters(stated: Mapping[str, Tree], bundle: Tree) -> Iterator[Place]:
    """Yield the parameters of a query that the contract states."""
    for name, each in stated.items():
        schema = each.get("schema", True)
        if not (is_servers(each) or is_servers(schema)):
            required = bool(each.get("required"))
            yield Place(path=(name,), schema=_together(schema, bundle), required=required)


def is_servers(schema: Any) -> bool:
    """Whether a field is the server's to say, or unread: what a client sends need not matter."""
    if not isinstance(schema, Mapping):
        return False
    return bool(schema.get("readOnly") or schema.get("x-unread")) or any(
        map(is_servers, schema.get("anyOf", ()))
    )


def changed(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy of a body with one place holding a value, or without it if REMOVED."""
    copied = copy.deepcopy(body)
    put(copied, path, value)
    return copied


def put(body: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Let one place of a body hold a value, or remove it if REMOVED; LookupError, TypeError."""
    node = body
    for key in path[:-1]:
        node = node[key]
    if value is REMOVED:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value


def allowed(place: Place) -> SearchStrategy[Any]:
    """Return values that the schema of a place seems to allow."""
    schema = place.schema
    if "enum" in schema or "const" in schema:
        values = [*schema.get("enum", ()), *_const(schema)]
        return st.sampled_from(values) if values else st.nothing()
    choices = [_ALLOWED[name](schema) for name in _types(schema) if name in _ALLOWED]
    return _any_of(choices or [st.booleans(), st.text(max_size=LONGEST)])


def can_be_drawn(strategy: SearchStrategy[Any]) -> bool:
    """Whether a strategy has values: a contract may state limits that nothing meets.

    Or patterns in the dialect of another language.
    """
    try:
        strategy.validate()
    except (InvalidArgument, re.error):
        return False
    return not strategy.is_empty


def _any_of(choices: Iterable[SearchStrategy[Any]]) -> SearchStrategy[Any]:
    """Return values of those that have some, so that one without leaves the others."""
    return st.one_of([each for each in choices if can_be_drawn(each)])


def forbidden(place: Place) -> SearchStrategy[Any]:
    """Return values that the schema of a place seems to forbid; nothing if it forbids nothing."""
    schema, types = place.schema, _types(place.schema)
    choices: list[SearchStrategy[Any]] = [st.just(REMOVED)] if place.required else []
    if types:
        choices += [make for name, make in _OTHERS.items() if not _fits(name, types)]
    if "enum" in schema and "string" in types:
        choices.append(st.text(max_size=10))
    if "pattern" in schema:
        choices.append(st.text(min_size=schema.get("minLength", 0), max_size=20))
    if schema.get("maxLength", OVERLONG) < OVERLONG:
        least = schema["maxLength"] + 1
        choices.append(st.integers(least, least + 50).map(lambda length: "x" * length))
    if schema.get("minLength"):
        choices.append(st.text(max_size=schema["minLength"] - 1))
    if {"integer", "number"} & set(types):
        choices += _out_of_bounds(schema)
    return _any_of(choices)


def _out_of_bounds(schema: Tree) -> Iterator[SearchStrategy[Any]]:
    if "minimum" in schema:
        yield st.integers(max_value=int(schema["minimum"]) - 1)
    if "maximum" in schema:
        yield st.integers(min_value=int(schema["maximum"]) + 1)


def _text(schema: Tree) -> SearchStrategy[Any]:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    least = schema.get("minLength", 0)
    most = min(schema.get("maxLength", least + LONGEST), least + LONGEST)
    # NUL is left to the checks of odd input: many databases refuse it on principle.
    return st.text(
        st.characters(codec="utf-8", exclude_characters="\0"),
        min_size=least,
        max_size=most,
    )


def _list(schema: Tree) -> SearchStrategy[Any]:
    """Lists of texts, numbers and the like; those of objects are as the contract has them."""
    items = schema.get("items", {})
    if not _SCALARS.issuperset(_types(items)):
        return st.nothing()
    least = schema.get("minItems", 0)
    return st.lists(
        allowed(Place(path=(), schema=items, required=True)),
        min_size=least,
        max_size=max(least, MOST_ITEMS),
    )


def _number(schema: Tree) -> SearchStrategy[Any]:
    least = schema.get("minimum", min(schema.get("maximum", 0), 0) - MILLION)
    most = schema.get("maximum", max(least, 0) + MILLION)
    return st.integers(math.ceil(least), math.floor(most))


_ALLOWED: Final[Mapping[str, Callable[[Tree], SearchStrategy[Any]]]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "array": _list,
    "object": lambda _: st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
}
_OTHERS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-9, 9),
    "string": st.text("ab", min_size=1, max_size=5),
    "array": st.lists(st.integers(-9, 9), max_size=2),
    "object": st.dictionaries(st.text("ab", max_size=2), st.integers(-9, 9), max_size=2),
    "null": st.none(),
}


_FORMATS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "date": st.dates().map(date.isoformat),
    "date-time": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "uuid": st.uuids().map(str),
    "email": st.text("ab", min_size=1, max_size=9).map(lambda name: f"{name}@example.org"),
}


def _fits(name: str, types: list[str]) -> bool:
    return name in types or (name == "integer" and "number" in types)


def _keywords(schema: Any, bundle: Tree) -> Tree:
    return {
        name: value for part in reversed(parts_of(schema, bundle)) for name, value in part.items()
    }


def _together(schema: Any, bundle: Tree) -> Tree:
    """Every keyword of a schema's parts, the first of each; those of its items likewise."""
    together = _keywords(schema, bundle)
    if "items" in together:
        together["items"] = _keywords(together["items"], bundle)
    types = [name for part in parts_of(schema, bundle) for name in _types(part)]
    return together | {"type": list(dict.fromkeys(types))} if types else together


def _types(schema: Tree) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _const(schema: Tree) -> list[Any]:
    return [schema["const"]] if "const" in schema else []
