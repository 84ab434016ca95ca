"""What a payment does to billing: demands are collected, bills are paid, and all of it undone."""

from decimal import Decimal
from sqlite3 import Connection
from typing import Any

from conformance.reference.billing import tables
from conformance.reference.billing.advances import keep_advance, withdraw_advance
from conformance.reference.billing.bill_making import spread
from conformance.reference.platform.world import World

Document = dict[str, Any]


def settle_bill(
    world: World,
    db: Connection,
    bill: Document,
    paid: Decimal,
    *,
    payment_id: str,
    by: str,
    marks: bool = True,
) -> Decimal:
    """Enter a payment on a bill: demands, bill status, advance; return the advance in rupees.

    Sets the adjusted amounts in `bill`, which is the payment's copy of it. `marks` is false where
    a fault leaves the bill active.
    """
    now = world.clock.now()
    surplus = spread(bill, paid)
    elsewhere = bill["tenantId"] != world.masters.cities[0]
    lost = elsewhere and world.faults.on("demand-elsewhere-not-settled")
    if not lost and not world.faults.on("demand-not-settled"):
        lines = settled_lines(world, db, bill)
        surplus += tables.settle(db, payment_id, lines, by=by, now=now, lag_ms=world.site.lag_ms)
        keep_advance(world, db, bill, surplus, payment_id=payment_id, by=by)
        distort(world, db, bill)
    if marks:
        mark_paid(world, db, bill, by=by, now=now)
    return surplus


def settled_lines(world: World, db: Connection, bill: Document) -> Document:
    """Return the bill whose lines settle demands; faults leave some of them out."""
    on, details = world.faults.on, bill["billDetails"]
    in_part = bill["amountPaid"] < bill["totalAmount"]
    if details[1:] and in_part and on("part-over-periods-lost"):
        details = details[:1]
    if half_collected(db, bill) and on("second-half-not-collected"):
        details = []
    if details[3:] and on("fourth-demand-not-settled"):
        details = details[:3]
    if details[1:] and on("first-demand-settled-only"):
        details = details[:1]
    lines = [(detail, detail["billAccountDetails"]) for detail in details]
    if any(accounts[1:] for _, accounts in lines) and on("first-head-settled-only"):
        lines = [(detail, accounts[:1]) for detail, accounts in lines]
    rebates = any(each["amount"] < 0 for _, accounts in lines for each in accounts)
    if rebates and on("rebates-not-settled"):
        lines = [(detail, [x for x in accounts if x["amount"] >= 0]) for detail, accounts in lines]
    kept = [detail | {"billAccountDetails": accounts} for detail, accounts in lines]
    return bill | {"billDetails": kept}


def half_collected(db: Connection, bill: Document) -> bool:
    """Whether half of a demand, or more, has been collected before."""
    lines = tables.lines_demanded(db, bill)
    return any(0 < each["taxAmount"] <= 2 * each["collectionAmount"] for each in lines)


def mark_paid(world: World, db: Connection, bill: Document, *, by: str, now: int) -> None:
    """Give the paid bill, and the newest one of its consumer code if active, the status PAID."""
    if world.faults.on("bill-stays-active"):
        return
    place = bill["tenantId"], bill["businessService"], bill["consumerCode"]
    for other in (tables.bill_by_id(db, bill["id"]), tables.active_bill(db, *place)):
        if other is not None and other["status"] in {"ACTIVE", "EXPIRED"}:
            tables.set_bill_status(db, other, "PAID", by=by, now=now, lag_ms=world.site.lag_ms)


def unsettle_bill(
    world: World, db: Connection, bill: Document, *, payment_id: str, by: str
) -> bool:
    """Undo a payment on a bill; False, and nothing done, when its advance has been used."""
    now = world.clock.now()
    if not withdraw_advance(db, bill, payment_id):
        return False
    tables.give_back(db, payment_id, bill, by=by, now=now, lag_ms=world.site.lag_ms)
    reopen_namesakes(world, db, bill)
    place = bill["tenantId"], bill["businessService"], bill["consumerCode"]
    if other := tables.active_bill(db, *place):
        tables.set_bill_status(db, other, "PAID", by=by, now=now, lag_ms=world.site.lag_ms)
    return True


def reopen_namesakes(world: World, db: Connection, bill: Document) -> None:
    """Let what was paid on the same consumer code elsewhere be due again (a fault)."""
    twins = [each for each in tables.namesakes_of(db, bill) if each["isPaymentCompleted"]]
    if twins and world.faults.on("cancellation-reopens-a-namesake"):
        for twin in twins:
            for detail in twin["demandDetails"]:
                detail["collectionAmount"] = Decimal(0)
            tables.change_demand(db, {**twin, "isPaymentCompleted": False})


def distort(world: World, db: Connection, bill: Document) -> None:
    """Apply the faults that leave a demand other than the payment made it."""
    twins = tables.namesakes_of(db, bill)
    if twins and world.faults.on("namesake-settled"):
        for twin in twins:
            for detail in twin["demandDetails"]:
                detail["collectionAmount"] = detail["taxAmount"]
            tables.change_demand(db, {**twin, "isPaymentCompleted": True})
    short = world.faults.on("demand-settled-short")
    closed = world.faults.on("part-payment-closes-demand")
    if not short and not closed:
        return
    for detail in bill["billDetails"]:
        demand = tables.demand_by_id(db, detail["demandId"])
        if demand is None:
            continue
        if short:
            demand["demandDetails"][0]["collectionAmount"] -= 1
        demand["isPaymentCompleted"] = True
        tables.change_demand(db, demand)
