"""Contract: requests generated from it, of each operation (CON-01, CON-02, CON-03, CON-07).

What is generated, and how it is judged, is told in contracts/README.md.
"""

import pytest

from conformance.checks.expect import demand
from conformance.client.exchange_log import ExchangeLog
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive
from conformance.generation import OPERATIONS, Campaign, Outcome

# Those of one operation share what was generated and sent for it.
pytestmark = pytest.mark.independent(by="operation")

SHOWN = 5  # causes told in one finding


@verifies("CON-01")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_request_is_answered_as_documented(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Valid requests, at the boundaries of the contract and by chance, are sent."""
    outcome = _looked_at(campaign, recorded, campaign.valid(operation))

    _no_departure(
        campaign,
        recorded,
        outcome,
        "CON-01",
        f"{operation} answers a valid request as the contract says",
    )


@verifies("CON-02")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_request_breaks_nothing(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Valid requests, at the boundaries of the contract and by chance, are sent."""
    outcome = _looked_at(campaign, recorded, campaign.valid(operation))

    _no_departure(
        campaign, recorded, outcome, "CON-02", f"{operation} never answers a valid request 5xx"
    )


@verifies("CON-03")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_violation_is_refused(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Requests that violate the contract in one place are sent."""
    outcome = _looked_at(campaign, recorded, campaign.invalid(operation))

    _no_departure(
        campaign,
        recorded,
        outcome,
        "CON-03",
        f"{operation} refuses a request that violates the contract",
    )


@verifies("CON-07")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_violation_gets_a_4xx(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Requests that violate the contract in one place are sent."""
    outcome = _looked_at(campaign, recorded, campaign.invalid(operation))

    _no_departure(
        campaign,
        recorded,
        outcome,
        "CON-07",
        f"{operation} answers a request that violates the contract with a 4xx in the error form",
    )


def _looked_at(campaign: Campaign, recorded: ExchangeLog, outcome: Outcome) -> Outcome:
    """Return an outcome that decides something; Inconclusive when nothing was answered."""
    if not outcome.last:
        raise _undecided(outcome)
    recorded.cite_id(outcome.last)
    campaign.bbps.remark(outcome.in_words)
    return outcome


def _no_departure(
    campaign: Campaign, recorded: ExchangeLog, outcome: Outcome, requirement: str, required: str
) -> None:
    """Demand that no answer departs; each cause is shown again by its smallest request.

    Inconclusive when none does, but the operation was given up before every request was sent.
    """
    departures = outcome.of(requirement)[:SHOWN]
    for departure in reversed(departures):
        try:
            campaign.repeat(departure)
        except Inconclusive:  # what was answered before stands
            recorded.cite_id(departure.exchange)
    demand(
        not departures,
        required=required,
        observed=f"{'; '.join(each.in_words for each in departures)}; {outcome.in_words}",
    )
    if outcome.gave_up:
        raise _undecided(outcome)


def _undecided(outcome: Outcome) -> Inconclusive:
    return Inconclusive(
        outcome.trouble or f"no such request of {outcome.operation} can be generated",
        "see whether the deployment, or a proxy before it, is in trouble; then run again",
    )
