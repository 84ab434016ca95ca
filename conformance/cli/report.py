"""The command `report`: parse, call, print."""

import json
from pathlib import Path

import click

from conformance.cli.options import OUTPUT, REPORTS
from conformance.cli.output import write_whole
from conformance.cli.proof import signed
from conformance.cli.runs import check_of, folder_of


@click.command()
@click.argument("run", default="latest")
@click.argument("check", default="")
@click.option("--postman", is_flag=True, help="A Postman collection that repeats the exchanges.")
@click.option(
    "--attest", type=click.Path(path_type=Path, dir_okay=False), metavar="KEY",
    help="Sign the run with a private key, as attestation.json in its folder.",
)  # fmt: skip
@REPORTS
@OUTPUT
def report(
    run: str, check: str, postman: bool, attest: Path | None, reports: Path, output: Path | None
) -> None:
    """Write the exchanges of RUN (a folder, an id, or latest), or of one CHECK, for other tools.

    CHECK is the name of a check, or a part of it that only one has; a failed check comes first.
    """
    from conformance.report.plain import printable
    from conformance.report.postman import collection_of, needed
    from conformance.results.reading import exchanges_of, read

    if attest is not None:
        if postman or check or output:
            raise click.UsageError("say --attest KEY alone: it signs the whole run, in its folder")
        signed(folder_of(run, reports), attest)
        return
    if not postman:
        raise click.UsageError("say --postman: no other format is written from a run")
    folder = folder_of(run, reports)
    results, exchanges = read(folder), exchanges_of(folder)
    found = sorted(exchanges, key=lambda each: (each.started_at, each.id))
    name = folder.resolve().name
    title = f"BBPS conformance, run {name}"
    if check:
        row = check_of(results, check)
        found = needed(exchanges, row.id, row.exchanges)
        title = f"{title}: {row.id}"
    path = output or Path(f"{name}.postman_collection.json")
    text = json.dumps(collection_of(found, title), indent=2, ensure_ascii=False) + "\n"
    write_whole(path, text)
    click.echo(printable(f"written: {path}"))
