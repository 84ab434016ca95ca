"""The commands `scenarios list | schema`: parse, call, print. For Postman see `cli.postman`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import OUTPUT
from conformance.cli.output import write_whole

if TYPE_CHECKING:
    from conformance.scenarios.model import Scenario


@click.group(name="scenarios")
def scenarios_group() -> None:
    """List and play scenarios; exchange them with Postman."""


@scenarios_group.command("list")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def list_(files: tuple[Path, ...]) -> None:
    """List scenarios by area, with what they verify: those shipped, or of FILES and folders."""
    from conformance.core.requirements import Register
    from conformance.core.wording import plural
    from conformance.report.plain import printable
    from conformance.scenarios.catalogue import loaded
    from conformance.scenarios.soundness import claimed

    scenarios = loaded(files) if files else _catalogue()
    for area in sorted({each.area for each in scenarios}):
        click.echo(printable(f"\n{area}" if area else ""))
        for each in (one for one in scenarios if one.area == area):
            click.echo(printable(f"  {each.name}: {' '.join(each.title.split())}"))
            rows = f"; {plural(len(each.foreach), 'row')}" if each.foreach else ""
            steps = plural(len(each.steps), "step")
            click.echo(f"      {' '.join(claimed(each))}{rows}; {steps}")
    by_requirement: dict[str, int] = {}
    for id_ in (id_ for each in scenarios for id_ in claimed(each)):
        by_requirement[id_] = by_requirement.get(id_, 0) + 1
    register = [each.id for each in Register.load()]
    covered = [f"{id_} ({by_requirement[id_]})" for id_ in register if id_ in by_requirement]
    others = [id_ for id_ in register if id_ not in by_requirement]
    verify = "verifies" if len(scenarios) == 1 else "verify"
    count = (
        f"{plural(len(scenarios), 'scenario')} {verify} {len(covered)} of {len(register)} "
        "requirements"
    )
    click.echo(f"\n{count} (in how many scenarios): {', '.join(covered)}")
    click.echo(f"In no scenario: {', '.join(others) or 'none'}")


@scenarios_group.command()
@OUTPUT
def schema(output: Path | None) -> None:
    """Print the JSON Schema of a scenario, for editors."""
    import json

    from conformance.scenarios.published_schema import schema as described

    _written(json.dumps(described(), indent=2) + "\n", output)


def _catalogue() -> "list[Scenario]":
    from conformance.scenarios.catalogue import load

    return load()


def _written(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    write_whole(output, text)
