"""The command `rerun`: parse, call, print."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from conformance.cli.options import CLEAN, CONTRACT, KNOWN_AS, QUIET, REPORTS
from conformance.cli.runs import folder_of
from conformance.core.errors import SetupError
from conformance.core.wording import plural
from conformance.run.choices import MOST_JOBS


@click.command()
@click.argument("run", default="latest")
@click.option("--failed", is_flag=True, help="Run what failed or stayed undecided.")
@click.option(
    "--target", "-t", type=click.Path(path_type=Path),
    help="Where the target profile is now.  [default: where it was]",
)  # fmt: skip
@KNOWN_AS
@CONTRACT
@click.option(
    "--scenarios", multiple=True, type=click.Path(path_type=Path), metavar="DIR|FILE",
    help="Your own scenarios, as the run had them.",
)  # fmt: skip
@click.option(
    "--jobs", type=int, default=1, show_default=True, metavar="N",
    help=f"Checks that go on at the same time where they may, 1 to {MOST_JOBS}.",
)  # fmt: skip
@CLEAN
@QUIET
@REPORTS
def rerun(
    run: str,
    *,
    failed: bool,
    target: Path | None,
    known_as: str,
    contracts: tuple[str, ...],
    scenarios: tuple[Path, ...],
    jobs: int,
    clean: bool,
    quiet: bool,
    reports: Path,
) -> None:
    """Run again the checks of RUN (a folder, an id, or latest) that failed or stayed undecided.

    Profile, mode, seed, depth and reference are those of RUN, secrets come from the environment.
    It makes a new run of a part of the suite, which is never a certificate and ends with 4 at best,
    and shows what changed since RUN.
    """
    from conformance.report.comparison import print_comparison
    from conformance.results.comparing import compare
    from conformance.results.reading import exchanges_of, read
    from conformance.run.certify import certified, collected
    from conformance.run.config import documents_of
    from conformance.run.rerunning import config_again, to_run_again

    if not failed:
        raise click.UsageError("say --failed: nothing else of a run is run again")
    folder = folder_of(run, reports).resolve()
    before = read(folder)
    again = to_run_again(before, exchanges_of(folder))
    config = config_again(
        before.header, again.checks, target=target, documents=documents_of(contracts),
        scenarios=scenarios, known_as=known_as, jobs=jobs, reports=reports, clean=clean,
    )  # fmt: skip
    there = {each.check for each in collected(config).planned}
    if gone := sorted(again.checks - there):
        raise SetupError(
            f"{plural(len(gone), 'check')} of the run cannot be found, such as {gone[0]}",
            remedy="name its file with --scenarios, or start a new run with certify",
        )
    click.echo(_announced(before.header.run, len(again.wrong), len(again.prerequisites)))
    results, code = certified(config, "quiet" if quiet else "text")
    if results is not None:
        rows = tuple(check for check in before.checks if check.id in again.checks)
        click.echo(f"\nCompared with run {before.header.run}, as far as it was run again:")
        print_comparison(compare(replace(before, checks=rows), results))
        if results.header.partial:
            click.echo("Only a part of the suite ran: this is no certificate, whatever it shows.")
    sys.exit(int(code))


def _announced(run: str, wrong: int, prerequisites: int) -> str:
    also = f", and {plural(prerequisites, 'check')} that they judge" if prerequisites else ""
    return f"Running again {plural(wrong, 'check')} of run {run}{also}"
