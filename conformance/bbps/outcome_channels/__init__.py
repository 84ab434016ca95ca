"""The means by which the outcome of a transaction reaches the deployment: one per style.

An outcome that cannot be set, or that the deployment never asked for, decides nothing.
"""

from collections.abc import Mapping
from typing import Protocol

from conformance.bbps.outcome_channels.external import CommandMeans, HookMeans
from conformance.bbps.outcome_channels.in_update import NoMeans, NotSignalled, ParameterMeans
from conformance.bbps.outcome_channels.outcome_report import Report
from conformance.bbps.outcome_channels.simulator import SimulatorMeans
from conformance.client.response import Response
from conformance.profile.target import Target

__all__ = ["Means", "NotSignalled", "means_of"]


class Means(Protocol):
    """One way to set outcomes; safe to share between threads."""

    def open(self) -> None:
        """Get ready; NotSignalled with what hinders."""

    def tell(self, report: Report) -> Mapping[str, str | None]:
        """Set an outcome; return what the update states beyond the id. NotSignalled if it fails."""

    def judge(self, report: Report, response: Response) -> None:
        """NotSignalled when the owner's update was answered without the outcome being known."""

    def close(self) -> None:
        """Stop whatever was started."""


def means_of(target: Target) -> Means:
    """Return the means that the profile names."""
    outcome = target.outcome
    match outcome.style:
        case "update-parameters":
            return ParameterMeans(outcome.parameters)
        case "gateway-simulator":
            return SimulatorMeans(outcome.gateway, outcome.simulator)
        case "command":
            return CommandMeans(outcome.command, outcome.gateway)
        case "hook":
            return HookMeans(outcome.hook, outcome.gateway, target.network.ca_file)
    return NoMeans()
