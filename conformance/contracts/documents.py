"""Contract documents on disk: read once, with file and line whenever one is wrong.

What the documents mean is the matter of the other modules of this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, TypeAlias

from conformance.core.foreign_files import FileError, ForeignFile, read
from conformance.core.parsing import Mistake

Tree: TypeAlias = dict[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DIALECTS: Final = ("2.0", "3.0", "3.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as parsed; every key is a text. `dialect` is 2.0, 3.0 or 3.1."""

    path: Path
    tree: Tree
    dialect: str
    sha256: str

    @property
    def version(self) -> str:
        """The version that the document gives itself."""
        return str(self.tree["info"].get("version", "unknown"))

    @property
    def title(self) -> str:
        """The title that the document gives itself, on one line."""
        return " ".join(str(self.tree["info"].get("title", "untitled")).split())


def read_document(path: Path) -> Document:
    """Read an OpenAPI file of version 2.0, 3.0 or 3.1; FileError with file and line."""
    file = read_file(path)
    tree = file.mapping("give an OpenAPI document")
    dialect = dialect_of(tree)
    if dialect not in DIALECTS:
        declared = str(tree.get("swagger") or tree.get("openapi") or "")
        message = f"version {declared!r}" if declared else "no `openapi` or `swagger` version"
        place = ["swagger" if "swagger" in tree else "openapi"]
        remedy = f"give an OpenAPI document of version {', '.join(DIALECTS)}"
        raise problem(path, file.line(place), message, remedy)
    for required in ("info", "paths"):
        if not isinstance(tree.get(required), dict):
            message = f"`{required}` is missing or not a mapping"
            raise problem(path, file.line([required]), message, "add it")
    return Document(path=path, tree=tree, dialect=dialect, sha256=file.sha256)


def dialect_of(tree: Any) -> str:
    """Return the version that a document states, as `3.0`; empty if it states none."""
    stated = tree if isinstance(tree, dict) else {}
    declared = str(stated.get("swagger") or stated.get("openapi") or "")
    return ".".join(declared.split(".")[:2])


def read_file(path: Path) -> ForeignFile:
    """Read a contract or overlay; FileError. It is shared between callers: copy before changing.

    Fractions are floats, as the compiler of schemas takes them.
    """
    try:
        status = path.stat()
        stamp = status.st_mtime_ns if S_ISREG(status.st_mode) else 0  # a pipe is read once
    except (OSError, ValueError):
        stamp = 0  # reading says why
    return _read(path, stamp)


def problem(path: Path, line: int, message: str, remedy: str) -> FileError:
    """Return the error for one mistake at a line (from 1) of a file."""
    return FileError(path, Mistake(message, remedy, line))


def line_of(path: Path, place: Sequence[str]) -> int:
    """Return the line (from 1) of a place in a file, or of its nearest ancestor that exists."""
    return read_file(path).line(place)


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: int) -> ForeignFile:
    return read(path, number=float)
