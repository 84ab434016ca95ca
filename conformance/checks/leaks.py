"""What an answer must not reveal: addresses behind the gateway, stack traces, SQL."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

# What follows a scheme. Only its end is looked at: a text without any may be long.
ADDRESS: Final = re.compile(r"(?<=[a-z0-9+.-]://)[^/\s\"'<>\\?#]+", re.IGNORECASE)
INSIDE: Final = (".local", ".internal", ".svc", ".lan", ".localdomain")
PORTS: Final = {"http": 80, "https": 443}
# Signs of a stack trace, of a class that failed, or of a statement of the database.
TRACES: Final = (
    "at org.egov.", "at java.", "Traceback (most recent", "nested exception is",
    "org.springframework.", "PSQLException", "SQLSTATE", "BadSqlGrammarException",
    "StatementCallback; ", "could not execute statement",
)  # fmt: skip


def internal_addresses(text: str, *, base_url: str, sent: str) -> Iterator[str]:
    """Yield each address that a text names and that is inside the deployment at `base_url`.

    What the request had `sent` is no secret, and neither is the deployment's own address.
    """
    own = urlsplit(base_url)
    for authority in dict.fromkeys(ADDRESS.findall(text)):
        named = urlsplit(f"//{authority}", scheme=own.scheme)
        if authority not in sent and _place(named) != _place(own) and _inside(named, own):
            yield authority


def traces(text: str) -> Iterator[str]:
    """Yield each sign of a stack trace or of SQL in a text."""
    return (sign for sign in TRACES if sign in text)


def _inside(named: SplitResult, own: SplitResult) -> bool:
    host = named.hostname or ""
    try:
        return not ip_address(host).is_global or host == own.hostname
    except ValueError:
        return "." not in host or host.endswith(INSIDE) or host == own.hostname


def _place(address: SplitResult) -> tuple[str | None, int | None]:
    try:
        return address.hostname, address.port or PORTS.get(address.scheme)
    except ValueError:  # no number
        return address.hostname, None
