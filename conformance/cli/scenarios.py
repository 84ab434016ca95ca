"""The commands `scenarios list | export | import`: parse, call, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import OUTPUT
from conformance.core.errors import SetupError

if TYPE_CHECKING:
    from conformance.scenarios.catalogue import Scenario
    from conformance.scenarios.postman import Collection


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

    Requests of operations that the suite does not know, and scripts, are left out and listed.
    """
    import yaml

    from conformance.contracts.endpoints import ENDPOINTS
    from conformance.scenarios.postman import read_collection, skeleton

    read = read_collection(collection, environment)
    operations = {each.path: name for name, each in ENDPOINTS.items()}
    _print_what_is_left_out(read, operations)
    document: Any = skeleton(read, operations)
    _written(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100), output)


def _print_what_is_left_out(collection: "Collection", operations: dict[str, str]) -> None:
    unknown = [each.name for each in collection.requests if each.path not in operations]
    if unknown:
        click.echo(f"left out, because no operation has their path: {', '.join(unknown)}", err=True)
    if collection.scripts:
        click.echo(f"left out: the scripts of {collection.scripts} request(s)", err=True)


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
