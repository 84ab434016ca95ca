"""Asynchronous persistence: what readers still see while a write is on its way to the tables.

Only views are held back; the rows are there at once. Decisions rest on the rows, but for those of
a lineage that judges apart from its writes.
"""

import time
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


LONGEST_HOP: Final = 30  # ms


def hop(lag_ms: int) -> None:
    """Take the time of a call between services, where a deployment's writes take time at all."""
    time.sleep(min(lag_ms, LONGEST_HOP) / 1000)


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
