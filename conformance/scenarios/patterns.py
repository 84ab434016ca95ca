"""Regular expressions of scenarios: matched in bounded time, whoever wrote them.

The engine needs time in proportion to the text, or gives up after so many steps.
"""

import re
from functools import lru_cache
from typing import Final

import jsonschema_rs

LONGEST: Final = 1_000_000  # characters of a text that is searched
LONGEST_EXPRESSION: Final = 2_000  # characters of an expression
MOST_STEPS: Final = 1_000_000  # back, for what looks around or refers to a group
MOST_BYTES: Final = 1024 * 1024  # of an expression that is compiled


def checked(expression: str) -> str:
    """Return a regular expression; ValueError if it is none that can be matched."""
    _matcher(expression)
    return expression


def found(expression: str, text: str, *, whole: bool = False) -> bool:
    """Whether a text, or a part of it, matches.

    Raises ValueError where that takes too long, or the expression is none.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a text is longer than {LONGEST} characters, and is not searched")
    matcher = _matcher(rf"\A(?:{expression})\z" if whole else expression)
    for problem in matcher.iter_errors(text):
        if isinstance(problem.kind, jsonschema_rs.ValidationErrorKind.Pattern):
            return False
        raise ValueError(f"{expression} takes too long to match; write a simpler expression")
    return True


@lru_cache(maxsize=1024)
def _matcher(expression: str) -> jsonschema_rs.Draft202012Validator:
    if len(expression) > LONGEST_EXPRESSION:
        raise ValueError(f"is longer than {LONGEST_EXPRESSION} characters; look for a part of it")
    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_STEPS, size_limit=MOST_BYTES)
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": expression}, pattern_options=options)
    except jsonschema_rs.ValidationError:
        raise ValueError(f"is not a regular expression: {_reason(expression)}") from None


def _reason(expression: str) -> str:
    """Return what is wrong with an expression."""
    try:
        re.compile(expression)
    except re.error as problem:
        return str(problem)
    except (RecursionError, OverflowError):
        return "it is nested too deeply"
    return "it is too large, or has a form that not every language knows; write a simpler one"
