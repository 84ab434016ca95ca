"""pytest glue: collects and plans the checks, and reports each finding to pytest.

Acts only on items that verify a requirement. Outcomes stay red by default: without this plugin an
inconclusive check is still not green.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import pytest

from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.flow import Bbps
from conformance.checks.crossed import crossing_of
from conformance.client.exchange_log import ExchangeLog
from conformance.core.check_index import needed_files, unneeded_files
from conformance.core.errors import ConformanceError, ExitCode, SetupError
from conformance.core.exchange import SET_UP
from conformance.core.requirements import Requirement
from conformance.core.verdicts import Finding, Level, RunVerdict
from conformance.results.estimate import Estimate
from conformance.results.gating import exit_code
from conformance.results.journal import PlannedCheck
from conformance.run.allure_folder import write_for_allure
from conformance.run.config import RunConfig
from conformance.run.executor import Execution, Executor, require_executable, separate_set_ups
from conformance.run.opening import open_run
from conformance.run.parallel import declare_markers, grouped, in_parallel, parallel_group
from conformance.run.planning import (
    check_id,
    place_of,
    requirements_of,
    scenario_of,
    title_of,
    waits_for_next_day,
)
from conformance.run.pytest_options import config_of, pytest_addoption
from conformance.run.resume import ResumeError
from conformance.run.scenario_files import ScenarioFile, is_scenario, parametrize, scenario_checks
from conformance.run.session import Run, SecretLeak
from conformance.scenarios.costs import costs_of
from conformance.scenarios.plan import ScenarioCheck
from conformance.scenarios.test_scenarios import test_scenario

__all__ = ["Certification", "Watcher", "config_of", "declare_markers", "pytest_addoption"]

if TYPE_CHECKING:
    from conformance.generation.campaign import Campaign

NAME: Final = "bbps-certification"
PROCESSES: Final = "bbps-processes"
SCENARIOS: Final = "scenarios::"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the certification unless the command brought its own."""
    declare_markers(config)
    if config.pluginmanager.has_plugin(NAME):
        return
    try:
        requested = config_of(config.getoption)
        certification = Certification(requested, lambda: open_run(requested))
    except SetupError as problem:
        _end(problem)
    config.pluginmanager.register(certification, NAME)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """End the session of pytest-xdist with the message of a worker that was refused."""
    if PROCESSES in getattr(node, "workeroutput", {}):
        _end(SetupError(node.workeroutput[PROCESSES], remedy="leave -n out, and give --jobs N"))


def _refuse_worker(config: pytest.Config) -> None:
    """Raise SetupError in a process of pytest-xdist, which would have a cap of its own."""
    if not hasattr(config, "workeroutput"):
        return
    message = "checks of one run share its cap and its pace, so that processes cannot divide them"
    config.workeroutput[PROCESSES] = message
    raise SetupError(message)


class Watcher(Protocol):
    """Who is informed how a run proceeds."""

    def begin(self, planned: int, estimate: Estimate | None = None, /) -> None:
        """Learn how many checks there are, and what they may need of the deployment."""

    def advance(self, finding: Finding) -> None:
        """Learn what a check came to."""

    def conclude(self) -> None:
        """Learn that the checks are over, and reports are written."""


class Certification:
    """Plans the checks of one pytest session, has them executed, and reports their findings."""

    def __init__(
        self,
        config: RunConfig,
        opened: Callable[[], Run],
        *,
        scenarios: Sequence[ScenarioCheck] | None = None,
        chosen: frozenset[str] | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        """Run the checks that `config` requests, on the run that `opened` returns.

        `scenarios` are those of `config`, where they have been read. `chosen` are the names of the
        checks that a later part of a run has left to decide. Raises SetupError if a scenario
        cannot be read.
        """
        self._config = config
        self._opened = opened
        self._chosen = chosen
        self._watcher = watcher
        self._scenarios = scenario_checks(config) if scenarios is None else scenarios
        self._planned: dict[str, PlannedCheck] = {}
        self._unknown: frozenset[str] = frozenset()  # chosen, and not collected
        self.refused: SetupError | None = None  # why no check was executed
        self._left_out = bool(unneeded_files(config.only))
        self._broken: list[SetupError] = []  # files of scenarios among the arguments
        self.groups: list[list[str]] = []
        self.played: dict[str, ScenarioCheck] = {}
        self.next_day: frozenset[str] = frozenset()  # requirements that wait in an open run
        self._run: Run | None = None
        self._executor: Executor | None = None
        self.interrupted = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The folders and files of the package whose checks are wanted."""
        checks = () if self._config.scenarios_only else needed_files(self._config.only)
        return (*checks, "scenarios/test_scenarios.py")

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
        self._run, self._executor, self._opened = None, None, lambda: self.run

    @pytest.fixture
    def bbps(self, request: pytest.FixtureRequest) -> Bbps:
        """The domain verbs on the target of the run: what fixtures of the checks build on."""
        return self.run.bbps.for_check(self._check_of(request))

    @pytest.fixture
    def recorded(self, request: pytest.FixtureRequest) -> ExchangeLog:
        """What the run has exchanged so far."""
        return self.run.recorded.for_check(self._check_of(request))

    @pytest.fixture
    def deferred(self, request: pytest.FixtureRequest) -> Iterator[DeferredChecks]:
        """What was prepared on an earlier day."""
        yield from self.run.deferred.used_by(self._check_of(request))

    @pytest.fixture
    def campaign(self, request: pytest.FixtureRequest) -> "Campaign":
        """The requests that the run generates from the contracts."""
        return self.run.campaign.for_check(self._check_of(request))

    def _check_of(self, request: pytest.FixtureRequest) -> str:
        """Return the check that requests a fixture; the set-up for a test that is not planned."""
        planned = self._planned.get(request.node.nodeid)
        return planned.check if planned else SET_UP

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one check of each combination that a crossed rule is tried with."""
        if crossing := crossing_of(metafunc.function):
            rows = crossing.combinations(self._config.depth, self._config.seed)
            metafunc.parametrize("combination", rows, ids=str)
        elif metafunc.function is test_scenario:
            parametrize(metafunc, self._scenarios)

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect scenarios from the files that plain pytest is given."""
        if not is_scenario(file_path, parent.config.args):
            return None
        file = ScenarioFile.of(file_path, parent)
        if file.problem is not None:
            self._broken.append(file.problem)
        return file

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
            self._unknown = self._chosen - {check_id(item) for item in items}
            items[:] = [item for item in items if check_id(item) in self._chosen]
        items.sort(key=place_of)
        for item in items:
            if ids := requirements_of(item):
                self._planned[item.nodeid] = PlannedCheck(
                    check=check_id(item), title=title_of(item), requirements=ids
                )

    def _wanted(self, item: pytest.Item) -> bool:
        """Whether a check is requested."""
        only, checks = self._config.only, self._config.checks
        if only and not set(requirements_of(item)) & set(only):
            return False
        return checks is None or check_id(item) in checks

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Open the run once something is planned; a bad set-up ends the session with code 2."""
        if self._broken:
            _end(SetupError("\n".join(dict.fromkeys(map(str, self._broken)))))
        checks = [item for item in session.items if item.nodeid in self._planned]
        self.groups = [[check_id(item) for item in group] for group in grouped(checks)]
        self.played = {check_id(each): part for each in checks if (part := scenario_of(each))}
        self.next_day = frozenset(
            id_ for each in checks if waits_for_next_day(each) for id_ in requirements_of(each)
        )
        nothing = not (self._planned or self._unknown)
        if nothing or session.config.getoption("collectonly"):
            return
        try:
            _refuse_worker(session.config)
            for item in session.items:
                if item.nodeid in self._planned:
                    require_executable(item)
            self._run = self._opened()
            self._require_known()
        except SetupError as problem:
            self.refused = problem
            _end(problem)
        separate_set_ups(session)
        self._executor = Executor(self._run)
        self._run.begin(self.planned, partial=self._partial(session.config))
        if self._watcher is not None:
            self._watcher.begin(len(self._planned), self.estimate(self._run))

    def estimate(self, run: Run) -> Estimate:
        """Estimate what the planned checks need on the target of a run."""
        return run.estimate(
            self.planned,
            groups=self.groups,
            jobs=self._config.jobs,
            scenarios=costs_of(self.played, run.target),
        )

    def _require_known(self) -> None:
        """Raise SetupError, and close the run, if a check or its requirement does not exist."""
        try:
            if self._unknown:
                name = sorted(self._unknown)[0]
                played = name.startswith(SCENARIOS)
                raise ResumeError(
                    f"this version has no check {name}, which the run planned",
                    remedy="name its file, as before" if played else "start a new run",
                )
            for planned in self._planned.values():
                for id_ in planned.requirements:
                    self.run.register.of(id_)
        except SetupError:
            self.run.close()
            self._run = None
            raise

    def pytest_deselected(self) -> None:
        """Remember that checks were left out, by whatever option."""
        self._left_out = True

    def _partial(self, config: pytest.Config) -> bool:
        """Whether the plan is less than the whole suite; such a run gets no certificate."""
        scenarios = all(check.check.startswith(SCENARIOS) for check in self.planned)
        single = scenarios or any("::" in str(argument) for argument in config.args)
        return single or not self.plans_all(self.run.register)

    def plans_all(self, register: Iterable[Requirement]) -> bool:
        """Whether no check was left out, and each binding requirement that can be has one."""
        planned = {id_ for check in self.planned for id_ in check.requirements}
        binding = {
            each.id for each in register if each.level is Level.MUST and not each.not_checked
        }
        return not self._left_out and binding <= planned

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """With several jobs, run independent checks of the same place in threads; others alone."""
        if self._config.jobs == 1 or self._run is None or session.testsfailed:
            return None  # pytest's own loop, which also ends a session that failed to collect
        alone = [each for each in session.items if self._runs_alone(each)]
        following = dict(zip_longest(alone, alone[1:]))
        for _, place in groupby(session.items, place_of):
            items = list(place)
            self._run_in_threads(session, grouped(each for each in items if each not in following))
            for item in items:
                if item in following:
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=following[item])
                    _stop_if_wanted(session)
        return True

    def _runs_alone(self, item: pytest.Item) -> bool:
        return item.nodeid not in self._planned or parallel_group(item) is None

    def _run_in_threads(
        self, session: pytest.Session, groups: Sequence[Sequence[pytest.Function]]
    ) -> None:
        """Run groups of independent checks, as many at a time as there are jobs."""
        with closing(
            in_parallel(self._config.jobs, groups, self.execute, self.run.client.abandon)
        ) as executions:
            for execution in executions:
                if execution is not None:
                    self._announce(execution.item)
                    self._conclude(execution)
                _stop_if_wanted(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Execute a check instead of pytest; other items are left to it."""
        if item.nodeid not in self._planned or not isinstance(item, pytest.Function):
            return None
        self._announce(item)
        execution = self.execute(item)
        if execution is not None:
            self._conclude(execution)
        return True

    def execute(self, item: pytest.Function) -> Execution | None:
        """Execute a check; None if the run was interrupted meanwhile."""
        assert self._executor is not None, "no run is open"
        return self._executor.execute(item, self._planned[item.nodeid])

    def _announce(self, item: pytest.Item) -> None:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)

    def _conclude(self, execution: Execution) -> None:
        """File a finding, and report it to pytest and to the watcher; in one thread."""
        assert self._executor is not None, "no run is open"
        self._executor.file(execution)
        if self._watcher is not None:
            self._watcher.advance(execution.finding)
        item = execution.item
        for report in execution.reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def pytest_keyboard_interrupt(self) -> None:
        """Remember that the run was cut short: it gets no results and no certificate."""
        self.interrupted = True

    def pytest_internalerror(self) -> None:
        """Remember that the session failed: the run gets no certificate."""
        self.interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and turn the verdict into the exit code."""
        if self._run is None:
            return
        try:
            if not self.interrupted:
                if self._watcher is not None:
                    self._watcher.conclude()
                results = self._run.finish()
                write_for_allure(session.config, results, self._run.exchanges)
                code = exit_code(results)
                partial = results.verdict is RunVerdict.PARTIAL  # as many as pytest was to run
                session.exitstatus = 0 if partial and code == ExitCode.POLICY else int(code)
        except SecretLeak as leak:
            _end(leak)
        finally:
            self._run.close()


def _stop_if_wanted(session: pytest.Session) -> None:
    """End the loop where an option such as -x, or a plugin, wants that."""
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def _end(problem: ConformanceError) -> NoReturn:
    """End the session with the message and the exit code that the command would give."""
    pytest.exit(f"bbps-conformance: {problem}", returncode=int(problem.exit_code))
