"""What `certify` does: open the run, let pytest drive the checks, tell the verdict.

Every set-up fault ends here as one clear message with exit code 2.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import pytest

import conformance
from conformance.contracts import ContractProblem
from conformance.core.errors import ExitCode
from conformance.core.requirements import Register, UnknownRequirement
from conformance.core.verdicts import exit_code
from conformance.doctor import SetupFault
from conformance.generation import STANDARD
from conformance.profile.loading import ProfileProblem, load, permitted
from conformance.report.terminal import Progress, print_results
from conformance.results.reading import read
from conformance.run.embedded import BadSetting, Rehearsal, default_profile, embedded
from conformance.run.plugin import NAME, Certification, Watcher, declare_markers
from conformance.run.resume import CannotGoOn, Earlier, earlier_part
from conformance.run.session import Options, Run, SecretLeak

PACKAGE: Final = Path(conformance.__file__).parent
ITEMS: Final = (PACKAGE / "checks", PACKAGE / "scenarios")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the command line asks of a certification."""

    target: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    known_as: str = ""  # the name of the production deployment that may be changed
    documents: Mapping[str, Path] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    checks: frozenset[str] | None = None  # names of the checks to carry out; None for all
    faults: tuple[str, ...] = ()
    lineage: str = "strict"
    latency_ms: int = 0
    lag_ms: int = 0
    noise: float = 0  # percent of the exchanges with the embedded reference that are spoilt
    seed: int = 0
    depth: str = STANDARD
    reports: Path = Path("reports")
    split: bool = False  # leave what another day decides to a later part of the run
    earlier: Path | None = None  # folder of the run to go on with
    settle: bool = False  # take up what the earlier part left to another day
    jobs: int = 1  # independent checks that run at a time
    written: bool = True  # False leaves out every report but the results


def certify_target(order: Order) -> ExitCode:
    """Run a certification and print its verdict; return the documented exit code."""
    progress = Progress()
    try:
        earlier = earlier_part(order.earlier, settle=order.settle) if order.earlier else None
        if earlier is not None and earlier.finished:
            return _told_again(earlier)
        run, code = carry_out(order, progress, earlier)
    except (
        BadSetting, CannotGoOn, ContractProblem, ProfileProblem, SetupFault, UnknownRequirement
    ) as problem:  # fmt: skip
        click.echo(f"bbps-conformance: {problem}", err=True)
        return ExitCode.SETUP
    finally:
        progress.end()
    if run.results is None:
        return _unfinished(run, code)
    print_results(run.results, run.exchanges, run.folder)
    return exit_code(run.results.verdict)


def carry_out(
    order: Order, watcher: Watcher | None = None, earlier: Earlier | None = None
) -> tuple[Run, int]:
    """Run a certification without printing; `run.results` is None if it did not come to an end.

    With `earlier`, go on with that part of a run. Raises BadSetting, CannotGoOn, ContractProblem,
    ProfileProblem, SetupFault, UnknownRequirement.
    """
    run = _prepared(order, earlier)
    run.open()
    try:
        run.require_due()
    except CannotGoOn:
        run.undo()
        run.close()
        raise
    if watcher is not None:
        _warn(run)
    chosen = None if earlier is None else earlier.chosen
    if chosen is not None and not chosen:  # it was interrupted after its last check
        return run, _concluded(run)
    certification = Certification(
        lambda: run,
        only=order.only,
        checks=order.checks,
        chosen=chosen,
        jobs=order.jobs,
        watcher=watcher,
    )
    return run, drive(certification)


def _concluded(run: Run) -> int:
    """End a run whose every check is decided."""
    try:
        run.begin((), partial=False)
        return int(exit_code(run.finish().verdict))
    except SecretLeak:
        return ExitCode.SUITE_ERROR
    finally:
        run.close()


def _told_again(earlier: Earlier) -> ExitCode:
    """Print what a run came to that has nothing left to do."""
    kept = earlier.kept
    results = read(kept.folder)
    print_results(results, kept.exchanges, kept.folder)
    click.echo(f"The run {kept.header.run} was complete already; nothing was asked of the target.")
    return exit_code(results.verdict)


def _warn(run: Run) -> None:
    """Tell the set-up faults that the checks can start with all the same."""
    for look in run.examination.faults:
        click.echo(look.told(), err=True)


def checks_by_requirement() -> dict[str, list[str]]:
    """Return the titles of the checks of each requirement, without running any."""
    certification = Certification(_nothing_to_open)
    pytest.main([*_arguments(), "--collect-only"], plugins=[_Named(certification)])
    titles: dict[str, list[str]] = {}
    for check in certification.planned:
        for id_ in check.requirements:
            titles.setdefault(id_, []).append(check.title)
    return titles


def _nothing_to_open() -> Run:
    raise AssertionError("a collection opens no run")


def _prepared(order: Order, earlier: Earlier | None) -> Run:
    register = Register.load()
    for id_ in order.only:
        register.of(id_)
    profile = permitted(load(order.target or default_profile(), order.settings), order.known_as)
    rehearsal = Rehearsal(
        faults=order.faults,
        lineage=order.lineage,
        latency_ms=order.latency_ms,
        lag_ms=order.lag_ms,
        noise=order.noise,
        noise_seed=order.seed,
    )
    options = Options(
        reports=order.reports,
        documents=order.documents,
        seed=earlier.kept.header.seed if earlier else order.seed,
        depth=earlier.kept.header.depth if earlier else order.depth,
        split=earlier.kept.split if earlier else order.split,
        written=order.written,
    )
    if earlier is not None and profile.target.embedded:
        raise CannotGoOn(
            "the embedded reference ended with its run, and what was created there is gone; "
            "certify anew"
        )
    return Run(profile, options, embedded(profile.target, rehearsal), earlier)


def drive(certification: Certification) -> int:
    """Let pytest run the checks, alone, and return its code: no plugin or setting of the user."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # of other projects; could leave out checks
        os.environ.pop(name, None)
    code = int(pytest.main(_arguments(), plugins=[_Named(certification)]))
    certification.forget()
    return code


def _arguments() -> list[str]:
    return [
        *(str(folder) for folder in ITEMS),
        f"--rootdir={PACKAGE}",
        "--disable-plugin-autoload",
        "-p", "no:terminal",
        "-p", "no:cacheprovider",
        "-p", "no:logging",
        "-c", str(PACKAGE / "checks" / "pytest.ini"),
        "--strict-markers",
        "--import-mode=importlib",
    ]  # fmt: skip


class _Named:
    """Registers the certification under its name, so that the plugin makes no second one."""

    def __init__(self, certification: Certification) -> None:
        self._certification = certification

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # no report shows a traceback: the cheapest will do
        config.pluginmanager.register(self._certification, NAME)
        declare_markers(config)


def _unfinished(run: Run, code: int) -> ExitCode:
    """Tell why a run has no verdict; what was decided stays in its folder."""
    run.close()
    if run.spoilt:
        click.echo(f"bbps-conformance: {run.spoilt}; delete {run.folder}", err=True)
        return ExitCode.SUITE_ERROR
    what = "was interrupted" if code == pytest.ExitCode.INTERRUPTED else "broke down"
    click.echo(
        f"bbps-conformance: the run {what}; what it decided is kept in {run.folder}, "
        f"but it gets no certificate. Go on with: certify --resume {run.id}",
        err=True,
    )
    return ExitCode.SUITE_ERROR
