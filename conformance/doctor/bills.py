"""Whether a payable bill can be had, and whether an outcome can be signalled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final

from conformance.bbps import trials
from conformance.bbps.bill_pool import BillPool
from conformance.bbps.clock import SECOND
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, bills_in
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.curl import curl
from conformance.core.verdicts import Inconclusive, NotAllowed
from conformance.doctor.diagnostics import Diagnostic, State, fault, unseen, well
from conformance.doctor.outcome_channel import examine_outcome_channel

FROM_A_DEMAND: Final = "a payable bill comes from a new demand"
UNKNOWN_CODE: Final = "CONF-NONE"
# Who may fetch a bill: the BBPS user himself, or while he does not exist, somebody at a desk.
FETCHERS: Final = ("integrator", "cashier", "citizen", "administrator")


@dataclass(slots=True)
class BillExamination:
    """The diagnostics, and the answer to a consumer code that has nothing due."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    nothing_due: Response | None = None


def examine_bills(bbps: Bbps, faults: Sequence[Diagnostic]) -> BillExamination:
    """Fetch a bill that does not exist, then one that does, then see how outcomes are signalled.

    `faults` are those found so far: what rests on one of them is not examined.
    """
    examination = BillExamination()
    refused: list[Response] = []
    try:
        fetcher, response = _fetched(bbps, UNKNOWN_CODE, refused)
    except Inconclusive as problem:
        examination.diagnostics.append(unseen("bill", "", problem.reason, problem.remedy))
    else:
        examination.nothing_due = response
        examination.diagnostics.append(_fetching(response))
        examination.diagnostics.append(_payable(bbps, fetcher, faults))
        if examination.diagnostics[-1] == well("bill", FROM_A_DEMAND):
            examination.diagnostics.append(_day_of(bbps, trials.bill(bbps)))
    if refused and not any(each.area == "role" for each in faults):
        examination.diagnostics.append(_not_in_effect(refused[0]))
    found = [each for each in examination.diagnostics if each.state is State.FAULT]
    examination.diagnostics += examine_outcome_channel(bbps, [*faults, *found])
    return examination


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
        "add the integrator to the profile; a run that creates the integrator examines bills later",
    )


def _not_in_effect(response: Response) -> Diagnostic:
    return fault(
        "role",
        "the integrator may not fetch bills, although the role and its rows exist",
        evidence=response.description,
        cause="access control still uses the old rows, or the user holds the role at "
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
        "fetchBill fails for an unknown consumer code",
        evidence=response.description,
        cause="the billing service, or a master that it needs, does not work",
        remedy=f"read the log of billing-service; then\n{curl(response.exchange)}",
    )


def _payable(bbps: Bbps, fetcher: str, faults: Sequence[Diagnostic]) -> Diagnostic:
    """Have a payable bill where the mode allows it; a pool is only read."""
    bills, target = bbps.target.bills, bbps.target
    if bills.provision == "none":
        return unseen("bill", "", "the profile provides no bills", "set bills.provision")
    try:
        bbps.client.require(Effect.WRITES)
        if bills.provision == "demands":
            if blocker := _blocked_by(bbps, faults):
                return unseen("bill", "", f"no demand is raised: {blocker}")
            trials.bill(bbps)
            return well("bill", FROM_A_DEMAND)
        pool = BillPool(bills.pool)
        codes = pool.unused(service=bills.business_service, tenant=target.tenant)
        if not codes:
            return _empty(pool, bbps)
        response, found = bbps.polling.within_deadline(
            lambda: bbps.fetch(codes[0], as_=fetcher),
            lambda response: not response.succeeded or bool(bills_in(response)),
        )
    except NotAllowed as refusal:
        skipped = "no demand is raised and no bill is fetched, since that would write one"
        return unseen("bill", "", f"{refusal.reason}: {skipped}")
    except Inconclusive as problem:
        if any(each.area == "role" for each in faults):
            return unseen("bill", "", f"see the fault of the role: {problem.reason}")
        return fault(
            "bill",
            "no payable bill can be obtained",
            evidence=problem.reason,
            cause="demands are refused, or consumer codes cannot be read",
            remedy=problem.remedy,
        )
    if found and response.succeeded:
        return well("bill", f"a payable bill comes from the pool ({len(codes)} codes left)")
    return fault(
        "bill",
        f"no bill is offered for {codes[0]}, from the pool",
        evidence=response.description,
        cause="the bill was paid already, or bills are not made of demands of that service",
        remedy="check bills.business_service, and read the log of billing-service; then\n"
        f"{curl(response.exchange)}",
    )


def _day_of(bbps: Bbps, bill: Bill | None) -> Diagnostic:
    """See in which time zone the day of a bill ends: that of the services' JVMs."""
    target = bbps.target
    if bill is None:
        return unseen("clock", "time zone of the services", "no bill was made")
    end = datetime.fromtimestamp((bill.expires_at + SECOND) // SECOND, UTC)
    if end.astimezone(target.zone).time() == time():
        return well("clock", f"the day of a bill ends at midnight of {target.timezone}")
    local = f"{end.astimezone(target.zone):%H:%M} in {target.timezone}"
    if end.time() != time():
        return unseen("clock", "time zone of the services", f"the day of a bill ends at {local}, "
                      "which is midnight neither there nor in UTC")  # fmt: skip
    return fault(
        "clock",
        f"the day of a bill ends at midnight of UTC, {local}",
        evidence=f"the bill {bill.id} expires at {bill.expires_at} (epoch ms)",
        cause="the JVMs of the services run in UTC: their days, of bills and of searches, are not "
        "those of the city",
        remedy=f"start the services with TZ={target.timezone}, or set timezone to UTC if that is "
        "wanted; until then a run of two days is settled only after that hour (BIL-06, RCP-02, "
        "RCP-04)",
    )


def _empty(pool: BillPool, bbps: Bbps) -> Diagnostic:
    bills = bbps.target.bills
    return fault(
        "bill",
        "the bill pool is empty",
        evidence=f"{bills.pool} has no unused code for {bills.business_service} "
        f"in {bbps.target.tenant}",
        cause="earlier runs used them up; a bill can be paid only once",
        remedy="add consumer codes with an unpaid bill; the used ones are listed in "
        f"{pool.used_file}",
    )


def _blocked_by(bbps: Bbps, faults: Sequence[Diagnostic]) -> str:
    """Return on which other fault a demand would fail; empty where it has a chance."""
    for name in ("administrator", "integrator"):
        actor = bbps.client.actors.get(name)
        if bbps.client.sessions.refused(name) or (actor is not None and actor.create):
            return f"the {name} obtains no token"
    return next((each.what for each in faults if each.area == "master data"), "")
