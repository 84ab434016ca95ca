"""Errata: each finds its target, says why and for whom; choosing and applying them."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.contracts import Contracts, Erratum, all_errata
from conformance.contracts.documents import read_document
from conformance.contracts.errata import LINEAGES, apply, chosen, merged, read_errata, select
from conformance.contracts.lifting import lift_operations
from conformance.contracts.loading import COMMON
from conformance.core.errors import SetupError
from conformance.core.resources import file

ERRATA = all_errata()
# Tables of known differences, by service: how many rows each has at least.
ROWS = {"collection": 67, "pg": 15, "billing": 8, "user": 3, "access": 2, "mdms": 3, "common": 1}


def published_tree(erratum: Erratum) -> dict[str, object]:
    """The tree that an erratum applies to, with nothing applied but what it builds on."""
    ours = Contracts.load(form="published")
    document = read_document(file("contracts", f"{erratum.service}.yaml"))
    tree = ours._linked(document)
    if erratum.service != COMMON:
        lift_operations(tree, erratum.service)
    return tree


@pytest.mark.parametrize("prefix", ROWS)
def test_every_row_of_the_tables_is_an_erratum(prefix: str) -> None:
    missing = [n for n in range(1, ROWS[prefix] + 1) if f"{prefix}-{n:02d}" not in ERRATA]
    assert not missing


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=lambda each: each.id)
def test_erratum_says_why_and_for_whom(erratum: Erratum) -> None:
    assert erratum.reason.endswith(".")
    assert erratum.lineages <= LINEAGES
    assert erratum.lineages


@pytest.mark.parametrize("service", sorted({each.service for each in ERRATA.values()}))
def test_every_action_finds_its_target_in_the_published_form(service: str) -> None:
    """Applied one after another, no action misses, except where an earlier one did its work."""
    errata = [each for each in ERRATA.values() if each.service == service]
    tree = published_tree(errata[0])
    missed = []
    for erratum in errata:
        for action in erratum.actions:
            if not select(tree, action.target):
                missed.append((erratum.id, action.target))
            apply(tree, [_only(erratum, action)])
    assert missed == []


def _only(erratum: Erratum, action: object) -> Erratum:
    return Erratum(
        id=erratum.id, service=erratum.service, reason=erratum.reason,
        lineages=erratum.lineages, actions=(action,),  # type: ignore[arg-type]
    )  # fmt: skip


def test_auto_is_everything_but_what_one_fork_alone_does() -> None:
    auto = chosen(ERRATA, "auto")
    assert "collection-05" in auto
    assert not [each for each in auto if "mseva" in each]


def test_ids_and_lineages_can_be_chosen() -> None:
    assert chosen(ERRATA, ["pg-04", "collection-05"]) == ("collection-05", "pg-04")
    assert "collection-mseva-1" in chosen(ERRATA, ["lineage:mseva"])
    assert "collection-36" not in chosen(ERRATA, ["lineage:mseva"])
    assert len(chosen(ERRATA, ["auto", "pg-mseva-1"])) == len(chosen(ERRATA, "auto")) + 1


@pytest.mark.parametrize("choice", ["all", ["collection-99"], ["lineage:nowhere"]])
def test_unknown_erratum_is_named(choice: str | list[str]) -> None:
    with pytest.raises(SetupError, match="contracts show"):
        Contracts.load(errata=choice)


def test_published_form_applies_none(published: Contracts) -> None:
    assert published.errata == ()
    assert "/_workflow" in published.bundled("collection-services")["paths"]


def test_one_erratum_alone() -> None:
    tree = Contracts.load(errata=["collection-05"]).bundled("collection-services")
    assert "200" in tree["paths"]["/_create"]["post"]["responses"]
    assert "201" in tree["paths"]["/_validate"]["post"]["responses"]


def test_fork_modes_are_selectable() -> None:
    stock, fork = (
        Contracts.load(errata=choice).bundled("collection-services")["components"]["schemas"]
        for choice in ("auto", "lineage:mseva")
    )
    assert "BBPS" not in stock["Payment"]["properties"]["paymentMode"]["enum"]
    assert "BBPS" in fork["Payment"]["properties"]["paymentMode"]["enum"]


TREE = {"a": {"b.c": [{"name": "x"}, {"name": "y", "v": [1, 2]}]}, "list": ["p", "q"]}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("$", 1),
        ("$.a", 1),
        ("$.a['b.c']", 1),
        ("$.a['b.c'][0]", 1),
        ("$.a['b.c'][*]", 2),
        ("$.a['b.c'][?@.name=='y'].v", 1),
        ("$.list[?@=='q']", 1),
        ("$.*", 2),
        ("$.nowhere.at.all", 0),
        ("$.list[7]", 0),
    ],
)
def test_targets(target: str, found: int) -> None:
    assert len(select(copy.deepcopy(TREE), target)) == found


def test_target_that_is_not_understood() -> None:
    with pytest.raises(SetupError, match="is not a JSONPath"):
        select({}, "$.[?(@.a > 1)]")


def test_merging_appends_to_lists_only_what_is_new() -> None:
    assert merged({"a": [1, 2], "b": 1}, {"a": [2, 3], "b": 2, "c": 3}) == {
        "a": [1, 2, 3], "b": 2, "c": 3,
    }  # fmt: skip
    assert merged([1], 2) == [1, 2]


def test_removing_several_entries_of_a_list() -> None:
    tree = {"list": [1, 2, 3]}
    apply(tree, [_built({"target": "$.list[*]", "remove": True})])
    assert tree == {"list": []}


def test_erratum_without_a_target_in_the_document_is_reported() -> None:
    assert apply({}, [_built({"target": "$.gone", "update": {}})]) == ["x-1"]


def _built(action: dict[str, object]) -> Erratum:
    from conformance.contracts.errata import Action

    return Erratum(
        id="x-1", service="mdms", reason="Because.", lineages=LINEAGES,
        actions=(Action(**action),),  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("overlay: 2.0.0\nactions: []\n", "line 1: .*overlay: 1.0.0"),
        ("overlay: 1.0.0\nactions: [{target: $}]\n", "line 2: actions.0.x-erratum: is missing"),
        ("overlay: 1.0.0\nactions: [{x-erratum: {id: a}}]\n", "line 2: actions.0.target: is"),
        (
            "overlay: 1.0.0\nactions: [{target: $, x-erratum: {id: a}}]\n",
            "line 2: .*erratum a has no reason",
        ),
        (
            "overlay: 1.0.0\nactions: [{target: $, x-erratum: "
            "{id: a, reason: r, lineages: [mars]}}]\n",
            'lineages.0: "mars" is none of',
        ),
        (
            "overlay: 1.0.0\nactions:\n- {target: $, x-erratum: {id: a, reason: r,\n"
            "   lineages: [mseva]}, update: 1,\n   update: 2}\n",
            "line 5: the key 'update' is given twice, first in line 4",
        ),
    ],
)
def test_overlay_with_a_mistake(text: str, message: str, written: Callable[[str], Path]) -> None:
    with pytest.raises(SetupError, match=message):
        read_errata(written(text), "mdms")
