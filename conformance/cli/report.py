"""The command `report`: parse, call, print."""

import json
from pathlib import Path

import click

from conformance.cli.options import OUTPUT, REPORTS
from conformance.cli.output import write_whole, writing
from conformance.cli.proof import signed
from conformance.cli.runs import check_of, folder_of
from conformance.core.errors import SetupError
from conformance.run.choices import REPORT_FORMS


@click.command()
@click.argument("run", default="latest")
@click.argument("check", default="")
@click.option(
    "--format", "forms", multiple=True, type=click.Choice(REPORT_FORMS),
    help="Write this one only; several are possible.  [default: all]",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write into this folder.  [default: RUN-reports]",
)  # fmt: skip
@click.option("--postman", is_flag=True, help="A Postman collection that repeats the exchanges.")
@click.option(
    "--allure",
    is_flag=True,
    help="The page of Allure in one file, made with an installed `allure` (2 or 3).",
)
@click.option(
    "--attest", type=click.Path(path_type=Path, dir_okay=False), metavar="KEY",
    help="Sign the run with a private key, as attestation.json in its folder.",
)  # fmt: skip
@REPORTS
@OUTPUT
def report(
    run: str,
    check: str,
    forms: tuple[str, ...],
    out: Path | None,
    postman: bool,
    allure: bool,
    attest: Path | None,
    reports: Path,
    output: Path | None,
) -> None:
    """Write the reports of RUN (a folder, an id, or latest) again, also of one that was killed.

    A run that did not come to its end gets no certificate, and each report says INCOMPLETE. With
    --postman, write the exchanges of the run, or of one CHECK, to the file of --output; with
    --allure, the page of Allure. CHECK is the name of a check, or a part of it that only one has;
    a failed check comes first.
    """
    if attest is not None and (postman or allure or check or output or forms or out):
        raise click.UsageError("say --attest KEY alone: it signs the whole run, in its folder")
    folder = folder_of(run, reports)
    if attest is not None:
        signed(folder, attest)
    elif postman:
        _collection(folder, check, output)
    elif allure:
        if check:
            raise click.UsageError("--allure shows the whole run")
        _page(folder, output, reports)
    elif check or output is not None:
        raise click.UsageError("CHECK and --output go with --postman, --output with --allure")
    else:
        _again(folder, forms, out)


def _again(folder: Path, forms: tuple[str, ...], out: Path | None) -> None:
    """Write reports again, and say where they are."""
    from conformance.report.plain import printable
    from conformance.report.writing import write_again
    from conformance.results.reading import exchanges_of, read

    results = read(folder)
    out = out or Path(f"{results.header.run}-reports")
    if out.resolve().is_relative_to(folder.resolve()):
        raise SetupError(
            f"{out} is the folder of the run, whose files its manifest fixes",
            remedy="give --out another folder",
        )
    with writing(out, "give --out another folder"):
        paths = write_again(out, results, exchanges_of(folder), forms)
    if not results.certifiable:
        click.echo(printable(f"{results.verdict_line}; no certificate is written"), err=True)
    for path in paths:
        click.echo(printable(f"written: {path}"))


def _page(folder: Path, output: Path | None, reports: Path) -> None:
    """Write the page of Allure; how earlier runs ended stands in a file next to the runs."""
    from conformance.report.allure_page import write_page
    from conformance.report.plain import printable
    from conformance.results.reading import exchanges_of, read

    path = output or Path(f"{folder.resolve().name}.allure.html")
    with writing(path):
        version = write_page(
            path, read(folder), exchanges_of(folder), reports / "allure-history.jsonl"
        )
    click.echo(printable(f"written: {path}, with Allure {version}"))


def _collection(folder: Path, check: str, output: Path | None) -> None:
    """Write the exchanges of a run, or of one of its checks, as a Postman collection."""
    from conformance.report.plain import printable
    from conformance.report.postman import collection_of, needed
    from conformance.report.writing import title_of
    from conformance.results.reading import exchanges_of, read

    results, exchanges = read(folder), exchanges_of(folder)
    found = sorted(exchanges, key=lambda each: (each.started_at, each.id))
    title = title_of(results)
    if check:
        row = check_of(results, check)
        found = needed(exchanges, row.id, row.exchanges)
        title = f"{title}: {row.id}"
    path = output or Path(f"{folder.resolve().name}.postman_collection.json")
    text = json.dumps(collection_of(found, title), indent=2, ensure_ascii=False) + "\n"
    write_whole(path, text)
    click.echo(printable(f"written: {path}"))
