"""Cleaning up after runs whose outcomes are set by a gateway, a program or an address; or not."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from conformance.bbps.outcome_channels.http_server import ChannelResponse
from conformance.results.lock import RunLock
from conformance.run.config import RunConfig
from tests.deployments.conftest import (
    Serve,
    described,
    free_port,
    left_pending,
    payable,
    rows,
)
from tests.deployments.test_clean import clean
from tests.deployments.test_outcomes import (
    MERCHANTS,
    PROGRAM,
    relay_to,
    simulated,
)

PATIENCE = 30  # seconds for an outcome that comes; one where none does
PENDING_ONLY = "transaction::creator_is_the_caller"  # leaves transactions, no payment
PENDING = "select id from transactions where status = 'PENDING'"
ACTIVE = "select username from users where active and username like 'conf%'"


class Left:
    """A deployment on which a run left pending transactions, one style of outcomes in use."""

    def __init__(
        self, served: Serve, folder: Path, simulator: str, outcome: dict[str, Any]
    ) -> None:
        self.db, self.folder, self.profile = folder / "its.db", folder, folder / "target.yaml"
        self.base_url = served(db=self.db, simulator_url=simulator).base_url
        self.outcome = outcome
        self.describe(PATIENCE)
        config = RunConfig(target=self.profile, reports=folder, checks=frozenset({PENDING_ONLY}))
        left_pending(config)
        self.pending = rows(self.db, PENDING)
        assert self.pending

    def describe(self, patience: int) -> None:
        limits = {"settle_seconds": patience}
        document = described(self.base_url, outcome=self.outcome, limits=limits)
        self.profile.write_text(yaml.safe_dump(document), encoding="utf-8")

    def clean(self, outcome: dict[str, Any] | None = None, *, patience: int = PATIENCE) -> Result:
        self.outcome = outcome or self.outcome
        self.describe(patience)
        return clean("latest", self.profile, self.folder)

    def undone_by(self, done: Result) -> None:
        """Assert that nothing is pending, active or payable any more, as was printed."""
        assert done.exit_code == 0, done.output
        assert (rows(self.db, PENDING), rows(self.db, ACTIVE), payable(self.db)) == ([], [], [])
        assert done.output.count("marked failed by its owner") == len(self.pending)

    def left_by(self, done: Result, why: str) -> None:
        """Assert that each transaction is listed with the reason, and that the rest is undone."""
        assert done.exit_code == 1, done.output
        assert rows(self.db, PENDING) == self.pending
        assert (rows(self.db, ACTIVE), payable(self.db)) == ([], [])
        assert "marked failed" not in done.output
        for id_ in self.pending:
            line = next(each for each in done.output.splitlines() if id_ in each)
            assert line.startswith("left to a person"), line
            assert why in line
            assert "let its payment gateway report a failure" in line


@pytest.mark.parametrize("gateway", MERCHANTS)
def test_the_simulator_lets_them_fail(served: Serve, tmp_path: Path, gateway: str) -> None:
    port = free_port()
    outcome = simulated(gateway, port, merchant=MERCHANTS[gateway])
    place = Left(served, tmp_path, f"http://127.0.0.1:{port}", outcome)
    place.undone_by(place.clean())


def test_without_a_port_they_are_left_until_there_is_one(
    served: Serve, tmp_path: Path, listening: Callable[..., str]
) -> None:
    """The second clean-up switches the owner on again, and off once the transaction has failed."""
    port = free_port()
    outcome = simulated("PAYTM", port)
    place = Left(served, tmp_path, f"http://127.0.0.1:{port}", outcome)
    taken = int(listening(lambda _: ChannelResponse()).rpartition(":")[2])
    place.left_by(
        place.clean(simulated("PAYTM", taken), patience=1), f"cannot listen on 127.0.0.1:{taken}"
    )
    elsewhere = simulated("PAYTM", free_port())
    place.left_by(place.clean(elsewhere, patience=1), "the deployment never called the simulator")
    place.undone_by(place.clean(outcome))


def test_a_command_lets_them_fail(served: Serve, tmp_path: Path, sandbox: str) -> None:
    words = [sys.executable, "-I", "-S", "-c", PROGRAM, sandbox.rpartition(":")[2]]
    words += ["{transaction}", "{outcome}", "{amount}"]
    outcome = {"style": "command", "gateway": "AXIS", "inactive_gateway": "PHONEPE"}
    place = Left(served, tmp_path, sandbox, outcome | {"command": {"words": words}})
    idle = outcome | {"command": {"words": ["true"]}}
    place.left_by(place.clean(idle, patience=1), "did not show within 1 s")
    broken = outcome | {"command": {"words": ["false"]}}
    place.left_by(place.clean(broken, patience=1), "false ended with code 1")
    place.undone_by(place.clean(outcome | {"command": {"words": words}}))


def test_a_hook_lets_them_fail(
    served: Serve, tmp_path: Path, sandbox: str, listening: Callable[..., str]
) -> None:
    outcome = {"style": "hook", "gateway": "PAYU", "inactive_gateway": "PHONEPE"}
    there = {"url": listening(relay_to(sandbox))}
    place = Left(served, tmp_path, sandbox, outcome | {"hook": there})
    nowhere = {"url": f"http://127.0.0.1:{free_port()}"}
    place.left_by(
        place.clean(outcome | {"hook": nowhere}, patience=1), "gave no answer (ConnectError)"
    )
    place.undone_by(place.clean(outcome | {"hook": there}))


def test_without_a_style_they_are_left(served: Serve, tmp_path: Path) -> None:
    outcome = {"style": "none", "gateway": "BBPS"}
    place = Left(served, tmp_path, "", outcome)
    place.left_by(
        place.clean(patience=1), "the target gives no means to set a transaction's outcome"
    )
    place.left_by(place.clean(patience=1), "the target gives no means")
    place.undone_by(place.clean({"style": "update-parameters", "gateway": "BBPS"}))


def test_a_run_that_is_still_going_on_is_not_cleaned(served: Serve, tmp_path: Path) -> None:
    place = Left(served, tmp_path, "", {"style": "update-parameters", "gateway": "BBPS"})
    lock = RunLock(tmp_path / "runs" / (tmp_path / "latest").readlink().name)
    refused = place.clean()
    assert refused.exit_code == 2
    assert "is still in progress, in process" in refused.output
    assert rows(place.db, PENDING) == place.pending
    lock.release()
    place.undone_by(place.clean())
