"""Query parameters as DIGIT services bind them: each text must be a value of its type."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from conformance.reference.platform.amounts import DECIMAL_TEXT
from conformance.reference.platform.errors import ServiceProblem
from conformance.reference.platform.world import Call

WHOLE: Final = re.compile(r"[+-]?\d{1,30}", re.ASCII)
YES: Final = frozenset({"true", "on", "yes", "1"})
NO: Final = frozenset({"false", "off", "no", "0"})


def converted(call: Call, criteria: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of typed parameters (`kinds`: name to long, int, decimal or flag).

    Absent and blank ones are None. ServiceProblem names the first that is no value of its type;
    `criteria` is the name of the object that DIGIT binds them to.
    """
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        text = (call.first(name) or "").strip()
        found[name] = _CONVERSIONS[kind](text) if text else None
        if text and found[name] is None:
            raise type_mismatch(criteria, name)
    return found


def type_mismatch(criteria: str, name: str) -> ServiceProblem:
    """Return the refusal of a query parameter whose text is no value of its type."""
    text = "Failed to convert property value of type 'java.lang.String' to required type"
    return ServiceProblem((f"typeMismatch.{criteria}.{name}", f"{text} for property '{name}'"))


def _whole(text: str, bits: int) -> int | None:
    number = int(text) if WHOLE.fullmatch(text) else 2**bits
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def _flag(text: str) -> bool | None:
    word = text.lower()
    return word in YES if word in YES | NO else None


_CONVERSIONS: Final[Mapping[str, Callable[[str], Any]]] = {
    "long": lambda text: _whole(text, 64),
    "int": lambda text: _whole(text, 32),
    "decimal": lambda text: text if DECIMAL_TEXT.fullmatch(text) else None,
    "flag": _flag,
}
