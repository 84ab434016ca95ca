"""The remaining time: said when it has a foundation, and steady whatever the lanes are doing."""

import heapq
import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest

from conformance.results.estimate import Estimate
from conformance.results.remaining import FOUNDED, STEADY, Remaining

LANES = 8
LONG, SHORT, ALONE = 12, 160, 60  # stories of ten checks, single checks, checks that run alone
Group = list[tuple[str, float]]  # checks with the seconds that they really take


def estimate_of(seconds: dict[str, float], jobs: int = 1) -> Estimate:
    return Estimate(
        seconds_by_check=seconds, requests=1, rate=10, latency=0.1, wanted=Decimal(0),
        cap=Decimal(0), pays=False, jobs=jobs,
    )  # fmt: skip


def ended(groups: list[Group]) -> Iterator[tuple[float, str]]:
    """Yield when each check ends, and which, if the next group goes to the lane that is free."""
    free = [0.0] * LANES
    ends = []
    for group in groups:
        at = heapq.heappop(free)
        for check, seconds in group:
            at += seconds
            ends.append((at, check))
        heapq.heappush(free, at)
    yield from sorted(ends)


def simulated(slowness: float) -> tuple[Estimate, list[tuple[float, str]]]:
    """Return the estimate of a run, and when its checks end: so many times slower than that.

    The first check of a story sends all its requests, the others judge what came back; half of the
    lanes begin with stories. What runs alone comes last, and is slower than estimated.
    """
    draw = random.Random(7)  # noqa: S311  # no secret
    stories = [[f"story {n} check {k}" for k in range(10)] for n in range(LONG)]
    budget = {check: 10.0 for story in stories for check in story}
    real = {check: 2.0 for check in budget} | {story[0]: 82.0 for story in stories}
    singles = [f"single {n}" for n in range(SHORT)]
    budget |= dict.fromkeys(singles, 3.0)
    real |= {check: draw.uniform(0.5, 5.5) for check in singles}
    rows = [singles[n::LONG] for n in range(LONG)]
    order = [group for pair in zip(stories, rows, strict=True) for group in pair]
    groups = [[(check, real[check] * slowness) for check in group] for group in order]
    ends = list(ended(groups))
    shares = {check: seconds / LANES for check, seconds in budget.items()}
    at = ends[-1][0]
    for number in range(ALONE):
        at += draw.uniform(3, 9) * slowness
        ends.append((at, f"alone {number}"))
        shares[f"alone {number}"] = 5.0
    return estimate_of(shares, LANES), ends


@pytest.mark.parametrize("slowness", [0.3, 1, 4])
def test_it_is_steady_and_near_the_truth_with_lanes_of_long_stories(slowness: float) -> None:
    estimate, ends = simulated(slowness)
    end = ends[-1][0]
    moments = iter([0.0, *(at for at, _ in ends)])
    remaining = Remaining(estimate, lambda: next(moments))
    told = [(at, left) for at, check in ends if (left := remaining.after(check)) is not None]
    assert len(told) > len(ends) / 2
    for (before, was), (at, left) in pairwise(told[:-1]):
        assert left <= was * STEADY
        assert left >= min(was / STEADY, was - (at - before)) - 1e-9
    projected = [at + left for at, left in told]
    assert max(projected) < max(end, estimate.seconds) * 1.5
    assert min(projected) > min(end, estimate.seconds) / 1.5
    half = [at + left for at, left in told if at > end / 2]
    assert all(end / 1.3 < each < end * 1.3 for each in half)
    assert told[-1][1] == 0


def test_nothing_is_said_before_each_lane_has_ended_a_check_and_enough_is_done() -> None:
    checks = {str(n): 1.0 for n in range(100)}
    clock = iter(range(300))
    remaining = Remaining(estimate_of(checks, jobs=8), lambda: float(next(clock)))
    said = [remaining.after(check) is not None for check in checks]
    assert said == [number >= 8 for number in range(1, 101)]
    few = Remaining(estimate_of(checks), lambda: float(next(clock)))
    said = [few.after(check) is not None for check in checks]
    assert said.index(True) + 1 == FOUNDED * 100


def test_a_run_that_is_estimated_at_nothing_has_nothing_left() -> None:
    clock = iter((0.0, 5.0, 9.0))
    remaining = Remaining(estimate_of({"a": 0.0, "b": 0.0}), lambda: next(clock))
    assert [remaining.after(each) for each in "ab"] == [0.0, 0.0]
