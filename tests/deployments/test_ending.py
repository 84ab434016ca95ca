"""A run ends its own pending transactions; what it cannot end, its notes name with the remedy."""

import re
from pathlib import Path
from typing import Any

import yaml

from conformance.bbps.ending import ENDING
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.deployments.conftest import Serve, described, free_port, rows
from tests.deployments.test_outcomes import simulated

PENDING = "select id from transactions where status = 'PENDING'"
# Their checks leave pending transactions of the integrator, of a namesake, and of races.
BUSY = ("TXN-01", "TXN-04", "TXN-08", "TXN-11")


def carried_out(served: Serve, folder: Path, there: str = "", **outcome: Any) -> Run:
    base_url = served(db=folder / "its.db", simulator_url=there).base_url
    profile = folder / "target.yaml"
    limits = {"settle_seconds": 1}
    document = described(base_url, limits=limits, **({"outcome": outcome} if outcome else {}))
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    config = RunConfig(target=profile, reports=folder, only=BUSY, depth="quick", jobs=4)
    return carry_out(config)[0]


def notes(run: Run) -> str:
    assert run.results is not None
    return "\n".join(run.results.notes)


def test_what_a_run_left_pending_fails_at_its_end(served: Serve, tmp_path: Path) -> None:
    run = carried_out(served, tmp_path)
    assert rows(tmp_path / "its.db", PENDING) == []
    assert run.exchanges.counts()[ENDING] > len(BUSY)
    assert "Still pending" not in notes(run)
    assert f"Remove what this run created: bbps-conformance clean {run.id}" in notes(run)


def test_a_gateway_of_our_own_lets_them_fail(served: Serve, tmp_path: Path) -> None:
    port = free_port()
    run = carried_out(served, tmp_path, f"http://127.0.0.1:{port}", **simulated("PAYTM", port))
    assert rows(tmp_path / "its.db", PENDING) == []
    assert run.exchanges.counts()[ENDING] > len(BUSY)


def test_what_cannot_fail_is_listed(served: Serve, tmp_path: Path) -> None:
    run = carried_out(served, tmp_path, style="none", gateway="BBPS")
    pending = set(rows(tmp_path / "its.db", PENDING))
    assert pending
    listed = re.search(r"Still pending, because the target gives no means .*: (.*)", notes(run))
    assert listed, notes(run)
    named = listed[1].partition(" and ")[0].split(", ")
    assert set(named) <= pending
