"""Places in an answer: where a scenario looks, and what stands there.

A JSON pointer (RFC 6901); a JSONPath (RFC 9535) if it begins with `$`; a header as `header:NAME`;
or `text`, the whole body as it came.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from jsonpath import (
    CompoundJSONPath,
    JSONPath,
    JSONPathEnvironment,
    JSONPathMatch,
    JSONPointer,
)
from jsonpath.exceptions import JSONPathError, JSONPointerError
from jsonpath.function_extensions import ExpressionType, FilterFunction

from conformance.client.response import Response
from conformance.core.wording import plural
from conformance.scenarios import patterns
from conformance.scenarios.templates import VARIABLE

TEXT: Final = "text"
HEADER: Final = re.compile(r"header:\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)")
FORM: Final = r"^($|/|\$|\{\{|text$|header:\s*[A-Za-z0-9!#$%&'*+.^_`|~{}-]+$)"  # how a place begins
FORMS: Final = "write /Bill/0/id, $.Bill[0].id, header:Location or text"
LONGEST: Final = 1000  # characters of a place
# What looks through an answer again for each value that it comes to, and how often it may stand.
COSTLY: Final = (("..", 1), ("?", 2), ("$", 2))
_QUOTED: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


class _Matching(FilterFunction):
    """The functions `match` and `search` of a JSONPath, in bounded time."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012  as the parent has it
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def __call__(self, value: object, pattern: object) -> bool:
        """Whether both are texts, the second an expression, and the first matches it."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            patterns.checked(pattern)
        except ValueError:
            return False  # by RFC 9535
        return patterns.found(pattern, value, whole=self._whole)


def _environment() -> JSONPathEnvironment:
    found = JSONPathEnvironment(strict=True)
    found.function_extensions |= {
        "match": _Matching(whole=True),
        "search": _Matching(whole=False),
    }
    return found


ENVIRONMENT: Final = _environment()


def checked(place: str) -> str:
    """Return a place; ValueError if it is none."""
    plain = VARIABLE.sub("1", place)  # a number fits in where a text does, too
    if plain != TEXT and not HEADER.fullmatch(plain):
        _parsed(plain)
    return place


def at(response: Response, place: str) -> Any:
    """Return what an answer has at a place; None where it has nothing there."""
    if place == TEXT:
        return response.text
    if header := HEADER.fullmatch(place):
        return response.headers.get(header[1].lower())
    return within(response.body, place)


def within(document: Any, place: str) -> Any:
    """Return the value at a place of a document, the first if there are several; None if none.

    ValueError where the document is nested too deeply to look, or an expression takes too long.
    """
    parsed = _parsed(place)
    if isinstance(parsed, JSONPointer):
        return parsed.resolve(document, default=None)
    found = next(_selected(parsed, place, document), None)
    return None if found is None else found.value


def count(response: Response, place: str) -> int | None:
    """Return how many values a JSONPath selects, or how long the value at a place is.

    None where there is nothing, or what has no length; ValueError as `within`.
    """
    parsed = None if place == TEXT or HEADER.fullmatch(place) else _parsed(place)
    several = isinstance(parsed, CompoundJSONPath) or (
        isinstance(parsed, JSONPath) and not parsed.singular_query()
    )
    if several and parsed is not None and not isinstance(parsed, JSONPointer):
        return sum(1 for _ in _selected(parsed, place, response.body))
    value = at(response, place)
    return len(value) if isinstance(value, str | list | dict) else None


def _selected(
    path: JSONPath | CompoundJSONPath, place: str, document: Any
) -> Iterator[JSONPathMatch]:
    try:
        yield from path.finditer(document)
    except (JSONPathError, RecursionError) as problem:
        raise ValueError(f"nothing can be looked up at {place}: {problem}") from None


@cache
def _parsed(place: str) -> JSONPointer | JSONPath | CompoundJSONPath:
    if len(place) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters, which no place is")
    try:
        if place.startswith("$"):
            plain = _QUOTED.sub("", place)
            for sign, most in COSTLY:
                if plain.count(sign) > most:
                    raise ValueError(
                        f"has {sign} more than {plural(most, 'time')}, and would look "
                        "through the answer again and again; name the place more exactly"
                    )
            return ENVIRONMENT.compile(place)
        if place and not place.startswith("/"):
            raise JSONPointerError("a pointer begins with /")
        return JSONPointer(place, unicode_escape=False)
    except RecursionError:
        raise ValueError(f"is not a place: it is nested too deeply; {FORMS}") from None
    except (JSONPathError, JSONPointerError) as problem:
        raise ValueError(f"is not a place: {problem.args[0]}; {FORMS}") from None
