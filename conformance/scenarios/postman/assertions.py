"""What an assertion of a Postman script requires: chains of chai, and those of pm.response."""

from typing import TYPE_CHECKING, Final

from conformance.scenarios.postman.chai import RESPONSE, Chain, follow
from conformance.scenarios.postman.expressions import (
    evaluated,
)
from conformance.scenarios.postman.javascript import children, field_of, text_of
from conformance.scenarios.postman.symbols import (
    Assertion,
    Constant,
    Scope,
)

if TYPE_CHECKING:
    from tree_sitter import Node

EXPECTS: Final = frozenset({"pm.expect", "expect", "chai.expect"})


def is_assertion(node: "Node", scope: Scope) -> bool:
    """Whether an expression begins as an assertion does."""
    links = _links(node)
    if not links:
        return False
    name, arguments = links[0]
    second = links[1][0] if len(links) > 1 else ""
    if name == "pm":
        return second == "expect" or (second == "response" and "to" in {x for x, _ in links})
    return name in {"expect", "chai"} or (arguments is not None and scope.get(name) is not None)


def asserted(node: "Node", scope: Scope) -> tuple[Assertion, ...] | None:
    """Return what an assertion requires of the answer; None where data cannot say it."""
    links = _links(node)
    names = [name for name, _ in links]
    if names[:2] == ["pm", "response"] and "to" in names:
        place = names.index("to")
        subject = evaluated(_inner(node, len(links) - place), scope) if place > 2 else RESPONSE
        rest = links[place:]
    elif ".".join(names[:2]) in EXPECTS and len(links) > 1 and links[1][1]:
        subject, rest = evaluated(links[1][1][0], scope), links[2:]
    elif names[0] in EXPECTS and links[0][1]:
        subject, rest = evaluated(links[0][1][0], scope), links[1:]
    else:
        return None
    chain = Chain(subject, scope)
    for name, arguments in rest:
        if chain.claims is not None:
            follow(chain, name, arguments)
    if not rest or (chain.claims == [] and not isinstance(subject, Constant)):
        return None
    return None if chain.claims is None else tuple(chain.claims)


def _links(node: "Node | None") -> "list[tuple[str, list[Node] | None]]":
    """Return the names of a chain, each with its arguments where it is called."""
    links: list[tuple[str, list[Node] | None]] = []
    arguments: list[Node] | None = None
    while node is not None:
        if node.type == "call_expression":
            arguments = children(field_of(node, "arguments"))
            node = field_of(node, "function")
        elif node.type == "member_expression":
            links.append((text_of(field_of(node, "property")), arguments))
            arguments = None
            node = field_of(node, "object")
        elif node.type in {"await_expression", "parenthesized_expression"}:
            inner = children(node)
            node = inner[0] if inner else None
        else:
            links.append((text_of(node) if node.type == "identifier" else "", arguments))
            break
    return links[::-1]


def _inner(node: "Node", count: int) -> "Node | None":
    """Return the object of a chain that is so many links shorter."""
    inner: Node | None = node
    while inner is not None and count:
        if inner.type == "member_expression":
            count -= 1
            inner = field_of(inner, "object")
        else:
            inner = field_of(inner, "function")
    return inner
