"""What a run will need of a deployment: requests, time and money, shown before it starts.

An estimate: the table holds what checks needed on the reference (`python -m benchmarks.budget`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from conformance.bbps.bill_pool import BillPool
from conformance.core import check_index
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Target
from conformance.results.estimate import Estimate
from conformance.scenarios.costs import Cost

DEPTHS: Final = ("quick", "standard", "deep")
# Module of a check -> its costs at each depth.
COSTS: Final[Mapping[str, tuple[Cost, Cost, Cost]]] = {
    "account_changes": ((29.92, 0.0, 0.0), (29.89, 0.0, 0.0), (25.0, 0.0, 0.0)),
    "addresses": ((4.71, 0.0, 0.0), (4.71, 0.0, 0.0), (4.0, 0.0, 0.0)),
    "audit": ((0.52, 0.0, 0.0), (0.59, 0.0, 0.0), (0.8, 0.0, 0.0)),
    "bill": ((3.3, 0.36, 0.0), (3.6, 0.41, 0.0), (3.0, 0.4, 0.0)),
    "contract_generated": ((4.63, 0.0, 0.0), (4.93, 0.0, 0.0), (63.4, 0.0, 0.0)),
    "contract_input": ((2.26, 0.35, 0.0), (2.26, 0.35, 0.0), (1.9, 0.3, 0.0)),
    "contract_summary": ((4.89, 0.0, 0.0), (4.89, 0.0, 0.0), (4.2, 0.0, 0.0)),
    "deferred": ((4.71, 1.2, 0.3), (4.71, 1.2, 0.3), (4.6, 1.1, 0.3)),
    "fetch": ((2.08, 0.05, 0.0), (2.07, 0.05, 0.0), (1.8, 0.1, 0.0)),
    "great_amounts": ((2.78, 23.89, 0.5), (2.78, 23.89, 0.5), (4.6, 27.5, 0.5)),
    "identity": ((3.23, 0.05, 0.0), (3.24, 0.04, 0.0), (3.3, 0.0, 0.0)),
    "lifecycle": ((40.58, 7.23, 5.6), (37.85, 6.71, 6.5), (300.2, 31.3, 60.2)),
    "master_data": ((2.28, 0.0, 0.0), (2.28, 0.0, 0.0), (3.0, 0.0, 0.0)),
    "namesakes": ((8.6, 0.04, 0.4), (8.92, 0.05, 0.5), (9.2, 0.0, 0.5)),
    "other_city": ((5.6, 1.18, 0.8), (5.59, 1.18, 0.8), (7.5, 1.2, 0.8)),
    "owner": ((4.05, 0.54, 1.0), (3.88, 0.47, 1.0), (6.3, 0.4, 1.0)),
    "paise": ((3.93, 3.05, 0.2), (3.92, 3.05, 0.2), (4.0, 2.9, 0.2)),
    "parts": ((7.2, 2.02, 0.2), (7.19, 2.02, 0.2), (7.4, 1.9, 0.2)),
    "payers": ((2.07, 0.07, 0.0), (2.33, 0.07, 0.0), (2.0, 0.1, 0.0)),
    "payment": ((1.61, 0.56, 0.0), (1.55, 0.5, 0.0), (1.4, 0.5, 0.0)),
    "payment_rules": ((1.55, 0.19, 0.2), (1.43, 0.19, 0.2), (1.4, 0.1, 0.6)),
    "payment_search": ((2.28, 0.1, 0.0), (2.28, 0.1, 0.0), (1.9, 0.1, 0.0)),
    "payment_validation": ((3.84, 0.19, 1.0), (3.87, 0.18, 1.0), (3.2, 0.1, 1.0)),
    "payment_workflow": ((5.5, 0.09, 0.7), (5.85, 0.09, 0.7), (5.9, 0.1, 0.7)),
    "promised_amount": ((3.7, 1.61, 0.0), (4.34, 1.57, 0.0), (3.9, 1.7, 0.0)),
    "races": ((24.48, 7.17, 1.1), (24.45, 7.17, 1.1), (29.2, 8.6, 1.1)),
    "receipt": ((3.03, 2.68, 0.7), (3.02, 2.7, 0.7), (5.2, 2.2, 0.7)),
    "reconciliation": ((46.65, 0.0, 0.0), (56.24, 0.0, 0.0), (70.0, 0.0, 0.0)),
    "scenarios": ((3.26, 0.83, 0.1), (3.25, 0.83, 0.1), (3.0, 0.8, 0.1)),
    "second_user": ((6.28, 1.05, 1.0), (6.28, 1.05, 1.0), (5.0, 1.0, 1.0)),
    "sessions": ((11.66, 0.0, 0.0), (11.64, 0.0, 0.0), (11.7, 0.0, 0.0)),
    "several_bills": ((3.77, 0.39, 1.0), (3.74, 0.39, 0.9), (4.6, 0.4, 0.9)),
    "tenants": ((4.71, 0.0, 0.0), (4.66, 0.0, 0.0), (5.2, 0.0, 0.0)),
    "time": ((3.94, 0.25, 0.5), (3.94, 0.25, 0.5), (4.5, 0.8, 0.5)),
    "transaction": ((5.09, 1.33, 0.7), (4.77, 1.26, 0.6), (5.5, 1.2, 0.7)),
    "transaction_search": ((2.54, 0.02, 0.0), (2.53, 0.02, 0.0), (2.2, 0.0, 0.0)),
    "who_pays": ((1.8, 0.3, 0.1), (1.8, 0.3, 0.1), (1.8, 0.3, 0.1)),
    "updates": ((7.57, 0.49, 0.7), (7.62, 0.5, 0.7), (8.5, 0.3, 0.9)),
}
UNKNOWN: Final[tuple[Cost, Cost, Cost]] = ((8, 1, 0.5),) * 3
# Module of a check -> share of its costs that is left where no money may move, if it is not all,
SANDBOX: Final[Mapping[str, float]] = {
    "reconciliation": 0.8, "contract_summary": 0.5, "lifecycle": 0.2, "deferred": 0.3,
    "fetch": 0.6, "namesakes": 0.6,
    "owner": 0.7, "other_city": 0.6, "paise": 0.8, "parts": 0.5, "payers": 0.2, "payment": 0.5,
    "payment_rules": 0.5, "payment_search": 0.1, "payment_validation": 0.7,
    "payment_workflow": 0.1, "races": 0.6, "receipt": 0.5, "scenarios": 0.5,
    "several_bills": 0.6, "transaction": 0.7, "transaction_search": 0.1, "updates": 0.6,
    "who_pays": 0.3,
}  # fmt: skip
# and where there are no bills, as in mode inspect: none of those that are not named.
WITHOUT_BILLS: Final[Mapping[str, float]] = {
    "contract_generated": 0.8, "contract_input": 0.6, "contract_summary": 0.5, "identity": 0.8,
    "master_data": 0.9, "scenarios": 0.05,
}  # fmt: skip
# Modules whose checks do as many things side by side as there are jobs.
SIDE_BY_SIDE: Final = frozenset({"lifecycle", "reconciliation"})
# Modules whose checks judge the same exchanges, all of which are made even for one of them.
AS_A_WHOLE: Final = frozenset({"lifecycle"})
OVERHEAD: Final = 0.004  # seconds that the suite itself needs for one request


def estimate(
    checks: Iterable[str],
    target: Target,
    depth: str,
    exchanges: Iterable[Exchange],
    *,
    groups: Iterable[Sequence[str]] = (),
    jobs: int = 1,
    scenarios: Mapping[str, Cost] | None = None,
    latency: float = 0.0,
) -> Estimate:
    """Estimate what some checks will need, on a target that answered as `exchanges` show.

    `groups` are the checks that run in parallel: `jobs` groups at a time, one check of each. What
    `scenarios` need is known by their steps. `latency` (seconds) holds where there is no exchange.
    """
    answered = sorted(each.milliseconds for each in exchanges if each.status is not None)
    latency = answered[len(answered) // 2] / 1000 if answered else latency
    limits = target.limits
    left = _bills_left(target)
    own = scenarios or {}
    costs = {check: own.get(check) or _cost(check, depth, target) for check in checks}
    costs = _as_a_whole(costs)
    bills = sum(amounts for _, amounts, _ in costs.values())
    if left is not None and left < bills:
        rest = left / bills
        costs = {
            check: _shared(cost, rest + (1 - rest) * _share(check, WITHOUT_BILLS, 0.0))
            for check, cost in costs.items()
        }
    in_groups = [[check for check in group if check in costs] for group in groups]
    seconds = {
        check: requests * max(1 / limits.requests_per_second, latency + OVERHEAD)
        + watches * limits.quiet_seconds
        for check, (requests, _, watches) in costs.items()
    }
    if jobs > 1:
        at_once = min(jobs, limits.requests_in_flight)
        seconds |= _in_parallel(in_groups, costs, target, latency, at_once)
        for check, (requests, _, watches) in costs.items():
            if _module(check) in SIDE_BY_SIDE:
                alone = requests * (latency + OVERHEAD) + watches * limits.quiet_seconds
                seconds[check] = max(alone / at_once, requests * _least(target))
    return Estimate(
        seconds_by_check=seconds,
        requests=round(sum(requests for requests, _, _ in costs.values())),
        rate=limits.requests_per_second,
        latency=latency,
        wanted=Decimal(round(bills)) * target.bills.amount,
        cap=limits.rupees_per_run,
        pays=target.mode.pays,
        jobs=jobs,
        bills=round(bills),
        with_bills=frozenset(check for check, (_, amounts, _) in costs.items() if amounts),
        left=left,
    )


def _as_a_whole(costs: Mapping[str, Cost]) -> dict[str, Cost]:
    """Return costs where few checks of a module need as much as all of them would."""
    planned = Counter(map(_module, costs))
    every: Counter[str] = Counter()
    for each in check_index.checks():
        every[each.module] += each.cases
    return {
        check: _shared(cost, max(every[module] / planned[module], 1.0))
        if (module := _module(check)) in AS_A_WHOLE
        else cost
        for check, cost in costs.items()
    }


def _in_parallel(
    groups: Sequence[Sequence[str]],
    costs: Mapping[str, Cost],
    target: Target,
    latency: float,
    jobs: int,
) -> dict[str, float]:
    """Return the time of each check that runs in parallel, in seconds; their sum is what all take.

    That is the time of all divided by the jobs, unless one group is longer, or the limit of
    requests a second, or what the suite itself needs, keeps them back.
    """
    quiet = target.limits.quiet_seconds
    alone = {
        check: costs[check][0] * (latency + OVERHEAD) + costs[check][2] * quiet
        for group in groups
        for check in group
    }
    whole = sum(alone.values())
    requests = sum(costs[check][0] for check in alone)
    longest = max((sum(alone[check] for check in group) for group in groups), default=0.0)
    together = max(whole / jobs, longest, requests * _least(target))
    return {check: seconds * together / whole for check, seconds in alone.items() if whole}


def _least(target: Target) -> float:
    """Return the seconds that one request takes at least, however many are sent side by side."""
    return max(1 / target.limits.requests_per_second, OVERHEAD)


def _bills_left(target: Target) -> int | None:
    """Return how many bills the pool of the profile has left; None where there is no pool."""
    bills = target.bills
    if bills.provision != "pool" or not target.mode.writes:
        return None
    try:
        return len(
            BillPool(bills.pool).unused(service=bills.business_service, tenant=target.tenant)
        )
    except Inconclusive:  # the doctor says what is wrong with it
        return 0


def _cost(check: str, depth: str, target: Target) -> Cost:
    """Return what a check needs where the profile's mode and bills let it."""
    cost = COSTS.get(_module(check), UNKNOWN)[DEPTHS.index(depth)]
    if not target.mode.writes or target.bills.provision == "none":
        requests, _, _ = _shared(cost, _share(check, WITHOUT_BILLS, 0.0))
        return requests, 0.0, 0.0
    return cost if target.mode.pays else _shared(cost, _share(check, SANDBOX, 1.0))


def _share(check: str, shares: Mapping[str, float], otherwise: float) -> float:
    return shares.get(_module(check), otherwise)


def _shared(cost: Cost, share: float) -> Cost:
    requests, amounts, watches = cost
    return requests * share, amounts * share, watches * share


def _module(check: str) -> str:
    return check.partition("::")[0]
