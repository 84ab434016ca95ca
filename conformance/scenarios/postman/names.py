"""The names that a declaration of a script gives, and what Postman calls its own functions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from conformance.scenarios.postman.expressions import evaluated, member
from conformance.scenarios.postman.javascript import (
    children,
    field_of,
    text_of,
    unquoted,
)
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Function,
    Scope,
    Value,
)

if TYPE_CHECKING:
    from tree_sitter import Node

SETS: Final = frozenset(
    [f"pm.{scope}.set" for scope in ("environment", "globals", "collectionVariables", "variables")]
    + ["postman.setEnvironmentVariable", "postman.setGlobalVariable"]
)
# Expressions that give a name another value, and the field that has the name.
CHANGED: Final[Mapping[str, str]] = {
    "assignment_expression": "left",
    "augmented_assignment_expression": "left",
    "update_expression": "argument",
}
# Methods that change what they are called of, and functions that change what they get first.
CHANGING: Final = frozenset(
    {"push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"}
)
CHANGE_FIRST: Final = frozenset(
    {"Object.assign", "_.assign", "_.extend", "_.merge", "_.set", "_.unset", "_.remove", "_.pull"}
)
HEADERS: Final = frozenset(
    {"pm.request.headers.add", "pm.request.headers.upsert", "pm.request.addHeader"}
)
# Beginnings of calls that change no request and judge no answer.
WITHOUT_EFFECT: Final = (
    "console.", "pm.visualizer.", "postman.clearEnvironmentVariable", "pm.environment.unset",
    "pm.environment.clear", "pm.globals.unset", "pm.globals.clear", "pm.collectionVariables.unset",
    "pm.collectionVariables.clear", "pm.variables.unset", "pm.variables.clear",
    "postman.clearGlobalVariable", "pm.test.skip", "require",
)  # fmt: skip
# Beginnings of calls that data cannot say -> why.
REPORTED: Final[Mapping[str, str]] = {
    "pm.sendRequest": "sends another request",
    "postman.setNextRequest": "changes the order of the requests",
    "pm.setNextRequest": "changes the order of the requests",
    "pm.execution.setNextRequest": "changes the order of the requests",
    "pm.execution.skipRequest": "skips the request",
    "pm.execution.runRequest": "sends another request",
    "setTimeout": "waits",
    "setInterval": "waits",
    "eval": "runs a text as a script",
    "pm.request.": "changes the request",
    "pm.cookies.": "works with cookies",
    "pm.vault.": "reads a secret",
}
LOOPS: Final = frozenset(
    {"for_statement", "for_in_statement", "while_statement", "do_statement", "switch_statement"}
)


def destructured(pattern: "Node", value: Value, scope: Scope) -> None:
    """Give the names of a pattern what they stand for."""
    for number, each in enumerate(children(pattern)):
        if each.type == "shorthand_property_identifier_pattern":
            scope.declare(text_of(each), member(value, text_of(each)))
        elif each.type == "object_assignment_pattern":
            name = text_of(field_of(each, "left"))
            scope.declare(name, member(value, name))
        elif each.type == "pair_pattern":
            key = field_of(each, "key")
            name = unquoted(key) if key and key.type == "string" else text_of(key)
            _one_name(field_of(each, "value"), member(value, name), scope)
        elif each.type == "rest_pattern":
            scope.declare(text_of(each).lstrip("."), UNCLEAR)
        else:
            _one_name(each, member(value, number), scope)


def _one_name(node: "Node | None", value: Value, scope: Scope) -> None:
    if node is None:
        return
    if node.type == "identifier":
        scope.declare(text_of(node), value)
    elif node.type == "assignment_pattern":
        _one_name(field_of(node, "left"), value, scope)
    else:
        destructured(node, value, scope)


def with_parameters(function: Function, arguments: "list[Node]", scope: Scope) -> Scope:
    """Return the names that a function sees when it is called with arguments of a scope."""
    names = Scope(parent=function.scope)
    parameters = field_of(function.node, "parameters") or field_of(function.node, "parameter")
    alone = parameters is not None and parameters.type == "identifier"
    for number, each in enumerate([parameters] if alone else children(parameters)):
        value = evaluated(arguments[number], scope) if number < len(arguments) else UNCLEAR
        names.declare(text_of(each), value)
    return names


def header_of(pair: "Node", scope: Scope) -> tuple[Value, Value]:
    """Return name and value of a header, as {key, value} gives them."""
    fields = {
        text_of(field_of(each, "key")).strip("'\""): field_of(each, "value")
        for each in children(pair)
    }
    return evaluated(fields.get("key"), scope), evaluated(fields.get("value"), scope)


def reason_for(expression: "Node") -> str:
    """Return why an expression is not understood."""
    text = text_of(expression)
    reasons = (why for begin, why in REPORTED.items() if text.startswith(begin))
    return next(reasons, "not understood")


def fails(node: "Node") -> bool:
    """Whether what is done somewhere lets the script fail."""
    text = text_of(node).replace(" ", "")
    return any(each in text for each in ("=false", "fail(", "throw"))


def leaves(node: "Node") -> bool:
    """Whether a statement ends its block, always or in some cases."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.type == "return_statement":
            return True
        if each.type in {"if_statement", "else_clause", "statement_block"}:
            waiting += each.children
    return False


def spoiled(node: "Node", scope: Scope, *, whole: bool = False) -> None:
    """Forget the names of what something that is not understood changes.

    The statements of a function that is called are read by themselves, unless it is the `whole`.
    """
    waiting = [node]
    while waiting:
        each = waiting.pop()
        name = text_of(_changed(each))
        if not isinstance(scope.get(name), Function | None):
            scope.assign(name, UNCLEAR)
        if whole or each.type != "call_expression":
            waiting += each.children


def _changed(node: "Node") -> "Node | None":
    """Return the variable of which an expression changes the value, or a part of it."""
    changed = field_of(node, CHANGED.get(node.type, ""))
    function = field_of(node, "function")
    if node.type == "unary_expression" and text_of(field_of(node, "operator")) == "delete":
        changed = field_of(node, "argument")
    elif function is not None:
        if text_of(function) in CHANGE_FIRST:
            changed = next(iter(children(field_of(node, "arguments"))), None)
        elif text_of(field_of(function, "property")) in CHANGING:
            changed = field_of(function, "object")
    while changed is not None and changed.type in {"member_expression", "subscript_expression"}:
        changed = field_of(changed, "object")
    return changed
