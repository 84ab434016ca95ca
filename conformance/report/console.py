"""The console of every command that prints a run: its width, its colours, labelled texts."""

import os
import shutil
import sys
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from conformance.core.verdicts import Verdict
from conformance.report.plain import printable

STYLES: Final = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.WAIVED: "cyan",
    Verdict.NOT_APPLICABLE: "dim",
    None: "dim",
}
WIDTH: Final = 100


def standard_console() -> Console:
    """Return a console on standard output; wide enough where nobody says how wide it is."""
    if os.environ.get("COLUMNS", "").isdecimal() and int(os.environ["COLUMNS"]):
        return Console(file=sys.stdout, emoji=False)
    width = shutil.get_terminal_size((WIDTH, 0)).columns  # rich takes COLUMNS=0 at its word
    width = width if sys.stdout.isatty() else WIDTH
    return Console(file=sys.stdout, width=width, emoji=False)  # `:on:` is no picture here


def entry(out: Console, name: str | Text, text: str) -> None:
    """Print one labelled text, wrapped and aligned; nothing for an empty one."""
    if not text:
        return
    table = Table.grid(padding=(0, 1))
    table.add_column(width=12)
    table.add_column(overflow="fold")
    label = name if isinstance(name, Text) else Text(name, style="dim")
    table.add_row(label, Text(printable(text)))
    out.print(Padding(table, (0, 0, 0, 2)))


def grid(columns: int) -> Table:
    """Return a table in which a word that is too long for its column is broken, and not cut."""
    return Table.grid(*(Column(overflow="fold") for _ in range(columns)), padding=(0, 2))


def verdict_text(verdict: Verdict | None) -> Text:
    """Return a verdict as it stands before what it is about: coloured, padded to one width."""
    return Text(f"{verdict or 'not covered':<14}", style=STYLES[verdict])
