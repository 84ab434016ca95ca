"""What JavaScript's conversions give for a constant: Number, parseInt, Math.round, toFixed."""

import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from conformance.scenarios.postman.javascript import number, numeric
from conformance.scenarios.postman.symbols import UNCLEAR, Constant, Value, as_text

_WHOLE: Final = re.compile(r"\s*([+-]?\d{1,400})")
_FRACTION: Final = re.compile(
    r"\s*([+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?)"
)
MOST_PLACES: Final = 100


def converted(name: str, value: Any, arguments: list[Value]) -> Value:
    """Return what a conversion gives for a constant; UNCLEAR where it is no value of data."""
    found = CONVERSIONS[name](value, arguments)
    return UNCLEAR if found is None else Constant(found)


def fixed(value: Any, arguments: list[Value]) -> Value:
    """Return a number with so many places as a text, as toFixed gives it."""
    places = arguments[0].value if arguments and isinstance(arguments[0], Constant) else 0
    if not _is_number(value) or not isinstance(places, int) or not 0 <= places <= MOST_PLACES:
        return UNCLEAR
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return Constant(f"{exact:f}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any, _arguments: list[Value]) -> Any:
    """Return the number that a whole value stands for: an empty text is 0, `12 apples` none."""
    if isinstance(value, str):
        plain = value.strip()
        sign, digits = (-1, plain[1:]) if plain.startswith("-") else (1, plain)
        found = number(digits) if plain else 0
        return None if found is None or "_" in plain or plain.endswith("n") else sign * found
    if isinstance(value, bool):
        return int(value)
    return value if _is_number(value) else None


def _parsed(pattern: re.Pattern[str]) -> Callable[[Any, list[Value]], Any]:
    """Return how a number at the beginning of a text is read."""

    def read(value: Any, arguments: list[Value]) -> Any:
        if len(arguments) > 1 and arguments[1] != Constant(10):
            return None
        found = pattern.match(as_text(value)) if isinstance(value, str | int | float) else None
        return numeric(float(found[1])) if found else None

    return read


def _rounded(how: Callable[[float], int]) -> Callable[[Any, list[Value]], Any]:
    """Return how a number, or a text that is one, becomes an integer."""

    def read(value: Any, arguments: list[Value]) -> Any:
        plain = _number(value, arguments)
        return None if plain is None else how(plain)

    return read


def _absolute(value: Any, arguments: list[Value]) -> Any:
    plain = _number(value, arguments)
    return None if plain is None else abs(plain)


def _text(value: Any, _arguments: list[Value]) -> Any:
    return as_text(value) if isinstance(value, str | int | float | None) else None


# By the name of the function.
CONVERSIONS: Final[Mapping[str, Callable[[Any, list[Value]], Any]]] = {
    "Number": _number,
    "_.toNumber": _number,
    "parseInt": _parsed(_WHOLE),
    "Number.parseInt": _parsed(_WHOLE),
    "_.parseInt": _parsed(_WHOLE),
    "parseFloat": _parsed(_FRACTION),
    "Number.parseFloat": _parsed(_FRACTION),
    "Math.floor": _rounded(math.floor),
    "Math.ceil": _rounded(math.ceil),
    "Math.trunc": _rounded(math.trunc),
    "Math.round": _rounded(lambda value: math.floor(value + 0.5)),  # halves go up
    "Math.abs": _absolute,
    "String": _text,
    "_.toString": _text,
}
