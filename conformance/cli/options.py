"""Options that several commands share, and the group that ends every command alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from conformance.core.errors import SetupError
from conformance.run.choices import GATES, LINEAGES, MODES

TARGET = click.option(
    "--target", "-t", type=click.Path(path_type=Path), help="Target profile (YAML)."
)
TARGET_OR_REFERENCE = click.option(
    "--target", "-t", type=click.Path(path_type=Path),
    help="Target profile (YAML).  [default: the embedded reference]",
)  # fmt: skip
BASE_URL = click.option("--base-url", help="Replaces base_url of the profile.")
MODE = click.option("--mode", metavar=f"[{'|'.join(MODES)}]", help="Replaces mode of the profile.")
KNOWN_AS = click.option(
    "--i-know-this-is", "known_as", default="", metavar="NAME",
    help="Allow changes to the production deployment of that name.",
)  # fmt: skip
ONLY = click.option(
    "--only", multiple=True, metavar="ID",
    help="Check these requirements only: ids, patterns such as 'TXN-*', or several with commas.",
)  # fmt: skip
SKIP = click.option(
    "--skip", multiple=True, metavar="ID", help="Leave out these, written as for --only."
)
AREA = click.option(
    "--area", "areas", multiple=True, metavar="NAME", help="Check this area only, e.g. Receipt."
)
REPORTS = click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True,
    help="Folder that keeps the runs.",
)  # fmt: skip
CLEAN = click.option("--clean", is_flag=True, help="Undo at the end what the run created.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print the verdict only.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Print a text, or what results.json holds.",
)  # fmt: skip


def _a_gate(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Return the level of a gate; SetupError where it is none."""
    if value not in GATES:
        raise SetupError(f"--gate {value!r}: write one of {', '.join(GATES)}")
    return value


def gated(default: str) -> Callable[[Any], Any]:
    """Return the option --gate, with the level that is meant where it is not given."""
    return click.option(
        "--gate", metavar=f"[{'|'.join(GATES)}]", default=default, show_default=True,
        callback=_a_gate,
        help="Whose failures decide the exit code: of MUST, of SHOULD too, or none.",
    )  # fmt: skip


GATE = gated(GATES[0])
BASELINE = click.option(
    "--baseline", metavar="RUN|FILE",
    help="An earlier run, or its results.json: what was wrong there decides nothing.",
)  # fmt: skip
WAIVERS = click.option(
    "--waivers", type=click.Path(path_type=Path), metavar="FILE",
    help="Failures that the owner accepts for now. Replaces waivers of the profile.",
)  # fmt: skip
OUTPUT = click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
LINEAGE_CHOICES = f"[{'|'.join(LINEAGES)}]"
PERCENT = click.FloatRange(0, 100)
MILLISECONDS = click.IntRange(min=0)
CONTRACT = click.option(
    "--contract", "contracts", multiple=True, metavar="SERVICE=FILE",
    help="Check a service against your own contract file.",
)  # fmt: skip
SCENARIOS = click.option(
    "--scenarios", multiple=True, type=click.Path(path_type=Path), metavar="DIR|FILE",
    help="Play your own scenarios too.",
)  # fmt: skip
Command: TypeAlias = Callable[..., Any]
OF_THE_REFERENCE = "of the embedded reference; refused with a deployment of your own."
THE_REFERENCE = (
    click.option("--fault", multiple=True, metavar="NAME", help=f"Fault {OF_THE_REFERENCE}"),
    click.option(
        "--variation", "variations", multiple=True, metavar="NAME",
        help=f"Variation {OF_THE_REFERENCE}",
    ),
    click.option(
        "--lineage", metavar=LINEAGE_CHOICES, default="strict", show_default=True,
        help=f"Lineage {OF_THE_REFERENCE}",
    ),
    click.option(
        "--latency", type=MILLISECONDS, default=0, metavar="MS", help=f"Latency {OF_THE_REFERENCE}"
    ),
    click.option(
        "--lag", type=MILLISECONDS, metavar="MS", help=f"Persistence lag {OF_THE_REFERENCE}"
    ),
    click.option(
        "--noise", type=PERCENT, default=0, metavar="PERCENT",
        help=f"Share of lost or mangled exchanges {OF_THE_REFERENCE}",
    ),
)  # fmt: skip
PARTS = (
    click.option(
        "--open", "split", is_flag=True, help="Leave what another day decides to --settle."
    ),
    click.option("--settle", metavar="RUN", help="Finish an open run, on a later day."),
    click.option("--resume", metavar="RUN", help="Continue a run that was interrupted."),
)


def of_the_reference(command: Command) -> Command:
    """Give a command the options of the embedded reference."""
    return _with(THE_REFERENCE, command)


def in_parts(command: Command) -> Command:
    """Give a command the options of a run that is made in parts."""
    return _with(PARTS, command)


def _with(options: tuple[Callable[[Command], Command], ...], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
