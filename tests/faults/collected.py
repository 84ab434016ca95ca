"""A certification that is collected once and carried out again and again, in one process.

What is the same for all runs is read once; nothing is written that a matrix does not read.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

import pytest
import yaml

from conformance.checks import crossed
from conformance.checks.crossed import crossing_of
from conformance.checks.stateful import runner
from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict, Violation, gravest
from conformance.run.certify import drive
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.embedded import default_profile
from conformance.run.executor import Executor, separate_set_ups
from conformance.run.opening import open_run
from conformance.run.planning import check_id
from conformance.run.plugin import Certification
from conformance.run.session import Run
from tests.faults.reach import Noting, Reach

# The reference shows every write at once, so that nothing is gained by waiting for it.
SETTLE_SECONDS: Final = 0.3
NO_SHRINKING: Final = dict.fromkeys(("quick", "standard", "deep"), 0)  # a red trace is enough


def limits() -> dict[str, object]:
    """Return the limits of the shipped profile, with a short wait for what does not show."""
    profile = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    return {**profile["limits"], "settle_seconds": SETTLE_SECONDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: the faults that are on, and the checks that are executed (None for all).

    `prepare` is called first, in the process of the run. `noting` asks for the reach of faults too,
    `lines` for that of the reference's lines. `until_red` ends with the first check that fails.
    `traces` are those of the fixed ones that are executed, None for all and the random ones.
    """

    depth: str
    faults: tuple[str, ...] = ()
    checks: frozenset[str] | None = None
    prepare: Callable[[], None] | None = None
    noting: bool = False
    lines: bool = False
    until_red: bool = False
    traces: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run came to, why it broke, what it took, and what was noted."""

    findings: tuple[Finding, ...] = ()
    broken: str = ""
    reach: Reach = field(default_factory=Reach)
    crossed: frozenset[str] = frozenset()  # the checks that are one combination of a rule each
    exchanges: int = 0
    cpu_seconds: float = 0.0

    @property
    def errors(self) -> tuple[str, ...]:
        """What broke: the run, or checks of it."""
        return (*([self.broken] if self.broken else []), *self._errors_of_checks())

    @property
    def red(self) -> Mapping[str, tuple[str, ...]]:
        """The checks that failed, with their requirements."""
        return {
            each.check: each.requirements
            for each in self.findings
            if each.verdict is Verdict.FAILED
        }

    @property
    def undecided(self) -> frozenset[str]:
        """The requirements that stayed undecided."""
        verdicts: dict[str, list[Verdict]] = {}
        for each in self.findings:
            for id_ in each.requirements:
                verdicts.setdefault(id_, []).append(each.verdict)
        return frozenset(
            id_ for id_, found in verdicts.items() if gravest(found) is Verdict.INCONCLUSIVE
        )

    def _errors_of_checks(self) -> Iterator[str]:
        for each in self.findings:
            if each.verdict is Verdict.ERROR:
                yield f"{each.check}: {each.reason}"


class Collected(Certification):
    """Collects the checks of a depth; then `work` may carry out as many runs as it likes."""

    def __init__(self, depth: str, work: "Callable[[Collected], None]") -> None:
        """Prepare; `start` collects and works."""
        self._usual = RunConfig(settings={"limits": limits()}, depth=depth, written=False)
        super().__init__(self._usual, _nothing_to_open)
        self._work = work
        self._items: list[pytest.Function] = []

    def start(self) -> None:
        """Collect, and work until that ends."""
        contracts, register = Contracts.load(), Register.load()
        with ExitStack() as stack:
            stack.enter_context(patch.object(Contracts, "load", lambda **_: contracts))
            stack.enter_context(patch.object(Register, "load", lambda: register))
            stack.enter_context(patch.object(crossed, "_smallest", _as_found))
            stack.enter_context(patch.object(runner, "SHRINKING", NO_SHRINKING))
            drive(self)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the checks."""
        separate_set_ups(session)
        self._items = [each for each in session.items if isinstance(each, pytest.Function)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:  # noqa: ARG002
        """Work, instead of executing each check once."""
        self._work(self)
        return True

    def carry_out(self, job: Job) -> Seen:
        """Certify the reference once."""
        before = time.process_time()
        if job.prepare is not None:
            job.prepare()
        noting = Noting()
        with (
            TemporaryDirectory() as folder,
            noting.noted() if job.noting else nullcontext(),
            noting.lines_noted() if job.lines else nullcontext(),
            _traces(job.traces),
        ):
            config = replace(
                self._usual,
                reference=ReferenceOptions(faults=job.faults),
                reports=Path(folder),
            )
            try:
                run = open_run(config)
            except SetupError as problem:
                return Seen(broken=f"the doctor ended the run: {problem}")
            noting.begin()
            with self._executing(run) as executor:
                findings = tuple(self._findings(executor, job, noting))
        return Seen(
            findings=findings,
            reach=noting.reach,
            crossed=self._crossed() if job.noting else frozenset(),
            exchanges=len(run.exchanges),
            cpu_seconds=time.process_time() - before,
        )

    def _crossed(self) -> frozenset[str]:
        return frozenset(check_id(each) for each in self._items if crossing_of(each.function))

    @contextmanager
    def _executing(self, run: Run) -> Iterator[Executor]:
        self._run = run
        self._executor = Executor(run)
        try:
            run.begin(self.planned, partial=True)
            yield self._executor
        finally:
            self._run = self._executor = None
            run.close()

    def _findings(self, executor: Executor, job: Job, noting: Noting) -> Iterator[Finding]:
        for item in self._items:
            if job.checks is None or check_id(item) in job.checks:
                execution = executor.execute(item, self._planned[item.nodeid])
                assert execution is not None, "nobody interrupts it"
                executor.file(execution)
                noting.end(execution.finding.check)
                yield execution.finding
                if job.until_red and execution.finding.verdict is Verdict.FAILED:
                    return


@contextmanager
def _traces(chosen: frozenset[int] | None) -> Iterator[None]:
    """Execute some of the fixed traces and no random ones, unless it is None."""
    if chosen is None:
        yield
        return
    fixed = tuple(each for place, each in enumerate(runner.FIXED) if place in chosen)
    with patch.object(runner, "FIXED", fixed), patch.object(runner, "random_plans", _none):
        yield


def _none(*_: Any, **__: Any) -> list[Any]:
    return []


def _nothing_to_open() -> Run:
    raise AssertionError("each job opens its own run")


def _as_found(*found: Any) -> Violation:
    """Return the violation as it was found: nobody reads how plain it can be made."""
    violation: Violation = found[-1]
    return violation
