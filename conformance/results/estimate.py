"""The estimate of a run: requests, rupees and time, shown before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from conformance.core.wording import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The estimate for some checks; `wanted` and `cap` in rupees, times in seconds.

    `rate` is the limit in requests per second, `latency` what a response took so far. A check of a
    parallel group counts with its share of the time that all groups take. `with_bills` are the
    checks that use bills; `left` counts the unused bills of a pool, of which `bills` are needed.
    """

    seconds_by_check: Mapping[str, float]
    requests: int
    rate: float
    latency: float
    wanted: Decimal
    cap: Decimal
    pays: bool
    jobs: int = 1
    bills: int = 0
    with_bills: frozenset[str] = frozenset()
    left: int | None = None

    @property
    def seconds(self) -> float:
        """The expected time of the whole."""
        return sum(self.seconds_by_check.values())

    def lines(self, beginning: str = "Running") -> list[str]:
        """Return the estimate as lines of text."""
        checks = len(self.seconds_by_check)
        parallel = f", {self.jobs} checks at a time" if self.jobs > 1 else ""
        requests = plural(_round(self.requests), "request")
        lines = [
            f"{beginning} {plural(checks, 'check')}: about {requests}, {about(self.seconds)} at "
            f"{self.latency * 1000:.0f} ms per answer and at most {self.rate:g} requests a "
            f"second{parallel}"
        ]
        if self.left is not None:
            return lines + self._of_the_pool()
        if self.pays:
            lines.append(
                f"Money: about {_round(float(self.wanted))} rupees, never more than {self.cap} "
                "(limits.rupees_per_run)"
            )
        elif self.wanted:
            lines.append("Money: none moves in this mode")
        if self.wanted > self.cap:
            lines.append(
                f"The checks need about {_round(float(self.wanted))} rupees; beyond {self.cap} "
                "they stay inconclusive: raise limits.rupees_per_run, or lower bills.amount"
            )
        return lines

    def _of_the_pool(self) -> list[str]:
        """Describe bills whose amounts nobody knows before they are fetched."""
        money = f"never more than {self.cap} rupees (limits.rupees_per_run)"
        lines = [
            f"Bills: about {_round(self.bills)}, left in the pool: {self.left}; "
            f"{money if self.pays else 'no money moves in this mode'}"
        ]
        if self.left is not None and self.bills > self.left:
            lines.append("When the pool is empty, checks stay inconclusive: add consumer codes")
        return lines


def about(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds < 50:
        return "less than a minute"
    if seconds < 90 * 60:
        return f"about {max(round(seconds / 60), 1)} min"
    return f"about {seconds / 3600:.1f} h"


def _round(number: float) -> int:
    """Leave two digits that count: an estimate knows no more."""
    return int(float(f"{number:.1e}"))
