"""The budget: what a run needs of a deployment, from limits and measured latency."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.checks import __path__ as checks_folder
from conformance.core.exchange import Exchange
from conformance.profile.target import Bills, Target
from conformance.results.estimate import about
from conformance.run.estimate import COSTS, estimate
from conformance.scenarios.costs import costs_of
from conformance.scenarios.model import Scenario
from conformance.scenarios.plan import checks_of
from tests.unit.conftest import exchange_of

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
    fast = estimate(CHECKS, target(requests_per_second=1000), "standard", answered(10, 10, 11))
    slow = estimate(CHECKS, target(requests_per_second=1000), "standard", answered(900, 1000, 1100))
    paced = estimate(CHECKS, target(requests_per_second=0.5), "standard", answered(10))
    assert fast.seconds < slow.seconds < paced.seconds
    assert fast.requests == slow.requests == paced.requests


def test_deeper_runs_ask_more() -> None:
    sizes = [
        estimate(["contract_generated::x"], target(), depth, []).requests
        for depth in ("quick", "standard", "deep")
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_one_trace_that_is_judged_needs_all_that_are_made() -> None:
    one, all_ = (
        estimate([f"lifecycle::{n}" for n in range(count)], target(), "standard", [])
        for count in (1, 18)
    )
    assert (one.requests, one.wanted) == (all_.requests, all_.wanted)
    assert one.requests > 500


def test_the_cap_is_reported_and_that_it_will_be_reached() -> None:
    few = estimate(CHECKS, target(rupees_per_run=100), "standard", [])
    message = "\n".join(few.lines())
    assert few.wanted > Decimal(100)
    assert f"Money: about {few.wanted} rupees, never more than 100 (limits" in message
    assert "raise limits.rupees_per_run" in message
    enough = estimate(CHECKS, target(rupees_per_run=100_000), "standard", [])
    assert "raise" not in "\n".join(enough.lines())


def test_a_scenario_needs_what_its_steps_need_in_the_mode() -> None:
    """In mode inspect, one that reads needs all of it, one that writes what is before that."""
    steps = "[{name: A, call: mdms.search, foreach: [{a: 1}, {a: 2}], control: {as: cashier}}, {B}]"
    paying = "name: B, call: payment.create, never: {present: [/a]}, query: {b: '{{b.id}}'}"
    texts = {
        "reads": steps.replace("{B}", "{name: B, request: {method: GET, path: /x/_search}}"),
        "pays": steps.replace("{B}", f"{{{paying}}}"),
        "needs a bill": steps.replace("{B}", "{name: B, call: bill.search, query: {c: '{{c}}'}}"),
    }
    values = {"b": {"generate": "bill"}, "c": {"generate": "rupees", "of": "{{b.amount}}"}}
    scenarios = [
        Scenario.model_validate(
            {
                "name": name.replace(" ", "-"), "title": name, "requirements": ["RCP-01"],
                "values": values, "steps": yaml.safe_load(text),
            }
        )
        for name, text in texts.items()
    ]  # fmt: skip
    checks = {each.id: each for each in checks_of([*scenarios, scenarios[0]])}
    twice = {**checks, "the same again": checks["reads"]}
    none = (0.0, 0.0, 0.0)
    assert costs_of(twice, target("inspect")) == {
        "reads": (4, 0, 0), "pays": (3, 0, 0), "needs-a-bill": (3, 0, 0), "the same again": none,
    }  # fmt: skip
    full = {"reads": (4, 0, 0), "pays": (6, 1, 1), "needs-a-bill": (6, 1, 0)}
    assert costs_of(checks, target("full")) == full
    assert costs_of(checks, target("sandbox")) == full | {"pays": (6, 1, 1)}
    costs = costs_of(checks, target("inspect"))
    found = estimate(list(checks), target("inspect"), "standard", [], scenarios=costs)
    assert found.requests == 10


def test_other_modes_tell_that_no_money_moves() -> None:
    assert "none moves" in "\n".join(estimate(CHECKS, target("sandbox"), "standard", []).lines())
    inspecting = estimate(CHECKS, target("inspect"), "standard", [])
    assert inspecting.wanted == 0
    assert len(inspecting.lines()) == 1


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(3, "less than a minute"), (61, "about 1 min"), (1800, "about 30 min"), (7200, "about 2.0 h")],
)
def test_durations_are_reported_as_one_would(seconds: float, message: str) -> None:
    assert about(seconds) == message


GROUPS = [["bill::one"], ["bill::two", "transaction::one"]]


def test_jobs_divide_what_runs_in_parallel_and_nothing_else() -> None:
    fast, slow = target(requests_per_second=10_000, quiet_seconds=0), answered(1000)
    alone = estimate(CHECKS, fast, "standard", slow)
    groups = [[check] for check in CHECKS[:3]]
    parallel = estimate(CHECKS, fast, "standard", slow, groups=groups, jobs=2)
    rest = alone.seconds_by_check["new_module::one"]
    assert parallel.seconds_by_check["new_module::one"] == rest
    assert parallel.seconds - rest == pytest.approx((alone.seconds - rest) / 2)
    assert "a second, 2 checks at a time" in parallel.lines()[0]
    assert estimate(CHECKS, fast, "standard", slow, groups=groups, jobs=1) == alone


def test_what_a_check_does_side_by_side_is_divided_too_and_not_faster_than_the_pace() -> None:
    checks, slow = ["lifecycle::one"], answered(1000)
    for pace, least in ((10_000, 0.0), (2, 0.5)):
        limits = target(requests_per_second=pace, quiet_seconds=0)
        alone = estimate(checks, limits, "standard", slow)
        parallel = estimate(checks, limits, "standard", slow, jobs=4)
        requests = 18 * COSTS["lifecycle"][1][0]  # all traces are made for one check
        assert parallel.seconds == pytest.approx(max(alone.seconds / 4, requests * least))


def test_the_longest_group_and_the_pace_slow_parallel_checks() -> None:
    checks = CHECKS[:3]
    alone = estimate(checks, target(requests_per_second=10_000), "standard", answered(1000))
    parallel = estimate(
        checks,
        target(requests_per_second=10_000),
        "standard",
        answered(1000),
        groups=GROUPS,
        jobs=16,
    )
    group = sum(alone.seconds_by_check[check] for check in GROUPS[1])
    assert parallel.seconds == pytest.approx(group)
    paced = estimate(
        checks, target(requests_per_second=1), "standard", answered(1000), groups=GROUPS, jobs=16
    )
    requests = [COSTS[check.partition("::")[0]][1][0] for check in checks]  # at depth standard
    assert paced.seconds == pytest.approx(sum(requests))


def test_what_the_mode_leaves_out_is_not_counted() -> None:
    full, sandbox, inspect = (
        estimate([*CHECKS, "identity::one", "races::one"], target(mode), "standard", [])
        for mode in ("full", "sandbox", "inspect")
    )
    assert full.requests > sandbox.requests > inspect.requests > 0
    assert full.wanted > sandbox.wanted > inspect.wanted == 0
    assert full.seconds > sandbox.seconds > inspect.seconds
    assert inspect.seconds_by_check["bill::one"] == 0
    without = target().model_copy(update={"bills": Bills(provision="none")})
    assert estimate([*CHECKS, "identity::one"], without, "standard", []).wanted == 0


@pytest.mark.parametrize(
    ("codes", "message"), [(90, "left in the pool: 90"), (1, "left in the pool: 1")]
)
def test_a_pool_shows_bills_and_whether_there_are_enough(
    tmp_path: Path, codes: int, message: str
) -> None:
    pool = tmp_path / "codes.csv"
    pool.write_text("consumer_code\n" + "".join(f"PT-{n}\n" for n in range(codes)))
    bills = Bills(provision="pool", pool=str(pool))
    estimated = estimate(CHECKS, target().model_copy(update={"bills": bills}), "standard", [])
    whole = estimate(CHECKS, target(), "standard", [])
    lines = "\n".join(estimated.lines())
    assert message in lines
    assert "never more than 500 rupees" in lines
    assert "about 300 rupees" not in lines  # nobody knows the amounts of the pool
    assert ("When the pool is empty" in lines) == (codes == 1)
    assert (estimated.requests < whole.requests) == (codes == 1)
