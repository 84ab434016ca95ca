"""JSON as it arrives and as it leaves: fractions are exact decimals on the way in."""

import json
import re
from decimal import Decimal
from typing import Any, Final

DEEPEST: Final = 600  # levels; Python's own reading bears them, and so must every walk


def parsed_json(content: bytes) -> Any:
    """Parse JSON with Decimal fractions; ValueError for anything that is not JSON."""
    if _too_deep(content):
        raise ValueError("nested too deeply")
    return json.loads(content, parse_float=_fraction, parse_constant=_no_number)


def json_bytes(document: Any) -> bytes:
    """Return a document as it is sent; whole decimals become integers, others floats."""
    text = json.dumps(document, default=_number, ensure_ascii=False)
    return text.encode("utf-8", errors="replace")


def _too_deep(content: bytes) -> bool:
    """Whether objects and lists stand in each other beyond what Python's recursion bears."""
    opened = content.count(b"{") + content.count(b"[")
    if opened <= DEEPEST:
        return False
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", re.sub(rb'"[^"\\]*(?:\\.[^"\\]*)*"', b"", content)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond what Decimal holds
        raise ValueError(f"{text[:40]} is out of range") from None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
