"""Which faults are tried together, and what the findings of a trial say of each of them.

Faults that no check can reach together do not meet: they are tried in one run, and each check that
turns red is due to the one fault that reaches it. A trial of several that is not exactly as
expected decides nothing, and they are tried one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conformance.core.verdicts import Finding
from conformance.generation import STANDARD
from conformance.reference import Fault
from tests.faults.collected import Job, Seen
from tests.faults.reach import looks_back

# What checks the form of answers to many odd requests leads to every place. It is left out where a
# fault and its dependents are not about the contract.
ABOUT_FORM: Final = frozenset({"CON-02", "CON-03", "CON-05", "CON-07"})
QUICK: Final = "quick"  # the depth at which other faults are tried first
TOGETHER: Final = 8  # faults in one trial at most: the more, the likelier is a second one


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one fault turned red, and the checks that broke or could not decide."""

    fault: str
    red: frozenset[str] = frozenset()
    red_checks: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()
    depth: str = STANDARD
    checks: int = 0

    def missed(self, fault: Fault) -> set[str]:
        """Requirements that should have turned red and did not."""
        return set(fault.requirements) - self.red

    def blamed(self, fault: Fault) -> set[str]:
        """Requirements that turned red although the fault does not touch them."""
        return set(self.red) - allowed(fault)

    def wrong(self, fault: Fault) -> bool:
        """Whether the checks did not see the fault, or saw something else in it, or broke."""
        return bool(self.missed(fault) or self.blamed(fault) or self.errors)


class Trials:
    """Plans the trials of faults; `strict` returns what the strict reference came to at a depth."""

    def __init__(self, faults: Iterable[Fault], strict: Callable[[str], Seen]) -> None:
        """Plan for some faults of the catalogue."""
        self._faults = {fault.name: fault for fault in faults}
        self._strict = strict

    def fault(self, name: str) -> Fault:
        """Return a fault of the plan."""
        return self._faults[name]

    def first(self) -> list[Job]:
        """Return the trials to begin with, the longest first."""
        alone = [(each,) for each in self._faults.values() if first_depth(each) != QUICK]
        quick = [each for each in self._faults.values() if first_depth(each) == QUICK]
        jobs = [self._job(each) for each in (*alone, *self._together(quick))]
        return sorted(jobs, key=self._cost, reverse=True)

    def judged(self, job: Job, seen: Seen) -> list[Row]:
        """Return what a trial says of its faults; nothing if other trials have to decide."""
        faults = [self._faults[name] for name in job.faults]
        if len(faults) == 1:
            row = _row(faults[0], job, seen, seen.findings)
            return [] if row.missed(faults[0]) and job.depth == QUICK else [row]
        own = [self._own(fault, job.depth) for fault in faults]
        rows = [
            _row(fault, job, seen, [each for each in seen.findings if each.check in checks])
            for fault, checks in zip(faults, own, strict=True)
        ]
        if any(map(looks_back, seen.red)) or any(map(Row.wrong, rows, faults)):
            return []
        return rows

    def instead(self, job: Job) -> list[Job]:
        """Return the trials that decide what a trial did not."""
        if len(job.faults) > 1:
            return [self._job((self._faults[name],)) for name in job.faults]
        return [self._job((self._faults[job.faults[0]],), STANDARD)]

    def _together(self, faults: Sequence[Fault]) -> list[tuple[Fault, ...]]:
        """Return groups of faults that no check can reach together, and that are not seen late."""
        late, beforehand = self._late(), self._strict(QUICK).reach.beforehand
        own = {fault.name: self._own(fault, QUICK) for fault in faults}
        groups: list[tuple[list[Fault], set[str]]] = []
        for fault in sorted(faults, key=lambda each: len(own[each.name]), reverse=True):
            alone = fault.name in beforehand or not late.isdisjoint(allowed(fault))
            for group, checks in groups:
                fits = checks and len(group) < TOGETHER and checks.isdisjoint(own[fault.name])
                if fits and not alone:
                    group.append(fault)
                    checks |= own[fault.name]
                    break
            else:
                groups.append(([fault], set() if alone else set(own[fault.name])))
        return [tuple(group) for group, _ in groups]

    def _late(self) -> frozenset[str]:
        """Return the requirements of checks that look back: any fault may have turned them red."""
        findings = self._strict(QUICK).findings
        return frozenset(
            id_ for each in findings if looks_back(each.check) for id_ in each.requirements
        )

    def _own(self, fault: Fault, depth: str) -> frozenset[str]:
        """Return the checks that are executed for a fault, but those that look back."""
        strict = self._strict(depth)
        about = {each.check for each in strict.findings if ABOUT_FORM.issuperset(each.requirements)}
        return strict.reach.own(fault.name) - (frozenset() if about_form(fault) else about)

    def _job(self, faults: Sequence[Fault], depth: str = "") -> Job:
        depth = depth or first_depth(faults[0])
        own = (self._own(each, depth) for each in faults)
        return Job(
            depth=depth,
            faults=tuple(each.name for each in faults),
            checks=self._strict(depth).reach.last.union(*own),
        )

    def _cost(self, job: Job) -> float:
        """Return the seconds that the checks of a trial take where there is no fault."""
        findings = self._strict(job.depth).findings
        return sum(each.seconds for each in findings if each.check in (job.checks or ()))


def first_depth(fault: Fault) -> str:
    """Return the depth at which a fault is tried first."""
    if fault.depth == STANDARD and not about_form(fault):
        return QUICK
    return fault.depth


def about_form(fault: Fault) -> bool:
    """Whether a fault must, or may, turn red what checks the form of answers."""
    return not ABOUT_FORM.isdisjoint(allowed(fault))


def allowed(fault: Fault) -> frozenset[str]:
    """Return the requirements that a fault must, or may, turn red."""
    return frozenset((*fault.requirements, *fault.dependents))


def _row(fault: Fault, job: Job, seen: Seen, findings: Iterable[Finding]) -> Row:
    own = replace(seen, findings=tuple(findings))
    return Row(
        fault=fault.name,
        red=frozenset(id_ for ids in own.red.values() for id_ in ids),
        red_checks=frozenset(own.red),
        undecided=own.undecided,
        errors=seen.errors,
        depth=job.depth,
        checks=len(own.findings),
    )
