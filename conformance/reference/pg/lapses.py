"""The faults of time: rules of pg-service that hold for a while only, or at some hours only."""

from collections.abc import Iterator, Mapping
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.pg import tables
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.clock import DAY, MINUTE
from conformance.reference.platform.world import World

Document = dict[str, Any]
HOUR: Final = 60 * MINUTE
# Fault -> the state whose finality is forgotten, and after how many ms.
FINAL_FOR: Final = {
    "success-final-for-an-hour": ("SUCCESS", HOUR),
    "success-final-for-a-day": ("SUCCESS", DAY),
    "failure-final-for-ten-minutes": ("FAILURE", 10 * MINUTE),
    "failure-final-for-three-days": ("FAILURE", 3 * DAY),
}
# Fault -> after how many ms a pending transaction is anybody's.
OWNED_FOR: Final = {"owner-forgotten-after-an-hour": HOUR, "owner-forgotten-after-a-week": 7 * DAY}
# Fault -> after how many ms a transaction succeeds with any amount.
PROMISED_FOR: Final = {"amount-forgotten-after-a-day": DAY}
# Fault -> after how many ms a pending transaction bars no other.
BARRING_FOR: Final = {
    "pending-forgotten-after-half-an-hour": 30 * MINUTE,
    "pending-forgotten-after-a-day": DAY,
}
# Fault -> after how many ms beyond the expiry of its bill a success is refused.
TAKEN_FOR: Final = {"late-success-refused-after-three-days": 3 * DAY}
# Fault -> the hour of the day, in India, from which on receipts are dated at the update.
MISDATED_FROM: Final = {
    "receipts-of-afternoons-dated-at-update": 12,
    "receipts-of-evenings-dated-at-update": 19,
}
SHOWN_FOR: Final = 7 * DAY


def reopened(world: World, stored: Stored) -> bool:
    """Whether a fault has forgotten that a transaction ended."""
    age = world.clock.now() - (stored.document["auditDetails"]["lastModifiedTime"] or 0)
    forgotten = any(
        stored.status == state and age > limit and world.faults.on(name)
        for name, (state, limit) in FINAL_FOR.items()
    )
    if forgotten or stored.status != "SUCCESS":
        return forgotten
    return months_apart(world, stored.document) and world.faults.on("success-final-until-month-end")


def open_to_all(world: World, stored: Stored) -> bool:
    """Whether a fault has forgotten the owner of a transaction."""
    age = age_of(world, stored.document)
    return any(age > limit and world.faults.on(name) for name, limit in OWNED_FOR.items())


def amount_forgotten(world: World, transaction: Mapping[str, Any]) -> bool:
    """Whether a fault has forgotten the amount that a transaction promised."""
    age = age_of(world, transaction)
    return any(age > limit and world.faults.on(name) for name, limit in PROMISED_FOR.items())


def pending_forgotten(world: World, db: Connection, bill_id: str) -> bool:
    """Whether a fault has forgotten that a transaction of a bill is pending."""
    pending = tables.pending_of_bill(db, bill_id)
    youngest = min((age_of(world, each) for each in pending), default=0)
    return any(youngest > limit and world.faults.on(name) for name, limit in BARRING_FOR.items())


def late_refused(world: World, transaction: Mapping[str, Any], bill: Document) -> bool:
    """Whether a fault refuses the success of a transaction whose bill has expired."""
    late = lateness(world, bill)
    if any(late > limit and world.faults.on(name) for name, limit in TAKEN_FOR.items()):
        return True
    return late > 0 and any(world.faults.on(name) for name in odd_lates(transaction, bill))


def odd_lates(transaction: Mapping[str, Any], bill: Mapping[str, Any]) -> Iterator[str]:
    """Name the faults that refuse the late success of such a bill."""
    if len(bill["billDetails"]) > 1:
        yield "late-success-of-two-details-refused"
    if bill["status"] != "ACTIVE":
        yield "late-success-of-replaced-bill-refused"
    if len(transaction["taxAndPayments"]) > 1:
        yield "late-success-of-several-bills-refused"


def misdated(world: World, transaction: Mapping[str, Any]) -> bool:
    """Whether a fault dates the receipt of a transaction at the update, on another day."""
    created, on = world.clock.moment(transaction["auditDetails"]["createdTime"]), world.faults.on
    today = world.clock.moment()
    if created.date() == today.date():
        return False
    years = {each.year - (each.month < 4) for each in (created, today)}
    return (
        any(created.hour >= hour and on(name) for name, hour in MISDATED_FROM.items())
        or (age_of(world, transaction) > 3 * DAY and on("receipt-dated-at-update-after-days"))
        or (months_apart(world, transaction) and on("receipt-dated-at-update-after-month-end"))
        or (len(years) > 1 and on("receipt-dated-at-update-after-year-end"))
    )


def hidden(world: World, transaction: Mapping[str, Any]) -> bool:
    """Whether a fault leaves a transaction out of a search because it is old."""
    return age_of(world, transaction) > SHOWN_FOR and world.faults.on("old-transactions-unseen")


def age_of(world: World, transaction: Mapping[str, Any]) -> int:
    """Return the ms since a transaction was created."""
    created: int = transaction["auditDetails"]["createdTime"]
    return world.clock.now() - created


def months_apart(world: World, transaction: Mapping[str, Any]) -> bool:
    """Whether a month has ended since a transaction was created."""
    created = world.clock.moment(transaction["auditDetails"]["createdTime"])
    today = world.clock.moment()
    return (created.year, created.month) != (today.year, today.month)


def lateness(world: World, bill: Mapping[str, Any]) -> int:
    """Return the ms since a bill expired; negative before."""
    expiry: int = min(detail["expiryDate"] for detail in bill["billDetails"])
    return world.clock.now() - expiry
