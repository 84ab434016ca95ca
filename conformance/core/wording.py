"""Wording that messages of all rooms share."""

from collections.abc import Iterable
from difflib import get_close_matches


def plural(count: int, noun: str) -> str:
    """Return the count with its noun: `1 check`, `2 checks`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def did_you_mean(word: str, known: Iterable[str], *, most: int = 1) -> str:
    """Return a question that names what is most like a word, `most` of them; empty if nothing."""
    near = get_close_matches(word, list(known), n=most)
    return f"did you mean {' or '.join(near)}?" if near else ""
