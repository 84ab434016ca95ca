"""What checks need of a target beyond their calls, one function for each need.

A check asks when it comes to it, and the doctor before the run, so that both give the same reason.
Each returns what it supplies. It raises Inconclusive, with the remedy, where something is missing;
NotApplicable where the deployment's own masters show that there is nothing to look at.
"""

from dataclasses import dataclass
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.mdms.role_actions import Row, master
from conformance.profile.target import FIVE_MODES, Service

LISTED: Final = "BusinessService.collectionModesNotAllowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A certified business service, and what its row of the BusinessService master allows."""

    service: Service
    row: Row

    @property
    def code(self) -> str:
        """The code of the business service."""
        return self.service.business_service

    @property
    def shut(self) -> tuple[str, ...]:
        """The modes of payment that it does not take."""
        return tuple(str(each) for each in self.row.get("collectionModesNotAllowed") or ())

    @property
    def parts(self) -> bool:
        """Whether part of a bill may be paid."""
        return self.row.get("partPaymentAllowed") is True

    @property
    def exact(self) -> bool:
        """Whether the amount due has to be paid, neither a part of it nor more."""
        return not (self.row.get("partPaymentAllowed") or self.row.get("isAdvanceAllowed"))


def certified(bbps: Bbps) -> list[Terms]:
    """Have the terms of each business service that the profile names, the main one first."""
    rows = {
        str(row.get("code")): row
        for row in master(bbps.client, "BillingService", "BusinessService")
    }
    for service in bbps.target.bills.certified:
        if service.business_service not in rows:
            raise Inconclusive(
                f"the master BillingService.BusinessService has no row {service.business_service}",
                "correct bills.* in the profile, or add the row",
            )
    return [
        Terms(service=each, row=rows[each.business_service]) for each in bbps.target.bills.certified
    ]


def taking(bbps: Bbps, mode: str) -> Service:
    """Have a certified business service that takes a mode of payment.

    NotApplicable if none does and the profile leaves the mode out. That is no way around one of
    the five modes: it holds only while the masters prove it.
    """
    listed = mode in bbps.target.modes
    if mode not in FIVE_MODES and not listed:
        raise NotApplicable(f"the profile does not list mode {mode} in payment_modes")
    try:
        terms = certified(bbps)
    except Inconclusive:
        if listed:  # the payment itself will show it
            return bbps.target.bills.certified[0]
        raise
    takers = [each for each in terms if mode not in each.shut]
    if listed and takers:
        return takers[0].service
    names = _codes(terms)
    if takers:
        raise Inconclusive(
            f"the profile leaves out mode {mode}, which {_codes(takers)} takes",
            f"add {mode} to payment_modes: only the masters can show that it does not apply",
        )
    if listed:
        raise Inconclusive(
            f"no certified business service takes {mode}: {LISTED} of {names} names it",
            f"leave {mode} out of payment_modes, for the masters prove that it does not apply; or "
            "name a service that takes it under bills",
        )
    raise NotApplicable(
        f"no certified business service takes {mode}, as the masters prove: {LISTED} of {names} "
        "names it"
    )


def disallowing(bbps: Bbps) -> Terms:
    """Have a certified business service that takes some of the five modes, and others not."""
    terms = certified(bbps)
    for each in _first(terms, bbps.target.bills.restricted):
        if 0 < len(FIVE_MODES & set(each.shut)) < len(FIVE_MODES):
            return each
    _blame(bbps.target.bills.restricted, "restricted", "disallows none of the five modes")
    raise NotApplicable(
        f"{_codes(terms)}: no certified business service disallows one of the five modes; name "
        "one under bills.restricted if the deployment has one"
    )


def part_payment(bbps: Bbps) -> Service:
    """Have a certified business service that allows part payment."""
    terms = certified(bbps)
    for each in _first(terms, bbps.target.bills.partial):
        if each.parts:
            return each.service
    _blame(bbps.target.bills.partial, "partial", "does not allow part payment")
    raise NotApplicable(
        f"{_codes(terms)}: no certified business service allows part payment; name one under "
        "bills.partial if the deployment has one"
    )


def exact_amount(bbps: Bbps) -> Terms:
    """Have a certified business service where the amount due has to be paid."""
    terms = certified(bbps)
    for each in terms:
        if each.exact:
            return each
    raise NotApplicable(
        f"{_codes(terms)}: each certified business service allows part or advance payment"
    )


def second_service(bbps: Bbps) -> Service:
    """Have a certified business service besides the main one."""
    others = bbps.target.bills.certified[1:]
    if not others:
        raise NotApplicable("the profile names no second business service")
    return others[0]


def inactive_gateway(bbps: Bbps) -> str:
    """Have a payment gateway that is registered but not active."""
    gateway = bbps.target.outcome.inactive_gateway
    if not gateway:
        raise NotApplicable("the profile names no outcome.inactive_gateway")
    return gateway


def _first(terms: list[Terms], named: Service | None) -> list[Terms]:
    """Return the terms, those of the service that is named for a purpose in front."""
    return sorted(terms, key=lambda each: named is None or each.service != named)


def _blame(named: Service | None, setting: str, why: str) -> None:
    """Raise Inconclusive if the profile names a service for a purpose that it does not serve."""
    if named is not None:
        raise Inconclusive(
            f"{named.business_service} {why}", f"correct or remove bills.{setting} in the profile"
        )


def _codes(terms: list[Terms]) -> str:
    return ", ".join(each.code for each in terms)
