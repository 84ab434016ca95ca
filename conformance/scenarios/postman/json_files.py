"""Reads files that should be of Postman, and says of others what they seem to be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conformance.core.charsets import mended
from conformance.core.foreign_files import FileError, ForeignFile, parsed, read_bytes
from conformance.core.json_text import NotRead, read_json
from conformance.core.parsing import Mistake

LEVELS: Final = 600  # of JSON: two for each folder in a folder
EXPORT: Final = "export it from Postman again"
# What has none of the keys of a collection, by a key that it has.
OTHER_KINDS: Final = {
    "openapi": "a contract (OpenAPI)", "swagger": "a contract (Swagger)", "log": "a record (HAR)",
    "__export_format": "an export of Insomnia", "asyncapi": "a contract (AsyncAPI)",
}  # fmt: skip


def read_file(path: Path) -> ForeignFile:
    """Read a file of Postman; FileError, which says of what is no JSON what it seems to be."""
    content = read_bytes(path)
    try:
        return parsed(path, content, json=True, mend=True, levels=LEVELS)
    except FileError as problem:
        first = problem.mistakes[0]
        if not first.message.startswith("not JSON"):
            raise
        text, _ = mended(content)
        text = text.lstrip("\ufeff \t\r\n")
        if not text:
            message, remedy = "is empty", EXPORT
        elif text.startswith("<"):
            message, remedy = "is a page (HTML or XML), and no file of Postman", EXPORT
        elif not text.startswith(("{", "[")):
            message, remedy = "is no JSON, and so no file of Postman", EXPORT
        elif _is_cut_off(text):
            message, remedy = f"breaks off before its JSON ends ({first.message})", EXPORT
        else:
            raise
        raise FileError(path, Mistake(message, remedy, first.line, first.column)) from None


def _is_cut_off(text: str) -> bool:
    """Whether a text that is no JSON would be its beginning."""
    try:
        read_json(text)
    except NotRead as problem:
        return "breaks off" in str(problem)
    return False


def other_kind(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a document is that is no collection, and the remedy."""
    if isinstance(value.get("collections"), list):
        remedy = "export each collection by itself: in its menu, Export"
        return "is a dump of all data of Postman, and no collection", remedy
    for key, kind in OTHER_KINDS.items():
        if key in value:
            return f"is {kind}, and no collection", "import it into Postman, and export that"
    return "has neither `requests` (v1) nor `item` (v2), so it is no collection", EXPORT
