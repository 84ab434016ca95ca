"""What a file must look like: a pydantic model, and its mistakes as messages with lines."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from conformance.core.foreign_files import FileError, ForeignFile, Place
from conformance.core.parsing import Mistake
from conformance.core.wording import did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Hidden = Callable[[Place, Any], bool]
LONGEST: Final = 80  # characters shown of a value
# Type of a pydantic mistake, or how it begins -> what is wrong, and what to do.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "bool": ("is neither true nor false", "write true or false"),
    "date": ("is not a date", "write for example 2026-04-01"),
    "decimal": ("is not an amount in rupees", "write for example 5000"),
    "dict_type": ("is not a mapping", "write lines such as `name: value` below it"),
    "enum": ("is none of {expected}", "write one of them"),
    "finite_number": ("is not a finite number", "write for example 5000"),
    "float": ("is not a number", "write for example 2.5"),
    "greater_than": ("is not greater than {gt}", "write a greater number"),
    "greater_than_equal": ("is less than {ge}", "write {ge} or a greater number"),
    "int": ("is not a whole number", "write for example 3"),
    "less_than": ("is not less than {lt}", "write a smaller number"),
    "less_than_equal": ("is more than {le}", "write {le} or a smaller number"),
    "list_type": ("is not a list", "write one line per item, each after a dash"),
    "literal_error": ("is none of {expected}", "write one of them"),
    "missing": ("is missing", "add it"),
    "model": ("is not a mapping", "write lines such as `name: value` below it"),
    "string_pattern_mismatch": ("is not of the form {pattern}", "correct it"),
    "string_too_short": ("is too short", "write at least {min_length} character(s)"),
    "string_type": ("is not a text", "put it in quotes"),
    "too_short": ("has too few entries", "write at least {min_length}"),
    "tuple_type": ("is not a list", "write one line per item, each after a dash"),
}


def shaped(file: ForeignFile, model: type[Model]) -> Model:
    """Return what a file holds as a model; FileError with every mistake."""
    try:
        return model.model_validate(file.value)
    except ValidationError as problem:
        found = [
            mistake for _, mistake in mistakes_of(problem, model, file.mistake, document=file.value)
        ]
        raise FileError(file.path, *found) from None


def mistakes_of(
    problem: ValidationError,
    model: type[BaseModel],
    mistake: Callable[[Place, str, str], Mistake],
    hidden: Hidden | None = None,
    *,
    document: Any = None,
) -> Iterator[tuple[Place, Mistake]]:
    """Yield each mistake that pydantic found, and its place, in a document if one is given.

    `mistake` makes it of place, message and remedy. A value that is `hidden` is not repeated.
    """
    names = set(_names(model))
    by_place: dict[Place, list[Mapping[str, Any]]] = {}
    for error in problem.errors():
        place = _place(error["loc"])
        place = place if document is None else _standing(place, document)
        by_place.setdefault(place, []).append(error)
    for place, errors in list(by_place.items()):
        # A list whose entries are all wrong counts as empty, too, which says nothing new.
        below = any(each[: len(place)] == place != each for each in by_place)
        if below and errors[0]["type"] == "too_short":
            del by_place[place]
    for place, errors in by_place.items():
        value = errors[0]["input"]
        shown = "" if hidden and hidden(place, value) else _shown(errors[0])
        words = [_description(error, names) for error in errors]
        message = " and ".join(message for message, _ in words)
        remedy = ", or ".join(remedy for _, remedy in words if remedy)
        yield place, mistake(place, f"{shown}{message}", remedy)


def nearest(word: object, known: Iterable[str]) -> str:
    """Return the remedy for a name that is unknown."""
    known = set(known)
    if str(word) in known:
        return "remove it here, for it belongs elsewhere"
    return did_you_mean(str(word), known) or "remove it"


def _place(location: tuple[str | int, ...]) -> Place:
    """Return the place without what pydantic adds: which of several types it tried."""
    added = (number for number, part in enumerate(location) if "[" in str(part))
    return location[: next(added, len(location))]


def _standing(place: Place, document: Any) -> Place:
    """Return a place without parts that a document lacks, but for the last: what stands nowhere.

    One that stands for a list of one has no number there, nor is a kind of value a key.
    """
    kept: list[str | int] = []
    node = document
    for number, part in enumerate(place, 1):
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and isinstance(part, int):
            node = node[part] if part < len(node) else None
        elif number < len(place) or not isinstance(part, str) or not isinstance(node, dict):
            continue
        kept.append(part)
    return tuple(kept)


def _description(error: Mapping[str, Any], names: Iterable[str]) -> tuple[str, str]:
    kind = error["type"]
    if kind == "extra_forbidden":
        return "is not a known setting", nearest(error["loc"][-1], names)
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, "), ""
    words = WORDS.get(kind) or WORDS.get(kind.partition("_")[0])
    if words is None:
        return error["msg"][:1].lower() + error["msg"][1:], ""
    context = error.get("ctx", {})
    message, remedy = (each.format_map(context) for each in words)
    return message, remedy


def _shown(error: Mapping[str, Any]) -> str:
    """Return the wrong value as it was written, if it is short and says something."""
    value = error["input"]
    if error["type"] in {"missing", "extra_forbidden"} or isinstance(value, dict | list | tuple):
        return ""
    number = isinstance(value, Decimal)
    text = str(value) if number else json.dumps(value, ensure_ascii=False, default=str)
    return f"{text if len(text) <= LONGEST else text[:LONGEST] + '…'} "


def _names(model: type[BaseModel], seen: tuple[type, ...] = ()) -> Iterator[str]:
    """Yield the names of all settings of a model and of the models in it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            if inner not in seen:
                yield from _names(inner, (*seen, model))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)
