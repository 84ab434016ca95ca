"""The commands `scenarios list | export | import`: parse, call, print."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import OUTPUT
from conformance.core.errors import SetupError

if TYPE_CHECKING:
    from conformance.scenarios.catalogue import Scenario


@click.group(name="scenarios")
def scenarios_group() -> None:
    """List the scenario catalogue; exchange it with Postman."""


@scenarios_group.command("list")
def list_() -> None:
    """List the scenarios: name, requirements, title."""
    for each in _catalogue():
        click.echo(f"{each.name:24} {', '.join(each.requirements):10} {each.title}")


@scenarios_group.command()
@OUTPUT
def export(output: Path | None) -> None:
    """Print the catalogue as a Postman collection (v2.1); values stay {{variables}}."""
    import json

    from conformance.contracts.endpoints import ENDPOINTS
    from conformance.scenarios.postman import write_collection

    paths = {name: (each.method, each.path) for name, each in ENDPOINTS.items()}
    document = write_collection(_catalogue(), paths)
    _written(json.dumps(document, indent=2, ensure_ascii=False) + "\n", output)


@scenarios_group.command("import")
@click.argument("collection", type=click.Path(path_type=Path))
@click.option(
    "--environment", "-e", type=click.Path(path_type=Path), help="Postman environment with values."
)
@OUTPUT
def import_(collection: Path, environment: Path | None, output: Path | None) -> None:
    """Print the skeleton of a scenario, made of a Postman collection (v1, v2.0, v2.1).

    What is left out is listed: requests of no operation of the suite, forms, scripts.
    """
    import yaml

    from conformance.contracts.endpoints import ENDPOINTS
    from conformance.report.plain import printable
    from conformance.scenarios.postman import read_collection, skeleton

    templates = {name: each.path for name, each in ENDPOINTS.items()}
    document, left_out = skeleton(read_collection(collection, environment), templates)
    for each in left_out:
        click.echo(printable(f"left out: {each}"), err=True)
    if not document["steps"]:
        raise SetupError(
            f"{collection}: no request of it becomes a step",
            cause="no operation of the suite has one of their paths" if left_out else "it is empty",
            remedy="import the collection that has the requests of the flow",
        )
    _written(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100), output)


def _catalogue() -> "list[Scenario]":
    from conformance.scenarios.catalogue import load

    return load()


def _written(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        raise SetupError(
            f"{output}: cannot be written",
            cause=problem.strerror or "",
            remedy="choose another file",
        ) from None
