"""The JSON Schema of profiles, for editors: what pydantic says, with the texts below the settings.

They are read here, from the source, and not by each command that only reads a profile.
"""

import ast
import inspect
import json
from itertools import pairwise
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from conformance.profile.target import Target

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def profile_schema() -> str:
    """Return the JSON Schema of profiles, as the shipped file holds it."""
    document = {
        "$schema": DRAFT,
        **Target.model_json_schema(schema_generator=_Described),
        "title": "Target profile of bbps-conformance",
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


class _Described(GenerateJsonSchema):
    """Gives each setting the text below it as its description."""

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().model_schema(schema)
        for setting, text in _texts_below(schema["cls"]).items():
            found["properties"][setting].setdefault("description", text)
        return found


def _texts_below(model: type) -> dict[str, str]:
    """Return the texts that stand right below settings of a model, by their names."""
    (stated,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(stated, ast.ClassDef)
    return {
        setting.target.id: inspect.cleandoc(below.value.value)
        for setting, below in pairwise(stated.body)
        if isinstance(setting, ast.AnnAssign)
        and isinstance(setting.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
