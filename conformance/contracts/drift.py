"""Drift (CON-04): which form of each erratum a deployment follows, recognised in live exchanges.

A sign of an erratum looks at one place of an exchange and describes there either form. A value
that fits both forms, or a place that is absent, decides nothing.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypedDict

import jsonschema_rs

from conformance.contracts.documents import Tree
from conformance.contracts.endpoints import ENDPOINTS
from conformance.contracts.errata import Erratum
from conformance.contracts.loading import Contracts, all_errata
from conformance.contracts.schemas import pointed
from conformance.contracts.wording import shown

ANSWERS: Final[Mapping[str, Callable[[int], bool]]] = {
    "success": lambda status: 200 <= status < 300,
    "refusal": lambda status: 400 <= status < 500,
    "any": lambda _status: True,
}


class Form(StrEnum):
    """How a deployment stands to an erratum."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    NEITHER = "neither"
    NOT_SEEN = "not seen"


OTHER: Final = {Form.PUBLISHED: Form.CORRECTED, Form.CORRECTED: Form.PUBLISHED}

Found = list[tuple[Any, str]]  # values at a place of an exchange, each with its own pointer


class ErratumForm(TypedDict):
    """The form seen of one erratum, as results.json holds it; `evidence` says what showed it."""

    id: str
    form: str
    reason: str
    evidence: str


class Drift:
    """Watches live exchanges of a run; safe to share between threads."""

    def __init__(self, contracts: Contracts) -> None:
        """Watch for every erratum that a client can see, applied or not."""
        known = all_errata().values()
        self._lock = threading.Lock()
        self._watches = {
            each.id: _Watch(each, applied=each.id in contracts.errata) for each in known
        }
        # By operation, then by place: many look at the same one.
        self._signs: dict[str, dict[tuple[str, ...], list[_Sign]]] = {}
        for watch in self._watches.values():
            for sign in watch.signs:
                for operation in sign.operations:
                    places = self._signs.setdefault(operation, {})
                    places.setdefault(sign.place, []).append(sign)

    def see(
        self,
        operation: str,
        *,
        status: int,
        media_type: str,
        query: Mapping[str, Any],
        request_body: Any,
        response_body: Any,
        exchange_id: str = "",
    ) -> None:
        """Take note of one live exchange; bodies are parsed JSON, numbers may be Decimal.

        Of several that show a form, the one whose id sorts first is reported.
        """
        exchange = {
            "id": exchange_id,
            "status": status,
            "media_type": media_type,
            "query": dict(query),
            "request": request_body,
            "response": response_body,
        }
        with self._lock:
            for place, signs in self._signs.get(operation, {}).items():
                if found := [*_values(exchange, place)]:
                    for sign in signs:
                        sign.look(operation, exchange, found)

    def memory(self) -> dict[str, list[dict[str, str]]]:
        """Return what each sign has shown, for `recall`: of errata with news since the last call.

        It is called after each check, and most see nothing new.
        """
        with self._lock:
            new = [
                watch for watch in self._watches.values() if any(sign.news for sign in watch.signs)
            ]
            return {watch.erratum.id: [sign.remembered() for sign in watch.signs] for watch in new}

    def recall(self, memory: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        """Take over what an earlier part of the run saw."""
        for erratum, signs in memory.items():
            if erratum in self._watches:
                for sign, seen in zip(self._watches[erratum].signs, signs, strict=False):
                    sign.seen |= {Form(form): evidence for form, evidence in seen.items()}

    def forms(self) -> list[ErratumForm]:
        """Return the form seen of each erratum that is applied, or that was seen all the same."""
        found = [watch.form() for watch in self._watches.values() if watch.signs]
        return [
            each
            for each in found
            if self._watches[each["id"]].applied or each["form"] == Form.CORRECTED
        ]


class _Watch:
    def __init__(self, erratum: Erratum, *, applied: bool) -> None:
        self.erratum = erratum
        self.applied = applied
        self.signs = [_Sign(sign, erratum.service) for sign in erratum.signs]

    def form(self) -> ErratumForm:
        seen: dict[Form, str] = {}
        for sign in self.signs:
            for form, evidence in sign.seen.items():
                seen.setdefault(form, evidence)
        for form, other in OTHER.items():
            if other in seen and any(form in sign.yielding for sign in self.signs):
                seen.pop(form, None)
        form = Form.NOT_SEEN if not seen else next(iter(seen)) if len(seen) == 1 else Form.NEITHER
        texts = [f"{each}: {seen[each]}" if len(seen) > 1 else seen[each] for each in sorted(seen)]
        return {
            "id": self.erratum.id,
            "form": str(form),
            "reason": self.erratum.reason,
            "evidence": "; ".join(texts),
        }


class _Sign:
    """One place to look at, and what either form looks like there."""

    def __init__(self, document: Tree, service: str) -> None:
        self.document = document
        self.operations = document.get("operations") or [
            each.name for each in ENDPOINTS.values() if service in ("common", each.service)
        ]
        self.seen: dict[Form, str] = {}
        self.news = False  # whether it has shown something since `remembered`
        self._shown_by: dict[Form, str] = {}  # ids of exchanges
        # A field of no value may be left out of an answer: what lacks it shows little.
        forms = [
            each if isinstance(each, dict) else {"any": each}
            for each in (document["published"], document["corrected"])
        ]
        self._of_fields = set().union(*forms) <= {"required", "not"}
        # No document orders what is found: one order that shows once outweighs all others.
        self._of_order = set().union(*forms) == {"ascending", "descending"}
        # A field may be null until it has a value: one value outweighs all nulls.
        self.yielding = {
            form for form, each in zip(OTHER, forms, strict=True) if each == {"type": "null"}
        }
        # A 404 may stem from a path that was misspelt on purpose: one real answer outweighs it.
        if document.get("yields") or set(forms[0]) == {"not"} or self._of_order:
            self.yielding.add(Form.PUBLISHED)
        self._answer = ANSWERS[document.get("answer", "success")]
        self.place = tuple(str(document.get("at", "/response")).split("/")[1:])

    def look(self, operation: str, exchange: Tree, found: Found) -> None:
        """Look at what was found at the place in an exchange."""
        if not self._answer(exchange["status"]):
            return
        try:
            for value, pointer in found:
                form = self._form_of(value, exchange)
                if form is not None and self._is_news(form, exchange):
                    text = shown(value) if not isinstance(value, dict | list) else "see there"
                    answered = f"{operation} answered {exchange['status']}"
                    self.seen[form] = f"{answered}, {pointer}: {text}"
                    self._shown_by[form] = exchange["id"]
                    self.news = True
        except (TypeError, ValueError, ArithmeticError):
            return  # what cannot be compared (NaN, a text for a number) shows no form

    def remembered(self) -> dict[str, str]:
        """Return the evidence of each form that was seen so far."""
        self.news = False
        return {str(form): evidence for form, evidence in self.seen.items()}

    def _is_news(self, form: Form, exchange: Tree) -> bool:
        """Whether an exchange is the first to show a form, of those that may show it at all."""
        if form in self.seen and exchange["id"] >= self._shown_by.get(form, ""):
            return False
        return self._when is None or self._when.is_valid(exchange)

    def _form_of(self, value: Any, exchange: Tree) -> Form | None:
        published = self._published(value, exchange)
        corrected = self._corrected(value, exchange)
        if published and corrected:
            return None
        if published:
            return Form.PUBLISHED
        if corrected:
            return Form.CORRECTED
        return None if self._silent else Form.NEITHER

    @cached_property
    def _silent(self) -> bool:
        """Whether a value that fits no form says nothing: it may have other reasons."""
        return (
            self._of_fields
            or self._of_order
            or self.place == ("status",)
            or self.document.get("answer", "success") != "success"
            or self.document["published"] is False
        )

    @cached_property
    def _when(self) -> jsonschema_rs.Draft202012Validator | None:
        when = self.document.get("when")
        return jsonschema_rs.Draft202012Validator(when) if when else None

    @cached_property
    def _published(self) -> Callable[[Any, Tree], bool]:
        return _recogniser(self.document["published"])

    @cached_property
    def _corrected(self) -> Callable[[Any, Tree], bool]:
        return _recogniser(self.document["corrected"])


def _recogniser(form: Any) -> Callable[[Any, Tree], bool]:
    """Return what decides whether a value has a form: a JSON schema, or a comparison by name."""
    match form:
        case {"same-as": place}:
            return lambda value, exchange: _equal(value, _at(exchange, place))
        case {"differs-from": place}:
            return lambda value, exchange: (
                value is not None and not _equal(value, _at(exchange, place))
            )
        case {"at-most": place}:
            more = form.get("plus", 0)
            return lambda value, exchange: int(value) <= int(_at(exchange, place)) + more
        case {"ascending": place}:
            return lambda value, _exchange: _sorted(value, place, descending=False)
        case {"descending": place}:
            return lambda value, _exchange: _sorted(value, place, descending=True)
        case {"decimals": written}:
            return lambda value, _exchange: bool(_decimals(value)) is written
        case _:
            validator = jsonschema_rs.Draft202012Validator(form)
            return lambda value, _exchange: validator.is_valid(value)


def _values(node: Any, place: tuple[str, ...], pointer: str = "") -> Iterator[tuple[Any, str]]:
    """Yield each value at a place in which `*` stands for every entry of a list."""
    if not place:
        yield node, pointer
    elif place[0] == "*" and isinstance(node, list):
        for index, item in enumerate(node):
            yield from _values(item, place[1:], f"{pointer}/{index}")
    elif isinstance(node, dict) and place[0] in node:
        yield from _values(node[place[0]], place[1:], f"{pointer}/{place[0]}")
    elif isinstance(node, list) and place[0].isdigit() and int(place[0]) < len(node):
        yield from _values(node[int(place[0])], place[1:], f"{pointer}/{place[0]}")


def _at(node: Any, pointer: str) -> Any:
    try:
        return pointed(node, pointer)
    except (LookupError, TypeError, ValueError):
        return None


def _equal(one: Any, other: Any) -> bool:
    return str(one) == str(other) or bool(one == other)


def _sorted(items: Any, place: str, *, descending: bool) -> bool:
    keys = [_at(item, place) for item in items]
    if None in keys:
        return False
    return keys == sorted(keys, reverse=descending)


def _decimals(value: Any) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return -int(exponent)
