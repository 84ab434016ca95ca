"""How ready a deployment is for a run: examined, and printed, for several commands."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from conformance.core.errors import ExitCode

if TYPE_CHECKING:
    from conformance.run.config import RunConfig
    from conformance.run.readiness import Readiness
    from conformance.run.session import Run


def examine(config: "RunConfig", *, as_json: bool) -> ExitCode:
    """Examine the target of a run, print how ready it is, and return the exit code."""
    from conformance.run.certify import readiness_of
    from conformance.run.opening import prepared_run
    from conformance.run.waiting import announced

    run = prepared_run(config)
    run.start()
    with undone(run, quiet=as_json):
        with announced():
            examination = run.examine()
        readiness = readiness_of(run)
        if as_json:
            click.echo(json.dumps(readiness.as_json(), indent=1))
        else:
            _print(readiness)
    return ExitCode.CONFORMANT if examination.fit else ExitCode.SETUP


@contextmanager
def undone(run: "Run", *, quiet: bool = False) -> Iterator[None]:
    """Undo in the end, however it comes, what a started run created; show it, and close the run."""
    try:
        try:
            yield
        finally:
            _undo(run, quiet=quiet)
    finally:
        run.close()


def _print(readiness: "Readiness") -> None:
    from conformance.doctor import described

    examination = readiness.examination
    click.echo(f"{examination.base_url}")
    for diagnostic in examination.diagnostics:
        click.echo(diagnostic.describe())
    if examination.detected:
        click.echo(f"It looks like this: {examination.detected}")
    nothing = (each for each in examination.predictions if not each.exists)
    if undecided := described([*readiness.missing, *nothing]):
        click.echo(f"\n{undecided}")
    click.echo("\n" + "\n".join(readiness.lines()))


def _undo(run: "Run", *, quiet: bool) -> None:
    """Undo what a run created, and show what of it remains; `quiet` keeps standard output free."""
    from conformance.bbps.cleanup import CleanupState
    from conformance.run.commands import cleaning

    items = run.undo()
    left = [item for item in items if item.state is CleanupState.LEFT]
    if not items:
        return
    if not left:
        if not quiet:
            click.echo("The test data was removed again.")
        return
    for item in left:
        click.echo(item.describe(), err=quiet)
    click.echo(f"Try again with: {cleaning(run.config, run.id)}", err=quiet)
