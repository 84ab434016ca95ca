"""Where a request of a Postman collection goes: host, path and query, as Postman sends them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from conformance.scenarios.postman.format import Pair, Url

SCHEME: Final = re.compile(r"^(?:([A-Za-z][A-Za-z0-9+.-]*)|\{\{[^{}]*\}\}):/+")
FIRST: Final = re.compile(r"^(?:\{\{[^{}]*\}\}|[^/])*")
HOST: Final = re.compile(
    r"[.:\[{]|^localhost$"
)  # what a host has, and the first part of a path not
VARIABLE: Final = re.compile(r"\{\{[^{}]*\}\}")
GLUED: Final = re.compile(r"^((?:\{\{[^{}]*\}\})+)([^.:\[{}]+)$")  # {{host}}pg-service
# Addresses without a host, which are no requests of HTTP.
OTHER_SCHEME: Final = re.compile(
    r"^(about|blob|cid|data|file|javascript|mailto|news|sms|tel|urn):", re.IGNORECASE
)
WEB: Final = frozenset({"", "http", "https"})
USER: Final = re.compile(r"^[^/?#]*@")

Fill = Callable[[str], str]  # replaces {{variables}}
Query = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Host, path without it (empty if it cannot be read) and query; `disabled` names what is off.

    A parameter that is given several times has a list of values.
    """

    host: str = ""
    path: str = ""
    query: Query
    disabled: tuple[str, ...] = ()


def address(url: Url, fill: Fill) -> Address:
    """Return where a request goes: what Postman keeps in parts comes before the whole text."""
    text, _, search = fill(url.raw).strip().partition("#")[0].partition("?")
    host, path = _split(text)
    if url.path:
        path = "/".join(map(fill, url.path))
    if url.host:
        host = USER.sub("", ".".join(map(fill, url.host)))
        if found := GLUED.match(host):
            host, path = found[1], f"{found[2]}/{path}"
    in_parts = url.query if url.query or url.path else None
    query = collected(parse_qsl(search, keep_blank_values=True))
    disabled: tuple[str, ...] = ()
    if in_parts is not None:
        query = collected((fill(each.key), fill(each.value)) for each in in_parts if each.used)
        disabled = tuple(each.key for each in in_parts if each.key and not each.used)
    tidy = _tidy(path, url.variable, fill) or ("/" if host and not url.raw else "")
    return Address(host=host, path=tidy, query=query, disabled=disabled)


def other_scheme(url: Url, fill: Fill) -> str:
    """Return the scheme of an address that is none of the web's, such as mailto; else nothing."""
    text = fill(url.raw).strip()
    found = OTHER_SCHEME.match(text) or SCHEME.match(text)
    scheme = (found[1] or "" if found else fill(url.protocol)).lower().rstrip(":/")
    return "" if scheme in WEB or "{" in scheme else scheme


def collected(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return pairs as a mapping; a key that comes several times has a list of its values."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            earlier = found[key]
            found[key] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            found[key] = value
    return found


def operation_at(path: str, templates: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the operation of a path, by templates as /payments/{module}/_search, and its parts.

    What stands before, as a gateway's prefix, does not matter. A variable may stand for the name
    of the service. None if no operation has the path.
    """
    segments = _segments(path)
    found = [
        (-guessed, len(template_segments), -len(parts), name, parts)
        for name, template in templates.items()
        if (matched := _parts(segments, template_segments := _segments(template))) is not None
        for guessed, parts in [matched]
    ]
    if not found:
        return None
    *_, name, parts = max(found, key=lambda each: each[:4])
    return name, parts


def _parts(
    segments: tuple[str, ...], template: tuple[str, ...]
) -> tuple[bool, dict[str, str]] | None:
    """Return whether the name of the service was guessed, and the values of a template's parts."""
    if segments[-1:] != template[-1:] and not template[-1].startswith("{"):
        return None  # as most do
    end = segments[-len(template) :]
    if len(end) != len(template):
        return None
    parts: dict[str, str] = {}
    guessed = False
    for place, (wanted, segment) in enumerate(zip(template, end, strict=True)):
        if wanted.startswith("{"):
            parts[wanted[1:-1]] = segment
        elif wanted != segment:
            if place or len(template) < 3 or not VARIABLE.fullmatch(segment):
                return None
            guessed = True
    return guessed, parts


def _split(text: str) -> tuple[str, str]:
    """Return host and path of a URL; scheme and host may be missing, or be variables."""
    rest = SCHEME.sub("", text)
    given = rest != text
    rest = USER.sub("", rest)
    found = FIRST.match(rest)
    first = found[0] if found else ""
    if first.count("[") != first.count("]"):
        return "", ""  # no address has half a bracket
    if glued := GLUED.match(first):
        return glued[1], f"/{glued[2]}{rest[len(first) :]}"
    if given or HOST.search(first):
        return first, rest[len(first) :] or "/"
    return "", rest


def _tidy(path: str, variables: tuple[Pair, ...], fill: Fill) -> str:
    """Return a path with single slashes, and with the values of its :variables."""
    values = {each.key: fill(each.value) for each in variables if each.value and each.used}
    segments = [
        values.get(each[1:]) or fill(f"{{{{{each[1:]}}}}}")
        if each.startswith(":") and each[1:]
        else each
        for each in _segments(path)
    ]
    return "/" + "/".join(segments) if path else ""


@lru_cache(maxsize=256)  # of the templates, above all
def _segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(each) for each in path.split("/") if each)
