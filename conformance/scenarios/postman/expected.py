"""Assertions of a script, and saved example answers, as the expectations of a step."""

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from conformance.core.json_text import loaded
from conformance.scenarios import patterns
from conformance.scenarios.postman.format import Example
from conformance.scenarios.postman.symbols import (
    Assertion,
    AsText,
    BodyText,
    Duration,
    HeaderValue,
    InBody,
    Length,
    Path,
    Reason,
    Regex,
    Status,
    Value,
)

KINDS: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
SIZES: Final = {"above": "above", "least": "at_least", "below": "below", "most": "at_most"}
PHRASES: Final = {each.phrase.lower(): each.value for each in HTTPStatus}
CLASSES: Final = tuple(range(100, 600, 100))
FALSY: Final = (None, False, 0, "")
# Keys of an expectation whose value is a mapping from places.
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_GROUP: Final = re.compile(r"\(\?<(?=[A-Za-z_])")
MOST_TYPES: Final = 40  # of an example
DEEPEST: Final = 4
VOLATILE: Final = frozenset({"responseinfo", "resposneinfo"})

Part = tuple[str, Any, Any]  # key of an expectation, place, value


def expectable(assertion: Assertion) -> bool:
    """Whether an expectation can say what an assertion requires."""
    return _parts(assertion) is not None


def expectations(assertions: Iterable[Assertion]) -> list[dict[str, Any]]:
    """Return what assertions require as expectations: one, unless two differ at one place.

    Assertions of which an expectation can say nothing are left out.
    """
    assertions = list(assertions)
    found: list[dict[str, Any]] = []
    statuses = _statuses(assertions)
    for status in statuses or [None]:
        found.append({} if status is None else {"status": status})
    for each in assertions:
        for part in _parts(each) or ():
            _add(found, part)
    kept = [each for each in found if each]
    if statuses:
        for expectation in kept:
            expectation.setdefault("status", kept[0]["status"])
    return kept


def example_of(
    examples: Iterable[Example], required: Iterable[Mapping[str, Any]] = ()
) -> tuple[Example | None, int]:
    """Return the saved answer that says what to expect, and how many others there are.

    It has the status that is `required`, where the expectations name one.
    """
    usable = [each for each in examples if each.status is not None]
    named = [each["status"] for each in required if "status" in each]
    stated = [x for each in named for x in (each if isinstance(each, list) else [each])]
    fitting = [
        each
        for each in usable
        if each.status and (not stated or {each.status, f"{each.status // 100}xx"} & {*stated})
    ]
    accepted = [each for each in fitting if each.status and 200 <= each.status < 300]
    chosen = accepted[0] if accepted else fitting[0] if len(fitting) == 1 else None
    return chosen, len(usable) - (chosen is not None)


def expected_of(example: Example) -> dict[str, Any]:
    """Return the status and the shape of a saved answer as an expectation."""
    expectation: dict[str, Any] = {"status": example.status}
    try:
        body = loaded(example.body)
    except ValueError:
        return expectation
    types = dict(_types(body, (), 0))
    if types:
        expectation["type"] = dict(list(types.items())[:MOST_TYPES])
    return expectation


def place_of(value: Value) -> str | None:
    """Return where a value stands in an answer, as a scenario writes it; None where it cannot."""
    if isinstance(value, AsText):
        return pointer(value.of.path)
    if isinstance(value, InBody):
        return pointer(value.path)
    if isinstance(value, BodyText):
        return "text"
    if isinstance(value, HeaderValue) and HEADER_NAME.fullmatch(value.name):
        return f"header:{value.name}"
    return None


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _parts(assertion: Assertion) -> list[Part] | None:
    """Return what an expectation says of an assertion; None where it cannot say it."""
    subject, verb, value = assertion.subject, assertion.verb, assertion.value
    if isinstance(subject, Status | Reason):
        return None if codes(assertion) is None else []
    if isinstance(subject, Duration):
        limit = value if isinstance(value, int | float) and verb in {"below", "most"} else None
        return [("within_ms", None, int(limit))] if limit and limit >= 1 else None
    if isinstance(subject, Length):
        return _of_length(subject.of, verb, value)
    place = place_of(subject)
    if place is None:
        return None
    if verb in {"equals", "not equals", "contains"}:
        if isinstance(value, Regex):
            return None
        return [(verb.replace(" ", "_"), place, value)]
    if verb == "one of":
        return [("one_of", place, value)] if value else None
    if verb == "not one of":
        return [("not_equals", place, each) for each in value]
    if verb == "not empty":
        return _of_length(subject, "above", 0)
    if verb in {"present", "not null"}:
        return [("present", None, place)]
    if verb == "truthy":
        boolean = [("not_equals", place, False)] if isinstance(subject, InBody) else []
        return [("present", None, place), *boolean]
    if verb in {"absent", "null"}:
        return [("absent", None, place)]
    if verb == "falsy":
        return [("one_of", place, list(FALSY))]
    if verb == "empty":
        return [("length", place, 0)]
    if verb in SIZES:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        variable = isinstance(value, str) and value.startswith("{{")
        return [(SIZES[verb], place, value)] if number or variable else None
    if verb == "type":
        if place == "text":
            return [] if value == "string" else None
        return [("type", place, value)] if value in KINDS else None
    return _of_text(place, verb, value, text=not isinstance(subject, InBody))


def _of_text(place: str, verb: str, value: Any, *, text: bool) -> list[Part] | None:
    """Return what an expectation says of the form of a text."""
    if verb == "matches" and isinstance(value, Regex):
        expression = _expression(value)
        if "{{" in expression:
            return None
        return _matching(place, expression)
    if isinstance(value, str) and "{{" in value:
        return None
    if verb == "starts":
        return _matching(place, f"^{re.escape(value)}")
    if verb == "ends":
        return _matching(place, f"{re.escape(value)}$")
    if verb == "not contains" and text:
        return _matching(place, rf"\A(?![\s\S]*{re.escape(str(value))})")
    return None


def _matching(place: str, expression: str) -> list[Part] | None:
    """Return that a place matches an expression; None for one that no scenario may have."""
    try:
        return [("matches", place, patterns.checked(expression))]
    except ValueError:
        return None


def _of_length(subject: Value, verb: str, value: Any) -> list[Part] | None:
    place = place_of(subject)
    if place is None or not isinstance(value, int | float) or isinstance(value, bool):
        return [("present", None, place)] if place and verb == "truthy" else None
    count = int(value)
    if verb == "equals":
        return [("length", place, count)] if count >= 0 else None
    if not isinstance(subject, InBody):
        return [("present", None, place)] if (verb, count) in {("above", 0), ("least", 1)} else None
    signs = {"above": ">", "least": ">=", "below": "<", "most": "<=", "not equals": "!="}
    if verb not in signs:
        return None
    whole = "$" + "".join(f"[{_quoted(part)}]" for part in subject.path)
    condition = f"length({whole}) {signs[verb]} {count} && @ != null && @ != ''"
    return [("present", None, f"$[?{condition}]")]


def _quoted(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    escaped = part.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _expression(regex: Regex) -> str:
    """Return a regular expression of JavaScript as a scenario writes it."""
    letters = "".join(each for each in "ims" if each in regex.flags)
    pattern = _GROUP.sub("(?P<", regex.pattern.replace(r"\/", "/"))
    return f"(?{letters}){pattern}" if letters else pattern


def codes(assertion: Assertion) -> frozenset[int | str] | None:
    """Return the statuses, or classes such as 2xx, that an assertion allows; None if none."""
    subject, verb, value = assertion.subject, assertion.verb, assertion.value
    if isinstance(subject, Reason):
        value = PHRASES.get(str(value).lower(), value)
    allowed = _allowed(verb, value)
    if allowed is None:
        return None
    found: set[int | str] = set()
    for first in CLASSES:
        if all(map(allowed, range(first, first + 100))):
            found.add(f"{first // 100}xx")
        else:
            found |= {each for each in _codes_of(first, value) if allowed(each)}
    return frozenset(found) or None


def _codes_of(first: int, value: Any) -> set[int]:
    """Return the codes of a class that have a name, and those that an assertion names."""
    named = {int(each) for each in _listed(value) if str(each).isdecimal()}
    return {each for each in {*map(int, HTTPStatus), *named} if first <= each < first + 100}


def _allowed(verb: str, value: Any) -> Callable[[int], bool] | None:
    """Return a test of whether an assertion allows a status; None if it says nothing of one."""
    if verb in {"truthy", "present"}:
        return lambda _: True
    if verb in {"status", "not status"} and isinstance(value, str):
        return lambda code: (f"{code // 100}xx" == value) == (verb == "status")
    if verb in SIZES and isinstance(value, int) and not isinstance(value, bool):
        return {
            "above": lambda code: code > value, "least": lambda code: code >= value,
            "below": lambda code: code < value, "most": lambda code: code <= value,
        }[verb]  # fmt: skip
    named = {str(each) for each in _listed(value)}
    if not all(each.isdecimal() and 100 <= int(each) <= 599 for each in named):
        return None
    if verb in {"equals", "one of", "status"}:
        return lambda code: str(code) in named
    if verb in {"not equals", "not one of", "not status"}:
        return lambda code: str(code) not in named
    return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statuses(assertions: Iterable[Assertion]) -> list[Any]:
    """Return the statuses allowed: one entry, unless two assertions have none in common."""
    agreed: list[frozenset[Any]] = []
    for each in assertions:
        found = codes(each) if isinstance(each.subject, Status | Reason) else None
        if found is None:
            continue
        for number, known in enumerate(agreed):
            if common := _common(known, found):
                agreed[number] = common
                break
        else:
            agreed.append(frozenset(found))
    listed = [sorted(each, key=str) for each in agreed]
    return [each[0] if len(each) == 1 else each for each in listed]


def _common(one: frozenset[Any], other: frozenset[Any]) -> frozenset[Any]:
    """Return what two sets of statuses have in common; a class contains its codes."""
    found = set(one & other)
    for first, second in ((one, other), (other, one)):
        classes = {each for each in second if isinstance(each, str)}
        found |= {each for each in first if isinstance(each, int) and f"{each // 100}xx" in classes}
    return frozenset(found)


def _add(found: list[dict[str, Any]], part: Part) -> None:
    """Add a part to the first expectation that says nothing else about the same place."""
    key, place, value = part
    for each in found:
        if key == "present" or key == "absent":
            if value not in each.setdefault(key, []):
                each[key].append(value)
            return
        if key == "within_ms":
            each[key] = min(each.get(key, value), value)
            return
        known = each.setdefault(key, {})
        if place not in known or known[place] == value:
            known[place] = value
            return
    found.append({key: {place: value}})


def _types(node: Any, path: Path, depth: int) -> Iterable[tuple[str, str]]:
    """Yield the type at each place of an example; an empty list or a null says nothing."""
    if isinstance(node, dict) and depth < DEEPEST:
        for key, each in node.items():
            if (depth or key.lower() not in VOLATILE) and "{{" not in key:
                yield from _types(each, (*path, key), depth + 1)
    elif isinstance(node, list):
        if path:
            yield pointer(path), "array"
        if node and depth < DEEPEST:
            yield from _types(node[0], (*path, 0), depth + 1)
    elif node is not None:
        kind = {bool: "boolean", str: "string"}.get(type(node), "number")
        yield pointer(path), "object" if isinstance(node, dict) else kind
