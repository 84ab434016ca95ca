"""Payable bills that are lent to checks for what a deployment must refuse.

A refused payment leaves its bills unpaid. So a rule that is tried on many values needs few bills.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Service

CHEAP: Final = Decimal(7)  # rupees, where the amount of a bill is ours to choose
SPARED: Final = Decimal(70_000)  # rupees that are left to the other checks of a standard run


def cheap_bill(bbps: Bbps, service: Service) -> Bill:
    """Provide an unpaid bill of a business service over a few rupees, or one of the pool."""
    given = bbps.target.bills.provision == "pool"
    return bbps.bill_of(service, amount=None if given else CHEAP)


def great_bill(bbps: Bbps, amount: Decimal, service: Service | None = None) -> Bill:
    """Provide an unpaid bill over a great amount in rupees, of the main service or another.

    NotApplicable for a pool, and where the cap of the profile would leave other checks too little:
    what is refused counts against it, too.
    """
    if bbps.target.bills.provision == "pool":
        raise NotApplicable("not looked at: the bills of a pool are as they are")
    if bbps.ledger.left < amount + SPARED:
        raise NotApplicable(f"not looked at: ₹ {amount} is too much under limits.rupees_per_run")
    return bbps.bill_of(service or bbps.target.bills.certified[0], amount=amount)


@dataclass(slots=True, kw_only=True)
class Loan:
    """Payable bills; `spent` are not for others any more."""

    bills: list[Bill]
    spent: bool = False


@dataclass(slots=True)
class _Shelf:
    """The bills of a run that are lent to nobody now; safe to share between threads."""

    bills: list[Bill] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, bbps: Bbps, service: Service) -> Bill | None:
        """Return an unpaid bill of a service that stays payable for a while; None if there is none.

        What is about to expire is left behind.
        """
        with self.lock:
            for bill in [each for each in self.bills if _is_of(each, service)]:
                self.bills.remove(bill)
                if not bbps.clock.soon(bill.expires_at):
                    return bill
        return None

    def put_back(self, bills: list[Bill]) -> None:
        """Let others have some bills."""
        with self.lock:
            self.bills.extend(bills)


@contextmanager
def lent(bbps: Bbps, *services: Service) -> Iterator[Loan]:
    """Lend payable bills, one of each service; what ends well leaves them unpaid, or says `spent`.

    After an error nobody knows what became of them: others are provided then.
    """
    shelf: _Shelf = bbps.once("the shelf of payable bills", _Shelf)
    loan = Loan(bills=[shelf.take(bbps, each) or cheap_bill(bbps, each) for each in services])
    yield loan
    if not loan.spent:
        shelf.put_back(loan.bills)


def _is_of(bill: Bill, service: Service) -> bool:
    return bill.business_service == service.business_service
