"""The register as a person reads it in a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from conformance.core.requirements import Register
from conformance.core.verdicts import Level
from conformance.core.wording import plural
from conformance.report.console import grid, standard_console


def print_register(
    register: Register,
    names: Mapping[str, Sequence[str]],
    console: Console | None = None,
) -> None:
    """Print the requirements by area, with the names of their checks where given."""
    out = console or standard_console()
    for area in register.areas:
        out.print(Text(f"\n{area}", style="bold"))
        table = grid(3)
        for each in (one for one in register if one.area == area):
            table.add_row(each.id, Text(each.level, style="dim"), Text(each.statement))
            for name in names.get(each.id, ()):
                table.add_row("", "", Text(f"- {name}", style="cyan"))
            if each.not_checked:
                table.add_row("", "", Text(f"not checked: {each.not_checked}", style="yellow"))
        out.print(table)
    must = sum(each.level is Level.MUST for each in register)
    out.print(f"\n{plural(len(register), 'requirement')}, {must} of them MUST", highlight=False)
