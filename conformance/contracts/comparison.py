"""Two schemas compared: in which places the new one accepts less, and in which more.

What that means for compatibility depends on the direction and is the matter of diff.py.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from conformance.contracts.documents import Tree
from conformance.contracts.schemas import NULL, pointed
from conformance.contracts.wording import shown

EVERYTHING: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
LOWER_IS_NARROWER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
HIGHER_IS_NARROWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems")
ALL_OR_NOTHING: Final = ("pattern", "multipleOf", "uniqueItems", "if", "then", "not")


class ChangeEffect(StrEnum):
    """What a change does to the set of accepted values."""

    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"  # accepts some that were refused and refuses some that were accepted
    ADDED = "added"  # a field that was unknown before: breaks nobody
    GONE = "gone"  # a field that is no longer described: a client that relies on it breaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change of a schema, at a place within it."""

    place: str
    what: str
    effect: ChangeEffect


def differences(old: Any, new: Any, documents: tuple[Tree, Tree]) -> list[Difference]:
    """Return how a schema of the first document differs from one of the second."""
    return list(_Comparison(documents).compare(old, new, ""))


class _Comparison:
    def __init__(self, documents: tuple[Tree, Tree]) -> None:
        self._documents = documents
        # How two referred schemas differ; nothing yet while they are being compared.
        self._known: dict[tuple[str, str], list[Difference]] = {}

    def compare(self, old: Any, new: Any, place: str) -> Iterator[Difference]:
        pair = (_name(old), _name(new))
        if pair == ("", ""):
            yield from self._compared(old, new, place)
            return
        if pair not in self._known:
            self._known[pair] = []
            self._known[pair] = list(self._compared(old, new, ""))
        for each in self._known[pair]:
            yield replace(each, place=f"{place}{each.place.removesuffix('/')}" or "/")

    def _compared(self, old: Any, new: Any, place: str) -> Iterator[Difference]:
        before, after = self._flat(old, 0), self._flat(new, 1)
        yield from _types(before, after, place)
        yield from _values(before, after, place)
        yield from _limits(before, after, place)
        yield from _fields(before, after, place)
        for key, one, other in _shared(before, after):
            yield from self.compare(one, other, f"{place}/{key}")
        yield from self._alternatives(before, after, place)

    def _alternatives(self, before: Tree, after: Tree, place: str) -> Iterator[Difference]:
        for keyword in ("anyOf", "oneOf"):
            old, new = before.get(keyword, []), after.get(keyword, [])
            if len(old) == len(new):
                for one, other in zip(old, new, strict=True):
                    yield from self.compare(one, other, place)
            elif len(old) > len(new) and new:
                yield _difference(place, "fewer alternatives", ChangeEffect.NARROWER)
            elif new and old:
                yield _difference(place, "more alternatives", ChangeEffect.WIDER)
            else:
                effect = ChangeEffect.NARROWER if new else ChangeEffect.WIDER
                yield _difference(place, f"alternatives {'added' if new else 'removed'}", effect)

    def _flat(self, schema: Any, which: int, followed: frozenset[str] = frozenset()) -> Tree:
        """A schema with its reference and `allOf` parts merged into one, each reference once."""
        if not isinstance(schema, dict):
            return {"not": {}} if schema is False else {}
        nullable = _or_null(schema)
        if nullable is not None:
            return _with_null(self._flat(nullable, which, followed))
        parts = [{key: each for key, each in schema.items() if key not in {"$ref", "allOf"}}]
        if "$ref" in schema and schema["$ref"] not in followed:
            followed |= {schema["$ref"]}
            target = pointed(self._documents[which], schema["$ref"])
            parts.append(self._flat(target, which, followed))
        parts += [self._flat(each, which, followed) for each in schema.get("allOf", ())]
        merged: Tree = {}
        for part in reversed(parts):
            merged = _both(merged, part)
        return merged


def _or_null(schema: Tree) -> Any:
    """The schema that `anyOf` joins with null and nothing else; None if it does otherwise."""
    branches = schema.get("anyOf", [])
    others = [each for each in branches if each != NULL]
    return others[0] if len(branches) == 2 and len(others) == 1 and len(schema) == 1 else None


def _with_null(flat: Tree) -> Tree:
    types = _type_set(flat) | {"null"}
    typed: Tree = {} if types == EVERYTHING else {"type": sorted(types)}
    values: Tree = {"enum": [*flat["enum"], None]} if "enum" in flat else {}
    return {**flat, **typed, **values}


def _both(one: Tree, other: Tree) -> Tree:
    """Two schemas that hold together, as far as one schema can express that."""
    merged = {**one, **other}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    if "properties" in one and "properties" in other:
        shared = {
            name: {"allOf": [each, other["properties"][name]]}
            for name, each in one["properties"].items()
            if name in other["properties"]
        }
        merged["properties"] = {**one["properties"], **other["properties"], **shared}
    return merged


def _types(before: Tree, after: Tree, place: str) -> Iterator[Difference]:
    old, new = _type_set(before), _type_set(after)
    if old != new:
        effect = _effect(lost=bool(old - new), gained=bool(new - old))
        yield _difference(place, f"type {_listed(old)} → {_listed(new)}", effect)


def _type_set(schema: Tree) -> frozenset[str]:
    declared = schema.get("type")
    types = (
        EVERYTHING
        if declared is None
        else frozenset([declared] if isinstance(declared, str) else declared)
    )
    return types | {"integer"} if "number" in types else types


def _values(before: Tree, after: Tree, place: str) -> Iterator[Difference]:
    old, new = _value_set(before), _value_set(after)
    if old == new:
        return
    if old is None or new is None:
        effect = ChangeEffect.NARROWER if old is None else ChangeEffect.WIDER
        yield _difference(place, "values listed" if old is None else "any value", effect)
        return
    lost, gained = sorted(old - new), sorted(new - old)
    parts = [f"without {', '.join(lost)}"] * bool(lost) + [f"with {', '.join(gained)}"] * bool(
        gained
    )
    effect = _effect(lost=bool(lost), gained=bool(gained))
    yield _difference(place, f"values {' and '.join(parts)}", effect)


def _value_set(schema: Tree) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({shown(schema["const"])})
    return frozenset(map(shown, schema["enum"])) if "enum" in schema else None


def _limits(before: Tree, after: Tree, place: str) -> Iterator[Difference]:
    for keywords, narrower in ((LOWER_IS_NARROWER, _less), (HIGHER_IS_NARROWER, _more)):
        for keyword in keywords:
            old, new = before.get(keyword), after.get(keyword)
            if old != new:
                effect = ChangeEffect.NARROWER if narrower(new, old) else ChangeEffect.WIDER
                yield _difference(place, f"{keyword} {_said(old)} → {_said(new)}", effect)
    for keyword in ALL_OR_NOTHING:
        old, new = before.get(keyword), after.get(keyword)
        if _text(old) != _text(new):
            effect = _effect(lost=new is not None, gained=old is not None)
            yield _difference(place, f"{keyword} {_said(old)} → {_said(new)}", effect)


def _fields(before: Tree, after: Tree, place: str) -> Iterator[Difference]:
    old, new = before.get("properties", {}), after.get("properties", {})
    for name in sorted(old.keys() - new.keys()):
        yield _difference(f"{place}/{name}", "field no longer described", ChangeEffect.GONE)
    for name in sorted(new.keys() - old.keys()):
        yield _difference(f"{place}/{name}", "field described", ChangeEffect.ADDED)
    was, is_ = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(is_ - was):
        yield _difference(f"{place}/{name}", "mandatory", ChangeEffect.NARROWER)
    for name in sorted(was - is_):
        yield _difference(f"{place}/{name}", "optional", ChangeEffect.WIDER)
    closed_before = before.get("additionalProperties") is False
    closed_after = after.get("additionalProperties") is False
    if closed_before != closed_after:
        effect = ChangeEffect.NARROWER if closed_after else ChangeEffect.WIDER
        yield _difference(place, f"other fields {'refused' if closed_after else 'allowed'}", effect)


def _shared(before: Tree, after: Tree) -> Iterator[tuple[str, Any, Any]]:
    old, new = before.get("properties", {}), after.get("properties", {})
    for name in old:
        if name in new:
            yield name, old[name], new[name]
    if "items" in before or "items" in after:
        yield "*", before.get("items", {}), after.get("items", {})


def _effect(*, lost: bool, gained: bool) -> ChangeEffect:
    if lost and gained:
        return ChangeEffect.OTHER
    return ChangeEffect.NARROWER if lost else ChangeEffect.WIDER


def _less(new: Any, old: Any) -> bool:
    return new is not None and (old is None or new < old)


def _more(new: Any, old: Any) -> bool:
    return new is not None and (old is None or new > old)


def _name(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, dict) else ""


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _said(value: Any) -> str:
    return "none" if value is None else shown(value)


def _listed(types: frozenset[str]) -> str:
    return "any" if types == EVERYTHING else ", ".join(sorted(types))


def _difference(place: str, what: str, effect: ChangeEffect) -> Difference:
    return Difference(place=place or "/", what=what, effect=effect)
