"""Documents of OpenAPI 2.0 and 3.0 converted to 3.1. Nothing is corrected on the way."""

import copy
from typing import Any, Final

from conformance.contracts.documents import METHODS, Document, Tree
from conformance.contracts.schemas import rebuilt, with_schemas

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
# What a 2.0 parameter says besides its schema; everything else belongs to the schema.
PARAMETER_KEYS: Final = {"name", "in", "required", "description", "collectionFormat"}
STYLES: Final[dict[str, Tree]] = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
}


def converted(document: Document) -> Tree:
    """Return the document's tree in OpenAPI 3.1, as a copy of its own."""
    tree = copy.deepcopy(document.tree)
    match document.dialect:
        case "2.0":
            return _Swagger(tree).converted()
        case "3.0":
            return {**with_schemas(tree, _modern), "openapi": "3.1.0"}
        case _:
            return tree


def local(reference: str) -> str:
    """Return where a local reference of a 2.0 document points in 3.1."""
    for old, new in (("definitions", "schemas"), ("parameters", "parameters"),
                     ("responses", "responses")):  # fmt: skip
        if reference.startswith(f"#/{old}/"):
            return reference.replace(f"#/{old}/", f"#/components/{new}/", 1)
    return reference


class _Swagger:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.consumes = list(tree.get("consumes") or [JSON])
        self.produces = list(tree.get("produces") or [JSON])
        self.bodies = {
            name for name, each in (tree.get("parameters") or {}).items() if each["in"] == "body"
        }

    def converted(self) -> Tree:
        parameters = self.tree.get("parameters") or {}
        components = {
            "schemas": self._schemas(self.tree.get("definitions") or {}),
            "parameters": {
                name: self._parameter(each)
                for name, each in parameters.items()
                if name not in self.bodies
            },
            "requestBodies": {name: self._body(parameters[name]) for name in sorted(self.bodies)},
            "responses": {
                name: self._response(each)
                for name, each in (self.tree.get("responses") or {}).items()
            },
        }
        return {
            "openapi": "3.1.0",
            "info": self.tree["info"],
            "servers": [{"url": self.tree.get("basePath") or "/"}],
            "paths": {path: self._item(item) for path, item in self.tree["paths"].items()},
            "components": {kind: each for kind, each in components.items() if each},
        }

    def _schemas(self, definitions: Tree) -> Tree:
        return {name: _modern(_relocated(each)) for name, each in definitions.items()}

    def _item(self, item: Tree) -> Tree:
        shared = item.get("parameters") or []
        return {
            method: self._operation(item[method], shared) for method in METHODS if method in item
        }

    def _operation(self, operation: Tree, shared: list[Tree]) -> Tree:
        kept: Tree = {
            key: operation[key]
            for key in ("operationId", "summary", "description", "tags", "deprecated")
            if key in operation
        }
        parameters, forms = [], []
        for each in [*shared, *(operation.get("parameters") or [])]:
            if self._is_body(each):
                kept["requestBody"] = self._body(each)
            elif each.get("in") == "formData":
                forms.append(each)
            else:
                parameters.append(self._parameter(each))
        if forms:
            kept["requestBody"] = self._form(forms)
        if parameters:
            kept["parameters"] = parameters
        kept["responses"] = {
            str(status): self._response(each)
            for status, each in (operation.get("responses") or {}).items()
        }
        return kept

    def _is_body(self, parameter: Tree) -> bool:
        reference = parameter.get("$ref", "")
        name = reference.rpartition("/")[2]
        return (
            parameter.get("in") == "body"
            or "#/components/requestBodies/" in reference
            or (reference.startswith("#/parameters/") and name in self.bodies)
        )

    def _body(self, parameter: Tree) -> Tree:
        if "$ref" in parameter:
            reference = parameter["$ref"].replace("#/parameters/", "#/components/requestBodies/")
            return {"$ref": reference}
        schema = _modern(_relocated(parameter.get("schema") or {}))
        body: Tree = {
            "required": bool(parameter.get("required")),
            "content": {each: {"schema": schema} for each in self.consumes},
        }
        return _described(body, parameter)

    def _form(self, fields: list[Tree]) -> Tree:
        schema: Tree = {
            "type": "object",
            "properties": {each["name"]: self._parameter(each)["schema"] for each in fields},
        }
        required = [each["name"] for each in fields if each.get("required")]
        if required:
            schema["required"] = required
        return {"required": bool(required), "content": {FORM: {"schema": schema}}}

    def _parameter(self, parameter: Tree) -> Tree:
        if "$ref" in parameter:
            return {"$ref": local(parameter["$ref"])}
        schema = {key: value for key, value in parameter.items() if key not in PARAMETER_KEYS}
        schema.pop("allowEmptyValue", None)
        modern: Tree = {
            "name": parameter["name"],
            "in": parameter["in"],
            "required": bool(parameter.get("required")),
        }
        if parameter.get("type") == "array":
            modern |= STYLES.get(parameter.get("collectionFormat", "csv"), {})
        return _described({**modern, "schema": _modern(_relocated(schema))}, parameter)

    def _response(self, response: Tree) -> Tree:
        if "$ref" in response:
            return {"$ref": local(response["$ref"])}
        modern: Tree = {"description": str(response.get("description", ""))}
        if "schema" in response:
            schema = _modern(_relocated(response["schema"]))
            modern["content"] = {each: {"schema": schema} for each in self.produces}
        return modern


def _described(node: Tree, source: Tree) -> Tree:
    return {**node, "description": source["description"]} if "description" in source else node


def _relocated(schema: Any) -> Any:
    def move(each: Tree) -> Tree:
        return {**each, "$ref": local(each["$ref"])} if "$ref" in each else each

    return rebuilt(schema, move)


def _modern(schema: Any) -> Any:
    """Say a schema of 2.0 or 3.0 in the words of 2020-12; `nullable` is left for later."""
    return rebuilt(schema, _modern_keywords)


def _modern_keywords(schema: Tree) -> Tree:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    return schema
