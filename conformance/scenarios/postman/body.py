"""The body of a request as people write it in Postman: JSON with comments and bare variables."""

import re
from decimal import Decimal
from typing import Any, Final

from conformance.core.json_text import read_json

# Texts, of which nothing is changed; comments; variables that stand for a number, say. Without need
# of an end: what is not closed is not looked for again.
TOKEN: Final = re.compile(
    r'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+"?)|//[^\n]*|/\*.*?(?:\*/|\Z)'
    r"|(?P<variable>\{\{[^{}]+\}\})"
    r"|,(?=\s*[}\]])",  # a comma too many
    re.DOTALL,
)


def document(text: str) -> dict[str, Any] | list[Any] | None:
    """Return the object or list that a body is; None if it is none."""
    for attempt in (text, TOKEN.sub(_plain, text)):
        try:
            read = read_json(attempt)
        except ValueError:
            continue
        return _numbers(read) if isinstance(read, dict | list) else None
    return None


def _plain(found: re.Match[str]) -> str:
    if found["variable"]:
        return f'"{found["variable"]}"'
    return found["text"] or ""


def _numbers(node: Any) -> Any:
    """Return a document with the numbers that every file has."""
    if isinstance(node, dict):
        return {key: _numbers(each) for key, each in node.items()}
    if isinstance(node, list):
        return [_numbers(each) for each in node]
    if isinstance(node, Decimal):
        number = float(node)
        return str(node) if number in (float("inf"), float("-inf")) else number
    return node
