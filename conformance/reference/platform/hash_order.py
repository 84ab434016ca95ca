"""The order of a Java HashMap: which of several errors comes first, and which part of a body."""

from collections.abc import Iterable
from typing import Final

LEAST_SLOTS: Final = 16
FULLEST: Final = 0.75


def in_hash_order(texts: Iterable[str]) -> list[str]:
    """Return texts in the order of a HashMap that they were put into; those of one slot stay."""
    found, slots = list(texts), LEAST_SLOTS
    while len(found) > FULLEST * slots:
        slots *= 2
    return sorted(found, key=lambda text: _spread(text) % slots)


def _spread(text: str) -> int:
    units = text.encode("utf-16-be", "surrogatepass")
    code = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & 0xFFFFFFFF
    return code ^ code >> 16
