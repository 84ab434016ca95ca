"""Executes one check: the same way for any number of jobs, for `certify` and for plain pytest.

A check is set up, called and torn down by pytest's own code, so that every kind of fixture works.
The two places where pytest keeps one state for all checks are replaced by one for each check, so
that checks may run in threads: the record of what is set up, and the values of fixtures. A fixture
of a wider scope is therefore made once for each check, too.
"""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import pytest
from _pytest.fixtures import FixtureDef, FuncFixtureInfo
from _pytest.runner import SetupState

from conformance.client.transport import Abandoned
from conformance.core.charsets import writable
from conformance.core.errors import NO_SPACE, SetupError
from conformance.core.verdicts import Finding, NotApplicable, Verdict
from conformance.profile.target import REQUIREMENT_OF_MODE
from conformance.results.journal import PlannedCheck
from conformance.run.session import Run
from conformance.run.verdict_of import Judgement, NothingSeen, judge

REFUSED_MARKS: Final = ("skip", "skipif", "xfail")  # each would hide a verdict
ENDING: Final = (KeyboardInterrupt, pytest.exit.Exception, Abandoned)  # no outcome of a check
_OWN: Final[ContextVar[SetupState | None]] = ContextVar("own_set_up", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What one execution of a check came to: its finding, and pytest's report of each phase."""

    item: pytest.Function
    finding: Finding
    reports: tuple[pytest.TestReport, ...]


class Executor:
    """Executes the checks of one run. Safe in threads, but for `file`."""

    def __init__(self, run: Run) -> None:
        """Execute checks of an opened run."""
        self._run = run

    def execute(self, item: pytest.Function, planned: PlannedCheck) -> Execution | None:
        """Execute a check and judge what it raises; None if the run was interrupted meanwhile.

        Raises only what ends the whole session: KeyboardInterrupt and pytest.exit.
        """
        judgement = Judgement()
        try:
            reports = tuple(self._phases(item, planned, judgement))
        except Abandoned:
            return None
        return Execution(item=item, finding=self._finding(planned, judgement), reports=reports)

    def file(self, execution: Execution) -> None:
        """Record the finding of an execution; by one thread at a time."""
        self._run.file(execution.finding)

    def _phases(
        self, item: pytest.Function, planned: PlannedCheck, judgement: Judgement
    ) -> Iterator[pytest.TestReport]:
        """Set a check up, call it if that succeeded, tear it down; judge each phase."""

        def set_up() -> None:
            self._leave_out_declared(planned)
            state.setup(item)

        def call() -> None:
            item.runtest()
            self._demand_evidence(planned)

        with _own_state(item) as state:
            yield _phase(item, "setup", set_up, judgement)
            if judgement.verdict is Verdict.PASSED:
                yield _phase(item, "call", call, judgement)
            yield _phase(item, "teardown", lambda: state.teardown_exact(None), judgement)

    def _leave_out_declared(self, planned: PlannedCheck) -> None:
        """Raise NotApplicable if the profile declares so of every requirement of a check.

        That a mode of payment does not apply the check itself finds out: the masters must prove it.
        """
        declared = self._run.target.not_applicable
        if set(planned.requirements) & set(REQUIREMENT_OF_MODE.values()):
            return
        if all(id_ in declared for id_ in planned.requirements):
            raise NotApplicable("; ".join(declared[id_] for id_ in planned.requirements))

    def _demand_evidence(self, planned: PlannedCheck) -> None:
        """Raise NothingSeen if a check neither exchanged something nor says what else it read."""
        run = self._run
        if not (run.evidence_of(planned.check) or run.bbps.remark_on(planned.check)):
            raise NothingSeen("the check ended without judging anything")

    def _because_of_an_answer(self, planned: PlannedCheck, judgement: Judgement) -> Judgement:
        """Return a judgement, undecided where a check broke on an answer against its contract.

        What comes of reading such an answer cannot all be foreseen, and is no error of the suite.
        """
        if judgement.verdict is not Verdict.ERROR:
            return judgement
        exchanges = map(self._run.exchanges.get, self._run.evidence_of(planned.check))
        odd = (
            (exchange.operation, each)
            for exchange in filter(None, exchanges)
            for each in exchange.violations
            if each.side == "response" and each.severity == "failure"
        )
        for operation, each in odd:
            reason = (
                f"{operation} answered with {each.got[:40]} at {each.pointer or '/'}, where "
                f"{each.expected} is required, so that the check could not go on "
                f"({judgement.reason}); see CON-01"
            )
            return replace(judgement, verdict=Verdict.INCONCLUSIVE, reason=reason)
        return judgement

    def _finding(self, planned: PlannedCheck, judgement: Judgement) -> Finding:
        judgement = self._because_of_an_answer(planned, judgement)
        return Finding(
            check=planned.check,
            title=planned.title,
            requirements=planned.requirements,
            verdict=judgement.verdict,
            required=writable(judgement.required),
            observed=writable(judgement.observed),
            reason=writable(judgement.reason or self._run.bbps.remark_on(planned.check)),
            seconds=round(time.perf_counter() - judgement.started, 3),
            exchanges=self._run.evidence_of(planned.check),
        )


def _phase(
    item: pytest.Function,
    when: Literal["setup", "call", "teardown"],
    function: Callable[[], None],
    judgement: Judgement,
) -> pytest.TestReport:
    """Carry out one phase of a check, judge what it raises, and have pytest report on it."""
    call = pytest.CallInfo.from_call(function, when, reraise=ENDING)
    if call.excinfo is not None:
        problem = call.excinfo.value
        if isinstance(problem, OSError) and problem.errno in NO_SPACE:
            raise problem  # of our own disk: no outcome of a check, and --resume decides it
        judge(judgement, problem)
    report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
    if call.excinfo is not None and judgement.verdict is Verdict.NOT_APPLICABLE:
        path, line, _ = item.location
        report.outcome, report.longrepr = "skipped", (path, line or 0, judgement.reason)
    return report


def require_executable(item: pytest.Item) -> None:
    """Raise SetupError if a check is of a kind that would not be executed as it is written."""
    if not isinstance(item, pytest.Function) or getattr(item, "nofuncargs", False):
        raise SetupError(f"{item.nodeid}: a check is a function", remedy="write it as a function")
    for name, found in item._fixtureinfo.name2fixturedefs.items():
        own = getattr(found[-1].func, "__module__", "").startswith("conformance.")
        if own and found[-1].scope != "function":
            raise SetupError(
                f"{item.nodeid}: the fixture {name} has the scope {found[-1].scope}",
                cause="each check has fixtures of its own",
                remedy="remove the scope; what is made once for a run is made with bbps.once",
            )
    marks = [mark.name for mark in item.iter_markers() if mark.name in REFUSED_MARKS]
    if marks:
        raise SetupError(
            f"{item.nodeid}: a check may not be marked {marks[0]}, which hides its verdict",
            remedy="remove it, or declare the requirement under not_applicable in the profile",
        )


def separate_set_ups(session: pytest.Session) -> None:
    """Let each check that is executed have a record of what is set up for itself."""
    if not isinstance(session._setupstate, _SetupStates):
        session._setupstate = _SetupStates(session._setupstate)  # type: ignore[assignment]


class _SetupStates:
    """The record of what is set up: of the check under way, otherwise that of the session."""

    def __init__(self, of_session: SetupState) -> None:
        self._of_session = of_session

    def __getattr__(self, name: str) -> Any:
        return getattr(_OWN.get() or self._of_session, name)


@contextmanager
def _own_state(item: pytest.Function) -> Iterator[SetupState]:
    """Give a check a record of what is set up, and fixtures, of its own while the context lasts."""
    state, shared = SetupState(), item._fixtureinfo
    token = _OWN.set(state)
    item._fixtureinfo = _copied(shared)
    item._initrequest()
    try:
        yield state
    except ENDING:  # tear down what can be, and do not let that hide the end of the session
        with suppress(Exception):
            state.teardown_exact(None)
        raise
    finally:
        item._fixtureinfo = shared
        item._initrequest()
        _OWN.reset(token)


def _copied(shared: FuncFixtureInfo) -> FuncFixtureInfo:
    definitions: dict[str, Sequence[FixtureDef[Any]]] = {
        name: [_fresh(each) for each in found] for name, found in shared.name2fixturedefs.items()
    }
    return FuncFixtureInfo(
        argnames=shared.argnames,
        initialnames=shared.initialnames,
        names_closure=shared.names_closure,
        name2fixturedefs=definitions,
    )


def _fresh(definition: FixtureDef[Any]) -> FixtureDef[Any]:
    """Return the definition of a fixture that has no value yet."""
    own = copy.copy(definition)
    own.__dict__.update(cached_result=None, _finalizers=[])
    return own
