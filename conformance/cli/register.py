"""The commands `list` and `explain`, which show the register: parse, call, print."""

import json
from dataclasses import asdict

import click


@click.command("list")
@click.option("--checks", is_flag=True, help="List the checks of each requirement too.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for other tools.")
def list_(*, checks: bool, as_json: bool) -> None:
    """List the requirements of the register, by area."""
    from conformance.core.check_index import titles_by_requirement
    from conformance.core.requirements import Register

    names = titles_by_requirement() if checks else {}
    register = Register.load()
    if not as_json:
        from conformance.report.register import print_register

        print_register(register, names)
        return
    rows = [
        asdict(each) | ({"checks": names.get(each.id, [])} if checks else {}) for each in register
    ]
    click.echo(json.dumps(rows, indent=1))


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Explain one requirement: what it demands, why, how it is checked, usual causes."""
    from conformance.core.check_index import titles_by_requirement
    from conformance.core.requirements import Register
    from conformance.core.requirements import explain as explained

    found = Register.load().of(requirement.upper())
    click.echo(explained(found, titles_by_requirement().get(found.id, ())))
