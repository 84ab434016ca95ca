"""Advance money: what was paid beyond the due waits on the demand and is used by the next one."""

import uuid
from decimal import Decimal
from sqlite3 import Connection
from typing import Any

from conformance.reference.billing import tables
from conformance.reference.billing.bill_making import audit, due_of, outstanding
from conformance.reference.platform.amounts import ZERO
from conformance.reference.platform.world import World

Document = dict[str, Any]


def advance_head(world: World, service: str) -> str | None:
    """Return the tax head of a service that carries advances, or None."""
    rows = world.masters.tax_heads(service)
    return next((row["code"] for row in rows if row["category"] == "ADVANCE_COLLECTION"), None)


def keep_advance(
    world: World, db: Connection, bill: Document, amount: Decimal, *, payment_id: str, by: str
) -> None:
    """Keep an advance as a negative detail of the bill's last demand, where its service has one."""
    head = advance_head(world, bill["businessService"])
    demand = tables.demand_by_id(db, bill["billDetails"][-1]["demandId"])
    if head is None or demand is None or amount <= 0:
        return
    demand["demandDetails"].append(
        {
            "id": str(uuid.uuid4()),
            "demandId": demand["id"],
            "taxHeadMasterCode": head,
            "taxAmount": -amount,
            "collectionAmount": ZERO,
            "additionalDetails": {"paymentId": payment_id},
            "auditDetails": audit(by, world.clock.now()),
            "tenantId": demand["tenantId"],
        }
    )
    tables.change_demand(db, demand)


def credit_for(world: World, db: Connection, demand: Document, *, by: str, now: int) -> None:
    """Use earlier advances of a consumer code for a new demand, before it is stored."""
    head = advance_head(world, demand["businessService"])
    if head is None:
        return
    place = demand["tenantId"], demand["businessService"], [demand["consumerCode"]]
    for former in tables.demands_of(db, *place):
        used = ZERO
        for detail in former["demandDetails"]:
            if detail["taxHeadMasterCode"] == head and due_of(detail) < 0:
                part = take_credit(demand, -due_of(detail))
                detail["collectionAmount"] -= part
                used += part
        if used:
            former["auditDetails"] |= {"lastModifiedBy": by, "lastModifiedTime": now}
            tables.change_demand(db, former)


def take_credit(demand: Document, credit: Decimal) -> Decimal:
    """Count a credit as collected on a demand's positive details; return how much was used."""
    left = credit
    for detail in demand["demandDetails"]:
        due = due_of(detail)
        if due > 0 and left > 0:
            part = min(due, left)
            detail["collectionAmount"] += part
            left -= part
    demand["isPaymentCompleted"] = outstanding(demand) == 0 and left < credit
    return credit - left


def withdraw_advance(db: Connection, bill: Document, payment_id: str) -> bool:
    """Take a payment's advance back; False when a later demand has used some of it."""
    for detail in bill["billDetails"]:
        demand = tables.demand_by_id(db, detail["demandId"])
        if demand is None:
            continue
        kept = [each for each in demand["demandDetails"] if not of_payment(each, payment_id)]
        own = [each for each in demand["demandDetails"] if of_payment(each, payment_id)]
        if any(each["collectionAmount"] != 0 for each in own):
            return False
        if own:
            demand["demandDetails"] = kept
            tables.change_demand(db, demand)
    return True


def of_payment(detail: Document, payment_id: str) -> bool:
    """Whether a demand detail is the advance of a payment."""
    extra = detail["additionalDetails"]
    return isinstance(extra, dict) and extra.get("paymentId") == payment_id
