"""{{variables}} in the texts of a scenario: which ones there are, and how they are replaced."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
# A variable, and what is inside its value: {{bill.id}}, {{user.roles.0.code}}.
VARIABLE: Final = re.compile(r"\{\{\s*(" + NAME + r"(?:\.[A-Za-z0-9_]+)*)\s*\}\}")
# What begins as a variable does: one, or else what is none, such as {{$guid}}, {{}} and {{x.
BRACES: Final = re.compile(rf"(?:{VARIABLE.pattern})|(?P<odd>\{{\{{.*?(?:\}}\}}+|\Z))", re.DOTALL)
LONGEST: Final = 60  # characters shown of what is no variable

Lookup = Callable[[str], Any]


def filled(node: Any, value_of: Lookup) -> Any:
    """Replace {{variables}} at any depth; a text that is one variable takes its value's type."""
    if isinstance(node, Mapping):
        return {str(filled(key, value_of)): filled(each, value_of) for key, each in node.items()}
    if isinstance(node, list | tuple):
        return [filled(each, value_of) for each in node]
    if not isinstance(node, str):
        return node
    alone = VARIABLE.fullmatch(node)
    if alone:
        return value_of(alone[1])
    return VARIABLE.sub(lambda match: str(value_of(match[1])), node)


def variables_in(node: Any) -> Iterator[str]:
    """Yield the variables at any depth of a document, keys included, as they are written."""
    for text in _texts_in(node):
        yield from VARIABLE.findall(text)


def oddities_in(node: Any) -> Iterator[str]:
    """Yield what begins with double braces and is no variable."""
    for text in _texts_in(node):
        for odd in (found["odd"] for found in BRACES.finditer(text) if found["odd"]):
            yield odd if len(odd) <= LONGEST else odd[:LONGEST] + "…"


def _texts_in(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, each in node.items():
            yield from _texts_in(key)
            yield from _texts_in(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _texts_in(each)
    elif isinstance(node, str):
        yield node
