"""Updating a transaction: only by its owner, and nothing changes once it has ended."""

import time
from dataclasses import replace
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.payments import RACE_PAUSE, overtaken_by_none
from conformance.reference.collection.rules import EXPIRED
from conformance.reference.payment_gateways.outcomes import (
    STATUS_REQUESTS,
    NoOutcome,
    Outcome,
    State,
    outcome_in_parameters,
    requested_outcome,
)
from conformance.reference.pg import lookups, tables
from conformance.reference.pg.answers import wrapped
from conformance.reference.pg.confirmation import (
    INITIATED,
    MISMATCH,
    Report,
    decided,
    merged,
)
from conformance.reference.pg.finality import final, meddle
from conformance.reference.pg.histories import diverted, exempt, history_of
from conformance.reference.pg.ownership import Attempt, is_owner
from conformance.reference.pg.registration import FOUND_UNPAID, register, swallowing
from conformance.reference.pg.requests import as_stored
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.amounts import ZERO, amount_of
from conformance.reference.platform.clock import DAY
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.money_calls import caller_of
from conformance.reference.platform.world import Call, Reply, User, World

Document = dict[str, Any]
NOT_OWNER: Final = (
    "TXN_UPDATE_NOT_OWNER",
    "Only the user who created the transaction may update it",
)
FINAL: Final = ("TXN_ALREADY_FINAL", "The transaction has ended and cannot be updated")
SUNDAY: Final = 7  # as ISO 8601 counts days
UNREADABLE: Final = "An unhandled exception occurred in tracer handler"
UNREACHED: Final = {
    "PAYTM": ("UNABLE_TO_FETCH_STATUS", "Unable to fetch status from Paytm gateway"),
}


def update(world: World, call: Call) -> Reply:
    """Take the outcome of a transaction: 200 with an array of one (TXN-05 to TXN-12)."""
    refuse_method(world, call)
    parameters = {name: values[0] for name, values in call.query.items()}
    found = lookups.tidied(world, parameters)
    stored = found or lookups.named(world, parameters)
    if stored is None:
        return Reply(body=wrapped(call, []))
    user = caller_of(call)
    stranger = False
    if found is None:
        attempt = Attempt(call=call, parameters=parameters, stored=stored, user=user)
        stranger = refuse_stranger(world, attempt)
    if stranger:
        return Reply(body=wrapped(call, [as_stored(stored.document)]))
    stored = lookups.other(world, call, parameters, stored)
    outcome = outcome_of(world, stored, parameters)
    report = Report(call=call, parameters=parameters, outcome=outcome)
    if outcome.state == "PENDING" and world.variations.on("open-outcome-400"):
        raise ServiceProblem(("TXN_UPDATE_NO_OUTCOME", "The update brings no outcome"))
    if call.method == "GET" and world.faults.on("terminal-guard-post-only"):
        with world.store.transaction() as db:
            return Reply(body=wrapped(call, [applied(world, db, stored, report, user)]))
    bills = [part["billId"] for part in stored.document["taxAndPayments"]]
    with overtaken_by_none(world, bills):
        return Reply(body=wrapped(call, [finish(world, stored, report, user)]))


METHODS: Final = ("POST", "GET")
OTHER_METHODS: Final = ("HEAD", "PUT", "PATCH", "DELETE")  # which only a fault serves


def refuse_method(world: World, call: Call) -> None:
    """Refuse the methods that are none of an update, as the framework does."""
    if call.method in OTHER_METHODS and not world.faults.on("owner-check-not-by-other-methods"):
        verb = "is not supported" if "pg-service" in world.lineage.newer else "not supported"
        text = f"Request method '{call.method}' {verb}"
        raise Unhandled("HttpRequestMethodNotSupportedException", text)


def refuse_stranger(world: World, attempt: Attempt) -> bool:
    """Refuse everybody but the owner (TXN-08); return whether a fault shows him the record."""
    if is_owner(world, attempt):
        return False
    stored = attempt.stored
    if world.faults.on("refused-stranger-leaves-trace"):
        with world.store.transaction() as db:
            tables.change(db, stored, signed(world, stored.document, attempt.user), lag_ms=0)
    if stored.status != "PENDING" and world.faults.on("ended-is-shown-to-strangers"):
        return True
    raise ServiceProblem(NOT_OWNER)


def outcome_of(world: World, stored: Stored, parameters: dict[str, str]) -> Outcome:
    """Learn what became of a transaction, from its payment gateway's side."""
    transaction = stored.document
    gateway = transaction["gateway"]
    try:
        if gateway in STATUS_REQUESTS:
            promised = amount_of(transaction["txnAmount"]) or ZERO
            url = world.settings.simulator_url
            return requested_outcome(gateway, url, transaction["txnId"], promised)
        return outcome_in_parameters(parameters)
    except NoOutcome:
        if gateway in STATUS_REQUESTS:
            if gateway in UNREACHED:
                raise ServiceProblem(UNREACHED[gateway]) from None
            raise Unhandled("TracerException", text=UNREADABLE) from None
        if world.faults.on("unreadable-amount-unstated"):
            return outcome_in_parameters(parameters | {"txnAmount": ""})
        raise Unhandled("NumberFormatException") from None


def finish(world: World, stored: Stored, report: Report, user: User) -> Document:
    """Bring a transaction to the state of its outcome; what has ended stays as it is."""
    by_get = report.call.method == "GET" and world.faults.on("update-race-by-get")
    racing = by_get or world.faults.on("terminal-guard-race")
    if racing:
        with world.store.transaction() as db:
            ended = final(world, db, stored, report)
        if ended:
            raise ServiceProblem(FINAL)
        time.sleep(RACE_PAUSE)
    report = judged_before(world, stored, report)
    with world.store.transaction() as db:
        current = tables.find(db, stored.document["txnId"]) or stored
        refused = not racing and final(world, db, current, report)
        if refused:
            meddle(world, db, current, report, user)
            updated: Document = {}
        else:
            updated = applied(world, db, current, report, user)
    if refused and stored_again(world, current, report):
        return as_stored(current.document) | {"txnAmount": current.document["txnAmount"]}
    if refused:
        raise ServiceProblem(FINAL)
    return updated


def judged_before(world: World, stored: Stored, report: Report) -> Report:
    """Return a report of success with what a fault judges of its bills, some time before it."""
    if report.outcome.state != "SUCCESS" or not world.faults.on("success-races-counter-payment"):
        return report
    bills = [part["billId"] for part in stored.document["taxAndPayments"]]
    with world.store.transaction() as db:
        unpaid = not any(payment_tables.paid(db, id_) for id_ in bills)
    time.sleep(RACE_PAUSE)
    return replace(report, unpaid=unpaid)


def stored_again(world: World, current: Stored, report: Report) -> bool:
    """Whether the same outcome is answered again, for a transaction that ended with it."""
    if not world.variations.on("repeated-update-200"):
        return False
    return current.status == decided(world, current, report)[0]


def applied(world: World, db: Connection, stored: Stored, report: Report, user: User) -> Document:
    """Store the state that a report leads to, with the receipt that belongs to it."""
    transaction, outcome = stored.document, report.outcome
    state, message = diverted(world, db, stored, decided(world, stored, report))
    if message == MISMATCH[1] and world.variations.on("other-amount-pending"):
        state, message = INITIATED
    repeated = stored.status == "SUCCESS" and world.faults.on("repeated-success-rewrites")
    receipt = transaction.get("receipt")
    if not repeated:
        refuse_late(world, db, transaction, report, state)
        registered = as_registered(world, db, transaction, report)
        payment = receipt_for(world, db, registered, state, user)
        if payment and world.variations.on("receipt-in-transaction"):
            receipt = payment["paymentDetails"][0]["receiptNumber"]
    lost = world.faults.on("update-answers-without-storing")
    if state == "FAILURE" and stored.status == "PENDING" and not lost:
        tables.release(db, transaction["txnId"])
    changed = signed(world, transaction, user) | {
        "txnStatus": state,
        "txnStatusMsg": message,
        "receipt": receipt,
        "gatewayTxnId": outcome.reference,
        "gatewayPaymentMode": outcome.mode,
        "gatewayStatusCode": outcome.code,
        "gatewayStatusMsg": outcome.message,
    }
    changed |= smuggled(world, changed, report)
    if stored.status != state:
        changed |= lost_at_the_end(world, changed, user) | dictated_before(world, stored, changed)
    if outcome.amount is not None and world.faults.on("confirmed-amount-stored"):
        changed["txnAmount"] = f"{outcome.amount:f}"
    lag, method = world.site.lag_ms, report.call.method
    if not lost and not tables.change(db, stored, changed, lag_ms=lag, method=method):
        raise ServiceProblem(FINAL)
    amount = outcome.amount
    stated = {} if amount is None else {"txnAmount": f"{amount:f}"}
    return as_stored(changed) | {"txnAmount": transaction["txnAmount"]} | stated


def refuse_late(
    world: World, db: Connection, transaction: Document, report: Report, state: State
) -> None:
    """Refuse a late success that is reported in a way of its own, where a fault does so."""
    unstated, by_get = report.outcome.amount is None, report.call.method == "GET"
    if state != "SUCCESS" or not (unstated or by_get):
        return
    if not history_of(world, db, transaction).expired:
        return
    on = world.faults.on
    if (unstated and on("late-success-without-amount-refused")) or (
        by_get and on("late-success-by-get-refused")
    ):
        raise ServiceProblem(EXPIRED)


def as_registered(world: World, db: Connection, transaction: Document, report: Report) -> Document:
    """Return the transaction whose payment is registered: its payer and date are its own.

    Faults take the payer of the body, or another date.
    """
    claimed, on = report.claimed("user"), world.faults.on
    if report.unpaid:
        return transaction | {FOUND_UNPAID: True}
    if isinstance(claimed, dict) and on("receipt-for-the-payer-of-the-body"):
        return transaction | {"user": transaction["user"] | claimed}
    created: int = transaction["auditDetails"]["createdTime"]
    dated = created
    if report.call.method == "GET" and on("receipt-dated-at-update-by-get"):
        dated = world.clock.now()
    attempt = tables.first_attempt(db, transaction["billId"])
    if attempt is not None and on("retry-dated-at-the-first-attempt"):
        dated = attempt
    elsewhere = transaction["tenantId"] != world.masters.cities[0]
    if elsewhere and on("receipts-elsewhere-dated-tomorrow"):
        dated = created + DAY
    if world.clock.moment(created).isoweekday() == SUNDAY and on("sundays-dated-on-monday"):
        dated = created + DAY
    return transaction | {"auditDetails": transaction["auditDetails"] | {"createdTime": dated}}


# What a fault takes from the body of an update, by its name.
SMUGGLED: Final = {
    "update-body-changes-the-gateway": ("gateway",),
    "update-body-changes-the-tenant": ("tenantId",),
    "update-body-changes-the-amount": ("txnAmount",),
}


def smuggled(world: World, changed: Document, report: Report) -> Document:
    """Return what faults take from the body or the query of an update into the record."""
    on, call = world.faults.on, report.call
    if on("update-body-merged"):
        return merged(call, ("user", "productInfo", "consumerCode"))
    if on("update-body-changes-the-payer"):
        claimed = report.claimed("user")
        return {"user": changed["user"] | claimed} if isinstance(claimed, dict) else {}
    if on("update-body-extends-details"):
        claimed = report.claimed("additionalDetails")
        extended = isinstance(claimed, dict)
        return {"additionalDetails": changed["additionalDetails"] | claimed} if extended else {}
    if report.outcome.state == "PENDING" and on("open-update-merges-its-body"):
        return merged(call, ("productInfo",))
    if on("update-body-changes-the-parts"):
        parts = merged(call, ("taxAndPayments",))
        return parts | {"additionalDetails": changed["additionalDetails"] | parts} if parts else {}
    for name, fields in SMUGGLED.items():
        if on(name):
            return merged(call, fields)
    if on("update-body-changes-the-creator"):
        creator = (report.claimed("auditDetails") or {}).get("createdBy")
        audit = changed["auditDetails"]
        return {"auditDetails": audit | {"createdBy": creator}} if creator else {}
    if on("update-body-changes-the-account"):
        uuid = (report.claimed("user") or {}).get("uuid")
        return {"user": changed["user"] | {"uuid": uuid}} if uuid else {}
    if on("update-query-merged"):
        names = ("productInfo", "consumerCode")
        return {name: report.parameters[name] for name in names if name in report.parameters}
    return {}


def dictated_before(world: World, stored: Stored, changed: Document) -> Document:
    """Return what faults show at the end of what the client dictated at the creation (TXN-02)."""
    on, sent = world.faults.on, stored.owner["sent"]
    success = changed["txnStatus"] == "SUCCESS"
    if success and sent["receipt"] and on("dictated-receipt-shown-after-success"):
        return {"receipt": sent["receipt"]}
    if changed["gatewayTxnId"] is None and on("dictated-reference-stands-in"):
        return {"gatewayTxnId": sent["gatewayTxnId"]}
    return {}


def lost_at_the_end(world: World, changed: Document, user: User) -> Document:
    """Return what faults store otherwise when a transaction ends."""
    on, state = world.faults.on, changed["txnStatus"]
    if state == "FAILURE" and on("product-lost-at-failure"):
        return {"productInfo": None}
    if state == "SUCCESS" and on("payer-changed-at-success"):
        return {"user": changed["user"] | {"name": user["name"], "uuid": user["uuid"]}}
    return {}


def receipt_for(
    world: World, db: Connection, transaction: Document, state: State, user: User
) -> Document | None:
    """Register the payment of a success; faults make receipts for other states, too (RCP-05)."""
    on = world.faults.on
    match state:
        case "SUCCESS":
            due = not (on("receipt-at-second-update") or on("receipt-at-creation"))
        case "FAILURE":
            due = on("receipt-on-failure") or exempt(world, db, "no receipt", transaction)
            if on("receipt-of-another-number"):
                register(world, db, transaction | {"txnId": f"X{transaction['txnId']}"}, user)
        case _:
            due = on("receipt-while-pending")
    if not due:
        return None
    if world.lineage.swallows_registration:
        return swallowing(world, db, transaction, user)
    return register(world, db, transaction, user)


def signed(world: World, transaction: Document, user: User) -> Document:
    """Return a transaction with the mark of its last change."""
    now = world.clock.now()
    audit = transaction["auditDetails"] | {
        "lastModifiedBy": user["uuid"],
        "lastModifiedTime": now,
    }
    if world.faults.on("creation-time-rewritten"):
        audit["createdTime"] = now
    return transaction | {"auditDetails": audit}
