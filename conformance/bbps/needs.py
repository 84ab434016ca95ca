"""What checks need of a target beyond their calls, one function for each need.

A check looks when it comes to it, and the doctor before the run, so that both give the same reason.
Each returns what it supplies. It raises Inconclusive, with the remedy, where something is missing;
NotApplicable where the deployment's own masters show that there is nothing to look at.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from conformance.bbps import trials
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.bbps.reach import (
    reaching,
    reading_back,
    token_of,
)
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.response import Response
from conformance.client.transport import SECOND_EGRESS
from conformance.core.verdicts import Inconclusive, NotAllowed, NotApplicable
from conformance.mdms.checkout import checked_out
from conformance.mdms.masters import FOUR_URLS, Masters, Row
from conformance.mdms.served import master, served
from conformance.profile.target import FIVE_MODES, Service

SECOND_DAY: Final = "clock or a second day"  # a need that a run of two days meets
REHEARSE: Final = "open the run with --open and settle it on a later day with --settle"
ONLINE: Final = "ONLINE"  # the mode of transactions
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
        listed = self.row.get("collectionModesNotAllowed") or ()
        return tuple(map(str, listed)) if isinstance(listed, list | tuple) else (str(listed),)

    @property
    def takes_transactions(self) -> bool:
        """Whether it takes the mode of transactions."""
        return ONLINE not in self.shut

    @property
    def parts(self) -> bool:
        """Whether part of a bill may be paid."""
        return _is_true(self.row.get("partPaymentAllowed"))

    @property
    def advances(self) -> bool:
        """Whether more than the amount due may be paid."""
        return _is_true(self.row.get("isAdvanceAllowed"))


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


def cash(bbps: Bbps) -> None:
    """See that the main business service takes CASH, as far as its masters show."""
    open_to(bbps, bbps.target.bills.business_service, "CASH")


def added_modes(bbps: Bbps) -> None:
    """See that a certified business service takes each mode that the profile adds to the five."""
    for mode in bbps.target.modes:
        if mode not in FIVE_MODES:
            taking(bbps, mode)


def disallowing(bbps: Bbps) -> Terms:
    """Have a certified business service that takes some of the five modes, and others not."""
    return _serving(
        bbps,
        "restricted",
        lambda terms: 0 < len(FIVE_MODES & set(terms.shut)) < len(FIVE_MODES),
        lacks="disallows none of the five modes",
        none="disallows one of the five modes",
    )


def part_payment(bbps: Bbps) -> Service:
    """Have a certified business service that allows part payment."""
    return _serving(
        bbps,
        "partial",
        lambda terms: terms.parts,
        lacks="does not allow part payment",
        none="allows part payment",
    ).service


def part_by_transaction(bbps: Bbps) -> Service:
    """Have a certified business service that allows part payment, also by a transaction."""
    part_payment(bbps)
    for each in certified(bbps):
        if each.parts and each.takes_transactions:
            return each.service
    raise NotApplicable(f"no certified business service takes parts in mode {ONLINE}")


def by_transaction(bbps: Bbps, trial: Callable[[Bbps, Service], object]) -> None:
    """Try transactions on a certified business service that takes them, if there is one."""
    terms = certified(bbps)
    for each in terms:
        if each.takes_transactions:
            trial(bbps, each.service)
            return
    raise NotApplicable(f"{_codes(terms)}: no certified business service takes mode {ONLINE}")


def not_by_transaction(bbps: Bbps) -> tuple[Terms, Service]:
    """Have a certified business service that takes no transactions, and one that does."""
    terms = disallowing(bbps)
    if terms.takes_transactions:
        raise NotApplicable(f"{terms.code} takes mode {ONLINE}")
    return terms, taking(bbps, ONLINE)


def transactions_and_none(bbps: Bbps) -> None:
    """Try a transaction on a service that takes them, where another one does not."""
    trials.taken_transaction(bbps, not_by_transaction(bbps)[1])


def open_to(bbps: Bbps, code: str, mode: str) -> None:
    """See that a certified business service takes a mode, as far as its masters show."""
    try:
        terms = certified(bbps)
    except Inconclusive:  # the payment itself will show it
        return
    if any(each.code == code and mode in each.shut for each in terms):
        raise Inconclusive(
            f"{code} does not take mode {mode}: {LISTED} names it",
            f"name a service that takes {mode} under bills.business_service",
        )


def counter_mode(bbps: Bbps, service: Service) -> str:
    """Have a mode of payment that a certified business service takes, CASH if it does."""
    try:
        (terms,) = (each for each in certified(bbps) if each.service == service)
    except Inconclusive:  # the payment itself will show it
        return "CASH"
    for mode in ("CASH", *bbps.target.modes):
        if mode in bbps.target.modes and mode not in terms.shut:
            return mode
    raise NotApplicable(f"{terms.code} takes no mode that the profile lists")


def refusing(
    bbps: Bbps, *, less: bool = False, more: bool = False, mode: str | None = None
) -> Terms:
    """Have a certified business service, one that takes a mode, that permits no other amount.

    `less` than is due may not be paid, or `more`; NotApplicable where there is none.
    """
    if mode is not None:
        taking(bbps, mode)
    terms = [each for each in certified(bbps) if mode not in each.shut]
    for each in terms:
        if not (less and each.parts) and not (more and each.advances):
            return each
    kinds = [kind for kind, given in (("part", less), ("advance", more)) if given]
    raise NotApplicable(
        f"{_codes(terms)}: each certified business service allows {' or '.join(kinds)} payment"
    )


def bill_in_paise(bbps: Bbps, amount: Decimal) -> tuple[Bill, Terms]:
    """Have a bill of rupees and paise, of the service that permits the fewest other amounts.

    NotApplicable where the deployment makes none: its demands or its bills are in whole rupees.
    """
    terms = min(certified(bbps), key=lambda each: each.parts + each.advances)
    if bbps.target.bills.provision == "pool":
        raise NotApplicable("the amounts of a pool's bills are given")
    try:
        bill = bbps.bill_of(terms.service, amount=amount)
    except (Unanswered, NotAllowed):
        raise
    except Inconclusive as refused:
        bbps.bill_of(terms.service)  # without this one, the paise are not why
        raise NotApplicable(f"no bill with an amount in paise can be created: {refused}") from None
    if bill.amount == bill.amount.to_integral_value():
        raise NotApplicable(f"a demand of ₹ {amount} makes a bill of ₹ {bill.amount}")
    return bill, terms


def second_service(bbps: Bbps) -> Service:
    """Have a certified business service besides the main one, which takes transactions, too."""
    others = bbps.target.bills.certified[1:]
    if not others:
        raise NotApplicable("the profile names no second business service")
    try:
        terms = certified(bbps)[1:]
    except Inconclusive:  # a transaction itself will show it
        return others[0]
    for each in terms:
        if each.takes_transactions:
            return each.service
    raise NotApplicable(f"{_codes(terms)}: no second business service takes mode {ONLINE}")


def inactive_gateway(bbps: Bbps) -> str:
    """Have a payment gateway that is registered but not active."""
    gateway = bbps.target.outcome.inactive_gateway
    if not gateway:
        raise NotApplicable("the profile names no outcome.inactive_gateway")
    return gateway


# What the profile names, and what the deployment has ------------------------------------------


def second_address(bbps: Bbps) -> None:
    """See that the deployment is reached from a second address."""
    client = bbps.client
    client.call("gateway.search", as_=ANONYMOUS, egress=SECOND_EGRESS, tolerant=True)


def outside(response: Response, requirement: str) -> None:
    """Make sure that calls from an address are refused."""
    refused = isinstance(response.body, dict) and "error" in response.body
    if response.reached and not refused:
        raise Inconclusive(
            "calls from the other address are not refused, even without a forged header "
            f"({response.description})",
            f"see {requirement}, which tests the binding to addresses",
        )


def address_binding(bbps: Bbps) -> None:
    """See that the BBPS user obtains no token from the second address, or nothing is bound."""
    token_of(bbps, "integrator")
    outside(
        bbps.once(
            "login from outside",
            lambda: bbps.client.login("integrator", egress=SECOND_EGRESS),
        ),
        "USR-06",
    )


def another_day(bbps: Bbps) -> None:
    """See that the next day can come at once."""
    if not bbps.clock.movable:
        raise Inconclusive("the deployment's clock cannot be moved", REHEARSE)


def replaced_bill(bbps: Bbps) -> None:
    """See that demands can be changed, so that a fresh bill replaces another."""
    if bbps.target.bills.provision != "demands":
        raise NotApplicable("not looked at: the demands of given bills are not changed")
    reaching(bbps, "demand.update", ("administrator",))
    reading_back(bbps, "demand.search")


def listed_actions(bbps: Bbps) -> None:
    """See that the masters list the four actions, which a role can be mapped to then."""
    for masters in _role_masters(bbps):
        listed = {str(row.get("url")) for row in masters.actions}
        for url in FOUR_URLS:
            if url not in listed:
                raise Inconclusive(f"actions-test.json names no action {url}", "see MDM-03")


def _role_masters(bbps: Bbps) -> Iterator[Masters]:
    """Yield the masters of roles and actions, as far as they can be read."""
    if bbps.target.mdms.repository:
        yield checked_out(Path(bbps.target.mdms.repository))
    with suppress(Inconclusive):
        yield served(bbps.client)


def role_masters(bbps: Bbps) -> None:
    """See that roles and actions can be read, as served or in the repository's checkout."""
    if not bbps.target.mdms.repository:
        served(bbps.client)


def repository(bbps: Bbps) -> str:
    """Have the checkout of the MDMS repository."""
    folder = bbps.target.mdms.repository
    if not folder:
        raise Inconclusive(
            "the profile names no checkout of the MDMS repository",
            "set mdms.repository to the state's folder of one",
        )
    return folder


def _serving(
    bbps: Bbps, setting: str, serves: Callable[[Terms], bool], *, lacks: str, none: str
) -> Terms:
    """Have a certified business service for a purpose, rather the one that a setting names for it.

    Inconclusive if none serves and one is named; NotApplicable if none is named.
    """
    terms, named = certified(bbps), getattr(bbps.target.bills, setting)
    for each in sorted(terms, key=lambda each: named is None or each.service != named):
        if serves(each):
            return each
    if named is not None:
        raise Inconclusive(
            f"{named.business_service} {lacks}", f"correct or remove bills.{setting} in the profile"
        )
    raise NotApplicable(
        f"{_codes(terms)}: no certified business service {none}; name one under bills.{setting} "
        "if the deployment has one"
    )


def _codes(terms: list[Terms]) -> str:
    return ", ".join(each.code for each in terms)


def _is_true(value: object) -> bool:
    """Whether a service reads a value of a master as true: the text counts, too."""
    return str(value).lower() == "true"
