"""References of every form: what they lead to, and what is said of one that leads nowhere."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, read_bundle
from conformance.contracts.references import PUBLISHED
from conformance.contracts.schemas import references
from conformance.core.errors import SetupError

Load = Callable[..., list[str]]

# What every form leads to: a receipt needs a number of at least two characters.
RECEIPT = "{type: object, required: [number], properties: {number: {type: string, minLength: 2}}}"
WRONG = ["/number at least 2 characters"]
HEAD = {
    "2.0": "swagger: '2.0'\ninfo: {title: t, version: '1'}\nbasePath: /collection-services\n",
    "3.0": "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
    "servers: [{url: /collection-services}]\n",
    "3.1": "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
    "servers: [{url: /collection-services}]\n",
}
SHARED = {
    "2.0": f"swagger: '2.0'\ninfo: {{}}\npaths: {{}}\ndefinitions:\n  Receipt: {RECEIPT}\n"
    "  Alias: {$ref: '#/definitions/Receipt'}\n",
    "3.0": f"openapi: 3.0.0\ninfo: {{}}\npaths: {{}}\ncomponents:\n  schemas:\n"
    f"    Receipt: {RECEIPT}\n    Alias: {{$ref: '#/components/schemas/Receipt'}}\n",
    "3.1": f"openapi: 3.1.0\ninfo: {{}}\ncomponents:\n  schemas:\n"
    f"    Receipt: {RECEIPT}\n    Alias: {{$ref: '#/components/schemas/Receipt', title: x}}\n",
}


def operation(dialect: str, schema: str) -> str:
    """A document whose payments are answered with a schema."""
    answer = (
        f"schema: {schema}" if dialect == "2.0"
        else f"content: {{application/json: {{schema: {schema}}}}}"
    )  # fmt: skip
    return (
        f"{HEAD[dialect]}paths:\n  /payments/_create:\n    post:\n      responses:\n"
        f"        '200': {{description: d, {answer}}}\n"
    )


@pytest.fixture
def judged(tmp_path: Path) -> Load:
    """Write files, load the first, and return what is wrong with an answer."""

    def load(files: Mapping[str, str], body: Any = None, status: int = 200) -> list[str]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        given = {"collection-services": tmp_path / next(iter(files))}
        contracts = Contracts.load(form="published", documents=given)
        found = contracts.operations["payment.create"].check_response(
            status=status,
            media_type="application/json",
            body={"number": "1"} if body is None else body,
        )
        return [f"{each.pointer} {each.expected}" for each in found if each.severity == "failure"]

    return load


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "a whole file": ("receipt.yaml", {"receipt.yaml": RECEIPT}),
    "a file of JSON Schema": (
        "receipt.json#",
        {"receipt.json": '{"$id": "https://x.example/r", "$schema": "http://json-schema.org/x",'
                         ' "$ref": "#/$defs/R", "$defs": {"R": {"required": ["number"],'
                         ' "properties": {"number": {"minLength": 2}}}}}'},
    ),
    "a folder below": ("a/b/receipt.yaml#/R", {"a/b/receipt.yaml": f"R: {RECEIPT}"}),
    "relative to the file that names it": (
        "a/one.yaml#/One",
        {"a/one.yaml": "One: {$ref: '../b/two.yaml#/Two'}", "b/two.yaml": f"Two: {RECEIPT}"},
    ),
    "back into the first file": (
        "one.yaml#/One",
        {"one.yaml": "One: {$ref: 'main.yaml#/x-own'}"},
    ),
    "percent-encoded name of a file": ("my%20types.yaml#/R", {"my types.yaml": f"R: {RECEIPT}"}),
    "name of a file with a blank": ("my types.yaml#/R", {"my types.yaml": f"R: {RECEIPT}"}),
    "name of a file with a percent sign": ("50%25.yaml#/R", {"50%.yaml": f"R: {RECEIPT}"}),
    "backslashes": (".\\\\a\\\\t.yaml#/R", {"a/t.yaml": f"R: {RECEIPT}"}),
    "percent-encoded key": ("t.yaml#/Page%3CR%3E", {"t.yaml": f"'Page<R>': {RECEIPT}"}),
    "plain key that looks encoded": ("t.yaml#/a%20b", {"t.yaml": f"'a%20b': {RECEIPT}"}),
    "escaped key": ("t.yaml#/a~1b~0c", {"t.yaml": f"'a/b~c': {RECEIPT}"}),
    "a key with an encoded slash": ("t.yaml#/x/a%2Fb", {"t.yaml": f"x: {{a/b: {RECEIPT}}}"}),
    "a list": ("t.yaml#/x/1", {"t.yaml": f"x: [{{}}, {RECEIPT}]"}),
    "a property": (
        "t.yaml#/P/properties/receipt",
        {"t.yaml": f"P: {{properties: {{receipt: {RECEIPT}}}}}"},
    ),
    "a path": (
        "t.yaml#/paths/~1r/get/responses/200/content/text~1plain/schema",
        {
            "t.yaml": "paths:\n  /r:\n    get:\n      responses:\n        '200':\n"
            f"          content:\n            text/plain:\n              schema: {RECEIPT}\n"
        },
    ),
    "through another reference": (
        "t.yaml#/all/R",
        {"t.yaml": "all: {$ref: index.yaml}", "index.yaml": "R: {$ref: r.yaml}",
         "r.yaml": RECEIPT},
    ),
    "an anchor": ("t.yaml#receipt", {"t.yaml": f"x: {{$anchor: receipt, allOf: [{RECEIPT}]}}"}),
    "a copy of what stands at an address": (
        "https://x.example/any/types.yaml#/R", {"types.yaml": f"R: {RECEIPT}"}
    ),
    "a file of our name": ("common.yaml#/R", {"common.yaml": f"R: {RECEIPT}"}),
    "a file with a name like ours": ("a-common.yaml#/R", {"a-common.yaml": f"R: {RECEIPT}"}),
    "the words of another dialect": ("t.yaml#/definitions/Receipt", {"t.yaml": SHARED["3.0"]}),
}  # fmt: skip


@pytest.mark.parametrize("dialect", HEAD)
@pytest.mark.parametrize(("reference", "files"), FORMS.values(), ids=list(FORMS))
def test_reference_leads_to_its_schema(
    judged: Load, dialect: str, reference: str, files: dict[str, str]
) -> None:
    main = operation(dialect, f'{{$ref: "{reference}"}}') + f"x-own: {RECEIPT}\n"
    assert judged({"main.yaml": main, **files}) == WRONG
    assert judged({"main.yaml": main, **files}, {"number": "12"}) == []


@pytest.mark.parametrize("theirs", SHARED)
@pytest.mark.parametrize("ours", HEAD)
def test_dialects_side_by_side(judged: Load, ours: str, theirs: str) -> None:
    kind = "definitions" if theirs == "2.0" else "components/schemas"
    main = operation(ours, f"{{$ref: 'types.yaml#/{kind}/Alias'}}")
    assert judged({"main.yaml": main, "types.yaml": SHARED[theirs]}) == WRONG


def test_each_file_is_read_in_its_own_dialect(judged: Load) -> None:
    """`exclusiveMinimum: true` is 2.0, and beside a reference counts what 3.1 says only."""
    types = (
        "swagger: '2.0'\ndefinitions:\n"
        "  Less: {type: integer, minimum: 3, exclusiveMinimum: true, x-nullable: true}\n"
        "  Same: {$ref: '#/definitions/Less', maximum: 5}\n"
    )
    for dialect, limited in (("3.0", False), ("3.1", True)):
        schema = "{$ref: 'types.yaml#/definitions/Same', maximum: 7}"
        files = {"main.yaml": operation(dialect, schema), "types.yaml": types}
        assert judged(files, 3) == [" more than 3"]
        assert judged(files, 6) == []
        assert judged(files, 8) == ([" at most 7"] if limited else [])


PAGE = """
$id: https://city.example/schemas/page
$dynamicAnchor: page
required: [items]
properties:
  items: {type: array, items: {$dynamicRef: '#entry'}}
  next: {$dynamicRef: '#page'}
$defs:
  any: {$dynamicAnchor: entry}
"""
PAGES = f"""
components:
  schemas:
    Page: {{$ref: page.yaml}}
    Receipts:
      $id: https://city.example/schemas/receipts
      $ref: REFERENCE
      $defs: {{receipt: {{$dynamicAnchor: entry, allOf: [{RECEIPT}]}}}}
    Both:
      properties:
        receipts: {{$ref: '#/components/schemas/Receipts'}}
        anything: {{$ref: '#/components/schemas/Page'}}
"""


@pytest.mark.parametrize("reference", ["page", "https://city.example/schemas/page", "page.yaml"])
def test_a_dynamic_reference_depends_on_the_way(judged: Load, reference: str) -> None:
    """The same page of entries: of receipts on the one way, of anything on the other."""
    main = operation("3.1", "{$ref: '#/components/schemas/Both'}") + PAGES
    main = main.replace("REFERENCE", f"'{reference}'")
    if reference != "page.yaml":  # all in one file
        main = main.replace("{$ref: page.yaml}", PAGE.replace("\n", "\n      "))
    files = {"main.yaml": main, "page.yaml": PAGE}
    wrong = {"items": [{"number": "1"}]}
    assert judged(files, {"receipts": wrong}) == ["/receipts/items/0/number at least 2 characters"]
    assert judged(files, {"receipts": {"items": [], "next": wrong}}) == [
        "/receipts/next/items/0/number at least 2 characters"
    ]
    assert judged(files, {"anything": wrong}) == []
    assert judged(files, {"anything": {}}) == ["/anything/items the field items"]


def test_a_tree_refers_to_itself_by_its_anchor(judged: Load) -> None:
    schema = (
        "{$dynamicAnchor: node, required: [number], properties: "
        "{parts: {items: {$dynamicRef: '#node', minProperties: 1}}}}"
    )
    main = operation("3.1", schema)
    answer = {"number": 1, "parts": [{"number": 2, "parts": [{"x": 3}]}]}
    assert judged({"main.yaml": main}, answer) == ["/parts/0/parts/0/number the field number"]


def test_a_dynamic_reference_that_leads_nowhere_is_named(judged: Load) -> None:
    with pytest.raises(SetupError, match=r"line 8: \$ref #entry: there is nothing"):
        judged({"main.yaml": operation("3.1", "{$dynamicRef: '#entry'}")})


FRAGMENTS = {
    "path item": ("paths: {/payments/_create: {$ref: p.yaml}}", "post: OPERATION"),
    "paths": ("paths: {$ref: p.yaml}", "/payments/_create: {post: OPERATION}"),
    "operation": ("paths: {/payments/_create: {post: {$ref: p.yaml}}}", "OPERATION"),
    "responses": (
        "paths: {/payments/_create: {post: {responses: {$ref: p.yaml}}}}",
        "'200': {$ref: answer.yaml}",
    ),
    "response": (
        "paths: {/payments/_create: {post: {responses: {'200': {$ref: p.yaml}}}}}",
        "$ref: answer.yaml",
    ),
}


@pytest.mark.parametrize("dialect", HEAD)
@pytest.mark.parametrize(("main", "part"), FRAGMENTS.values(), ids=list(FRAGMENTS))
def test_parts_of_a_contract_in_files_of_their_own(
    judged: Load, dialect: str, main: str, part: str
) -> None:
    schema = "{$ref: schemas/receipt.yaml}"
    answer = (
        f"description: d\nschema: {schema}\n" if dialect == "2.0"
        else f"description: d\ncontent: {{'*/*': {{schema: {schema}}}}}\n"
    )  # fmt: skip
    files = {
        "main.yaml": f"{HEAD[dialect]}{main}\n",
        "p.yaml": part.replace("OPERATION", "{responses: {'200': {$ref: answer.yaml}}}"),
        "answer.yaml": answer,
        "schemas/receipt.yaml": "{allOf: [{$ref: ../more/receipt.yaml}]}",
        "more/receipt.yaml": RECEIPT,
    }
    assert judged(files) == WRONG


def test_own_fields_of_a_path_item_win_over_those_referred_to(judged: Load) -> None:
    other = f"{{responses: {{'200': {{description: d, schema: {RECEIPT}}}}}}}"
    main = (
        f"{HEAD['2.0']}paths:\n  /payments/_create:\n    $ref: '#/x-item'\n"
        f"    post: {other}\nx-item: {{post: {{responses: {{'201': {{description: d}}}}}}}}\n"
    )
    assert judged({"main.yaml": main}) == WRONG


CIRCLES = {
    "fields": "A: {properties: {a: {$ref: '#/components/schemas/A'}, number: {type: integer}}}",
    "two schemas": "A: {properties: {b: {$ref: '#/components/schemas/B'}, number: {type: integer}}}"
    "\n    B: {type: array, items: {$ref: '#/components/schemas/A'}}",
    "all of itself": "A: {allOf: [{$ref: '#/components/schemas/A'},"
    " {properties: {number: {type: integer}}}]}",
    "one of its own kinds": "A: {required: [kind], discriminator: {propertyName: kind}, oneOf: "
    "[{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}],"
    " properties: {number: {type: integer}}}"
    "\n    B: {allOf: [{$ref: '#/components/schemas/A'}, {properties: {b: {type: string}}}]}"
    "\n    C: {allOf: [{$ref: '#/components/schemas/A'}, {properties: {c: {type: string}}}]}",
}


@pytest.mark.parametrize("schemas", CIRCLES.values(), ids=list(CIRCLES))
def test_circles_of_schemas_judge(judged: Load, tmp_path: Path, schemas: str) -> None:
    from conformance.contracts.diff import compare

    main = operation("3.0", "{$ref: '#/components/schemas/A'}")
    files = {"main.yaml": f"{main}components:\n  schemas:\n    {schemas}\n"}
    assert "/number a whole number" in judged(files, {"number": "x", "kind": "B"})
    assert judged(files, {"number": 1, "kind": "B"}) == []
    bundle = read_bundle(tmp_path / "main.yaml")
    assert compare(bundle, bundle) == []
    assert compare(bundle, Contracts.load().bundled("collection-services"))


RAW = "https://raw.githubusercontent.com/egovernments"
ADDRESSES = (
    f"{RAW}/egov-services/master/docs/common/contracts/v1-0-0.yml",
    f"{RAW}/egov-services/some_branch/docs/common/contracts/v1-1-1.yml",
    f"{RAW}/DIGIT-OSS/abc123/core-services/docs/common-contract_v1-1.yml",
    f"{RAW}/DIGIT-OSS/master/core-services/docs/common-contract.yml",
    f"{RAW}/DIGIT-Specs/dev/Common%20Services/common-contract.yaml",
    "https://github.com/egovernments/x/blob/y/Common Services/common-contract.yaml?raw=true",
    "common-contract.yml",
    "../docs/common-contract-v1-0-0.yml",
    "./common.yaml",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("pointer", ["/definitions/", "/components/schemas/"])
@pytest.mark.parametrize("name", ["ErrorRes", "Pagination"])
def test_the_common_contract_is_ours_wherever_it_is_published(
    judged: Load, address: str, pointer: str, name: str
) -> None:
    main = operation("2.0", f'{{$ref: "{address}#{pointer}{name}"}}')
    assert judged({"main.yaml": main}, {"limit": "x", "Errors": "x"})


def test_only_names_that_are_published_are_ours() -> None:
    pattern = PUBLISHED["common.yaml"]
    for name in ("city-common.yaml", "common.yaml", "my-common-contract.yaml", "v1-0-0.yml"):
        assert not pattern.search(f"https://city.example/{name}")


BROKEN = {
    "a good one of the same name before": (
        "common-contract.yaml#/definitions/ErrorRes", "https://x.example/ErrorRes.yaml",
        "nothing is fetched from the network; save that document in the same folder",
    ),
    "an address that we know": (
        "t.yaml#/R", "https://x.example/common-contract.yaml#/definitions/Nothing",
        "has no /definitions/Nothing; save that document in the same folder",
    ),
    "a file": ("t.yaml#/R", "gone/t.yaml#/R", "there is no such file here"),
    "a place in a file": ("t.yaml#/R", "t.yaml#/R/properties/gone", "t.yaml has no /R/prop"),
    "a file of their own, though ours has it": (
        "t.yaml#/R", "common.yaml#/components/schemas/Error", "common.yaml has no /components",
    ),
    "a place in the document": ("t.yaml#/R", "#/gone", "nothing at this place in the file"),
    "itself": ("t.yaml#/R", "#/x-loop/below", "refers to itself"),
    "a circle of files": ("t.yaml#/R", "loop.yaml", "refers to itself"),
    "an address that is none": ("t.yaml#/R", "http://[x#/R", "nothing is fetched"),
    "a name too long for a file": ("t.yaml#/R", f"{'x' * 300}.yaml", "no such file"),
    "what is no object": ("t.yaml#/R", "secret.txt", "there is no object at this place"),
    "a folder": ("t.yaml#/R", "..", "no such file"),
}  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "reason"), BROKEN.values(), ids=list(BROKEN))
def test_the_reference_that_failed_is_named(judged: Load, good: str, bad: str, reason: str) -> None:
    main = operation("3.0", f"{{$ref: '{good}'}}")
    main += (
        f"        '400': {{description: d, content: {{'*/*': {{schema: {{$ref: '{bad}'}}}}}}}}\n"
    )
    main += "x-loop: {$ref: '#/x-loop/below'}\n"
    files = {"main.yaml": main, "t.yaml": f"R: {RECEIPT}", "common.yaml": "{}",
             "secret.txt": "a password",
             "loop.yaml": "$ref: circle.yaml", "circle.yaml": "$ref: loop.yaml"}  # fmt: skip
    with pytest.raises(SetupError) as caught:
        judged(files)
    assert reason in str(caught.value)
    if "circle" not in bad and "loop" not in bad:
        line = next(number for number, text in enumerate(main.splitlines(), 1) if bad in text)
        assert f"main.yaml, line {line}: $ref {bad}" in str(caught.value)


def test_two_files_of_one_name_are_two(judged: Load, tmp_path: Path) -> None:
    schema = "{allOf: [{$ref: a/t.yaml#/R}, {$ref: b/t.yaml#/R}]}"
    files = {
        "main.yaml": operation("3.0", schema),
        "a/t.yaml": "R: {maxProperties: 0}",
        "b/t.yaml": "R: {minProperties: 9}",
    }
    assert len(judged(files)) == 2
    bundle = read_bundle(tmp_path / "main.yaml")
    assert all(each.startswith("#/components/schemas/") for each in references(bundle))
    assert {"t.R", "t.R-2"} <= bundle["components"]["schemas"].keys()


def test_a_chain_without_end_is_refused(judged: Load) -> None:
    chain = "".join(f"  s{n}: {{$ref: '#/x-all/s{n + 1}/x'}}\n" for n in range(600))
    main = operation("3.0", "{$ref: '#/x-all/s0'}") + f"x-all:\n{chain}  s600: {{x: {{}}}}\n"
    with pytest.raises(SetupError, match="or without end"):
        judged({"main.yaml": main})


def test_a_long_chain_is_followed(judged: Load) -> None:
    chain = "".join(f"  s{n}: {{$ref: '#/x-all/s{n + 1}'}}\n" for n in range(600))
    main = operation("3.0", "{$ref: '#/x-all/s0'}") + f"x-all:\n{chain}  s600: {RECEIPT}\n"
    assert judged({"main.yaml": main}) == WRONG


def test_what_an_example_says_is_no_reference(judged: Load) -> None:
    schema = (
        "{example: {$ref: nowhere.yaml}, properties: {$ref: {type: string}}, default: {$ref: x}}"
    )
    assert judged({"main.yaml": operation("3.0", schema)}, {"$ref": 1}) == ["/$ref a text"]
