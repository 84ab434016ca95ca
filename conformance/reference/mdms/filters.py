"""Filters of MDMS masters: the part of JsonPath in use, `[?(@.key == value && @.other …)]`."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.reference.platform.errors import Unhandled
from conformance.reference.platform.master_data import Row

FILTER: Final = re.compile(r"\$?\.?\[\?\((.*)\)\]", re.DOTALL)
ONE_ROW: Final = re.compile(r"\$?\.?\[\d+\].*")
TERM: Final = re.compile(
    r"\s*@(?:\.([\w-]+)|\['([^']+)'\])\s*(==|!=|in)\s*"
    r"('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?|true|false|null|\[[^\]]*\])\s*"
)
LONGEST: Final = 500  # characters, as the second version of MDMS allows
LITERALS: Final = {"true": True, "false": False, "null": None}


def filtered(rows: list[Row], condition: Any) -> list[Row]:
    """Return the rows that a filter lets through; Unhandled as MDMS breaks on others."""
    if condition in (None, ""):
        return rows
    text = str(condition).strip()
    if ONE_ROW.fullmatch(text):
        raise Unhandled("ClassCastException", "The filter yields no array")
    match = FILTER.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise Unhandled("InvalidPathException", "Could not parse the filter")
    choices = [[_term(each) for each in _split(part, "&&")] for part in _split(match[1], "||")]
    return [row for row in rows if any(all(_holds(row, *term) for term in c) for c in choices)]


def _split(text: str, operator: str) -> list[str]:
    """Split at an operator, outside of quotes."""
    return re.split(rf"{re.escape(operator)}(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", text)


def _term(text: str) -> tuple[str, str, Any]:
    match = TERM.fullmatch(text)
    if match is None:
        raise Unhandled("InvalidPathException", "Could not parse the filter")
    plain, quoted, operator, value = match.groups()
    key = plain or quoted
    if operator == "in" and value.startswith("["):
        return key, operator, [_literal(each.strip()) for each in value[1:-1].split(",")]
    return key, operator, _literal(value)


def _literal(text: str) -> Any:
    if text[:1] in {"'", '"'}:
        return text[1:-1]
    if text in LITERALS:
        return LITERALS[text]
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Unhandled("InvalidPathException", "Could not parse the filter") from None


def _holds(row: Row, key: str, operator: str, wanted: Any) -> bool:
    if key not in row:
        return False
    value = row[key]
    if operator == "in":
        return isinstance(wanted, list) and any(_same(value, each) for each in wanted)
    return _same(value, wanted) == (operator == "==")


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int) and isinstance(wanted, Decimal):
        return value == wanted
    return value is wanted if wanted is None else str(value) == str(wanted)
