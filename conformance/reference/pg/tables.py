"""The tables of pg-service: transactions, and which transaction holds which bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Any, Final, Self

from conformance.reference.platform.documents import read, written
from conformance.reference.platform.lag import held_back, hold_back

Document = dict[str, Any]

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS transactions (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, tenant TEXT NOT NULL,
      bill_id TEXT NOT NULL, consumer_code TEXT NOT NULL, payer TEXT, owner TEXT NOT NULL,
      status TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL,
      method TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX IF NOT EXISTS transactions_by_id ON transactions (id)",
    "CREATE INDEX IF NOT EXISTS transactions_by_bill ON transactions (bill_id)",
    "CREATE INDEX IF NOT EXISTS transactions_by_consumer ON transactions (consumer_code)",
    """
    CREATE TABLE IF NOT EXISTS held_bills (bill_id TEXT PRIMARY KEY, transaction_id TEXT NOT NULL)
    """,
)
LARGEST_ANSWER: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A transaction as it really stands; `owner` is the creating token's user.

    `method` is that of the latest report of its outcome; empty if there was none.
    """

    document: Document
    owner: Document
    status: str
    version: int
    method: str

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a row."""
        return cls(
            document=read(row["document"]),
            owner=read(row["owner"]),
            status=row["status"],
            version=row["version"],
            method=row["method"],
        )


def find(db: Connection, id_: str) -> Stored | None:
    """Return a transaction by id, or None."""
    row = db.execute("SELECT * FROM transactions WHERE id = ?", (id_,)).fetchone()
    return Stored.of(row) if row else None


def alike(db: Connection, pattern: str) -> Stored | None:
    """Return the newest transaction whose id matches a pattern of SQL, or None."""
    row = db.execute(
        "SELECT * FROM transactions WHERE id LIKE ? ORDER BY sequence DESC", (pattern,)
    ).fetchone()
    return Stored.of(row) if row else None


def of_bill(
    db: Connection,
    bill_id: str,
    *,
    owner: str | None = None,
    payer: str | None = None,
    updated: bool = True,
    as_seen: bool = False,
) -> list[str]:
    """Return the states of a bill's transactions, or of those with an owner's uuid, a payer's name.

    `updated`: those, too, of which something was reported. `as_seen`: as readers see them while
    writes are on their way.
    """
    rows = db.execute("SELECT * FROM transactions WHERE bill_id = ?", (bill_id,))
    states: dict[str, str | None] = {
        row["id"]: row["status"]
        for row in rows
        if owner in {None, read(row["owner"])["uuid"]}
        and payer in {None, read(row["document"])["user"]["name"]}
        and (updated or row["version"] == 1)
    }
    before = held_back(db, "transaction") if as_seen else {}
    for id_ in states.keys() & before.keys():
        text = before[id_]
        states[id_] = read(text)["txnStatus"] if text else None
    return [state for state in states.values() if state is not None]


def refused(db: Connection, bill_id: str) -> bool:
    """Whether a transaction of a bill failed because another amount was confirmed."""
    rows = db.execute("SELECT document FROM transactions WHERE bill_id = ?", (bill_id,))
    return any("mismatch" in read(row["document"])["txnStatusMsg"] for row in rows)


def pending_elsewhere(db: Connection, tenant: str, code: str) -> bool:
    """Whether a transaction is pending on a consumer code in another city than one."""
    found = db.execute(
        "SELECT 1 FROM transactions WHERE consumer_code = ? AND tenant != ? AND status = 'PENDING'",
        (code, tenant),
    )
    return found.fetchone() is not None


def failed_on(db: Connection, code: str, *, but: str) -> bool:
    """Whether a transaction on a consumer code has failed, another than one."""
    query = "SELECT 1 FROM transactions WHERE consumer_code = ? AND status = 'FAILURE' AND id != ?"
    return db.execute(query, (code, but)).fetchone() is not None


def first_attempt(db: Connection, bill_id: str) -> int | None:
    """Return when the first transaction on a bill that failed was made, in epoch ms, if any did."""
    query = "SELECT document FROM transactions WHERE bill_id = ? AND status = 'FAILURE'"
    rows = db.execute(query, (bill_id,))
    made = [read(row["document"])["auditDetails"]["createdTime"] for row in rows]
    return min(made, default=None)


def first_creator(db: Connection) -> str | None:
    """Return the uuid of who created the first transaction; None before there is any."""
    row = db.execute("SELECT document FROM transactions ORDER BY rowid LIMIT 1").fetchone()
    return str(read(row["document"])["auditDetails"]["createdBy"]) if row else None


def failed_with_others(db: Connection, bill_id: str, *, but: str) -> bool:
    """Whether a transaction on a bill and on others has failed, another than one."""
    query = "SELECT document FROM transactions WHERE status = 'FAILURE' AND id != ?"
    named = (
        [each["billId"] for each in read(row["document"])["taxAndPayments"]]
        for row in db.execute(query, (but,))
    )
    return any(bill_id in bills and len(bills) > 1 for bills in named)


def pending_of_bill(db: Connection, bill_id: str) -> list[Document]:
    """Return the pending transactions of a bill."""
    rows = db.execute(
        "SELECT document FROM transactions WHERE bill_id = ? AND status = 'PENDING'", (bill_id,)
    )
    return [read(row["document"]) for row in rows]


def on_its_way(db: Connection, id_: str) -> bool:
    """Whether readers do not see a transaction yet."""
    held = held_back(db, "transaction")
    return id_ in held and held[id_] is None


def add(
    db: Connection, transaction: Document, owner: Document, *, holds: Sequence[str], lag_ms: int
) -> None:
    """Store a transaction that holds bills; sqlite3.IntegrityError when one is held already."""
    db.execute(
        "INSERT INTO transactions (id, tenant, bill_id, consumer_code, payer, owner, status, "
        "version, document) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (
            transaction["txnId"],
            transaction["tenantId"],
            transaction["billId"],
            transaction["consumerCode"],
            transaction["user"]["uuid"],
            written(owner),
            transaction["txnStatus"],
            written(transaction),
        ),
    )
    db.executemany(
        "INSERT INTO held_bills VALUES (?, ?)", [(id_, transaction["txnId"]) for id_ in holds]
    )
    hold_back(db, "transaction", transaction["txnId"], None, lag_ms)


def change(
    db: Connection, stored: Stored, changed: Document, *, lag_ms: int, method: str = ""
) -> bool:
    """Store a transaction anew, provided that its version is still the one read before.

    `method` is that of the report by which it changes, if one does.
    """
    hold_back(db, "transaction", changed["txnId"], written(stored.document), lag_ms)
    done = db.execute(
        "UPDATE transactions SET status = ?, document = ?, method = ?, version = version + 1 "
        "WHERE id = ? AND version = ?",
        (
            changed["txnStatus"],
            written(changed),
            method or stored.method,
            changed["txnId"],
            stored.version,
        ),
    )
    return done.rowcount == 1


def held(db: Connection, bill_ids: Sequence[str]) -> bool:
    """Whether a transaction holds one of the bills."""
    query = "SELECT 1 FROM held_bills WHERE bill_id = ?"
    return any(db.execute(query, (id_,)).fetchone() for id_ in bill_ids)


def release(db: Connection, id_: str) -> None:
    """Let go of the bills that a transaction holds."""
    db.execute("DELETE FROM held_bills WHERE transaction_id = ?", (id_,))


def newest(db: Connection, condition: str, values: list[Any], status: str | None) -> list[Document]:
    """Return the newest five transactions that meet a condition, as readers see them."""
    held = held_back(db, "transaction")
    rows = db.execute(
        f"SELECT id, document FROM transactions WHERE {condition} ORDER BY sequence DESC", values
    )
    found: list[Document] = []
    for row in rows:
        text = held[row["id"]] if row["id"] in held else row["document"]
        if text is None:
            continue
        document = read(text)
        if status in {None, document["txnStatus"]}:
            found.append(document)
        if len(found) == LARGEST_ANSWER:
            break
    return found
