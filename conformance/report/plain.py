"""Text of a deployment made fit to be shown: visible, bounded, without power over the reader."""

import json
import re
from contextlib import suppress
from typing import Final

from conformance.core.nesting import nested_deeper

# Control characters steer terminals and break XML; direction marks make text lie about its order.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    "|[\ud800-\udfff]"
)
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#!&~@])")


# The folders in which machines keep files; a path of an API begins otherwise.
_PATH: Final = re.compile(
    r"(?:file://|(?<![\w./-]))(?:/(?:home|Users|root|tmp|work|var|opt|mnt|srv|etc|usr|private|data|workspace)"
    r"(?=/)|~(?=/)|[A-Za-z]:(?=\\))[/\\][^\s,;:'\"<>]*"
)


def without_paths(text: str) -> str:
    """Return the text with each path of a local file cut to its last part: `…/profile.yaml`."""
    return _PATH.sub(lambda found: "…/" + re.split(r"[/\\]", found.group().rstrip("/\\"))[-1], text)


def printable(text: str) -> str:
    """Return the text with every character that steers a display written as its code."""
    return _UNFIT.sub(lambda found: f"\\u{ord(found.group()):04x}", text.replace("\r\n", "\n"))


def inert(text: str) -> str:
    """Return text on one line in which Markdown and HTML mean nothing."""
    return _MARKDOWN.sub(r"\\\1", " ".join(printable(text).split()))


def fitted(text: str, width: int) -> str:
    """Return at most `width` characters of a text; what ends it in brackets stays."""
    if len(text) <= width:
        return text
    end = text[text.rfind(" [") :] if text.endswith("]") and " [" in text else ""
    end = end[-(width // 2) :] if width > 1 else ""
    return f"{text[: max(width - len(end) - 1, 0)]}…{end}"[: max(width, 0)]


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, saying how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters in the full record)"


def clipped(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, with a mark where more was."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


_MARK: Final = "\ue000"  # a private character, around a fraction while it is a text


def readable(body: str) -> str:
    """Return JSON indented, its fractions as they were written; any other text as it is.

    So is JSON in which a key is repeated: indented, it would lose one of the values.
    """
    if _MARK in body or nested_deeper(body):
        return body
    with suppress(ValueError):
        document = json.loads(
            body, parse_float=lambda text: f"{_MARK}{text}{_MARK}", object_pairs_hook=_distinct
        )
        text = json.dumps(document, indent=2, ensure_ascii=False)
        return re.sub(f'"{_MARK}([^{_MARK}]*){_MARK}"', r"\1", text)
    return body


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object of these pairs; ValueError if a key is repeated."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is repeated")
    return found
