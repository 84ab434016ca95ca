"""How pg-service has a transaction's payment judged and registered at collections, and dated."""

import copy
from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from conformance.reference.billing import tables as billing_tables
from conformance.reference.collection import payments
from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.receipts import record
from conformance.reference.collection.requests import STOCK_MODES, bind_payment
from conformance.reference.collection.rules import EXPIRED, expired, rounds_up
from conformance.reference.platform.clock import DAY
from conformance.reference.platform.errors import ServiceProblem, Unhandled, relaying
from conformance.reference.platform.money_calls import refuse_all
from conformance.reference.platform.world import User, World

Document = dict[str, Any]
PROVISIONAL = "PROV_PAYMENT_VALIDATION"


@relaying()
def checked_payment(
    world: World,
    db: Connection,
    transaction: Mapping[str, Any],
    user: User,
    *,
    late: bool,
    number: str = PROVISIONAL,
    again: bool = False,
) -> Document:
    """Return the ONLINE payment of a transaction, judged; raises what collections refuses.

    `late`: the bill was payable when the transaction was made, and need not be so any more.
    `again`: a fault pays the bill once more.
    """
    payer, parts = transaction["user"], transaction["taxAndPayments"]
    requested = {
        "tenantId": transaction["tenantId"],
        "totalAmountPaid": sum(part["amountPaid"] for part in parts),
        "transactionNumber": number,
        "instrumentNumber": number,
        "paymentMode": "ONLINE",
        "paymentDetails": [
            {"billId": part["billId"], "totalAmountPaid": part["amountPaid"]} for part in parts
        ],
        "paidBy": payer["name"],
        "mobileNumber": payer["mobileNumber"],
        "payerName": payer["name"],
        "additionalDetails": transaction["additionalDetails"],
    }
    body = {"RequestInfo": {}, "Payment": requested}
    bound = bind_payment(body, STOCK_MODES, name_pattern=world.lineage.name_pattern)
    refuse_all(bound.breaches)
    payment: Document = bound.value["payment"]
    lax = not exact(db, parts) and world.faults.on("any-amount-accepted")
    paid = payment_tables.paid(db, transaction["billId"])
    overlooking = ("counter-payment-overlooked", "success-beside-counter-payment")
    if paid and any(world.faults.on(name) for name in overlooking):
        late = again = True
    payments.judge(world, db, payment, user, late=late, amounts=not lax, again=again)
    return payment


def exact(db: Connection, parts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each part of a transaction pays the amount of its bill."""
    bills = [billing_tables.bill_by_id(db, part["billId"]) for part in parts]
    return all(
        bill is not None and bill["totalAmount"] == part["amountPaid"]
        for bill, part in zip(bills, parts, strict=True)
    )


@relaying()
def register(
    world: World, db: Connection, transaction: Document, user: User, *, claims: bool = True
) -> Document | None:
    """Register a transaction's payment, dated at its creation; return it (RCP-01, RCP-02, RCP-04).

    Raises ServiceProblem where collections refuses; None where a fault makes no receipt.
    """
    if world.faults.on("receipt-missing"):
        return None
    bill = billing_tables.bill_by_id(db, transaction["billId"])
    late = bill is not None and expired(bill, world.clock.now())
    if late and world.faults.on("late-success-without-receipt"):
        return None
    if bill and rounds_up(bill["totalAmount"]) and world.faults.on("paise-rounded-away"):
        return None
    if late and world.faults.on("late-success-refused"):
        raise ServiceProblem(EXPIRED)
    payment = checked_payment(
        world, db, transaction, user, late=True, number=transaction["txnId"], again=not claims
    )
    garble(world, payment)
    dated = receipt_date(world, transaction, bill, late=late)
    paid = payment_tables.paid(db, transaction["billId"])
    if paid and world.faults.on("success-beside-counter-payment"):
        return None
    if paid and world.faults.on("counter-payment-overlooked"):
        claims = False
    if world.faults.on("shadow-receipt"):
        shadow = copy.deepcopy(payment) | {"transactionNumber": f"X{transaction['txnId']}"}
        record(world, db, shadow, user, dated=dated, claims=False)
    return record(world, db, payment, user, dated=dated, claims=claims)


def receipt_date(
    world: World, transaction: Mapping[str, Any], bill: Document | None, *, late: bool
) -> int:
    """Return the date of a transaction's receipt in epoch ms: its creation, to the millisecond."""
    created: int = transaction["auditDetails"]["createdTime"]
    faults, now = world.faults, world.clock.now()
    if faults.on("receipt-dated-at-update"):
        return now
    if faults.on("late-receipt-dated-at-update") and late:
        return now
    if faults.on("receipt-dated-utc-day"):
        return created - created % DAY
    if faults.on("receipt-dated-day-only"):
        midnight = world.clock.moment(created).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) * 1000
    if faults.on("receipt-dated-at-bill") and bill is not None:
        return int(bill["billDate"])
    return created


def garble(world: World, payment: Document) -> None:
    """Apply the faults that leave a receipt other than its transaction."""
    if world.faults.on("receipt-mode-card"):
        payment["paymentMode"] = "CARD"
    if world.faults.on("receipt-mobile-wrong"):
        payment["mobileNumber"] = "9123456780"
    if world.faults.on("receipt-payer-wrong"):
        payment |= {"paidBy": "Somebody Else", "payerName": "Somebody Else"}
    if world.faults.on("receipt-amount-short"):
        payment["totalAmountPaid"] -= 1
        payment["paymentDetails"][0]["totalAmountPaid"] -= 1


def swallowing(world: World, db: Connection, transaction: Document, user: User) -> Document | None:
    """Register a payment as a line does that lets success stand when collections refuses."""
    db.execute("SAVEPOINT registration")
    try:
        return register(world, db, transaction, user)
    except (ServiceProblem, Unhandled):
        db.execute("ROLLBACK TO registration")
        return None
    finally:
        db.execute("RELEASE registration")
