"""State in SQLite: transactions with BEGIN IMMEDIATE; unique indexes and versions decide races."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.reference.platform.settings import BadSetting

IntegrityError = sqlite3.IntegrityError


class Store:
    """One database: in memory behind a lock, or a WAL file with a connection per thread."""

    def __init__(self, path: Path | None, schema: Sequence[str]) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._shared = _connected(":memory:") if path is None else None
        try:
            with self.transaction() as database:
                for statement in schema:
                    database.execute(statement)
        except sqlite3.DatabaseError as problem:
            raise BadSetting(
                f"{path}: cannot be used as a database ({problem}); give --db another file"
            ) from None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements as one unit; rolled back when anything is raised."""
        if self._shared is not None:
            with self._lock:
                yield from _unit(self._shared)
        else:
            yield from _unit(self._own())

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Read rows, outside of any transaction."""
        if self._shared is not None:
            with self._lock:
                return self._shared.execute(statement, values).fetchall()
        return self._own().execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """Read the first row, or None."""
        found = self.rows(statement, *values)
        return found[0] if found else None

    def close(self) -> None:
        """Close the shared connection; a file closes with its threads."""
        if self._shared is not None:
            with self._lock:
                self._shared.close()

    def _own(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _connected(str(self._path))
            connection.execute("PRAGMA journal_mode=WAL")
            self._local.connection = connection
        return connection


def packed(document: Any) -> str:
    """Return a document as JSON text for a column; amounts keep their digits as text."""
    return json.dumps(document, default=_amount, ensure_ascii=False)


def unpacked(text: str) -> Any:
    """Read a column back, fractions as Decimal."""
    return json.loads(text, parse_float=Decimal)


def _amount(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def _unit(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    if connection.in_transaction:  # part of the unit around it
        yield connection
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
