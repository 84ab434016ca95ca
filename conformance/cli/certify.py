"""The command `certify`: parse, call, print."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli.options import (
    BASE_URL,
    KNOWN_AS,
    LINEAGE_CHOICES,
    MILLISECONDS,
    MODE,
    PERCENT,
    REPORTS,
    TARGET_OR_REFERENCE,
)
from conformance.cli.runs import folder_of
from conformance.core.errors import SetupError
from conformance.run.choices import DEPTHS, MOST_JOBS

if TYPE_CHECKING:
    from conformance.run.config import RunConfig

OF_THE_REFERENCE = "of the embedded reference; refused with a deployment of your own."


@click.command()
@TARGET_OR_REFERENCE
@BASE_URL
@MODE
@KNOWN_AS
@click.option(
    "--contract", "contracts", multiple=True, metavar="SERVICE=FILE",
    help="Check a service against your own contract file.",
)  # fmt: skip
@click.option("--only", multiple=True, metavar="ID", help="Check these requirements only.")
@click.option("--fault", multiple=True, metavar="NAME", help=f"Fault {OF_THE_REFERENCE}")
@click.option(
    "--variation", "variations", multiple=True, metavar="NAME", help=f"Variation {OF_THE_REFERENCE}"
)
@click.option(
    "--lineage", metavar=LINEAGE_CHOICES, default="strict", show_default=True,
    help=f"Lineage {OF_THE_REFERENCE}",
)  # fmt: skip
@click.option(
    "--latency", type=MILLISECONDS, default=0, metavar="MS", help=f"Latency {OF_THE_REFERENCE}"
)
@click.option("--lag", type=MILLISECONDS, metavar="MS", help=f"Persistence lag {OF_THE_REFERENCE}")
@click.option(
    "--noise", type=PERCENT, default=0, metavar="PERCENT",
    help=f"Share of lost or mangled exchanges {OF_THE_REFERENCE}",
)  # fmt: skip
@click.option(
    "--depth", metavar=f"[{'|'.join(DEPTHS)}]", default="standard", show_default=True,
    help="How many requests are generated from the contracts.",
)  # fmt: skip
@click.option(
    "--seed", default=0, help="Seed of generated requests.  [default: 0, always the same]"
)
@click.option(
    "--jobs", type=int, default=1, show_default=True, metavar="N",
    help=f"Independent checks that run at the same time, 1 to {MOST_JOBS}.",
)  # fmt: skip
@REPORTS
@click.option("--open", "split", is_flag=True, help="Leave what another day decides to --settle.")
@click.option("--settle", metavar="RUN", help="Finish an open run, on a later day.")
@click.option("--resume", metavar="RUN", help="Continue a run that was interrupted.")
def certify(**given: Any) -> None:
    """Check a deployment and write its certificate.

    RUN is an id, a folder, or latest; --target names the same profile as before.
    """
    _require_same_settings(given["settle"], given["resume"])
    config = config_of(**given)
    from conformance.run.certify import certify_target

    sys.exit(int(certify_target(config)))


def config_of(
    *,
    base_url: str | None,
    mode: str | None,
    contracts: tuple[str, ...],
    fault: tuple[str, ...],
    variations: tuple[str, ...],
    lineage: str,
    latency: int,
    lag: int | None,
    noise: float,
    reports: Path,
    settle: str | None,
    resume: str | None,
    **same: Any,
) -> "RunConfig":
    """Return what the options request; those in `same` have the name of what they set."""
    from conformance.run.config import ReferenceOptions, RunConfig, documents_of

    earlier = settle or resume
    return RunConfig(
        settings={"base_url": base_url, "mode": mode},
        documents=documents_of(contracts),
        reference=ReferenceOptions(
            faults=fault,
            variations=variations,
            lineage=lineage,
            latency_ms=latency,
            lag_ms=lag,
            noise=noise,
        ),
        reports=reports,
        earlier=folder_of(earlier, reports) if earlier else None,
        settle=settle is not None,
        **same,
    )


def _require_same_settings(settle: str | None, resume: str | None) -> None:
    """Refuse what a later part of a run takes over from the first."""
    if settle is None and resume is None:
        return
    context = click.get_current_context()
    taken_over = ("only", "depth", "seed", "split", "resume" if settle else "settle")
    given = [
        f"--{'open' if name == 'split' else name}"
        for name in taken_over
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        chosen = "--settle" if settle else "--resume"
        raise SetupError(
            f"{chosen} continues a run with its own settings",
            remedy=f"leave out {', '.join(given)}",
        )
