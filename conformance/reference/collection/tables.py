"""The tables of collections: payments and their details; unique indexes decide who paid first."""

from collections.abc import Collection
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.platform.documents import read, written

Document = dict[str, Any]

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS payments (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,
      transaction_number TEXT NOT NULL, transaction_date INTEGER NOT NULL, document TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS payments_by_number ON payments (transaction_number)",
    """
    CREATE TABLE IF NOT EXISTS payment_details (
      payment_id TEXT NOT NULL, bill_id TEXT NOT NULL, consumer_code TEXT NOT NULL,
      receipt_number TEXT NOT NULL, claimed_bill TEXT
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS one_payment_per_bill ON payment_details (claimed_bill)",
    "CREATE INDEX IF NOT EXISTS details_by_payment ON payment_details (payment_id)",
    "CREATE INDEX IF NOT EXISTS details_by_consumer ON payment_details (consumer_code)",
    "CREATE INDEX IF NOT EXISTS details_by_receipt ON payment_details (receipt_number)",
)


def first_payment(db: Connection) -> int | None:
    """Return when the first payment was made, in epoch ms; None if there is none."""
    row = db.execute("SELECT transaction_date FROM payments ORDER BY sequence LIMIT 1").fetchone()
    return None if row is None else int(row[0])


def paid(db: Connection, bill_id: str) -> bool:
    """Whether a living payment claims a bill."""
    found = db.execute("SELECT 1 FROM payment_details WHERE claimed_bill = ?", (bill_id,))
    return found.fetchone() is not None


def withdrawn(db: Connection, code: str) -> bool:
    """Whether a payment on a consumer code was cancelled or dishonoured."""
    found = db.execute(
        "SELECT 1 FROM payment_details WHERE consumer_code = ? AND claimed_bill IS NULL", (code,)
    )
    return found.fetchone() is not None


def on_code(db: Connection, code: str) -> list[Document]:
    """Return the payments on a consumer code, newest first."""
    of_code = "id IN (SELECT payment_id FROM payment_details WHERE consumer_code = ?)"
    return newest_first(db, of_code, [code])


def mode_of_payer(db: Connection, bill_id: str) -> str:
    """Return the mode of the living payment that claims a bill; empty if there is none."""
    return _of_payer(db, bill_id, "$.paymentMode")


def number_of_payer(db: Connection, bill_id: str) -> str:
    """Return the transaction number of the living payment that claims a bill, or an empty text."""
    return _of_payer(db, bill_id, "$.transactionNumber")


def _of_payer(db: Connection, bill_id: str, path: str) -> str:
    row = db.execute(
        "SELECT json_extract(document, ?) FROM payments WHERE id IN "
        "(SELECT payment_id FROM payment_details WHERE claimed_bill = ?)",
        (path, bill_id),
    ).fetchone()
    return str(row[0] or "") if row else ""


def add_payment(db: Connection, payment: Document, *, claims: Collection[str]) -> None:
    """Store a payment that claims some of its bills, by their ids.

    sqlite3.IntegrityError when another payment claims one of them.
    """
    left = set(claims)
    db.execute(
        "INSERT INTO payments (id, tenant, transaction_number, transaction_date, document) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            payment["id"],
            payment["tenantId"],
            payment["transactionNumber"],
            payment["transactionDate"],
            written(payment),
        ),
    )
    for detail in payment["paymentDetails"]:
        db.execute(
            "INSERT INTO payment_details VALUES (?, ?, ?, ?, ?)",
            (
                payment["id"],
                detail["billId"],
                detail["bill"]["consumerCode"],
                detail["receiptNumber"],
                detail["billId"] if detail["billId"] in left else None,
            ),
        )
        left.discard(detail["billId"])


def change_payment(db: Connection, payment: Document, *, living: bool) -> None:
    """Store a payment anew; one that is no longer living gives its bills free."""
    db.execute("UPDATE payments SET document = ? WHERE id = ?", (written(payment), payment["id"]))
    if not living:
        db.execute(
            "UPDATE payment_details SET claimed_bill = NULL WHERE payment_id = ?", (payment["id"],)
        )


def payment_by_id(db: Connection, id_: str) -> Document | None:
    """Return a payment as it was stored, or None."""
    row = db.execute("SELECT document FROM payments WHERE id = ?", (id_,)).fetchone()
    return read(row[0]) if row else None


def newest_first(db: Connection, condition: str, values: list[Any]) -> list[Document]:
    """Return the payments that meet a condition, by transaction date, newest first."""
    rows = db.execute(
        f"SELECT document FROM payments WHERE {condition} "
        "ORDER BY transaction_date DESC, sequence DESC",
        values,
    )
    return [read(row[0]) for row in rows]
