"""Executes traces: all of them side by side, then those that are bad again, to make them short.

Time passes for all traces at once, when each has made the steps before. A run costs some 300
exchanges at quick, 600 at standard, 4000 at deep; VAIN limits useless waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.bbps import trials
from conformance.bbps.clock import SECOND
from conformance.bbps.flow import Bbps
from conformance.bbps.reach import reading_back
from conformance.checks.stateful.coverage import Steps
from conformance.checks.stateful.plans import (
    FIXED,
    halves,
    kind_of,
    of_no_kind,
    on_one_bill,
    passes_time,
    random_plans,
)
from conformance.checks.stateful.record import ModelViolation
from conformance.checks.stateful.results import FailedTrace, StatefulResults
from conformance.checks.stateful.setting import setting_of
from conformance.checks.stateful.steps import InParts, Setting, TraceStep
from conformance.checks.stateful.trace import Trace
from conformance.client.client import Unanswered
from conformance.client.exchange_log import ExchangeLog
from conformance.core.side_by_side import side_by_side
from conformance.core.verdicts import Inconclusive

MINUTE: Final = 60 * SECOND
SHRINKING: Final = {"quick": 20, "standard": 25, "deep": 60}  # further traces, for a short one
VAIN: Final = 4  # waits for what never shows, before no more traces are executed
INTERRUPTED: Final = 5  # traces that could not be executed to their end, likewise
TRIES: Final = 3  # of a trace that was lost because an answer did not come


@dataclass(slots=True)
class TraceExecution:
    """A trace on its way; it is over with its first violation, and when it cannot go on."""

    name: str
    plan: Steps
    trace: Trace
    over: bool = False
    unanswered: bool = False
    violation: ModelViolation | None = None
    interrupted: str = ""

    def make(self, act: Callable[[], None]) -> None:
        """Do something of the trace, unless it is over."""
        if self.over:
            return
        judged = frozenset(self.trace.record.judged)
        try:
            act()
        except ModelViolation as violation:
            self.over, self.violation = True, violation
        except Inconclusive as hindrance:
            self.over, self.interrupted = True, str(hindrance)
            self.trace.record.judged &= judged  # an act that was lost half-way judges nothing
            self.unanswered = isinstance(hindrance, Unanswered)

    def begin(self) -> None:
        """Make the first calls of the trace."""
        in_parts = InParts() in self.plan[:1]
        kind = kind_of(self.plan)
        self.make(lambda: self.trace.begin(in_parts=in_parts, kind=kind))

    def take(self, steps: Sequence[TraceStep]) -> None:
        """Make some steps."""
        for step in steps:
            self.make(lambda step=step: self.trace.take(step))  # type: ignore[misc]


class TraceRunner:
    """Executes traces on one deployment, as long as further ones make sense."""

    def __init__(self, bbps: Bbps, recorded: ExchangeLog, *, jobs: int = 1) -> None:
        self.results = StatefulResults()
        self.setting = setting_of(bbps)
        self._bbps = bbps
        self._recorded = recorded
        self._jobs = jobs
        self._waited_before = bbps.polling.in_vain

    @property
    def exhausted(self) -> bool:
        """Whether too many waits had no result, or too many traces were lost."""
        vain = self._bbps.polling.in_vain - self._waited_before
        return vain >= VAIN or self.results.interrupted_in_a_row >= INTERRUPTED

    def run(self, plans: Sequence[Steps], shrinking: int) -> None:
        """Execute traces side by side, again where an answer was lost; make bad ones short."""
        for _ in range(TRIES):
            done = self._executed(plans)
            plans = [each.plan for each in done if each.unanswered]
        for requirement, failed in list(self.results.failed.items()):
            self._shorten(requirement, failed, shrinking)

    def _executed(self, plans: Sequence[Steps]) -> list[TraceExecution]:
        """Execute traces: what comes before time passes; the clock moves once; then the rest."""
        started = [self._started(plan) for plan in plans]
        self._together(started, self._until_time_passes)
        waiting = [each for each in started if self._waits(each) and not each.over]
        if waiting:
            self._bbps.clock.advance(max(each.trace.time_left() for each in waiting))
            self._together(waiting, self._from_then_on)
        for each in started:
            self._file(each)
        return started

    def _started(self, plan: Steps) -> TraceExecution:
        self.results.executed += 1
        name = f"lifecycle::trace {self.results.executed}"
        trace = Trace(
            self._bbps.for_check(name),
            self.setting,
            lateness=self.results.executed * 10 * MINUTE,
            latest=lambda: self._recorded.latest_of(name),
        )
        return TraceExecution(name=name, plan=plan, trace=trace)

    def _until_time_passes(self, execution: TraceExecution) -> None:
        if self.exhausted:
            execution.over = True
            return
        before, after = halves(execution.plan)
        execution.begin()
        execution.take(before)
        if not self._waits(execution):
            execution.take(after)
            execution.make(execution.trace.end)

    def _from_then_on(self, execution: TraceExecution) -> None:
        execution.make(execution.trace.time_passed)
        execution.take(halves(execution.plan)[1])
        execution.make(execution.trace.end)

    def _waits(self, execution: TraceExecution) -> bool:
        """Whether time is to pass in a trace, and can."""
        return self.setting.clock and passes_time(execution.plan)

    def _together(
        self, executions: Sequence[TraceExecution], act: Callable[[TraceExecution], None]
    ) -> None:
        """Act in all traces; the longest begins first, for the last one holds up all."""
        longest_first = sorted(executions, key=lambda each: len(each.plan), reverse=True)
        side_by_side(longest_first, act, jobs=self._jobs, abandon=self._bbps.client.abandon)

    def _file(self, execution: TraceExecution) -> None:
        """Take note of what came of a trace."""
        results, trace = self.results, execution.trace
        results.judged |= dict.fromkeys(trace.record.judged, execution.name)
        if execution.violation is not None:
            results.keep(
                FailedTrace(
                    name=execution.name,
                    plan=execution.plan,
                    lines=tuple(trace.record.lines),
                    violation=execution.violation,
                )
            )
        if execution.interrupted:
            results.interrupt(execution.interrupted)
        elif not execution.over:
            results.interrupted_in_a_row = 0

    def _shorten(self, requirement: str, failed: FailedTrace, left: int) -> None:
        """Leave out what a trace is bad without all the same, in `left` traces.

        That may be what is special about its bill, the second bill, and each step.
        """
        plan = failed.plan
        for plainer in (of_no_kind, on_one_bill):
            if plainer(plan) != plan and self._bad(plainer(plan), requirement):
                plan = plainer(plan)
        place, shortened = len(plan), False
        while left > 0 and not self.exhausted:
            if place == 0:
                if not shortened:
                    return
                place, shortened = len(plan), False  # what needed a step may be gone by now
            place -= 1
            shorter = (*plan[:place], *plan[place + 1 :])
            left -= 1
            if self._bad(shorter, requirement):
                plan, place, shortened = shorter, min(place, len(shorter)), True

    def _bad(self, plan: Steps, requirement: str) -> bool:
        """Whether a trace violates a requirement."""
        violation = self._executed([plan])[0].violation
        return violation is not None and violation.requirement == requirement


def run(
    bbps: Bbps, recorded: ExchangeLog, *, depth: str, seed: int, jobs: int = 1
) -> StatefulResults:
    """Execute the fixed traces and the random ones."""
    runner = TraceRunner(bbps, recorded, jobs=jobs)
    runner.results.beyond = _beyond(runner.setting)
    runner.results.lacking = _lacking(bbps)
    plans = [*FIXED, *random_plans(runner.setting, depth=depth, seed=seed)]
    runner.run(plans, SHRINKING[depth])
    return runner.results


def _lacking(bbps: Bbps) -> str:
    """Return what every trace needs and the target does not have: a transaction, and payments."""
    try:
        trials.transaction(bbps)
        reading_back(bbps, "payment.module-search")
    except Inconclusive as missing:
        return str(missing)
    return ""


def _beyond(setting: Setting) -> dict[str, str]:
    """Return the requirements that no trace comes to on this target, with why."""
    beyond: dict[str, str] = {}
    if not setting.clock:
        why = "a trace runs without a break, and the clock of the deployment cannot be moved"
        beyond |= dict.fromkeys(("RCP-04",) if setting.changes else ("RCP-04", "BIL-06"), why)
    if not setting.dismissals:
        beyond["USR-12"] = "no user that this run creates may be changed"
    return beyond
