"""The commands `fleet plan | run | merge`: parse, call, print."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from conformance.cli.options import (
    AREA,
    CLEAN,
    CONTRACT,
    GATE,
    ONLY,
    QUIET,
    REPORTS,
    SCENARIOS,
    SKIP,
)
from conformance.cli.output import writing
from conformance.core.errors import ExitCode, SetupError
from conformance.run.choices import DEPTHS, MOST_JOBS

if TYPE_CHECKING:
    from conformance.fleet.engines import Engine
    from conformance.fleet.inventory import Fleet
    from conformance.fleet.overview import Overview
    from conformance.fleet.plan import FleetPlan
    from conformance.fleet.task import CityResult, CityTask

Command: TypeAlias = Callable[..., Any]
LOCAL: Final = "local"
DASK: Final = ("dask://", "tcp://", "tls://")
WIDTH: Final = 32  # columns of a name
FORMAT: Final = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Print a text, or a JSON document for other tools.",
)  # fmt: skip
OF_EACH: Final = (
    click.argument("file", type=click.Path(path_type=Path)),
    click.option(
        "--template", type=click.Path(path_type=Path), metavar="PROFILE",
        help="Profile with what all cities share; a CSV file needs it.",
    ),
    click.option(
        "--engine", "address", default=LOCAL, show_default=True, metavar="local|dask://HOST:PORT",
        help="Where cities are certified: processes here, or an existing Dask cluster.",
    ),
    click.option(
        "--workers", type=click.IntRange(min=1), metavar="N",
        help="Cities at the same time.  [default: as many as processors, or as the cluster takes]",
    ),
    click.option(
        "--shard", metavar="I/N|auto",
        help="Only the I-th of N parts; auto reads CI_NODE_INDEX or JOB_COMPLETION_INDEX.",
    ),
    CONTRACT, ONLY, SKIP, AREA, SCENARIOS,
    click.option(
        "--depth", metavar=f"[{'|'.join(DEPTHS)}]", default="standard", show_default=True,
        help="How many requests are generated from the contracts.",
    ),
    click.option("--seed", default=0, show_default=True, help="Seed of generated requests."),
    click.option(
        "--jobs", type=int, default=1, show_default=True, metavar="N",
        help=f"Independent checks of one city at the same time, 1 to {MOST_JOBS}.",
    ),
)  # fmt: skip


def _of_each(command: Command) -> Command:
    """Give a command the options that `plan` and `run` share."""
    for option in reversed(OF_EACH):
        command = option(command)
    return command


@click.group(name="fleet")
def fleet_group() -> None:
    """Certify all cities of a state: one certificate each, and one overview."""


@fleet_group.command()
@_of_each
@click.option(
    "--latency", type=click.IntRange(min=0), default=100, show_default=True, metavar="MS",
    help="How long an answer takes, for the estimate.",
)  # fmt: skip
@FORMAT
def plan(latency: int, form: str, **given: Any) -> None:
    """Show what each city of FILE needs: requests, rupees and time. Sends nothing.

    FILE is YAML (template, cities) or CSV with the columns name, base_url, tenant, and settings
    such as bills.amount. Exit codes: 0, and 2 for mistakes in FILE.
    """
    from conformance.fleet.plan import needs_of, seconds_of

    planned, _ = _planned(**given)
    needs = needs_of(planned, latency / 1000)
    seconds = seconds_of(needs, planned)
    if form == "json":
        click.echo(json.dumps(_needs_as_json(planned, needs, seconds), indent=1))
        return
    _print_needs(planned, needs, seconds)


@fleet_group.command()
@_of_each
@GATE
@click.option(
    "--i-know-this-is", "known_as", multiple=True, metavar="NAME",
    help="Allow changes to the production deployment of the city of that name.",
)  # fmt: skip
@click.option("--open", "split", is_flag=True, help="Leave what another day decides to --settle.")
@click.option("--settle", is_flag=True, help="Decide, on a later day, what an open run left.")
@CLEAN
@click.option(
    "--again",
    multiple=True,
    metavar="NAME",
    help="Certify this city once more; a name or a pattern.",
)
@REPORTS
@QUIET
@FORMAT
def run(again: tuple[str, ...], reports: Path, *, quiet: bool, form: str, **given: Any) -> None:
    """Certify each city of FILE, and write the overview. Run it again to continue.

    A city that fails never stops the others. Exit codes: that of the worst city, in the order
    3, 2, 1, 4, 0; 130 interrupted.
    """
    from conformance.fleet.folder import Manifest, home_of, opened
    from conformance.fleet.plan import require_permitted
    from conformance.fleet.running import left_of, set_aside

    if given["settle"]:
        _require_settling(again, split=given["split"], address=given["address"])
    planned, engine = _planned(**given)
    require_permitted(planned)
    _require_set(planned.fleet, engine_is_here=given["address"] == LOCAL)
    name, shard = planned.fleet.path.stem, planned.options.shard
    home = home_of(reports, name, shard)
    cities = tuple(member.city.name for member in planned.fleet.members)
    manifest = Manifest(fleet=name, shard=shard, cities=cities, settings=planned.checksum)
    with writing(home, "give --reports another folder"), opened(home, manifest):
        tasks = left_of(planned, home, again)
        if set_aside(tasks):
            _overview(home, manifest)
        interrupted = _certify(planned, tasks, engine, silent=quiet or form == "json")
        overview = _overview(home, manifest)
    _print_overview(home, overview, quiet=quiet, form=form)
    if interrupted:
        click.echo(f"Continue with: {_same_command()}", err=True)
        sys.exit(int(ExitCode.INTERRUPTED))
    sys.exit(int(overview.exit_code))


@fleet_group.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write the overview here.  [default: where the first folder is]",
)  # fmt: skip
@QUIET
@FORMAT
def merge(folders: tuple[Path, ...], output: Path | None, *, quiet: bool, form: str) -> None:
    """Make one overview of the folders of several shards; it links to the pages in them.

    Exit codes: that of the worst city, in the order 3, 2, 1, 4, 0.
    """
    from conformance.fleet.merge import merged
    from conformance.fleet.writing import write_overview

    place = output or folders[0].absolute().parent
    overview, missing = merged(folders, place)
    with writing(place, "give --output another folder"):
        write_overview(place, overview)
    _print_overview(place, overview, quiet=quiet, form=form)
    if missing:
        click.echo(
            f"Not given, so that their cities have no result: {', '.join(missing)}", err=True
        )
    sys.exit(int(overview.exit_code))


def _planned(
    file: Path,
    template: Path | None,
    address: str,
    workers: int | None,
    shard: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    areas: tuple[str, ...],
    contracts: tuple[str, ...],
    scenarios: tuple[Path, ...],
    **same: Any,
) -> "tuple[FleetPlan, Engine]":
    """Return what the options request, and the engine for it. Raises SetupError."""
    from conformance.fleet.inventory import read_fleet
    from conformance.fleet.plan import Options, plan_of
    from conformance.fleet.sharing import Shard, shard_of
    from conformance.run.config import documents_of
    from conformance.run.selection import selected

    fleet = read_fleet(file, template)
    engine = _engine(address, workers)
    options = Options(
        workers=engine.workers,
        shard=Shard() if shard is None else shard_of(shard, os.environ),
        only=selected(only, skip, areas),
        documents={name: path.absolute() for name, path in documents_of(contracts).items()},
        scenarios=tuple(each.absolute() for each in scenarios),
        **same,
    )
    return plan_of(fleet, options), engine


def _engine(address: str, workers: int | None) -> "Engine":
    """Return the engine at an address; SetupError."""
    if address == LOCAL:
        from conformance.fleet.engines.local import LocalEngine

        return LocalEngine(workers or os.cpu_count() or 1)
    if not address.startswith(DASK):
        raise SetupError(f"--engine {address!r}", remedy="write local, or dask://HOST:8786")
    try:
        module = import_module("conformance.fleet.engines.dask")
    except ImportError as problem:
        raise SetupError(
            f"--engine {address} needs packages that are not installed",
            cause=str(problem),
            remedy="pip install 'digit-bbps-conformance[dask]', here and on the workers",
        ) from None
    engine: Engine = module.DaskEngine(address, workers)
    return engine


def _require_settling(again: Sequence[str], *, split: bool, address: str) -> None:
    """Refuse what does not go with --settle, which takes up the runs that wait, and begins none."""
    if split:
        raise SetupError("--settle decides what --open would leave", remedy="leave out one of them")
    if again:
        raise SetupError(
            "--settle finishes the runs that wait, and --again begins new ones",
            remedy="settle first, then use --again",
        )
    if address != LOCAL:
        raise SetupError("runs are settled where their folders are", remedy="leave out --engine")


def _require_set(fleet: "Fleet", *, engine_is_here: bool) -> None:
    """Refuse a fleet whose passwords are nowhere; on a cluster its workers have them."""
    if not fleet.unset:
        return
    names = ", ".join(fleet.unset)
    if engine_is_here:
        raise SetupError(f"not set: {names}", remedy="export what the profiles name")
    click.echo(f"Not set here, so the workers must have it: {names}", err=True)


def _certify(
    planned: "FleetPlan", tasks: "Sequence[CityTask]", engine: "Engine", *, silent: bool
) -> bool:
    """Certify the cities that are left; return whether somebody interrupted that."""
    from conformance.fleet.running import certified

    ended = len(planned.members) - len(tasks)
    if ended and not silent:
        said = "have nothing to settle" if planned.options.settle else "have their result already"
        click.echo(f"{ended} of {len(planned.members)} {said}.")

    def begins(task: "CityTask") -> None:
        if not silent:
            _print_city(ended, len(planned.members), task.city, "begins")

    interrupted = False
    try:
        for result in certified(tasks, planned, engine, begins):
            ended += 1
            interrupted |= result.interrupted
            if not silent:
                _print_city(ended, len(planned.members), result.city, _came_to(result))
    except KeyboardInterrupt:
        interrupted = True
    return interrupted


def _overview(home: Path, manifest: Any) -> "Overview":
    from conformance.fleet.folder import folders_in, overview_in
    from conformance.fleet.writing import write_overview

    overview = overview_in(home, manifest, folders_in(home, manifest), manifest.own)
    write_overview(home, overview)
    return overview


def _print_city(ended: int, total: int, city: str, said: str) -> None:
    """Print a line on a city; the brackets say how many have come to their end."""
    from conformance.report.plain import fitted, printable

    click.echo(printable(f"[{ended}/{total}] {fitted(city, WIDTH):{WIDTH}}  {said}"))


def _came_to(result: "CityResult") -> str:
    from conformance.fleet.overview import CityLine
    from conformance.report.plain import clipped

    word = result.verdict_line or CityLine(name=result.city, result=result).word
    why = f"  {result.error}" if result.error else ""
    return f"{word}{clipped(why, 200)}  {result.seconds:.0f} s"


def _print_overview(home: Path, overview: "Overview", *, quiet: bool, form: str) -> None:
    from conformance.fleet.writing import PAGE
    from conformance.report.plain import clipped, printable

    if form == "json":
        click.echo(json.dumps(overview.as_json(), indent=1))
        return
    click.echo(f"\n{overview.headline}" if not quiet else overview.headline)
    if quiet:
        return
    for sentence in overview.sentences:
        click.echo(f"  {sentence}")
    for each in overview.common[:5]:
        where = len(each.broken) or len(each.undecided)
        word = "broken" if each.broken else "undecided"
        text = f"  {each.point.id} is {word} in {where}: {each.point.statement}"
        click.echo(clipped(printable(text), 160))
    click.echo(f"Overview: {home / PAGE}")


def _print_needs(planned: "FleetPlan", needs: Sequence[Any], seconds: float) -> None:
    from conformance.fleet.sharing import origin_of
    from conformance.report.plain import fitted, printable
    from conformance.results.estimate import about

    click.echo(f"{'city':{WIDTH}}  {'requests':>9}  {'rupees':>10}  time")
    for each in needs:
        name = printable(f"{fitted(each.city, WIDTH):{WIDTH}}")
        short = f"; {each.short}" if each.short else ""
        click.echo(f"{name}  {each.requests:>9}  {each.rupees:>10}  {about(each.seconds)}{short}")
    requests, rupees = sum(each.requests for each in needs), sum(each.rupees for each in needs)
    total = f"{len(needs)} {'city' if len(needs) == 1 else 'cities'}"
    click.echo(f"{total:{WIDTH}}  {requests:>9}  {rupees:>10}  {about(seconds)}")
    for origin, share in planned.shares.items():
        cities = sum(origin_of(each.target.base_url) == origin for each in planned.members)
        click.echo(
            printable(
                f"{origin}: {cities} here, {share.cities} at a time, each with at most "
                f"{share.rate:,.4g} requests a second and {share.in_flight} in flight"
            )
        )
    if planned.fleet.unset:
        click.echo(f"Not set here: {', '.join(planned.fleet.unset)}")


def _needs_as_json(planned: "FleetPlan", needs: Sequence[Any], seconds: float) -> dict[str, Any]:
    return {
        "cities": [
            {
                "city": each.city,
                "deployment": each.origin,
                "requests": each.requests,
                "rupees": str(each.rupees),
                "seconds": round(each.seconds),
                "short_of": each.short,
            }
            for each in needs
        ],
        "requests": sum(each.requests for each in needs),
        "rupees": str(sum(each.rupees for each in needs)),
        "seconds": round(seconds),
        "not_set": list(planned.fleet.unset),
    }


def _same_command() -> str:
    return shlex.join(["bbps-conformance", *sys.argv[1:]])
