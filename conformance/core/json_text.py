"""JSON as a deployment answers with it: read as RFC 8259 says, within bounds.

Of a key that stands twice the last one counts, as for the readers of DIGIT's services.
"""

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from conformance.core.nesting import BLANK, DEEPEST, nested_deeper

LARGEST_EXPONENT: Final = 4000


class NotRead(ValueError):
    """A JSON text is not read; the text says why, empty for what is no JSON at all."""


def read_json(text: str) -> Any:
    """Return the value of a JSON text, with Decimal for every fraction; NotRead."""
    if nested_deeper(text):
        raise NotRead(f"it is nested more than {DEEPEST} levels deep")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        raise NotRead(_where_it_ends(fault) if _begins(text) else "") from None
    except NotRead:
        raise
    except (ValueError, ArithmeticError):
        raise NotRead("a number in it is too long") from None


def _begins(text: str) -> bool:
    """Whether a text means to be an object or a list of JSON."""
    return text.lstrip(BLANK).startswith(("{", "["))


def _where_it_ends(fault: json.JSONDecodeError) -> str:
    """Return why a text that begins as JSON is none."""
    reason = fault.msg[:1].lower() + fault.msg[1:].removesuffix(" at")
    if fault.pos >= len(fault.doc.rstrip()) or fault.msg.startswith("Unterminated"):
        return "it breaks off before its JSON ends"
    if fault.msg == "Extra data":
        reason = "something follows the object"
    return f"from character {fault.pos + 1} on it is no JSON ({reason})"


def loaded(text: str | bytes) -> Any:
    """Return the value of a JSON text that may be of anybody, as Python reads it; ValueError."""
    text = text.decode() if isinstance(text, bytes) else text
    if nested_deeper(text):
        raise NotRead(f"it is nested more than {DEEPEST} levels deep")
    return json.loads(text)


def fraction(text: str) -> Decimal:
    """Return a number, unless it has more places than anybody can write out; ValueError."""
    value = Decimal(text)
    if abs(value.adjusted()) > LARGEST_EXPONENT:  # int() of it would take all memory
        raise ValueError("a number is too long")
    return value


def _no_number(name: str) -> NoReturn:
    raise NotRead(f"{name} in it is no number of JSON")


_DECODER: Final = json.JSONDecoder(parse_float=fraction, parse_constant=_no_number)
