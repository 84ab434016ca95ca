"""The commands `contracts show | bundle | diff`: parse, call, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import OUTPUT
from conformance.core.errors import ExitCode, SetupError

if TYPE_CHECKING:
    from conformance.contracts import Contracts

FORMS = ("effective", "published")
FORM = click.option(
    "--form", type=click.Choice(FORMS), default="effective", show_default=True,
    help="With the errata, or as published.",
)  # fmt: skip
ERRATA = click.option(
    "--errata", multiple=True, metavar="ID",
    help="Apply these errata: ids, auto, lineage:NAME.  [default: auto]",
)  # fmt: skip


@click.group(name="contracts")
def contracts_group() -> None:
    """Show, bundle and compare the contracts that exchanges must follow."""


@contracts_group.command()
@click.argument("service", required=False)
@FORM
@ERRATA
def show(service: str | None, form: str, errata: tuple[str, ...]) -> None:
    """List documents and operations; with a SERVICE, its operations and errata."""
    from conformance.contracts import all_errata

    contracts = _loaded(form, errata)
    if service is None:
        for each in contracts.described():
            click.echo(f"{each['service']:20} {each['version']:8} {each['title']}")
        return
    if service != "common":
        contracts.bundled(service)
    for operation in contracts.operations.values():
        if operation.service == service and operation.document is not None:
            summary = operation.document.get("summary", "")
            click.echo(f"{operation.name:22} {operation.method} {operation.path}  {summary}")
    for erratum in all_errata().values():
        if erratum.service == service:
            mark = "applied" if erratum.id in contracts.errata else "not applied"
            click.echo(f"\n{erratum.id}  {mark}; {', '.join(sorted(erratum.lineages))}")
            click.echo(f"    {erratum.reason}")


@contracts_group.command()
@click.argument("service")
@FORM
@ERRATA
@OUTPUT
def bundle(service: str, form: str, errata: tuple[str, ...], output: Path | None) -> None:
    """Print one service's contract as a single OpenAPI 3.1 document."""
    import yaml

    tree = _loaded(form, errata).bundled(service)
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=100)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as fault:
        raise SetupError(
            f"--output {output}: {fault.strerror}", remedy="name a file in a folder that exists"
        ) from None


@contracts_group.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """Compare two contracts in Markdown; exit code 1 if a client of OLD would break.

    OLD and NEW are OpenAPI files, or SERVICE@published or SERVICE@effective. When compared
    with one of these, the operations of a file are found by path, whatever their ids.
    """
    from conformance.contracts.diff import compare, markdown

    services = [name.rpartition("@")[0] for name in (old, new) if name.rpartition("@")[2] in FORMS]
    service = services[0] if services else ""
    before, after = _contract(old, service), _contract(new, service)
    changes = compare(before, after)
    click.echo(markdown(changes, old, new), nl=False)
    if any(each.breaking for each in changes):
        raise SystemExit(ExitCode.NON_CONFORMANT)


def _contract(name: str, service: str) -> dict[str, Any]:
    """A contract by SERVICE@FORM, or out of a file; `service` is what it is about, if known."""
    from conformance.contracts import read_bundle

    own, at, form = name.rpartition("@")
    if at and form in FORMS:
        return _loaded(form, ()).bundled(own)
    return read_bundle(Path(name), service)


def _loaded(form: str, errata: tuple[str, ...]) -> "Contracts":
    from conformance.contracts import Contracts

    return Contracts.load(form=form, errata=errata or "auto")
