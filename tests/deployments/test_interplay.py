"""Outcome styles in parallel and over two days: the same verdicts as in sequence and on one day."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.deferred_cases import DeferredCase
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, RunVerdict, Verdict
from conformance.results.model import Results
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.opening import earlier_of
from tests.deployments.conftest import Go, Serve, described, free_port
from tests.deployments.test_outcomes import PROGRAM, relay_to, simulated
from tests.reference.conftest import Rehearsal

STYLES = ("gateway-simulator", "command", "hook")
OUTCOMES = ("TXN-05", "TXN-08", "TXN-12", "RCP-06")
OVERNIGHT = ("RCP-02", "RCP-04", "BIL-06")
DAY = 24 * 60 * 60 * 1000


class Styled:
    """References whose outcomes are set by one style; `outcome` is that section of the profile."""

    def __init__(self, served: Serve, outcome: dict[str, Any], simulator: str) -> None:
        self._served, self._simulator = served, simulator
        self.outcome = outcome

    def served(self, folder: Path, *faults: str, **changes: Any) -> tuple[str, Path]:
        """Serve one; return its address and a profile of it."""
        base_url = self._served(simulator_url=self._simulator, faults=faults).base_url
        profile = folder / "target.yaml"
        document = described(base_url, outcome=self.outcome, **changes)
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        return base_url, profile


@pytest.fixture(params=STYLES)
def styled(
    request: pytest.FixtureRequest,
    served: Serve,
    sandbox: str,
    listening: Callable[..., str],
) -> Styled:
    outcome: dict[str, Any] = {"style": request.param, "gateway": "AXIS"}
    outcome["inactive_gateway"] = "PHONEPE"
    if request.param == "gateway-simulator":
        port = free_port()
        return Styled(served, simulated("PAYTM", port), f"http://127.0.0.1:{port}")
    if request.param == "hook":
        outcome["hook"] = {"url": listening(relay_to(sandbox))}
        return Styled(served, outcome, sandbox)
    words = [sys.executable, "-I", "-S", "-c", PROGRAM, sandbox.rpartition(":")[2]]
    outcome["command"] = {"words": [*words, "{transaction}", "{outcome}", "{amount}"]}
    return Styled(served, outcome, sandbox)


def results_of(config: RunConfig) -> Results:
    run, _ = carry_out(config, earlier=earlier_of(config))
    assert run.results is not None
    return run.results


def failed(results: Results) -> set[str]:
    return {row.id for row in results.requirements if row.verdict is Verdict.FAILED}


def test_lanes_tell_what_one_lane_tells(styled: Styled, tmp_path: Path) -> None:
    found = []
    for jobs in (1, 8):
        _, profile = styled.served(tmp_path, "owner-check-off", "other-amount-succeeds")
        common: dict[str, Any] = {"target": profile, "reports": tmp_path, "written": False}
        results = results_of(RunConfig(only=OUTCOMES, jobs=jobs, depth="quick", **common))
        found.append({row.id: row.verdict for row in results.checks})
        verdicts = {row.id: row.verdict for row in results.requirements}
        assert failed(results) == {"TXN-08", "TXN-12"}
        assert verdicts["TXN-05"] == verdicts["RCP-06"] == Verdict.PASSED
    assert found[0] == found[1]


def test_a_run_over_two_days_in_lanes(styled: Styled, tmp_path: Path) -> None:
    base_url, profile = styled.served(tmp_path, "late-success-refused")
    common: dict[str, Any] = {
        "target": profile, "jobs": 4, "depth": "quick", "reports": tmp_path, "written": False,
    }  # fmt: skip
    opened = results_of(RunConfig(only=OVERNIGHT, split=True, **common))
    assert (opened.verdict, failed(opened)) == (RunVerdict.INCONCLUSIVE, set())
    moved = {"advance": DAY}
    httpx.post(f"{base_url}/reference/clock", json=moved).raise_for_status()
    folder = tmp_path / "runs" / opened.header.run
    settled = results_of(RunConfig(earlier=folder, settle=True, **common))
    verdicts = {row.id: row.verdict for row in settled.requirements}
    assert failed(settled) == {"RCP-04"}
    assert verdicts["RCP-02"] == verdicts["BIL-06"] == Verdict.PASSED


def test_gateway_that_went_away_by_the_second_day_is_no_blame(
    served: Serve, visit: Go, tmp_path: Path
) -> None:
    """On the second day pg-service calls another gateway, whose answers show nothing."""
    port, db = free_port(), tmp_path / "its.db"
    agent = {"username": "agent", "password": "Bbps@2024", "type": "SYSTEM", "tenant": "pb"}
    there = served(simulator_url=f"http://127.0.0.1:{port}", db=db).base_url
    digit = Rehearsal(there)
    digit.system_user("agent")
    digit.http.close()
    first = visit(there, outcome=simulated("PAYTM", port), actors={"integrator": agent}).bbps
    bill = first.new_bill()
    case = DeferredCase(
        bill=bill, transaction=first.create_transaction(bill), owner="agent", due=0, until=0
    )
    elsewhere = simulated("PAYTM", free_port())
    second = visit(there, outcome=elsewhere, actors={"integrator": agent}).bbps
    kept = {second.check: case.as_json()}
    deferred = DeferredChecks(second, split=False, kept=kept, keep=lambda *_: None, lapse=kept.pop)

    created = deferred.transaction(expired=False)

    with pytest.raises(Inconclusive, match="never called the simulator"):
        second.update(created, SUCCESS)


def test_a_settlement_that_got_no_answer_keeps_its_cases(
    served: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_url = served().base_url
    profile = tmp_path / "target.yaml"
    profile.write_text(yaml.safe_dump(described(base_url)), encoding="utf-8")
    common: dict[str, Any] = {"target": profile, "depth": "quick", "reports": tmp_path}
    opened = results_of(RunConfig(only=("RCP-04",), split=True, **common))
    httpx.post(f"{base_url}/reference/clock", json={"advance": DAY}).raise_for_status()
    settle = RunConfig(earlier=tmp_path / "runs" / opened.header.run, settle=True, **common)
    update = Bbps.update

    def unanswered(*_: Any, **__: Any) -> Response:
        raise Unanswered("no answer in time")

    monkeypatch.setattr(Bbps, "update", unanswered)
    second = results_of(settle)
    assert [row.reason for row in second.rows(Verdict.INCONCLUSIVE)] == ["no answer in time"]
    assert second.settle

    monkeypatch.setattr(Bbps, "update", update)
    third = results_of(settle)
    assert not third.rows(Verdict.INCONCLUSIVE, Verdict.FAILED)
    assert not third.settle
