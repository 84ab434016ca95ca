"""What modes inspect and sandbox promise, read in the log and the books of a served reference.

Every check, every scenario and every generated request runs against a deployment that refuses
little, where a bill is unpaid, a transaction pending and another one paid.
"""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
import yaml

from conformance.core.verdicts import Verdict
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.deployments.conftest import COUNTED, Go, Serve, described, rows

LAX = "digit-2.8"  # lets anybody create users and finish transactions
# How the paths of operations end that only read; a fetch writes no bill where nothing is due.
READS = {
    "_search", "_get", "_details", "_authorize", "_validate", "_fetchbill", "token", "clock",
}  # fmt: skip
UPDATE, PAY = "/pg-service/transaction/v1/_update", "/collection-services/payments/_create"


class Walk:
    """One run over everything, what the deployment logged of it, and its books around it."""

    def __init__(self, db: Path, log: Path, carry: Callable[[], Run]) -> None:
        log.write_text("", encoding="utf-8")
        self.db = db
        self.before = books(db)
        self.run = carry()
        self.after = books(db)
        lines = log.read_text(encoding="utf-8").splitlines()
        self.requests: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def requests_to(self, path: str) -> list[dict[str, Any]]:
        """The requests to a path, in whatever spelling."""
        return [each for each in self.requests if spelt_out(each["path"]).startswith(path)]


def spelt_out(path: str) -> str:
    """Return a path decoded, in lower case, without path parameters."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return "/" + re.sub(";[^/]*", "", path).strip("/").lower()


def books(db: Path) -> dict[str, list[Any]]:
    """Return every row of every table that a run may change."""
    with closing(sqlite3.connect(db)) as found:
        return {
            table: found.execute(f"select * from {table}").fetchall()  # noqa: S608
            for table in COUNTED
        }


@pytest.fixture
def walk(served: Serve, visit: Go, tmp_path: Path) -> Callable[[str], Walk]:
    """Carry out everything in a mode, on a deployment that has something to lose."""

    def go(mode: str) -> Walk:
        db, log = tmp_path / "deployment.db", tmp_path / "exchanges.log"
        base_url = served(db=db, log_exchanges=log, lineage=LAX).base_url
        bbps = visit(base_url, mode="full").bbps
        bbps.pay(bbps.new_bill())
        bbps.create_transaction(bbps.new_bill())
        bbps.new_bill()
        actors = {
            name: {
                "username": bbps.client.actor(name).username,
                "password": bbps.client.actor(name).password.get_secret_value(),
                "type": "SYSTEM",
                "tenant": bbps.client.actor(name).tenant,
            }
            for name in ("integrator", "rival")
        }
        profile = tmp_path / "target.yaml"
        document = described(base_url, mode=mode, actors=actors, clock_url="/reference/clock")
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        config = RunConfig(target=profile, reports=tmp_path, depth="quick", jobs=4, written=False)
        return Walk(db, log, lambda: carry_out(config)[0])

    return go


def decided(run: Run) -> int:
    """How many checks came to a verdict; none may break down."""
    assert run.results is not None
    checks = run.results.checks
    assert [(each.id, each.reason) for each in checks if each.verdict is Verdict.ERROR] == []
    return sum(each.verdict in {Verdict.PASSED, Verdict.FAILED} for each in checks)


@pytest.mark.slow
def test_inspect_only_looks(walk: Callable[[str], Walk]) -> None:
    seen = walk("inspect")
    called = {spelt_out(each["path"]).rpartition("/")[2] for each in seen.requests}
    assert called <= READS
    assert seen.before == seen.after
    assert not (seen.run.folder / "ledger.jsonl").exists()
    assert decided(seen.run) > 100
    assert len(seen.requests) > 500


@pytest.mark.slow
def test_sandbox_creates_data_and_moves_no_money(walk: Callable[[str], Walk]) -> None:
    seen = walk("sandbox")
    for table in ("users", "demands", "bills", "transactions"):
        assert len(seen.after[table]) > len(seen.before[table])
    assert seen.after["payments"] == seen.before["payments"]
    statuses = "select status from transactions order by status"
    paid = [each for each in rows(seen.db, statuses) if each not in {"PENDING", "FAILURE"}]
    assert paid == ["SUCCESS"]  # the one of before
    outcomes = [parse_qs(each["query"]).get("txnStatus") for each in seen.requests_to(UPDATE)]
    assert len(outcomes) > 50
    assert all(each == ["FAILURE"] for each in outcomes)
    assert all(each["status"] != 200 for each in seen.requests_to(PAY))
    assert decided(seen.run) > 300
