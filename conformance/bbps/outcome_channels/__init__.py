"""The channels by which the outcome of a transaction reaches the deployment: one per style.

An outcome that cannot be set, or that the deployment never requested, decides nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from conformance.bbps.outcome_channels.external import CommandChannel, HookChannel
from conformance.bbps.outcome_channels.in_update import NoChannel, NotSignalled, ParameterChannel
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.bbps.outcome_channels.simulator import SimulatorChannel
from conformance.client.response import Response
from conformance.profile.target import Target

__all__ = ["NotSignalled", "OutcomeChannel", "outcome_channel_of"]


class OutcomeChannel(Protocol):
    """One way to set outcomes; safe to share between threads."""

    def open(self) -> None:
        """Get ready; NotSignalled with what hinders."""

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Set an outcome; return what the update states beyond the id. NotSignalled if it fails."""

    def judge(self, reports: Sequence[OutcomeReport], response: Response) -> None:
        """NotSignalled when an update was answered without the outcome being known.

        `reports` are those on the transactions that it names: one is enough.
        """

    def close(self) -> None:
        """Stop whatever was started."""


def outcome_channel_of(target: Target) -> OutcomeChannel:
    """Return the channel that the profile names."""
    outcome = target.outcome
    match outcome.style:
        case "update-parameters":
            return ParameterChannel(outcome.parameters)
        case "gateway-simulator":
            return SimulatorChannel(outcome.gateway, outcome.simulator)
        case "command":
            return CommandChannel(outcome.command, outcome.gateway)
        case "hook":
            return HookChannel(outcome.hook, outcome.gateway, target.network.ca_file)
    return NoChannel()
