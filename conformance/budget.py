"""What a run will ask of a deployment: requests, time and money, told before it starts.

An estimate: the table holds what checks needed on the reference (`python -m benchmarks.budget`).
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from conformance.evidence import Exchange
from conformance.target import Target

DEPTHS: Final = ("quick", "standard", "deep")
Cost = tuple[float, float, float]  # requests, bill amounts, quiet watches: of one check
# Module of a check -> its costs at each depth.
COSTS: Final[Mapping[str, tuple[Cost, Cost, Cost]]] = {
    "bill": ((3.5, 0.2, 0.0), (3.5, 0.2, 0.0), (3.5, 0.2, 0.0)),
    "books": ((36.8, 0.0, 0.0), (42.5, 0.0, 0.0), (148.8, 0.0, 0.0)),
    "contract_generated": ((4.6, 0.0, 0.0), (10.8, 0.0, 0.0), (63.5, 0.0, 0.0)),
    "contract_input": ((2.3, 0.1, 0.0), (2.3, 0.1, 0.0), (2.3, 0.1, 0.0)),
    "contract_summary": ((5.2, 0.0, 0.0), (5.2, 0.0, 0.0), (5.2, 0.0, 0.0)),
    "identity": ((3.1, 0.0, 0.0), (3.1, 0.0, 0.0), (3.1, 0.0, 0.0)),
    "lifecycle": ((16.3, 1.8, 3.5), (36.2, 5.2, 7.5), (312.0, 27.3, 66.0)),
    "master_data": ((2.6, 0.0, 0.0), (2.6, 0.0, 0.0), (2.6, 0.0, 0.0)),
    "overnight": ((9.0, 0.8, 0.2), (9.0, 0.8, 0.2), (9.0, 0.8, 0.2)),
    "payment": ((4.9, 1.9, 0.1), (4.9, 1.9, 0.1), (4.9, 1.9, 0.1)),
    "payment_services": ((6.2, 1.2, 0.4), (6.2, 1.2, 0.4), (6.2, 1.2, 0.4)),
    "races": ((48.0, 12.5, 7.5), (48.0, 12.5, 7.5), (48.2, 12.5, 7.5)),
    "receipt": ((9.5, 1.1, 0.5), (9.5, 1.1, 0.5), (9.5, 1.1, 0.5)),
    "scenarios": ((7.0, 1.0, 0.0), (7.0, 1.0, 0.0), (7.0, 1.0, 0.0)),
    "transaction": ((6.8, 1.2, 1.3), (6.8, 1.2, 1.3), (6.8, 1.2, 1.3)),
}
UNKNOWN: Final[tuple[Cost, Cost, Cost]] = ((8, 1, 0.5),) * 3
OVERHEAD: Final = 0.004  # seconds that the suite itself needs for one request


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The estimate for some checks; `wanted` and `cap` in rupees, times in seconds.

    `rate` is the limit in requests per second, `latency` what an answer took so far.
    """

    seconds_by_check: Mapping[str, float]
    requests: int
    rate: float
    latency: float
    wanted: Decimal
    cap: Decimal
    pays: bool

    @property
    def seconds(self) -> float:
        """The expected time of the whole."""
        return sum(self.seconds_by_check.values())

    def lines(self) -> list[str]:
        """Tell the budget in plain words."""
        checks = len(self.seconds_by_check)
        counted = f"{checks} check{'s' * (checks != 1)}"
        told = [
            f"Running {counted}: about {_round(self.requests)} requests, {about(self.seconds)} at "
            f"{self.latency * 1000:.0f} ms per answer and at most {self.rate:g} requests a second"
        ]
        if self.pays:
            told.append(
                f"Money: about {_round(float(self.wanted))} rupees, never more than {self.cap} "
                "(limits.rupees_per_run)"
            )
        elif self.wanted:
            told.append("Money: none moves in this mode")
        if self.wanted > self.cap:
            told.append(
                f"The checks want about {_round(float(self.wanted))} rupees; beyond {self.cap} "
                "they stay inconclusive: raise limits.rupees_per_run, or lower bills.amount"
            )
        return told


def budget(
    checks: Iterable[str], target: Target, depth: str, exchanges: Sequence[Exchange]
) -> Budget:
    """Estimate what some checks will need, on a target that answered as `exchanges` tell."""
    answered = [each.milliseconds for each in exchanges if each.status is not None]
    latency = statistics.median(answered) / 1000 if answered else 0.0
    limits, writes = target.limits, target.mode.writes
    each_request = max(1 / limits.requests_per_second, latency + OVERHEAD)
    costs = {check: _cost(check, depth) for check in checks}
    return Budget(
        seconds_by_check={
            check: requests * each_request + watches * limits.quiet_seconds * writes
            for check, (requests, _, watches) in costs.items()
        },
        requests=round(sum(requests for requests, _, _ in costs.values())),
        rate=limits.requests_per_second,
        latency=latency,
        wanted=Decimal(round(sum(amounts for _, amounts, _ in costs.values()) * writes))
        * target.bills.amount,
        cap=limits.rupees_per_run,
        pays=target.mode.pays,
    )


def about(seconds: float) -> str:
    """Tell a duration as one would say it."""
    if seconds < 50:
        return "less than a minute"
    if seconds < 90 * 60:
        return f"about {max(round(seconds / 60), 1)} min"
    return f"about {seconds / 3600:.1f} h"


def _cost(check: str, depth: str) -> Cost:
    costs = COSTS.get(check.partition("::")[0], UNKNOWN)
    return costs[DEPTHS.index(depth)]


def _round(number: float) -> int:
    """Leave two digits that count: an estimate knows no more."""
    return int(float(f"{number:.1e}"))
