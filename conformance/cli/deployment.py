"""The commands `doctor` and `clean`, which talk to a deployment: parse, call, print."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from conformance.core.errors import ExitCode

if TYPE_CHECKING:
    from conformance.core.ledger import Entry
    from conformance.doctor import Examination
    from conformance.profile.loading import Profile
    from conformance.run.session import Run

MODES: Final = ("inspect", "sandbox", "full")
TARGET = click.option(
    "--target", "-t", type=click.Path(path_type=Path), help="Target profile (YAML)."
)
MODE = click.option("--mode", type=click.Choice(MODES), help="Replaces mode of the profile.")
KNOWN_AS = click.option(
    "--i-know-this-is", "known_as", default="", metavar="NAME",
    help="Allows to change the production deployment of that name.",
)  # fmt: skip
REPORTS = click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True,
    help="Folder that keeps the runs.",
)  # fmt: skip


@click.command()
@TARGET
@click.option("--base-url", help="Replaces base_url of the profile.")
@MODE
@KNOWN_AS
@REPORTS
def doctor(
    target: Path | None, base_url: str | None, mode: str | None, known_as: str, reports: Path
) -> None:
    """Tell whether a deployment is fit to be checked; each fault with cause and remedy.

    Mode inspect changes nothing there; other modes raise one demand and create SYSTEM users, and
    undo that at the end. Exit codes: 0 checks can start, though faults may be told; 2 they cannot.
    """
    from conformance.doctor import SetupFault
    from conformance.run.embedded import Rehearsal, default_profile, embedded
    from conformance.run.session import Options, Run

    profile = _profile(target or default_profile(), known_as, base_url=base_url, mode=mode)
    run = Run(profile, Options(reports=reports), embedded(profile.target, Rehearsal()))
    try:
        run.start()
    except SetupFault as problem:
        _stop(str(problem))
    try:
        examination = run.examine()
        _tell(examination)
        _undo(run, target)
    finally:
        run.close()
    sys.exit(int(ExitCode.CONFORMANT if examination.fit else ExitCode.SETUP))


def _undo(run: "Run", target: Path | None) -> None:
    """Undo what an examination created, and tell what of it remains."""
    from conformance.bbps.cleanup import Fate

    traces = run.undo()
    left = [trace for trace in traces if trace.fate is Fate.LEFT]
    if not traces:
        return
    if not left:
        click.echo("What was created to look is undone again.")
        return
    for trace in left:
        click.echo(trace.told())
    click.echo(f"Try again with: bbps-conformance clean {run.id} --target {target}")


@click.command()
@click.argument("run")
@TARGET
@MODE
@KNOWN_AS
@REPORTS
def clean(run: str, target: Path | None, mode: str | None, known_as: str, reports: Path) -> None:
    """Undo what RUN created (a folder, an id, or latest); list what a person must reverse.

    Exit codes: 0 nothing is left, 1 a person must reverse what is listed, 2 it cannot start.
    """
    from conformance.bbps.cleanup import Cleaner, Fate
    from conformance.core.verdicts import Inconclusive
    from conformance.results.lock import Held, Hold
    from conformance.run.session import for_cleaning

    folder = folder_of(run, reports)
    if target is None:
        _stop("clean needs --target PROFILE, whose administrator undoes the run")
    profile = _profile(target, known_as, mode=mode)
    entries = _ledger(folder)
    _same_target(folder, profile)
    if profile.target.embedded:
        click.echo("The embedded reference ended with its run; nothing of it remains.")
        return
    try:
        hold = Hold(folder.resolve())
    except Held as problem:
        _stop(str(problem))
    click.echo(f"{len(entries)} entries of the ledger are gone through.")
    left = undone = closed = 0
    try:
        with for_cleaning(profile) as bbps:
            bbps.client.token("administrator")
            for trace in Cleaner(bbps).clean(entries):
                left += trace.fate is Fate.LEFT
                undone += trace.fate is Fate.UNDONE
                closed += trace.fate is Fate.CLOSED
                if trace.fate is not Fate.CLOSED:
                    click.echo(trace.told())
    except Inconclusive as problem:
        _stop(f"nothing can be undone: {problem}")
    finally:
        hold.release()
    click.echo(f"{undone} undone, {closed} with nothing to do, {left} left to a person")
    sys.exit(int(ExitCode.NON_CONFORMANT if left else ExitCode.CONFORMANT))


def _tell(examination: "Examination") -> None:
    click.echo(f"{examination.base_url}")
    for look in examination.looks:
        click.echo(look.told())
    if examination.detected:
        click.echo(f"Detected: {examination.detected}")
    if not examination.fit:
        blocking = [look.what for look in examination.faults if look.blocking]
        click.echo(f"\nChecks cannot start before this is mended: {'; '.join(blocking)}.")
    elif examination.faults:
        click.echo("\nChecks can start; they will find what rests on the faults above.")
    else:
        click.echo("\nFit to be checked.")


def _profile(path: Path, known_as: str, **settings: str | None) -> "Profile":
    from conformance.profile.loading import ProfileProblem, load, permitted

    try:
        return permitted(load(path, settings), known_as)
    except ProfileProblem as problem:
        _stop(str(problem))


def folder_of(run: str, reports: Path) -> Path:
    """Find the folder of a run by path, id or `latest`; end the command if there is none."""
    pointer = reports / "latest"
    if run == "latest" and pointer.is_file():  # where links are not to be had
        return reports / pointer.read_text(encoding="utf-8").strip()
    places = (pointer,) if run == "latest" else (reports / "runs" / run, Path(run))
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        _stop(f"there is no run {run!r} in {reports / 'runs'}; give a folder, an id, or latest")
    return found


def _ledger(folder: Path) -> "list[Entry]":
    from conformance.core.ledger import read

    path = folder / "ledger.jsonl"
    try:
        return read(path) if path.exists() else []
    except (OSError, ValueError) as problem:
        _stop(f"the ledger cannot be read: {problem}")


def _same_target(folder: Path, profile: "Profile") -> None:
    """Refuse to undo a run on a deployment that it did not run on."""
    path = folder / "results.json"
    if not path.is_file():
        return
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["target"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        _stop(f"{path} cannot be read, so nobody knows where the run was")
    if name != profile.target.name:
        _stop(f"the run was on {name}, the profile describes {profile.target.name}")


def _stop(message: str) -> NoReturn:
    """End with the code of set-up faults and one clear message."""
    click.echo(f"bbps-conformance: {message}", err=True)
    sys.exit(int(ExitCode.SETUP))
