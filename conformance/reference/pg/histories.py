"""The faults by which a rule depends on a bill: on what happened to it, or is special about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
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
    """What happened to the consumer code of a transaction and its bill, and what is special."""

    retried: bool  # another transaction has failed
    cancelled: bool  # a payment was cancelled
    rest: bool  # part of the demand was paid
    expired: bool
    several: bool  # the transaction itself pays several bills
    joined: bool  # another on its bill that paid several has failed
    periods: bool  # the bill has several
    elsewhere: bool  # it is of another business service than the first
    great: bool  # the amount is
    greater: bool  # it is five times as great
    lent: bool  # somebody pays who does not owe it
    detailed: bool  # the transaction has additional details of its own
    away: bool  # it is of another city than the first
    later_user: bool  # its creator is another than that of the first transaction
    parted: bool  # the transaction pays a part of its bill


@dataclass(frozen=True, slots=True)
class Exemption:
    """A fault that breaks a rule on bills of a certain history."""

    fault: str
    rule: Rule
    when: Callable[[History], bool]


# Of each rule with each history there is a run that comes to it, but for these. A bill that has
# expired takes no second transaction in any case, and its fresh bill has none yet. More than five
# thousand rupees are promised for the owner and the amount alone: what is great stands for them.
# No transaction of another city is late: traces are executed in one city.
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
    Exemption("late-part-refused", "late", lambda each: each.parted),
    Exemption("receipt-of-a-late-failure", "no receipt", lambda each: each.expired),
    Exemption("retry-overlooked", "second", lambda each: each.retried),
    Exemption("transaction-on-the-rest-overlooked", "second", lambda each: each.rest),
    Exemption("owner-check-of-single-bills", "owner", lambda each: each.several),
    Exemption("owner-check-of-bills-tried-alone", "owner", lambda each: each.joined),
    Exemption("success-final-of-single-bills", "success", lambda each: each.several),
    Exemption("failure-final-of-single-bills", "failure", lambda each: each.several),
    Exemption("failure-of-several-ignored", "fails", lambda each: each.several),
    Exemption("success-after-a-joint-failure-ignored", "succeeds", lambda each: each.joined),
    Exemption("amount-of-several-unchecked", "amount", lambda each: each.several),
    Exemption("receipt-of-a-joint-failure", "no receipt", lambda each: each.several),
    Exemption("retry-after-a-joint-failure-overlooked", "second", lambda each: each.joined),
    Exemption("success-of-one-period-final", "success", lambda each: each.periods),
    Exemption("success-of-periods-ignored", "succeeds", lambda each: each.periods),
    Exemption("amount-of-periods-unchecked", "amount", lambda each: each.periods),
    Exemption("failure-of-the-first-service-final", "failure", lambda each: each.elsewhere),
    Exemption("success-of-the-first-service-final", "success", lambda each: each.elsewhere),
    Exemption("failure-of-a-great-amount-ignored", "fails", lambda each: each.great),
    Exemption("success-of-small-amounts-final", "success", lambda each: each.great),
    Exemption("owner-check-of-small-amounts", "owner", lambda each: each.great),
    Exemption("failure-of-small-amounts-final", "failure", lambda each: each.great),
    Exemption("great-transaction-overlooked", "second", lambda each: each.great),
    Exemption("amount-of-great-transactions-unchecked", "amount", lambda each: each.greater),
    Exemption("owner-check-of-payers-who-owe", "owner", lambda each: each.lent),
    Exemption("amount-of-a-helper-unchecked", "amount", lambda each: each.lent),
    Exemption("failure-without-details-final", "failure", lambda each: each.detailed),
    Exemption("transaction-on-a-part-overlooked", "second", lambda each: each.parted),
    Exemption("amount-of-a-part-unchecked", "amount", lambda each: each.parted),
    Exemption("owner-check-of-the-first-city", "owner", lambda each: each.away),
    Exemption("success-of-the-first-city-final", "success", lambda each: each.away),
    Exemption("failure-of-the-first-city-final", "failure", lambda each: each.away),
    Exemption("amount-in-another-city-unchecked", "amount", lambda each: each.away),
    Exemption("owner-check-of-the-first-user", "owner", lambda each: each.later_user),
    Exemption("failure-of-the-first-user-final", "failure", lambda each: each.later_user),
    Exemption("amount-of-later-users-unchecked", "amount", lambda each: each.later_user),
    Exemption("success-in-another-city-ignored", "succeeds", lambda each: each.away),
    Exemption("failure-in-another-city-ignored", "fails", lambda each: each.away),
    Exemption("late-success-in-another-city-refused", "late", lambda each: each.away),
    Exemption("transaction-in-another-city-overlooked", "second", lambda each: each.away),
    Exemption("owner-check-of-up-to-five-thousand", "owner", lambda each: each.greater),
    Exemption("owner-check-of-whole-bills", "owner", lambda each: each.parted),
    Exemption("success-of-whole-demands-final", "success", lambda each: each.rest),
    Exemption("success-of-bills-tried-alone-final", "success", lambda each: each.joined),
    Exemption("success-of-whole-bills-final", "success", lambda each: each.parted),
    Exemption("failure-of-first-attempts-final", "failure", lambda each: each.retried),
    Exemption("failure-of-whole-demands-final", "failure", lambda each: each.rest),
    Exemption("failure-of-bills-tried-alone-final", "failure", lambda each: each.joined),
    Exemption("failure-on-the-rest-ignored", "fails", lambda each: each.rest),
    Exemption("amount-of-the-rest-unchecked", "amount", lambda each: each.rest),
    Exemption("amount-after-a-joint-failure-unchecked", "amount", lambda each: each.joined),
    Exemption("amount-after-a-cancellation-unchecked", "amount", lambda each: each.cancelled),
    Exemption("late-helper-refused", "late", lambda each: each.lent),
    Exemption("late-success-with-details-refused", "late", lambda each: each.detailed),
    Exemption("late-great-amount-refused", "late", lambda each: each.great),
    Exemption("late-success-after-a-joint-failure-refused", "late", lambda each: each.joined),
    Exemption("late-success-of-later-users-refused", "late", lambda each: each.later_user),
)


def exempt(world: World, db: Connection, rule: Rule, transaction: Mapping[str, Any]) -> bool:
    """Whether a fault breaks a rule on the bill of a transaction, for what happened before."""
    broken = [each for each in EXEMPTIONS if each.rule == rule and world.faults.on(each.fault)]
    if not broken:
        return False
    history = history_of(world, db, transaction)
    return any(each.when(history) for each in broken)


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


GREAT: Final = Decimal(1000)
GREATER: Final = Decimal(5000)
UNKNOWN: Final = History(
    retried=False, cancelled=False, rest=False, expired=False, several=False, joined=False,
    periods=False, elsewhere=False, great=False, greater=False, lent=False, detailed=False,
    away=False, later_user=False, parted=False,
)  # fmt: skip


def creator_of(transaction: Mapping[str, Any]) -> str | None:
    """Return the uuid of who created a transaction; None of one that is sent."""
    return (transaction.get("auditDetails") or {}).get("createdBy")


def history_of(world: World, db: Connection, transaction: Mapping[str, Any]) -> History:
    """Return what happened before to the bill of a transaction, which may be one that is sent."""
    bill = billing_tables.bill_by_id(db, transaction["billId"])
    if bill is None:
        return UNKNOWN
    code, own = bill["consumerCode"], transaction.get("txnId") or ""
    lines = billing_tables.lines_demanded(db, bill)
    return History(
        retried=tables.failed_on(db, code, but=own),
        cancelled=payment_tables.withdrawn(db, code),
        rest=any(0 < each["collectionAmount"] < each["taxAmount"] for each in lines),
        expired=expired(bill, world.clock.now()),
        several=len(transaction["taxAndPayments"]) > 1,
        joined=tables.failed_with_others(db, bill["id"], but=own),
        periods=len(bill["billDetails"]) > 1,
        elsewhere=bill["businessService"] != "PT",
        great=Decimal(transaction["txnAmount"]) > GREAT,
        greater=Decimal(transaction["txnAmount"]) > GREATER,
        lent=bill["mobileNumber"] not in {None, transaction["user"]["mobileNumber"]},
        detailed="channel" in (transaction["additionalDetails"] or ()),
        away=bill["tenantId"] != world.masters.cities[0],
        later_user=tables.first_creator(db) not in {None, creator_of(transaction)},
        parted=Decimal(transaction["txnAmount"]) < bill["totalAmount"],
    )
