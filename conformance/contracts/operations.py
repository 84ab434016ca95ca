"""One operation held against its contract: request and response, with messages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any, Final

from conformance.contracts.conversion import JSON
from conformance.contracts.documents import Tree
from conformance.contracts.endpoints import Endpoint
from conformance.contracts.schemas import pointed, types_of
from conformance.contracts.validation import Judge, parts_of
from conformance.contracts.wording import shown
from conformance.core.exchange import SchemaViolation

DENIALS: Final = frozenset({401, 403})
NUMBER: Final = re.compile(r"-?[0-9]{1,300}(\.[0-9]+)?")
UNDOCUMENTED: Final = "an operation that the contract documents"


class Operation:
    """An endpoint with the contract that documents it, if one does; compiled when first used."""

    def __init__(self, endpoint: Endpoint, bundle: Callable[[], Tree | None]) -> None:
        self.endpoint = endpoint
        self.name = endpoint.name
        self.service = endpoint.service
        self.method = endpoint.method
        self.path = endpoint.path
        self._bundle_of = bundle
        self._judges: dict[tuple[str, ...], Judge] = {}

    @cached_property
    def bundle(self) -> Tree:
        """The self-contained document of the operation's service; empty if there is none."""
        return self._bundle_of() or {}

    @cached_property
    def document(self) -> Tree | None:
        """The operation object of the contract; None if the contract lacks the operation."""
        item = self.bundle.get("components", {}).get("pathItems", {}).get(self.name, {})
        stated = [each.get("$ref", "") for each in self.bundle.get("paths", {}).values()]
        if f"#/components/pathItems/{self.name}" not in stated:
            return None
        found = item.get(self.method.lower())
        return found if isinstance(found, dict) else None

    @cached_property
    def parameters(self) -> dict[str, Tree]:
        """What the contract states of each parameter of the query, by its name."""
        stated = (self.document or {}).get("parameters", [])
        resolved = [self._resolved(each) or {} for each in stated]
        return {each["name"]: each for each in resolved if each.get("in") == "query"}

    @property
    def request_schema(self) -> Any:
        """The schema of a JSON request body; True, which allows anything, if none is stated."""
        return self.schema_of_body(JSON)

    def schema_of_body(self, media_type: str) -> Any:
        """Return the schema of a request body; True, which allows anything, if none is stated."""
        content = self._request_content
        return content.get(covering(content, media_type) or "", {}).get("schema", True)

    def check_request(
        self, *, query: Mapping[str, Any], body: Any, media_type: str = JSON
    ) -> list[SchemaViolation]:
        """Hold a request against the contract; `body` is parsed JSON or the fields of a form."""
        if self.document is None:
            return [_note("request", UNDOCUMENTED, self.name)] if self.bundle else []
        return [*self._check_query(query), *self._check_body(body, media_type)]

    def check_response(self, *, status: int, media_type: str, body: Any) -> list[SchemaViolation]:
        """Hold a response against the contract; `body` is parsed JSON, None if it is none.

        An empty `media_type` (some gateways send none) is a note with an error status only. A
        client takes a 4xx that it does not know for 400 (RFC 9110, 15): so do we, with a note. The
        form of a 401 or 403 is the gateway's own, which no published contract describes: a note.
        """
        if self.document is None:
            return [_note("response", UNDOCUMENTED, self.name)] if self.bundle else []
        responses = self.document["responses"]
        documented = self._resolved(stated(responses, status))
        if documented is None:
            undocumented = (
                "response", f"a documented status: {', '.join(sorted(responses))}", f"HTTP {status}"
            )  # fmt: skip
            if 400 < status < 500 and stated(responses, 400):
                likened = self.check_response(status=400, media_type=media_type, body=body)
                return [_note(*undocumented), *likened]
            return [_failure(*undocumented)]
        if 200 <= status < 300 and isinstance(body, dict) and body.get("Errors"):
            return [_failure("response", "a 4xx with errors", f"HTTP {status} with Errors")]
        content = documented.get("content")
        if not content:
            return [] if body is None else [_note("response", "no body", shown(body))]
        found = self._check_content(status, content, media_type, body)
        return [replace(each, severity="note") for each in found] if status in DENIALS else found

    def compile(self) -> None:
        """Compile everything now; ValueError if a schema of the contract is none."""
        for name, parameter in self.parameters.items():
            self._judge(("query", name), parameter.get("schema", True), "request")
        for media_type, each in self._request_content.items():
            self._judge(("request", media_type), each.get("schema", True), "request")
        for code, response in (self.document or {}).get("responses", {}).items():
            for media_type, each in (self._resolved(response) or {}).get("content", {}).items():
                self._judge((code, media_type), each.get("schema", True), "response")

    def _check_query(self, query: Mapping[str, Any]) -> list[SchemaViolation]:
        violations = []
        known = self.parameters
        for name, parameter in known.items():
            if name in query:
                schema = parameter.get("schema", True)  # what is stated by `content` is not judged
                value = self._as_typed(query[name], schema)
                found = self._judge(("query", name), schema, "request").judge(value)
                violations += [_at(f"?{name}", each) for each in found]
            elif parameter.get("required"):
                violations.append(_failure("request", f"the parameter {name}", "none", f"?{name}"))
        for name in query:
            if name not in known and not self._takes_any_parameter():
                violations.append(
                    _note("request", "only parameters of the contract", name, f"?{name}")
                )
        return violations

    def _check_body(self, body: Any, media_type: str) -> list[SchemaViolation]:
        content = self._request_content
        required = bool(self._request_body.get("required"))
        if body is None:
            return [_failure("request", "a body", "none")] if required else []
        key = covering(content, media_type)
        if key is None:
            known = ", ".join(content) or "no body"
            severe = _failure if content else _note
            return [severe("request", known, media_type or "no media type")]
        schema = content[key].get("schema", True)
        return self._judge(("request", key), schema, "request").judge(body)

    def _check_content(
        self, status: int, content: Tree, media_type: str, body: Any
    ) -> list[SchemaViolation]:
        found = covering(content, media_type)
        chosen = next(iter(content)) if found is None else found
        schema = content[chosen].get("schema", True)
        if body is None and self._may_be_empty(schema):
            return []
        violations = []
        if found is None:
            lenient = not media_type and status >= 400
            severe = _note if lenient else _failure
            got = media_type or ("no media type" if body is not None else "an empty answer")
            violations.append(severe("response", f"media type {', '.join(content)}", got))
            if not lenient:
                return violations
        if body is None and _is_other(chosen):
            return violations  # only JSON is read
        if body is None and not media_type.endswith("json"):
            return [*violations, _failure("response", "a JSON document", "none")]
        return [*violations, *self._judge((str(status), chosen), schema, "response").judge(body)]

    def _as_typed(self, value: Any, schema: Any) -> Any:
        """A query value as its schema would have it: texts become numbers, lists are split."""
        parts = parts_of(schema, self.bundle)
        types = {name for part in parts for name in types_of(part)}
        if "array" in types:
            listed = value if isinstance(value, list | tuple) else str(value).split(",")
            items = {"allOf": [part["items"] for part in parts if "items" in part]}
            return [self._as_typed(each, items) for each in listed]
        if isinstance(value, list | tuple):
            value = value[0] if value else ""
        text = str(value)
        if {"integer", "number"} & types and NUMBER.fullmatch(text):
            return int(text) if text.lstrip("-").isdigit() else float(text)
        if "boolean" in types and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        return text

    def _judge(self, key: tuple[str, ...], schema: Any, side: str) -> Judge:
        if key not in self._judges:
            self._judges[key] = Judge(schema, self.bundle, side)
        return self._judges[key]

    def _may_be_empty(self, schema: Any) -> bool:
        stated = schema if isinstance(schema, dict) else {}
        return bool({**(self._resolved(stated) or {}), **stated}.get("x-may-be-empty"))

    def _takes_any_parameter(self) -> bool:
        return bool((self.document or {}).get("x-any-parameter"))

    @cached_property
    def _request_body(self) -> Tree:
        return self._resolved((self.document or {}).get("requestBody")) or {}

    @cached_property
    def _request_content(self) -> Tree:
        content = self._request_body.get("content", {})
        return content if isinstance(content, dict) else {}

    def _resolved(self, node: Any) -> Tree | None:
        while isinstance(node, dict) and "$ref" in node:
            node = pointed(self.bundle, node["$ref"])
        return node if isinstance(node, dict) else None


def stated(responses: Tree, status: int) -> Any:
    """Return what is stated for a status: for itself, else for its range, else for all others."""
    by_name = {name.upper(): each for name, each in responses.items()}
    names = (str(status), f"{status // 100}XX", "DEFAULT")
    return next((by_name[name] for name in names if name in by_name), None)


def covering(content: Tree, media_type: str) -> str | None:
    """Return the media type or range of a contract that covers another, the closest one."""
    essence = _essence(media_type)
    kind, _, name = essence.partition("/")
    ranges = (essence, f"{kind}/*+{name.rpartition('+')[2]}", f"{kind}/*", "*/*")
    keys = [key for each in ranges for key in content if essence and _essence(key) == each]
    return keys[0] if keys else None


def _is_other(key: str) -> bool:
    """Whether a media type that a contract states is neither JSON nor a range."""
    essence = _essence(key)
    return "*" not in essence and not essence.endswith("json")


@lru_cache(maxsize=256)
def _essence(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def _failure(side: str, expected: str, got: str, pointer: str = "") -> SchemaViolation:
    return SchemaViolation(side=side, pointer=pointer, expected=expected, got=got)


def _note(side: str, expected: str, got: str, pointer: str = "") -> SchemaViolation:
    return SchemaViolation(side=side, pointer=pointer, expected=expected, got=got, severity="note")


def _at(place: str, violation: SchemaViolation) -> SchemaViolation:
    return SchemaViolation(
        side=violation.side,
        pointer=place + violation.pointer,
        expected=violation.expected,
        got=violation.got,
        severity=violation.severity,
    )
