"""What `certify` does: open the run, let pytest drive the checks, print the verdict."""

import os
from pathlib import Path
from typing import Final

import click
import pytest

import conformance
from conformance.core.errors import ExitCode
from conformance.core.verdicts import exit_code
from conformance.doctor import described
from conformance.report.terminal import Progress, print_results
from conformance.results.reading import read
from conformance.run.config import RunConfig
from conformance.run.opening import earlier_of, open_run
from conformance.run.plugin import NAME, Certification, Watcher, declare_markers
from conformance.run.resume import Earlier
from conformance.run.session import Run, SecretLeak

PACKAGE: Final = Path(conformance.__file__).parent
ITEMS: Final = (PACKAGE / "checks", PACKAGE / "scenarios")


def certify_target(config: RunConfig) -> ExitCode:
    """Run a certification and print its verdict; return the documented exit code.

    Raises SetupError where it cannot start.
    """
    progress = Progress()
    earlier = earlier_of(config)
    if earlier is not None and earlier.finished:
        return _print_again(earlier)
    try:
        run, code = carry_out(config, progress, earlier)
    finally:
        progress.end()
    if run.results is None:
        return _unfinished(run, code)
    print_results(run.results, run.exchanges, run.folder)
    return exit_code(run.results.verdict)


def carry_out(
    config: RunConfig, watcher: Watcher | None = None, earlier: Earlier | None = None
) -> tuple[Run, int]:
    """Run a certification without printing; `run.results` is None if it did not come to an end.

    With `earlier`, continue that part of a run. Raises SetupError.
    """
    run = open_run(config, earlier)
    if watcher is not None:
        _warn(run)
    chosen = None if earlier is None else earlier.chosen
    if chosen is not None and not chosen:  # it was interrupted after its last check
        return run, _concluded(run)
    certification = Certification(run.config, lambda: run, chosen=chosen, watcher=watcher)
    try:
        return run, drive(certification)
    except Exception as problem:
        problem.add_note(f"The findings of the run are kept in {run.folder}.")
        problem.add_note(f"Continue with: certify --resume {run.id}")
        raise


def _concluded(run: Run) -> int:
    """End a run whose every check is decided."""
    try:
        run.begin((), partial=False)
        return int(exit_code(run.finish().verdict))
    except SecretLeak:
        return ExitCode.SUITE_ERROR
    finally:
        run.close()


def _print_again(earlier: Earlier) -> ExitCode:
    """Print what a run came to that has nothing left to do."""
    kept = earlier.kept
    results = read(kept.folder)
    print_results(results, kept.exchanges, kept.folder)
    done = f"waits for its day {results.settle_window}" if results.settle else "is complete already"
    click.echo(f"The run {kept.header.run} {done}; no request was sent to the target.")
    return exit_code(results.verdict)


def _warn(run: Run) -> None:
    """Print the set-up faults that the checks can start with, and what they leave undecided."""
    for fault in run.examination.faults:
        click.echo(fault.describe(), err=True)
    if undecided := described(run.examination.predictions):
        click.echo(undecided, err=True)


def checks_by_requirement() -> dict[str, list[str]]:
    """Return the titles of the checks of each requirement, without running any."""
    certification = Certification(RunConfig(), _nothing_to_open)
    pytest.main([*_arguments(), "--collect-only"], plugins=[_Named(certification)])
    titles: dict[str, list[str]] = {}
    for check in certification.planned:
        for id_ in check.requirements:
            titles.setdefault(id_, []).append(check.title)
    return titles


def _nothing_to_open() -> Run:
    raise AssertionError("a collection opens no run")


def drive(certification: Certification) -> int:
    """Let pytest run the checks, alone, and return its code: no plugin or setting of the user.

    Raises what breaks pytest's session, which is an error of the suite.
    """
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # of other projects; could leave out checks
        os.environ.pop(name, None)
    named = _Named(certification)
    code = int(pytest.main(_arguments(), plugins=[named]))
    certification.forget()
    problem = named.broken or certification.refused
    if problem is not None:
        raise problem
    return code


def _arguments() -> list[str]:
    return [
        *(str(folder) for folder in ITEMS),
        f"--rootdir={PACKAGE}",
        "--disable-plugin-autoload",
        "-p", "no:terminal",
        "-p", "no:cacheprovider",
        "-p", "no:logging",
        "-p", "no:faulthandler",  # wants a standard error, which may be closed
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
    what = "was interrupted" if code == pytest.ExitCode.INTERRUPTED else "failed"
    click.echo(
        f"bbps-conformance: the run {what}; its findings are kept in {run.folder}, "
        f"but there is no certificate. Continue with: certify --resume {run.id}",
        err=True,
    )
    if not run.profile.target.embedded:
        click.echo(f"Or undo it with: clean {run.id} --target {run.profile.path}", err=True)
    return ExitCode.SUITE_ERROR
