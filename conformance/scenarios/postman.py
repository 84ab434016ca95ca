"""Reads Postman collections (v1, v2.0, v2.1) and environments; writes scenarios as v2.1.

Scripts are never run; how many were left out is reported.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.core.foreign_files import read
from conformance.core.shapes import shaped
from conformance.scenarios.catalogue import Scenario, Step
from conformance.scenarios.postman_address import Address, address, operation_at
from conformance.scenarios.postman_body import document
from conformance.scenarios.postman_format import (
    AnswerOfTheApi,
    CollectionFile,
    Environment,
    FlatRequest,
    Item,
    Pair,
    Request,
    Url,
)

VARIABLE: Final = re.compile(r"\{\{([^{}]+)\}\}")
SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmanRequest:
    """One request of a collection, whatever its format; `form` for urlencoded bodies."""

    name: str
    folders: tuple[str, ...]
    method: str
    address: Address
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path, without host and query; empty where the address cannot be read."""
        return self.address.path

    @property
    def query(self) -> Mapping[str, str]:
        """The query, without what is disabled."""
        return self.address.query


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A Postman collection; `scripts` counts what was left unread."""

    name: str
    requests: tuple[PostmanRequest, ...]
    scripts: int = 0


def read_collection(path: Path, environment: Path | None = None) -> Collection:
    """Read a collection, with the variables of an environment; FileError if it is none."""
    file = read(path, json=True)
    wrapped = isinstance(file.value, dict) and "collection" in file.value
    found = shaped(file, AnswerOfTheApi).collection if wrapped else shaped(file, CollectionFile)
    values = {} if environment is None else _values(environment)
    values |= _pairs(found.variable, {})
    name = found.info.name or found.name or path.stem
    if found.requests is not None:
        return Collection(name=name, requests=tuple(_v1(each, values) for each in found.requests))
    if found.item is None:
        raise file.error((), "has neither `requests` (v1) nor `item` (v2)", "export it again")
    items = list(_walk(found.item, ()))
    return Collection(
        name=name,
        requests=tuple(_v2(name, folders, raw, values) for name, folders, raw, _ in items),
        scripts=sum(scripted for *_, scripted in items),
    )


def write_collection(scenarios: list[Scenario], paths: Mapping[str, tuple[str, str]]) -> Any:
    """Return scenarios as a v2.1 collection; `paths` maps operation to (method, path)."""
    return {
        "info": {"name": "BBPS conformance scenarios", "schema": SCHEMA},
        "item": [
            {"name": scenario.name, "item": [_item(step, paths) for step in scenario.steps]}
            for scenario in scenarios
        ],
    }


def skeleton(collection: Collection, templates: Mapping[str, str]) -> tuple[Any, list[str]]:
    """Return a scenario document to complete by hand, and a line for all that is left out.

    `templates` maps operations to paths such as /payments/{module}/_search.
    """
    steps: list[dict[str, Any]] = []
    left_out: list[str] = []
    for request in collection.requests:
        found = operation_at(request.path, templates)
        if found is None:
            left_out.append(_left_out(request))
            continue
        step, lost = _step(request, *found)
        steps.append(step)
        left_out += lost
    if collection.scripts:
        left_out.append(f"the scripts of {collection.scripts} request(s)")
    scenario = {
        "name": re.sub(r"[^a-z0-9]+", "-", collection.name.lower()).strip("-"),
        "title": collection.name,
        "requirements": [],
        "derived_from": [
            {"collection": collection.name, "requests": [each["name"] for each in steps]}
        ],
        "steps": steps,
    }
    return scenario, left_out


def _left_out(request: PostmanRequest) -> str:
    if not request.path:
        return f"{request.name!r}: its address cannot be read"
    return f"{request.name!r}: no operation has the path {request.path}"


def _step(
    request: PostmanRequest, operation: str, parts: dict[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the step of a request, and what of it is left out."""
    lost = []
    step: dict[str, Any] = {"name": request.name, "call": operation, "as": "integrator"}
    if parts:
        step["path"] = parts
    if request.query:
        step["query"] = dict(request.query)
    if request.form:
        lost.append(f"the form of {request.name!r} with {', '.join(request.form)}")
    body = document(request.body) if request.body.strip() else {}
    if body is None:
        lost.append(f"the body of {request.name!r}, which is no JSON object")
    elif kept := {key: each for key, each in body.items() if key != "RequestInfo"}:
        step["body"] = kept  # RequestInfo is the suite's own, with the actor's token
    return step | {"expect": {"status": 200}}, lost


def _values(environment: Path) -> dict[str, str]:
    return _pairs(shaped(read(environment, json=True), Environment).values, {})


def _walk(
    items: Iterable[Item], folders: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], Request, bool]]:
    """Yield each request with its name, its folders, and whether it has scripts."""
    for item in items:
        if item.request is not None:
            yield item.name, folders, item.request, bool(item.event)
        else:
            yield from _walk(item.item, (*folders, item.name))


def _v1(raw: FlatRequest, values: Mapping[str, str]) -> PostmanRequest:
    url = Url(raw=raw.url, query=raw.query or None, variable=raw.variable)
    return PostmanRequest(
        name=raw.name,
        folders=(),
        method=raw.method,
        address=address(url, lambda text: _filled(text, values)),
        headers=dict(line.split(": ", 1) for line in raw.headers.splitlines() if ": " in line),
        body=_filled(raw.body, values),
        form=_pairs(raw.form, values),
    )


def _v2(
    name: str, folders: tuple[str, ...], raw: Request, values: Mapping[str, str]
) -> PostmanRequest:
    return PostmanRequest(
        name=name,
        folders=folders,
        method=raw.method,
        address=address(raw.url, lambda text: _filled(text, values)),
        headers=_pairs(raw.header, values),
        body=_filled(raw.body.raw, values),
        form=_pairs((*raw.body.urlencoded, *raw.body.formdata), values),
    )


def _pairs(pairs: Iterable[Pair], values: Mapping[str, str]) -> dict[str, str]:
    return {pair.key: _filled(pair.value, values) for pair in pairs if pair.used}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Replace {{variables}} by values, and the variables in those; unknown ones stay."""
    for _ in range(10):  # a value may name itself
        replaced = VARIABLE.sub(lambda match: values.get(match[1].strip(), match[0]), text)
        if replaced == text:
            return text
        text = replaced
    return text


def _item(step: Step, paths: Mapping[str, tuple[str, str]]) -> Any:
    method, path = paths[step.call]
    path = path.format_map(step.path)
    query = "&".join(f"{key}={value}" for key, value in step.query.items())
    info = {"apiId": "bbps-conformance", "ver": "1.0", "ts": 0, "authToken": "{{" + step.as_ + "}}"}
    body = {"RequestInfo": info, **step.body}
    return {
        "name": step.name,
        "request": {
            "method": method,
            "url": "{{base_url}}" + path + (f"?{query}" if query else ""),
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": {"mode": "raw", "raw": json.dumps(body, indent=2, ensure_ascii=False)},
        },
    }
