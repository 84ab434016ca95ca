"""The budget: what a run will ask of a deployment, in words, from limits and measured latency."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.budget import COSTS, about, budget
from conformance.checks import __path__ as checks_folder
from conformance.evidence import Exchange
from conformance.target import Target

from .conftest import exchange_of

CHECKS = ["bill::one", "bill::two", "transaction::one", "new_module::one"]


def target(mode: str = "full", **limits: Any) -> Target:
    return Target.model_validate(
        {
            "name": "uat",
            "base_url": "http://127.0.0.1:1",
            "tenant": "pb.amritsar",
            "state_tenant": "pb",
            "mode": mode,
            "limits": limits,
        }
    )


def answered(*milliseconds: float) -> list[Exchange]:
    return [exchange_of(f"x{n}", "set-up", milliseconds=ms) for n, ms in enumerate(milliseconds)]


def test_every_module_of_checks_has_its_costs() -> None:
    folder = Path(next(iter(checks_folder)))
    modules = {path.stem.removeprefix("test_") for path in folder.glob("test_*.py")}
    assert modules <= set(COSTS)


def test_a_slow_line_makes_a_long_run_and_a_low_rate_too() -> None:
    fast = budget(CHECKS, target(requests_per_second=1000), "standard", answered(10, 10, 11))
    slow = budget(CHECKS, target(requests_per_second=1000), "standard", answered(900, 1000, 1100))
    paced = budget(CHECKS, target(requests_per_second=0.5), "standard", answered(10))
    assert fast.seconds < slow.seconds < paced.seconds
    assert fast.requests == slow.requests == paced.requests


def test_deeper_runs_ask_more() -> None:
    sizes = [
        budget(["contract_generated::x"], target(), depth, []).requests
        for depth in ("quick", "standard", "deep")
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_the_cap_is_told_and_that_it_will_be_reached() -> None:
    few = budget(CHECKS, target(rupees_per_run=100), "standard", [])
    told = "\n".join(few.lines())
    assert few.wanted > Decimal(100)
    assert f"Money: about {few.wanted} rupees, never more than 100 (limits" in told
    assert "raise limits.rupees_per_run" in told
    enough = budget(CHECKS, target(rupees_per_run=100_000), "standard", [])
    assert "raise" not in "\n".join(enough.lines())


def test_other_modes_tell_that_no_money_moves() -> None:
    assert "none moves" in "\n".join(budget(CHECKS, target("sandbox"), "standard", []).lines())
    inspecting = budget(CHECKS, target("inspect"), "standard", [])
    assert inspecting.wanted == 0
    assert len(inspecting.lines()) == 1


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(3, "less than a minute"), (61, "about 1 min"), (1800, "about 30 min"), (7200, "about 2.0 h")],
)
def test_durations_are_told_as_one_would(seconds: float, told: str) -> None:
    assert about(seconds) == told
