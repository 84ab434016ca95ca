"""Where a request of a Postman collection goes: path and query, as Postman would send them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

from conformance.scenarios.postman_format import Pair, Url

SCHEME: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*|\{\{[^{}]*\}\})://")
FIRST: Final = re.compile(r"^(?:\{\{[^{}]*\}\}|[^/])*")
HOST: Final = re.compile(
    r"[.:\[{]|^localhost$"
)  # what a host has, and the first part of a path not

Fill = Callable[[str], str]  # replaces {{variables}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A path without the host, empty if it cannot be read, and the query."""

    path: str = ""
    query: Mapping[str, str]


def address(url: Url, fill: Fill) -> Address:
    """Return where a request goes: what Postman keeps in parts comes before the whole text."""
    text, _, search = fill(url.raw).strip().partition("#")[0].partition("?")
    path = "/".join(map(fill, url.path)) if url.path else _path_of(text)
    in_parts = url.query if url.query or url.path else None
    query = dict(parse_qsl(search, keep_blank_values=True))
    if in_parts is not None:
        query = {fill(each.key): fill(each.value) for each in in_parts if each.used}
    return Address(path=_tidy(path, url.variable, fill), query=query)


def operation_at(path: str, templates: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the operation of a path, by templates as /payments/{module}/_search, and its parts.

    What stands before, as a gateway's prefix, does not matter. None if no operation has the path.
    """
    found = [
        (len(_segments(template)), -len(parts), name, parts)
        for name, template in templates.items()
        if (parts := _parts(_segments(path), _segments(template))) is not None
    ]
    if not found:
        return None
    *_, name, parts = max(found, key=lambda each: each[:3])
    return name, parts


def _parts(segments: list[str], template: list[str]) -> dict[str, str] | None:
    end = segments[-len(template) :]
    if len(end) != len(template):
        return None
    parts: dict[str, str] = {}
    for wanted, segment in zip(template, end, strict=True):
        if wanted.startswith("{"):
            parts[wanted[1:-1]] = segment
        elif wanted != segment:
            return None
    return parts


def _path_of(text: str) -> str:
    """Return the path of a URL; scheme and host may be missing, or be variables."""
    rest = SCHEME.sub("", text)
    found = FIRST.match(rest)
    first = found[0] if found else ""
    if first.count("[") != first.count("]"):
        return ""  # no address has half a bracket
    given = rest != text or HOST.search(first)
    return rest[len(first) :] or "/" if given else rest


def _tidy(path: str, variables: tuple[Pair, ...], fill: Fill) -> str:
    """Return a path with single slashes, and with the values of its :variables."""
    values = {each.key: fill(each.value) for each in variables if each.value}
    segments = [
        values.get(each[1:], f"{{{{{each[1:]}}}}}") if each.startswith(":") and each[1:] else each
        for each in _segments(path)
    ]
    return "/" + "/".join(segments) if path else ""


def _segments(path: str) -> list[str]:
    return [unquote(each) for each in path.split("/") if each]
