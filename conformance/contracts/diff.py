"""Two contracts compared: a request may only widen, a response only narrow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.contracts.comparison import ChangeEffect, Difference, differences
from conformance.contracts.documents import METHODS, Tree
from conformance.contracts.lifting import base_of
from conformance.contracts.schemas import pointed

# What breaks a client of the old contract, by direction.
BREAKING: Final = {
    "request": {ChangeEffect.NARROWER, ChangeEffect.OTHER, ChangeEffect.GONE},
    "response": {ChangeEffect.WIDER, ChangeEffect.OTHER, ChangeEffect.GONE},
    "schema": {ChangeEffect.NARROWER, ChangeEffect.WIDER, ChangeEffect.OTHER, ChangeEffect.GONE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change between two contracts; `side` is operation, request, response or schema."""

    operation: str
    side: str
    place: str
    what: str
    breaking: bool


def compare(old: Tree, new: Tree) -> list[Change]:
    """Return the changes from one self-contained OpenAPI 3.1 document to another."""
    return list(_Diff(old, new).changes())


def markdown(changes: Iterable[Change], old: str, new: str) -> str:
    """Return the changes as Markdown, fit for a pull request."""
    changes = list(changes)
    breaking = [each for each in changes if each.breaking]
    lines = [f"# {old} → {new}", ""]
    if not changes:
        return "\n".join([*lines, "No difference of structure.", ""])
    lines += [f"{len(breaking)} breaking, {len(changes) - len(breaking)} compatible changes.", ""]
    for title, group in (
        ("Breaking", breaking),
        ("Compatible", [each for each in changes if not each.breaking]),
    ):
        if group:
            lines += [f"## {title}", "", "| operation | side | place | change |"]
            lines += ["|---|---|---|---|", *map(_row, group), ""]
    return "\n".join(lines)


class _Diff:
    def __init__(self, old: Tree, new: Tree) -> None:
        self.documents = (old, new)

    def changes(self) -> Iterator[Change]:
        old, new = (dict(_operations(each)) for each in self.documents)
        if not old and not new:
            yield from self._schemas()
        pairs, lost, gained = _paired(old, new)
        for key in lost:
            yield _change(key, "operation", "operation removed", breaking=True)
        for key in gained:
            yield _change(key, "operation", "operation added")
        for before, after in pairs:
            yield from self._operation(before, after, old[before], new[after])

    def _schemas(self) -> Iterator[Change]:
        """Compare documents of schemas only: others may use them on either side."""
        old, new = (each.get("components", {}).get("schemas", {}) for each in self.documents)
        for name in sorted(old.keys() - new.keys()):
            yield _change(name, "schema", "schema removed", breaking=True)
        for name in sorted(new.keys() - old.keys()):
            yield _change(name, "schema", "schema added")
        for name in sorted(old.keys() & new.keys()):
            yield from _changes(
                name, "schema", "", differences(old[name], new[name], self.documents)
            )

    def _operation(self, before: str, after: str, old: Tree, new: Tree) -> Iterator[Change]:
        name = str(new.get("operationId") or after)
        if before != after:
            yield _change(name, "operation", f"address {before} → {after}", breaking=True)
        was, is_ = old.get("operationId"), new.get("operationId")
        if was != is_:
            text = f"operationId {was or 'none'} → {is_ or 'none'}"
            yield _change(name, "operation", text, breaking=was is not None)
        yield from self._parameters(name, old, new)
        yield from self._request(name, old, new)
        yield from self._responses(name, old, new)

    def _parameters(self, name: str, old: Tree, new: Tree) -> Iterator[Change]:
        was, is_ = self._named(old, 0), self._named(new, 1)
        for key in sorted(was.keys() - is_.keys()):
            yield _change(name, "request", "parameter removed", key, breaking=True)
        for key in sorted(is_.keys() - was.keys()):
            needed = bool(is_[key].get("required"))
            text = f"{'mandatory' if needed else 'optional'} parameter added"
            yield _change(name, "request", text, key, breaking=needed)
        for key in sorted(was.keys() & is_.keys()):
            before, after = bool(was[key].get("required")), bool(is_[key].get("required"))
            if before != after:
                text = "mandatory" if after else "optional"
                yield _change(name, "request", text, key, breaking=after)
            found = differences(was[key].get("schema"), is_[key].get("schema"), self.documents)
            yield from _changes(name, "request", key, found)

    def _named(self, operation: Tree, which: int) -> dict[str, Tree]:
        stated = [self._resolved(each, which) for each in operation.get("parameters", [])]
        return {f"?{each['name']}" if each["in"] == "query" else each["name"]: each
                for each in stated}  # fmt: skip

    def _request(self, name: str, old: Tree, new: Tree) -> Iterator[Change]:
        was = self._resolved(old.get("requestBody") or {}, 0)
        is_ = self._resolved(new.get("requestBody") or {}, 1)
        if bool(was.get("required")) != bool(is_.get("required")):
            needed = bool(is_.get("required"))
            text = f"body {'mandatory' if needed else 'optional'}"
            yield _change(name, "request", text, breaking=needed)
        yield from self._content(name, "request", "", was, is_)

    def _responses(self, name: str, old: Tree, new: Tree) -> Iterator[Change]:
        was, is_ = old.get("responses", {}), new.get("responses", {})
        for status in sorted(was.keys() - is_.keys()):
            yield _change(name, "response", "status removed", status)
        for status in sorted(is_.keys() - was.keys()):
            yield _change(name, "response", "status added", status, breaking=True)
        for status in sorted(was.keys() & is_.keys()):
            before, after = self._resolved(was[status], 0), self._resolved(is_[status], 1)
            yield from self._content(name, "response", status, before, after)

    def _content(self, name: str, side: str, place: str, old: Tree, new: Tree) -> Iterator[Change]:
        was, is_ = old.get("content", {}), new.get("content", {})
        request = side == "request"
        for media_type in sorted(was.keys() - is_.keys()):
            text = f"media type {media_type} removed"
            yield _change(name, side, text, place, breaking=request and bool(is_))
        for media_type in sorted(is_.keys() - was.keys()):
            text = f"media type {media_type} added"
            yield _change(name, side, text, place, breaking=not request and bool(was))
        for media_type in sorted(was.keys() & is_.keys()):
            found = differences(
                was[media_type].get("schema", {}), is_[media_type].get("schema", {}), self.documents
            )
            yield from _changes(name, side, place, found)

    def _resolved(self, node: Tree, which: int) -> Tree:
        while "$ref" in node:
            node = pointed(self.documents[which], node["$ref"])
        return node


def _changes(name: str, side: str, place: str, found: Iterable[Difference]) -> Iterator[Change]:
    for each in found:
        where = place if each.place == "/" else f"{place}{each.place}"
        text = each.what if each.effect is ChangeEffect.ADDED else f"{each.what} ({each.effect})"
        yield _change(name, side, text, where, breaking=each.effect in BREAKING[side])


def _operations(document: Tree) -> Iterator[tuple[str, Tree]]:
    base = base_of(document)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {base.rstrip('/')}{path}", item[method]


def _paired(
    old: dict[str, Tree], new: dict[str, Tree]
) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Pair operations by operationId, else by address; return also what is lost and gained."""
    by_id = {each["operationId"]: key for key, each in new.items() if "operationId" in each}
    pairs: list[tuple[str, str]] = []
    for key, operation in old.items():
        other = by_id.get(operation.get("operationId", ""), key if key in new else "")
        if other and other not in {after for _, after in pairs}:
            pairs.append((key, other))
    before, after = {key for key, _ in pairs}, {key for _, key in pairs}
    return pairs, sorted(old.keys() - before), sorted(new.keys() - after)


def _change(
    operation: str, side: str, what: str, place: str = "", *, breaking: bool = False
) -> Change:
    return Change(operation=operation, side=side, place=place, what=what, breaking=breaking)


def _row(change: Change) -> str:
    cells: list[Any] = [change.operation, change.side, change.place or "-", change.what]
    return "| " + " | ".join(str(each).replace("|", "\\|") for each in cells) + " |"
