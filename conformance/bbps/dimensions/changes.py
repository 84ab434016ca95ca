"""What may happen to the demands of a bill after it was fetched."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.bbps.tax_heads import further_head, rebate_head
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Service

Change = Callable[[Bbps, Bill], Decimal]  # returns what is due afterwards, in rupees
MORE: Final = Decimal(150)  # rupees
ADDED: Final = Decimal(30)
LOWERED: Final = Decimal(-10)
SHIFTED: Final = Decimal(5)
ALONE: Final = "its demand is cancelled"
ONE_OF_THEM: Final = "one of its demands is cancelled"
LAST_SEVENTH: Final = (7, 7)  # of the tax period: no part of a bill's own demands


def _raised(bbps: Bbps, bill: Bill) -> Decimal:
    return _changed(bbps, bill, MORE)


def _lowered(bbps: Bbps, bill: Bill) -> Decimal:
    return _changed(bbps, bill, Decimal(-1))


def _changed(bbps: Bbps, bill: Bill, more: Decimal) -> Decimal:
    bbps.provision.change_demand_by(bill, more)
    return _left(bill, bill.amount + more)


def _another_period(bbps: Bbps, bill: Bill) -> Decimal:
    service = service_of(bbps, bill)
    bbps.provision.demand(
        bill.consumer_code,
        amount=ADDED,
        service=service.business_service,
        tax_head=service.tax_head,
        tenant=bill.tenant,
        part=LAST_SEVENTH,
    )
    return bill.amount + ADDED


def _another_head(bbps: Bbps, bill: Bill) -> Decimal:
    head = further_head(bbps.client, service_of(bbps, bill))
    bbps.provision.add_to_demand(bill, head, ADDED)
    return bill.amount + ADDED


def _rebate(bbps: Bbps, bill: Bill) -> Decimal:
    left = _left(bill, bill.amount + LOWERED)
    head = rebate_head(bbps.client, service_of(bbps, bill))
    bbps.provision.add_to_demand(bill, head, LOWERED)
    return left


def _same_total(bbps: Bbps, bill: Bill) -> Decimal:
    head = further_head(bbps.client, service_of(bbps, bill))
    _left(bill, bill.amount - 3 * SHIFTED)  # the first line has more than that
    bbps.provision.shift_in_demand(bill, head, SHIFTED)
    return bill.amount


def _cancelled(bbps: Bbps, bill: Bill) -> Decimal:
    return bill.amount - bbps.provision.cancel_demand(bill)


def service_of(bbps: Bbps, bill: Bill) -> Service:
    """Return the certified business service of a bill."""
    services = bbps.target.bills.certified
    return next(each for each in services if each.business_service == bill.business_service)


def _left(bill: Bill, due: Decimal) -> Decimal:
    if due <= 0:
        raise NotApplicable(f"not looked at: a bill of ₹ {bill.amount} leaves too little to lower")
    return due


CHANGE: Final[Dimension[Change]] = Dimension(
    name="change",
    source="BIL-06; demands are changed by update, and by further demands of a consumer code",
    values={
        "more is demanded": _raised,
        "less is demanded": _lowered,
        "a demand of another period": _another_period,
        "another tax head": _another_head,
        "a rebate": _rebate,
        "the same total under two heads": _same_total,
        ALONE: _cancelled,
        ONE_OF_THEM: _cancelled,
    },
)
