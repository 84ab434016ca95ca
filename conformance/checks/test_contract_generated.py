"""Contract: requests generated from it, of each operation (CON-01, CON-02, CON-03, CON-07).

What is generated, and how it is judged, is described in contracts/README.md.
"""

from contextlib import suppress

import pytest

from conformance.checks.expect import demand
from conformance.client.exchange_log import ExchangeLog
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive
from conformance.generation import OPERATIONS
from conformance.generation.campaign import Campaign
from conformance.generation.results import GenerationResult

# Those of one operation share what was generated and sent for it.
pytestmark = pytest.mark.independent(by="operation")

SHOWN = 5  # causes shown in one finding


@verifies("CON-01")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_request_is_answered_as_documented(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Valid requests are sent: a right one, at the limits of the contract, at random."""
    result = _answered(campaign, recorded, campaign.valid(operation))

    _no_failure(
        campaign,
        recorded,
        result,
        "CON-01",
        f"{operation} answers a valid request as the contract says",
    )
    _some_accepted(campaign, result)


@verifies("CON-02")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_request_breaks_nothing(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Valid requests are sent: a right one, at the limits of the contract, at random."""
    result = _answered(campaign, recorded, campaign.valid(operation))

    _no_failure(
        campaign, recorded, result, "CON-02", f"{operation} never answers a valid request 5xx"
    )
    _some_accepted(campaign, result)


@verifies("CON-03")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_violation_is_refused(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Requests are sent that break the contract in one place; without that they are accepted."""
    result = _answered(campaign, recorded, campaign.invalid(operation))

    _no_failure(
        campaign,
        recorded,
        result,
        "CON-03",
        f"{operation} refuses a request that violates the contract",
    )
    _right_one_accepted(campaign, result)


@verifies("CON-07")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_generated_violation_gets_a_4xx(
    campaign: Campaign, recorded: ExchangeLog, operation: str
) -> None:
    """Requests are sent that break the contract in one place; without that they are accepted."""
    result = _answered(campaign, recorded, campaign.invalid(operation))

    _no_failure(
        campaign,
        recorded,
        result,
        "CON-07",
        f"{operation} answers a request that violates the contract with a 4xx in the error form",
    )
    _right_one_accepted(campaign, result)


def _answered(
    campaign: Campaign, recorded: ExchangeLog, result: GenerationResult
) -> GenerationResult:
    """Return an outcome that decides something; Inconclusive when nothing was answered."""
    if not result.last:
        raise _unanswered(result)
    recorded.cite_id(result.last)
    campaign.bbps.remark(result.description)
    return result


def _no_failure(
    campaign: Campaign,
    recorded: ExchangeLog,
    result: GenerationResult,
    requirement: str,
    required: str,
) -> None:
    """Demand that no answer violates a requirement; the smallest request of each cause is repeated.

    Inconclusive when none does, but the suite stopped before every request was sent.
    """
    failures = result.of(requirement)[:SHOWN]
    for failure in reversed(failures):
        recorded.cite_id(failure.exchange)
        with suppress(Inconclusive):  # what was answered before stands
            campaign.repeat(failure)
    demand(
        not failures,
        required=required,
        observed=f"{'; '.join(each.description for each in failures)}; {result.description}",
    )
    if result.gave_up:
        raise _unanswered(result)


def _some_accepted(campaign: Campaign, result: GenerationResult) -> None:
    """Make sure that a valid request was accepted: refusals alone prove nothing."""
    if not result.accepted:
        raise _unproven(campaign, result, "no valid request was accepted")


def _right_one_accepted(campaign: Campaign, result: GenerationResult) -> None:
    """Make sure that without a violation the request is accepted: else it is refused anyway."""
    if not campaign.control(result.operation).accepted:
        raise _unproven(campaign, result, "the request is refused without a violation, too")


def _unproven(campaign: Campaign, result: GenerationResult, why: str) -> Inconclusive:
    control = campaign.control(result.operation)
    return Inconclusive(
        f"{why}: {result.operation}, sent as the {control.caller} with nothing wrong, was answered "
        f"{control.answer}; {result.description}",
        control.remedy,
    )


def _unanswered(result: GenerationResult) -> Inconclusive:
    return Inconclusive(
        result.trouble or f"no such request of {result.operation} can be generated",
        "check whether the deployment, or a proxy in front of it, has a problem; then run again",
    )
