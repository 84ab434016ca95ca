"""Payments that are right or wrong in one thing, for whoever must judge them alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from conformance.bbps import needs
from conformance.bbps.clock import DAY
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.dimensions.payments import FIVE, Position
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, payment_in
from conformance.bbps.payloads import Share, due
from conformance.bbps.shelf import cheap_bill
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Service


def _unchanged(amount: Decimal) -> Decimal:
    return amount


def _nothing_else(_now: int, _total: Decimal) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A payment as it should be, but for one thing.

    `paid` gives what is paid for an amount due, `changes` the changed fields, by the time of the
    deployment (epoch ms) and the total in rupees. With `disallowed` the service of the bills does
    not take the mode. The bill in question is one of `service`, or the one that `instead` has;
    with `twice` it is named once more.
    """

    def place(self, bbps: Bbps) -> tuple[str, Service]:
        """Return the mode of the payment, and the service of its bills."""
        if self.disallowed:
            terms = needs.disallowing(bbps)
            return next(mode for mode in terms.shut if mode in FIVE), terms.service
        return self.mode, (self.service or partial(needs.taking, mode=self.mode))(bbps)

    mode: str = "CASH"
    service: Callable[[Bbps], Service] | None = None
    disallowed: bool = False
    paid: Callable[[Decimal], Decimal] = _unchanged
    changes: Callable[[int, Decimal], Mapping[str, Any]] = _nothing_else
    instead: Callable[[Bbps], Bill] | None = None
    twice: bool = False

    def shares(self, bbps: Bbps, bills: Sequence[Bill], place: Position) -> list[Share]:
        """Return what is paid on payable bills, of which the one in question has a place."""
        shares = due(bills)
        bill = bills[place.index] if self.instead is None else self.instead(bbps)
        shares[place.index] = Share(bill=bill, paid=self.paid(bill.amount))
        return [*shares, shares[place.index]] if self.twice else shares


def _paid(bbps: Bbps) -> Bill:
    """Have a bill that was paid, once its payment shows; the same for a whole run."""

    def pay() -> Bill:
        bill = cheap_bill(bbps, needs.taking(bbps, "CASH"))
        response = bbps.submit_payment(bill, "CASH")
        if not response.succeeded:
            raise Inconclusive(
                f"no bill could be paid: {response.description}",
                response.missing_grant or "see PAY-01",
            )
        bbps.payment(payment_in(response).id)
        return bill

    return bbps.once("a bill paid in CASH", pay)


def _replaced(bbps: Bbps) -> Bill:
    """Have a bill that a fresh one has replaced, once that is offered."""
    if bbps.target.bills.provision != "demands":
        raise NotApplicable("not looked at: the demands of given bills are not changed")
    bill = cheap_bill(bbps, bbps.target.bills.certified[0])
    bbps.provision.change_demand(bill, bill.amount + 1)
    bbps.polling.eventually(
        lambda: bbps.bills_for(bill),
        lambda found: bool(found) and found[0].id != bill.id,
        "a fresh bill after the demand changed",
    )
    return bill


def _foreign(bbps: Bbps) -> Bill:
    """Have a bill of another city; the same for a whole run."""
    there = bbps.target.second_city
    return bbps.once("a bill of another city", lambda: bbps.new_bill(tenant=there))


def _number(number: str | None) -> Callable[[int, Decimal], Mapping[str, Any]]:
    return lambda _now, _total: {"instrumentNumber": number}


def _dated(days: int) -> Callable[[int, Decimal], Mapping[str, Any]]:
    return lambda now, _total: {"instrumentDate": now + days * DAY}


def _named(name: str | None) -> Callable[[int, Decimal], Mapping[str, Any]]:
    return lambda _now, _total: {"paidBy": name, "payerName": name}


def _spelled(mode: str) -> Callable[[int, Decimal], Mapping[str, Any]]:
    return lambda _now, _total: {"paymentMode": mode}


JUDGED: Final = Dimension(
    name="payment",
    source="PAY-10: _validate judges as _create does",
    values={
        "as it should be": Judged(),
        "one rupee less": Judged(paid=lambda amount: amount - 1),
        "one rupee more": Judged(paid=lambda amount: amount + 1),
        "half a rupee less": Judged(paid=lambda amount: amount - Decimal("0.50")),
        "nothing": Judged(paid=lambda _: Decimal(0)),
        "the negative": Judged(paid=lambda amount: -amount),
        "a part, where one may be paid": Judged(
            service=needs.part_payment, paid=lambda amount: amount - 1
        ),
        "a total unlike its details": Judged(
            changes=lambda _now, total: {"totalAmountPaid": total - 1}
        ),
        "unknown mode": Judged(changes=_spelled("BARTER")),
        "mode in small letters": Judged(changes=_spelled("cash")),
        "a mode that is not allowed": Judged(disallowed=True),
        "cheque": Judged(mode="CHEQUE"),
        "cheque without a number": Judged(mode="CHEQUE", changes=_number(None)),
        "cheque with blanks for a number": Judged(mode="CHEQUE", changes=_number("  ")),
        "cheque of last year": Judged(mode="CHEQUE", changes=_dated(-365)),
        "cheque of the future": Judged(mode="CHEQUE", changes=_dated(2)),
        "card without a transaction": Judged(
            mode="CARD", changes=lambda _now, _total: {"transactionNumber": None}
        ),
        "online without a number": Judged(mode="ONLINE", changes=_number(None)),
        "a paid bill": Judged(instead=_paid),
        "a replaced bill": Judged(instead=_replaced),
        "an unknown bill": Judged(
            instead=lambda bbps: bbps.unknown_bill("CONF-NONE", "CONF-NO-BILL")
        ),
        "a bill of another city": Judged(instead=_foreign),
        "the same bill twice": Judged(twice=True),
        "a name with an apostrophe": Judged(changes=_named("Mary O'Brien")),
        "a name that is too long": Judged(changes=_named("A" * 300)),
        "no payer": Judged(changes=_named(None)),
    },
)
