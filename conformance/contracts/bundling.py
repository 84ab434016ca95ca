"""Self-contained documents: references to other files are copied in, offline by construction.

A bundle keeps each known operation below `components/pathItems/<name>`, where errata find it
whatever path a document states it at.
`jsonschema_rs.bundle` embeds whole documents below `$defs` and walks JSON schemas only: it knows no
parameters, responses and path items of OpenAPI.
"""

import copy
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.contracts.conversion import converted
from conformance.contracts.documents import (
    METHODS,
    Document,
    Tree,
    line_with,
    problem,
    read_document,
)
from conformance.contracts.endpoints import endpoint_at
from conformance.contracts.schemas import pointed, references
from conformance.core.foreign_files import FileError, read_text

# Published documents name their neighbours by web address; ours answer for them.
KNOWN_BY: Final = {
    "common": re.compile(r"(common/contracts/v1-0-0|common-contract-v1-0-0|common)\.ya?ml$"),
    "user": re.compile(r"(egov-user/contracts/v1-1-0|user)\.ya?ml$"),
}
Shelf = Mapping[str, Callable[[], Tree]]  # our own documents in 3.1, by name


class Bundler:
    """Makes bundles; `shelf` supplies our own documents for references to them."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def tree(self, document: Document) -> Tree:
        """Return a document in 3.1 with its references named as we name our files."""
        named = copy.deepcopy(document.tree)
        self._name_neighbours(named, document.path)
        return converted(Document(
            path=document.path, tree=named, dialect=document.dialect, sha256=document.sha256
        ))  # fmt: skip

    def bundle(self, tree: Tree, service: str, path: Path) -> Tree:
        """Return a self-contained copy of a 3.1 tree; FileError if a reference is broken."""
        bundle = copy.deepcopy(tree)
        lift_operations(bundle, service)
        return self.complete(bundle, path)

    def complete(self, bundle: Tree, path: Path) -> Tree:
        """Copy in, in place, whatever the bundle refers to in other files."""
        pending: list[Any] = [bundle]
        while pending:
            node = pending.pop()
            for holder in _holders(node):
                copied = self._localise(holder, bundle, path)
                if copied is not None:
                    pending.append(copied)
        _require_targets(bundle, path)
        return bundle

    def _localise(self, holder: Tree, bundle: Tree, path: Path) -> Any:
        """Point one `$ref` at a local copy; return the copy if it is new."""
        file, _, pointer = holder["$ref"].partition("#")
        if not file:
            return None
        prefix, source = self._source(file, path, holder["$ref"])
        kind, name = pointer.split("/")[-2:]
        key = f"{prefix}.{name}"
        holder["$ref"] = f"#/components/{kind}/{key}"
        shelf = bundle.setdefault("components", {}).setdefault(kind, {})
        if key in shelf:
            return None
        try:
            shelf[key] = copy.deepcopy(pointed(source, pointer))
        except LookupError:
            raise _broken(path, f"{file}#{pointer}", f"{file} has no {pointer}") from None
        for inner in _holders(shelf[key]):
            if inner["$ref"].startswith("#"):
                inner["$ref"] = file + inner["$ref"]
        return shelf[key]

    def _source(self, file: str, path: Path, reference: str) -> tuple[str, Tree]:
        for name, make in self._shelf.items():
            if file == f"{name}.yaml":
                return name, make()
        neighbour = path.parent / file
        if "://" in file or not neighbour.is_file():
            raise _broken(
                path,
                reference,
                "there is no such file here, and nothing is fetched from the network",
            )
        return neighbour.stem, self.tree(read_document(neighbour))

    def _name_neighbours(self, tree: Tree, path: Path) -> None:
        for holder in _holders(tree):
            file, _, pointer = holder["$ref"].partition("#")
            for name, pattern in KNOWN_BY.items():
                if file and pattern.search(file) and name in self._shelf:
                    holder["$ref"] = f"{name}.yaml#{self._modern_pointer(name, pointer)}"
            if file and "://" in file and holder["$ref"].startswith(file):
                raise _broken(path, holder["$ref"], "nothing is fetched from the network")

    def _modern_pointer(self, name: str, pointer: str) -> str:
        key = pointer.rpartition("/")[2]
        if pointer.startswith("/definitions/"):
            return f"/components/schemas/{key}"
        if pointer.startswith("/parameters/"):
            components = self._shelf[name]()["components"]
            kind = "requestBodies" if key in components.get("requestBodies", {}) else "parameters"
            return f"/components/{kind}/{key}"
        return pointer


def lift_operations(tree: Tree, service: str) -> None:
    """Move every known path item below `components/pathItems`, under its operation's name."""
    base = urlsplit(str((tree.get("servers") or [{"url": ""}])[0].get("url", ""))).path
    items = tree.setdefault("components", {}).setdefault("pathItems", {})
    for path, item in tree["paths"].items():
        endpoint = endpoint_at(service, base, path)
        if endpoint is None or "$ref" in item or endpoint.name in items:
            continue
        for method in METHODS:
            if method in item:
                own = method == endpoint.method.lower()
                item[method]["operationId"] = endpoint.name if own else f"{endpoint.name}.{method}"
        items[endpoint.name] = item
        tree["paths"][path] = {"$ref": f"#/components/pathItems/{endpoint.name}"}


def with_paths_inline(bundle: Tree) -> Tree:
    """Return a copy of a bundle with its operations back below `paths`, as tools expect them."""
    tree = copy.deepcopy(bundle)
    for path, item in tree["paths"].items():
        if "$ref" in item:
            tree["paths"][path] = copy.deepcopy(pointed(tree, item["$ref"]))
    tree["components"].pop("pathItems", None)
    return tree


def _holders(node: Any) -> list[Tree]:
    """Every mapping in a node that holds a `$ref`."""
    found: list[Tree] = []
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            found.append(node)
        for value in node.values():
            found += _holders(value)
    elif isinstance(node, list):
        for item in node:
            found += _holders(item)
    return found


def _require_targets(bundle: Tree, path: Path) -> None:
    for reference in set(references(bundle)):
        passed: list[Any] = []
        node: Any = {"$ref": reference}
        while isinstance(node, dict) and "$ref" in node:
            try:
                node = pointed(bundle, node["$ref"])
            except (LookupError, TypeError, ValueError):
                raise _broken(
                    path, node["$ref"], "there is nothing at this place in the document"
                ) from None
            if any(node is each for each in passed):
                raise _broken(path, reference, "it refers to itself") from None
            passed.append(node)


def _broken(path: Path, reference: str, reason: str) -> FileError:
    """The problem with a reference, in the spelling that it has in the file."""
    name = reference.rpartition("/")[2]
    lines = read_text(path).splitlines() if path.is_file() else []
    spelt = re.compile(rf"""\$ref['"]?\s*:\s*['"]?([^\s'"]*/{re.escape(name)})(?![\w-])""")
    for number, line in enumerate(lines, 1):
        if found := spelt.search(line):
            return _unusable(path, number, found[1], reason)
    return _unusable(path, line_with(path, name) if lines else 1, reference, reason)


def _unusable(path: Path, line: int, reference: str, reason: str) -> FileError:
    remedy = "correct the reference, or put the file into the same folder"
    return problem(path, line, f"$ref {reference}: {reason}", remedy)
