"""pytest glue: one finding per check. Acts only on items that verify a requirement.

Outcomes stay red by default: without this plugin an inconclusive check is still not green.
"""

import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from conformance.bbps.deferred import Overnight
from conformance.bbps.flow import Bbps
from conformance.client.exchange_log import ExchangeLog
from conformance.client.transport import Abandoned
from conformance.contracts import ContractProblem
from conformance.core.errors import ExitCode
from conformance.core.exchange import CURRENT_CHECK
from conformance.core.requirements import UnknownRequirement
from conformance.core.verdicts import Finding, Level, NotApplicable, Verdict, exit_code
from conformance.doctor import SetupFault
from conformance.generation import DEPTHS, STANDARD, Campaign
from conformance.profile.loading import ProfileProblem, load, permit
from conformance.results.estimate import Budget
from conformance.results.journal import PlannedCheck
from conformance.run.embedded import Rehearsal, default_profile, embedded
from conformance.run.parallel import MARKERS, grouped, lane_of, perform, run_in_lanes
from conformance.run.session import Options, Run, SecretLeak
from conformance.run.verdict_of import Judgement, colour, judge
from conformance.scenarios.catalogue import Scenario

NAME: Final = "bbps-certification"
# Shared state last: moving the clock expires other checks' bills, and the last two look at all.
LAST_MODULES: Final = ("test_lifecycle", "test_overnight", "test_books", "test_contract_summary")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what a certification under plain pytest may be told."""
    group = parser.getgroup("bbps", "BBPS conformance of a DIGIT deployment")
    group.addoption("--target", metavar="PROFILE", help="target profile (default: the reference)")
    group.addoption(
        "--i-know-this-is", default="", metavar="NAME", help="the production target to change"
    )
    group.addoption("--fault", action="append", default=[], help="fault of the reference")
    group.addoption("--depth", choices=list(DEPTHS), default=STANDARD, help="how much is generated")
    group.addoption("--generation-seed", type=int, default=0, help="seed of what is generated")
    group.addoption("--reports", default="reports", metavar="DIR", help="where runs are kept")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the certification unless the command brought its own."""
    declare_markers(config)
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(Certification(lambda: _run_of(config)), NAME)


def declare_markers(config: pytest.Config) -> None:
    """Declare the markers of checks."""
    verifies = "verifies(*ids): the requirements of the register that a check verifies"
    for line in (verifies, *MARKERS):
        config.addinivalue_line("markers", line)


def _run_of(config: pytest.Config) -> Run:
    """Open the run that the options of plain pytest ask for."""
    path = Path(config.getoption("--target") or default_profile())
    profile = load(path)
    permit(profile.target, config.getoption("--i-know-this-is"))
    start = embedded(profile.target, Rehearsal(faults=tuple(config.getoption("--fault"))))
    options = Options(
        reports=Path(config.getoption("--reports")),
        depth=config.getoption("--depth"),
        seed=config.getoption("--generation-seed"),
    )
    run = Run(profile, options, start)
    run.open()
    return run


class Watcher(Protocol):
    """Who is told how a run goes on."""

    def begin(self, planned: int, budget: Budget | None = None, /) -> None:
        """Learn how many checks there are, and what they may ask of the deployment."""

    def advance(self, finding: Finding) -> None:
        """Learn what a check came to."""


class Certification:
    """Runs the checks of one pytest session against one target, and files their findings."""

    def __init__(
        self,
        opened: Callable[[], Run],
        *,
        only: tuple[str, ...] = (),
        checks: frozenset[str] | None = None,
        chosen: frozenset[str] | None = None,
        jobs: int = 1,
        watcher: Watcher | None = None,
    ) -> None:
        self._opened = opened
        self._only = only
        self._checks = checks
        self._chosen = chosen  # what a later part of a run has left to decide
        self._jobs = jobs
        self._watcher = watcher
        self._planned: dict[str, PlannedCheck] = {}
        self._left_out = False
        self._judgements: dict[str, Judgement] = {}
        self._run: Run | None = None
        self._filing = threading.Lock()
        self.interrupted = False

    @property
    def run(self) -> Run:
        """The run, opened by the time the first check is set up."""
        assert self._run is not None, "no run is open"
        return self._run

    @property
    def planned(self) -> tuple[PlannedCheck, ...]:
        """The checks that the collection has found."""
        return tuple(self._planned.values())

    def forget(self) -> None:
        """Let go of the run: pytest keeps its plugins for as long as the process lives."""
        self._run, self._opened = None, lambda: self.run
        self._judgements.clear()

    @pytest.fixture(scope="session")
    def bbps(self) -> Bbps:
        """The domain verbs on the target of the run: what fixtures of the checks build on."""
        return self.run.bbps

    @pytest.fixture(scope="session")
    def recorded(self) -> ExchangeLog:
        """What the run has exchanged so far."""
        return self.run.recorded

    @pytest.fixture(scope="session")
    def overnight(self) -> Overnight:
        """What was prepared on an earlier day."""
        return self.run.overnight

    @pytest.fixture(scope="session")
    def campaign(self) -> Campaign:
        """The requests that the run generates from the contracts."""
        return self.run.campaign

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Plan the checks: the independent ones first, those that touch shared state last."""
        wanted = [item for item in items if self._wanted(item)]
        if len(wanted) < len(items):
            config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
            items[:] = wanted
        if self._chosen is not None:
            items[:] = [item for item in items if check_id(item) in self._chosen]
        items.sort(key=_place)
        for item in items:
            if _requirements(item):
                self._planned[item.nodeid] = PlannedCheck(
                    check=check_id(item), title=_title(item), requirements=_requirements(item)
                )

    def _wanted(self, item: pytest.Item) -> bool:
        """Whether the command asks for a check."""
        if self._only and not set(_requirements(item)) & set(self._only):
            return False
        return self._checks is None or check_id(item) in self._checks

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Open the run once something is planned; a bad set-up ends the session with code 2."""
        if not self._planned or session.config.getoption("collectonly"):
            return
        try:
            self._run = self._opened()
            for planned in self._planned.values():
                for id_ in planned.requirements:
                    self._run.register.of(id_)
        except (SetupFault, ProfileProblem, ContractProblem) as problem:
            pytest.exit(str(problem), returncode=ExitCode.SETUP)
        except UnknownRequirement as problem:
            self.run.close()
            raise pytest.UsageError(str(problem)) from None
        self._run.begin(self.planned, partial=self._partial(session.config))
        if self._watcher is not None:
            groups = grouped(item for item in session.items if lane_of(item) is not None)
            lanes = [[check_id(item) for item in group] for group in groups]
            budget = self._run.budget(self.planned, lanes, self._jobs)
            self._watcher.begin(len(self._planned), budget)

    def pytest_deselected(self) -> None:
        """Remember that checks were left out, by whatever option."""
        self._left_out = True

    def _partial(self, config: pytest.Config) -> bool:
        """Whether the plan is less than the whole suite; such a run gets no certificate."""
        planned = {id_ for check in self.planned for id_ in check.requirements}
        binding = {
            each.id
            for each in self.run.register
            if each.level is Level.MUST and not each.not_checked
        }
        single = any("::" in str(argument) for argument in config.args)
        return self._left_out or single or not binding <= planned

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """With several jobs, run the independent checks in lanes; pytest goes on with the rest."""
        if self._jobs == 1 or self._run is None:
            return
        independent = [item for item in session.items if lane_of(item) is not None]
        session.items[:] = [item for item in session.items if lane_of(item) is None]
        run_in_lanes(self._jobs, grouped(independent), self._carry_out, self._abandon)

    def _carry_out(self, item: pytest.Item) -> None:
        """Do in a lane what the hooks below do for a check that pytest runs."""
        planned, judgement = self._planned[item.nodeid], Judgement()
        CURRENT_CHECK.set(planned.check)
        try:
            self._leave_out_declared(planned)
            perform(item)
        except Abandoned:
            return
        except BaseException as problem:  # noqa: BLE001  one check must not take others with it
            judge(judgement, problem)
        else:
            self._demand_a_look(planned, judgement)
        self._file(planned, judgement)

    def _abandon(self) -> None:
        """Let the checks under way end undecided."""
        with self._filing:
            self.interrupted = True
        self.run.client.abandon()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """File what is exchanged during a check under that check."""
        planned = self._planned.get(item.nodeid)
        if planned is None:
            return (yield)
        self._judgements[item.nodeid] = Judgement()
        token = CURRENT_CHECK.set(planned.check)
        try:
            return (yield)
        finally:
            CURRENT_CHECK.reset(token)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Leave out what the profile declares, with a reason, as not applicable."""
        planned = self._planned.get(item.nodeid)
        if planned is not None:
            self._leave_out_declared(planned)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge each phase; after the last one, file the finding."""
        report = yield
        planned = self._planned.get(item.nodeid)
        if planned is None:
            return report
        judgement = self._judgements[item.nodeid]
        if call.excinfo is not None:
            judge(judgement, call.excinfo.value)
        elif call.when == "call":
            self._demand_a_look(planned, judgement)
        colour(report, judgement, call)
        if call.when == "teardown":
            self._file(planned, judgement)
        return report

    def pytest_keyboard_interrupt(self) -> None:
        """Remember that the run was cut short: it gets no certificate."""
        self.interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and turn the verdict into the exit code."""
        if self._run is None:
            return
        try:
            if not self.interrupted:
                results = self._run.finish()
                session.exitstatus = int(exit_code(results.verdict))
        except SecretLeak as leak:
            pytest.exit(str(leak), returncode=ExitCode.SUITE_ERROR)
        finally:
            self._run.close()

    def _leave_out_declared(self, planned: PlannedCheck) -> None:
        declared = self.run.target.not_applicable
        if all(id_ in declared for id_ in planned.requirements):
            raise NotApplicable("; ".join(declared[id_] for id_ in planned.requirements))

    def _demand_a_look(self, planned: PlannedCheck, judgement: Judgement) -> None:
        """Make it an error if a check neither exchanged something nor says what else it read."""
        if not (self.run.evidence_of(planned.check) or self.run.bbps.remark_on(planned.check)):
            judgement.verdict = Verdict.ERROR
            judgement.reason = "the check ended without having looked at anything"

    def _file(self, planned: PlannedCheck, judgement: Judgement) -> None:
        finding = Finding(
            check=planned.check,
            title=planned.title,
            requirements=planned.requirements,
            verdict=judgement.verdict,
            required=judgement.required,
            observed=judgement.observed,
            reason=judgement.reason or self.run.bbps.remark_on(planned.check),
            seconds=round(time.perf_counter() - judgement.started, 3),
            exchanges=self.run.evidence_of(planned.check),
        )
        with self._filing:
            if self.interrupted:  # what a check saw while its connection was taken away
                return
            self.run.file(finding)
            if self._watcher is not None:
                self._watcher.advance(finding)


def _requirements(item: pytest.Item) -> tuple[str, ...]:
    return tuple(id_ for mark in item.iter_markers("verifies") for id_ in mark.args)


def check_id(item: pytest.Item) -> str:
    """Return the name of a check, as results tell it."""
    return f"{item.path.stem.removeprefix('test_')}::{item.name.removeprefix('test_')}"


def _title(item: pytest.Item) -> str:
    """Return the check's situation: its docstring's first paragraph, with the parameter."""
    function: Any = getattr(item, "function", None)
    text = " ".join((function.__doc__ or item.name).partition("\n\n")[0].split())
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return text
    told = [each.title for each in callspec.params.values() if isinstance(each, Scenario)]
    return f"{told[0] if told else text} [{callspec.id}]"


def _place(item: pytest.Item) -> tuple[bool, int]:
    module = item.path.stem
    last = LAST_MODULES.index(module) + 1 if module in LAST_MODULES else 0
    return lane_of(item) is None, last
