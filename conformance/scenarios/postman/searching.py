"""Looks through a whole collection for credentials, before anything of it is written."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from conformance.core.redaction import names_secret
from conformance.scenarios.postman.credentials import Credentials, credentials_in

KEYS: Final = ("key", "name", "id")  # of a pair {key, value}
# Parts of a request, by their keys in any version of the format.
PARTS: Final[Mapping[str, str]] = {
    "header": "header", "headers": "header", "headerData": "header", "url": "address",
    "queryParams": "address", "pathVariables": "address", "pathVariableData": "address",
    "body": "body", "data": "body", "rawModeData": "body", "graphqlModeData": "body",
    "auth": "auth", "helperAttributes": "auth", "response": "saved answer",
    "responses": "saved answer", "description": "description", "variable": "variable",
    "variables": "variable", "name": "name", "tests": "test script",
    "preRequestScript": "prerequest script",
}  # fmt: skip
_DIGEST: Final = re.compile(r"bbps-conformance [0-9a-f]{64}")  # of a folder that was exported
LONGEST: Final = 1024 * 1024  # characters of a text; nothing of a longer one is written
# What is an id or a name for Postman, however it looks.
SKIPPED: Final = frozenset(
    {"id", "_postman_id", "uid", "order", "folders_order", "collectionId", "owner", "folder",
     "_exporter_id", "schema", "collection_id", "lastUpdatedBy", "createdBy"}
)  # fmt: skip


class _Where(NamedTuple):
    """A place of a collection: the item, the part of it, the key, and the line before a text."""

    item: str
    part: str = ""
    key: str = ""
    line: int = 0

    @property
    def code(self) -> bool:
        """Whether it is a part of a script."""
        return self.part.endswith("script")

    def named(self, name: str, line: int) -> str:
        """Return the place of something in it."""
        if self.code:
            return f"{self.item}, {self.part}, line {self.line + line}"
        return ", ".join(filter(None, (self.item, f"{self.part} {name}".strip())))


def search(document: Any, credentials: Credentials, place: str) -> None:
    """Learn every credential that stands anywhere in a collection; `place` is its name."""
    waiting: list[tuple[Any, _Where]] = [(document, _Where(""))]
    while waiting:
        node, where = waiting.pop()
        if isinstance(node, dict):
            inner = where if node is document else _inside(node, where)
            waiting += [
                (each, _below(key, inner))
                for key, each in reversed(node.items())
                if key not in SKIPPED and isinstance(each, dict | list | str)
            ]
        elif isinstance(node, list):
            waiting += [
                (each, where._replace(line=number) if where.code else where)
                for number, each in reversed([*enumerate(node)])
            ]
        elif isinstance(node, str):
            _search_text(node, where if where.item else where._replace(item=place), credentials)


def _inside(node: dict[str, Any], where: _Where) -> _Where:
    """Return the place of what is in an object: an item, a script, or a pair of some name."""
    name, listen = node.get("name"), node.get("listen")
    if not where.part and isinstance(name, str) and {"item", "request", "method"} & node.keys():
        return _Where(f"{where.item} / {name}" if where.item else name)
    if isinstance(listen, str):
        return where._replace(part=f"{listen} script")
    pair = next((node[each] for each in KEYS if isinstance(node.get(each), str)), "")
    return where._replace(key=pair) if pair and "value" in node else where


def _below(key: str, where: _Where) -> _Where:
    """Return the place of a member of an object."""
    part = where.part or PARTS.get(key, "")
    named = where.key if key == "value" and where.key else key
    return _Where(where.item, part, named, where.line)


def _search_text(text: str, where: _Where, credentials: Credentials) -> None:
    if names_secret(where.key) and len(text) < 4096 and not where.code:
        if text.strip():
            credentials.found_at(text, where.named(where.key, 1), where.key)
    elif len(text) <= LONGEST:
        text = _DIGEST.sub("", text)
        named = where.key if where.key not in PARTS else ""
        for each in credentials_in(text, code=where.code):
            line = text.count("\n", 0, each.start) + 1
            credentials.found_at(each.value, where.named(each.field or named, line), each.name)
