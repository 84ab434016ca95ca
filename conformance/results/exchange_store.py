"""The exchanges of a run: on disk as they happen, read back when somebody looks.

What stays in memory does not grow with the run: the index is a temporary SQLite database.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from conformance.core.exchange import Exchange
from conformance.core.json_text import loaded
from conformance.results.packed_lines import PackedLines

FILE: Final = "exchanges.jsonl.gz"
PAGE: Final = 256  # rows of the index read, or written, at a time
TABLE: Final = """
PRAGMA journal_mode = OFF;
CREATE TABLE exchange (
    id TEXT PRIMARY KEY,
    filed_under TEXT NOT NULL,
    operation TEXT NOT NULL,
    status INTEGER,
    fair INTEGER NOT NULL,
    departs INTEGER NOT NULL,
    member INTEGER NOT NULL,
    line INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX by_check ON exchange (filed_under, id);
"""
INSERT: Final = "INSERT OR REPLACE INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Evidence(Protocol):
    """Where a report finds the exchanges that a check names."""

    def get(self, id_: str, /) -> Exchange | None:
        """Return an exchange by its id; None if it is not recorded."""


class ExchangeStore:
    """The exchanges of one run in the order of their ids; safe to share between threads.

    They wait in memory until `move_to` gives them the folder of the run. A reader may iterate while
    others add.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Begin with nothing, or with the file in a folder; DamagedLines, ValueError, OSError."""
        self._lines = PackedLines(folder / FILE if folder is not None else None)
        self._lock = threading.Lock()
        # An empty name is a database of its own, in a temporary file once it outgrows its cache.
        self._index = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._index.executescript(TABLE)
        self._new: list[tuple[str | int | None, ...]] = []  # rows that are not in the index yet
        for (member, line), text in self._lines:
            self._enter(Exchange.from_json(loaded(text)), member, line)

    def add(self, exchange: Exchange) -> None:
        """Record an exchange, which is redacted already; OSError if the disk refuses it."""
        line = json.dumps(exchange.as_json()).encode()
        self._enter(exchange, *self._lines.add(line))

    def move_to(self, folder: Path) -> None:
        """Keep the exchanges in the folder of the run from now on."""
        self._lines.move_to(folder / FILE)

    def seal(self) -> None:
        """Finish the file, so that every tool for gzip reads it; more may be added all the same."""
        self._lines.seal()

    def get(self, id_: str) -> Exchange | None:
        """Return an exchange by its id; None if it is not recorded."""
        rows = self._rows("SELECT member, line FROM exchange WHERE id = ?", id_)
        return self._read(*rows[0]) if rows else None

    def __len__(self) -> int:
        """How many exchanges are recorded."""
        return int(self._rows("SELECT count(*) FROM exchange")[0][0])

    def __iter__(self) -> Iterator[Exchange]:
        """Yield every exchange."""
        return self.where("1")

    def where(self, condition: str, *values: str | int) -> Iterator[Exchange]:
        """Yield the exchanges that meet a condition on the columns of the index."""
        for id_ in self.ids(condition, *values):
            exchange = self.get(id_)
            if exchange is not None:
                yield exchange

    def ids(self, condition: str, *values: str | int) -> Iterator[str]:
        """Yield the ids of the exchanges that meet a condition on the columns of the index."""
        last = ""
        text = f"SELECT id FROM exchange WHERE id > ? AND ({condition}) ORDER BY id LIMIT {PAGE}"  # noqa: S608
        while rows := self._rows(text, last, *values):
            yield from (id_ for (id_,) in rows)
            last = rows[-1][0]

    def latest_of(self, check: str) -> str:
        """Return the last id of those filed under a check; an empty text if there is none."""
        rows = self._rows("SELECT max(id) FROM exchange WHERE filed_under = ?", check)
        return str(rows[0][0] or "")

    def counts(self) -> dict[str, int]:
        """Return how many exchanges each check has, in the order of their ids."""
        return dict(
            self._rows(
                "SELECT filed_under, count(*) FROM exchange GROUP BY filed_under ORDER BY min(id)"
            )
        )

    def _enter(self, exchange: Exchange, member: int, line: int) -> None:
        fair = (
            exchange.judged
            and exchange.request_conforms
            and exchange.status is not None
            and not exchange.failure
        )
        departs = any(
            each.side == "response" and each.severity == "failure" for each in exchange.violations
        )
        row = (exchange.id, exchange.check, exchange.operation, exchange.status, fair, departs)
        with self._lock:
            self._new.append((*row, member, line))
            if len(self._new) >= PAGE:
                self._take_in()

    def _rows(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            self._take_in()
            return self._index.execute(text, values).fetchall()

    def _take_in(self) -> None:
        """Enter the new rows in the index: together, which takes a third of the time."""
        if self._new:
            self._index.executemany(INSERT, self._new)
            self._new.clear()

    def _read(self, member: int, line: int) -> Exchange:
        return Exchange.from_json(json.loads(self._lines.line((member, line))))


def marks(values: Collection[object]) -> str:
    """Return the place holders of so many values in a condition."""
    return ", ".join("?" * len(values))
