"""The command `scenarios run`: parse, call, print."""

import sys
from pathlib import Path
from typing import Any

import click

from conformance.cli.certify import config_of, output_of
from conformance.cli.options import (
    BASE_URL,
    CLEAN,
    CONTRACT,
    FORMAT,
    KNOWN_AS,
    MODE,
    ONLY,
    QUIET,
    REPORTS,
    in_parts,
    of_the_reference,
)
from conformance.core.errors import SetupError
from conformance.run.choices import MOST_JOBS


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--target", "--profile", "-t", "target", type=click.Path(path_type=Path),
    help="Target profile (YAML).  [default: the embedded reference]",
)  # fmt: skip
@BASE_URL
@MODE
@KNOWN_AS
@CONTRACT
@ONLY
@of_the_reference
@click.option(
    "--jobs", type=int, default=1, show_default=True, metavar="N",
    help=f"Scenarios that are played at the same time, 1 to {MOST_JOBS}.",
)  # fmt: skip
@REPORTS
@in_parts
@CLEAN
@QUIET
@FORMAT
def run(
    files: tuple[Path, ...], *, only: tuple[str, ...], quiet: bool, form: str, **given: Any
) -> None:
    """Play the scenarios of FILES, and of folders, alone: a partial run without a certificate."""
    from conformance.run.certify import certify_target
    from conformance.run.selection import selected
    from conformance.scenarios.catalogue import loaded
    from conformance.scenarios.soundness import claimed

    ids = {id_ for each in loaded(files) for id_ in claimed(each)}
    chosen = selected(only)
    if not ids.intersection(chosen or ids):
        raise SetupError(
            f"no scenario of these files verifies {', '.join(chosen)}",
            remedy=f"name one of {', '.join(sorted(ids))}, or leave --only out",
        )
    config = config_of(
        only=chosen or tuple(sorted(ids)), scenarios=files, scenarios_only=True, **given
    )
    sys.exit(int(certify_target(config, output_of(form, quiet=quiet))))
