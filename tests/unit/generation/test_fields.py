"""Requests in which several fields have other values: valid, distinct, the same for a seed."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, Operation
from conformance.contracts.conversion import JSON
from conformance.contracts.effects import NOWHERE
from conformance.generation import OPERATIONS
from conformance.generation.cases import CaseSource, GeneratedCase
from conformance.generation.fields import MOST_CHANGES, MOST_PLACES, several_fields
from conformance.generation.plan import IDENTIFIERS
from tests.unit.generation.test_generation import MOVING, strings_at

COUNT = 40
NOTHING_TO_VARY = {"gateway.search"}


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture(scope="module")
def source(contracts: Contracts) -> CaseSource:
    return CaseSource(contracts, {"tenantId": "pb.amritsar"})


def mixed(
    source: CaseSource,
    contracts: Contracts,
    operation: str,
    bases: list[GeneratedCase],
    **how: int,
) -> list[GeneratedCase]:
    described = contracts.operations[operation]
    return list(several_fields(bases, described, source.pins, **how))


def bases_of(source: CaseSource, operation: str) -> list[GeneratedCase]:
    cases = source.boundaries(operation, 100, 0, valid=True)
    cases.sort(key=lambda case: case.size)
    return [cases[0], cases[-1]]


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - NOTHING_TO_VARY))
def test_all_are_valid_and_distinct(
    contracts: Contracts, source: CaseSource, operation: str
) -> None:
    bases = bases_of(source, operation)
    made = mixed(source, contracts, operation, bases, count=COUNT, seed=0)
    assert len(made) >= COUNT // 2
    assert len({case.key for case in made}) == len(made)
    for case in made:
        assert not case.broken_places(contracts.operations[operation])


def test_one_for_which_nothing_can_vary_gives_none(
    contracts: Contracts, source: CaseSource
) -> None:
    for operation in NOTHING_TO_VARY:
        bases = bases_of(source, operation)
        assert not mixed(source, contracts, operation, bases, count=COUNT, seed=0)


def test_without_a_base_there_are_none(contracts: Contracts, source: CaseSource) -> None:
    assert not mixed(source, contracts, "payment.search", [], count=COUNT, seed=0)


@pytest.mark.parametrize("operation", MOVING)
def test_chance_names_nothing_that_exists(
    contracts: Contracts, source: CaseSource, operation: str
) -> None:
    bases = bases_of(source, operation)
    made = mixed(source, contracts, operation, bases, count=COUNT, seed=0)
    assert made
    assert strings_at([[dict(case.query), case.body] for case in made], IDENTIFIERS) <= {NOWHERE}


def test_the_seed_decides(contracts: Contracts, source: CaseSource) -> None:
    bases = bases_of(source, "payment.search")
    first, again, other = (
        [case.key for case in mixed(source, contracts, "payment.search", bases, count=9, seed=seed)]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_several_fields_differ_and_not_more_than_allowed(
    contracts: Contracts, source: CaseSource
) -> None:
    bases = bases_of(source, "transaction.search")
    made = mixed(source, contracts, "transaction.search", bases, count=COUNT, seed=0)
    changed = [min(len(differing(base, case)) for base in bases) for case in made]
    assert 1 < max(changed) <= MOST_CHANGES


def differing(base: GeneratedCase, case: GeneratedCase) -> set[str]:
    """Return the names of the parameters that only one of two requests has, or has otherwise."""
    return {name for name, _ in {*base.query.items()} ^ {*case.query.items()}}


def test_lists_in_a_body_vary(contracts: Contracts, source: CaseSource) -> None:
    described = contracts.operations["access.authorize"]
    assert described.schema_of_body(JSON) == described.request_schema
    base = source.boundaries("access.authorize", 1, 0, valid=True)
    made = list(several_fields(base, described, source.pins, count=COUNT, seed=3))
    assert len({str(case.body) for case in made}) == len(made) > 1


def test_folder_stays_clean(
    tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = CaseSource(contracts, {})
    cases = made.boundaries("payment.search", 5, 0, valid=True)
    assert mixed(made, contracts, "payment.search", cases, count=5, seed=0)
    assert list(tmp_path.iterdir()) == []


def contract_with(folder: Path, properties: dict[str, Any]) -> Operation:
    """Return an operation whose body has some fields."""
    body = {"content": {JSON: {"schema": {"properties": properties}}}}
    create = {"requestBody": body, "responses": {"2XX": {"description": "d"}}}
    own = {"type": "array", "items": {"$ref": "#/components/schemas/Own"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/payments/_create": {"post": create}},
        "components": {"schemas": {"Own": own}},
    }
    path = folder / "given.json"
    path.write_text(json.dumps(document))
    given = Contracts.load(form="published", documents={"collection-services": path})
    return given.operations["payment.create"]


@pytest.mark.parametrize("name", ["date", "date-time", "uuid", "email"])
def test_formats_vary(tmp_path: Path, name: str) -> None:
    described = contract_with(tmp_path, {"field": {"type": "string", "format": name}})
    base = GeneratedCase(operation="payment.create", body={})
    made = list(several_fields([base], described, (), count=9, seed=0))
    assert len({case.body.get("field") for case in made}) > 5


def test_of_thousands_of_fields_some_vary(tmp_path: Path) -> None:
    described = contract_with(tmp_path, {f"f{n}": {"type": "integer"} for n in range(3000)})
    base = GeneratedCase(operation="payment.create", body={})
    made = list(several_fields([base], described, (), count=COUNT, seed=0))
    assert len(made) == COUNT
    names = {name for case in made for name in case.body}
    assert len(names) <= MOST_PLACES


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "string", "pattern": r"\p{L}+"},
        {"type": "string", "minLength": 5, "maxLength": 3},
        {"type": "integer", "minimum": 9, "maximum": 3},
        {"type": "number", "minimum": 0.2, "maximum": 0.8},
        {"type": "array", "items": {"type": "object"}},
        {"type": "array", "items": {"$ref": "#/components/schemas/Own"}},
        {"$ref": "#/components/schemas/Own"},
        {"enum": []},
        {"not": {}},
    ],
)
def test_what_cannot_be_drawn_is_left_alone(tmp_path: Path, odd: dict[str, Any]) -> None:
    plain = {"type": "integer", "minimum": 0.5, "maximum": 9.5}
    described = contract_with(tmp_path, {"plain": plain, "odd": odd})
    base = GeneratedCase(operation="payment.create", body={"plain": 1})
    made = list(several_fields([base], described, (), count=COUNT, seed=0))
    assert {case.body.get("plain", 1) for case in made} <= set(range(1, 10))
    assert not any(case.body.get("odd") for case in made)
    assert len(made) > 1
