"""Acceptance: right requests, on a few cheap bills of the run; refusals alone prove nothing."""

from collections import Counter
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks import test_contract_generated as generated
from conformance.client.client import Client
from conformance.client.exchange_log import ExchangeLog
from conformance.client.response import Response
from conformance.contracts import Contracts
from conformance.contracts.effects import NOWHERE
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.generation import DEPTHS, OPERATIONS, Plan
from conformance.generation.campaign import Campaign
from conformance.generation.cases import CaseSource, transplanted
from conformance.generation.right_requests import right_request
from conformance.profile.target import Mode
from tests.unit.generation.test_generation import Deployment, campaign, reference, response

RECORDED = cast(ExchangeLog, SimpleNamespace(cite_id=lambda _: None))
QUICK = Plan(depth="quick")
NOT_ALLOWED = {"Errors": [{"code": "CustomException", "message": "Not authorized"}]}


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture
def bbps() -> Bbps:
    """A deployment that is not called."""
    deployment = Deployment(lambda _: response(400, body={}))
    deployment.target, deployment.policy = reference(Mode.FULL), SimpleNamespace(ledger=None)
    return Bbps(cast(Client, deployment), "test")


class Till(Deployment):
    """Offers bills; accepts each once, in a transaction or a payment over what is due."""

    def __init__(self) -> None:
        super().__init__(lambda _: response(400, body={}))
        self.due: dict[str, Decimal] = {}
        self.accepted: list[str] = []
        self._numbers = count(1)

    def call(self, operation: str, **parts: Any) -> Response:
        self.sent.append((operation, parts))
        body = parts.get("body", {})
        if operation == "demand.create":
            for demand in body["Demands"]:
                due = demand["demandDetails"][0]["taxAmount"]
                self.due[f"bill of {demand['consumerCode']}"] = due
            return response(201, body={})
        if operation == "bill.fetch":
            codes = parts["query"]["consumerCode"].split(",")
            return response(200, body={"Bill": [self._bill(code) for code in codes]})
        id_ = str(transaction_of(parts).get("billId"))
        if self.due.pop(id_, None) is None:
            return response(400, body={})
        self.accepted.append(id_)
        return response(200, body={})

    def _bill(self, code: str) -> dict[str, Any]:
        return {
            "id": f"bill of {code}", "tenantId": "pb.amritsar", "businessService": "PT",
            "consumerCode": code, "totalAmount": self.due[f"bill of {code}"], "billDetails": [],
        }  # fmt: skip


def transaction_of(parts: dict[str, Any]) -> dict[str, Any]:
    """What a request holds as a transaction, if that is an object."""
    transaction = parts.get("body", {}).get("Transaction")
    return transaction if isinstance(transaction, dict) else {}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_right_request_keeps_the_contract(contracts: Contracts, bbps: Bbps, operation: str) -> None:
    right = right_request(bbps, operation)
    assert right.broken_places(contracts.operations[operation]) == set()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_violation_is_right_in_all_other_places(
    contracts: Contracts, bbps: Bbps, operation: str
) -> None:
    described, right = contracts.operations[operation], right_request(bbps, operation)
    cases = CaseSource(contracts, {"tenantId": "pb.amritsar"}).boundaries(
        operation, 500, 0, valid=False
    )
    broken = [transplanted(each, right, described) for each in cases]
    assert sum(each.real for each in broken) > len(broken) // 2
    for case, each in zip(cases, broken, strict=True):
        assert each.broken_places(described) == case.broken_places(described)


def test_few_bills_are_used_and_each_is_over_a_rupee(contracts: Contracts) -> None:
    till = Till()
    running = campaign(contracts, till, Plan())
    result = running.valid("transaction.create")
    most = DEPTHS["standard"].accepted
    assert 0 < result.accepted == len(till.accepted) <= most
    assert running.control("transaction.create").accepted
    running.invalid("transaction.create")
    assert len(till.accepted) <= 2 * most
    assert Counter(name for name, _ in till.sent)["demand.create"] <= 2 * most
    sent = [transaction_of(parts) for name, parts in till.sent if name == "transaction.create"]
    real = [each for each in sent if str(each.get("billId")).startswith("bill of")]
    assert len(real) > most
    assert not any(str(each.get("txnAmount")) == "100" for each in real)


def test_refusals_alone_prove_nothing(contracts: Contracts) -> None:
    for check in (
        generated.test_generated_request_is_answered_as_documented,
        generated.test_generated_request_breaks_nothing,
        generated.test_generated_violation_is_refused,
        generated.test_generated_violation_gets_a_4xx,
    ):
        running = refusing(contracts, 400)
        with pytest.raises(Inconclusive, match="with nothing wrong, was answered HTTP 400"):
            check(running, RECORDED, "transaction.create")


def test_operation_that_is_closed_to_all_is_left_alone(contracts: Contracts) -> None:
    running = refusing(contracts, 403)
    with pytest.raises(Inconclusive, match="was answered HTTP 403") as caught:
        generated.test_generated_violation_is_refused(running, RECORDED, "bill.fetch")
    assert caught.value.remedy == "let the integrator call it at the gateway"
    sent = [name for name, _ in cast(Any, running.bbps.client).sent]
    assert sent.count("bill.fetch") == 2  # as the integrator, and as the administrator


def test_what_nothing_needs_may_be_closed(contracts: Contracts) -> None:
    with pytest.raises(NotApplicable, match="nothing of BBPS needs"):
        refusing(contracts, 403).valid("gateway.search")


def test_name_never_stands_beside_a_wrong_password(contracts: Contracts) -> None:
    running = campaign(contracts, deployment := Deployment(lambda _: response(400, body={})), QUICK)
    running.valid("token.create")
    running.invalid("token.create")
    forms = [parts["form"] for _, parts in deployment.sent if "form" in parts]
    pairs = {(each.get("username"), each.get("password")) for each in forms}
    own = ("name of integrator", "secret of integrator")
    assert own in pairs
    assert {name for name, _ in pairs - {own}} <= {NOWHERE, None}


def refusing(contracts: Contracts, status: int) -> Campaign:
    """A campaign against a deployment that refuses everything, or lets nobody in."""
    running = campaign(contracts, Deployment(lambda _: response(status, body=NOT_ALLOWED)), QUICK)
    cast(Any, running.bbps).remark = lambda _: None
    return running
