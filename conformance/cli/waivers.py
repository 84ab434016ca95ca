"""The command `waivers suggest`: parse, call, print."""

from pathlib import Path

import click

from conformance.cli.options import OUTPUT, REPORTS
from conformance.cli.output import write_whole
from conformance.cli.runs import folder_of
from conformance.core.errors import SetupError


@click.group(name="waivers")
def waivers_group() -> None:
    """Accept failures for now, each with a reason, an owner and an end."""


@waivers_group.command()
@click.argument("run", default="latest")
@REPORTS
@OUTPUT
def suggest(run: str, reports: Path, output: Path | None) -> None:
    """Write a draft of waivers for what failed in RUN (a folder, an id, or latest).

    A person completes the draft; until then `certify --waivers` refuses it.
    """
    from conformance.report.plain import printable
    from conformance.results.reading import read
    from conformance.results.waiver_draft import draft_of

    text = draft_of(read(folder_of(run, reports)))
    if not text:
        raise SetupError(f"no check of the run {run} failed without a waiver: nothing to suggest")
    if output is None:
        click.echo(printable(text), nl=False)
        return
    if output.exists():
        raise SetupError(f"{output} exists", remedy="choose another file, to keep its waivers")
    write_whole(output, text)
    click.echo(f"written: {output}; complete each <...> in it")
