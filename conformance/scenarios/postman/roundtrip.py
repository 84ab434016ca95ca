"""A scenario inside the folder that was made of it, so that an import gives the same one back.

It counts only while the requests of the folder are as they were exported: what somebody has changed
in Postman is read from the requests.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.core.json_text import loaded
from conformance.scenarios.model import Scenario

BLOCK: Final = re.compile(
    r"```bbps-conformance (?P<digest>[0-9a-f]{64})\n(?P<scenario>.*?)\n```", re.DOTALL
)


def described(scenario: Scenario, items: Iterable[Mapping[str, Any]]) -> str:
    """Return the description of a folder: the title, and the scenario itself."""
    content = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    content["area"] = scenario.area
    text = json.dumps(content, ensure_ascii=False)
    verifies = ", ".join(scenario.requirements)
    block = f"```bbps-conformance {digest(items)}\n{text}\n```"
    return f"{scenario.title}\n\nVerifies {verifies}.\n\n{block}"


def own(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the description of a folder that no scenario needs: the suite does the same itself."""
    title = "The users of the run are created, and every actor logs in."
    return f"{title}\n\n```bbps-conformance {digest(items)}\n{{}}\n```"


def originals(document: Any) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the scenarios that folders of a collection were made of, by the names of the folders.

    Empty for a folder that no scenario needs.
    """
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    waiting: list[tuple[Any, tuple[str, ...]]] = [(document, ())]
    while waiting:
        node, folders = waiting.pop()
        for each in _items(node):
            here = (*folders, str(each.get("name") or ""))
            scenario = original(each)
            if scenario is not None:
                found[here] = scenario
            elif "request" not in each:
                waiting.append((each, here))
    return found


def _items(node: Any) -> list[Mapping[str, Any]]:
    items = node.get("item") if isinstance(node, Mapping) else None
    return [each for each in items if isinstance(each, Mapping)] if isinstance(items, list) else []


def original(folder: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the scenario that a folder was made of; None without one, or if it has changed."""
    description = folder.get("description")
    if isinstance(description, Mapping):
        description = description.get("content")
    items = folder.get("item")
    found = BLOCK.search(description) if isinstance(description, str) else None
    if found is None or not isinstance(items, list):
        return None
    if not all(isinstance(each, Mapping) for each in items) or digest(items) != found["digest"]:
        return None
    try:
        content = loaded(found["scenario"])
        if content:
            Scenario.model_validate(content)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def digest(items: Iterable[Mapping[str, Any]]) -> str:
    """Return what differs between folders whose requests or scripts differ."""
    parts = []
    for item in items:
        request = item.get("request")
        request = request if isinstance(request, Mapping) else {}
        url, body = request.get("url"), request.get("body")
        body = body if isinstance(body, Mapping) else {}
        headers = [
            [each.get("key"), each.get("value"), bool(each.get("disabled"))]
            for each in request.get("header") or []
            if isinstance(each, Mapping)
        ]
        scripts = [
            [each.get("listen"), each.get("script", {}).get("exec")]
            for each in item.get("event") or []
            if isinstance(each, Mapping) and isinstance(each.get("script"), Mapping)
        ]
        forms = [
            [[each.get("key"), each.get("value"), bool(each.get("disabled"))] for each in fields]
            for kind in ("urlencoded", "formdata")
            if isinstance(fields := body.get(kind), list)
            and all(isinstance(each, Mapping) for each in fields)
        ]
        parts.append([
            item.get("name"), request.get("method"),
            url.get("raw") if isinstance(url, Mapping) else url,
            sorted(headers, key=str), body.get("raw"), forms, scripts,
        ])  # fmt: skip
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
