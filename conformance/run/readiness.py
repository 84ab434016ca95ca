"""Whether a deployment can become CONFORMANT with a profile, requirement by requirement.

Known before a run: the doctor's examination, what the planned checks cost, and which wait for
another day.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from conformance.core.requirements import Requirement
from conformance.core.verdicts import Level
from conformance.core.wording import plural
from conformance.doctor import Examination, Prediction, ranges
from conformance.results.estimate import Estimate

DECIDED: Final = "yes"
NEXT_DAY: Final = "on the next day"
UNDECIDED: Final = "no"
NOT_LOOKED_AT: Final = "not looked at"


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What a run on a target will be able to decide.

    `requirements` are those that the run is about. `next_day` are the ids of those that wait, in
    part, for the next day, where the clock cannot be moved (`over_two_days`); `paying` are those
    whose checks use bills. `partial` says that the run is not of the whole suite.
    """

    examination: Examination
    requirements: tuple[Requirement, ...]
    estimate: Estimate
    next_day: Collection[str]
    over_two_days: bool
    paying: Collection[str]
    partial: bool

    @cached_property
    def missing(self) -> tuple[Prediction, ...]:
        """What is missing, with the requirements that it leaves undecided."""
        predicted = tuple(each for each in self.examination.predictions if each.exists)
        return (*predicted, *self._too_few_bills(), *self._too_few_rupees())

    @property
    def undecided(self) -> list[str]:
        """The binding requirements that stay undecided, also on the next day."""
        return [each.id for each in self._binding if each.id in self._without]

    @property
    def first_day(self) -> list[str]:
        """The requirements that nothing but the next day decides."""
        if not self.over_two_days:
            return []
        waiting = set(self.next_day) - self._without
        return [each.id for each in self.requirements if each.id in waiting]

    @property
    def reasons(self) -> list[str]:
        """Why the deployment cannot become CONFORMANT; none if it can."""
        faults, undecided = self.examination.faults, self.undecided
        reasons = []
        if faults:
            areas = ", ".join(dict.fromkeys(each.area for each in faults))
            reasons.append(f"{plural(len(faults), 'fault')} must be repaired ({areas})")
        if undecided:
            stay = plural(len(undecided), "binding requirement")
            reasons.append(f"{stay} would stay undecided ({ranges(undecided)})")
        if self.partial:
            reasons.append("only a part of the suite is chosen")
        return reasons

    def decided(self, id_: str) -> str:
        """Return whether a requirement can be decided: DECIDED or one of the other words."""
        if id_ in self._without or not self.examination.fit:
            return UNDECIDED
        if id_ in self.first_day:
            return NEXT_DAY
        predictions = self.examination.predictions
        nothing = any(id_ in each.requirements for each in predictions if not each.exists)
        return NOT_LOOKED_AT if nothing else DECIDED

    def lines(self) -> Iterator[str]:
        """Yield the readiness as lines of text, after what is missing."""
        if yes := [each.id for each in self.requirements if self.decided(each.id) == DECIDED]:
            yield f"Can be decided: {ranges(yes)}"
        if self.examination.fit:
            yield from self.estimate.lines("A run of")
        else:
            blocking = [each.what for each in self.examination.faults if each.blocking]
            yield f"Checks cannot start before this is repaired: {'; '.join(blocking)}."
        if self.examination.fit and self.examination.faults:
            yield "Checks can start; because of the faults above, some will fail or decide nothing."
        if self.reasons:
            yield f"Cannot become CONFORMANT, because {', and '.join(self.reasons)}."
        elif self.first_day:
            yield (
                "Can become CONFORMANT, over two days: certify with --open, and settle the run on "
                f"the next day. Until then {ranges(self.first_day)} stay undecided."
            )
        else:
            yield "Can become CONFORMANT."

    def as_json(self) -> dict[str, Any]:
        """Return all of it as a document."""
        examination, estimate = self.examination, self.estimate
        return {
            "base_url": examination.base_url,
            "detected": examination.detected,
            "checks_can_start": examination.fit,
            "can_become_conformant": not self.reasons,
            "because": self.reasons,
            "over_two_days": bool(self.first_day),
            "diagnostics": [asdict(each) for each in examination.diagnostics],
            "requirements": [self._row(each) for each in self.requirements],
            "estimate": {
                "checks": len(estimate.seconds_by_check),
                "requests": estimate.requests,
                "seconds": round(estimate.seconds),
                "requests_per_second": estimate.rate,
                "rupees": f"{estimate.wanted if estimate.pays else 0:f}",
                "rupees_per_run": f"{estimate.cap:f}",
                "bills": estimate.bills,
                "bills_in_pool": estimate.left,
            },
        }

    def _row(self, requirement: Requirement) -> Mapping[str, Any]:
        own = [each for each in self.examination.predictions if not each.exists]
        return {
            "id": requirement.id,
            "level": requirement.level,
            "can_be_decided": self.decided(requirement.id),
            "missing": [
                {"reason": each.reason, "remedy": each.remedy}
                for each in (*self.missing, *own)
                if requirement.id in each.requirements
            ],
        }

    @cached_property
    def _without(self) -> set[str]:
        """The requirements that lack something else than another day."""
        return {id_ for each in self.missing if not each.next_day for id_ in each.requirements}

    @property
    def _binding(self) -> list[Requirement]:
        return [each for each in self.requirements if each.level is Level.MUST]

    def _too_few_bills(self) -> Iterator[Prediction]:
        left, bills = self.estimate.left, self.estimate.bills
        if left is not None and left < bills:
            yield Prediction(
                requirements=self._paying,
                reason=f"the checks need about {bills} bills, and the pool has {left} unused",
                remedy=f"add {bills - left} consumer codes to the file of bills.pool",
            )

    def _too_few_rupees(self) -> Iterator[Prediction]:
        wanted, cap = self.estimate.wanted, self.estimate.cap
        if self.estimate.pays and self.estimate.left is None and wanted > cap:
            yield Prediction(
                requirements=self._paying,
                reason=f"the checks pay about ₹ {wanted:f}, and a run may pay ₹ {cap:f}",
                remedy=f"limits: {{rupees_per_run: {wanted:.0f}}}, or a smaller bills.amount",
            )

    @property
    def _paying(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.requirements if each.id in self.paying)
