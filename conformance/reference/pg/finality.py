"""What has ended stays as it is (TXN-09, TXN-10); the faults by which it does not."""

from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.collection import tables as payment_tables
from conformance.reference.pg import lapses, tables
from conformance.reference.pg.confirmation import MISMATCH, Report, merged
from conformance.reference.pg.histories import exempt
from conformance.reference.pg.registration import register
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.world import User, World

Document = dict[str, Any]


def final(world: World, db: Connection, stored: Stored, report: Report) -> bool:
    """Whether a transaction has ended, so that nothing may change it (TXN-09, TXN-10)."""
    on, outcome = world.faults.on, report.outcome
    if stored.status == "PENDING":
        return False
    repeated = stored.status == outcome.state
    if on("terminal-guard-off") or lapses.reopened(world, stored):
        return False
    if reopened(world, db, stored, report):
        return False
    if on("terminal-guard-same-status-only"):
        return repeated
    if on("terminal-guard-success-only"):
        return stored.status == "SUCCESS"
    if on("repeated-success-rewrites"):
        return stored.status == "FAILURE" or outcome.state == "FAILURE"
    return not (on("open-outcome-reopens") and outcome.state == "PENDING")


def reopened(world: World, db: Connection, stored: Stored, report: Report) -> bool:
    """Whether a fault lets a certain report change a transaction that has ended."""
    on, document = world.faults.on, stored.document
    same = document["gatewayTxnId"] == report.outcome.reference
    if exempt(world, db, "success" if stored.status == "SUCCESS" else "failure", document):
        return True
    if stored.status == "SUCCESS" and stored.method == "GET" and on("success-by-get-not-final"):
        return True
    if stored.status == "FAILURE":
        if document["gatewayTxnId"] is None and on("failure-without-reference-not-final"):
            return True
        corrected = document["txnStatusMsg"] == MISMATCH[1]
        if corrected and on("mismatch-can-be-corrected"):
            return True
        if same and on("failure-corrected-by-its-reference"):
            return True
        if on("failure-reopens-when-tried-again"):
            return len(tables.of_bill(db, document["billId"])) > 1
        if on("failure-reopens-until-paid"):
            return payment_tables.paid(db, document["billId"])
    if "eg_pg_txnid" not in report.parameters and on("terminal-guard-canonical-id-only"):
        return True
    if "Transaction" in (report.call.body or {}) and on("terminal-guard-without-body-only"):
        return True
    return stored.version > ENDED_AT and on("terminal-guard-gives-way")


ENDED_AT: Final = 2  # the version of a transaction that ended at its first update


def meddle(world: World, db: Connection, stored: Stored, report: Report, user: User) -> None:
    """Apply the faults that change something although the update is refused."""
    on, document = world.faults.on, stored.document
    changed: Document = {}
    if on("refused-update-changes-reference"):
        changed = {"gatewayTxnId": "ANOTHER-REFERENCE"}
    if on("refused-update-changes-message"):
        changed = {"gatewayStatusMsg": "refused", "gatewayPaymentMode": "NONE"}
    if on("refused-update-merges-its-body"):
        changed = merged(report.call, ("productInfo", "consumerCode"))
    if on("refused-update-leaves-trace"):
        audit = {"lastModifiedBy": user["uuid"], "lastModifiedTime": world.clock.now()}
        changed = {"auditDetails": document["auditDetails"] | audit}
    if changed or on("terminal-guard-gives-way"):
        tables.change(db, stored, document | changed, lag_ms=0)
    if stored.status == "SUCCESS" and (on("receipt-on-retry") or on("receipt-at-second-update")):
        register(world, db, document, user, claims=not on("receipt-on-retry"))
    if stored.status == "SUCCESS" and on("repeated-success-changes-the-receipt"):
        rewrite_receipt(db, document["txnId"])
    if stored.status == "FAILURE" and on("receipt-after-failure"):
        register(world, db, document, user)


def rewrite_receipt(db: Connection, number: str) -> None:
    """Change the payer's name on the receipt of a transaction (a fault)."""
    for payment in payment_tables.newest_first(db, "transaction_number = ?", [number]):
        renamed = payment | {"payerName": "Somebody Else"}
        payment_tables.change_payment(db, renamed, living=True)
