"""The commands `list` and `explain`, which show the register: parse, call, print."""

import click


@click.command("list")
@click.option("--checks", is_flag=True, help="List the checks of each requirement too.")
def list_(checks: bool) -> None:
    """List the requirements of the register, by area."""
    from conformance.core.requirements import Register
    from conformance.report.terminal import print_register

    names: dict[str, list[str]] = {}
    if checks:
        from conformance.run.certify import checks_by_requirement

        names = checks_by_requirement()
    print_register(Register.load(), names)


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Explain one requirement: what it demands, why, how it is checked, usual causes."""
    from conformance.core.requirements import Register
    from conformance.core.requirements import explain as explained
    from conformance.run.certify import checks_by_requirement

    found = Register.load().of(requirement.upper())
    click.echo(explained(found, checks_by_requirement().get(found.id, ())))
