"""Objects of OpenAPI 2.0 and 3.0 in the words of 3.1. Nothing is corrected on the way."""

import copy
from typing import Final

from conformance.contracts.documents import Tree

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
FORMS: Final = (FORM, "multipart/form-data")
# What a 2.0 parameter says besides its schema; everything else belongs to the schema.
PARAMETER_KEYS: Final = {
    "name", "in", "required", "description", "collectionFormat", "allowEmptyValue"
}  # fmt: skip
STYLES: Final[dict[str, Tree]] = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
}


def servers_of(tree: Tree) -> list[Tree]:
    """Return the servers of a document of any dialect, variables written out."""
    if "swagger" in tree:
        return [{"url": tree.get("basePath") or "/"}]
    servers = []
    for server in filter(_is_mapping, tree.get("servers") or ()):
        url = str(server.get("url", ""))
        for name, variable in (server.get("variables") or {}).items():
            if _is_mapping(variable):
                url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
        kept = {key: each for key, each in server.items() if key != "variables"}
        servers.append({**copy.deepcopy(kept), "url": url})
    return servers


def _is_mapping(node: object) -> bool:
    return isinstance(node, dict)


def parameter_of(parameter: Tree) -> tuple[Tree, Tree]:
    """Return a 2.0 parameter other than a body: what is said of it, and its schema."""
    made: Tree = {
        "name": str(parameter.get("name")),
        "in": parameter.get("in"),
        "required": parameter.get("required") is True,
    }
    if parameter.get("type") == "array":
        made |= STYLES.get(str(parameter.get("collectionFormat", "csv")), {})
    if "description" in parameter:
        made["description"] = parameter["description"]
    return made, {key: each for key, each in parameter.items() if key not in PARAMETER_KEYS}


def schema_of(schema: Tree) -> Tree:
    """Say a schema in the words of 2020-12, in place; `nullable` is left for later."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    if isinstance(schema.get("required"), bool):  # of a parameter; a schema lists fields
        del schema["required"]
    if schema.get("type") == "file":
        del schema["type"]
    if isinstance(schema.get("type"), list):  # null without quotes
        schema["type"] = ["null" if each is None else each for each in schema["type"]]
    # A discriminator says which alternative is meant; a value may fit others as well.
    if "discriminator" in schema and "oneOf" in schema and "anyOf" not in schema:
        schema["anyOf"] = schema.pop("oneOf")
    return schema
