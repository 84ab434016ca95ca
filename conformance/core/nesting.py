"""How deeply a JSON text is nested, seen before anything recursive reads it.

Running out of recursion cannot always be survived: what the garbage collector calls meanwhile may
go deeper still, and that ends Python.
"""

import re
from typing import Final

DEEPEST: Final = 100  # levels; more than any contract needs, less than recursion bears
BLANK: Final = " \t\r\n\ufeff"
# Possessive, and without need of an end: a text that breaks off takes no longer than any other.
_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_OTHERS: Final = re.compile(r"[^\[\]{}]+")


def nested_deeper(text: str, levels: int = DEEPEST) -> bool:
    """Return whether objects and lists of a JSON text stand in each other beyond some levels."""
    if not text.lstrip(BLANK).startswith(("{", "[")) or text.count("[") + text.count("{") <= levels:
        return False
    depth = 0
    for bracket in _OTHERS.sub("", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > levels:
            return True
    return False
