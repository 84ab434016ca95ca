"""A payment becomes a receipt: numbers, dates, statuses, the row, and its effect on billing."""

import html
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing.advances import advance_head
from conformance.reference.billing.settlement import settle_bill
from conformance.reference.billing.tables import next_number
from conformance.reference.collection import tables
from conformance.reference.collection.bills import advance_line
from conformance.reference.collection.distortions import as_kept
from conformance.reference.collection.lapses import LAPSES
from conformance.reference.collection.requests import ELECTRONIC, TRANSFERS
from conformance.reference.collection.rules import ALREADY_PAID, DAY
from conformance.reference.platform import ids
from conformance.reference.platform.amounts import fits_column
from conformance.reference.platform.errors import ServiceProblem
from conformance.reference.platform.store import IntegrityError
from conformance.reference.platform.world import User, World
from conformance.reference.user.payers import payer_account

Document = dict[str, Any]
NOT_APPORTIONED: Final = ("APPORTIONING_FAILED_CODE", "The advance has no tax head of its own")
OVERFLOW: Final = ("PAYMENT_CREATION_FAILED", "numeric field overflow")
COLUMN, ADDRESS_COLUMN, NUMBER_COLUMN = 50, 250, 64  # characters of texts that faults keep
# Fault -> the period in which numbers begin anew once the first one is over, and what they show.
PERIODS: Final[Mapping[str, tuple[Callable[[datetime], str], str]]] = {
    "receipt-numbers-restart-daily": (lambda day: f"{day:%Y-%m-%d}", "%m"),
    "receipt-numbers-restart-monthly": (lambda day: f"{day:%Y-%m}", "%Y"),
    "receipt-numbers-restart-yearly": (lambda day: f"{day.year - (day.month < 4)}", "%m"),
}
PEEKED: Final = "numberBefore"  # of a payment, under a fault: the latest number when it was judged
DIGITS: Final = random.SystemRandom()
DATED_BY_SERVICE: Final = ELECTRONIC | {"CASH", "BBPS"}


def record(
    world: World,
    db: Connection,
    payment: Document,
    user: User,
    *,
    dated: int | None = None,
    claims: bool = True,
) -> Document:
    """Store a judged payment and settle its bills; return it, enriched.

    `dated` (epoch ms) is the receipt's date where a transaction dictates it (RCP-02); else now.
    `claims` is false where a fault makes a second receipt for a bill.
    Raises ServiceProblem when another payment claimed a bill first.
    """
    if not fits_column(payment["totalAmountPaid"]):
        raise ServiceProblem(OVERFLOW)
    now = world.clock.now()
    moment = now if dated is None else dated
    by = str(user["id"])
    payment["id"] = ids.new_id(world)
    payment["auditDetails"] = {
        "createdBy": by,
        "createdTime": now,
        "lastModifiedBy": by,
        "lastModifiedTime": now,
    }
    enrich_instrument(payment, moment)
    payment["payerId"] = payer_id(world, payment, user)
    payment["fileStoreId"] = None
    store_otherwise(world, payment)
    for position, detail in enumerate(payment["paymentDetails"]):
        late = position > 0 and moment != now and world.faults.on("second-receipt-dated-at-update")
        enrich_detail(world, db, payment, detail, now if late else moment)
        settle_detail(world, db, payment, detail, position, by=user["uuid"])
    payment.pop(PEEKED, None)
    try:
        stored = as_kept(world, payment)
        tables.add_payment(db, stored, claims=claimed(world, db, payment) if claims else ())
    except IntegrityError:
        raise ServiceProblem(ALREADY_PAID) from None
    return payment


# Faults that let a bill be paid which a payment has claimed.
PAID_AGAIN: Final = (
    "bill-paid-twice",
    "payment-race",
    "payment-of-several-race",
    "cancelled-once-paid-again",
    "paid-long-ago-paid-again",
    *(lapse.fault for lapse in LAPSES if "paid" in lapse.rules),
)


def taken_again(world: World, db: Connection, bill: Mapping[str, Any]) -> bool:
    """Whether a bill is taken for one that was not paid (faults)."""
    code, on = bill["consumerCode"], world.faults.on
    if tables.withdrawn(db, code) and on("cancelled-once-paid-again"):
        return True
    dates = [each["transactionDate"] for each in tables.on_code(db, code)]
    old = bool(dates) and min(dates) < world.clock.now() - DAY
    return old and on("paid-long-ago-paid-again")


def claimed(world: World, db: Connection, payment: Document) -> list[str]:
    """Return the bills that a payment claims: all, but for faults."""
    ids = [detail["billId"] for detail in payment["paymentDetails"]]
    if len(ids) > 1 and world.faults.on("later-bill-not-claimed"):
        ids = ids[:1]
    unpaid = [id_ for id_ in ids if not tables.paid(db, id_)]
    again = unpaid != ids and (
        any(world.faults.on(name) for name in PAID_AGAIN) or overtaken(world, db, ids)
    )
    return unpaid if again else ids


def overtaken(world: World, db: Connection, ids: Sequence[str]) -> bool:
    """Whether a fault takes a payment whose bill a transaction paid since it was judged."""
    by_transaction = any(tables.number_of_payer(db, id_).startswith("PB_PG") for id_ in ids)
    return by_transaction and world.faults.on("counter-payment-races-success")


def store_otherwise(world: World, payment: Document) -> None:
    """Apply the faults that store the texts of a payment otherwise than they were sent."""
    on, number = world.faults.on, payment["instrumentNumber"]
    for key in ("paidBy", "payerName"):
        text = payment[key] or ""
        if "'" in text and on("apostrophe-doubled"):
            payment[key] = text.replace("'", "''")
        if len(text) > COLUMN and on("long-name-cut"):
            payment[key] = text[:COLUMN]
        if "  " in text and on("blanks-of-name-joined"):
            payment[key] = " ".join(text.split())
    address = payment["payerAddress"] or ""
    if len(address) > ADDRESS_COLUMN and on("long-address-cut"):
        payment["payerAddress"] = address[:ADDRESS_COLUMN]
    if not address.isascii() and on("address-in-latin-letters"):
        payment["payerAddress"] = address.encode("ascii", "replace").decode()
    if html.escape(address) != address and on("address-escaped"):
        payment["payerAddress"] = html.escape(address)
    if "\n" in address and on("address-in-one-line"):
        payment["payerAddress"] = " ".join(address.split())
    if number and len(number) > NUMBER_COLUMN and on("long-numbers-cut"):
        payment["instrumentNumber"] = number[:NUMBER_COLUMN]
    if number and number.startswith("0") and on("leading-zeros-lost"):
        payment["instrumentNumber"] = number.lstrip("0")


def enrich_instrument(payment: Document, moment: int) -> None:
    """Set dates, transaction number and statuses as the mode has them (times in epoch ms)."""
    mode = payment["paymentMode"]
    payment["transactionDate"] = moment
    if mode in DATED_BY_SERVICE:
        payment["instrumentDate"] = moment
    if mode in {"CASH", "BBPS"}:
        city = payment["tenantId"].rpartition(".")[2]
        payment["transactionNumber"] = f"{city}{DIGITS.randrange(10**10):010d}"
    settled = mode in ELECTRONIC
    payment["instrumentStatus"] = "REMITTED" if settled else "APPROVED"
    payment["paymentStatus"] = "DEPOSITED" if settled else "NEW"


def payer_id(world: World, payment: Document, user: User) -> str | None:
    """Return the payer's uuid: a citizen pays for himself, others for the mobile number's owner."""
    if user["type"] == "CITIZEN":
        return str(user["uuid"])
    if not payment["mobileNumber"]:
        return None
    name = payment["payerName"] or payment["paidBy"]
    return str(payer_account(world, name, payment["mobileNumber"], payment["payerEmail"])["uuid"])


def enrich_detail(
    world: World, db: Connection, payment: Document, detail: Document, moment: int
) -> None:
    """Give a detail its id, receipt number and date."""
    detail["id"] = ids.new_id(world)
    detail["paymentId"] = None
    detail["receiptDate"] = moment
    detail["receiptNumber"] = receipt_number(world, db, payment, detail)
    detail["auditDetails"] = dict(payment["auditDetails"])


def receipt_number(world: World, db: Connection, payment: Document, detail: Document) -> str:
    """Return the next receipt number; faults count apart what it does not show."""
    on, sequence, today = world.faults.on, "receipt", world.clock.moment()
    first = tables.first_payment(db)
    for name, (period, shown) in PERIODS.items():
        over = first is not None and period(world.clock.moment(first)) != period(today)
        if over and on(name):
            return f"{today:{shown}}/{next_number(db, f'receipt {period(today)}'):06d}"
    if on("receipt-numbers-per-service"):
        sequence += f" of {detail['businessService']}"
    if on("receipt-numbers-per-mode"):
        sequence += f" in {payment['paymentMode']}"
    if on("receipt-numbers-per-city"):
        sequence += f" of {detail['tenantId']}"
    number = next_number(db, sequence)
    if PEEKED in payment:  # by a fault, before others took theirs
        payment[PEEKED] += 1
        number = payment[PEEKED]
    return ids.receipt_number(world, 1 if on("receipt-numbers-repeat") else number)


def settle_detail(
    world: World, db: Connection, payment: Document, detail: Document, position: int, *, by: str
) -> None:
    """Let a detail's amount settle its bill; an advance becomes a line of the bill."""
    on = world.faults.on
    bill: Document = detail["bill"]
    paid: Decimal = detail["totalAmountPaid"]
    bill["amountPaid"] = paid
    head = advance_head(world, bill["businessService"])
    beyond = paid > bill["totalAmount"] and not world.faults.on("advance-accepted")
    if beyond and head is None:
        raise ServiceProblem(NOT_APPORTIONED)
    if payment["paymentMode"] == "CHEQUE" and on("cheque-settles-nothing"):
        return
    if payment["paymentMode"] == "DD" and on("bill-paid-by-draft-stays-due"):
        return
    if payment["paymentMode"] in TRANSFERS and on("bill-paid-by-transfer-stays-due"):
        return
    if position > 0 and on("later-bill-stays-due"):
        return
    marks = not (position > 0 and on("later-bill-not-claimed"))
    surplus = settle_bill(world, db, bill, paid, payment_id=payment["id"], by=by, marks=marks)
    if surplus > 0:
        last = bill["billDetails"][-1]
        line = advance_line(last, head, surplus)
        last["billAccountDetails"].append(line)
