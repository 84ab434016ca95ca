"""Comparing contracts: a request may only widen, a response only narrow; and the commands."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.contracts import Contracts
from conformance.contracts.diff import compare, markdown

Edit = Callable[[dict[str, Any]], None]

FIELD = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "string", "maxLength": 5, "enum": ["x", "y"]},
        "b": {"type": ["integer", "null"], "minimum": 1},
    },
}


def document() -> dict[str, Any]:
    """A contract whose request and response have the same schema."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "/things"}],
        "paths": {
            "/_create": {
                "post": {
                    "operationId": "thing.create",
                    "parameters": [
                        {"name": "q", "in": "query", "required": False,
                         "schema": {"type": "string"}}
                    ],
                    "requestBody": {"required": True, "content": content},
                    "responses": {"200": {"description": "done", "content": answer}},
                }
            }
        },
        "components": {
            "schemas": {"Thing": copy.deepcopy(FIELD), "Answer": copy.deepcopy(FIELD)}
        },
    }  # fmt: skip


def change(name: str, edit: Edit) -> list[Any]:
    after = document()
    edit(after["components"]["schemas"][name])
    return compare(document(), after)


NARROWER: dict[str, Edit] = {
    "mandatory": lambda s: s["required"].append("b"),
    "shorter": lambda s: s["properties"]["a"].update(maxLength=4),
    "higher": lambda s: s["properties"]["b"].update(minimum=2),
    "fewer values": lambda s: s["properties"]["a"].update(enum=["x"]),
    "fewer types": lambda s: s["properties"]["b"].update(type="integer"),
    "pattern": lambda s: s["properties"]["a"].update(pattern="^x"),
    "closed": lambda s: s.update(additionalProperties=False),
}
WIDER: dict[str, Edit] = {
    "optional": lambda s: s.update(required=[]),
    "longer": lambda s: s["properties"]["a"].update(maxLength=6),
    "no limit": lambda s: s["properties"]["b"].pop("minimum"),
    "more values": lambda s: s["properties"]["a"]["enum"].append("z"),
    "more types": lambda s: s["properties"]["b"].update(type=["integer", "null", "string"]),
    "any type": lambda s: s["properties"]["b"].pop("type"),
}


def test_equal_documents_differ_in_nothing() -> None:
    assert compare(document(), document()) == []
    assert "No difference" in markdown([], "A", "B")


@pytest.mark.parametrize("edit", NARROWER.values(), ids=list(NARROWER))
def test_narrower_breaks_requests_only(edit: Edit) -> None:
    assert [each.breaking for each in change("Thing", edit)] == [True]
    assert [each.breaking for each in change("Answer", edit)] == [False]


@pytest.mark.parametrize("edit", WIDER.values(), ids=list(WIDER))
def test_wider_breaks_responses_only(edit: Edit) -> None:
    assert [each.breaking for each in change("Thing", edit)] == [False]
    assert [each.breaking for each in change("Answer", edit)] == [True]


@pytest.mark.parametrize("name", ["Thing", "Answer"])
def test_other_values_and_lost_fields_break_both(name: str) -> None:
    other = change(name, lambda s: s["properties"]["a"].update(enum=["x", "z"]))
    gone = change(name, lambda s: s["properties"].pop("b"))
    added = change(name, lambda s: s["properties"].update(c={"type": "string"}))
    assert [each.breaking for each in (*other, *gone, *added)] == [True, True, False]


def test_operations_and_their_names() -> None:
    moved, renamed, lost = document(), document(), document()
    moved["paths"] = {"/v2/_create": moved["paths"]["/_create"]}
    renamed["paths"]["/_create"]["post"]["operationId"] = "thing.make"
    lost["paths"] = {}
    for after, message in (
        (moved, "address"),
        (renamed, "operationId"),
        (lost, "operation removed"),
    ):
        (found,) = compare(document(), after)
        assert found.breaking
        assert found.what.startswith(message)
    (added,) = compare(lost, document())
    assert not added.breaking


def test_parameters() -> None:
    def after(**edit: Any) -> list[Any]:
        tree = document()
        tree["paths"]["/_create"]["post"]["parameters"][0].update(edit)
        return [(each.place, each.breaking) for each in compare(document(), tree)]

    assert after(required=True) == [("?q", True)]
    assert after(schema={"type": "integer"}) == [("?q", True)]
    assert after(name="r") == [("?q", True), ("?r", False)]


def test_statuses_and_media_types() -> None:
    tree = document()
    responses = tree["paths"]["/_create"]["post"]["responses"]
    responses["201"] = responses["200"]
    assert [each.breaking for each in compare(document(), tree)] == [True]
    assert [each.breaking for each in compare(tree, document())] == [False]
    tree = document()
    content = tree["paths"]["/_create"]["post"]["requestBody"]["content"]
    content["text/xml"] = {}
    assert [each.breaking for each in compare(document(), tree)] == [False]
    assert [each.breaking for each in compare(tree, document())] == [True]


def test_nullable_reference_is_no_alternative() -> None:
    after = document()
    schemas = after["components"]["schemas"]
    schemas["Thing"]["properties"]["b"] = {
        "anyOf": [{"$ref": "#/components/schemas/Number"}, {"type": "null"}]
    }
    schemas["Number"] = {"type": "integer", "minimum": 1}
    assert compare(document(), after) == []


def test_recursive_schemas_end() -> None:
    tree = document()
    tree["components"]["schemas"]["Thing"]["properties"]["b"] = {
        "$ref": "#/components/schemas/Thing"
    }
    assert compare(tree, copy.deepcopy(tree)) == []


def test_documents_of_schemas_only_are_compared_by_name() -> None:
    old, new = document(), document()
    old["paths"] = new["paths"] = {}
    assert compare(old, copy.deepcopy(old)) == []
    new["components"]["schemas"]["Thing"]["required"].append("b")
    new["components"]["schemas"]["Answer"]["required"] = []
    new["components"]["schemas"]["New"] = {}
    found = {(each.operation, each.what): each.breaking for each in compare(old, new)}
    assert found == {
        ("New", "schema added"): False,
        ("Thing", "mandatory (narrower)"): True,
        ("Answer", "optional (wider)"): True,
    }
    assert [each.what for each in compare(new, old) if each.operation == "New"] == [
        "schema removed"
    ]


def test_effective_differs_from_published(published: Contracts, effective: Contracts) -> None:
    found = compare(
        published.bundled("collection-services"), effective.bundled("collection-services")
    )
    text = markdown(found, "published", "effective")
    assert "| payment.create | response | 200 | status added |" in text
    assert (
        "POST /payments/_workflow → POST /collection-services/payments/{module}/_workflow" in text
    )


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ("contracts", *arguments))
    return result.exit_code, result.output


def test_commands_show_and_bundle(tmp_path: Path) -> None:
    assert "collection-services" in run("show")[1]
    assert "collection-05  applied" in run("show", "collection-services")[1]
    assert "common-01" in run("show", "common")[1]
    target = tmp_path / "bundle.yaml"
    assert run("bundle", "mdms", "--output", str(target)) == (0, "")
    assert run("diff", "mdms@effective", str(target))[0] == 0
    assert "/egov-mdms-service/v1" in run("bundle", "mdms")[1]


def test_command_diff_tells_by_its_exit_code() -> None:
    code, text = run("diff", "mdms@published", "mdms@effective")
    assert code == 1
    assert "## Breaking" in text


def test_file_compared_with_a_service_is_known_by_its_paths(tmp_path: Path) -> None:
    """A copy that names its operations otherwise, or not at all, differs in nothing."""
    tree = Contracts.load(form="published").bundled("mdms")
    del tree["paths"]["/_search"]["post"]["operationId"]
    copy_of_it = tmp_path / "copy.yaml"
    copy_of_it.write_text(json.dumps(tree), encoding="utf-8")
    assert run("diff", "mdms@published", str(copy_of_it)) == (
        0, f"# mdms@published → {copy_of_it}\n\nNo difference of structure.\n"
    )  # fmt: skip
    code, text = run("diff", str(copy_of_it), "mdms@effective")
    assert code == 1
    assert "| mdms.search | response | 200 | status added |" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "mail"),
        ("bundle", "mail"),
        ("bundle", "mdms", "--errata", "nonsense"),
        ("bundle", "mdms", "--output", "/nowhere/at/all.yaml"),
        ("diff", "mail@published", "mdms@published"),
        ("diff", "nowhere.yaml", "mdms@published"),
    ],
)
def test_commands_explain_mistakes(arguments: tuple[str, ...]) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert text.startswith("bbps-conformance: ")
    assert "Traceback" not in text
