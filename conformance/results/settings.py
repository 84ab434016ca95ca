"""The settings of a run as its results keep them, and what differs between two of them. No I/O."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, Final

# Files of the profile stand in it by path, which is another from another folder.
ELSEWHERE: Final = frozenset({"bills.pool", "network.ca_file", "mdms.repository", "waivers"})
# How fast a run may be, which parts of a run need not share.
PACE: Final = frozenset({"limits.requests_per_second", "limits.requests_in_flight"})


def changed_settings(
    before: Mapping[str, Any], now: Mapping[str, Any], left_out: Container[str] = ELSEWHERE
) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, old and new value of each setting that differs between two headers' profiles."""
    old, new = (dict(_leaves(each.get("settings", {}))) for each in (before, now))
    for name in sorted(old.keys() | new.keys()):
        if name not in left_out and old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def shown(value: Any) -> str:
    """Return a value of a setting as a message shows it."""
    return "not set" if value in (None, "") else str(value)


def _leaves(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, f"{name}.{key}".lstrip("."))
    else:
        yield name, list(node) if isinstance(node, tuple) else node
