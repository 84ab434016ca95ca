"""Options that several commands share, and the group that ends every command alike."""

from pathlib import Path

import click

from conformance.run.choices import LINEAGES, MODES

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
REPORTS = click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True,
    help="Folder that keeps the runs.",
)  # fmt: skip
OUTPUT = click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
LINEAGE_CHOICES = f"[{'|'.join(LINEAGES)}]"
PERCENT = click.FloatRange(0, 100)
MILLISECONDS = click.IntRange(min=0)
