"""What a bill is made of: demands, periods, tax heads, who owes it, and what happened before.

A value provides a payable bill: `value(bbps)`, over the amount of the profile, or over another one
that is requested. Whatever it is made of, that amount is due on it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from conformance.bbps import needs
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, Transaction, payment_in
from conformance.bbps.reach import reaching
from conformance.bbps.tax_heads import further_head, rebate_head
from conformance.contracts.effects import Effect
from conformance.core.verdicts import Inconclusive, NotAllowed, NotApplicable
from conformance.profile.target import Service

MAIN, FURTHER, LOWERING = "main", "further", "lowering"  # kinds of tax heads
REBATE: Final = Decimal(20)  # rupees
EARLIER: Final = {"name": "Earlier payer", "mobileNumber": "9876501235"}
PAID_BEFORE: Final = Decimal(40)
OWNER: Final = {"name": "Owner of the bill", "mobileNumber": "9812345670"}
HEADS: Final[Mapping[str, Callable[[Bbps, Service], str]]] = {
    MAIN: lambda _, service: service.tax_head,
    FURTHER: lambda bbps, service: further_head(bbps.client, service),
    LOWERING: lambda bbps, service: rebate_head(bbps.client, service),
}
Lines = Mapping[str, Decimal]  # kind of tax head -> rupees
Split = Callable[[Decimal], Sequence[Lines]]  # what is due -> the lines of each demand


def main_service(bbps: Bbps) -> Service:
    """Return the business service that the profile names first."""
    return bbps.target.bills.certified[0]


def _one(due: Decimal) -> Sequence[Lines]:
    return ({MAIN: due},)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a bill is made of: `split` gives the lines of each of its demands.

    `owner` is who owes it; without one the demand names nobody. With `fetched_between` a bill is
    fetched after each demand, so that the next one replaces it. `before` is what happens to the
    bill first; it returns the one that is payable then. `more` rupees are demanded beyond the
    amount, where they are paid in it.
    """

    split: Split = _one
    service: Callable[[Bbps], Service] = main_service
    owner: Mapping[str, str] | None = None
    fetched_between: bool = False
    before: Callable[[Bbps, Bill], Bill] | None = None
    more: Decimal = Decimal(0)

    def __call__(
        self,
        bbps: Bbps,
        *,
        amount: Decimal | None = None,
        tenant: str | None = None,
        valid_days: int = 0,
    ) -> Bill:
        """Provide a payable bill on which an amount is due, in rupees, or that of the profile."""
        service = self.service(bbps)
        if bbps.target.bills.provision == "pool":
            if self.split is not _one or self.owner or self.more or amount is not None:
                raise NotApplicable("not looked at: the bills of a pool are as they are")
            bill = bbps.bill_of(service, tenant=tenant, valid_days=valid_days)
        else:
            due = (bbps.target.bills.amount if amount is None else amount) + self.more
            bill = self._raised(bbps, service, due, tenant or bbps.target.tenant, valid_days)
        return self.before(bbps, bill) if self.before else bill

    def _raised(
        self, bbps: Bbps, service: Service, due: Decimal, tenant: str, valid_days: int
    ) -> Bill:
        if self.split is _one and not self.owner:
            return bbps.bill_of(service, amount=due, tenant=tenant, valid_days=valid_days)
        code, total = bbps.provision.new_consumer_code(), Decimal(0)
        demands = self.split(due)
        place = {"service": service.business_service, "tenant": tenant}
        parts = [
            {HEADS[kind](bbps, service): rupees for kind, rupees in kinds.items()}
            for kinds in demands
        ]
        terms = {
            **place, "tax_head": service.tax_head, "amount": due, "valid_days": valid_days,
            "owner": self.owner,
        }  # fmt: skip
        if not self.fetched_between:
            bbps.provision.demands(code, parts, **terms)
            return bbps.offered(code, **place, amount=due)
        for number, lines in enumerate(parts, 1):
            bbps.provision.demand(code, **terms, lines=lines, part=(number, len(parts)))
            total += sum(lines.values(), Decimal(0))
            bill = bbps.offered(code, **place, amount=total)
        return _over(total, bill)


def _ended(bbps: Bbps, transaction: Transaction, signal: Signal) -> None:
    """End a transaction; leave a bill out whose transactions cannot be ended."""
    unless_hindered(lambda: bbps.finish(transaction, signal))


def money_may_move(bbps: Bbps) -> None:
    """Leave a bill out that money was moved for, where none may move."""
    try:
        bbps.client.require(Effect.MOVES_MONEY)
    except NotAllowed as forbidden:
        raise NotApplicable(f"not looked at: {forbidden}") from None


def _somebody(bbps: Bbps) -> dict[str, str]:
    """Return somebody who pays, or tries to, before the payer of a check does."""
    number = EARLIER["mobileNumber"]
    return {**EARLIER, "userName": number, "tenantId": bbps.target.state_tenant}


def _tried(bbps: Bbps, bill: Bill) -> Bill:
    """Let a transaction on a bill fail."""
    _ended(bbps, bbps.taken_transaction(bill, user=_somebody(bbps)), FAILURE)
    return bill


def _paid_in_part(bbps: Bbps, bill: Bill) -> Bill:
    """Pay part of a bill, and return the bill of the rest."""
    money_may_move(bbps)
    _ended(bbps, bbps.taken_transaction(bill, amount=PAID_BEFORE, user=_somebody(bbps)), SUCCESS)
    return _again(bbps, bill, bill.amount - PAID_BEFORE)


def _cancelled(bbps: Bbps, bill: Bill) -> Bill:
    """Pay a bill at the counter, cancel the payment, and return the bill that is due again."""
    money_may_move(bbps)
    unless_hindered(lambda: reaching(bbps, "payment.create", ("cashier",)))
    name, mobile = EARLIER["name"], EARLIER["mobileNumber"]
    paid = bbps.submit_payment(bill, "CASH", paidBy=name, payerName=name, mobileNumber=mobile)
    if not paid.succeeded:
        raise NotApplicable(f"not looked at: no payment was taken to cancel: {paid.description}")
    # Until then the bill that was paid is offered, and looks like the one that is due again.
    bbps.polling.within_deadline(lambda: bbps.bills_for(bill), lambda offered: not offered)
    cancelled = bbps.cancel(payment_in(paid))
    if not cancelled.succeeded:
        raise NotApplicable(f"not looked at: no payment is cancelled: {cancelled.description}")
    return _again(bbps, bill, bill.amount)


def _again(bbps: Bbps, bill: Bill, due: Decimal) -> Bill:
    """Have the bill that is offered now for a bill's consumer code."""
    offered = bbps.offered(
        bill.consumer_code, service=bill.business_service, tenant=bill.tenant, amount=due
    )
    return _over(due, offered)


def _over(due: Decimal, bill: Bill) -> Bill:
    """Make sure that a bill replaced the one before it."""
    if bill.amount != due:
        raise Inconclusive(
            f"the bill of {bill.consumer_code} is over ₹ {bill.amount}, and ₹ {due} are due",
            "see BIL-06 for bills that are replaced",
        )
    return bill


def _heads(due: Decimal) -> Sequence[Lines]:
    return ({MAIN: due - _share(due, 4), FURTHER: _share(due, 4)},)


def _rebate(due: Decimal) -> Sequence[Lines]:
    return ({MAIN: due + REBATE, LOWERING: -REBATE},)


def _idle_head(due: Decimal) -> Sequence[Lines]:
    return ({MAIN: due, FURTHER: Decimal(0)},)


def _periods(due: Decimal) -> Sequence[Lines]:
    return {MAIN: due - _share(due, 3)}, {MAIN: _share(due, 3)}


def _all_of_it(due: Decimal) -> Sequence[Lines]:
    """Three periods: two tax heads, a rebate, and a rest."""
    part = _share(due, 5)
    return (
        {MAIN: part, FURTHER: part},
        {MAIN: part + REBATE, LOWERING: -REBATE},
        {MAIN: due - 3 * part},
    )


def _demands(number: int) -> Split:
    """Return how to split an amount over demands: one rupee each, the rest on the first."""
    return lambda due: ({MAIN: due - (number - 1)}, *({MAIN: Decimal(1)},) * (number - 1))


def _under_two_heads(paise: str) -> Split:
    """Return how to split an amount, with rupees and paise of it under another tax head."""
    part = Decimal(paise)
    return lambda due: ({MAIN: due - part, FURTHER: part},)


def _paise_lowered(due: Decimal) -> Sequence[Lines]:
    return ({MAIN: due + Decimal("0.40"), LOWERING: -Decimal("0.40")},)


def _paise_over_periods(due: Decimal) -> Sequence[Lines]:
    return {MAIN: due - Decimal("33.40")}, {MAIN: Decimal("33.40")}


def _share(due: Decimal, parts: int) -> Decimal:
    """Return a part of an amount in whole rupees."""
    return (due / parts).quantize(Decimal(1), ROUND_FLOOR)


BILL: Final = Dimension(
    name="bill",
    source="BIL-02, RCP-07; demands of DIGIT have periods and tax heads, rebates are negative",
    values={
        "one demand": Shape(),
        "two tax heads": Shape(split=_heads),
        "a rebate": Shape(split=_rebate),
        "a tax head of nothing": Shape(split=_idle_head),
        "two periods": Shape(split=_periods),
        "a period added to the bill": Shape(split=_periods, fetched_between=True),
        "three periods with everything": Shape(split=_all_of_it),
        "an owner other than the payer": Shape(owner=OWNER),
        "another business service": Shape(service=needs.second_service),
        "a failed transaction before": Shape(before=_tried),
        "a cancelled payment before": Shape(before=_cancelled),
        "the rest of a part payment": Shape(
            service=needs.part_by_transaction, more=PAID_BEFORE, before=_paid_in_part
        ),
    },
)
SPLIT: Final = (  # bills that need some rupees to be split at all
    "two tax heads", "two periods", "a period added to the bill", "three periods with everything",
)  # fmt: skip
SEVERAL_DEMANDS: Final = (
    "two periods", "a period added to the bill", "three periods with everything",
)  # fmt: skip
# What needs neither a payment nor the outcome of a transaction.
UNPAID_BILL: Final = BILL.without(*(name for name, each in BILL.values.items() if each.before))

DEMANDS: Final = Dimension(
    name="demands",
    source="BIL-02, RCP-07; what is read in pages or counted in a loop is lost from a number on",
    values={f"{number} demands": Shape(split=_demands(number)) for number in (5, 12)},
)
"""Bills of so many demands, each of its own period; those of one to three are among BILL."""

LINES: Final = Dimension(
    name="lines of the demand",
    source="BIL-02; rounding line by line hides in a total of whole rupees",
    values={
        "rupees under two heads": Shape(split=_heads),
        "paise under two heads": Shape(split=_under_two_heads("33.40")),
        "half rupees under two heads": Shape(split=_under_two_heads("0.50")),
        "a paisa under another head": Shape(split=_under_two_heads("0.01")),
        "a rebate of paise": Shape(split=_paise_lowered),
        "paise in two periods": Shape(split=_paise_over_periods),
    },
)
"""Bills over the usual amount, whose lines may have paise."""
