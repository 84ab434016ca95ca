"""Traces of one bill: a few fixed ones, so that each rule is put to the test; then random ones.

The random ones are drawn by a state machine of Hypothesis, which also searches a shorter trace
once one is bad. Each requirement has a search of its own, so that one does not hide another. A run
costs some 250 exchanges at quick, 500 at standard, 4000 at deep; VAIN limits useless waits.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conformance.bbps.clock import SECOND
from conformance.bbps.flow import Bbps
from conformance.checks.stateful.model import (
    OTHER_AMOUNT,
    OUTCOMES,
    OWNER,
    BillModel,
    ModelViolation,
)
from conformance.checks.stateful.results import FailedTrace, StatefulResults
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.exchange_log import ExchangeLog
from conformance.core.exchange import CURRENT_CHECK
from conformance.core.verdicts import Inconclusive
from conformance.generation import search_settings

Step = Callable[[BillModel], None]
Places = int | MultipleResults[int]
Rule = TypeVar("Rule", bound=Callable[..., Any])

MINUTE: Final = 60 * SECOND
OUTSIDERS: Final = ("rival", "cashier", "citizen", "administrator", ANONYMOUS)
LONGEST: Final = 10  # steps of a random trace
TRACES: Final = {"quick": 8, "standard": 24, "deep": 200}  # random ones
SHRINKING: Final = {"quick": 15, "standard": 25, "deep": 100}  # further ones, for a short one
VAIN: Final = 4  # waits for what never shows, before no more traces are executed
INTERRUPTED: Final = 5  # traces in a row that could not be executed to their end, likewise
TRIES: Final = 3  # of a fixed trace that was lost because an answer did not come

succeed, fail, mistake = (
    partial(BillModel.report, actor=OWNER, outcome=outcome)
    for outcome in ("success", "failure", OTHER_AMOUNT)
)
FIXED: Final[tuple[tuple[Step, ...], ...]] = (  # those that await no outcome come first
    (BillModel.let_expire, BillModel.create, BillModel.fetch),
    (BillModel.change, BillModel.create, BillModel.fetch),
    (BillModel.pay_cash, BillModel.pay_cash),
    (BillModel.create, BillModel.create),
    (
        BillModel.create,
        *(partial(BillModel.report, actor=actor, outcome="success") for actor in OUTSIDERS),
    ),
    (BillModel.create, mistake),
    (BillModel.create, succeed, BillModel.fetch),
    (BillModel.create, fail, succeed, BillModel.create),
    (BillModel.create, succeed, succeed, fail, BillModel.pay_cash),
    (BillModel.create, BillModel.let_expire, succeed),
)
ALWAYS: Final = (BillModel.only_a_success_has_receipts, BillModel.the_bill_is_paid_once)


class Trace:
    """A trace on its way; it is over with its first violation, and when it cannot go on."""

    def __init__(self, results: StatefulResults, name: str, model: BillModel) -> None:
        """Begin a trace; `name` is what its exchanges are filed under."""
        self.model = model
        self.over = False
        self.unanswered = False
        self.violation: ModelViolation | None = None
        self._results = results
        self._name = name
        self.take(BillModel.begin)

    def take(self, step: Step) -> ModelViolation | None:
        """Take a step, unless the trace is over; return the violation that it shows."""
        if self.over:
            return None
        token = CURRENT_CHECK.set(self._name)
        try:
            step(self.model)
            self._note_judged()
        except ModelViolation as violation:
            self.over, self.violation = True, violation
            self._note_judged()
            lines = tuple(self.model.lines)
            self._results.keep(FailedTrace(name=self._name, lines=lines, violation=violation))
            return violation
        except Inconclusive as interrupted:
            self.over, self.unanswered = True, isinstance(interrupted, Unanswered)
            self._results.interrupt(str(interrupted))
        finally:
            CURRENT_CHECK.reset(token)
        return None

    def end(self) -> None:
        """Take note that the trace was executed to its end, if it was."""
        if not self.over:
            self._results.interrupted_in_a_row = 0

    def _note_judged(self) -> None:
        """Take note of the rules that were judged; not in a step that got lost half-way."""
        self._results.judged |= dict.fromkeys(self.model.judged, self._name)


class TraceRunner:
    """Executes traces on one deployment, as long as further ones make sense."""

    def __init__(self, bbps: Bbps, recorded: ExchangeLog) -> None:
        self.results = StatefulResults()
        self._bbps = bbps
        self._recorded = recorded
        self._waited_before = bbps.polling.in_vain
        self._interrupted = False  # whether an answer of the latest trace did not come

    @property
    def exhausted(self) -> bool:
        """Whether too many waits had no result, or one trace after the other is lost."""
        vain = self._bbps.polling.in_vain - self._waited_before
        return vain >= VAIN or self.results.interrupted_in_a_row >= INTERRUPTED

    def begin(self) -> Trace:
        """Begin another trace."""
        self.results.executed += 1
        name = f"lifecycle::trace {self.results.executed}"
        model = BillModel(
            self._bbps,
            lateness=self.results.executed * 10 * MINUTE,
            latest=lambda: self._recorded.latest_of(name),
        )
        return Trace(self.results, name, model)

    def run(self, steps: Sequence[Step]) -> None:
        """Execute a fixed trace, again if an answer was lost on the way; a bad one then shorter."""
        known = frozenset(self.results.failed)
        for _ in range(TRIES):
            if self.exhausted:
                return
            violated = self._violates(steps)
            if violated and violated not in known:
                self._shorten(steps, violated)
            if not self._interrupted:
                return

    def _shorten(self, steps: Sequence[Step], requirement: str) -> None:
        """Leave out each step without which the trace is bad all the same."""
        for place in reversed(range(len(steps))):
            shorter = [*steps[:place], *steps[place + 1 :]]
            if (
                steps[place] is BillModel.create or self.exhausted
            ):  # what follows needs its transaction
                continue
            if self._violates(shorter) == requirement:
                steps = shorter

    def _violates(self, steps: Sequence[Step]) -> str:
        """Execute a trace once; return the requirement that it violates, if any."""
        trace = self.begin()
        for step in steps:
            for each in (step, *ALWAYS):
                trace.take(each)
        trace.end()
        self._interrupted = trace.unanswered
        return trace.violation.requirement if trace.violation else ""


class CounterexampleSearch:
    """A search for a trace that breaks a rule not known to be broken, then for a shorter one."""

    def __init__(self, runner: TraceRunner, depth: str) -> None:
        self.wanted = ""  # the requirement that is searched for, once there is one
        self._runner = runner
        self._known = frozenset(runner.results.failed)
        self._left = TRACES[depth]
        self._shrinking = SHRINKING[depth]

    def begin(self) -> Trace:
        """Begin another trace; SearchEnded if there were enough of them."""
        if self._left == 0 or self._runner.exhausted:
            raise SearchEnded
        self._left -= 1
        return self._runner.begin()

    def is_after(self, requirement: str) -> bool:
        """Whether a violation of a requirement is what is searched for."""
        if not self.wanted and requirement not in self._known:
            self.wanted, self._left = requirement, self._shrinking
        return requirement == self.wanted


class SearchEnded(BaseException):
    """Ends a search; no Exception, which Hypothesis would take for a find."""


def when(possible: Callable[[BillModel], bool]) -> Callable[[Rule], Rule]:
    """Let a rule be drawn only where the model says that it is possible."""
    return precondition(lambda life: not life.trace.over and possible(life.trace.model))


def unless_just(step: Step) -> Callable[[Rule], Rule]:
    """Let a rule be drawn only where the same was not done a moment ago: that shows nothing new."""
    return precondition(lambda life: life.trace.over or life.last is not step)


class BillStateMachine(RuleBasedStateMachine):
    """A random trace of one bill: at each step, one of the rules that are possible by then.

    A rule of a trace that is over does nothing; its steps are drawn to the end all the same.
    """

    created = Bundle("created")  # transactions, by their place in the trace

    def __init__(self, search: CounterexampleSearch) -> None:
        super().__init__()
        self.trace = search.begin()
        self._search = search
        self.last: Step = BillModel.begin

    @initialize(target=created, early=st.sampled_from((False, True, True, True)))
    def begin(self, early: bool) -> Places:
        """Mostly, a transaction is created at once: without any, little can happen."""
        return self._created() if early else multiple()

    @unless_just(BillModel.create)
    @rule(target=created)
    def create(self) -> Places:
        """The owner creates a transaction."""
        return self._created()

    @unless_just(BillModel.fetch)
    @rule()
    def fetch(self) -> None:
        """The owner fetches the bill again."""
        self._take(BillModel.fetch)

    @rule(place=created)
    def succeed(self, place: int) -> None:
        """The owner reports success."""
        self._take(partial(succeed, place=place))

    @rule(place=created)
    def fail(self, place: int) -> None:
        """The owner reports failure."""
        self._take(partial(fail, place=place))

    @rule(place=created)
    def mistake(self, place: int) -> None:
        """The owner reports success with another amount."""
        self._take(partial(mistake, place=place))

    @rule(place=created, outcome=st.sampled_from(OUTCOMES), actor=st.sampled_from(OUTSIDERS))
    def intrude(self, place: int, outcome: str, actor: str) -> None:
        """Somebody else reports an outcome."""
        self._take(partial(BillModel.report, actor=actor, outcome=outcome, place=place))

    @unless_just(BillModel.pay_cash)
    @when(BillModel.may_pay_cash)
    @rule()
    def pay_cash(self) -> None:
        """The counter takes the amount of the bill."""
        self._take(BillModel.pay_cash)

    @when(BillModel.may_expire)
    @rule()
    def let_expire(self) -> None:
        """The bill expires."""
        self._take(BillModel.let_expire)

    @when(BillModel.may_change)
    @rule()
    def change(self) -> None:
        """The demand of the bill is changed."""
        self._take(BillModel.change)

    @when(BillModel.may_change)
    @rule()
    def cancel(self) -> None:
        """The demand of the bill is cancelled."""
        self._take(BillModel.cancel)

    @invariant()
    def only_a_success_has_receipts(self) -> None:
        """No pending or failed transaction has a receipt."""
        self._take(BillModel.only_a_success_has_receipts)

    @invariant()
    def the_bill_is_paid_once(self) -> None:
        """No bill has two payments."""
        self._take(BillModel.the_bill_is_paid_once)

    def teardown(self) -> None:
        """End the trace."""
        self.trace.end()

    def _created(self) -> Places:
        """Create a transaction; return its place, or nothing if there is none."""
        place = self.trace.model.transactions
        self._take(BillModel.create)
        return place if self.trace.model.transactions > place else multiple()

    def _take(self, step: Step) -> None:
        if step not in ALWAYS:
            self.last = step
        violation = self.trace.take(step)
        if violation is not None and self._search.is_after(violation.requirement):
            raise violation


def run(
    bbps: Bbps,
    recorded: ExchangeLog,
    depth: str,
    seed_: int,
    fixed: Sequence[Sequence[Step]] = FIXED,
) -> StatefulResults:
    """Execute the fixed traces, then random ones until no further violation shows."""
    runner = TraceRunner(bbps, recorded)
    runner.results.beyond = _beyond(bbps)
    for steps in fixed:
        runner.run(steps)
    while _violates(
        CounterexampleSearch(runner, depth), seed_ + len(runner.results.failed), TRACES[depth]
    ):
        pass
    return runner.results


def _beyond(bbps: Bbps) -> dict[str, str]:
    """Return the requirements that no trace comes to on this target, with why."""
    if bbps.clock.movable:
        return {}
    why = "a trace runs without a break, and the clock of the deployment cannot be moved"
    changes = bbps.target.bills.provision == "demands"
    return dict.fromkeys(("RCP-04",) if changes else ("RCP-04", "BIL-06"), why)


def _violates(search: CounterexampleSearch, seed_: int, machine: int) -> bool:
    """Search with random traces; return whether one broke a rule not known to be broken."""
    searching = [search]  # let go at the end: Hypothesis keeps the class for good

    @seed(seed_)
    class Random(BillStateMachine):
        """A random trace of this search."""

        def __init__(self) -> None:
            super().__init__(searching[0])

    # The shortest trace is kept; a deployment that will not repeat it has shown it once.
    with suppress(ModelViolation, Flaky, SearchEnded):
        run_state_machine_as_test(
            Random,
            settings=search_settings(machine, stateful_step_count=LONGEST),
        )
    searching.clear()
    return bool(search.wanted)
