"""Which faults are tried together, and what the findings of a trial say of each of them.

Faults that no check can reach together do not meet: they are tried in one run, and each check that
turns red is due to the one fault that reaches it. Those of a trial that are not exactly as expected
are tried again one by one.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conformance.checks.stateful.plans import FIXED
from conformance.core.verdicts import Finding
from conformance.generation import STANDARD
from conformance.reference import Fault
from tests.faults.collected import Job, Seen
from tests.faults.reach import TRACES, executed_with, looks_back, module_of

# What checks the form of answers to many odd requests leads to every place. It is left out where a
# fault and its dependents are not about the contract.
ABOUT_FORM: Final = frozenset({"CON-02", "CON-03", "CON-05", "CON-07"})
QUICK: Final = "quick"  # the depth at which other faults are tried first
TOGETHER: Final = 8  # faults in one trial at most: the more, the likelier is a second one
# One of so many fixed traces is for a fault that breaks no rule of theirs: which, differs likewise.
SHARE: Final = 4
# Combinations of a crossed rule for each fault that the rule is not about: which ones, differs from
# fault to fault.
ROWS: Final = 2
# Checks for each fault that are about nothing that it breaks or may turn red, and must stay green:
# which ones, differs from fault to fault.
ELSEWHERE: Final = 24


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


@dataclass(slots=True, kw_only=True)
class _Group:
    """Faults that are tried together: the checks executed for them, and all that they reach."""

    faults: list[Fault]
    executed: frozenset[str]
    reached: frozenset[str]
    closed: bool = False

    def takes(self, other: "_Group") -> bool:
        """Whether no check is executed that faults of both can reach."""
        return (
            not self.closed
            and len(self.faults) < TOGETHER
            and self.executed.isdisjoint(other.reached)
            and other.executed.isdisjoint(self.reached)
        )

    def add(self, other: "_Group") -> None:
        """Try the faults of another group together with these."""
        self.faults += other.faults
        self.executed |= other.executed
        self.reached |= other.reached


class Trials:
    """Plans the trials of faults; `strict` returns what the strict reference came to at a depth."""

    def __init__(
        self, faults: Iterable[Fault], strict: Callable[[str], Seen], *, whole: bool = False
    ) -> None:
        """Plan for some faults of the catalogue; `whole` executes all checks that they reach."""
        self._faults = {fault.name: fault for fault in faults}
        self._strict = strict
        self._whole = whole

    def fault(self, name: str) -> Fault:
        """Return a fault of the plan."""
        return self._faults[name]

    def first(self) -> list[Job]:
        """Return the trials to begin with, the longest first."""
        depths = {each.name: self._first_depth(each) for each in self._faults.values()}
        alone = [each for each in self._faults.values() if depths[each.name] != QUICK]
        quick = [each for each in self._faults.values() if depths[each.name] == QUICK]
        jobs = [self._job([each], depths[each.name]) for each in alone]
        jobs += [self._job(each, QUICK) for each in self._together(quick)]
        return sorted(jobs, key=self._cost, reverse=True)

    def judged(self, job: Job, seen: Seen) -> list[Row]:
        """Return what a trial says of its faults, but of those that other trials have to decide."""
        faults = [self._faults[name] for name in job.faults]
        if len(faults) == 1:
            row = _row(faults[0], job, seen, seen.findings)
            return [] if row.missed(faults[0]) and job.depth == QUICK else [row]
        if seen.broken or any(map(looks_back, seen.red)):
            return []
        own = [self._own(fault, job.depth) for fault in faults]
        rows = [
            _row(fault, job, seen, [each for each in seen.findings if each.check in checks])
            for fault, checks in zip(faults, own, strict=True)
        ]
        return [row for row, fault in zip(rows, faults, strict=True) if not row.wrong(fault)]

    def instead(self, job: Job, found: Sequence[Row]) -> list[Job]:
        """Return the trials that decide what a trial did not."""
        decided = {row.fault for row in found}
        left = [self._faults[name] for name in job.faults if name not in decided]
        together = len(job.faults) > 1 and not found  # it is not known yet whose doing that was
        return [self._job([each], job.depth if together else STANDARD) for each in left]

    def _together(self, faults: Sequence[Fault]) -> list[list[Fault]]:
        """Return groups of faults that no check can reach together, and that are not seen late."""
        reach, late = self._strict(QUICK).reach, self._late()
        groups: list[_Group] = []
        own = {fault.name: self._own(fault, QUICK) for fault in faults}
        for fault in sorted(faults, key=lambda each: len(own[each.name]), reverse=True):
            executed, reached = own[fault.name], reach.own(fault.name)
            group = _Group(faults=[fault], executed=executed, reached=reached)
            alone = fault.name in reach.beforehand or not late.isdisjoint(allowed(fault))
            group.closed = alone or not executed
            fitting = (each for each in groups if not group.closed and each.takes(group))
            if (found := next(fitting, None)) is None:
                groups.append(group)
            else:
                found.add(group)
        return [each.faults for each in groups]

    def _first_depth(self, fault: Fault) -> str:
        """Return the depth at which a fault is tried first: where its own checks reach it."""
        depth = first_depth(fault)
        if depth != QUICK:
            return depth
        strict = self._strict(QUICK)
        executed = self._own(fault, QUICK) | strict.reach.last
        about = {
            id_ for each in strict.findings if each.check in executed for id_ in each.requirements
        }
        return QUICK if about.issuperset(fault.requirements) else STANDARD

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
        own = strict.reach.own(fault.name) - (frozenset() if about_form(fault) else about)
        late = depth != QUICK and not self._late().isdisjoint(fault.requirements)
        if self._whole or late:
            return own  # it may be any of them whose traces show it
        own -= self._further_rows(fault, strict, own)
        return own - self._elsewhere(fault, strict, own)

    def _elsewhere(self, fault: Fault, strict: Seen, own: frozenset[str]) -> frozenset[str]:
        """Return what is left out of checks that are about nothing which a fault may turn red."""
        together: dict[str, list[str]] = {}
        for each in strict.findings:
            if each.check in own and allowed(fault).isdisjoint(each.requirements):
                together.setdefault(executed_with(each.check), []).append(each.check)
        left_out = sorted(together, key=lambda each: _shuffled(fault, each))[ELSEWHERE:]
        return frozenset(check for each in left_out for check in together[each])

    def _further_rows(self, fault: Fault, strict: Seen, own: frozenset[str]) -> frozenset[str]:
        """Return what is left out of crossed rules that are about other requirements."""
        others = (
            each.check
            for each in strict.findings
            if each.check in own & strict.crossed
            if not set(each.requirements) & set(fault.requirements)
        )
        rows: dict[str, list[str]] = {}
        for check in others:
            rows.setdefault(rule_of(check), []).append(check)
        return frozenset(
            check
            for checks in rows.values()
            for check in sorted(checks, key=lambda each: _shuffled(fault, each))[ROWS:]
        )

    def _job(self, faults: Sequence[Fault], depth: str) -> Job:
        own = (self._own(each, depth) for each in faults)
        return Job(
            depth=depth,
            faults=tuple(each.name for each in faults),
            checks=self._strict(depth).reach.last.union(*own),
            traces=self._traces(faults, depth),
        )

    def _traces(self, faults: Sequence[Fault], depth: str) -> frozenset[int] | None:
        """Return the fixed traces that are enough at first; None for all, and random ones."""
        about = {
            id_
            for each in self._strict(depth).findings
            if module_of(each.check) == TRACES
            for id_ in each.requirements
        }
        if any(about & set(each.requirements) for each in faults):
            return frozenset(range(len(FIXED))) if depth == QUICK else None
        names = " ".join(each.name for each in faults)
        first = zlib.crc32(names.encode()) % SHARE
        return frozenset(range(first, len(FIXED), SHARE))

    def _cost(self, job: Job) -> float:
        """Return the seconds that the checks of a trial take where there is no fault."""
        findings = self._strict(job.depth).findings
        return sum(each.seconds for each in findings if each.check in (job.checks or ()))


def rule_of(check: str) -> str:
    """Return the rule of a check that is one combination of it."""
    return check.partition("[")[0]


def first_depth(fault: Fault) -> str:
    """Return the depth at which a fault is tried first, if its own checks reach it there."""
    if fault.depth == STANDARD and not about_form(fault):
        return QUICK
    return fault.depth


def about_form(fault: Fault) -> bool:
    """Whether a fault must, or may, turn red what checks the form of answers."""
    return not ABOUT_FORM.isdisjoint(allowed(fault))


def allowed(fault: Fault) -> frozenset[str]:
    """Return the requirements that a fault must, or may, turn red."""
    return frozenset((*fault.requirements, *fault.dependents))


def _shuffled(fault: Fault, check: str) -> int:
    """Return where a check comes in an order that is the same in each run, and each fault's own."""
    return zlib.crc32(f"{fault.name} {check}".encode())


def _row(fault: Fault, job: Job, seen: Seen, findings: Iterable[Finding]) -> Row:
    own = replace(seen, findings=tuple(findings))
    return Row(
        fault=fault.name,
        red=frozenset(id_ for ids in own.red.values() for id_ in ids),
        red_checks=frozenset(own.red),
        undecided=own.undecided,
        errors=own.errors,
        depth=job.depth,
        checks=len(own.findings),
    )
