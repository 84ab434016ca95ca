"""The body of a request as people write it in Postman: JSON with comments and bare variables."""

import re
from typing import Any, Final

from conformance.core.json_text import loaded

# Texts, of which nothing is changed; comments; variables that stand for a number, say.
TOKEN: Final = re.compile(
    r'(?P<text>"(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|(?P<variable>\{\{[^{}]+\}\})', re.DOTALL
)


def document(text: str) -> dict[str, Any] | None:
    """Return the object that a body is; None if it is none."""
    for attempt in (text, TOKEN.sub(_plain, text)):
        try:
            read = loaded(attempt)
        except ValueError:
            continue
        return read if isinstance(read, dict) else None
    return None


def _plain(found: re.Match[str]) -> str:
    if found["variable"]:
        return f'"{found["variable"]}"'
    return found["text"] or ""
