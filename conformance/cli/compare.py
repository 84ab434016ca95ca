"""The command `compare`: parse, call, print."""

import sys
from pathlib import Path

import click

from conformance.cli.options import REPORTS, gated
from conformance.cli.runs import results_of
from conformance.core.errors import ExitCode


@click.command()
@click.argument("before", metavar="A")
@click.argument("now", metavar="B", default="latest")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text",
    show_default=True, help="Print a text, Markdown for a pull request, or JSON.",
)  # fmt: skip
@gated("should")
@REPORTS
def compare(before: str, now: str, *, form: str, gate: str, reports: Path) -> None:
    """Show which verdicts changed from run A to run B, and what else changed with them.

    A and B are folders, ids, latest, or files results.json. Ends with 1 if there is a regression
    that gates: a check is worse than it was, as --baseline and --gate of `certify` mean it.
    """
    from conformance.report.comparison import FORMS
    from conformance.results.comparing import compare as comparison_of
    from conformance.results.reading import results_at

    first, second = (results_at(results_of(run, reports)) for run in (before, now))
    comparison = comparison_of(first, second, gate)
    FORMS[form](comparison)
    sys.exit(int(ExitCode.NON_CONFORMANT if comparison.gating else ExitCode.CONFORMANT))
