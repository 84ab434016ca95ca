"""The command `certify`: parse, call, print."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli.options import (
    AREA,
    BASE_URL,
    BASELINE,
    CLEAN,
    CONTRACT,
    FORMAT,
    GATE,
    KNOWN_AS,
    MODE,
    ONLY,
    QUIET,
    REPORTS,
    SCENARIOS,
    SKIP,
    TARGET_OR_REFERENCE,
    WAIVERS,
    in_parts,
    of_the_reference,
)
from conformance.cli.readiness import examine
from conformance.cli.runs import folder_of, results_of
from conformance.core.errors import SetupError
from conformance.run.choices import DEPTHS, MOST_JOBS

if TYPE_CHECKING:
    from conformance.run.config import RunConfig

SPELLED = {"split": "open", "areas": "area"}  # options that are named otherwise in the code


@click.command()
@TARGET_OR_REFERENCE
@BASE_URL
@MODE
@KNOWN_AS
@CONTRACT
@ONLY
@SKIP
@AREA
@SCENARIOS
@of_the_reference
@click.option(
    "--depth", metavar=f"[{'|'.join(DEPTHS)}]", default="standard", show_default=True,
    help="How many requests are generated from the contracts.",
)  # fmt: skip
@click.option(
    "--seed", default=0, help="Seed of generated requests.  [default: 0, always the same]"
)
@click.option(
    "--jobs", type=int, default=1, show_default=True, metavar="N",
    help=f"Checks that go on at the same time where they may, 1 to {MOST_JOBS}.",
)  # fmt: skip
@REPORTS
@in_parts
@CLEAN
@GATE
@BASELINE
@WAIVERS
@click.option(
    "--dry-run", is_flag=True, help="Only show, as the doctor does, what could be decided."
)
@QUIET
@FORMAT
def certify(*, dry_run: bool, quiet: bool, form: str, **given: Any) -> None:
    """Check a deployment and write its certificate.

    RUN is an id, a folder, or latest; --target names the same profile as before.
    """
    config = config_of(**given)
    if dry_run and config.earlier:
        raise SetupError("--dry-run looks at a new run", remedy="leave out --resume, --settle")
    if dry_run:
        sys.exit(int(examine(config, as_json=form == "json")))
    from conformance.run.certify import certify_target

    sys.exit(int(certify_target(config, output_of(form, quiet=quiet))))


def output_of(form: str, *, quiet: bool) -> str:
    """Return how much is printed, and how, by the options --format and --quiet."""
    return "quiet" if quiet and form == "text" else form


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
    only: tuple[str, ...],
    skip: tuple[str, ...] = (),
    areas: tuple[str, ...] = (),
    baseline: str | None = None,
    waivers: Path | None = None,
    **same: Any,
) -> "RunConfig":
    """Return what the options request; those in `same` have the name of what they set.

    SetupError for what cannot be, and for options that contradict each other.
    """
    from conformance.run.config import ReferenceOptions, RunConfig, documents_of, path_of
    from conformance.run.selection import selected

    _require_same_settings(settle, resume)
    earlier = resume if settle is None else settle
    return RunConfig(
        settings={"base_url": base_url, "mode": mode, "waivers": path_of(waivers)},
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
        earlier=None if earlier is None else folder_of(earlier, reports),
        settle=settle is not None,
        baseline=results_of(baseline, reports) if baseline else None,
        only=selected(only, skip, areas),
        **same,
    )


def _require_same_settings(settle: str | None, resume: str | None) -> None:
    """Refuse what a later part of a run takes over from the first."""
    if settle is None and resume is None:
        return
    context = click.get_current_context()
    other = "settle" if settle is None else "resume"
    taken_over = ("only", "skip", "areas", "depth", "seed", "split", other)
    given = [
        f"--{SPELLED.get(name, name)}"
        for name in taken_over
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        chosen = "--resume" if settle is None else "--settle"
        raise SetupError(
            f"{chosen} continues a run with its own settings",
            remedy=f"leave out {', '.join(given)}",
        )
