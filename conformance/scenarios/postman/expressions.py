"""What an expression of a Postman script stands for. Nothing is run: names are followed only."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from conformance.scenarios.postman.javascript import children, field_of, number, text_of, unquoted
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Assertion,
    AsText,
    BodyText,
    Constant,
    Duration,
    Dynamic,
    Function,
    HeaderValue,
    InBody,
    IndexIn,
    Joined,
    Length,
    Named,
    Path,
    Reason,
    Regex,
    Scope,
    Status,
    Truth,
    TypeOf,
    Value,
    Variable,
    opposite,
    written,
)

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST: Final = 60  # expressions in each other
JSON_BODY: Final = InBody()
# What Postman's own names stand for.
NAMES: Final[Mapping[str, Value]] = {
    "pm.response.code": Status(),
    "responseCode.code": Status(),
    "pm.response.status": Reason(),
    "pm.response.reason": Reason(),
    "responseCode.name": Reason(),
    "pm.response.responseTime": Duration(),
    "responseTime": Duration(),
    "responseBody": BodyText(),
    "pm.info.requestName": UNCLEAR,
    "undefined": Constant(None),
    "NaN": UNCLEAR,
}
READS_VARIABLE: Final = frozenset(
    [f"pm.{scope}.get" for scope in ("environment", "globals", "collectionVariables", "variables")]
    + ["pm.iterationData.get", "postman.getEnvironmentVariable", "postman.getGlobalVariable"]
)
READS_HEADER: Final = frozenset(
    {"pm.response.headers.get", "pm.response.headers.one", "postman.getResponseHeader"}
)
# Calls that give back what they are given, as far as data is concerned.
TRANSPARENT: Final = frozenset(
    {"String", "Number", "parseInt", "parseFloat", "JSON.stringify", "_.parseInt", "_.toString",
     "decodeURIComponent", "encodeURIComponent", "_.toNumber", "BigInt", "JSON.parse"}
)  # fmt: skip
SAME: Final = frozenset(
    {"toString", "trim", "valueOf", "toFixed", "toISOString", "json", "toJSON", "getTime",
     "trimEnd", "trimStart"}
)  # fmt: skip
NEW: Final[Mapping[str, str]] = {
    "Date.now": "$timestampMs", "uuid": "$guid", "uuid.v4": "$guid", "crypto.randomUUID": "$guid",
    "Math.random": "$randomInt", "_.random": "$randomInt", "_.now": "$timestampMs",
    "_.uniqueId": "$guid",
}  # fmt: skip
COMPARED: Final = {
    "===": "equals", "==": "equals", "!==": "not equals", "!=": "not equals",
    ">": "above", ">=": "least", "<": "below", "<=": "most",
}  # fmt: skip
TURNED: Final = {"above": "below", "least": "most", "below": "above", "most": "least"}
ANSWER: Final = (InBody, BodyText, Status, Reason, Duration, HeaderValue, Length, TypeOf, IndexIn)
DYNAMIC: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def evaluated(node: "Node | None", scope: Scope, depth: int = 0) -> Value:
    """Return what an expression stands for."""
    if node is None or depth > DEEPEST:
        return UNCLEAR
    rule = RULES.get(node.type)
    return rule(node, scope, depth + 1) if rule else UNCLEAR


def condition(value: Value) -> Truth | None:
    """Return the claims of a value that is used as a condition; None where data has none."""
    if isinstance(value, Truth):
        return value
    if isinstance(value, Constant) and value.value:
        return Truth(())
    if isinstance(value, ANSWER):
        return Truth((Assertion(value, "truthy"),))
    return None


def member(value: Value, key: str | int) -> Value:
    """Return what stands in a value under a name."""
    if isinstance(value, Named):
        if value.name in {"environment", "globals", "data"}:
            return Variable(str(key))
        if value.name == "responseHeaders":
            return HeaderValue(str(key))
        name = f"{value.name}.{key}"
        return NAMES.get(name, Named(name))
    if key == "length" and isinstance(value, (InBody, BodyText, HeaderValue)):
        return Length(value)
    if isinstance(value, InBody):
        return InBody((*value.path, key))
    if isinstance(value, Constant):
        return _of_constant(value.value, key)
    return UNCLEAR


def path_of(text: str) -> Path:
    """Return the parts of a path as `a.b[0]`."""
    parts = re.findall(r"[^.\[\]]+", text)
    return tuple(int(each) if each.isdecimal() else each.strip("'\"") for each in parts)


def compared(verb: str, left: Value, right: Value) -> Value:
    """Return the claim that a comparison makes of the answer."""
    if not isinstance(left, ANSWER) and isinstance(right, ANSWER):
        left, right, verb = right, left, TURNED.get(verb, verb)
    if isinstance(left, Constant) and isinstance(right, Constant) and verb.endswith("equals"):
        same = left.value == right.value
        return Constant(same if verb == "equals" else not same)
    if isinstance(left, Truth) and isinstance(right, Constant) and isinstance(right.value, bool):
        wanted = right.value if verb == "equals" else not right.value
        return left if wanted else _opposite(left)
    if isinstance(left, IndexIn) and isinstance(right, Constant):
        return _position(verb, left, right.value)
    if isinstance(left, TypeOf) and isinstance(right, Constant):
        if right.value == "undefined":
            return Truth((Assertion(left.of, "absent" if verb == "equals" else "present"),))
        kind = {"equals": "type", "not equals": "not type"}.get(verb)
        return Truth((Assertion(left.of, kind, right.value),)) if kind else UNCLEAR
    wanted_value = written(right)
    if isinstance(left, AsText) and isinstance(wanted_value, dict | list):
        left = left.of  # both were written as JSON
    if not isinstance(left, ANSWER) or wanted_value is UNCLEAR:
        return UNCLEAR
    if wanted_value is None and verb.endswith("equals"):
        return Truth((Assertion(left, "absent" if verb == "equals" else "present"),))
    return Truth((Assertion(left, verb, wanted_value),))


def _opposite(truth: Truth) -> Value:
    claims = opposite(truth.claims)
    return UNCLEAR if claims is None else Truth(claims)


def _position(verb: str, position: IndexIn, limit: Any) -> Value:
    """Return what a comparison of indexOf with -1 or 0 says."""
    found = (verb, limit) in {("above", -1), ("not equals", -1), ("least", 0)}
    missing = (verb, limit) in {("equals", -1), ("below", 0)}
    wanted = written(position.wanted)
    if wanted is UNCLEAR or not (found or missing):
        return UNCLEAR
    return Truth((Assertion(position.of, "contains" if found else "not contains", wanted),))


def _of_constant(value: Any, key: str | int) -> Value:
    if key == "length" and isinstance(value, str | list):
        return Constant(len(value))
    if isinstance(value, dict) and key in value:
        return Constant(value[key])
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return Constant(value[key])
    return UNCLEAR


def _identifier(node: "Node", scope: Scope, _depth: int) -> Value:
    name = text_of(node)
    known = scope.get(name)
    if known is not None:
        return known
    return NAMES.get(name, Named(name))


def _member(node: "Node", scope: Scope, depth: int) -> Value:
    value = evaluated(field_of(node, "object"), scope, depth)
    return member(value, text_of(field_of(node, "property")))


def _subscript(node: "Node", scope: Scope, depth: int) -> Value:
    value = evaluated(field_of(node, "object"), scope, depth)
    key = evaluated(field_of(node, "index"), scope, depth)
    if not isinstance(key, Constant) or isinstance(key.value, bool):
        return UNCLEAR
    return member(value, key.value) if isinstance(key.value, str | int) else UNCLEAR


def _template(node: "Node", scope: Scope, depth: int) -> Value:
    parts: list[Value] = []
    for each in children(node):
        if each.type == "template_substitution":
            inner = children(each)
            parts.append(evaluated(inner[0] if inner else None, scope, depth))
        else:
            parts.append(Constant(text_of(each)))
    if not parts:
        return Constant(text_of(node)[1:-1])
    return joined(parts)


def joined(parts: list[Value]) -> Value:
    """Return texts joined: a constant if all are."""
    parts = [x for each in parts for x in (each.parts if isinstance(each, Joined) else (each,))]
    if any(isinstance(each, Function | Named | Truth) or each == UNCLEAR for each in parts):
        return UNCLEAR
    whole = Joined(tuple(parts))
    return Constant(written(whole)) if all(isinstance(x, Constant) for x in parts) else whole


def _array(node: "Node", scope: Scope, depth: int) -> Value:
    values = [written(evaluated(each, scope, depth)) for each in children(node)]
    return UNCLEAR if UNCLEAR in values else Constant(values)


def _object(node: "Node", scope: Scope, depth: int) -> Value:
    found: dict[str, Any] = {}
    for each in children(node):
        if each.type == "shorthand_property_identifier":
            found[text_of(each)] = written(scope.get(text_of(each)) or UNCLEAR)
        elif each.type == "pair":
            key = field_of(each, "key")
            name = evaluated(key, scope, depth) if key and key.type == "string" else None
            text = name.value if isinstance(name, Constant) else text_of(key)
            found[text] = written(evaluated(field_of(each, "value"), scope, depth))
        else:
            return UNCLEAR
    return UNCLEAR if UNCLEAR in found.values() else Constant(found)


def _is_text(value: Value) -> bool:
    """Whether a value is a text for certain, so that + joins and does not add."""
    return isinstance(value, Joined) or (
        isinstance(value, Constant) and isinstance(value.value, str)
    )


def _moved(left: Value, right: Value) -> bool:
    """Whether a number is added to a time, which is another time then."""
    numbers = (
        isinstance(left, Dynamic) and "imestamp" in left.name,
        isinstance(right, Constant) and isinstance(right.value, int | float),
    )
    return all(numbers)


def _binary(node: "Node", scope: Scope, depth: int) -> Value:
    operator = text_of(field_of(node, "operator"))
    left = evaluated(field_of(node, "left"), scope, depth)
    right = evaluated(field_of(node, "right"), scope, depth)
    if operator in COMPARED:
        return compared(COMPARED[operator], left, right)
    if operator == "&&":
        return _both(left, right)
    if operator in {"||", "??"}:
        return _either(left, right)
    if operator == "in" and isinstance(left, Constant) and isinstance(right, InBody):
        return Truth((Assertion(member(right, left.value), "present"),))
    if operator == "+":
        if isinstance(left, Constant) and isinstance(right, Constant):
            numbers = not isinstance(left.value, str) and not isinstance(right.value, str)
            plain = isinstance(left.value, int | float) and isinstance(right.value, int | float)
            if numbers and plain:
                return Constant(left.value + right.value)
        if _moved(left, right):
            return UNCLEAR
        if isinstance(left, Dynamic) and isinstance(right, Constant | Dynamic):
            return (
                left if not isinstance(getattr(right, "value", 0), str) else joined([left, right])
            )
        return joined([left, right]) if _is_text(left) or _is_text(right) else UNCLEAR
    if operator == "-" and _moved(left, right):
        return UNCLEAR
    if operator in "*/-%" and isinstance(left, Dynamic):
        seconds = operator == "/" and right == Constant(1000)
        return Dynamic("$timestamp") if seconds and left.name == "$timestampMs" else left
    return UNCLEAR


def _both(left: Value, right: Value) -> Value:
    first, second = condition(left), condition(right)
    if first is None or second is None:
        return UNCLEAR
    # `a && a.b`: that the first is there, the second says as well.
    kept = [
        each
        for each in first.claims
        if not (each.verb == "truthy" and any(_within(each, x) for x in second.claims))
    ]
    return Truth((*kept, *second.claims))


def _within(outer: Assertion, inner: Assertion) -> bool:
    of = inner.subject.of if isinstance(inner.subject, Length) else inner.subject
    if not isinstance(outer.subject, InBody) or not isinstance(of, InBody):
        return False
    return of.path[: len(outer.subject.path)] == outer.subject.path


def _either(left: Value, right: Value) -> Value:
    if not isinstance(left, Truth) or not isinstance(right, Truth):
        nothing = isinstance(right, Constant) and not right.value  # as `json.token || ""`
        return left if nothing and isinstance(left, InBody | Variable | BodyText) else UNCLEAR
    claims = (*left.claims, *right.claims)
    subjects = {each.subject for each in claims}
    if (
        len(claims) == 2
        and len(subjects) == 1
        and all(x.verb in {"equals", "one of"} for x in claims)
    ):
        values = [
            value
            for each in claims
            for value in (each.value if each.verb == "one of" else [each.value])
        ]
        return Truth((Assertion(claims[0].subject, "one of", values),))
    return UNCLEAR


def _unary(node: "Node", scope: Scope, depth: int) -> Value:
    operator = text_of(field_of(node, "operator"))
    value = evaluated(field_of(node, "argument"), scope, depth)
    if operator == "typeof":
        return TypeOf(value) if isinstance(value, ANSWER) else UNCLEAR
    if operator == "!":
        if isinstance(value, Constant):
            return Constant(not value.value)
        truth = condition(value)
        return UNCLEAR if truth is None else _opposite(truth)
    if operator == "-" and isinstance(value, Constant) and isinstance(value.value, int | float):
        return Constant(-value.value)
    return value if operator == "+" else UNCLEAR


def _first(node: "Node", scope: Scope, depth: int) -> Value:
    inner = children(node)
    return evaluated(inner[-1] if inner else None, scope, depth)


def _assigned(node: "Node", scope: Scope, depth: int) -> Value:
    value = evaluated(field_of(node, "right"), scope, depth)
    left = field_of(node, "left")
    if left is not None and left.type == "identifier":
        scope.assign(text_of(left), value)
    return value


def _new(node: "Node", _scope: Scope, _depth: int) -> Value:
    name = text_of(field_of(node, "constructor"))
    arguments = children(field_of(node, "arguments"))
    return Dynamic("$timestampMs") if name == "Date" and not arguments else UNCLEAR


def _literal(node: "Node", _scope: Scope, _depth: int) -> Value:
    value = number(text_of(node))
    return UNCLEAR if value is None else Constant(value)


def _regex(node: "Node", _scope: Scope, _depth: int) -> Value:
    return Regex(text_of(field_of(node, "pattern")), text_of(field_of(node, "flags")))


# By the type of a node. What a call stands for `calls` adds.
RULES: Final[dict[str, Callable[["Node", Scope, int], Value]]] = {
    "identifier": _identifier,
    "undefined": lambda *_: Constant(None),
    "member_expression": _member,
    "subscript_expression": _subscript,
    "string": lambda node, *_: Constant(unquoted(node)),
    "template_string": _template,
    "number": _literal,
    "true": lambda *_: Constant(True),
    "false": lambda *_: Constant(False),
    "null": lambda *_: Constant(None),
    "regex": _regex,
    "array": _array,
    "object": _object,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "parenthesized_expression": _first,
    "await_expression": _first,
    "sequence_expression": _first,
    "assignment_expression": _assigned,
    "new_expression": _new,
    "arrow_function": lambda node, scope, _: Function(node, scope),
    "function_expression": lambda node, scope, _: Function(node, scope),
    "function": lambda node, scope, _: Function(node, scope),
}
