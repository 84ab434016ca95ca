"""How long a run will still take: its estimate, corrected by its own pace as it proceeds."""

from collections.abc import Callable
from typing import Final

from conformance.results.estimate import Estimate

FOUNDED: Final = 0.05  # share of the estimate that must be behind before anything is said
# How much the estimate counts against the pace that was measured, as a share of itself, when a run
# begins. Checks under way count only once they have ended, so that with many jobs the first pace is
# too slow by far: a trace that all workers begin with would seem to be the pace of the whole.
TRUST: Final = 0.35
STEADY: Final = 1.25  # times that one check may make more, or less, of what is left


class Remaining:
    """How a run gets on against its estimate. Called by one thread."""

    def __init__(self, estimate: Estimate, now: Callable[[], float]) -> None:
        """Begin; `now` is a clock in seconds."""
        self._estimate = estimate
        self._now = now
        self._begun = self._shown_at = now()
        self._done = 0.0  # seconds that the estimate gave to the checks that have ended
        self._ended = 0
        self._shown: float | None = None  # seconds

    def after(self, check: str) -> float | None:
        """Note that a check has ended; return the seconds that the others will take.

        None while that has no foundation: not each job has ended a check, or too few are done.
        """
        whole, now = self._estimate.seconds, self._now()
        self._ended += 1
        self._done = min(self._done + self._estimate.seconds_by_check.get(check, 0.0), whole)
        if self._ended < self._estimate.jobs or self._done < whole * FOUNDED:
            return None
        if self._ended >= len(self._estimate.seconds_by_check):
            return 0.0
        left = (whole - self._done) * self._slowness(now - self._begun)
        if self._shown is not None:
            on_time = max(self._shown - (now - self._shown_at), 0.0)
            left = max(min(left, self._shown * STEADY), min(self._shown / STEADY, on_time))
        self._shown, self._shown_at = left, now
        return left

    def _slowness(self, elapsed: float) -> float:
        """Return how many seconds pass for one of the estimate, trusted less and less."""
        whole = self._estimate.seconds
        if not whole:
            return 1.0
        trusted = TRUST * whole * (1 - self._done / whole) ** 2
        return (elapsed + trusted) / (self._done + trusted)
