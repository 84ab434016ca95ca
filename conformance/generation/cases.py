"""Requests made from a contract by schemathesis, boundary by boundary.

Nothing is sent from here. Whether a request is valid is decided later, by the suite's own
validator, from what was really sent.
"""

import atexit
import contextlib
import copy
import gzip
import json
import random
import tempfile
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import hypothesis.configuration
import schemathesis
from hypothesis.internal.conjecture import providers
from schemathesis import Case as Made
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from conformance.contracts import Contracts, Operation
from conformance.contracts.conversion import FORM, JSON
from conformance.contracts.documents import METHODS, Tree
from conformance.contracts.effects import NOWHERE
from conformance.contracts.operations import covering
from conformance.generation.plan import IDENTIFIERS
from conformance.generation.turns import GENERATING
from conformance.generation.values import REMOVED, changed, is_servers

# Both tools would keep caches in the working directory.
_SCRATCH: Final = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
atexit.register(_SCRATCH.cleanup)
UTF_8: Final = [[0, 0xD7FF], [0xE000, 0x10FFFF]]
ENCODINGS: Final = frozenset({JSON, FORM})
INFO: Final = {"apiId": "", "ver": "", "ts": 0, "action": "", "msgId": ""}  # the client's, in form


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedCase:
    """One request to send; `body` is what the contract describes, without RequestInfo as a rule."""

    operation: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = field(default_factory=dict)
    form: bool = False
    real: bool = False  # right in all but one place: things of the run take the place of NOWHERE

    @property
    def key(self) -> str:
        """The same text for the same request."""
        return json.dumps(
            [self.operation, self.query, self.body, self.real], default=str, sort_keys=True
        )

    @property
    def size(self) -> int:
        """How much of a request it is: of several that fail alike, the smallest is reported."""
        return len(self.key)

    def broken_places(self, operation: Operation) -> set[str]:
        """Return where the request, with the client's RequestInfo, breaks the contract."""
        json_object = isinstance(self.body, dict) and not self.form
        body = {"RequestInfo": INFO, **self.body} if json_object else self.body
        violations = operation.check_request(
            query=self.query, body=body, media_type=FORM if self.form else JSON
        )
        return {each.pointer for each in violations if each.severity == "failure"}


class CaseSource:
    """Makes cases of operations; `pins` are values for names that chance must not choose."""

    def __init__(
        self, contracts: Contracts, pins: Mapping[str, str], *, request_info: bool = False
    ) -> None:
        self._contracts = contracts
        self.pins = {name: NOWHERE for name in IDENTIFIERS} | dict(pins)
        self._request_info = request_info
        self._schemas: dict[str, Any] = {}

    def documents(self, operation: str) -> bool:
        """Whether the contract describes the operation at all."""
        return self._contracts.operations[operation].document is not None

    def boundaries(
        self, operation: str, limit: int, seed: int, *, valid: bool
    ) -> list[GeneratedCase]:
        """Return at most `limit` distinct cases of the coverage phase, chosen by a seed.

        They keep the contract (`valid`), and the shortest is among them; or they break it in
        exactly one place.
        """
        described = self._contracts.operations[operation]
        # Requesting invalid cases only would make everything else in them invalid as well.
        modes = [GenerationMode.POSITIVE] if valid else list(GenerationMode)
        with GENERATING, warnings.catch_warnings():
            made = self.operation(operation)
            warnings.simplefilter("ignore")  # of patterns that only other languages know
            found = made.schema.iter_coverage_cases(
                operation=made,
                generation_modes=modes,
                generation_config=made.schema.config.generation_for(operation=made),
            )
            cases = {case.key: case for case in self._usable(operation, made, found)}
        broken = 0 if valid else 1
        fitting = [case for case in cases.values() if len(case.broken_places(described)) == broken]
        shortest = min(fitting, key=lambda case: case.size) if valid and fitting else None
        return _spread(fitting, limit, seed, shortest)

    def pinned(self, node: Any, *, everywhere: bool = False) -> Any:
        """Return a node with pinned names holding their pins; in a body, only texts give way."""
        if isinstance(node, Mapping):
            return {
                key: self.pins[key]
                if key in self.pins and (everywhere or isinstance(value, str))
                else self.pinned(value)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [self.pinned(item) for item in node]
        return node

    def operation(self, operation: str) -> APIOperation[Any, Any, Any, Any]:
        """Return an operation as schemathesis reads it from the contract."""
        service = self._contracts.operations[operation].service
        if service not in self._schemas:
            document = self._contracts.bundled(service)
            _in_json(document)
            _only_of_clients(document, request_info=self._request_info)
            self._schemas[service] = _loaded(document)
        made: APIOperation[Any, Any, Any, Any] = self._schemas[service].find_operation_by_id(
            operation
        )
        return made

    def _usable(
        self, operation: str, made: Any, found: Iterator[Made[Any]]
    ) -> Iterator[GeneratedCase]:
        for case in found:
            if _sendable(made, case):
                yield self._case(operation, case)

    def _case(self, operation: str, made: Made[Any]) -> GeneratedCase:
        form = str(made.media_type or "").endswith("urlencoded")
        body = made.body if isinstance(made.body, dict | list | str | int | float) else {}
        query = {
            name: query_value(value)
            for name, value in self.pinned(dict(made.query or {}), everywhere=True).items()
            if value is not None
        }
        return GeneratedCase(
            operation=operation,
            query=query,
            body=self.pinned(_tidied(body), everywhere=form),
            form=form,
        )


def _in_json(document: Tree) -> None:
    """Have requests made in JSON where a range of media types covers it (`*/*`)."""
    for item in document["paths"].values():
        for method in METHODS:
            content = item.get(method, {}).get("requestBody", {}).get("content", {})
            covered = covering(content, JSON)
            if covered:
                content[JSON] = content.pop(covered)


def _settle_in(folder: str) -> None:
    """Have Hypothesis keep its files in a folder, with a table that takes a second to work out.

    What UTF-8 can write is every character but the surrogates.
    """
    hypothesis.configuration.set_hypothesis_home_dir(folder)
    table = hypothesis.configuration.storage_directory(
        "unicode_data", unicodedata.unidata_version, "codec-v2-utf-8.json.gz"
    ).path
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_bytes(gzip.compress(json.dumps([UTF_8, []]).encode()))


def _draw_from_contracts_only() -> None:
    """Keep Hypothesis from reading the suite's own source for values to try.

    It reads modules outside of site-packages: a checkout would send other requests than a wheel
    with the same seed, and every run would parse some hundred files first.
    """
    vars(providers)["is_local_module_file"] = lambda _: False


def _loaded(document: Tree) -> Any:
    _settle_in(_SCRATCH.name)
    _draw_from_contracts_only()
    return schemathesis.openapi.from_dict(
        document,
        config=schemathesis.Config.from_dict(
            {
                "base-url": "http://unused.invalid",
                "generation": {"mode": "all", "database": "none", "deterministic": True},
                "phases": {"examples": {"enabled": False}, "stateful": {"enabled": False}},
                "cache": {"enabled": False},
            }
        ),
    )


def _sendable(made: Any, case: Made[Any]) -> bool:
    """Leave out what is about HTTP rather than about the contract; other checks do that."""
    media_type = str(case.media_type or "application/json")
    return bool(case.method.upper() == made.method.upper() and media_type in ENCODINGS)


def _spread(
    cases: list[GeneratedCase], limit: int, seed: int, always: GeneratedCase | None
) -> list[GeneratedCase]:
    if len(cases) <= limit:
        return cases
    chosen = random.Random(seed).sample(range(len(cases)), limit)  # noqa: S311  # no secret
    spread = [cases[index] for index in sorted(chosen)]
    if always is not None and always not in spread:
        spread[0] = always
    return spread


def _only_of_clients(node: Any, *, request_info: bool) -> None:
    """Leave out what no service reads of a client, and RequestInfo unless it is to vary, too."""
    if isinstance(node, dict):
        stated = node.get("properties")
        if isinstance(stated, dict):
            left_out = {name for name, schema in stated.items() if is_servers(schema)}
            if not request_info:
                left_out.add("RequestInfo")
            node["properties"] = {
                name: each for name, each in stated.items() if name not in left_out
            }
            if "required" in node:
                node["required"] = [name for name in node["required"] if name not in left_out]
        for value in node.values():
            _only_of_clients(value, request_info=request_info)
    elif isinstance(node, list):
        for item in node:
            _only_of_clients(item, request_info=request_info)


def _tidied(node: Any) -> Any:
    """A copy in which whole numbers are written as such: 1.0 is an integer to JSON Schema only."""
    if isinstance(node, dict):
        return {key: _tidied(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if isinstance(node, float) and node.is_integer():
        return int(node)
    return copy.copy(node)


def query_value(value: Any) -> Any:
    """Return a value as a query states it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return [query_value(item) for item in value]
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value) if isinstance(value, str) else value  # of the tool's own kinds of texts


def transplanted(case: GeneratedCase, right: GeneratedCase, operation: Operation) -> GeneratedCase:
    """Return the right request, broken where and as a case is; the case itself if that fails."""
    (place,) = case.broken_places(operation)
    with contextlib.suppress(LookupError, TypeError, AttributeError):
        broken = _broken_like(case, right, place)
        if broken.broken_places(operation) == {place}:
            return broken
    return case


def _broken_like(case: GeneratedCase, right: GeneratedCase, place: str) -> GeneratedCase:
    if not place:
        return replace(right, body=case.body)
    if place.startswith("?"):
        name = place[1:].partition("/")[0]
        return replace(right, query=changed(right.query, (name,), case.query.get(name, REMOVED)))
    path: tuple[str | int, ...] = tuple(
        int(each) if each.isdigit() else each for each in place[1:].split("/")
    )
    value = case.body
    for key in path[:-1]:
        value = value[key]
    last = value[path[-1]] if not isinstance(value, dict) else value.get(path[-1], REMOVED)
    return replace(right, body=changed(right.body, path, last))
