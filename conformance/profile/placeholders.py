"""What stands in a profile only until somebody writes the right value there."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.core.foreign_files import Place

# Nobody has these hosts and addresses: RFC 2606, RFC 5737 and RFC 3849 keep them for documents.
RESERVED: Final = re.compile(
    r"(?:^|\.)(?:example\.(?:org|com|net)|example|invalid)$", re.IGNORECASE
)
NETWORKS: Final = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
# Where an address stands that is called, or from which is called. The return address of payers is
# none: nobody goes there.
ADDRESSES: Final[tuple[Place, ...]] = (
    ("base_url",),
    ("outcome", "simulator", "public_url"),
    ("outcome", "hook", "url"),
    ("network", "egress"),
    ("network", "second_egress"),
    ("network", "own_address"),
)
# What the comments of a written profile offer, and what people write in the meantime.
WORDS: Final = re.compile(
    r"<[^<>]+>|CITY|SERVICE|HEAD|GATEWAY|FOLDER|FILE\.pem|TODO|TBD|FIXME|XXX+|CHANGE[-_ ]?ME",
    re.IGNORECASE,
)
UPPER: Final = re.compile(r"[^a-z]*")  # a city may be called city


def placeholders(document: Mapping[str, Any]) -> Iterator[tuple[Place, str, str]]:
    """Yield place, message and remedy of each placeholder in the settings of a profile."""
    for place in ADDRESSES:
        value = _at(document, place)
        if isinstance(value, str) and _reserved(value):
            yield place, f"{value} is an example's address", "write your own"
    for place, value in _texts(document, ()):
        stands_alone = WORDS.fullmatch(value)
        if stands_alone and (UPPER.fullmatch(value) or value.startswith("<")):
            yield place, f"{value} only stands for a value", "write that, or remove the setting"


def _reserved(address: str) -> bool:
    host = address.removeprefix("local:")
    try:
        host = urlsplit(address).hostname or host
        return any(ip_address(host) in network for network in NETWORKS)
    except ValueError:
        return bool(RESERVED.search(host))


def _at(node: Any, place: Place) -> Any:
    for part in place:
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


def _texts(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Place, str]]:
    if isinstance(node, Mapping):
        for key, each in node.items():
            yield from _texts(each, (*place, str(key)))
    elif isinstance(node, list | tuple):
        for index, each in enumerate(node):
            yield from _texts(each, (*place, index))
    elif isinstance(node, str):
        yield place, node
