"""The faults by which a rule depends on what happened to the bill of a transaction before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Final, Literal

from conformance.reference.billing import tables as billing_tables
from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.rules import expired
from conformance.reference.payment_gateways.outcomes import State
from conformance.reference.pg import tables
from conformance.reference.pg.confirmation import INITIATED, MISMATCH, SUCCESSFUL
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.world import World

Rule = Literal["owner", "success", "failure", "succeeds", "fails", "amount", "late", "no receipt",
               "second"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened before, to the consumer code of a transaction and to its bill."""

    retried: bool  # another transaction has failed
    cancelled: bool  # a payment was cancelled
    rest: bool  # part of the demand was paid
    expired: bool


@dataclass(frozen=True, slots=True)
class Exemption:
    """A fault that breaks a rule on bills of a certain history."""

    fault: str
    rule: Rule
    when: Callable[[History], bool]


EXEMPTIONS: Final = (
    Exemption("owner-check-of-first-attempts", "owner", lambda each: each.retried),
    Exemption("owner-check-until-a-cancellation", "owner", lambda each: each.cancelled),
    Exemption("owner-check-of-whole-demands", "owner", lambda each: each.rest),
    Exemption("owner-check-until-expiry", "owner", lambda each: each.expired),
    Exemption("success-final-until-expiry", "success", lambda each: each.expired),
    Exemption("failure-final-until-expiry", "failure", lambda each: each.expired),
    Exemption("failure-final-until-a-cancellation", "failure", lambda each: each.cancelled),
    Exemption("retry-stays-pending", "succeeds", lambda each: each.retried),
    Exemption("retry-cannot-fail", "fails", lambda each: each.retried),
    Exemption("late-failure-ignored", "fails", lambda each: each.expired),
    Exemption("amount-of-a-retry-unchecked", "amount", lambda each: each.retried),
    Exemption("amount-of-a-late-report-unchecked", "amount", lambda each: each.expired),
    Exemption("late-retry-refused", "late", lambda each: each.retried),
    Exemption("late-rest-refused", "late", lambda each: each.rest),
    Exemption("late-success-after-a-cancellation-refused", "late", lambda each: each.cancelled),
    Exemption("receipt-of-a-late-failure", "no receipt", lambda each: each.expired),
    Exemption("retry-overlooked", "second", lambda each: each.retried),
    Exemption("transaction-on-the-rest-overlooked", "second", lambda each: each.rest),
)


def exempt(world: World, db: Connection, rule: Rule, transaction: Mapping[str, Any]) -> bool:
    """Whether a fault breaks a rule on the bill of a transaction, for what happened before."""
    history = history_of(world, db, transaction)
    return any(
        each.rule == rule and each.when(history) and world.faults.on(each.fault)
        for each in EXEMPTIONS
    )


def diverted(
    world: World, db: Connection, stored: Stored, decided: tuple[State, str]
) -> tuple[State, str]:
    """Return the state and message that a report leads to: those decided, but for faults."""
    if decided == MISMATCH and exempt(world, db, "amount", stored.document):
        return SUCCESSFUL
    rule: Rule = "succeeds" if decided[0] == "SUCCESS" else "fails"
    if decided[0] != "PENDING" and exempt(world, db, rule, stored.document):
        return INITIATED
    return decided


def history_of(world: World, db: Connection, transaction: Mapping[str, Any]) -> History:
    """Return what happened before to the bill of a transaction, which may be one that is sent."""
    bill = billing_tables.bill_by_id(db, transaction["billId"])
    if bill is None:
        return History(retried=False, cancelled=False, rest=False, expired=False)
    code, own = bill["consumerCode"], transaction.get("txnId") or ""
    demands = [billing_tables.demand_by_id(db, each["demandId"]) for each in bill["billDetails"]]
    details = [detail for demand in demands if demand for detail in demand["demandDetails"]]
    return History(
        retried=tables.failed_on(db, code, but=own),
        cancelled=payment_tables.withdrawn(db, code),
        rest=any(0 < each["collectionAmount"] < each["taxAmount"] for each in details),
        expired=expired(bill, world.clock.now()),
    )
