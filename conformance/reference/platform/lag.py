"""Asynchronous persistence: what readers still see while a write is on its way to the tables.

Only views are held back; decisions always rest on the rows themselves.
"""

from sqlite3 import Connection
from typing import Final

from conformance.reference.platform.clock import real_now

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS held_back (
      kind TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, before TEXT,
      PRIMARY KEY (kind, id)
    )
    """,
)


def hold_back(db: Connection, kind: str, id_: str, before: str | None, lag_ms: int) -> None:
    """Let readers see a document as it was before a write, for `lag_ms`; None hides it."""
    if lag_ms <= 0:
        return
    now = real_now()
    db.execute("DELETE FROM held_back WHERE until <= ?", (now,))
    db.execute(
        "INSERT INTO held_back VALUES (?, ?, ?, ?) "
        "ON CONFLICT (kind, id) DO UPDATE SET until = excluded.until",
        (kind, id_, now + lag_ms, before),
    )


def held_back(db: Connection, kind: str) -> dict[str, str | None]:
    """Return the documents that readers see instead of the stored ones, by id."""
    rows = db.execute(
        "SELECT id, before FROM held_back WHERE kind = ? AND until > ?", (kind, real_now())
    )
    return {row[0]: row[1] for row in rows}
