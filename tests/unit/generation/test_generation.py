"""Generation: the same requests for a seed, within the budget, none that could move money."""

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from hypothesis.internal.charmap import charmap_file, intervals_from_codec
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from pydantic import SecretStr

from conformance.bbps.flow import Bbps
from conformance.client.client import Client
from conformance.client.policy import Policy
from conformance.client.response import Response
from conformance.contracts import Contracts
from conformance.contracts.effects import NOWHERE, Effect
from conformance.core.exchange import Exchange, SchemaViolation
from conformance.core.ledger import Ledger
from conformance.core.verdicts import Inconclusive
from conformance.generation import DEPTHS, OPERATIONS, Plan
from conformance.generation.campaign import Campaign
from conformance.generation.cases import CaseSource, GeneratedCase
from conformance.generation.counterexamples import search, shrink
from conformance.generation.plan import IDENTIFIERS
from conformance.generation.response_rules import failures_of, read_leniently
from conformance.profile.loading import load
from conformance.profile.target import Actor, Mode, Target
from conformance.run.embedded import default_profile

TENANT = "pb.amritsar"
MOVING = ("transaction.create", "transaction.update", "payment.create", "payment.workflow")


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture(scope="module")
def source(contracts: Contracts) -> CaseSource:
    return CaseSource(contracts, {"tenantId": TENANT})


def exchange(
    operation: str, status: int, *, conforms: bool, violations: tuple[SchemaViolation, ...] = ()
) -> Exchange:
    return Exchange(
        id="x1", check="c", operation=operation, actor="a", method="POST", url="u",
        request_headers={}, request_body="", status=status, response_headers={}, response_body="",
        started_at="", milliseconds=1, violations=violations, request_conforms=conforms,
    )  # fmt: skip


def response(
    status: int,
    *,
    conforms: bool = True,
    body: Any = None,
    violations: tuple[SchemaViolation, ...] = (),
) -> Response:
    exchanged = exchange("gateway.search", status, conforms=conforms, violations=violations)
    return Response(status=status, headers={}, body=body, text=str(body), exchange=exchanged)


def violation(side: str, expected: str, got: str, pointer: str = "/a/0/b") -> SchemaViolation:
    return SchemaViolation(side=side, pointer=pointer, expected=expected, got=got)


class Deployment:
    """Counts what would be sent; answers as set."""

    def __init__(self, responses: Callable[[dict[str, Any]], Response]) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        names = ("administrator", "cashier", "integrator")
        self.actors = {
            name: Actor(username=f"name of {name}", password=SecretStr(f"secret of {name}"))
            for name in names
        }
        self.check = "sample"
        self.target: Any = None
        self.policy: Any = None
        self.skew = 0
        self._answers = responses

    def token(self, actor: str) -> str:
        return f"token of {actor}"

    def actor(self, name: str) -> Actor:
        return self.actors[name]

    def last_act(self) -> None:
        return None

    def require(self, effect: Effect) -> None:
        if self.policy is not None:
            self.policy.require(effect)

    def call(self, operation: str, **parts: Any) -> Response:
        self.sent.append((operation, parts))
        return self._answers(parts)


def reference(mode: Mode) -> Target:
    changes = {"mode": mode, "clock_url": ""}
    return load(default_profile(), {}).target.model_copy(update=changes)


def campaign(
    contracts: Contracts, deployment: Deployment, plan: Plan, mode: Mode = Mode.FULL
) -> Campaign:
    """A campaign by the profile of the reference."""
    deployment.target = reference(mode)
    ledger = Ledger(Path(os.devnull), Decimal(1000))
    if deployment.policy is None:
        deployment.policy = Policy(deployment.target, ledger, unlocked=False)
    return Campaign(Bbps(cast(Client, deployment), "test"), contracts, plan)


def strings_at(node: Any, names: frozenset[str]) -> set[str]:
    found: set[str] = set()
    if isinstance(node, dict):
        found |= {value for key, value in node.items() if key in names and isinstance(value, str)}
        for value in node.values():
            found |= strings_at(value, names)
    elif isinstance(node, list):
        for item in node:
            found |= strings_at(item, names)
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_valid_cases(source: CaseSource, operation: str) -> None:
    assert source.boundaries(operation, 5, 0, valid=True)


@pytest.mark.parametrize("request_info", [False, True])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_invalid_cases_break_the_contract_in_one_place(
    contracts: Contracts, operation: str, request_info: bool
) -> None:
    """Two mistakes in one request would hide that one of them is not refused."""
    made = CaseSource(contracts, {"tenantId": TENANT}, request_info=request_info)
    described = contracts.operations[operation]
    cases = made.boundaries(operation, 500, 0, valid=False)
    assert cases
    assert {len(case.broken_places(described)) for case in cases} == {1}
    for case in made.boundaries(operation, 500, 0, valid=True):
        assert not case.broken_places(described)


def test_every_criterion_of_a_search_is_broken_once(
    contracts: Contracts, source: CaseSource
) -> None:
    described = contracts.operations["bill.search"]
    cases = source.boundaries("bill.search", 500, 0, valid=False)
    broken = {place for case in cases for place in case.broken_places(described)}
    assert {"?size", "?isActive", "?fromPeriod", "?status", "?mobileNumber", "?tenantId"} <= broken


@pytest.mark.parametrize("operation", OPERATIONS)
def test_shortest_valid_case_is_among_few(source: CaseSource, operation: str) -> None:
    every = source.boundaries(operation, 500, 0, valid=True)
    shortest = min(case.size for case in every)
    for seed in range(5):
        few = source.boundaries(operation, 2, seed, valid=True)
        assert len(few) == min(2, len(every))
        assert min(case.size for case in few) == shortest


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_case_can_be_made_smaller(source: CaseSource, operation: str) -> None:
    for valid in (True, False):
        for case in source.boundaries(operation, 500, 0, valid=valid):
            assert shrink(case, lambda smaller: not smaller.size) == case


def test_fields_that_no_service_reads_are_left_alone(source: CaseSource) -> None:
    for valid in (True, False):
        for case in source.boundaries("payment.search", 500, 0, valid=valid):
            assert not isinstance(case.body, dict) or "tenantId" not in case.body


def test_requests_of_any_media_type_are_made_in_json(tmp_path: Path) -> None:
    path = tmp_path / "given.yaml"
    path.write_text(
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /payments/_create:\n    post:\n"
        "      requestBody: {content: {'*/*': {schema: {required: [a], properties: {a: {type: "
        "integer}}}}}}\n      responses: {'2XX': {description: d}}\n"
    )
    given = Contracts.load(form="published", documents={"collection-services": path})
    cases = CaseSource(given, {}).boundaries("payment.create", 10, 0, valid=True)
    assert any("a" in case.body for case in cases)
    assert given.operations["payment.create"].request_schema["required"] == ["a"]


def test_same_seed_same_cases(contracts: Contracts, source: CaseSource) -> None:
    again = CaseSource(contracts, {"tenantId": TENANT})
    for valid in (True, False):
        first, second = (
            each.boundaries("payment.search", 10, 3, valid=valid) for each in (source, again)
        )
        assert [case.key for case in first] == [case.key for case in second]


def test_other_seed_other_cases(source: CaseSource) -> None:
    first, second = (source.boundaries("payment.search", 10, seed, valid=False) for seed in (0, 1))
    assert [case.key for case in first] != [case.key for case in second]


@pytest.mark.parametrize("operation", MOVING)
@pytest.mark.parametrize("valid", [True, False])
def test_nothing_generated_names_anything_that_exists(
    source: CaseSource, operation: str, valid: bool
) -> None:
    for case in source.boundaries(operation, 500, 0, valid=valid):
        assert strings_at([dict(case.query), case.body], IDENTIFIERS) <= {NOWHERE}


def test_characters_are_those_that_utf_8_can_write(contracts: Contracts) -> None:
    """The table that is handed to Hypothesis is found by it, and true."""
    assert CaseSource(contracts, {}).boundaries("gateway.search", 1, 0, valid=True)
    assert charmap_file("codec-v2-utf-8").is_file()
    for first, last in ((0, 0xD7FF), (0xE000, 0x10FFFF)):
        assert chr(first).encode()
        assert chr(last).encode()
    intervals, _ = intervals_from_codec.__wrapped__("utf-8")
    assert intervals.intervals == ((0, 0xD7FF), (0xE000, 0x10FFFF))
    for surrogate in (0xD800, 0xDFFF):
        with pytest.raises(UnicodeEncodeError):
            chr(surrogate).encode()


def test_no_value_comes_from_the_source_of_the_suite(
    source: CaseSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source.operation("bill.fetch")
    for name, unread in (
        ("_sys_modules_len", None), ("_seen_modules", set()), ("_local_constants", Constants()),
    ):  # fmt: skip
        monkeypatch.setattr(providers, name, unread)
    assert len(providers._get_local_constants()) == 0


@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_budget_is_kept_and_outcome_shared(contracts: Contracts, depth: str) -> None:
    deployment = Deployment(lambda _: response(200, body={}))
    running = campaign(contracts, deployment, Plan(depth=depth))
    result = running.valid("transaction.search")
    bounds = DEPTHS[depth]
    assert 0 < result.sent == len(deployment.sent) <= 1 + bounds.boundaries + bounds.fuzzed
    assert running.valid("transaction.search") is result
    assert len(deployment.sent) == result.sent
    assert not result.found


def test_lasting_breakdown_is_told_once_with_the_smallest_request(contracts: Contracts) -> None:
    deployment = Deployment(lambda _: response(500, body={}))
    result = campaign(contracts, deployment, Plan()).valid("transaction.search")
    (found,) = result.of("CON-02")
    assert found.times > 1
    assert len(found.case.query) <= 1
    assert result.of("CON-01") == []


def test_failing_boundary_is_made_small_where_nothing_is_left_to_chance(
    contracts: Contracts,
) -> None:
    def breaks(parts: dict[str, Any]) -> Response:
        return response(500 if "limit" in parts["query"] else 200, body={})

    deployment = Deployment(breaks)
    result = campaign(contracts, deployment, Plan(depth="quick")).valid("transaction.search")
    (found,) = result.of("CON-02")
    assert list(found.case.query) == ["limit"]
    bounds = DEPTHS["quick"]
    assert result.sent <= bounds.boundaries + bounds.shrinking


def test_shrinking_leaves_out_and_cuts_down() -> None:
    case = GeneratedCase(
        operation="x",
        query={"a": "1", "b": "y" * 300},
        body={"c": {"d": 1, "e": [{"f": 2}]}, "g": 3},
    )

    def fails(case: GeneratedCase) -> bool:
        return len(case.query.get("b", "")) > 2 and "e" in case.body.get("c", {})

    assert shrink(case, fails) == GeneratedCase(
        operation="x", query={"b": "y" * 32}, body={"c": {"e": [{}]}}
    )


def test_passing_breakdown_blames_nobody(contracts: Contracts) -> None:
    responses = iter([response(500, body={}), *[response(200, body={})] * 10_000])
    deployment = Deployment(lambda _: next(responses))
    assert not campaign(contracts, deployment, Plan(depth="quick")).valid("bill.fetch").found


def test_silent_deployment_is_left_alone(contracts: Contracts) -> None:
    def silent(_: dict[str, Any]) -> Response:
        raise Inconclusive("no answer in time")

    deployment = Deployment(silent)
    result = campaign(contracts, deployment, Plan()).valid("bill.search")
    assert len(deployment.sent) == result.undecided == 5
    assert not result.last
    assert not result.found


def test_hunt_shrinks_each_cause() -> None:
    smallest: dict[str, int] = {}

    def causes(number: int) -> set[str]:
        found = {"large"} if number > 1000 else {"negative"} if number < 0 else set()
        for each in found:
            smallest[each] = min(smallest.get(each, 10**9), abs(number))
        return found

    search(st.integers(-(10**6), 10**6), causes, examples=100, seed=0)
    assert smallest == {"large": 1001, "negative": 1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (response(200), set()),
        (response(400), set()),
        (response(500), {"CON-02"}),
        (response(200, violations=(violation("response", "a text", "7"),)), {"CON-01"}),
        (response(400, violations=(violation("response", "a text", "7"),)), {"CON-01"}),
        (
            response(200, conforms=False, violations=(violation("request", "a text", "{}"),)),
            {"CON-03"},
        ),
        (response(200, conforms=False, violations=(violation("request", "a text", "7"),)), set()),
        (response(400, conforms=False, body={"Errors": [{"code": "X"}]}), set()),
        (response(400, conforms=False), {"CON-07"}),
        (response(500, conforms=False), {"CON-07"}),
        (response(403, conforms=False), set()),
    ],
)
def test_each_answer_is_blamed_for_what_it_decides(given: Response, expected: set[str]) -> None:
    assert {requirement for requirement, _, _ in failures_of(given)} == expected


def test_page_of_a_proxy_decides_nothing() -> None:
    given = response(500)
    page = replace(given, exchange=replace(given.exchange, failure="HTTP 500 with an HTML page"))
    assert list(failures_of(page)) == []


def test_cause_is_the_same_in_every_entry() -> None:
    causes = {
        cause
        for index in (0, 7)
        for _, cause, _ in failures_of(
            response(200, violations=(violation("response", "a text", "7", f"/a/{index}/b"),))
        )
    }
    assert causes == {"HTTP 200 at /a/*/b: expected a text"}


@pytest.mark.parametrize(
    ("expected", "got", "lenient"),
    [
        ("a text", "7", True),
        ("a text or null", "true", True),
        ("a text", "[]", False),
        ("a number", '"12"', True),
        ("a number", '"AAA"', False),
        ("true or false", "0", True),
        ("true or false", '"0.5"', False),
        ("a list", '"AAA"', False),
        ("one of CASH, DD", '"BARTER"', False),
    ],
)
def test_reading_of_the_platform(expected: str, got: str, lenient: bool) -> None:
    assert read_leniently(violation("request", expected, got)) is lenient
