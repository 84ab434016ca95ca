"""Whether a payable bill can be had, and whether an outcome can be signalled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from conformance.bbps.bill_pool import BillPool
from conformance.bbps.flow import Bbps
from conformance.bbps.models import bills_in
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.curl import curl
from conformance.core.verdicts import Inconclusive, NotAllowed
from conformance.doctor.diagnostics import Diagnostic, State, fault, unseen, well
from conformance.doctor.outcome_channel import examine_outcome

UNKNOWN_CODE: Final = "CONF-NONE"
# Who may fetch a bill: the BBPS user himself, or while he does not exist, somebody at a desk.
FETCHERS: Final = ("integrator", "cashier", "citizen", "administrator")


@dataclass(slots=True)
class Money:
    """The looks taken, and the answer to a consumer code that has nothing due."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    nothing_due: Response | None = None


def examine_money(bbps: Bbps, faults: Sequence[Diagnostic]) -> Money:
    """Fetch a bill that does not exist, then one that does, then see how outcomes are signalled.

    `faults` are those found so far: what rests on one of them is not looked at.
    """
    money = Money()
    refused: list[Response] = []
    try:
        fetcher, response = _fetched(bbps, UNKNOWN_CODE, refused)
    except Inconclusive as problem:
        money.diagnostics.append(unseen("bill", "", problem.reason, problem.remedy))
    else:
        money.nothing_due = response
        money.diagnostics.append(_fetching(response))
        money.diagnostics.append(_payable(bbps, fetcher, faults))
    if refused and not any(look.area == "role" for look in faults):
        money.diagnostics.append(_not_in_effect(refused[0]))
    found = [look for look in money.diagnostics if look.state is State.FAULT]
    money.diagnostics += examine_outcome(bbps, [*faults, *found])
    return money


def _fetched(bbps: Bbps, code: str, refused: list[Response]) -> tuple[str, Response]:
    """Fetch as the first actor who may, noting how the BBPS user was refused.

    Inconclusive when none may.
    """
    for name in FETCHERS:
        actor = bbps.client.actors.get(name)
        if actor is None or actor.create or bbps.client.sessions.refused(name):
            continue
        response = bbps.fetch(code, as_=name)
        if response.status not in {401, 403}:
            return name, response
        if name == FETCHERS[0] and not response.no_session:
            refused.append(response)
    raise Inconclusive(
        "no actor of the profile may fetch bills",
        "supply the integrator; a run that creates it looks at bills with it",
    )


def _not_in_effect(response: Response) -> Diagnostic:
    return fault(
        "role",
        "the integrator may not fetch bills, although role and rows are there",
        evidence=response.description,
        cause="access control still works with the rows of before, or the role is held at "
        "another tenant than the rows",
        remedy="restart MDMS and access control, or wait until their cache is renewed (15 "
        f"minutes); then\n{curl(response.exchange)}",
    )


def _fetching(response: Response) -> Diagnostic:
    if response.status < 500:
        return well(
            "bill", f"fetchBill answers ({response.description} for an unknown consumer code)"
        )
    return fault(
        "bill",
        "fetchBill breaks on an unknown consumer code",
        evidence=response.description,
        cause="the billing service, or a master that it needs, is not in order",
        remedy=f"see the log of billing-service; then\n{curl(response.exchange)}",
    )


def _payable(bbps: Bbps, fetcher: str, faults: Sequence[Diagnostic]) -> Diagnostic:
    """Have a payable bill where the mode allows it; a pool is only looked into."""
    bills, target = bbps.target.bills, bbps.target
    if bills.provision == "none":
        return unseen("bill", "", "the profile provides no bills", "set bills.provision")
    try:
        bbps.client.require(Effect.WRITES)
        if bills.provision == "pool":
            pool = BillPool(bills.pool)
            codes = pool.unused(service=bills.business_service, tenant=target.tenant)
            if not codes:
                return _dry(pool, bbps)
            code, source = codes[0], f"the pool ({len(codes)} codes left)"
        else:
            code, source = bbps.provision.new_consumer_code(), "a new demand"
        if bills.provision == "demands":
            if resting := _resting(bbps, faults):
                return unseen("bill", "", f"no demand is raised: {resting}")
            bbps.raise_demand(code)
        response, found = bbps.polling.within_deadline(
            lambda: bbps.fetch(code, as_=fetcher),
            lambda response: not response.succeeded or bool(bills_in(response)),
        )
    except NotAllowed as refusal:
        looked = "no demand is raised and no bill is fetched, since that would write one"
        return unseen("bill", "", f"{refusal.reason}: {looked}")
    except Inconclusive as problem:
        return fault(
            "bill",
            "no payable bill can be had",
            evidence=problem.reason,
            cause="demands are refused, or consumer codes cannot be read",
            remedy=problem.remedy,
        )
    if found and response.succeeded:
        return well("bill", f"a payable bill can be had from {source}")
    return fault(
        "bill",
        f"no bill is offered for {code}, from {source}",
        evidence=response.description,
        cause="the bill was paid already, or bills are not made of demands of that service",
        remedy=f"see billing-service for bills.business_service; then\n{curl(response.exchange)}",
    )


def _dry(pool: BillPool, bbps: Bbps) -> Diagnostic:
    bills = bbps.target.bills
    return fault(
        "bill",
        "the pool is dry",
        evidence=f"{bills.pool} has no unused code for {bills.business_service} "
        f"in {bbps.target.tenant}",
        cause="earlier runs used them up; a bill can be paid only once",
        remedy=f"add consumer codes with an unpaid bill; the used ones stand in {pool.used_file}",
    )


def _resting(bbps: Bbps, faults: Sequence[Diagnostic]) -> str:
    """Say on which other fault a demand would fail; empty where it has a chance."""
    if bbps.client.sessions.refused("administrator"):
        return "the administrator obtains no token"
    return next((look.what for look in faults if look.area == "master data"), "")
