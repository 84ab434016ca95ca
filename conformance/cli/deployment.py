"""The commands `doctor` and `clean`, which send requests to a deployment: parse, call, print."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import BASE_URL, KNOWN_AS, MODE, REPORTS, TARGET
from conformance.cli.readiness import examine
from conformance.cli.runs import folder_of
from conformance.core.errors import ExitCode, SetupError
from conformance.core.json_text import loaded

if TYPE_CHECKING:
    from conformance.profile.loading import Profile


@click.command()
@TARGET
@BASE_URL
@MODE
@KNOWN_AS
@REPORTS
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document, for other tools.")
def doctor(
    target: Path | None, known_as: str, reports: Path, *, as_json: bool, **settings: Any
) -> None:
    """Show whether a deployment is ready to be checked; each fault with cause and remedy.

    Each requirement is named that a run will leave undecided, with what is missing. Mode inspect
    changes nothing there; other modes raise one demand and create SYSTEM users, and undo that at
    the end. Exit codes: 0 checks can start, perhaps with faults; 2 they cannot.
    """
    from conformance.run.config import RunConfig

    config = RunConfig(target=target, settings=settings, known_as=known_as, reports=reports)
    sys.exit(int(examine(config, as_json=as_json)))


@click.command()
@click.argument("run")
@TARGET
@BASE_URL
@MODE
@KNOWN_AS
@REPORTS
def clean(run: str, target: Path | None, known_as: str, reports: Path, **settings: Any) -> None:
    """Undo what RUN created (a folder, an id, or latest); list what a person must reverse.

    Exit codes: 0 nothing is left, 1 a person must reverse what is listed, 2 clean cannot start.
    """
    from conformance.bbps.cleanup import CleanupState
    from conformance.run.cleaning import entries_of, undo
    from conformance.run.config import RunConfig
    from conformance.run.opening import profile_of

    folder = folder_of(run, reports)
    if target is None and settings["base_url"] is None:
        raise SetupError("clean needs --target PROFILE, because its administrator undoes the run")
    profile = profile_of(RunConfig(target=target, settings=settings, known_as=known_as))
    entries = entries_of(folder)
    _same_target(folder, profile)
    if profile.target.embedded:
        click.echo("The embedded reference ended with its run; nothing of it remains.")
        return
    left = undo(folder, profile, entries, click.echo)[CleanupState.LEFT]
    sys.exit(int(ExitCode.NON_CONFORMANT if left else ExitCode.CONFORMANT))


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
