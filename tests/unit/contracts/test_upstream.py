"""Our published forms compared with the files as published: no difference but those listed.

Skips where the published files are there is no such file here.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, read_bundle
from conformance.contracts.documents import METHODS, Tree
from conformance.contracts.schemas import pointed
from conformance.core.errors import SetupError

ROOT = Path(__file__).parents[3]
FOLDER = Path(
    os.environ.get("PUBLISHED_CONTRACTS") or ROOT.parent / "shared/digit/upstream/contracts"
)
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the published files are there is no such file here"
)

FILES = {
    "collection-services": "collection-services-V-2-0.yml",
    "pg-service": "egov-pg-contract.yml",
    "billing-service": "billing-service-V-2.0.yml",
    "user": "egov-user-contract.yml",
    "access-control": "access-control-contract.yml",
    "mdms": "mdms-contract.yml",
}
# What has to be mended before a published file can be read at all: pattern and replacement.
MENDED = {
    "billing-service": (r"(?m)^/bill", "  /bill"),
    "access-control": (r"#/definitions/TenantRole", "#/definitions/Role"),
}
# Differences on purpose: place (pattern), and why ours differs.
LISTED = [
    (r"mdms: servers", "the published base path holds a blank and a placeholder"),
    (r"user: .*/sort/schema/default", "the published default is empty"),
]
WORDS = {"description", "summary", "title", "tags", "contact", "operationId", "examples"}


def mended(service: str, folder: Path) -> Path:
    """The published file, with what makes it unreadable put right."""
    path = FOLDER / FILES[service]
    if service not in MENDED:
        return path
    pattern, replacement = MENDED[service]
    copy = folder / path.name
    copy.write_text(
        re.sub(pattern, replacement, path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    return copy


def operations_of(tree: Tree) -> dict[str, Any]:
    """Each operation by name, with every reference followed and every word left out."""
    return {
        item[method]["operationId"]: _bare(item[method], tree, ())
        for item in tree["paths"].values()
        for method in METHODS
        if "operationId" in item.get(method, {})
    }


def _bare(node: Any, tree: Tree, open_references: tuple[str, ...], *, fields: bool = False) -> Any:
    if isinstance(node, list):
        return [_bare(each, tree, open_references) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and not fields:
        reference = node["$ref"]
        if reference in open_references:
            return reference.rpartition(".")[2]
        return _bare(pointed(tree, reference), tree, (*open_references, reference))
    return {
        key: _bare(value, tree, open_references, fields=key in {"properties", "responses"})
        for key, value in node.items()
        if fields or key not in WORDS
    }


def unlike(ours: Any, theirs: Any, place: str) -> list[str]:
    """Places where two structures differ; lists of parameters are compared by name."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            found
            for key in sorted({*ours, *theirs})
            for found in (
                unlike(ours[key], theirs[key], f"{place}/{key}")
                if key in ours and key in theirs
                else [f"{place}/{key}"]
            )
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and _named(ours) and _named(theirs):
        return unlike({each["name"]: each for each in ours},
                      {each["name"]: each for each in theirs}, place)  # fmt: skip
    return [] if ours == theirs else [place]


def _named(items: list[Any]) -> bool:
    return all(isinstance(each, dict) and "name" in each for each in items)


@pytest.mark.parametrize("service", FILES)
def test_published_forms_are_equal(service: str, tmp_path: Path, published: Contracts) -> None:
    given = Contracts.load(form="published", documents={service: mended(service, tmp_path)})
    theirs, ours = given.bundled(service), published.bundled(service)
    known, stated = operations_of(theirs), operations_of(ours)

    differences = unlike(ours["servers"], theirs["servers"], f"{service}: servers")
    for name in stated.keys() & known.keys():
        differences += unlike(stated[name], known[name], f"{service}: {name}")
    unexplained = [
        each for each in differences if not any(re.match(pattern, each) for pattern, _ in LISTED)
    ]
    assert unexplained == []
    bound = {each.name for each in published.operations.values() if each.document is not None}
    assert known.keys() & published.operations.keys() == stated.keys() & bound


def test_common_objects_are_equal(published: Contracts) -> None:
    theirs = read_bundle(FOLDER / "common-contract-v1-0-0.yml")["components"]["schemas"]
    ours = published.bundled("collection-services")["components"]["schemas"]
    for name in ("RequestInfo", "ResponseInfo", "ErrorRes", "AuditDetails", "Role", "User"):
        one = _bare(ours[f"common.{name}"], {"components": {"schemas": ours}}, ())
        other = _bare(theirs[name], {"components": {"schemas": theirs}}, ())
        assert unlike(one, other, name) == []


@pytest.mark.parametrize("service", ["collection-services", "pg-service"])
def test_errata_on_the_published_file_give_our_effective_contract(
    service: str, effective: Contracts
) -> None:
    given = Contracts.load(documents={service: FOLDER / FILES[service]})
    ours, theirs = operations_of(effective.bundled(service)), operations_of(given.bundled(service))
    assert unlike(ours, theirs, service) == []
    assert given.idle_errata == effective.idle_errata


def test_file_that_is_no_yaml_is_named_with_its_line() -> None:
    with pytest.raises(
        SetupError, match=r"billing-service-V-2\.0\.yml, line 212, column \d+: not YAML"
    ):
        Contracts.load(documents={"billing-service": FOLDER / FILES["billing-service"]})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.name)
def test_published_files_can_be_read(path: Path) -> None:
    """All but the one that is no YAML, whatever they refer to."""
    if path.name != FILES["billing-service"]:
        assert read_bundle(path)["components"]


@pytest.mark.parametrize("service", sorted(FILES.keys() - {"billing-service"}))
def test_published_files_judge(service: str) -> None:
    given = Contracts.load(documents={service: FOLDER / FILES[service]})
    judged = [each for each in given.operations.values() if each.service == service]
    for operation in judged:
        operation.compile()
    assert any(each.document for each in judged)


def test_no_sentence_is_copied(published: Contracts) -> None:
    """Descriptions are our own: none of six words or more stands in a published file."""
    whole = " ".join(
        " ".join(path.read_text(encoding="utf-8").split()).lower() for path in FOLDER.glob("*.yml")
    )
    for service in FILES:
        for text in _texts(published.bundled(service)):
            message = " ".join(text.split()).lower().rstrip(".")
            assert len(message.split()) < 6 or message not in whole, text


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node[key] for key in ("description", "summary") if isinstance(node.get(key), str)]
        return own + [text for value in node.values() for text in _texts(value)]
    return [text for item in node for text in _texts(item)] if isinstance(node, list) else []
