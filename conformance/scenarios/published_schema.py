"""The JSON Schema of a scenario, for editors: what it refuses, the loader refuses, too.

pydantic describes types; what its validators require beyond them stands here, as far as a schema
can express it. What it cannot (a variable without a value), the loader alone refuses.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Final

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.requirements import Register
from conformance.scenarios.model import METHODS, Scenario
from conformance.scenarios.soundness import READERS

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
LINE: Final = r"^([!-~]([\t -~]*[!-~])?)?$"  # the value of a header
HEADER: Final = {
    "propertyNames": {
        "pattern": r"^[A-Za-z0-9!#$%&'*+.^_`|~{}-]+$",
        "not": {
            "pattern": "^([Cc]ontent-[Ll]ength|[Tt]ransfer-[Ee]ncoding|[Hh]ost|[Cc]onnection)$"
        },
    },
    "additionalProperties": {"type": "string", "pattern": LINE},
}
PATH: Final = r"^/(?!/)(?!(.*/)?\.\.?(/|$))[A-Za-z0-9/._~!$&'()*+,;=:@%{} -]*$"
ACTOR: Final = rf"^([A-Za-z0-9_-]+|{'|'.join(READERS)})$".replace(".", r"\.")
BODIES: Final = ("body", "form", "text", "file")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario."""
    found = Scenario.model_json_schema(by_alias=True)
    parts = found["$defs"]
    ids = {"type": "array", "items": {"enum": [each.id for each in Register.load()]}}
    found["properties"]["requirements"] |= ids
    parts["Expectation"]["properties"]["verifies"] |= ids
    parts["Expectation"] |= {"anyOf": _required(parts["Expectation"], but="verifies")}
    parts["RawCall"]["properties"]["method"]["pattern"] = _of_any_case(METHODS)
    parts["RawCall"]["properties"]["path"]["pattern"] = PATH
    for name in ("Step", "ControlCall"):
        _narrow_request(parts[name])
    step = parts["Step"]
    step["properties"]["call"] = {"enum": [*ENDPOINTS, None]}
    step["oneOf"] = [{"required": [each]} for each in ("call", "request")]
    step["dependentSchemas"] = {
        "content_type": {"anyOf": [{"required": [each]} for each in BODIES if each != "body"]}
    }
    step["allOf"] += [
        _not_both("given", "where"),
        _not_both("eventually", "never", {"minItems": 1}),
    ]
    parts["ControlCall"]["anyOf"] = _required(parts["ControlCall"], but="status")
    _everywhere(found, _closed)
    _everywhere(found, _plainly_described)
    return {"$schema": DRAFT, **found, "title": "A scenario of bbps-conformance"}


def _narrow_request(part: dict[str, Any]) -> None:
    """Say what a request may contain: one body, headers as HTTP has them, an actor."""
    properties = part["properties"]
    properties["headers"] |= HEADER
    for name, pattern in (("as", ACTOR), ("content_type", LINE)):
        for each in (properties[name], *properties[name].get("anyOf", ())):
            if each.get("type") == "string":
                each["pattern"] = pattern
    pairs = [*combinations(BODIES, 2), ("body", "content_type")]
    part["allOf"] = [{"not": {"required": [*pair]}} for pair in pairs]


def _required(part: dict[str, Any], *, but: str) -> list[dict[str, Any]]:
    return [{"required": [each]} for each in part["properties"] if each != but]


def _not_both(one: str, other: str, second: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return that two settings do not hold together."""
    holds = {one: {"const": True}, other: second or {"const": True}}
    return {"not": {"required": [one, other], "properties": holds}}


def _of_any_case(words: tuple[str, ...]) -> str:
    spelt = ("".join(f"[{each}{each.lower()}]" for each in word) for word in words)
    return f"^({'|'.join(spelt)})$"


def _closed(node: dict[str, Any]) -> None:
    """Let a mapping whose names have a form have no others."""
    if "patternProperties" in node:
        node["additionalProperties"] = False


def _plainly_described(node: dict[str, Any]) -> None:
    """Write a description in plain text: editors show its marks and its line breaks."""
    text = node.get("description")
    if isinstance(text, str):
        lines = (" ".join(each.split()) for each in text.replace("`", "'").split("\n\n"))
        node["description"] = "\n\n".join(lines)


def _everywhere(node: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """Change every object of a schema."""
    if isinstance(node, dict):
        change(node)
        for each in node.values():
            _everywhere(each, change)
    elif isinstance(node, list):
        for each in node:
            _everywhere(each, change)
