"""The contracts of a run: which documents, which errata, one Operation per endpoint.

Our own documents are read when an operation first needs them; a user's own file at once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

import jsonschema_rs

from conformance.contracts.conversion import servers_of
from conformance.contracts.documents import Document, Tree, line_of, problem, read_document
from conformance.contracts.endpoints import ENDPOINTS, endpoint_at
from conformance.contracts.errata import AUTO, Erratum, apply, chosen, read_errata
from conformance.contracts.kept import beforehand
from conformance.contracts.lifting import base_of, lift_operations, with_paths_inline
from conformance.contracts.linking import Linker, origin_of
from conformance.contracts.operations import Operation
from conformance.contracts.references import Origin, Resolver, Shelf
from conformance.contracts.schemas import explicit, require_few_alternatives, schemas_in
from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError

T = TypeVar("T")
EFFECTIVE: Final = "effective"
PUBLISHED: Final = "published"
COMMON: Final = "common"
SERVICES: Final = (
    "collection-services", "pg-service", "billing-service", "user", "access-control", "mdms"
)  # fmt: skip


class Contracts:
    """The contracts in one form. Safe to share between threads."""

    def __init__(self, form: str, errata: tuple[str, ...], documents: Mapping[str, Path]) -> None:
        self.form = form
        self.errata = errata  # the ids that are applied
        self._own = dict(documents)
        self.left_out: list[FileError] = []  # of a user's files: what is broken, and not needed
        self._shelf: Shelf = {
            _shipped(COMMON): self._common, _shipped("user"): partial(self._plain, "user")
        }  # fmt: skip
        self._origins: dict[str, Origin] = {}
        self._bundles: dict[str, Tree] = {}
        self.operations: Mapping[str, Operation] = {
            name: Operation(endpoint, self._supplier(endpoint.service))
            for name, endpoint in ENDPOINTS.items()
        }

    @classmethod
    def load(
        cls,
        *,
        form: str = EFFECTIVE,
        errata: str | Sequence[str] = AUTO,
        documents: Mapping[str, Path] | None = None,
    ) -> "Contracts":
        """Load the contracts; `documents` maps a service to a user's own OpenAPI file.

        Raises SetupError, one message with file, line and remedy, for anything unusable.
        """
        if form not in {EFFECTIVE, PUBLISHED}:
            raise SetupError(f"contract form {form!r}: write effective or published")
        ids = chosen(all_errata(), errata) if form == EFFECTIVE else ()
        contracts = cls(form, ids, documents or {})
        for service in contracts._own:
            contracts._prove(service)
        return contracts

    @property
    def published(self) -> str:
        """The published versions that are the base, on one line."""
        return ", ".join(f"{each['service']} {each['version']}" for each in self.described())

    def described(self) -> list[dict[str, str]]:
        """Return service, file, title, version and SHA-256 of each document, for results.json."""
        shipped = self._kept.get("documents", {})
        return [
            self.described_now(service)
            if service in self._own or service not in shipped
            else shipped[service]
            for service in (*SERVICES, COMMON)
        ]

    def described_now(self, service: str) -> dict[str, str]:
        """Return what `described` says of one document, read now from its file."""
        document = self._document(service)
        return {
            "service": service,
            "file": document.path.name,
            "title": document.title,
            "version": document.version,
            "sha256": document.sha256,
            "source": "given" if service in self._own else "shipped",
        }

    def bundled(self, service: str) -> Tree:
        """Return a service's contract as one OpenAPI 3.1 document that refers to no other file."""
        if service not in SERVICES:
            raise SetupError(f"{service!r} is not a service; write one of {', '.join(SERVICES)}")
        return with_paths_inline(self._bundle(service))

    @cached_property
    def idle_errata(self) -> tuple[str, ...]:
        """Errata that found nothing to correct, as a corrected file of the user leaves them."""
        return tuple(id_ for service in SERVICES for id_ in self._corrected(service)[1])

    def _supplier(self, service: str) -> Callable[[], Tree | None]:
        return partial(self._bundle, service) if service in SERVICES else lambda: None

    def linked(self, service: str) -> Tree:
        """Return a service's contract as one document, made now from its files and errata."""
        return explicit(self._corrected(service)[0])

    def _bundle(self, service: str) -> Tree:
        if service not in self._bundles:
            self._bundles[service] = self._beforehand.get(service) or self.linked(service)
        return self._bundles[service]

    @property
    def _beforehand(self) -> Mapping[str, Tree]:
        """The contracts that were linked beforehand, if they are those that this one has."""
        as_kept = not self._own and self._kept.get("applied") == [*self.errata]
        return self._kept["services"] if as_kept else {}

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        return beforehand()

    def _corrected(self, service: str) -> tuple[Tree, list[str]]:
        linker = self._linker(self._document(service), service)
        tree = linker.linked()
        lift_operations(tree, service)
        errata = self._applying(service)
        idle = apply(tree, errata)
        if not errata:
            return tree, idle
        return linker.complete(tree, _as_ours(service, tree)), idle

    def _linked(self, document: Document, shelf: Shelf | None = None) -> Tree:
        return Linker(Resolver(shelf or self._shelf), origin_of(document)).linked()

    def _linker(self, document: Document, service: str) -> Linker:
        """Return what links a service's document, of which only its operations are needed."""
        base = base_of({"servers": servers_of(document.tree)})

        def needed(path: str) -> bool:
            return bool(path) and endpoint_at(service, base, path) is not None

        return Linker(Resolver(self._shelf), origin_of(document), needed)

    def _common(self) -> Origin:
        """Return the common contract, corrected."""
        if COMMON not in self._origins:
            # One of the user may refer to the published one, which it stands for elsewhere.
            shelf = Contracts.load(form=PUBLISHED)._shelf if COMMON in self._own else self._shelf
            tree = self._linked(self._document(COMMON), shelf)
            apply(tree, self._applying(COMMON))
            self._origins[COMMON] = _as_ours(COMMON, tree)
        return self._origins[COMMON]

    def _plain(self, service: str) -> Origin:
        """Return our document of a service as published, also where the user gives another one."""
        if service not in self._origins:
            shipped = read_document(_shipped(service))
            self._origins[service] = _as_ours(service, self._linked(shipped))
        return self._origins[service]

    def _applying(self, service: str) -> list[Erratum]:
        known = all_errata()
        return [known[id_] for id_ in self.errata if known[id_].service == service]

    def _document(self, service: str) -> Document:
        return read_document(self._own.get(service) or _shipped(service))

    def _prove(self, service: str) -> None:
        """Make a user's own file ready now, so that its mistakes show before any request."""
        path = self._own[service]
        if service not in (*SERVICES, COMMON):
            raise SetupError(
                f"--contract {service}={path}: no such service; write one of {', '.join(SERVICES)}"
            )
        if service == COMMON:
            _require_judgeable(path, self._common().tree)
            return
        linker = _understood(path, lambda: self._linker(self._document(service), service))
        found = _understood(path, linker.linked)
        self.left_out += linker.left_out
        _require_judgeable(path, found)
        lift_operations(found, service)
        for operation in self._of(service):
            place = ["paths", *_places(found, operation.name)]
            _understood(path, operation.compile, place, f"{operation.name}: ")
        if not found["components"]["pathItems"]:
            raise SetupError(
                f"{path}: none of its paths is an operation of {service}; "
                "give the contract of that service"
            )

    def _of(self, service: str) -> list[Operation]:
        return [each for each in self.operations.values() if each.service == service]


@cache
def all_errata() -> Mapping[str, Erratum]:
    """Return every erratum of the shipped overlays by id, in the order of the documents."""
    known = [Erratum.of_row(row) for row in beforehand().get("known", ())]
    return {each.id: each for each in known} or read_all_errata()


def read_all_errata() -> Mapping[str, Erratum]:
    """Return what `all_errata` does, read now from the overlays."""
    found: dict[str, Erratum] = {}
    for service in (COMMON, *SERVICES):
        path = resources.file("contracts", "errata", f"{service}.overlay.yaml")
        for erratum in read_errata(path, service):
            if erratum.id in found:
                raise SetupError(f"{path}: erratum {erratum.id} exists twice; rename one")
            found[erratum.id] = erratum
    return found


def read_bundle(path: Path, service: str = "") -> Tree:
    """Read any OpenAPI file of 2.0, 3.0 or 3.1 as one self-contained 3.1 document.

    With a service, its operations are found by their paths. Raises SetupError, with file and line,
    if the file cannot be read or a schema is none.
    """
    if service:
        tree = Contracts.load(form=PUBLISHED, documents={service: path}).bundled(service)
    else:
        ours = Contracts.load(form=PUBLISHED)
        tree = _understood(path, lambda: explicit(ours._linked(read_document(path))))
    for place, schema in schemas_in(tree):
        _understood(path, partial(_require, schema), place, f"{'.'.join(place)}: ")
    return tree


def _require_judgeable(path: Path, tree: Tree) -> None:
    """Refuse a user's file whose schemas would never come to an end; FileError."""
    for place, schema in schemas_in(tree):
        try:
            require_few_alternatives(schema, tree)
        except ValueError as fault:
            remedy = "state them once, in fewer levels"
            raise problem(
                path, line_of(path, place), f"{'.'.join(place)}: {fault}", remedy
            ) from None


def _require(schema: Any) -> None:
    jsonschema_rs.meta.validate(schema)


def _shipped(service: str) -> Path:
    return resources.file("contracts", f"{service}.yaml")


def _as_ours(service: str, tree: Tree) -> Origin:
    return Origin(path=_shipped(service), tree=tree, dialect="3.1", name=service)


def _places(bundle: Tree, operation: str) -> list[str]:
    """Return the path of a document that states an operation, if one does."""
    wanted = {"$ref": f"#/components/pathItems/{operation}"}
    return [path for path, item in bundle["paths"].items() if item == wanted]


def _understood(path: Path, read: Callable[[], T], place: Sequence[str] = (), about: str = "") -> T:
    """Return what a reading of a user's file gives; SetupError with file and line."""
    try:
        return read()
    except (ValueError, TypeError, AttributeError, KeyError) as fault:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0][:200]
        message = f"{about}not valid OpenAPI: {reason}"
        raise problem(
            path, line_of(path, place), message, "let an OpenAPI linter check it"
        ) from None
