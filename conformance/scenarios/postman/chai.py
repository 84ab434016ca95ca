"""What the links of an assertion require: those of chai, and those of pm.response."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import conformance.scenarios.postman.calls  # noqa: F401  what calls stand for
from conformance.scenarios.postman.expressions import (
    ANSWER,
    JSON_BODY,
    compared,
    evaluated,
    member,
    path_of,
)
from conformance.scenarios.postman.schemas import assertions_of
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Assertion,
    BodyText,
    Constant,
    Duration,
    HeaderValue,
    InBody,
    Length,
    Named,
    Reason,
    Regex,
    Scope,
    Status,
    Truth,
    Value,
    opposite,
    written,
)

if TYPE_CHECKING:
    from tree_sitter import Node

FILLERS: Final = frozenset(
    {"to", "be", "been", "is", "that", "which", "and", "has", "have", "with", "at", "of", "same",
     "but", "does", "still", "also", "deep", "own", "nested", "all", "an", "a", "any", "ordered",
     "itself", "should"}
)  # fmt: skip
EQUAL: Final = frozenset({"equal", "equals", "eq", "eql", "eqls", "strictEqual", "deepEqual"})
CONTAIN: Final = frozenset({"include", "includes", "contain", "contains", "string"})
ORDERED: Final[Mapping[str, str]] = {
    "above": "above", "gt": "above", "greaterThan": "above",
    "least": "least", "gte": "least", "greaterThanOrEqual": "least",
    "below": "below", "lt": "below", "lessThan": "below",
    "most": "most", "lte": "most", "lessThanOrEqual": "most",
}  # fmt: skip
# A property of chai -> verb, value.
PLAIN: Final[Mapping[str, tuple[str, Any]]] = {
    "true": ("equals", True), "True": ("equals", True), "false": ("equals", False),
    "null": ("null", None), "undefined": ("absent", None), "exist": ("present", None),
    "exists": ("present", None), "empty": ("empty", None),
}  # fmt: skip
# A property of pm.response.to.be -> the statuses that it allows.
STATUSES: Final[Mapping[str, tuple[int | None, str]]] = {
    "ok": (200, "2xx"), "success": (None, "2xx"), "accepted": (202, ""), "badRequest": (400, ""),
    "unauthorized": (401, ""), "unauthorised": (401, ""), "forbidden": (403, ""),
    "notFound": (404, ""), "notAcceptable": (406, ""), "rateLimited": (429, ""),
    "info": (None, "1xx"), "redirection": (None, "3xx"), "clientError": (None, "4xx"),
    "serverError": (None, "5xx"),
}  # fmt: skip
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip
RESPONSE: Final = Named("pm.response")


@dataclass(slots=True)
class Chain:
    """How far a chain was understood: its subject, and the claims so far; None once it is not."""

    subject: Value
    scope: Scope
    claims: list[Assertion] | None = field(default_factory=list)
    negated: bool = False
    containing: bool = False
    flags: set[str] = field(default_factory=set)

    def add(self, *claims: Assertion) -> None:
        """Require something, or its opposite after `not`."""
        if self.claims is None:
            return
        if not self.negated:
            self.claims.extend(claims)
            return
        turned = opposite(claims) if len(claims) == 1 else None
        if turned is None:
            self.claims = None
        else:
            self.claims.extend(turned)

    def fail(self) -> None:
        """Note that data cannot say it."""
        self.claims = None


def follow(chain: Chain, name: str, nodes: "list[Node] | None") -> None:
    """Take one link of a chain."""
    if name == "not":
        chain.negated = True  # for all that follows, as in chai
    elif nodes is None:
        _property(chain, name)
    elif name not in CALLS and name not in EQUAL | CONTAIN | ORDERED.keys():
        chain.fail()
    else:
        arguments = [evaluated(each, chain.scope) for each in nodes]
        _call(chain, name, arguments)


def _property(chain: Chain, name: str) -> None:
    if chain.subject == RESPONSE and name in STATUSES:
        code, class_ = STATUSES[name]
        chain.add(Assertion(Status(), "status", code if code and not class_ else class_))
    elif chain.subject == RESPONSE and name in {"error"}:
        chain.add(Assertion(Status(), "least", 400))
    elif chain.subject == RESPONSE and name in {"json", "withBody", "jsonBody", "withJson"}:
        chain.add(Assertion(JSON_BODY if "b" not in name.lower()[:5] else BodyText(), "present"))
    elif name in {"length", "lengthOf"}:
        chain.subject = Length(chain.subject)
    elif name in CONTAIN:
        chain.containing = True
    elif name in FILLERS or name in {"any", "all", "keys"}:
        chain.flags.add(name)
    elif name == "ok":
        _require(chain, "truthy", None)
    elif name in PLAIN:
        _require(chain, *PLAIN[name])
    elif name == "NaN":
        chain.fail()
    else:
        chain.fail()


def _require(chain: Chain, verb: str, value: Any) -> None:
    """Require a verb of the subject, which may be a condition itself."""
    subject = chain.subject
    if isinstance(subject, Constant):
        if _holds(subject.value, verb, value) == chain.negated:
            chain.fail()  # it never holds, so that data cannot say what is required
        return
    if isinstance(subject, Truth):
        wanted = value if verb == "equals" else {"truthy": True}.get(verb)
        if not isinstance(wanted, bool):
            chain.fail()
        elif wanted:
            chain.add(*subject.claims)
        elif (turned := opposite(subject.claims)) is not None:
            chain.add(*turned)
        else:
            chain.fail()
    elif isinstance(subject, ANSWER):
        chain.add(Assertion(subject, verb, value))
    else:
        chain.fail()


def _holds(found: Any, verb: str, value: Any) -> bool:
    """Whether a constant is what is required of it."""
    if verb == "type":
        return isinstance(found, TYPES.get(str(value), ()))
    answers = {
        "equals": found == value,
        "truthy": bool(found),
        "present": found is not None,
        "absent": found is None,
        "null": found is None,
        "empty": not found,
    }
    return bool(answers.get(verb, False))


def _call(chain: Chain, name: str, arguments: list[Value]) -> None:
    first = arguments[0] if arguments else UNCLEAR
    if name in EQUAL:
        _equal(chain, first)
    elif name in CONTAIN:
        _contain(chain, first)
    elif name in ORDERED:
        _compare(chain, ORDERED[name], first)
    else:
        CALLS[name](chain, arguments)


def _equal(chain: Chain, right: Value) -> None:
    if isinstance(chain.subject, Truth | Constant) and isinstance(right, Constant):
        _require(chain, "equals", right.value)
    else:
        _compare(chain, "equals", right)


def _compare(chain: Chain, verb: str, right: Value) -> None:
    truth = compared(verb, chain.subject, right)
    if isinstance(truth, Truth):
        chain.add(*truth.claims)
    else:
        chain.fail()


def _contain(chain: Chain, right: Value) -> None:
    subject, value = chain.subject, written(right)
    if value is UNCLEAR:
        chain.fail()
    elif isinstance(subject, Constant) and isinstance(subject.value, list | str):
        if (isinstance(subject.value, list) or isinstance(value, str)) and (
            value in subject.value
        ) != chain.negated:
            return
        chain.fail()
    elif isinstance(subject, Constant) or not isinstance(subject, ANSWER):
        chain.fail()
    elif isinstance(value, dict) and isinstance(subject, InBody):
        chain.add(*(Assertion(member(subject, key), "equals", each) for key, each in value.items()))
    else:
        chain.add(Assertion(subject, "contains", value))


def _one_of(chain: Chain, arguments: list[Value]) -> None:
    values = written(arguments[0]) if arguments else UNCLEAR
    if isinstance(values, list) and isinstance(chain.subject, ANSWER):
        chain.add(Assertion(chain.subject, "one of", values))
    else:
        chain.fail()


def _type(chain: Chain, arguments: list[Value]) -> None:
    kind = written(arguments[0]) if arguments else UNCLEAR
    if not isinstance(kind, str):
        chain.fail()
    elif kind.lower() in {"null", "undefined"}:
        _require(chain, *PLAIN[kind.lower()])
    else:
        _require(chain, "type", kind.lower())


def _length(chain: Chain, arguments: list[Value]) -> None:
    if arguments:
        subject, chain.subject = chain.subject, Length(chain.subject)
        _compare(chain, "equals", arguments[0])
        chain.subject = subject
    else:
        chain.fail()


def _within(chain: Chain, arguments: list[Value]) -> None:
    if len(arguments) < 2 or chain.negated:
        chain.fail()
        return
    _compare(chain, "least", arguments[0])
    _compare(chain, "most", arguments[1])


def _match(chain: Chain, arguments: list[Value]) -> None:
    pattern = arguments[0] if arguments else UNCLEAR
    if isinstance(pattern, Regex) and isinstance(chain.subject, ANSWER):
        chain.add(Assertion(chain.subject, "matches", pattern))
    else:
        chain.fail()


def _has_property(chain: Chain, arguments: list[Value]) -> None:
    name = written(arguments[0]) if arguments else UNCLEAR
    if not isinstance(name, str | int) or isinstance(name, bool):
        chain.fail()
        return
    path = path_of(str(name)) if "nested" in chain.flags else (name,)
    subject: Value = chain.subject
    for key in path:
        subject = member(subject, key)
    if not isinstance(subject, ANSWER):
        chain.fail()
        return
    chain.subject = subject
    if len(arguments) > 1:
        _compare(chain, "equals", arguments[1])
    else:
        chain.add(Assertion(subject, "present"))


def _keys(chain: Chain, arguments: list[Value]) -> None:
    names = [written(each) for each in arguments]
    if len(names) == 1 and isinstance(names[0], list):
        names = names[0]
    if chain.negated or "any" in chain.flags or not isinstance(chain.subject, InBody):
        chain.fail()
    elif all(isinstance(each, str) for each in names):
        chain.add(*(Assertion(member(chain.subject, each), "present") for each in names))
        if not chain.containing:  # these and no others
            chain.add(Assertion(Length(chain.subject), "equals", len(names)))
    else:
        chain.fail()


def _members(chain: Chain, arguments: list[Value]) -> None:
    values = written(arguments[0]) if arguments else UNCLEAR
    if chain.negated or not isinstance(values, list) or not isinstance(chain.subject, ANSWER):
        chain.fail()
        return
    chain.add(*(Assertion(chain.subject, "contains", each) for each in values))
    if not chain.containing:
        chain.add(Assertion(Length(chain.subject), "equals", len(values)))


def _status(chain: Chain, arguments: list[Value]) -> None:
    wanted = written(arguments[0]) if arguments else UNCLEAR
    if chain.subject != RESPONSE or wanted is UNCLEAR:
        chain.fail()
    else:
        subject = Reason() if isinstance(wanted, str) and not wanted.isdecimal() else Status()
        chain.add(Assertion(subject, "equals", wanted))


def _header(chain: Chain, arguments: list[Value]) -> None:
    name = written(arguments[0]) if arguments else UNCLEAR
    if chain.subject not in (RESPONSE, Named("pm.response.headers")) or not isinstance(name, str):
        chain.fail()
        return
    chain.subject = HeaderValue(name)
    if len(arguments) > 1:
        _compare(chain, "equals", arguments[1])
    else:
        chain.add(Assertion(chain.subject, "present"))


def _body(chain: Chain, arguments: list[Value]) -> None:
    if not arguments:
        chain.add(Assertion(BodyText(), "present"))
    elif isinstance(arguments[0], Regex):
        chain.add(Assertion(BodyText(), "matches", arguments[0]))
    else:
        chain.subject = BodyText()
        _compare(chain, "equals", arguments[0])


def _json_body(chain: Chain, arguments: list[Value]) -> None:
    if chain.subject != RESPONSE:
        chain.fail()
    elif not arguments:
        chain.add(Assertion(JSON_BODY, "present"))
    elif isinstance(value := written(arguments[0]), str):
        subject: Value = JSON_BODY
        for key in path_of(value):
            subject = member(subject, key)
        chain.subject = subject
        if len(arguments) > 1:
            _compare(chain, "equals", arguments[1])
        else:
            chain.add(Assertion(subject, "present"))
    else:
        chain.subject = JSON_BODY
        _compare(chain, "equals", arguments[0])


def _schema(chain: Chain, arguments: list[Value]) -> None:
    subject = JSON_BODY if chain.subject == RESPONSE else chain.subject
    schema = written(arguments[0]) if arguments else UNCLEAR
    if chain.negated or not isinstance(schema, dict) or not isinstance(subject, InBody):
        chain.fail()
    else:
        chain.add(*assertions_of(subject, schema))


def _response_time(chain: Chain, _arguments: list[Value]) -> None:
    chain.add(Assertion(Duration(), "truthy"))


CALLS: Final[Mapping[str, Callable[[Chain, list[Value]], None]]] = {
    "oneOf": _one_of, "a": _type, "an": _type, "instanceOf": lambda chain, _: chain.fail(),
    "lengthOf": _length, "length": _length, "within": _within, "match": _match,
    "matches": _match, "property": _has_property, "ownProperty": _has_property,
    "haveOwnProperty": _has_property, "keys": _keys, "key": _keys, "members": _members,
    "status": _status, "statusCode": _status, "statusReason": _status,
    "header": _header, "body": _body, "jsonBody": _json_body,
    "responseTime": _response_time, "jsonSchema": _schema,
}  # fmt: skip
