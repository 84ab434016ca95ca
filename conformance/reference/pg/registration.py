"""How pg-service has a transaction's payment judged and registered at collections, and dated."""

import copy
from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from conformance.reference.billing import tables as billing_tables
from conformance.reference.collection import payments
from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.lapses import Way
from conformance.reference.collection.receipts import record
from conformance.reference.collection.requests import STOCK_MODES, bind_payment
from conformance.reference.collection.rules import EXPIRED, expired, rounds_up
from conformance.reference.pg import lapses
from conformance.reference.pg.histories import exempt
from conformance.reference.pg.tables import of_bill
from conformance.reference.platform.clock import DAY
from conformance.reference.platform.errors import ServiceProblem, Unhandled, relaying
from conformance.reference.platform.money_calls import refuse_all
from conformance.reference.platform.world import User, World

Document = dict[str, Any]
PROVISIONAL = "PROV_PAYMENT_VALIDATION"
FOUND_UNPAID = "foundUnpaid"  # of a transaction, under a fault: its bills were, a moment ago
SMALL, GREAT = 10, 9_000  # rupees


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
    payer = transaction["user"]
    parts = judged_parts(world, db, transaction)
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
    if len(parts) > 1 and exact(db, parts[:1]) and world.faults.on("second-amount-unjudged"):
        lax = True
    if len(parts) > 1 and world.faults.on("second-bill-withdrawn"):
        late = late or payable(world, db, parts[0]["billId"])
    paid = payment_tables.paid(db, transaction["billId"])
    if paid_beside(world, db, transaction):
        late = again = True
    overlooking = ("counter-payment-overlooked", "success-beside-counter-payment")
    if transaction.get(FOUND_UNPAID) or (paid and any(map(world.faults.on, overlooking))):
        late = again = True
    way: Way = "success" if late else "transaction"
    payments.judge(world, db, payment, user, late=late, amounts=not lax, again=again, way=way)
    return payment


def judged_parts(
    world: World, db: Connection, transaction: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the parts of a transaction that are judged: all, but for a fault."""
    parts = list(transaction["taxAndPayments"])
    known = [part for part in parts if billing_tables.bill_by_id(db, part["billId"])]
    ignored = 0 < len(known) < len(parts) and world.faults.on("unknown-second-bill-ignored")
    return known if ignored else parts


def payable(world: World, db: Connection, bill_id: str) -> bool:
    """Whether a bill is the one that is offered now."""
    bill = billing_tables.bill_by_id(db, bill_id)
    if bill is None:
        return False
    return bill["status"] == "ACTIVE" and not expired(bill, world.clock.now())


def paid_beside(world: World, db: Connection, transaction: Mapping[str, Any]) -> bool:
    """Whether a transaction pays a paid bill beside its own, and a fault overlooks that."""
    others = [part["billId"] for part in transaction["taxAndPayments"]]
    return (
        any(payment_tables.paid(db, id_) for id_ in others)
        and not payment_tables.paid(db, transaction["billId"])
        and world.faults.on("paid-second-bill-overlooked")
    )


def paid_since(db: Connection, transaction: Mapping[str, Any]) -> bool:
    """Whether a bill of a transaction was paid since a fault judged it."""
    bills = [part["billId"] for part in transaction["taxAndPayments"]]
    return FOUND_UNPAID in transaction and any(payment_tables.paid(db, id_) for id_ in bills)


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
    if without_receipt(world, db, transaction, bill):
        return None
    late = bill is not None and expired(bill, world.clock.now())
    if late and world.faults.on("late-success-without-receipt"):
        return None
    if bill and rounds_up(bill["totalAmount"]) and world.faults.on("paise-rounded-away"):
        return None
    if late and (world.faults.on("late-success-refused") or exempt(world, db, "late", transaction)):
        raise ServiceProblem(EXPIRED)
    if bill and lapses.late_refused(world, transaction, bill):
        raise ServiceProblem(EXPIRED)
    payment = checked_payment(
        world, db, transaction, user, late=True, number=transaction["txnId"], again=not claims
    )
    garble(world, payment, bill)
    earlier = payment_tables.on_code(db, bill["consumerCode"]) if bill else []
    if earlier and world.faults.on("receipt-to-the-earlier-payer"):
        payment |= {key: earlier[-1][key] for key in ("paidBy", "payerName")}
    dated = receipt_date(world, transaction, bill, late=late)
    paid = payment_tables.paid(db, transaction["billId"])
    if paid and world.faults.on("success-beside-counter-payment"):
        return None
    if paid and world.faults.on("counter-payment-overlooked"):
        claims = False
    if paid_beside(world, db, transaction) or paid_since(db, transaction):
        claims = False
    if world.faults.on("shadow-receipt"):
        shadow = copy.deepcopy(payment) | {"transactionNumber": f"X{transaction['txnId']}"}
        record(world, db, shadow, user, dated=dated, claims=False)
    if payment["paymentDetails"][1:] and world.faults.on("receipts-of-several-made-apart"):
        return apart(world, db, payment, user, dated)
    return record(world, db, payment, user, dated=dated, claims=claims)


def apart(world: World, db: Connection, payment: Document, user: User, dated: int) -> Document:
    """Store a payment for each bill, and return the first (a fault)."""
    payments = [
        copy.deepcopy(payment)
        | {"paymentDetails": [detail], "totalAmountPaid": detail["totalAmountPaid"]}
        for detail in payment["paymentDetails"]
    ]
    first, *_ = [record(world, db, each, user, dated=dated) for each in payments]
    return first


def receipt_date(
    world: World, transaction: Mapping[str, Any], bill: Document | None, *, late: bool
) -> int:
    """Return the date of a transaction's receipt in epoch ms: its creation, to the millisecond."""
    created: int = transaction["auditDetails"]["createdTime"]
    faults, now = world.faults, world.clock.now()
    if faults.on("receipt-dated-at-update"):
        return now
    if lapses.misdated(world, transaction):
        return now
    if late and faults.on("late-receipt-dated-at-update"):
        return now
    if faults.on("receipt-dated-utc-day"):
        return created - created % DAY
    if faults.on("receipt-dated-day-only"):
        midnight = world.clock.moment(created).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) * 1000
    if faults.on("receipt-dated-at-bill") and bill is not None:
        return int(bill["billDate"])
    return created


def without_receipt(
    world: World, db: Connection, transaction: Mapping[str, Any], bill: Document | None
) -> bool:
    """Whether a fault makes no receipt on such a bill, or over such an amount."""
    on, bill_id = world.faults.on, transaction["billId"]
    amount = sum(part["amountPaid"] for part in transaction["taxAndPayments"])
    if bill is None:
        return False
    return (
        (amount < SMALL and on("small-amounts-without-receipt"))
        or (amount > GREAT and on("large-amounts-without-receipt"))
        or (failed_before(db, bill_id) and on("retry-without-receipt"))
        or (bool(bill["billDetails"][1:]) and on("periods-without-receipt"))
        or (payment_tables.withdrawn(db, bill["consumerCode"]) and on("cancellation-ends-receipts"))
        or (collected_before(db, bill) and on("rest-without-receipt"))
        or (bill["tenantId"] != world.masters.cities[0] and on("other-cities-without-receipt"))
    )


def failed_before(db: Connection, bill_id: str) -> bool:
    """Whether another transaction of a bill has failed."""
    return "FAILURE" in of_bill(db, bill_id)


def collected_before(db: Connection, bill: Document) -> bool:
    """Whether something has been collected on a demand of a bill."""
    return any(each["collectionAmount"] for each in billing_tables.lines_demanded(db, bill))


def garble(world: World, payment: Document, bill: Document | None) -> None:
    """Apply the faults that leave a receipt other than its transaction."""
    owner = (bill or {}).get("payerName")
    if owner and world.faults.on("receipt-to-the-owner"):
        payment |= {"paidBy": owner, "payerName": owner}
    services = {detail["businessService"] for detail in payment["paymentDetails"]}
    if services != {"PT"} and world.faults.on("receipt-service-fixed"):
        for detail in payment["paymentDetails"]:
            detail["businessService"] = "PT"
    if payment["paymentDetails"][1:] and world.faults.on("second-bill-without-receipt"):
        del payment["paymentDetails"][1:]
        payment["totalAmountPaid"] = payment["paymentDetails"][0]["totalAmountPaid"]
    if payment["totalAmountPaid"] % 10 == 9 and world.faults.on("receipt-in-tens"):
        payment["totalAmountPaid"] -= 9
        payment["paymentDetails"][0]["totalAmountPaid"] -= 9
    if world.faults.on("receipt-mode-card"):
        payment["paymentMode"] = "CARD"
    if world.faults.on("receipt-mobile-wrong"):
        payment["mobileNumber"] = "9123456780"
    if world.faults.on("receipt-payer-wrong"):
        payment |= {"paidBy": "Somebody Else", "payerName": "Somebody Else"}
    for detail in payment["paymentDetails"]:
        if world.faults.on("receipt-with-another-bill-number"):
            detail["bill"]["billNumber"] = f"BILL-{detail['billId'][:8]}"
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
