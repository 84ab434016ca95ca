"""Starts the reference deployment for a run, when the profile says `base_url: embedded`.

The one place of the checking side that starts the reference; checks never see it.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from conformance.reference import BadSetting, Deployment, Settings, serve
from conformance.target import Target

__all__ = ["BadSetting", "Rehearsal", "default_profile", "embedded"]


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
    return Path(__file__).parent / "examples" / "targets" / "reference.yaml"


def embedded(target: Target, rehearsal: Rehearsal) -> AbstractContextManager[Deployment] | None:
    """Return the reference to start for a run, or None where the target is a real deployment."""
    if not target.embedded:
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
