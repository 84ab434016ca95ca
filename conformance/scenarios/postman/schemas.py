"""What a JSON Schema in a script requires of a value, as far as assertions say it."""

from collections.abc import Iterator
from typing import Any, Final

from conformance.scenarios.postman.symbols import Assertion, InBody, Regex

DEEPEST: Final = 20
# Keywords that require nothing.
WORDS: Final = frozenset(
    {"$schema", "$id", "id", "title", "description", "examples", "default", "format", "$comment"}
)
BOUNDS: Final = {
    "minimum": "least", "maximum": "most", "exclusiveMinimum": "above", "exclusiveMaximum": "below",
}  # fmt: skip
REST: Final = "schema"  # a verb that no expectation says


def assertions_of(value: InBody, schema: Any, depth: int = 0) -> Iterator[Assertion]:
    """Yield what a schema requires; with the verb REST what assertions do not say."""
    if not isinstance(schema, dict) or depth > DEEPEST:
        yield Assertion(value, REST)
        return
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    for keyword, content in schema.items():
        if keyword == "type" and isinstance(content, str):
            yield Assertion(value, "type", content)
        elif keyword in BOUNDS and isinstance(content, int | float):
            yield Assertion(value, BOUNDS[keyword], content)
        elif keyword == "enum" and isinstance(content, list):
            yield Assertion(value, "one of", content)
        elif keyword == "const":
            yield Assertion(value, "equals", content)
        elif keyword == "pattern" and isinstance(content, str):
            yield Assertion(value, "matches", Regex(content))
        elif keyword == "additionalProperties" and content is not False:
            continue
        elif keyword not in WORDS | {"required", "properties"}:
            yield Assertion(value, REST)
    for name in names:
        inner = InBody((*value.path, str(name)))
        if known.get(name):
            yield from assertions_of(inner, known[name], depth + 1)
        else:
            yield Assertion(inner, "present")
    if any(each and name not in names for name, each in known.items()):
        yield Assertion(value, REST)  # of what need not be there
