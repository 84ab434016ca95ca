"""Places in an answer: JSON pointers (RFC 6901), or JSONPath (RFC 9535) if they begin with `$`."""

from functools import cache
from typing import Any

import jsonpath
from jsonpath import CompoundJSONPath, JSONPath, JSONPointer
from jsonpath.exceptions import JSONPathError, JSONPointerError


def checked(place: str) -> str:
    """Return a place; ValueError if it is neither a pointer nor a path."""
    _parsed(place)
    return place


def at(document: Any, place: str) -> Any:
    """Return the value at a place, the first if there are several; None where there is none."""
    parsed = _parsed(place)
    if isinstance(parsed, JSONPointer):
        return parsed.resolve(document, default=None)
    found = parsed.match(document)
    return None if found is None else found.value


@cache
def _parsed(place: str) -> JSONPointer | JSONPath | CompoundJSONPath:
    try:
        if place.startswith("$"):
            return jsonpath.compile(place, strict=True)
        return JSONPointer(place, unicode_escape=False)
    except (JSONPathError, JSONPointerError) as problem:
        raise ValueError(
            f"is not a place: {problem.args[0]}; write /Bill/0/id or $.Bill[0].id"
        ) from None
