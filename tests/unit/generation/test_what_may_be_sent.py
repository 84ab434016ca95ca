"""What of the generated requests leaves, by mode: nothing that could do more than the mode lets."""

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.client.policy import Policy
from conformance.contracts import Contracts
from conformance.contracts.effects import NOWHERE, Effect
from conformance.contracts.endpoints import ENDPOINTS, SPENDING
from conformance.core.ledger import Ledger
from conformance.core.verdicts import NotAllowed, NotApplicable
from conformance.generation import OPERATIONS, Plan
from conformance.generation.campaign import Campaign
from conformance.generation.plan import IDENTIFIERS
from conformance.profile.target import Mode
from tests.unit.generation.test_generation import (
    MOVING,
    Deployment,
    campaign,
    reference,
    response,
    strings_at,
)

CHANGING = [
    each
    for each in OPERATIONS
    if ENDPOINTS[each].effect is not Effect.READS and each != "bill.fetch"
]


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


def on_reference(contracts: Contracts, ledger: Ledger, mode: Mode, plan: Plan) -> Campaign:
    """A campaign with a ledger, against a deployment that refuses everything."""
    deployment = Deployment(lambda _: response(400, body={}))
    deployment.policy = Policy(reference(mode), ledger, unlocked=False)
    return campaign(contracts, deployment, plan, mode)


@pytest.mark.parametrize("operation", ["payment.create", "payment.workflow"])
def test_sandbox_generates_nothing_that_could_move_money(
    contracts: Contracts, tmp_path: Path, operation: str
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal(0))
    running = on_reference(contracts, ledger, Mode.SANDBOX, Plan(depth="quick"))
    for generate in (running.valid, running.invalid, running.valid):
        with pytest.raises(NotAllowed, match="mode sandbox moves no money"):
            generate(operation)
    assert cast(Any, running.bbps.client).sent == []


def test_updates_generated_in_sandbox_state_a_failure(contracts: Contracts, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal(0))
    running = on_reference(contracts, ledger, Mode.SANDBOX, Plan(depth="quick"))
    running.valid("transaction.update")
    running.invalid("transaction.update")
    sent = [
        parts for name, parts in cast(Any, running.bbps.client).sent if name == "transaction.update"
    ]
    assert sent
    assert {parts["query"]["txnStatus"] for parts in sent} == {"FAILURE"}


@pytest.mark.parametrize("operation", [*MOVING, "payment.validate"])
def test_nothing_sent_could_move_money(
    contracts: Contracts, tmp_path: Path, operation: str
) -> None:
    """Without a bill, what moves money names nothing that exists; all keep the pace."""
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal(0))
    plan = Plan()
    running = on_reference(contracts, ledger, Mode.FULL, plan)
    deployment = cast(Any, running.bbps.client)
    sent = running.valid(operation).sent + running.invalid(operation).sent
    assert sent == running.sent
    made = [parts for name, parts in deployment.sent if name == operation]
    assert len(made) >= sent > plan.bounds.boundaries
    for parts in made:
        sent = [dict(parts["query"]), parts.get("body", {})]
        assert operation not in MOVING or strings_at(sent, IDENTIFIERS) <= {NOWHERE}
        assert not parts.get("together")
    others = {name for name, _ in deployment.sent} - {operation}
    assert others <= {"demand.create"}  # refused here
    assert sum(entry.rupees for entry in ledger.entries if entry.kind in SPENDING) == 0


@pytest.mark.parametrize("operation", CHANGING)
def test_inspect_sends_nothing_that_could_change(contracts: Contracts, operation: str) -> None:
    deployment = Deployment(lambda _: response(200))
    inspecting = campaign(contracts, deployment, Plan(depth="quick"), Mode.INSPECT)
    for generate in (inspecting.valid, inspecting.invalid):
        with pytest.raises(NotApplicable):
            generate(operation)
    assert deployment.sent == []
