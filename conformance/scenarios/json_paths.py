"""What a JSONPath (RFC 9535) selects of an answer, in bounded time."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, TypeAlias

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.function_extensions import ExpressionType, FilterFunction

from conformance.core.wording import plural
from conformance.scenarios import patterns

Path: TypeAlias = JSONPath | CompoundJSONPath

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


@cache
def parsed(place: str) -> Path:
    """Return a JSONPath to look with; JSONPathError if it is none, ValueError if it takes long."""
    plain = _QUOTED.sub("", place)
    for sign, most in COSTLY:
        if plain.count(sign) > most:
            raise ValueError(
                f"has {sign} more than {plural(most, 'time')}, and would look "
                "through the answer again and again; name the place more exactly"
            )
    return ENVIRONMENT.compile(place)


def selects_several(path: Path) -> bool:
    """Whether a JSONPath may select more than one value."""
    return isinstance(path, CompoundJSONPath) or not path.singular_query()


def selected(path: Path, place: str, document: Any) -> Iterator[Any]:
    """Yield the values that a JSONPath, written as `place`, selects; ValueError if it cannot."""
    try:
        for found in path.finditer(document):
            yield found.value
    except (JSONPathError, RecursionError) as problem:
        raise ValueError(f"nothing can be looked up at {place}: {problem}") from None
