"""The tables of billing: demands, bills and what each payment settled of which demand detail.

Reads and writes rows; the rules of demands and bills stand in their own modules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing.bill_making import outstanding
from conformance.reference.platform.amounts import ZERO
from conformance.reference.platform.documents import read, written
from conformance.reference.platform.lag import held_back, hold_back

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS demands (
      id TEXT PRIMARY KEY, tenant TEXT NOT NULL, service TEXT NOT NULL, consumer_code TEXT NOT NULL,
      period_from INTEGER NOT NULL, period_to INTEGER NOT NULL, status TEXT NOT NULL,
      document TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS demands_by_consumer ON demands (consumer_code, service, tenant)
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS one_demand_per_period
      ON demands (consumer_code, service, tenant, period_from, period_to) WHERE status = 'ACTIVE'
    """,
    """
    CREATE TABLE IF NOT EXISTS bills (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,
      service TEXT NOT NULL, consumer_code TEXT NOT NULL, mobile TEXT, status TEXT NOT NULL,
      document TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS bills_by_consumer ON bills (consumer_code, tenant)
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS one_active_bill_of_a_service
      ON bills (consumer_code, tenant, service) WHERE status = 'ACTIVE'
    """,
    """
    CREATE TABLE IF NOT EXISTS settlements (
      payment_id TEXT NOT NULL, demand_id TEXT NOT NULL, detail_id TEXT NOT NULL,
      amount TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS settlements_by_payment ON settlements (payment_id)
    """,
    """
    CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)
    """,
)

Document = dict[str, Any]


def next_number(db: Connection, name: str) -> int:
    """Return the next number of a sequence, from 1."""
    row = db.execute(
        "INSERT INTO counters VALUES (?, 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        (name,),
    ).fetchone()
    return int(row[0])


def latest_number(db: Connection, name: str) -> int:
    """Return the latest number of a sequence; zero before the first."""
    row = db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0


def tenant_clause(tenant: str) -> tuple[str, str]:
    """Return condition and value for a tenant: a state matches itself and all its cities."""
    if "." in tenant:
        return "tenant = ?", tenant
    escaped = tenant.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return "tenant || '.' LIKE ? ESCAPE '\\'", f"{escaped}.%"


def within(column: str, values: Sequence[str]) -> str:
    """Return a condition that a column has one of the values."""
    return f"{column} IN ({', '.join('?' * len(values))})"


def seen(db: Connection, kind: str, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents as readers see them while writes are on their way."""
    held = held_back(db, kind)
    for document in documents:
        if document["id"] not in held:
            yield document
        elif (before := held[document["id"]]) is not None:
            yield read(before)


# demands ---------------------------------------------------------------------------------------


def demands_of(
    db: Connection, tenant: str, service: str | None = None, codes: Sequence[str] = ()
) -> list[Document]:
    """Return the demands of a tenant, oldest first; of a service, of consumer codes."""
    condition, value = tenant_clause(tenant)
    values = [value]
    if service is not None:
        condition += " AND service = ?"
        values.append(service)
    if codes:
        condition += f" AND {within('consumer_code', codes)}"
        values += codes
    rows = db.execute(f"SELECT document FROM demands WHERE {condition} ORDER BY rowid", values)
    return [read(row[0]) for row in rows]


def demand_by_id(db: Connection, id_: str) -> Document | None:
    """Return a demand, or None."""
    row = db.execute("SELECT document FROM demands WHERE id = ?", (id_,)).fetchone()
    return read(row[0]) if row else None


def namesakes_of(db: Connection, place: Document) -> list[Document]:
    """Return the demands of a demand's or a bill's consumer code in other cities and services."""
    rows = db.execute(
        "SELECT document FROM demands WHERE consumer_code = ? AND (tenant, service) != (?, ?)",
        (place["consumerCode"], place["tenantId"], place["businessService"]),
    )
    return [read(row[0]) for row in rows]


def lines_demanded(db: Connection, bill: Mapping[str, Any]) -> list[Document]:
    """Return the lines of a bill's demands: each with its tax head, amount, and collection."""
    demands = [demand_by_id(db, each["demandId"]) for each in bill["billDetails"]]
    return [line for demand in demands if demand for line in demand["demandDetails"]]


def add_demand(db: Connection, demand: Document) -> None:
    """Store a new demand; sqlite3.IntegrityError when its period has an active one."""
    db.execute(
        "INSERT INTO demands VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            demand["id"],
            demand["tenantId"],
            demand["businessService"],
            demand["consumerCode"],
            demand["taxPeriodFrom"],
            demand["taxPeriodTo"],
            demand["status"],
            written(demand),
        ),
    )


def change_demand(db: Connection, demand: Document, *, lag_ms: int = 0) -> None:
    """Store a demand anew; readers see the former one for `lag_ms`."""
    row = db.execute("SELECT document FROM demands WHERE id = ?", (demand["id"],)).fetchone()
    hold_back(db, "demand", demand["id"], row[0], lag_ms)
    db.execute(
        "UPDATE demands SET period_from = ?, period_to = ?, status = ?, document = ? WHERE id = ?",
        (
            demand["taxPeriodFrom"],
            demand["taxPeriodTo"],
            demand["status"],
            written(demand),
            demand["id"],
        ),
    )


# bills -----------------------------------------------------------------------------------------


def bills_of(
    db: Connection,
    tenant: str,
    service: str | None = None,
    codes: Sequence[str] = (),
    ids: Sequence[str] = (),
) -> list[Document]:
    """Return the bills of a tenant, newest first; of a service, of consumer codes, with ids."""
    condition, value = tenant_clause(tenant)
    values = [value]
    if service is not None:
        condition += " AND service = ?"
        values.append(service)
    if codes:
        condition += f" AND {within('consumer_code', codes)}"
        values += codes
    if ids:
        condition += f" AND {within('id', ids)}"
        values += ids
    rows = db.execute(
        f"SELECT document FROM bills WHERE {condition} ORDER BY sequence DESC", values
    )
    return [read(row[0]) for row in rows]


def bill_by_id(db: Connection, id_: str) -> Document | None:
    """Return a bill as it really stands, or None."""
    row = db.execute("SELECT document FROM bills WHERE id = ?", (id_,)).fetchone()
    return read(row[0]) if row else None


def add_bill(db: Connection, bill: Document) -> None:
    """Store a new bill; sqlite3.IntegrityError when its code and service have an active one."""
    db.execute(
        "INSERT INTO bills (id, tenant, service, consumer_code, mobile, status, document) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            bill["id"],
            bill["tenantId"],
            bill["businessService"],
            bill["consumerCode"],
            bill["mobileNumber"],
            bill["status"],
            written(bill),
        ),
    )


def set_bill_status(
    db: Connection, bill: Document, status: str, *, by: str, now: int, lag_ms: int = 0
) -> None:
    """Give a bill another status; readers see the former one for `lag_ms`."""
    hold_back(db, "bill", bill["id"], written(bill), lag_ms)
    bill["status"] = status
    bill["auditDetails"] |= {"lastModifiedBy": by, "lastModifiedTime": now}
    db.execute(
        "UPDATE bills SET status = ?, document = ? WHERE id = ?",
        (status, written(bill), bill["id"]),
    )


def is_billed(db: Connection, tenant: str, code: str) -> bool:
    """Whether a consumer code has an active bill in a city, of whatever service."""
    found = db.execute(
        "SELECT 1 FROM bills WHERE consumer_code = ? AND tenant = ? AND status = 'ACTIVE'",
        (code, tenant),
    )
    return found.fetchone() is not None


def active_bill(db: Connection, tenant: str, service: str, code: str) -> Document | None:
    """Return the active bill of a consumer code, or None."""
    row = db.execute(
        "SELECT document FROM bills "
        "WHERE consumer_code = ? AND tenant = ? AND service = ? AND status = 'ACTIVE'",
        (code, tenant, service),
    ).fetchone()
    return read(row[0]) if row else None


# what payments settled ---------------------------------------------------------------------------


def settle(
    db: Connection, payment_id: str, bill: Document, *, by: str, now: int, lag_ms: int
) -> Decimal:
    """Enter a bill's adjusted amounts into its demands; return what the demands did not take."""
    surplus = ZERO
    for detail in bill["billDetails"]:
        demand = demand_by_id(db, detail["demandId"])
        for account in detail["billAccountDetails"]:
            left = account["adjustedAmount"]
            if demand is not None:
                left = settle_head(db, payment_id, demand, account["taxHeadCode"], left)
            surplus += left
        if demand is not None:
            store_settled(db, demand, by=by, now=now, lag_ms=lag_ms)
    return surplus


def settle_head(
    db: Connection, payment_id: str, demand: Document, head: str, amount: Decimal
) -> Decimal:
    """Spread an amount over a demand's details of one tax head; return the rest."""
    for detail in demand["demandDetails"]:
        if detail["taxHeadMasterCode"] != head or not amount:
            continue
        due = detail["taxAmount"] - detail["collectionAmount"]
        part = min(amount, due) if due > 0 else max(amount, due)
        if part * due <= 0:
            continue
        detail["collectionAmount"] += part
        amount -= part
        db.execute(
            "INSERT INTO settlements VALUES (?, ?, ?, ?)",
            (payment_id, demand["id"], detail["id"], f"{part:f}"),
        )
    return amount


def give_back(
    db: Connection, payment_id: str, bill: Document, *, by: str, now: int, lag_ms: int
) -> None:
    """Take a payment's settlements out of a bill's demands again; a second call finds nothing."""
    demands = [detail["demandId"] for detail in bill["billDetails"]]
    rows = db.execute(
        f"DELETE FROM settlements WHERE payment_id = ? AND {within('demand_id', demands)} "
        "RETURNING demand_id, detail_id, amount",
        (payment_id, *demands),
    ).fetchall()
    for demand_id in dict.fromkeys(row[0] for row in rows):
        demand = demand_by_id(db, demand_id)
        if demand is None:
            continue
        taken = {row[1]: Decimal(row[2]) for row in rows if row[0] == demand_id}
        for detail in demand["demandDetails"]:
            detail["collectionAmount"] -= taken.get(detail["id"], ZERO)
        store_settled(db, demand, by=by, now=now, lag_ms=lag_ms)


def store_settled(db: Connection, demand: Document, *, by: str, now: int, lag_ms: int) -> None:
    """Store a demand after its collection changed, completed when nothing is due on it."""
    demand["isPaymentCompleted"] = outstanding(demand) == 0
    demand["auditDetails"] |= {"lastModifiedBy": by, "lastModifiedTime": now}
    change_demand(db, demand, lag_ms=lag_ms)
