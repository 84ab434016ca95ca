"""The command `ci init`: parse, call, print."""

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import GATE, TARGET_OR_REFERENCE
from conformance.cli.output import write_whole, writing
from conformance.core.errors import SetupError
from conformance.run.choices import BUILD_SERVERS


@click.group(name="ci")
def ci_group() -> None:
    """Certify on a build server."""


@ci_group.command()
@click.argument("server", type=click.Choice(BUILD_SERVERS))
@TARGET_OR_REFERENCE
@GATE
@click.option("--baseline", default="", metavar="FILE", help="results.json of an earlier run.")
@click.option(
    "--waivers", type=click.Path(path_type=Path), metavar="FILE",
    help="Failures that the owner accepts for now.",
)  # fmt: skip
@click.option(
    "--suite", type=click.Path(path_type=Path), default=Path("bbps-conformance"),
    show_default=True, metavar="FOLDER",
    help="Folder of the repository with requirements.lock and the wheel, or with a checkout.",
)  # fmt: skip
@click.option(
    "--output", "--out", "-o", type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file.  [default: where the build server looks for it]",
)  # fmt: skip
@click.option("--stdout", "printed", is_flag=True, help="Print the job; write no file.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def init(
    server: str, gate: str, output: Path | None, *, printed: bool, force: bool, **given: Any
) -> None:
    """Write a job that certifies on SERVER: install, certify, gate, keep every report.

    Run it at the top of a repository; paths count from there. The file names the variables that
    the profile needs, and holds no secret.
    """
    from conformance.run.build_jobs import SERVERS, BuildJob, written

    chosen = SERVERS[server]
    text = written(chosen, BuildJob(gate=gate, **given))
    if printed:
        click.echo(text, nl=False)
        return
    path = output or chosen.place
    if path.exists() and not force:
        raise SetupError(
            f"{path} exists already, and was not changed",
            remedy="name another file with --output, or replace it with --force",
        )
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
    click.echo(f"Written: {path}; its first lines say what the build server needs")
