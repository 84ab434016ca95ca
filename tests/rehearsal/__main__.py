"""`python -m tests.rehearsal [LINEAGE ...]`: rehearse a first certification on lines of DIGIT.

Each line is served as a process on another loopback address, slow, lagging and with a rate limit,
one role row missing, one password forgotten. Ends with 1 if anything differs from what it
should be; the page shows what happened.
"""

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from conformance.reference.lineages.catalogue import LINEAGES
from tests.rehearsal.stage import Stage
from tests.rehearsal.wall_time import Conditions

PAGE: Final = "rehearsal.md"


@click.command(help=__doc__)
@click.argument("lineages", nargs=-1, type=click.Choice(list(LINEAGES)), metavar="[LINEAGE ...]")
@click.option("--latency", default=Conditions.latency, show_default=True, help="ms per answer.")
@click.option("--lag", default=Conditions.lag, show_default=True, help="ms until a write shows.")
@click.option("--rate", default=Conditions.rate, show_default=True, help="Requests per second.")
@click.option("--jobs", default=Conditions.jobs, show_default=True, help="Checks at a time.")
@click.option("--depth", default="standard", show_default=True, help="As certify takes it.")
@click.option("--only", multiple=True, metavar="ID", help="As certify takes it.")
@click.option("--reports", type=click.Path(path_type=Path), default=Path("reports"),
              show_default=True, help="Folder of the page and, below it, of the runs.")  # fmt: skip
def main(
    lineages: tuple[str, ...], latency: int, lag: int, rate: int, jobs: int, depth: str,
    only: tuple[str, ...], reports: Path,
) -> None:  # fmt: skip
    conditions = Conditions(latency=latency, lag=lag, rate=rate, jobs=jobs)
    options = ("--depth", depth, *(word for id_ in only for word in ("--only", id_)))
    page = [
        "# Rehearsal",
        "",
        f"Of {datetime.now().astimezone():%d %b %Y, %H:%M}: latency {latency} ms, lag {lag} ms, "
        f"{rate} requests a second, {jobs} jobs, {' '.join(options)}.",
        "",
    ]
    deviations = []
    for lineage in lineages or LINEAGES:
        folder = reports / "rehearsal" / lineage
        shutil.rmtree(folder, ignore_errors=True)
        stage = Stage(lineage, conditions, folder, options)
        stage.play()
        deviations += stage.deviations
        as_predicted = "deviates" if stage.deviations else "as predicted"
        click.echo(f"{lineage}: {as_predicted}")
        page += [f"## {lineage}: {as_predicted}", "", *stage.page]
        page += [f"* {each.splitlines()[0]}" for each in stage.deviations]
        (reports / PAGE).write_text("\n".join(page).strip() + "\n", encoding="utf-8")
    for each in deviations:
        click.echo(each, err=True)
    click.echo(reports / PAGE)
    sys.exit(bool(deviations))


if __name__ == "__main__":
    main()
