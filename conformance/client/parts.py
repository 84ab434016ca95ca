"""What a call may contain beyond operation and actor, and what of it decides its effect."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypedDict
from urllib.parse import parse_qs, quote, urlsplit

from conformance.client.response import decode, encode
from conformance.contracts.effects import RequestContent
from conformance.contracts.endpoints import Endpoint

JSON: Final = "application/json"
PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
FORM: Final = "application/x-www-form-urlencoded"


class Parts(TypedDict, total=False):
    """What a call may contain beyond operation and actor; every part has a sensible default."""

    query: Mapping[str, Any]
    body: Mapping[str, Any]
    form: Mapping[str, str]
    path: Mapping[str, str]
    url_path: str  # replaces the operation's path, for spelling variants
    headers: Mapping[str, str]
    method: str
    egress: str
    token: str | None  # replaces the actor's token; None or "" sends none
    token_header: str  # a header that carries the token, next to the RequestInfo if there is one
    request_info: Mapping[str, Any]  # merged over the RequestInfo of the suite
    raw: bytes  # sent as is instead of a body
    content_type: str
    together: bool  # leaves at once, whatever the pace, and once: for races
    tolerant: bool  # return unreadable refusals instead of ending inconclusive
    once: bool  # never a second attempt: a wrong password counts, whether its response came or not
    unobserved: bool  # odd input, which shows no form of an erratum
    ledger_tenant: str  # of what the request creates, where its body names another
    step: str  # the step of a scenario that it belongs to


def path_of(template: str, parts: Parts) -> str:
    """Return the path that a call takes; a value of `path` stays one part of it."""
    named = {
        name: quote(value, safe="", errors="replace")
        for name, value in parts.get("path", {}).items()
    }
    return parts.get("url_path") or template.format_map(named)


def leads_elsewhere(parts: Parts) -> bool:
    """Whether the path of a call may be that of another operation."""
    return "url_path" in parts or not all(map(PLAIN.fullmatch, parts.get("path", {}).values()))


def request_of(parts: Parts, endpoint: Endpoint) -> RequestContent:
    """Return what a call contains: its query with that of `url_path`, its form, its body.

    Nothing where no content changes what the endpoint does.
    """
    if not endpoint.depends_on_content:
        return RequestContent()
    path = parts.get("url_path", "")
    rows = parse_qs(urlsplit(path).query, keep_blank_values=True) if path else {}
    for name, value in [*parts.get("query", {}).items(), *parts.get("form", {}).items()]:
        if value is not None:
            values = value if isinstance(value, list | tuple) else [value]
            rows[name] = [*rows.get(name, ()), *map(str, values)]
    if "raw" in parts:
        text = parts["raw"].decode("utf-8", errors="replace")
        return RequestContent(query=rows, document=decode(text), text=text)
    document = dict(parts.get("form") or parts.get("body", {}))
    return RequestContent(query=rows, document=document, text=encode(document).decode())
