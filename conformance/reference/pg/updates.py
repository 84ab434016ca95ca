"""Updating a transaction: only by its owner, and nothing changes once it has ended."""

import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.collection.payments import RACE_PAUSE, overtaken_by_none
from conformance.reference.payment_gateways.outcomes import (
    STATUS_REQUESTS,
    NoOutcome,
    Outcome,
    State,
    outcome_in_parameters,
    requested_outcome,
    transaction_id,
)
from conformance.reference.pg import tables
from conformance.reference.pg.answers import wrapped
from conformance.reference.pg.registration import register, swallowing
from conformance.reference.pg.requests import as_stored
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.amounts import ZERO, amount_of
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.money_calls import caller_of
from conformance.reference.platform.world import Call, Reply, User, World

Document = dict[str, Any]
WITHOUT_ID: Final = (
    "MISSING_UPDATE_TXN_ID",
    "Cannot process request, missing transaction id",
)
UNKNOWN: Final = ("TXN_UPDATE_NOT_FOUND", "Transaction not found")
NOT_OWNER: Final = (
    "TXN_UPDATE_NOT_OWNER",
    "Only the user who created the transaction may update it",
)
FINAL: Final = ("TXN_ALREADY_FINAL", "The transaction has ended and cannot be updated")
UNREADABLE: Final = "An unhandled exception occurred in tracer handler"
UNREACHED: Final = {
    "PAYTM": ("UNABLE_TO_FETCH_STATUS", "Unable to fetch status from Paytm gateway"),
}


def update(world: World, call: Call) -> Reply:
    """Take the outcome of a transaction: 200 with an array of one (TXN-05 to TXN-12)."""
    parameters = {name: values[0] for name, values in call.query.items()}
    id_ = transaction_id(parameters)
    if id_ == "" and world.faults.on("empty-id-accepted"):
        return Reply(body=wrapped(call, []))
    if id_ is None:
        return nothing_done(world, call, "update-without-id-accepted", WITHOUT_ID)
    user = caller_of(call)
    with world.store.transaction() as db:
        unseen = world.lineage.judges_apart and tables.on_its_way(db, id_)
        stored = None if unseen else tables.find(db, id_)
    if stored is None:
        return nothing_done(world, call, "update-of-unknown-accepted", UNKNOWN)
    refuse_stranger(world, call, parameters, stored, user)
    if world.faults.on("owner-check-of-one-id"):
        stored = other_named(world, parameters.values(), id_) or stored
    if world.faults.on("owner-check-of-first-value"):
        lasts = [values[-1] for values in call.query.values()]
        stored = other_named(world, lasts, id_) or stored
    outcome = outcome_of(world, stored, parameters)
    if call.method == "GET" and world.faults.on("terminal-guard-post-only"):
        with world.store.transaction() as db:
            return Reply(body=wrapped(call, [applied(world, db, stored, outcome, user)]))
    bills = [part["billId"] for part in stored.document["taxAndPayments"]]
    with overtaken_by_none(world, bills):
        return Reply(body=wrapped(call, [finish(world, stored, outcome, user)]))


def other_named(world: World, values: Iterable[str], id_: str) -> Stored | None:
    """Return another transaction that parameters name, too (a fault acts on that one)."""
    with world.store.transaction() as db:
        named = [tables.find(db, text) for text in values if text != id_]
    return next((each for each in named if each), None)


def nothing_done(world: World, call: Call, fault: str, problem: tuple[str, str]) -> Reply:
    """Refuse an update that names no transaction, unless a fault takes it."""
    if world.faults.on(fault):
        return Reply(body=wrapped(call, []))
    raise ServiceProblem(problem)


def refuse_stranger(
    world: World, call: Call, parameters: Mapping[str, str], stored: Stored, user: User
) -> None:
    """Refuse everybody but the owner (TXN-08)."""
    if is_owner(world, call, parameters, stored.owner, user):
        return
    if world.faults.on("refused-stranger-leaves-trace"):
        with world.store.transaction() as db:
            touch(world, db, stored, user)
    raise ServiceProblem(NOT_OWNER)


def is_owner(
    world: World, call: Call, parameters: Mapping[str, str], owner: Document, user: User
) -> bool:
    """Whether the caller created the transaction: same uuid, same tenant, by the token alone."""

    def alike(*keys: str) -> bool:
        return all(user.get(key) == owner[key] for key in keys)

    on, kind = world.faults.on, user["type"]
    return (
        alike("uuid", "tenantId")
        or on("owner-check-off")
        or (call.method != "POST" and on("owner-check-post-only"))
        or ("eg_pg_txnid" not in parameters and on("owner-check-canonical-id-only"))
        or (kind == "EMPLOYEE" and on("owner-check-spares-employees"))
        or (kind == "CITIZEN" and on("owner-check-spares-citizens"))
        or (kind == "SYSTEM" and on("owner-check-spares-system-users"))
        or (claims_owner(call, owner) and on("owner-by-body"))
        or (alike("userName") and on("owner-by-user-name"))
        or (alike("userName", "type") and on("owner-by-id-without-tenant"))
    )


def claims_owner(call: Call, owner: Document) -> bool:
    """Whether the transaction of a body claims that the owner created it (a fault believes it)."""
    sent = (call.body or {}).get("Transaction")
    audit = sent.get("auditDetails") if isinstance(sent, dict) else None
    return isinstance(audit, dict) and audit.get("createdBy") == owner["uuid"]


def outcome_of(world: World, stored: Stored, parameters: Mapping[str, str]) -> Outcome:
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
        raise Unhandled("NumberFormatException") from None


def finish(world: World, stored: Stored, outcome: Outcome, user: User) -> Document:
    """Bring a transaction to the state of its outcome; what has ended stays as it is."""
    racing = world.faults.on("terminal-guard-race")
    if racing:
        if final(world, stored, outcome):
            raise ServiceProblem(FINAL)
        time.sleep(RACE_PAUSE)
    with world.store.transaction() as db:
        current = tables.find(db, stored.document["txnId"]) or stored
        refused = not racing and final(world, current, outcome)
        if refused:
            meddle(world, db, current, user)
            updated: Document = {}
        else:
            updated = applied(world, db, current, outcome, user)
    if refused:
        raise ServiceProblem(FINAL)
    return updated


def final(world: World, stored: Stored, outcome: Outcome) -> bool:
    """Whether a transaction has ended, so that nothing may change it (TXN-09, TXN-10)."""
    on = world.faults.on
    if stored.status == "PENDING" and outcome.state != "PENDING":
        return False
    if on("terminal-guard-off"):
        return False
    if on("terminal-guard-same-status-only"):
        return stored.status == outcome.state
    if on("terminal-guard-success-only"):
        return stored.status == "SUCCESS"
    if on("repeated-success-rewrites"):
        return stored.status == "FAILURE" or (stored.status, outcome.state) == (
            "SUCCESS",
            "FAILURE",
        )
    if on("open-outcome-reopens") and outcome.state == "PENDING":
        return False
    return stored.status != "PENDING"


def applied(world: World, db: Connection, stored: Stored, outcome: Outcome, user: User) -> Document:
    """Store the state that an outcome leads to, with the receipt that belongs to it."""
    transaction = stored.document
    state, message = decided(world, transaction, outcome)
    repeated = stored.status == "SUCCESS" and world.faults.on("repeated-success-rewrites")
    if not repeated:
        receipt_for(world, db, transaction, state, user)
    lost = world.faults.on("update-answers-without-storing")
    if state == "FAILURE" and stored.status == "PENDING" and not lost:
        tables.release(db, transaction["txnId"])
    changed = signed(world, transaction, user) | {
        "txnStatus": state,
        "txnStatusMsg": message,
        "gatewayTxnId": outcome.reference,
        "gatewayPaymentMode": outcome.mode,
        "gatewayStatusCode": outcome.code,
        "gatewayStatusMsg": outcome.message,
    }
    if outcome.amount is not None and world.faults.on("confirmed-amount-stored"):
        changed["txnAmount"] = f"{outcome.amount:f}"
    if not lost and not tables.change(db, stored, changed, lag_ms=world.site.lag_ms):
        raise ServiceProblem(FINAL)
    amount = outcome.amount
    stated = {} if amount is None else {"txnAmount": f"{amount:f}"}
    return as_stored(changed) | {"txnAmount": transaction["txnAmount"]} | stated


def decided(world: World, transaction: Mapping[str, Any], outcome: Outcome) -> tuple[State, str]:
    """Return the state and message that an outcome leads to."""
    on = world.faults.on
    promised = amount_of(transaction["txnAmount"]) or ZERO
    if outcome.state == "SUCCESS" and not on("success-ignored"):
        if as_text(world, transaction, outcome) and amounts_agree(world, promised, outcome.amount):
            return "SUCCESS", "Transaction successful"
        return "FAILURE", "Transaction failed, amount mismatch"
    if outcome.state == "FAILURE" and not on("failure-ignored"):
        return "FAILURE", "Transaction failed at gateway"
    if outcome.state == "PENDING" and world.lineage.pending_is_failure:
        return "FAILURE", "Transaction failed at gateway"
    return "PENDING", "Transaction initiated"


def as_text(world: World, transaction: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether the confirmed amount is written as the promised one, where a fault wants that."""
    if outcome.amount is None or not world.faults.on("amount-compared-as-text"):
        return True
    return f"{outcome.amount:f}" == str(transaction["txnAmount"])


def amounts_agree(world: World, promised: Decimal, confirmed: Decimal | None) -> bool:
    """Whether the confirmed amount is the promised one; an unstated one agrees (TXN-12)."""
    if confirmed is None or confirmed == promised:
        return True
    on = world.faults.on
    if confirmed == 0 and on("zero-amount-unstated"):
        return True
    if confirmed == promised * 100 and on("paise-taken-for-rupees"):
        return True
    return (
        on("other-amount-succeeds")
        or (on("amount-off-by-one-succeeds") and abs(confirmed - promised) <= 1)
        or (on("larger-amount-succeeds") and confirmed > promised)
    )


def receipt_for(
    world: World, db: Connection, transaction: Document, state: State, user: User
) -> None:
    """Register the payment of a success; faults make receipts for other states, too (RCP-05)."""
    on = world.faults.on
    match state:
        case "SUCCESS":
            due = not (on("receipt-at-second-update") or on("receipt-at-creation"))
        case "FAILURE":
            due = on("receipt-on-failure")
            if on("receipt-of-another-number"):
                register(world, db, transaction | {"txnId": f"X{transaction['txnId']}"}, user)
        case _:
            due = on("receipt-while-pending")
    if not due:
        return
    if world.lineage.swallows_registration:
        swallowing(world, db, transaction, user)
    else:
        register(world, db, transaction, user)


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


def touch(world: World, db: Connection, stored: Stored, user: User) -> None:
    """Leave nothing but the mark of a change (a fault)."""
    tables.change(db, stored, signed(world, stored.document, user), lag_ms=0)


def meddle(world: World, db: Connection, stored: Stored, user: User) -> None:
    """Apply the faults that change something although the update is refused."""
    on = world.faults.on
    if on("refused-update-changes-reference"):
        changed = stored.document | {"gatewayTxnId": "ANOTHER-REFERENCE"}
        tables.change(db, stored, changed, lag_ms=0)
    if on("refused-update-leaves-trace"):
        touch(world, db, stored, user)
    if stored.status == "SUCCESS" and (on("receipt-on-retry") or on("receipt-at-second-update")):
        register(world, db, stored.document, user, claims=not on("receipt-on-retry"))
    if stored.status == "FAILURE" and on("receipt-after-failure"):
        register(world, db, stored.document, user)
