"""Contract: every exchange of the run, compared with the effective contract (CON-01, -02, -04).

Runs last, over what the other checks exchanged.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks.drift_probes import show_forms
from conformance.checks.expect import demand
from conformance.client.exchange_log import ExchangeLog
from conformance.core.exchange import Exchange
from conformance.core.requirements import verifies
from conformance.core.verdicts import RUN_THE_OTHERS, Inconclusive
from conformance.profile.error_texts import says

SERVICES: Final = (
    "user",
    "access-control",
    "mdms",
    "billing-service",
    "pg-service",
    "collection-services",
)
SHOWN: Final = 5  # deviations shown in one finding; the evidence holds them all


@verifies("CON-04")
def test_form_of_each_erratum_is_known(bbps: Bbps, recorded: ExchangeLog) -> None:
    """Calls that no other check makes are made; the form of each known erratum is reported."""
    for name in show_forms(bbps):
        recorded.cite_all_of(name)

    errata = recorded.errata()
    forms = Counter(erratum["form"] for erratum in errata)
    summary = ", ".join(f"{count} {form}" for form, count in forms.most_common())
    bbps.remark(f"{len(errata)} errata: {summary}")
    seen = [erratum for erratum in errata if erratum["form"] != "not seen"]
    if not seen:
        raise Inconclusive("no exchange showed the form of any erratum", RUN_THE_OTHERS)
    neither = [f"{each['id']}: {each['evidence']}" for each in seen if each["form"] == "neither"]

    demand(
        not neither,
        required="each erratum is followed in its published or in its corrected form",
        observed="; ".join(neither),
    )


@verifies("CON-01")
@pytest.mark.parametrize("service", SERVICES)
def test_answers_fit_the_contract(bbps: Bbps, recorded: ExchangeLog, service: str) -> None:
    """Every answer of a service to a valid request is compared with the effective contract."""
    # A breakdown is judged by CON-02: one mistake counts once.
    texts = bbps.target.error_texts.no_session
    _demand_answers(recorded, service)
    deviations: Counter[str] = Counter()
    for exchange in recorded.departing(service):
        if _broke_down(exchange, texts):
            continue
        places = [
            f"{exchange.operation} answered {exchange.status}"
            f"{f', at {violation.pointer}' if violation.pointer else ''}: "
            f"expected {violation.expected}, got {violation.got}"
            for violation in exchange.violations
            if violation.side == "response" and violation.severity == "failure"
        ]
        deviations.update(places)
        recorded.cite(exchange)

    demand(
        not deviations,
        required=f"every answer of {service} has the status, media type and schema of its contract",
        observed="; ".join(
            f"{place} ({count} times)" for place, count in deviations.most_common(SHOWN)
        ),
    )


@verifies("CON-02")
@pytest.mark.parametrize("service", SERVICES)
def test_valid_requests_break_nothing(bbps: Bbps, recorded: ExchangeLog, service: str) -> None:
    """The answers of a service to valid requests are searched for breakdowns (5xx)."""
    texts = bbps.target.error_texts.no_session
    _demand_answers(recorded, service)
    broken = []
    for exchange in recorded.breakdowns(service):
        if _broke_down(exchange, texts):
            broken.append(f"{exchange.operation} answered {exchange.status} ({exchange.id})")
            recorded.cite(exchange)

    demand(
        not broken,
        required=f"a valid request never makes {service} answer 5xx",
        observed=", ".join(broken[:SHOWN]),
    )


def _broke_down(exchange: Exchange, no_session: Iterable[str]) -> bool:
    """Whether a service broke down; some gateways answer a bad token with a 500 of their own."""
    return (exchange.status or 0) >= 500 and not says(exchange.response_body, no_session)


def _demand_answers(recorded: ExchangeLog, service: str) -> None:
    """Inconclusive when no valid request to a service was answered: there is nothing to judge."""
    if not recorded.answered(service):
        raise Inconclusive(
            f"no valid request to {service} was answered in this run", RUN_THE_OTHERS
        )
