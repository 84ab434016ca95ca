"""Starts the reference deployment for a run, when the profile says `base_url: embedded`.

The one place of the checking side that starts the reference; checks never see it.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.core import resources
from conformance.profile.target import Target
from conformance.reference import BadSetting, Deployment, Settings, serve

__all__ = ["BadSetting", "Rehearsal", "default_profile", "embedded"]

OPTIONS: Final = {  # of the command line -> what each sets
    "--fault": "faults",
    "--lineage": "lineage",
    "--latency": "latency_ms",
    "--lag": "lag_ms",
    "--noise": "noise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How the embedded reference is to behave: faults, lineage and knobs.

    Times in ms; `noise` is the percentage of exchanges to spoil, chosen by `noise_seed`.
    """

    faults: tuple[str, ...] = ()
    lineage: str = "strict"
    latency_ms: int = 0
    lag_ms: int = 0
    noise: float = 0
    noise_seed: int = 0


def default_profile() -> Path:
    """Return the shipped profile of the embedded reference."""
    return resources.EXAMPLES / "targets" / "reference.yaml"


def embedded(target: Target, rehearsal: Rehearsal) -> AbstractContextManager[Deployment] | None:
    """Return the reference to start for a run, or None where the target is a real deployment.

    Raises BadSetting where the rehearsal asks something of a real deployment.
    """
    if not target.embedded:
        _ask_nothing_of(target, rehearsal)
        return None
    settings = Settings(
        faults=rehearsal.faults,
        lineage=rehearsal.lineage,
        latency_ms=rehearsal.latency_ms,
        lag_ms=rehearsal.lag_ms,
        noise=rehearsal.noise / 100,
        noise_seed=rehearsal.noise_seed,
    )
    return serve(settings)


def _ask_nothing_of(target: Target, rehearsal: Rehearsal) -> None:
    """Refuse options that a deployment of somebody's own cannot follow."""
    usual = Rehearsal(noise_seed=rehearsal.noise_seed)
    given = [
        option
        for option, name in OPTIONS.items()
        if getattr(rehearsal, name) != getattr(usual, name)
    ]
    if given:
        are, them = ("are", "them") if len(given) > 1 else ("is", "it")
        raise BadSetting(
            f"{', '.join(given)} {are} for the embedded reference, and the profile describes a "
            f"deployment at {target.base_url}; leave {them} out, or give {them} to "
            "`bbps-conformance serve`"
        )
