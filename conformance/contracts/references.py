"""What a `$ref` means: which file, and which place in it. Nothing is fetched from the network.

A reference is a URI relative to the file that states it (RFC 3986), with a JSON pointer. More than
`referencing` and `jsonschema_rs` do is needed: pointers that lead through other references, names
of either dialect, published addresses that our own documents answer for, and line numbers.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from conformance.contracts.documents import DIALECTS, dialect_of, problem, read_file
from conformance.contracts.schemas import unescaped
from conformance.contracts.scopes import Identities, Place, identities_in
from conformance.core.foreign_files import FileError
from conformance.core.nesting import DEEPEST

Shelf = Mapping[Path, Callable[[], "Origin"]]  # our own documents, by path

# What eGov publishes at addresses of many branches and repositories, and the document of ours.
PUBLISHED: Final = {
    "common.yaml": re.compile(
        r"(^|/)(common/contracts/v1-\d-\d|common-contract([-_]v?[12]([-_.]\d+)*)?"
        r"|egov-location/contracts/v11-0-0)\.(ya?ml|json)$"
    ),
    "user.yaml": re.compile(r"(^|/)egov-user/contracts/v1-\d-\d\.(ya?ml|json)$"),
}
# How 2.0 and 3.x call the same: a document of the one is referred to as if it were the other.
NAMES: Final = {
    "definitions": ("components", "schemas"),
    "parameters": ("components", "parameters"),
    "responses": ("components", "responses"),
}
# What other versions of the common contract call the same.
RENAMED: Final = {
    "RequestHeader": "RequestInfo", "ResponseHeader": "ResponseInfo", "ErrorResponse": "ErrorRes"
}  # fmt: skip
ADDRESS: Final = "save that document in the same folder, where it is found by its name"
FILE: Final = "correct the reference, or put the file there"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A document that nodes stand in; what is copied from it is named after `name`."""

    path: Path
    tree: Any
    dialect: str
    name: str


# The dynamic anchors that were passed on the way to a schema: name, document and place of each.
Scope = frozenset[tuple[str, Origin, Place]]


@dataclass(frozen=True, slots=True)
class Located:
    """A node with the place where it stands."""

    origin: Origin
    place: Place
    node: Any

    def get(self, *keys: str) -> "Located":
        """Return what stands below; its node is None if there is nothing."""
        node = self.node
        for key in keys:
            node = node.get(key) if isinstance(node, dict) else None
        return Located(self.origin, (*self.place, *keys), node)

    def child(self, part: str) -> "Located":
        """Return what a part of a pointer names; LookupError if there is nothing."""
        if isinstance(self.node, dict):
            return Located(self.origin, (*self.place, part), self.node[part])
        if isinstance(self.node, list) and part.isdecimal():
            return Located(self.origin, (*self.place, int(part)), self.node[int(part)])
        raise LookupError(part)

    def children(self) -> Iterator[tuple[Any, "Located"]]:
        """Yield key or index and node of everything below a mapping or list."""
        pairs: Any = ()
        if isinstance(self.node, dict | list):
            pairs = self.node.items() if isinstance(self.node, dict) else enumerate(self.node)
        for key, node in pairs:
            yield key, Located(self.origin, (*self.place, key), node)

    @property
    def refers(self) -> bool:
        """Whether the node is a reference."""
        return isinstance(self.node, dict) and isinstance(self.node.get("$ref"), str)

    def problem(self, message: str, remedy: str) -> FileError:
        """Return the error for a mistake in the node, with its line."""
        path = self.origin.path
        return problem(path, read_file(path).line(_place_of(self)), message, remedy)


class Resolver:
    """Finds what references mean; each file is read once."""

    def __init__(self, shelf: Shelf) -> None:
        """Take our own documents, which answer for published addresses."""
        self._shelf = {path.resolve(): make for path, make in shelf.items()}
        self._by_name = {path.name: make for path, make in shelf.items()}
        self._origins: dict[Path, Origin] = {}
        self._identities: dict[Origin, Identities] = {}
        self._targets: dict[tuple[Origin, Place, str], Located] = {}
        self._open: list[tuple[Origin, Place, str]] = []  # references that are being followed

    def hold(self, origin: Origin) -> None:
        """Have references to the file of a document mean that document."""
        self._origins[origin.path.resolve()] = origin

    def is_ours(self, reference: Any) -> bool:
        """Whether a reference is to one of our own documents, by its file."""
        return isinstance(reference, str) and reference.partition("#")[0] in self._by_name

    def target(self, at: Located) -> Located:
        """Return what a reference points to, which may be a reference; FileError if broken."""
        base = self.identities(at.origin).resource_of(at.place)
        stated = (at.origin, base, at.node["$ref"])
        if stated not in self._targets:
            if stated in self._open or len(self._open) > DEEPEST:
                raise _broken(at, "it refers to itself, or without end", "correct the reference")
            self._open.append(stated)
            try:
                self._targets[stated] = self._found(at)
            finally:
                self._open.pop()
        return self._targets[stated]

    def _found(self, at: Located) -> Located:
        uri, _, fragment = at.node["$ref"].strip().partition("#")
        for base in self._bases_of(at, uri):
            for parts in _spellings(fragment, ours=base.origin.path.resolve() in self._shelf):
                with contextlib.suppress(LookupError):
                    return self._walked(base, parts)
            if found := self._anchored(base, unquote(fragment)):
                return found
        where = f"{uri} has no {fragment}" if uri else "there is nothing at this place in the file"
        raise _broken(at, where, ADDRESS if _scheme(uri) else "correct the reference")

    def dynamic(self, at: Located, scope: Scope) -> Located:
        """Return what a `$dynamicRef` leads to in a scope."""
        reference = at.node["$dynamicRef"]
        target = self.target(Located(at.origin, at.place, {"$ref": reference}))
        name = unquote(reference.partition("#")[2])
        if not isinstance(target.node, dict) or target.node.get("$dynamicAnchor") != name:
            return target
        known = {anchor: (origin, place) for anchor, origin, place in scope}
        return _at(*known[name]) if name in known else target

    def entered(self, scope: Scope, at: Located) -> Scope:
        """Return the scope inside a schema that is reached in a scope."""
        own = self.identities(at.origin).dynamic_in(at.place)
        known = {name for name, _, _ in scope}
        return scope | {(name, at.origin, own[name]) for name in own.keys() - known}

    def identities(self, origin: Origin) -> Identities:
        """Return what the schemas of a document call themselves."""
        if origin not in self._identities:
            self._identities[origin] = identities_in(origin.tree)
        return self._identities[origin]

    def followed(self, at: Located) -> Located:
        """Return the first node that is no reference; FileError for a circle."""
        passed: list[Any] = []
        first = at
        while at.refers:
            if any(at.node is each for each in passed):
                raise _broken(at, "it refers to itself", "correct the reference")
            passed.append(at.node)
            at = self.target(at)
        if first is not at and not isinstance(at.node, dict | bool):
            raise _broken(first, "there is no object at this place", "correct the reference")
        if isinstance(at.node, dict) and not isinstance(at.node.get("$ref", {}), dict):
            raise at.problem("not valid OpenAPI: a `$ref` that is not a text", "correct it")
        return at  # a mapping of names may have one that is called $ref

    def _walked(self, at: Located, parts: tuple[str, ...]) -> Located:
        for part in parts:
            if at.refers and part not in at.node:
                at = self.followed(at)
            at = at.child(part)
        return at

    def _bases_of(self, at: Located, uri: str) -> Iterator[Located]:
        """Yield what a URI may mean, the likeliest first; FileError for nothing."""
        known = self.identities(at.origin)
        named = known.called(uri, at.place) if uri else known.resource_of(at.place)
        if named:
            yield _at(at.origin, named)
        if not (uri and named):
            yield from (_at(origin, ()) for origin in self._origins_of(at, uri))

    def _anchored(self, base: Located, name: str) -> Located | None:
        """Return the schema of a resource, or else of its document, that has an anchor."""
        anchors = self.identities(base.origin).anchors
        places = [place for (owner, own), place in anchors.items() if own == name]
        if name and not name.startswith("/") and places:
            return _at(base.origin, anchors.get((base.place, name), places[0]))
        return None

    def _origins_of(self, at: Located, uri: str) -> Iterator[Origin]:
        """Yield the documents that a URI may mean, the likeliest first; FileError for none."""
        if not uri:
            yield at.origin
            return
        web = bool(_scheme(uri))
        ours = self._ours(uri)
        if web and ours:
            yield ours()
        beside = next(filter(_is_file, _candidates(at.origin.path.parent, uri, web=web)), None)
        if beside:
            yield self._file(beside, at.origin.dialect)
        elif not ours:
            reason = "nothing is fetched from the network" if web else "there is no such file here"
            raise _broken(at, reason, ADDRESS if web else FILE)
        elif not web:
            yield ours()

    def _ours(self, uri: str) -> Callable[[], Origin] | None:
        """Return our document for an address at which eGov publishes it, or for its own name."""
        path = unquote(uri.partition("?")[0])
        for name, pattern in PUBLISHED.items():
            if name in self._by_name and (pattern.search(path) or uri.removeprefix("./") == name):
                return self._by_name[name]
        return None

    def _file(self, path: Path, dialect: str) -> Origin:
        """Return a file; one that states no version is written in the dialect of its reader."""
        key = path.resolve()
        if key in self._shelf:
            return self._shelf[key]()
        if key not in self._origins:
            tree = read_file(path).value
            own = dialect_of(tree)
            known = own if own in DIALECTS else dialect
            self._origins[key] = Origin(path=path, tree=tree, dialect=known, name=path.stem)
        return self._origins[key]


def _scheme(uri: str) -> str:
    """The scheme of an address; none of a file, nor of C:, which is a drive."""
    found = re.match(r"(?!file:)([A-Za-z][A-Za-z0-9+.-]+):", uri)
    return found[1] if found else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no system can have a file of such a name
        return False


def _candidates(folder: Path, uri: str, *, web: bool) -> Iterator[Path]:
    """Yield where the file of a URI may stand: as it is written, then decoded."""
    written = uri.removeprefix("file://").partition("?")[0].rstrip("/")
    written = written.rpartition("/")[2] if web else written
    for name in dict.fromkeys([written, unquote(written), unquote(written).replace("\\", "/")]):
        if name:
            yield folder / name


def _spellings(fragment: str, *, ours: bool) -> Iterator[tuple[str, ...]]:
    """Yield the ways to read a pointer: as RFC 6901 says first, then as people write it.

    Those into one of our documents may be those of another version of it.
    """
    if fragment and not fragment.startswith("/"):
        return
    whole = unquote(fragment).split("/")[1:]
    apart = [unquote(part) for part in fragment.split("/")[1:]]
    for parts in (whole, apart, fragment.split("/")[1:]):
        keys = tuple(unescaped(part) for part in parts)
        if ours and keys:
            keys = (*keys[:-1], RENAMED.get(keys[-1], keys[-1]))
        yield keys
        yield from _in_other_words(keys)


def _in_other_words(keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for old, new in NAMES.items():
        if keys[:1] == (old,):
            yield (*new, *keys[1:])
            if old == "parameters":
                yield ("components", "requestBodies", *keys[1:])
        if keys[:2] == new:
            yield (old, *keys[2:])
    if keys[:2] == ("components", "requestBodies"):
        yield ("parameters", *keys[2:])


def _at(origin: Origin, place: Place) -> Located:
    """Return what stands at a place of a document."""
    node = origin.tree
    for part in place:
        node = node[part]
    return Located(origin, place, node)


def _place_of(at: Located) -> Place:
    """Where a node stands in its file: it may be an object made of what the file says."""
    pending: list[tuple[Place, Any]] = [((), at.origin.tree)]
    while pending:
        place, node = pending.pop()
        if node is at.node and isinstance(node, dict | list):
            return (*place, "$ref") if at.refers else place
        if isinstance(node, dict | list):
            pairs = node.items() if isinstance(node, dict) else enumerate(node)
            pending += [((*place, key), each) for key, each in pairs]
    return at.place


def _broken(at: Located, reason: str, remedy: str) -> FileError:
    return at.problem(f"$ref {at.node['$ref']}: {reason}", remedy)
