"""Request bodies as DIGIT services bind them: coercions, defaults to null, constraints by path.

Describes money requests as tables of fields; what a field means is the services' business.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from conformance.reference.platform.amounts import amount_of

Kind = Literal["text", "amount", "integer", "flag", "any", "choice", "object", "objects"]

LONG: Final = 2**63
DATE: Final = re.compile(r"\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}", re.ASCII)
TAG: Final = re.compile(r"<\s*/?\s*([a-zA-Z!][a-zA-Z0-9!-]*)([^>]*)")
HARMLESS_TAGS: Final = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
ACTIVE_ATTRIBUTE: Final = re.compile(r"\bon[a-z]+\s*=|\bstyle\s*=|javascript:", re.IGNORECASE)


class Misfit(Exception):
    """A body that cannot be bound at all: wrong JSON type somewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a request: how it is read and what it must satisfy."""

    kind: Kind = "text"
    required: bool = False
    least: int | None = None
    most: int | None = None
    safe: bool = False
    pattern: re.Pattern[str] | None = None
    pattern_text: str = ""
    choices: frozenset[str] = frozenset()
    fold: bool = False  # choices compare without regard to case
    fields: Mapping[str, "Field"] = field(default_factory=dict)
    absent: Any = None  # value when the key is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A body in canonical form, every key present, and the constraints that it breaks."""

    value: dict[str, Any]
    breaches: tuple[tuple[str, str], ...]


def bind(fields: Mapping[str, Field], body: Any, *, name: str, fold_names: bool = False) -> Bound:
    """Bind a JSON object to fields; `name` begins the codes of breaches (`NotNull.<name>.…`).

    `fold_names` takes property names in any case, at every depth. Raises Misfit.
    """
    if isinstance(body, Mapping):
        body, _ = until_lost(fields, body, fold_names)
    value = read_object(fields, body, fold_names)
    return Bound(value=value, breaches=tuple(breaches_in(fields, value, name)))


def until_lost(
    fields: Mapping[str, Field], node: Mapping[str, Any], fold_names: bool
) -> tuple[dict[str, Any], bool]:
    """Return the properties that Jackson comes to, and whether it lost its way.

    An object or a list in the place of a choice is read as null, and its end is taken for the
    end of the object that has the choice, and of all objects around it.
    """
    rules = {key.lower() if fold_names else key: rule for key, rule in fields.items()}
    reached: dict[str, Any] = {}
    for key, entry in node.items():
        rule = rules.get(key.lower() if fold_names else key)
        nested, lost = isinstance(entry, Mapping | list), False
        if rule and rule.kind == "choice" and nested:
            return reached, True
        if rule and rule.kind == "object" and isinstance(entry, Mapping):
            reached[key], lost = until_lost(rule.fields, entry, fold_names)
        else:
            reached[key] = entry
        if lost:
            return reached, True
    return reached, False


def read_object(fields: Mapping[str, Field], node: Any, fold_names: bool) -> dict[str, Any]:
    """Read an object's known properties; unknown ones are ignored."""
    if not isinstance(node, Mapping):
        raise Misfit
    known = {key.lower(): entry for key, entry in node.items()} if fold_names else node
    found = {}
    for key, rule in fields.items():
        wanted = key.lower() if fold_names else key
        present = wanted in known
        found[key] = read_value(rule, known[wanted], fold_names) if present else rule.absent
    return found


def read_value(rule: Field, node: Any, fold_names: bool) -> Any:
    """Read one property; Misfit when its JSON type cannot be coerced."""
    if node is None:
        return None
    match rule.kind:
        case "text":
            return text_of(node)
        case "amount":
            return number_of(node)
        case "integer":
            number = number_of(node)
            return None if number is None else within_long(int(number))
        case "flag":
            return flag_of(node)
        case "choice":
            return choice_of(rule, text_of(node))
        case "any":
            return storable(node)
        case "object":
            return read_object(rule.fields, node, fold_names)
    if not isinstance(node, list):
        raise Misfit
    return [None if each is None else read_object(rule.fields, each, fold_names) for each in node]


def must_fit(node: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
    """Refuse a property that nothing coerces to its kind, and a list in which one entry is so.

    A kind in a list's place (`texts`) is written as the kind with `[]` behind the name.
    """
    for name, kind in kinds.items():
        entry = node.get(name.removesuffix("[]"))
        if entry is None:
            continue
        if name.endswith("[]") and not isinstance(entry, list):
            raise Misfit
        for each in entry if name.endswith("[]") else [entry]:
            if each is not None:
                read_value(Field(kind=kind), each, fold_names=False)


def info_must_fit(body: Mapping[str, Any], *, dated: bool) -> None:
    """Refuse a RequestInfo that is no object, or holds a field that nothing coerces.

    `dated`: its time may also be written as a date.
    """
    info = body.get("RequestInfo")
    if info is not None and not isinstance(info, Mapping):
        raise Misfit
    texts = ("apiId", "ver", "action", "did", "key", "msgId", "requesterId", "correlationId")
    must_fit(info or {}, {**dict.fromkeys(texts, "text"), "plainAccessRequest": "object"})
    ts = (info or {}).get("ts")
    if ts is None or (dated and isinstance(ts, str) and DATE.fullmatch(ts)):
        return
    if isinstance(ts, int) and not isinstance(ts, bool):
        within_long(ts)
    else:
        number_of(ts)


def text_of(node: Any) -> str:
    """Take text; numbers and flags become their text."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, Mapping | list):
        raise Misfit
    text: str = storable(node if isinstance(node, str) else f"{node}")
    return text


def number_of(node: Any) -> Decimal | None:
    """Take a number, or numeric text; empty text is null, and so is the word null."""
    if isinstance(node, str) and node.strip() in {"", "null"}:
        return None
    number = amount_of(node.strip() if isinstance(node, str) else node)
    if number is None:
        raise Misfit
    return number


def within_long(number: int) -> int:
    """Refuse integers that no 64-bit column holds."""
    if not -LONG <= number < LONG:
        raise Misfit
    return number


def flag_of(node: Any) -> bool:
    """Take true, false, their text, or a number."""
    if isinstance(node, bool):
        return node
    if isinstance(node, int):
        return node != 0
    if isinstance(node, str) and node.lower() in {"true", "false"}:
        return node.lower() == "true"
    raise Misfit


def choice_of(rule: Field, text: str) -> str | None:
    """Take one of the choices in its canonical spelling; anything else is silently null."""
    if rule.fold:
        text = text.upper()
    return text if text in rule.choices else None


def storable(node: Any) -> Any:
    """Refuse text with unpaired surrogates, which no database stores."""
    if isinstance(node, str):
        try:
            node.encode()
        except UnicodeEncodeError:
            raise Misfit from None
    elif isinstance(node, Mapping):
        for key, entry in node.items():
            storable(key)
            storable(entry)
    elif isinstance(node, list):
        for entry in node:
            storable(entry)
    elif not isinstance(node, bool | None) and amount_of(node) is None:
        raise Misfit
    return node


def breaches_in(
    fields: Mapping[str, Field], value: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    """Yield code and message of each broken constraint, depth first."""
    for key, rule in fields.items():
        place, entry = f"{path}.{key}", value[key]
        if entry is None:
            if rule.required:
                yield f"NotNull.{place}", "must not be null"
            continue
        yield from scalar_breaches(rule, entry, place)
        if rule.kind == "object":
            yield from breaches_in(rule.fields, entry, place)
        elif rule.kind == "objects":
            for index, each in enumerate(entry):
                if each is not None:
                    yield from breaches_in(rule.fields, each, f"{place}[{index}]")


def scalar_breaches(rule: Field, entry: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield what one non-null property breaks: size, markup, pattern."""
    if rule.least is not None or rule.most is not None:
        least, most = rule.least or 0, rule.most if rule.most is not None else 2**31 - 1
        if not least <= len(entry) <= most:
            yield f"Size.{place}", f"size must be between {least} and {most}"
    if rule.safe and not harmless(entry):
        yield f"SafeHtml.{place}", "may have unsafe html content"
    if rule.pattern and not rule.pattern.fullmatch(entry):
        yield f"Pattern.{place}", rule.pattern_text


def harmless(text: str) -> bool:
    """Whether markup in a text stays within formatting."""
    return all(
        tag.group(1).lower() in HARMLESS_TAGS and not ACTIVE_ATTRIBUTE.search(tag.group(2))
        for tag in TAG.finditer(text)
    )


REQUEST_INFO: Final = Field(
    kind="object",
    required=True,
    fields={
        "apiId": Field(),
        "ver": Field(),
        "ts": Field(kind="integer"),
        "action": Field(),
        "did": Field(),
        "key": Field(),
        "msgId": Field(),
        "authToken": Field(),
        "correlationId": Field(),
        "userInfo": Field(kind="any"),
    },
)
