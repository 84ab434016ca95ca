"""Turning findings of the schema validator into violations with messages."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from jsonschema_rs import ValidationError

from conformance.core.exchange import SchemaViolation

LONGEST: Final = 100
NO_FIELD: Final = "no such field"
NAMES: Final = {
    "string": "a text", "number": "a number", "integer": "a whole number",
    "boolean": "true or false", "object": "an object", "array": "a list", "null": "null",
}  # fmt: skip


def violations_of(error: ValidationError, side: str) -> list[SchemaViolation]:
    """Return what an error means; an alternative is described by its most fitting branch."""
    kind = error.kind.as_dict()
    name = error.kind.name
    if name in {"anyOf", "oneOf"} and kind.get("context"):
        untried = next(filter(_is_untried, chain.from_iterable(kind["context"])), None)
        if untried:
            return [_untried(untried, side)]
        branch = _most_fitting(kind["context"], error.instance)
        if branch:
            return [violation for inner in branch for violation in violations_of(inner, side)]
    if _is_untried(error):
        return [_untried(error, side)]
    path = list(error.instance_path)
    expected, got = _words(name, kind, error)
    if name == "required":
        path.append(kind["property"])
    return [SchemaViolation(side=side, pointer=pointer(path), expected=expected, got=got)]


def _is_untried(error: ValidationError) -> bool:
    """Whether the search for a pattern was given up, so that nobody knows whether a text fits."""
    return error.kind.name == "pattern" and "error" in error.kind.as_dict()


def _untried(error: ValidationError, side: str) -> SchemaViolation:
    return SchemaViolation(
        side=side,
        pointer=pointer(list(error.instance_path)),
        expected="a text whose pattern can be searched for in reasonable time",
        got=f"unknown whether it fits: {shown(error.instance)}",
        severity="note",
    )


def pointer(path: Sequence[str | int]) -> str:
    """Return a JSON pointer."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def shown(value: Any) -> str:
    """Return a value in JSON, shortened."""
    text = json.dumps(value, default=_number, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def type_words(types: str | Sequence[str]) -> str:
    """Return JSON types as people call them."""
    listed = [types] if isinstance(types, str) else list(types)
    return " or ".join(NAMES.get(each, each) for each in sorted(listed, key="null".__eq__))


def _words(name: str, kind: dict[str, Any], error: ValidationError) -> tuple[str, str]:
    value: Any = error.instance
    match name:
        case "type":
            return type_words(kind["types"]), shown(value)
        case "required":
            return f"the field {kind['property']}", NO_FIELD
        case "enum":
            return f"one of {', '.join(map(_plain, kind['options']))}", shown(value)
        case "const":
            return _plain(kind["expected_value"]), shown(value)
        case "maxLength":
            return f"at most {kind['limit']} characters", f"{len(value)} characters: {shown(value)}"
        case "minLength":
            return f"at least {kind['limit']} characters", f"{len(value)}: {shown(value)}"
        case "pattern":
            return f"a text like {kind['pattern']}", shown(value)
        case "minItems" | "maxItems":
            least = "at least" if name == "minItems" else "at most"
            return f"{least} {kind['limit']} entries", f"{len(value)} entries"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"{_bound(name)} {kind['limit']}", shown(value)
        case _:
            return error.message, shown(value)


def _bound(name: str) -> str:
    return {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }[name]


def _most_fitting(context: Sequence[Sequence[ValidationError]], instance: Any) -> Any:
    """The branch that fails deepest inside; the null branch only if nothing else is there."""
    branches = [branch for branch in context if branch and not _is_null(branch)]
    if not branches or instance is None:
        return None
    return max(branches, key=lambda branch: max(len(each.instance_path) for each in branch))


def _is_null(branch: Sequence[ValidationError]) -> bool:
    first = branch[0]
    return first.kind.name == "type" and list(first.kind.as_dict()["types"]) == ["null"]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
