"""Contract documents on disk: read once, with file and line whenever one is wrong.

What the documents mean is the matter of the other modules of this package.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from conformance.core.errors import ExitCode

Tree: TypeAlias = dict[str, Any]

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DIALECTS: Final = ("2.0", "3.0", "3.1")


class _Loader(LOADER):  # type: ignore[misc, valid-type]
    """Reads YAML safely, and refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                said = f"the key {key.value!r} stands twice in one mapping"
                raise yaml.constructor.ConstructorError(None, None, said, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


class ContractProblem(Exception):
    """A contract, overlay or erratum that cannot be used; the message says where and what to do."""

    exit_code = ExitCode.SETUP


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
    """Read an OpenAPI file of version 2.0, 3.0 or 3.1; ContractProblem with file and line."""
    tree = read_tree(path)
    declared = str(tree.get("swagger") or tree.get("openapi") or "")
    dialect = ".".join(declared.split(".")[:2])
    if dialect not in DIALECTS:
        said = f"version {declared!r}" if declared else "no `openapi` or `swagger` version"
        line = line_of(path, ["swagger" if "swagger" in tree else "openapi"])
        raise ContractProblem(
            f"{path}:{line}: {said}; give an OpenAPI document of version {', '.join(DIALECTS)}"
        )
    for required in ("info", "paths"):
        if not isinstance(tree.get(required), dict):
            line = line_of(path, [required])
            raise ContractProblem(f"{path}:{line}: `{required}` is missing or no mapping; add it")
    _require_operations(path, tree["paths"])
    return Document(path=path, tree=tree, dialect=dialect, sha256=_digest(path))


def _require_operations(path: Path, paths: Tree) -> None:
    """Refuse path items and operations that are no mappings, or state no responses."""
    for place, item in paths.items():
        methods = {} if isinstance(item, dict) else {"": item}
        methods |= {key: item[key] for key in METHODS if not methods and key in item}
        for method, operation in methods.items():
            stated = operation.get("responses") if isinstance(operation, dict) else None
            if not isinstance(stated, dict):
                line = line_of(path, ["paths", place, method, "responses"])
                said = f"{method} {place}".strip()
                raise ContractProblem(
                    f"{path}:{line}: {said} is no mapping with `responses`; "
                    "state the operation as OpenAPI requires"
                )


def read_tree(path: Path) -> Tree:
    """Read a YAML or JSON mapping with all keys as texts; ContractProblem with file and line.

    The tree is shared between callers: copy before changing it.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as fault:
        raise ContractProblem(
            f"{path}: {fault.strerror or fault}; give the path of a readable file"
        ) from None
    return _parsed(path, stamp)


def line_of(path: Path, place: Sequence[str]) -> int:
    """Return the line (from 1) of a place in a file, or of its nearest ancestor that exists."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    line = 1
    for key in place:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if str(pair[0].value) == key]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
        else:
            break
    return int(line)


def line_with(path: Path, text: str) -> int:
    """Return the first line (from 1) of a file that contains a text; 1 if none does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


@lru_cache(maxsize=64)
def _parsed(path: Path, _stamp: int) -> Tree:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe one)
        tree = _with_text_keys(raw)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else 1
        raise ContractProblem(
            f"{path}:{line}: not YAML: {fault.problem or fault.context}; correct that line"
        ) from None
    except yaml.YAMLError as fault:
        raise ContractProblem(f"{path}: not YAML: {' '.join(str(fault).split())}") from None
    except UnicodeDecodeError as fault:
        raise ContractProblem(
            f"{path}: not UTF-8 text ({fault.reason}); save it as UTF-8"
        ) from None
    except RecursionError:
        raise ContractProblem(
            f"{path}: an alias (*name) refers to what contains it; write out what is meant"
        ) from None
    except OSError as fault:
        raise ContractProblem(f"{path}: cannot be read ({fault}); give a plain YAML file") from None
    if not isinstance(tree, dict):
        raise ContractProblem(f"{path}:1: the document is no mapping; give an OpenAPI document")
    return tree


def _with_text_keys(node: Any) -> Any:
    """YAML reads `200:` as a number; everything here looks keys up as texts."""
    if isinstance(node, Mapping):
        return {str(key): _with_text_keys(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_text_keys(item) for item in node]
    return node


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
