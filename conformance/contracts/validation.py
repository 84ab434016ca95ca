"""Holding one value against one schema of a bundle: compiled once, with messages.

What a schema does not mention is a note, never a failure: DIGIT lines add fields freely.
"""

import contextlib
import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import jsonschema_rs

from conformance.contracts.documents import Tree
from conformance.contracts.schemas import pointed, references, unescaped
from conformance.contracts.wording import NO_FIELD, pointer, shown, violations_of
from conformance.core.exchange import SchemaViolation

ALTERNATIVES: Final = ("allOf", "anyOf", "oneOf")


class Judge:
    """One schema, ready to judge values; `side` is `request` or `response`."""

    def __init__(self, schema: Any, bundle: Tree, side: str) -> None:
        """Compile; ValueError if the schema is none."""
        self.side = side
        self._fields = Fields([schema], bundle)
        self._validator = jsonschema_rs.Draft202012Validator(
            _self_contained(schema, bundle), validate_formats=True
        )

    def judge(self, value: Any) -> list[SchemaViolation]:
        """Return every violation of the schema, and a note for each unknown field.

        A field of an answer that may be null may be absent as well: that is a note, too.
        """
        found = self._violations(value)
        missing = {
            each.pointer
            for each in found
            if each.got == NO_FIELD and self._fields.describes(each.pointer)
        }
        if missing and self.side == "response":
            missing -= {each.pointer for each in self._violations(completed(value, missing))}
            found = [
                replace(each, severity="note") if each.pointer in missing else each
                for each in found
            ]
        return _distinct([*found, *self._unknown(value)])

    def _violations(self, value: Any) -> list[SchemaViolation]:
        try:
            errors = list(self._validator.iter_errors(value))
        except ValueError as fault:  # NaN and infinities are not JSON
            return [
                SchemaViolation(
                    side=self.side, pointer="", expected="finite numbers", got=str(fault)
                )
            ]
        return [violation for error in errors for violation in violations_of(error, self.side)]

    def _unknown(self, value: Any) -> Iterator[SchemaViolation]:
        for path, field in self._fields.unknown(value):
            yield SchemaViolation(
                side=self.side,
                pointer=pointer(path),
                expected="only fields of the contract",
                got=f"{path[-1]}: {shown(field)}",
                severity="note",
            )


class Fields:
    """What schemas, taken together, say of a value's fields; worked out once, as values need it."""

    def __init__(self, schemas: Sequence[Any], bundle: Tree) -> None:
        self._bundle = bundle
        parts = [part for schema in schemas for part in parts_of(schema, bundle)]
        self._described = [part["properties"] for part in parts if "properties" in part]
        self._items = [part["items"] for part in parts if "items" in part]
        self._closed = bool(self._described) and not any(
            part.get("additionalProperties") not in (None, False) for part in parts
        )
        self._below: dict[str | None, Fields | None] = {}

    def describes(self, place: str) -> bool:
        """Whether the schemas say anything of the field at a place (a JSON pointer)."""
        fields: Fields | None = self
        for part in place.split("/")[1:]:
            if fields is None:
                return False
            key = unescaped(part)
            fields = fields._of(key) or (fields._of(None) if key.isdigit() else None)
        return fields is not None

    def unknown(
        self, value: Any, path: tuple[str | int, ...] = ()
    ) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """Yield place and value of each field that no schema mentions."""
        if isinstance(value, dict):
            for key, item in value.items():
                below = self._of(key)
                if below is not None:
                    if isinstance(item, dict | list):
                        yield from below.unknown(item, (*path, key))
                elif self._closed:
                    yield (*path, key), item
        elif isinstance(value, list) and (below := self._of(None)):
            for index, item in enumerate(value):
                yield from below.unknown(item, (*path, index))

    def _of(self, key: str | None) -> "Fields | None":
        """Return the schemas of a field, or (None) of the items; None if there are none."""
        if key not in self._below:
            schemas = self._items
            if key is not None:
                schemas = [each[key] for each in self._described if key in each]
            self._below[key] = Fields(schemas, self._bundle) if schemas else None
        return self._below[key]


def completed(value: Any, places: Iterable[str]) -> Any:
    """Return a copy of a document with null at places (JSON pointers) where a field is missing."""
    copied = copy.deepcopy(value)
    for place in places:
        holder, _, name = place.rpartition("/")
        pointed(copied, holder)[unescaped(name)] = None
    return copied


def parts_of(schema: Any, bundle: Tree, combined: Sequence[str] = ALTERNATIVES) -> list[Tree]:
    """Return the schema and everything it combines, references followed, each of them once."""
    parts: list[Tree] = []
    followed: set[str] = set()
    pending = [schema]
    while pending:
        part = pending.pop(0)
        if not isinstance(part, dict):
            continue
        parts.append(part)
        inner = [each for key in combined for each in part.get(key, ())]
        reference = part.get("$ref")
        if isinstance(reference, str) and reference not in followed:
            followed.add(reference)
            inner.insert(0, pointed(bundle, reference))
        pending = [*inner, *pending]
    return parts


def _self_contained(schema: Any, bundle: Tree) -> Any:
    """The schema with the components it needs, and no others: compiling is paid per use."""
    needed: dict[str, Any] = {}
    pending = list(references(schema))
    while pending:
        reference = pending.pop()
        name = reference.rpartition("/")[2]
        if reference.startswith("#/components/schemas/") and name not in needed:
            with contextlib.suppress(LookupError):  # an example may look like a reference
                needed[name] = pointed(bundle, reference)
                pending += references(needed[name])
    if not needed or not isinstance(schema, dict):
        return schema
    return {**schema, "components": {"schemas": needed}}


def _distinct(violations: list[SchemaViolation]) -> list[SchemaViolation]:
    """Each violation once; one that only adds `or null` to another says nothing more."""
    expected = {(each.pointer, each.expected) for each in violations}
    return [
        each
        for each in dict.fromkeys(violations)
        if (each.pointer, each.expected.removesuffix(" or null")) not in expected
        or not each.expected.endswith(" or null")
    ]
