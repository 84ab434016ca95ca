"""Generated requests on the strict reference: each operation accepts some, few of which pay."""

import re
from decimal import Decimal

import pytest

from conformance.core.ledger import PAYMENT, TRANSACTION
from conformance.core.verdicts import Verdict
from conformance.generation import DISPENSABLE, OPERATIONS
from conformance.generation.plan import DEPTHS
from conformance.generation.supplies import CONSUMING, RESERVED
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.faults.collected import limits

GENERATED = re.compile(r"contract_generated::generated_request_is_answered_as_documented\[(.+)\]")
ACCEPTED = re.compile(r"generated requests: ([1-9]\d*) accepted")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    config = RunConfig(
        settings={"limits": limits()},
        only=("CON-01",),
        depth="quick",
        reports=tmp_path_factory.mktemp("generated"),
        written=False,
    )
    return carry_out(config)[0]


def test_each_operation_accepts_some(run: Run) -> None:
    assert run.results is not None
    rows = {found[1]: row for row in run.results.checks if (found := GENERATED.match(row.id))}
    assert list(rows) == list(OPERATIONS)
    accepting = {name for name, row in rows.items() if ACCEPTED.search(row.reason)}
    closed = {name for name, row in rows.items() if row.verdict is Verdict.NOT_APPLICABLE}
    assert closed <= DISPENSABLE
    assert accepting == set(OPERATIONS) - closed


def test_little_money_moves(run: Run) -> None:
    entries = [each for each in run.bbps.ledger.entries if "contract_generated" in each.check]
    spent = sum((each.rupees for each in entries), Decimal(0))
    assert 0 < spent <= RESERVED * len(CONSUMING)
    paid = {each.key for each in entries if each.kind in (PAYMENT, TRANSACTION) and each.rupees}
    assert len(paid) <= len(CONSUMING) * 2 * DEPTHS["quick"].accepted + 1
