"""The commands `doctor` and `clean`, which send requests to a deployment: parse, call, print."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import BASE_URL, KNOWN_AS, MODE, REPORTS, TARGET
from conformance.cli.runs import folder_of
from conformance.core.errors import ExitCode, SetupError
from conformance.core.json_text import loaded

if TYPE_CHECKING:
    from conformance.core.ledger import Entry
    from conformance.doctor import Examination
    from conformance.profile.loading import Profile
    from conformance.run.session import Run


@click.command()
@TARGET
@BASE_URL
@MODE
@KNOWN_AS
@REPORTS
def doctor(
    target: Path | None, base_url: str | None, mode: str | None, known_as: str, reports: Path
) -> None:
    """Show whether a deployment is ready to be checked; each fault with cause and remedy.

    Mode inspect changes nothing there; other modes raise one demand and create SYSTEM users, and
    undo that at the end. Exit codes: 0 checks can start, perhaps with faults; 2 they cannot.
    """
    from conformance.run.config import RunConfig
    from conformance.run.opening import prepared_run

    settings = {"base_url": base_url, "mode": mode}
    run = prepared_run(
        RunConfig(target=target, settings=settings, known_as=known_as, reports=reports)
    )
    run.start()
    try:
        examination = run.examine()
        _print(examination)
        _undo(run, target)
    finally:
        run.close()
    sys.exit(int(ExitCode.CONFORMANT if examination.fit else ExitCode.SETUP))


def _undo(run: "Run", target: Path | None) -> None:
    """Undo what an examination created, and show what of it remains."""
    from conformance.bbps.cleanup import CleanupState

    items = run.undo()
    left = [item for item in items if item.state is CleanupState.LEFT]
    if not items:
        return
    if not left:
        click.echo("The test data of the doctor was removed again.")
        return
    for item in left:
        click.echo(item.describe())
    click.echo(f"Try again with: bbps-conformance clean {run.id} --target {target}")


@click.command()
@click.argument("run")
@TARGET
@MODE
@KNOWN_AS
@REPORTS
def clean(run: str, target: Path | None, mode: str | None, known_as: str, reports: Path) -> None:
    """Undo what RUN created (a folder, an id, or latest); list what a person must reverse.

    Exit codes: 0 nothing is left, 1 a person must reverse what is listed, 2 clean cannot start.
    """
    from conformance.bbps.cleanup import Cleaner, CleanupState
    from conformance.core.verdicts import Inconclusive
    from conformance.results.lock import RunLock
    from conformance.run.config import RunConfig
    from conformance.run.opening import profile_of
    from conformance.run.session import for_cleaning

    folder = folder_of(run, reports)
    if target is None:
        raise SetupError("clean needs --target PROFILE, because its administrator undoes the run")
    profile = profile_of(RunConfig(target=target, settings={"mode": mode}, known_as=known_as))
    entries = _ledger(folder)
    _same_target(folder, profile)
    if profile.target.embedded:
        click.echo("The embedded reference ended with its run; nothing of it remains.")
        return
    lock = RunLock(folder.resolve())
    click.echo(f"{len(entries)} entries of the ledger to process.")
    left = undone = closed = 0
    try:
        with for_cleaning(profile) as bbps:
            bbps.client.token("administrator")
            for item in Cleaner(bbps).clean(entries):
                left += item.state is CleanupState.LEFT
                undone += item.state is CleanupState.UNDONE
                closed += item.state is CleanupState.CLOSED
                if item.state is not CleanupState.CLOSED:
                    click.echo(item.describe())
    except Inconclusive as problem:
        raise SetupError(f"nothing can be undone: {problem}") from None
    finally:
        lock.release()
    click.echo(f"{undone} undone, {closed} with nothing to do, {left} left to a person")
    sys.exit(int(ExitCode.NON_CONFORMANT if left else ExitCode.CONFORMANT))


def _print(examination: "Examination") -> None:
    from conformance.doctor import described

    click.echo(f"{examination.base_url}")
    for diagnostic in examination.diagnostics:
        click.echo(diagnostic.describe())
    if examination.detected:
        click.echo(f"It looks like this: {examination.detected}")
    if undecided := described(examination.predictions):
        click.echo(f"\n{undecided}")
    if not examination.fit:
        blocking = [fault.what for fault in examination.faults if fault.blocking]
        click.echo(f"\nChecks cannot start before this is repaired: {'; '.join(blocking)}.")
    elif examination.faults:
        click.echo(
            "\nChecks can start; because of the faults above, some will fail or decide nothing."
        )
    else:
        click.echo("\nReady to be checked.")


def _ledger(folder: Path) -> "list[Entry]":
    from conformance.core.ledger import read

    path = folder / "ledger.jsonl"
    try:
        return read(path) if path.exists() else []
    except (OSError, ValueError) as problem:
        raise SetupError(f"the ledger cannot be read: {problem}") from None


def _same_target(folder: Path, profile: "Profile") -> None:
    """Refuse to undo a run on a deployment that it did not run on."""
    path = folder / "results.json"
    if not path.is_file():
        return
    try:
        name = loaded(path.read_text(encoding="utf-8"))["target"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        raise SetupError(f"{path} cannot be read, so the target of the run is unknown") from None
    if name != profile.target.name:
        raise SetupError(f"the run was on {name}, the profile describes {profile.target.name}")
