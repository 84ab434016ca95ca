"""One self-contained document of OpenAPI 3.1 out of whatever files a contract is written in.

Every reference is followed from the file that states it, and what it leads to is converted from the
dialect of its own file. Path items, parameters, bodies and responses are copied to where they are
used; schemas are copied once each, below `components/schemas`, and referred to.
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from conformance.contracts.conversion import (
    FORM,
    FORMS,
    JSON,
    parameter_of,
    schema_of,
    servers_of,
)
from conformance.contracts.documents import METHODS, Document, Tree
from conformance.contracts.references import Located, Origin, Resolver, Scope
from conformance.contracts.schemas import (
    LISTS_OF_SCHEMAS,
    MAPS_OF_SCHEMAS,
    NULLABLE,
    SINGLE_SCHEMAS,
)
from conformance.contracts.scopes import Place
from conformance.core.foreign_files import FileError

# Of an operation: what is taken over apart, or says nothing about an exchange.
APART: Final = frozenset(
    {"parameters", "requestBody", "responses", "callbacks", "consumes", "produces", "schemes"}
)
# Nothing refers to them now.
NAMES_OF_SCHEMAS: Final = frozenset(
    {"$id", "$schema", "$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary"}
)
NESTED: Final = (dict, list)
LINTER: Final = "let an OpenAPI linter check it"
BODY: Final = ("", "body")
# The kinds of components that a document of ours or an erratum may refer to by name.
KINDS: Final = ("parameters", "requestBodies", "responses")


def origin_of(document: Document) -> Origin:
    """Return a document as one to start from."""
    path = document.path
    return Origin(path=path, tree=document.tree, dialect=document.dialect, name=path.stem)


class Linker:
    """Makes one document; it knows what was copied in already."""

    def __init__(
        self, resolver: Resolver, main: Origin, needed: Callable[[str], bool] = lambda _: True
    ) -> None:
        """Take the document to start from, and which of its paths are needed, "" for no path.

        What is not needed may be broken: it is left out, and `left_out` says why.
        """
        self._needed = needed
        self.left_out: list[FileError] = []
        self._waiting: dict[str, tuple[Located, Scope]] = {}  # schemas that nothing has needed yet
        self._resolver = resolver
        self._main = main
        self._keys: dict[tuple[Origin, Place, Scope], str] = {}
        self._pending: list[tuple[str, Located, Scope]] = []
        self._scope: Scope = frozenset()  # of the schema that is being copied
        self._schemas: Tree = {}
        resolver.hold(main)

    def linked(self) -> Tree:
        """Return the document with everything that it refers to; FileError with file and line."""
        whole = Located(self._main, (), self._main.tree)
        swagger = self._main.dialect == "2.0"
        components = whole if swagger else self._resolver.followed(whole.get("components"))
        for name, at in self._entries(components.get("definitions" if swagger else "schemas")):
            self._key(at, name)
        self._waiting = {key: (at, scope) for key, at, scope in self._pending}
        self._pending.clear()
        stated = dict(self._entries(whole.get("paths")))
        paths = {}
        for path in sorted(stated, key=self._needed, reverse=True):
            with self._sparing(path):
                paths[path] = self._path_item(stated[path], path)
                self._copy_schemas()
        named = {kind: dict(self._components(kind, components)) for kind in KINDS}
        while self._waiting or self._pending:
            with self._sparing():
                self._need(next(iter(self._waiting), ""))
                self._copy_schemas()
        servers = servers_of(whole.node)
        return {
            "openapi": "3.1.0",
            "info": copy.deepcopy(whole.node.get("info", {})),
            **({"servers": servers} if servers else {}),
            "paths": {path: paths[path] for path in stated if path in paths},
            "components": {
                kind: each for kind, each in {"schemas": self._schemas, **named}.items() if each
            },
        }

    @contextmanager
    def _sparing(self, path: str = "") -> Iterator[None]:
        """Leave out what is broken while the context lasts, unless it is needed."""
        try:
            yield
        except FileError as broken:
            if self._needed(path):
                raise
            self.left_out.append(broken)
            self._scope = frozenset()

    def _need(self, key: str) -> None:
        """Copy a schema that waits."""
        if key in self._waiting:
            self._pending.append((key, *self._waiting.pop(key)))

    def complete(self, tree: Tree, ours: Origin) -> Tree:
        """Copy in, in place, what errata made the document refer to, as seen from one of ours."""
        self._schemas = tree.setdefault("components", {}).setdefault("schemas", {})
        pending: list[Any] = [tree]
        while pending:
            node = pending.pop()
            if isinstance(node, dict):
                if self._resolver.is_ours(node.get("$ref")):
                    self._adopt(node, ours)
                pending += node.values()
            elif isinstance(node, list):
                pending += node
        self._copy_schemas()
        return tree

    def _adopt(self, holder: Tree, ours: Origin) -> None:
        target = self._resolver.target(Located(ours, (), holder))
        kind = target.place[-2] if len(target.place) > 1 else ""
        if kind in KINDS:
            holder.clear()
            holder.update(self._component(str(kind), target))
        else:
            holder["$ref"] = self._key(target)

    def _components(self, kind: str, components: Located) -> Iterator[tuple[str, Tree]]:
        """Yield the named parameters, bodies or responses of a document."""
        swagger = self._main.dialect == "2.0"
        stated = "parameters" if swagger and kind == "requestBodies" else kind
        for name, at in self._entries(components.get(stated)):
            with self._sparing():
                found = self._resolver.followed(at)
                if kind == "responses" or _is_body(found) == (kind == "requestBodies"):
                    yield name, self._component(kind, found)

    def _component(self, kind: str, at: Located) -> Tree:
        at = self._resolver.followed(at)
        match kind:
            case "responses":
                return self._response(at, self._media_types(at, {}, "produces"))
            case "requestBodies":
                return self._body(at, self._media_types(at, {}, "consumes"))
            case _:
                return self._parameter(at)

    # -- operations ---------------------------------------------------------------------------

    def _path_item(self, at: Located, path: str) -> Tree:
        fields: dict[str, Located] = {}
        while True:
            if not isinstance(at.node, dict):
                raise _no_operation(at, path)
            # Where both state a field, the one that refers wins over the one that is referred to.
            fields = {**{key: each for key, each in at.children()}, **fields}
            if not at.refers:
                break
            self._resolver.followed(at)  # no circle
            at = self._resolver.target(at)
        shared = self._listed(fields.get("parameters"))
        return {
            method: self._operation(fields[method], shared, f"{method} {path}")
            for method in METHODS
            if method in fields
        }

    def _operation(self, at: Located, shared: list[Located], name: str) -> Tree:
        at = self._resolver.followed(at)
        responses = self._resolver.followed(at.get("responses"))
        if not isinstance(responses.node, dict):
            raise _no_operation(responses if isinstance(at.node, dict) else at, name)
        made: Tree = {key: copy.deepcopy(each) for key, each in at.node.items() if key not in APART}
        consumes = self._media_types(at, at.node, "consumes")
        stated: dict[tuple[str, str], Located] = {}
        for each in (*shared, *self._listed(at.get("parameters"))):
            stated[_key_of(each)] = each
        forms = [each for (_, where), each in stated.items() if where == "formData"]
        if BODY in stated:
            made["requestBody"] = self._body(stated.pop(BODY), consumes)
        elif forms:
            made["requestBody"] = self._form(forms, consumes)
        elif at.node.get("requestBody") is not None and at.origin.dialect != "2.0":
            body = self._resolver.followed(at.get("requestBody"))
            made["requestBody"] = self._body(body, consumes)
        parameters = [self._parameter(each) for (_, where), each in stated.items()
                      if where != "formData"]  # fmt: skip
        if parameters:
            made["parameters"] = parameters
        produces = self._media_types(at, at.node, "produces")
        made["responses"] = {
            str(status): self._response(self._resolver.followed(each), produces)
            for status, each in self._entries(responses)
        }
        return made

    def _listed(self, at: Located | None) -> list[Located]:
        """Return the parameters of a list, followed."""
        if at is None or at.node is None:
            return []
        listed = [
            self._resolver.followed(each) for _, each in self._resolver.followed(at).children()
        ]
        for each in listed:
            self._mapping(each, "a parameter")
            if not _is_body(each) and not {"name", "in"} <= each.node.keys():
                raise each.problem("not valid OpenAPI: a parameter without `name` or `in`", LINTER)
        return listed

    def _parameter(self, at: Located) -> Tree:
        if at.origin.dialect == "2.0" and "schema" not in at.node:
            made, schema = parameter_of(at.node)
            return {**made, "schema": self._schema(Located(at.origin, at.place, schema))}
        made = _plain(at.node, {"schema", "content", "examples"})
        if "content" in at.node:
            made["content"] = self._content(at.get("content"))
        else:
            made["schema"] = self._schema(at.get("schema"))
        return made

    def _form(self, fields: list[Located], consumes: list[str]) -> Tree:
        properties = {
            str(each.node.get("name")): self._parameter(each)["schema"] for each in fields
        }
        required = [str(each.node.get("name")) for each in fields
                    if each.node.get("required") is True]  # fmt: skip
        schema: Tree = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        encodings = [each for each in consumes if each in FORMS] or [FORM]
        return {
            "required": bool(required),
            "content": {each: {"schema": schema} for each in encodings},
        }

    def _body(self, at: Located, consumes: list[str]) -> Tree:
        self._mapping(at, "a request body")
        made = _plain(at.node, {"schema", "content", "name", "in", "examples"})
        made["required"] = at.node.get("required") is True
        if "content" in at.node:
            return {**made, "content": self._content(at.get("content"))}
        schema = self._schema(at.get("schema"))
        return {**made, "content": {each: {"schema": schema} for each in consumes}}

    def _response(self, at: Located, produces: list[str]) -> Tree:
        self._mapping(at, "a response")
        made = _plain(at.node, {"schema", "content", "headers", "links", "examples"})
        made["description"] = str(made.get("description") or "")
        if "schema" in at.node:  # 2.0
            schema = self._schema(at.get("schema"))
            made["content"] = {each: {"schema": schema} for each in produces}
        elif at.node.get("content") is not None:
            made["content"] = self._content(at.get("content"))
        return made

    def _content(self, at: Located) -> Tree:
        made: Tree = {}
        for name, each in self._entries(at):
            each = self._mapping(self._resolver.followed(each), "a media type")
            made[str(name)] = _plain(each.node, {"schema", "examples", "encoding"})
            if "schema" in each.node:
                made[str(name)]["schema"] = self._schema(each.get("schema"))
        return made

    def _media_types(self, at: Located, operation: Mapping[str, Any], key: str) -> list[str]:
        """Return what an operation of 2.0 takes or gives; its own list replaces the global one."""
        for source in (operation, at.origin.tree, self._main.tree):
            listed = source.get(key) if isinstance(source, dict) else None
            if isinstance(listed, list) and listed:
                return [str(each) for each in listed]
        return [JSON]

    # -- schemas ------------------------------------------------------------------------------

    def _copy_schemas(self) -> None:
        while self._pending:
            key, at, self._scope = self._pending.pop()
            self._schemas[key] = self._schema(at)
        self._scope = frozenset()

    def _key(self, at: Located, name: str = "") -> str:
        """Return a reference to a schema, which is copied in once."""
        scope = self._resolver.entered(self._scope, at)
        address = (at.origin, at.place, scope)
        if address not in self._keys:
            last = str(at.place[-1]) if at.place else ""
            name = name or ".".join(each for each in (at.origin.name, last) if each)
            plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
            key, number = plain, 1
            while key in self._schemas:
                number += 1
                key = f"{plain}-{number}"
            self._keys[address] = key
            self._schemas[key] = {}  # its place, until it is copied
            self._pending.append((key, at, scope))
        self._need(self._keys[address])
        return f"#/components/schemas/{self._keys[address]}"

    def _schema(self, at: Located) -> Any:
        before = self._scope
        self._scope = self._resolver.entered(before, at)
        try:
            return self._copied(at)
        finally:
            self._scope = before

    def _copied(self, at: Located) -> Any:
        node = at.node
        if node is None:
            return {}
        if not isinstance(node, dict):
            return node  # true, false, or a mistake that the compiler reports
        made: Tree = {}
        if "$ref" in node:
            if not at.refers:
                raise at.problem("not valid OpenAPI: a `$ref` that is not a text", LINTER)
            self._resolver.followed(at)  # no circle
            made["$ref"] = self._key(self._resolver.target(at))
            if at.origin.dialect != "3.1":  # what stands beside is no part of it
                return made | {key: node[key] for key in NULLABLE if key in node}
        for key in node:
            if key not in made and key not in NAMES_OF_SCHEMAS:
                value = node[key]
                made[key] = self._keyword(key, at.get(key)) if isinstance(value, NESTED) else value
        if isinstance(node.get("$dynamicRef"), str):
            reference = {"$ref": self._key(self._resolver.dynamic(at, self._scope))}
            both = "$ref" in made
            made |= {"allOf": [*made.get("allOf", ()), reference]} if both else reference
        return schema_of(made)

    def _keyword(self, key: str, at: Located) -> Any:
        if key in MAPS_OF_SCHEMAS and isinstance(at.node, dict):
            return {name: self._schema(each) for name, each in self._entries(at)}
        if key in LISTS_OF_SCHEMAS and isinstance(at.node, list):
            return [self._schema(each) for _, each in at.children()]
        if key in SINGLE_SCHEMAS and isinstance(at.node, dict):
            return self._schema(at)
        if key == "items" and isinstance(at.node, list):
            return [self._schema(each) for _, each in at.children()]
        return copy.deepcopy(at.node)

    # -- what all share -----------------------------------------------------------------------

    def _entries(self, at: Located) -> Iterable[tuple[str, Located]]:
        """Return what a mapping holds, which may stand in another file; extensions left out."""
        return [
            (str(key), each)
            for key, each in self._resolver.followed(at).children()
            if not str(key).startswith("x-")
        ]

    def _mapping(self, at: Located, what: str) -> Located:
        if not isinstance(at.node, dict):
            raise at.problem(f"not valid OpenAPI: {what} is not a mapping", LINTER)
        return at


def _is_body(at: Located) -> bool:
    node = at.node if isinstance(at.node, dict) else {}
    return node.get("in") == "body" or ("content" in node and "in" not in node)


def _key_of(at: Located) -> tuple[str, str]:
    """What a parameter of the path item and one of the operation have in common."""
    return BODY if _is_body(at) else (str(at.node.get("name")), str(at.node.get("in")))


def _plain(node: Mapping[str, Any], apart: set[str]) -> Tree:
    return {
        key: copy.deepcopy(each) if isinstance(each, NESTED) else each
        for key, each in node.items()
        if key not in apart and key != "$ref"
    }


def _no_operation(at: Located, name: str) -> Exception:
    message = f"{name} is not a mapping with `responses`"
    return at.problem(message, "write the operation as OpenAPI requires")
