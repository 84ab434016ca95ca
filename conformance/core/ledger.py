"""What a run creates, written down before it is created, and what it spends against the cap.

Clean-up reads this file; it is append-only, one JSON object per line.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from conformance.core.json_text import loaded
from conformance.core.verdicts import CapReached

# Kinds of entries.
DEMAND: Final = "demand"
TRANSACTION: Final = "transaction"
PAYMENT: Final = "payment"
POOL: Final = "pool"  # a bill of the pool was used up
ACCOUNT, NO_ACCOUNT = "account", "no account"  # requested; and refused, so none was created


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing created or used up: `kind`, its key, the rupees that it may move.

    demand: consumer code; transaction, payment: bill id; account, no account: user name;
    pool: consumer code.
    """

    kind: str
    key: str
    tenant: str
    rupees: Decimal = Decimal(0)
    check: str = ""
    at: str = ""


class Ledger:
    """Append-only list of what a run creates; refuses to spend more than the cap (in rupees)."""

    def __init__(self, path: Path, cap: Decimal) -> None:
        self._path = path
        self._cap = cap
        # A later part of a run spends under the same cap.
        self._entries = read(path) if path.is_file() else []
        self._spent = sum((each.rupees for each in self._entries), Decimal(0))
        self._lock = threading.Lock()

    @property
    def entries(self) -> Sequence[Entry]:
        """What this run has entered so far, in order."""
        return tuple(self._entries)

    @property
    def spent(self) -> Decimal:
        """Rupees that transactions and payments of this run moved or may have moved."""
        return self._spent

    @property
    def left(self) -> Decimal:
        """Rupees that this run may still move."""
        return self._cap - self._spent

    def enter(self, entry: Entry) -> None:
        """Write an entry down; CapReached when it would exceed `limits.rupees_per_run`."""
        with self._lock:
            if entry.rupees and self._spent + entry.rupees > self._cap:
                raise CapReached(
                    f"the cap of {self._cap} rupees per run is reached ({self._spent} spent)",
                    "raise limits.rupees_per_run in the profile, if that money may move",
                )
            self._spent += entry.rupees
            self._entries.append(entry)
            line = asdict(entry) | {
                "rupees": str(entry.rupees),
                "at": entry.at or datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Entry]:
    """Read a ledger back, a torn last line left out; OSError or ValueError if it cannot be."""
    entries = []
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    lines = lines if lines != [""] else []
    for number, line in enumerate(lines, start=1):
        try:
            fields = loaded(line)
            entries.append(Entry(**{**fields, "rupees": Decimal(fields["rupees"])}))
        except (ValueError, TypeError, KeyError, ArithmeticError):
            if number < len(lines):
                raise ValueError(f"{path}, line {number}: is not an entry of a ledger") from None
    return entries
