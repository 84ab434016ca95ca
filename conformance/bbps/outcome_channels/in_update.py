"""The update itself states the outcome; or nothing does."""

import secrets
from collections.abc import Mapping, Sequence

from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive
from conformance.profile.outcome import OutcomeParameters


class NotSignalled(Inconclusive):
    """The outcome did not reach the deployment, so that its response decides nothing."""


class Silent:
    """What most channels have in common: nothing to start or stop, and every response counts."""

    def open(self) -> None:
        """Nothing is needed."""

    def judge(self, reports: Sequence[OutcomeReport], response: Response) -> None:
        """Every response counts."""

    def close(self) -> None:
        """Nothing was started."""


class ParameterChannel(Silent):
    """The update itself states the outcome."""

    def __init__(self, names: OutcomeParameters) -> None:
        """Take the names that the deployment reads."""
        self._names = names

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Return the parameters that state the outcome."""
        names = self._names
        status = {True: names.success, False: names.failure, None: None}[report.success]
        return {
            names.status: status,
            names.amount: None if report.amount is None else f"{report.amount:f}",
            names.reference: f"CONF{secrets.token_hex(6).upper()}",
        }


class NoChannel(Silent):
    """Nothing sets an outcome."""

    def open(self) -> None:
        """Raise NotSignalled, always."""
        raise NotSignalled(
            "the target gives no means to set a transaction's outcome",
            "set outcome.style in the profile",
        )

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Raise NotSignalled, always."""
        raise NotSignalled(
            f"the target gives no means to set a transaction's outcome to {report.outcome}",
            "set outcome.style in the profile",
        )
