"""What a call in a Postman script stands for: Postman's own functions, and those of JavaScript."""

from typing import TYPE_CHECKING, Final

from conformance.scenarios.postman.conversions import CONVERSIONS, converted, fixed
from conformance.scenarios.postman.expressions import (
    ANSWER,
    DYNAMIC,
    JSON_BODY,
    NEW,
    READS_HEADER,
    READS_VARIABLE,
    RULES,
    SAME,
    TRANSPARENT,
    condition,
    evaluated,
    joined,
    member,
    path_of,
)
from conformance.scenarios.postman.javascript import children, field_of, text_of
from conformance.scenarios.postman.schemas import assertions_of
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Assertion,
    AsText,
    BodyText,
    Constant,
    Dynamic,
    HeaderValue,
    InBody,
    IndexIn,
    Length,
    Named,
    Regex,
    Scope,
    Truth,
    Unclear,
    Value,
    Variable,
    written,
)

if TYPE_CHECKING:
    from tree_sitter import Node

CONTAINS: Final = frozenset({"has", "includes", "include", "contains"})


def called(node: "Node", scope: Scope, depth: int) -> Value:
    """Return what a call stands for."""
    function = field_of(node, "function")
    arguments = [evaluated(each, scope, depth) for each in children(field_of(node, "arguments"))]
    if function is None:
        return UNCLEAR
    if function.type == "member_expression":
        value = evaluated(field_of(function, "object"), scope, depth)
        name = text_of(field_of(function, "property"))
        if not isinstance(value, Named):
            return _method(value, name, arguments)
        return _named(f"{value.name}.{name}", arguments)
    value = evaluated(function, scope, depth)
    return _named(value.name, arguments) if isinstance(value, Named) else UNCLEAR


def _named(name: str, arguments: list[Value]) -> Value:
    """Return what a call of something by its name stands for."""
    first = arguments[0] if arguments else UNCLEAR
    if name == "pm.response.json":
        return JSON_BODY
    if name == "pm.response.text":
        return BodyText()
    if name == "JSON.parse" and isinstance(first, BodyText):
        return JSON_BODY
    if name in {"responseBody.has", "pm.response.text.includes"}:
        return _method(BodyText(), "has", arguments)
    if name in READS_VARIABLE and isinstance(first, Constant):
        return Variable(str(first.value))
    if name in READS_HEADER and isinstance(first, Constant):
        return HeaderValue(str(first.value))
    if name == "pm.response.headers.has" and isinstance(first, Constant):
        return Truth((Assertion(HeaderValue(str(first.value)), "present"),))
    if name == "require" and first == Constant("uuid"):
        return Named("uuid")
    if name in NEW:
        return Dynamic(NEW[name])
    if name in CONVERSIONS and isinstance(first, Constant):
        return converted(name, first.value, arguments)
    if name.startswith("Math."):
        return first if isinstance(first, Dynamic) and name in CONVERSIONS else UNCLEAR
    if name.endswith(".replaceIn") and isinstance(first, Constant):
        return _replaced(str(first.value))
    if name in {"tv4.validate", "ajv.validate"} and len(arguments) > 1:
        return _validated(name, arguments)
    if name == "Boolean":
        return condition(first) or UNCLEAR
    if name == "JSON.stringify" and isinstance(first, InBody):
        return AsText(first) if first.path else BodyText()
    if name == "JSON.parse" and isinstance(first, AsText):
        return first.of
    if name in TRANSPARENT:
        return first
    if name in {"_.get", "_.has"} and len(arguments) > 1 and isinstance(arguments[1], Constant):
        return _looked_up(name, first, str(arguments[1].value))
    if name == "Object.keys":
        return first if isinstance(first, InBody) else UNCLEAR
    if name in {"Array.isArray", "_.isArray", "_.isString", "_.isObject", "_.isNumber"}:
        kind = name.rpartition("is")[2].lower()
        return Truth((Assertion(first, "type", kind),)) if isinstance(first, ANSWER) else UNCLEAR
    if name in {"_.size"} and isinstance(first, InBody):
        return Length(first)
    if name in {"_.includes", "_.contains"} and len(arguments) > 1:
        return _method(first, "includes", arguments[1:])
    return UNCLEAR


def _method(value: Value, name: str, arguments: list[Value]) -> Value:
    """Return what a call of a method of a value stands for."""
    first = arguments[0] if arguments else UNCLEAR
    if name == "toISOString" and isinstance(value, Dynamic):
        return Dynamic("$isoTimestamp")
    if name == "toFixed" and isinstance(value, Constant):
        return fixed(value.value, arguments)
    if name == "toString" and isinstance(value, Constant) and not arguments:
        return converted("String", value.value, arguments)
    if name == "trim" and isinstance(value, Constant) and isinstance(value.value, str):
        return Constant(value.value.strip())
    if name in SAME:
        return value if not isinstance(value, BodyText) or name != "json" else JSON_BODY
    if isinstance(value, Regex) and name == "test" and isinstance(first, ANSWER):
        return Truth((Assertion(first, "matches", value),))
    if isinstance(value, Constant) and isinstance(value.value, list) and name in CONTAINS:
        if isinstance(first, ANSWER):
            return Truth((Assertion(first, "one of", value.value),))
        return UNCLEAR
    if name == "concat" and arguments:
        return joined([value, *arguments])
    if isinstance(value, Dynamic) and name in {"slice", "substring", "substr", "format", "unix"}:
        return value
    if not isinstance(value, ANSWER):
        return UNCLEAR
    if name == "match" and isinstance(first, Regex):
        return Truth((Assertion(value, "matches", first),))
    wanted = written(first)
    if isinstance(wanted, Unclear):
        return UNCLEAR
    if name in CONTAINS:
        return Truth((Assertion(value, "contains", wanted),))
    if name in {"indexOf", "search"}:
        return IndexIn(value, first)
    if name in {"startsWith", "endsWith"} and isinstance(wanted, str):
        return Truth((Assertion(value, "starts" if name == "startsWith" else "ends", wanted),))
    if name in {"hasOwnProperty"} and isinstance(value, InBody):
        return Truth((Assertion(member(value, str(wanted)), "present"),))
    if name == "get" and isinstance(value, InBody):
        return member(value, str(wanted))
    if name == "at" and isinstance(value, InBody) and isinstance(wanted, int):
        return member(value, wanted) if wanted >= 0 else UNCLEAR
    return UNCLEAR


def _replaced(text: str) -> Value:
    """Return a text of which Postman replaces the {{variables}}."""
    parts: list[Value] = []
    done = 0
    for found in DYNAMIC.finditer(text):
        parts.append(Constant(text[done : found.start()]))
        parts.append(Dynamic(found[1]) if found[1].startswith("$") else Variable(found[1]))
        done = found.end()
    parts.append(Constant(text[done:]))
    kept = [each for each in parts if each != Constant("")]
    return kept[0] if len(kept) == 1 else joined(kept)


def _validated(name: str, arguments: list[Value]) -> Value:
    """Return what a validator requires: tv4 takes the value first, ajv the schema."""
    value, schema = arguments[:2] if name.startswith("tv4") else arguments[1::-1]
    document = written(schema)
    if isinstance(value, InBody) and isinstance(document, dict):
        return Truth(tuple(assertions_of(value, document)))
    return UNCLEAR


def _looked_up(name: str, value: Value, path: str) -> Value:
    for key in path_of(path):
        value = member(value, key)
    if name == "_.has":
        return Truth((Assertion(value, "present"),)) if isinstance(value, ANSWER) else UNCLEAR
    return value


RULES["call_expression"] = called
