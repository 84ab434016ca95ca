"""Reads Postman collections (v1, v2.0, v2.1) and environments; writes scenarios as v2.1.

Scripts are never run: that a file has some is told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.scenarios.catalogue import Scenario, ScenarioProblem, Step

VARIABLE: Final = re.compile(r"\{\{([^{}]+)\}\}")
HOST: Final = re.compile(r"^\{\{[^{}]+\}\}(?=/)")
SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmanRequest:
    """One request of a collection, whatever its format; `form` for urlencoded bodies."""

    name: str
    folders: tuple[str, ...]
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The URL's path, without host (a variable, as a rule) and query."""
        return urlsplit(HOST.sub("", self.url)).path or "/"

    @property
    def query(self) -> dict[str, str]:
        """The URL's query."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A Postman collection; `scripts` counts what was left unread."""

    name: str
    requests: tuple[PostmanRequest, ...]
    scripts: int = 0


def read_collection(path: Path, environment: Path | None = None) -> Collection:
    """Read a collection, with the variables of an environment; ScenarioProblem if it is none."""
    document = _json(path)
    values = {} if environment is None else _values(_json(environment))
    values |= _values({"values": document.get("variable") or document.get("variables") or []})
    if "requests" in document:
        requests = tuple(_v1(each, values) for each in document["requests"])
        return Collection(name=str(document.get("name", path.stem)), requests=requests)
    if "item" not in document:
        raise ScenarioProblem(f"{path}: has neither requests (v1) nor item (v2); export it again")
    items = list(_walk(document["item"], ()))
    return Collection(
        name=str(document.get("info", {}).get("name", path.stem)),
        requests=tuple(_v2(item, folders, values) for item, folders in items),
        scripts=sum(bool(item.get("event")) for item, _ in items),
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


def skeleton(collection: Collection, operations: Mapping[str, str]) -> Any:
    """Return a scenario document to complete by hand; `operations` maps path to operation."""
    steps = []
    for request in collection.requests:
        operation = operations.get(request.path)
        if operation is None:
            continue
        body = _document(request.body)
        body.pop("RequestInfo", None)  # the suite's own, with the actor's token
        step: dict[str, Any] = {"name": request.name, "call": operation, "as": "integrator"}
        if request.query:
            step["query"] = request.query
        if body:
            step["body"] = body
        steps.append(step | {"expect": {"status": 200}})
    return {
        "name": re.sub(r"[^a-z0-9]+", "-", collection.name.lower()).strip("-"),
        "title": collection.name,
        "requirements": [],
        "derived_from": [
            {"collection": collection.name, "requests": [each["name"] for each in steps]}
        ],
        "steps": steps,
    }


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ScenarioProblem(f"{path}: cannot be read ({problem.strerror})") from None
    except ValueError as problem:
        raise ScenarioProblem(f"{path}: is no JSON ({problem}); export it again") from None
    if not isinstance(document, dict):
        raise ScenarioProblem(f"{path}: is no Postman file; export a collection (v2.1)")
    return document


def _values(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(each["key"]): str(each.get("value", ""))
        for each in document.get("values") or ()
        if isinstance(each, dict) and each.get("key") and each.get("enabled", True)
    }


def _walk(items: Any, folders: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for item in items:
        if "item" in item:
            yield from _walk(item["item"], (*folders, str(item.get("name", ""))))
        elif "request" in item:
            yield item, folders


def _v1(raw: Mapping[str, Any], values: Mapping[str, str]) -> PostmanRequest:
    lines = str(raw.get("headers") or "").splitlines()
    return PostmanRequest(
        name=str(raw.get("name", "")),
        folders=(),
        method=str(raw.get("method", "GET")),
        url=_filled(str(raw.get("url", "")), values),
        headers=dict(line.split(": ", 1) for line in lines if ": " in line),
        body=_filled(str(raw.get("rawModeData") or ""), values),
    )


def _v2(
    item: Mapping[str, Any], folders: tuple[str, ...], values: Mapping[str, str]
) -> PostmanRequest:
    raw = item["request"]
    if isinstance(raw, str):
        raw = {"method": "GET", "url": raw}
    url = raw.get("url", "")
    body = raw.get("body") or {}
    return PostmanRequest(
        name=str(item.get("name", "")),
        folders=folders,
        method=str(raw.get("method", "GET")),
        url=_filled(str(url.get("raw", "")) if isinstance(url, dict) else str(url), values),
        headers=_pairs(raw.get("header"), values),
        body=_filled(str(body.get("raw") or ""), values),
        form=_pairs(body.get("urlencoded"), values),
    )


def _pairs(raw: Any, values: Mapping[str, str]) -> dict[str, str]:
    """Read key/value rows, leaving out what is disabled."""
    if not isinstance(raw, list):
        return {}
    return {
        str(each["key"]): _filled(str(each.get("value", "")), values)
        for each in raw
        if isinstance(each, dict)
        and each.get("key")
        and not each.get("disabled")
        and each.get("enabled", True)
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Replace {{variables}} by values, and the variables in those; unknown ones stay."""
    for _ in range(10):  # a value may name itself
        replaced = VARIABLE.sub(lambda match: values.get(match[1].strip(), match[0]), text)
        if replaced == text:
            return text
        text = replaced
    return text


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


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
