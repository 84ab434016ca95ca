"""Text of a deployment made fit to be shown: visible, bounded, without power over the reader."""

import re
from typing import Final

# Control characters steer terminals and break XML; direction marks make text lie about its order.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return the text with every character that steers a display written as its code."""
    return _UNFIT.sub(lambda found: f"\\u{ord(found.group()):04x}", text.replace("\r\n", "\n"))


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, saying how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters in the full record)"


def plural(count: int, noun: str) -> str:
    """Return the count with its noun: `1 check`, `2 checks`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
