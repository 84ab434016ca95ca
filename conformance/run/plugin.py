"""pytest glue: collects and plans the checks, and reports each finding to pytest.

Acts only on items that verify a requirement. Outcomes stay red by default: without this plugin an
inconclusive check is still not green.
"""

from collections.abc import Callable
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

import pytest

from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.flow import Bbps
from conformance.checks.crossed import crossing_of
from conformance.client.exchange_log import ExchangeLog
from conformance.core.errors import ConformanceError, SetupError
from conformance.core.exchange import SET_UP
from conformance.core.verdicts import Finding, Level, exit_code
from conformance.generation import Campaign
from conformance.results.estimate import Estimate
from conformance.results.journal import PlannedCheck
from conformance.run.choices import DEPTHS, LINEAGES, MODES
from conformance.run.config import ReferenceOptions, RunConfig, documents_of
from conformance.run.executor import Execution, Executor, require_executable, separate_set_ups
from conformance.run.opening import open_run, require_known
from conformance.run.parallel import MARKERS, grouped, in_parallel
from conformance.run.planning import check_id, place_of, requirements_of, title_of
from conformance.run.resume import ResumeError
from conformance.run.session import Run, SecretLeak

NAME: Final = "bbps-certification"
PROCESSES: Final = "bbps-processes"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of a run under plain pytest: those of `certify` that make sense there."""
    group = parser.getgroup("bbps", "BBPS conformance of a DIGIT deployment")
    add = group.addoption
    add("--target", type=Path, metavar="PROFILE", help="target profile (default: the reference)")
    add("--mode", metavar="|".join(MODES), help="replaces mode of the profile")
    add("--i-know-this-is", default="", metavar="NAME", help="the production target to change")
    add(
        "--contract", action="append", default=[], metavar="SERVICE=FILE",
        help="check a service against your own contract file",
    )  # fmt: skip
    add("--only", action="append", default=[], metavar="ID", help="check these requirements only")
    add("--fault", action="append", default=[], metavar="NAME", help="fault of the reference")
    add(
        "--lineage", default=LINEAGES[0], metavar="|".join(LINEAGES),
        help="lineage of the reference",
    )  # fmt: skip
    add("--depth", default="standard", metavar="|".join(DEPTHS), help="how much is generated")
    add("--generation-seed", type=int, default=0, metavar="N", help="seed of what is generated")
    add("--jobs", type=int, default=1, metavar="N", help="independent checks that run together")
    add("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where runs are kept")


def config_of(options: Callable[[str], Any]) -> RunConfig:
    """Return what the options of plain pytest request of a run; SetupError if it cannot be."""
    return RunConfig(
        target=options("--target"),
        settings={"mode": options("--mode")},
        known_as=options("--i-know-this-is"),
        documents=documents_of(options("--contract")),
        reference=ReferenceOptions(faults=tuple(options("--fault")), lineage=options("--lineage")),
        only=tuple(options("--only")),
        depth=options("--depth"),
        seed=options("--generation-seed"),
        jobs=options("--jobs"),
        reports=options("--reports"),
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the certification unless the command brought its own."""
    declare_markers(config)
    if config.pluginmanager.has_plugin(NAME):
        return
    try:
        requested = config_of(config.getoption)
        if requested.only:
            require_known(requested.only)
    except SetupError as problem:
        _end(problem)
    certification = Certification(requested, lambda: open_run(requested))
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


def declare_markers(config: pytest.Config) -> None:
    """Declare the markers of checks."""
    verifies = "verifies(*ids): the requirements of the register that a check verifies"
    for line in (verifies, *MARKERS):
        config.addinivalue_line("markers", line)


class Watcher(Protocol):
    """Who is informed how a run proceeds."""

    def begin(self, planned: int, estimate: Estimate | None = None, /) -> None:
        """Learn how many checks there are, and what they may need of the deployment."""

    def advance(self, finding: Finding) -> None:
        """Learn what a check came to."""


class Certification:
    """Plans the checks of one pytest session, has them executed, and reports their findings."""

    def __init__(
        self,
        config: RunConfig,
        opened: Callable[[], Run],
        *,
        chosen: frozenset[str] | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        """Run the checks that `config` requests, on the run that `opened` returns.

        `chosen` are the names of the checks that a later part of a run has left to decide.
        """
        self._config = config
        self._opened = opened
        self._chosen = chosen
        self._watcher = watcher
        self._planned: dict[str, PlannedCheck] = {}
        self._unknown: frozenset[str] = frozenset()  # chosen, and not collected
        self.refused: SetupError | None = None  # why no check was executed
        self._left_out = False
        self._run: Run | None = None
        self._executor: Executor | None = None
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
    def deferred(self, request: pytest.FixtureRequest) -> DeferredChecks:
        """What was prepared on an earlier day."""
        return self.run.deferred.for_check(self._check_of(request))

    @pytest.fixture
    def campaign(self, request: pytest.FixtureRequest) -> Campaign:
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
            names = [[check_id(item) for item in group] for group in grouped(session.items)]
            estimate = self._run.estimate(self.planned, names, self._config.jobs)
            self._watcher.begin(len(self._planned), estimate)

    def _require_known(self) -> None:
        """Raise SetupError, and close the run, if a check or its requirement does not exist."""
        try:
            if self._unknown:
                raise ResumeError(
                    f"this version has no check {sorted(self._unknown)[0]}, which the run planned",
                    remedy="start a new run",
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
        planned = {id_ for check in self.planned for id_ in check.requirements}
        binding = {
            each.id
            for each in self.run.register
            if each.level is Level.MUST and not each.not_checked
        }
        single = any("::" in str(argument) for argument in config.args)
        return self._left_out or single or not binding <= planned

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """With several jobs, run the independent checks in threads, and then the others."""
        if self._config.jobs == 1 or self._run is None or session.testsfailed:
            return None  # pytest's own loop, which also ends a session that failed to collect
        self._run_in_threads(session)
        for item, following in zip_longest(session.items, session.items[1:]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            _stop_if_wanted(session)
        return True

    def _run_in_threads(self, session: pytest.Session) -> None:
        """Run the independent checks of a session, and leave it the others."""
        groups = grouped(item for item in session.items if item.nodeid in self._planned)
        in_threads = {item.nodeid for group in groups for item in group}
        session.items[:] = [item for item in session.items if item.nodeid not in in_threads]
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
                results = self._run.finish()
                session.exitstatus = int(exit_code(results.verdict))
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
