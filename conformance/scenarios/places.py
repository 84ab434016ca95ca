"""Places in an answer: where a scenario looks, and what stands there.

A JSON pointer (RFC 6901); a JSONPath (RFC 9535) if it begins with `$`; a header as `header:NAME`;
or `text`, the whole body as it came.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from conformance.client.response import Response
from conformance.scenarios.templates import VARIABLE

if TYPE_CHECKING:
    from conformance.scenarios.json_paths import Path

TEXT: Final = "text"
HEADER: Final = re.compile(r"header:\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)")
FORM: Final = r"^($|/|\$|\{\{|text$|header:\s*[A-Za-z0-9!#$%&'*+.^_`|~{}-]+$)"  # how a place begins
FORMS: Final = "write /Bill/0/id, $.Bill[0].id, header:Location or text"
LONGEST: Final = 1000  # characters of a place
INDEX: Final = re.compile(r"0|[1-9][0-9]{0,15}")


def checked(place: str) -> str:
    """Return a place; ValueError if it is none."""
    plain = VARIABLE.sub("1", place)  # a number fits in where a text does, too
    if plain != TEXT and not HEADER.fullmatch(plain):
        _path(plain)
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
    path = _path(place)
    if path is None:
        return _pointed(document, place)
    from conformance.scenarios.json_paths import selected

    return next(selected(path, place, document), None)


def count(response: Response, place: str) -> int | None:
    """Return how many values a JSONPath selects, or how long the value at a place is.

    None where there is nothing, or what has no length; ValueError as `within`.
    """
    path = None if place == TEXT or HEADER.fullmatch(place) else _path(place)
    if path is not None:
        from conformance.scenarios.json_paths import selected, selects_several

        if selects_several(path):
            return sum(1 for _ in selected(path, place, response.body))
    value = at(response, place)
    return len(value) if isinstance(value, str | list | dict) else None


def _path(place: str) -> "Path | None":
    """Return the JSONPath that a place is, None where it is a pointer; ValueError if neither."""
    if len(place) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters, which no place is")
    if not place.startswith("$"):
        if place and not place.startswith("/"):
            raise ValueError(f"is not a place: a pointer begins with /; {FORMS}")
        return None
    from jsonpath.exceptions import JSONPathError  # takes long, and few scenarios need it

    from conformance.scenarios.json_paths import parsed

    try:
        return parsed(place)
    except JSONPathError as problem:
        raise ValueError(f"is not a place: {problem.args[0]}; {FORMS}") from None
    except RecursionError:
        raise ValueError(f"is not a place: it is nested too deeply; {FORMS}") from None


def _pointed(document: Any, pointer: str) -> Any:
    """Return the value at a JSON pointer, or None."""
    node = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(key)
        elif isinstance(node, list) and INDEX.fullmatch(key):
            node = next(iter(node[int(key) :][:1]), None)
        else:
            return None
    return node
