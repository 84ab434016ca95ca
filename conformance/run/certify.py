"""What `certify` does: open the run, let pytest drive the checks, print the verdict."""

import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import click
import pytest

import conformance
from conformance.core.errors import ExitCode, SetupError
from conformance.core.verdicts import RunVerdict
from conformance.doctor import described
from conformance.report.plain import printable
from conformance.report.terminal import Progress, print_json, print_quietly, print_results
from conformance.results.exchange_store import Evidence
from conformance.results.gating import baseline_of, compared, exit_code
from conformance.results.journal import has_begun
from conformance.results.model import Results
from conformance.results.reading import read
from conformance.run import github
from conformance.run.cleaning import entries_of, undo
from conformance.run.commands import cleaning, resuming
from conformance.run.config import RunConfig
from conformance.run.opening import earlier_of, open_run
from conformance.run.parallel import declare_markers
from conformance.run.plugin import NAME, Certification, Watcher
from conformance.run.readiness import Readiness
from conformance.run.resume import Earlier
from conformance.run.scenario_files import scenario_checks
from conformance.run.session import Run, SecretLeak
from conformance.run.waiting import announced

PACKAGE: Final = Path(conformance.__file__).parent
OUTPUTS: Final[Mapping[str, Callable[[Results, Evidence, Path], None]]] = {
    "text": print_results,
    "quiet": print_quietly,
    "json": print_json,
}


def certify_target(config: RunConfig, output: str = "text") -> ExitCode:
    """Run a certification and print its verdict; return the documented exit code.

    `output` is a key of OUTPUTS. Raises SetupError where it cannot start.
    """
    return certified(config, output)[1]


def certified(config: RunConfig, output: str = "text") -> tuple[Results | None, ExitCode]:
    """Run a certification as `certify_target` does; return what it came to, too, if it ended."""
    apart = output == "json"  # other tools read standard output then
    with github.commands_unheard(err=apart):
        results, code = _certified(config, output)
    if results is not None:
        github.announce(results, err=apart)
    return results, code


def _certified(config: RunConfig, output: str) -> tuple[Results | None, ExitCode]:
    """Run a certification, print it and clean up; return what it came to, and the exit code."""
    print_ = OUTPUTS[output]
    earlier = earlier_of(config)
    if earlier is not None and earlier.finished:
        return _print_again(config, earlier, output)
    progress = Progress() if output == "text" else None
    try:
        run, code = carry_out(config, progress, earlier, warn=True)
    finally:
        if progress is not None:
            progress.end()
    if run.results is None:
        return None, _unfinished(run, code)
    print_(run.results, run.exchanges, run.folder)
    if config.clean:
        _clean(run, run.results)
    return run.results, _exit_code(config, run.results)


def carry_out(
    config: RunConfig,
    watcher: Watcher | None = None,
    earlier: Earlier | None = None,
    *,
    warn: bool = False,
) -> tuple[Run, int]:
    """Run a certification without printing; `run.results` is None if it did not come to an end.

    With `earlier`, continue that part of a run; with `warn`, print the faults that checks can start
    with. Raises SetupError.
    """
    scenarios = scenario_checks(config)  # a broken file, before anything is sent
    with announced() if warn else nullcontext():
        run = open_run(config, earlier)
    if warn:
        _warn(run)
    chosen = None if earlier is None else earlier.chosen
    if chosen is not None and not chosen:  # it was interrupted after its last check
        return run, _concluded(run)
    certification = Certification(
        run.config, lambda: run, scenarios=scenarios, chosen=chosen, watcher=watcher
    )
    try:
        return run, drive(certification)
    except Exception as problem:
        if has_begun(run.folder):
            problem.add_note(f"The findings of the run are kept in {run.folder}.")
            problem.add_note(_how_to_go_on(run))
        raise


def _concluded(run: Run) -> int:
    """End a run whose every check is decided."""
    try:
        run.begin((), partial=False)
        return int(exit_code(run.finish()))
    except SecretLeak:
        return ExitCode.SUITE_ERROR
    finally:
        run.close()


def _clean(run: Run, results: Results) -> None:
    """Undo what a run created, on stderr; the verdict stands whatever becomes of it."""

    def say(text: str) -> None:
        click.echo(printable(text), err=True)

    if run.profile.target.embedded:
        return
    if results.settle:
        say(f"Not cleaned, because the run is still to be settled {results.settle_window}.")
        return
    try:
        undo(run.folder, run.profile, entries_of(run.folder), say)
    except SetupError as problem:
        say(f"Not cleaned: {problem}. Try again with: {cleaning(run.config, run.id)}")


def _exit_code(config: RunConfig, results: Results) -> ExitCode:
    """Return the exit code of a run; whoever plays scenarios alone wants no more of the suite."""
    code = exit_code(results)
    if config.scenarios_only and results.verdict is RunVerdict.PARTIAL and code == ExitCode.POLICY:
        return ExitCode.CONFORMANT
    return code


def _print_again(config: RunConfig, earlier: Earlier, output: str) -> tuple[Results, ExitCode]:
    """Print what a run came to that has nothing left to do."""
    kept = earlier.kept
    results = compared(read(kept.folder), config.gate, baseline_of(config.baseline))
    OUTPUTS[output](results, kept.exchanges, kept.folder)
    done = f"waits for its day {results.settle_window}" if results.settle else "is complete already"
    if output != "json":
        click.echo(f"The run {kept.header.run} {done}; no request was sent to the target.")
    return results, _exit_code(config, results)


def _warn(run: Run) -> None:
    """Print the set-up faults that the checks can start with, and what they leave undecided."""
    for fault in run.examination.faults:
        click.echo(fault.describe(), err=True)
    if undecided := described(run.examination.predictions):
        click.echo(undecided, err=True)


def readiness_of(run: Run) -> Readiness:
    """Return what a run that was examined will be able to decide. Raises SetupError."""
    certification = collected(run.config)
    estimate = certification.estimate(run)
    config = run.config
    return Readiness(
        examination=run.examination,
        requirements=run.wanted,
        estimate=estimate,
        next_day=certification.next_day,
        over_two_days=not run.bbps.clock.movable,
        paying={
            id_
            for each in certification.planned
            if each.check in estimate.with_bills
            for id_ in each.requirements
        },
        partial=config.scenarios_only or not certification.plans_all(run.register),
    )


def collected(config: RunConfig) -> Certification:
    """Return a certification that has planned its checks, and runs none."""
    certification = Certification(config, _nothing_to_open)
    pytest.main([*_arguments(certification), "--collect-only"], plugins=[_Named(certification)])
    return certification


def _nothing_to_open() -> Run:
    raise AssertionError("a collection opens no run")


def drive(certification: Certification) -> int:
    """Let pytest run the checks, alone, and return its code: no plugin or setting of the user.

    Raises what breaks pytest's session, which is an error of the suite.
    """
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # of other projects; could leave out checks
        os.environ.pop(name, None)
    named = _Named(certification)
    code = int(pytest.main(_arguments(certification), plugins=[named]))
    certification.forget()
    problem = named.broken or certification.refused
    if problem is not None:
        raise problem
    return code


def _arguments(certification: Certification) -> list[str]:
    return [
        *(str(PACKAGE / path) for path in certification.paths),
        f"--rootdir={PACKAGE}",
        "--disable-plugin-autoload",
        "-p", "no:terminal",
        "-p", "no:cacheprovider",
        "-p", "no:logging",
        "-p", "no:faulthandler",  # wants a standard error, which may be closed
        "-p", "no:unraisableexception",  # collects garbage five times at the end of every run
        "-c", str(PACKAGE / "checks" / "pytest.ini"),
        "--strict-markers",
        "--import-mode=importlib",
    ]  # fmt: skip


class _Named:
    """Registers the certification under its name, so that the plugin makes no second one."""

    def __init__(self, certification: Certification) -> None:
        self._certification = certification
        self.broken: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "value"  # no report shows a traceback
        config.pluginmanager.register(self._certification, NAME)
        declare_markers(config)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep what broke the session for the command, which prints one message."""
        self.broken = excinfo.value
        return True


def _unfinished(run: Run, code: int) -> ExitCode:
    """Print why a run has no verdict; what was decided stays in its folder."""
    run.close()
    if run.invalid:
        click.echo(f"bbps-conformance: {run.invalid}; delete {run.folder}", err=True)
        return ExitCode.SUITE_ERROR
    interrupted = code == pytest.ExitCode.INTERRUPTED
    click.echo(
        f"bbps-conformance: the run {'was interrupted' if interrupted else 'failed'}; its findings "
        f"are kept in {run.folder}, but there is no certificate.\n{_how_to_go_on(run)}",
        err=True,
    )
    if not run.profile.target.embedded:
        click.echo(f"Or undo it with: {cleaning(run.config, run.id)}", err=True)
    return ExitCode.INTERRUPTED if interrupted else ExitCode.SUITE_ERROR


def _how_to_go_on(run: Run) -> str:
    """Say how a run that was cut short is continued, if it can be."""
    if run.profile.target.embedded:
        return "It cannot be continued, because the embedded reference ended with it: start again."
    return f"Continue with: {resuming(run.config, run.id)}"
