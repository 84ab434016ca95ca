"""Exchanges as they are kept, and their numbers.

What a check works with is the live answer (see client.py); what may reach disk is an Exchange.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

SET_UP: Final = "set-up"  # what calls outside of any check are filed under


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaViolation:
    """One place where an exchange violates the contract.

    `pointer` is a JSON pointer into the document; `severity` is `failure` or, for what the
    contract does not forbid (unknown fields), `note`.
    """

    side: str  # "request" | "response"
    pointer: str
    expected: str
    got: str
    severity: str = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded, redacted request/response pair; `status` is None when no answer came."""

    id: str
    check: str
    operation: str
    actor: str
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int | None
    response_headers: Mapping[str, str]
    response_body: str
    started_at: str  # ISO 8601 with offset
    milliseconds: float
    failure: str = ""  # transport failure as a text
    attempts: int = 1
    violations: tuple[SchemaViolation, ...] = field(default=())
    request_conforms: bool = True
    judged: bool = True  # False: an odd question, whose answer is no departure from the contract
    step: str = ""  # of a scenario
    egress: str = ""  # "second" if it left from the second address of the profile

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as a JSON object, for journal and reports."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return fields | {"violations": [asdict(violation) for violation in self.violations]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Exchange":
        """Rebuild an exchange from `as_json`."""
        fields = dict(data)
        found = fields.pop("breaches", None) or fields.get("violations", ())  # the older name
        return cls(**{**fields, "violations": tuple(SchemaViolation(**each) for each in found)})


class Numbering:
    """Ids of exchanges: place of the check in the plan, then a count within the check.

    So an id does not depend on what runs at the same time, and ids sort as the plan does.
    """

    def __init__(self) -> None:
        self._places = {SET_UP: 0}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def plan(self, checks: Iterable[str]) -> None:
        """Give each check its place; others get one behind them when they are first seen."""
        with self._lock:
            for check in checks:
                self._places.setdefault(check, len(self._places))

    def continue_after(self, checks: Iterable[str], counts: Mapping[str, int]) -> None:
        """Number after what an earlier part of the run recorded: its plan, exchanges by check."""
        self.plan(checks)
        self._counts.update(counts)
        self.plan(counts)

    def next(self, check: str) -> str:
        """Return the id of the next exchange of a check."""
        with self._lock:
            place = self._places.setdefault(check, len(self._places))
            self._counts[check] += 1
            return f"x{place:03d}-{self._counts[check]:04d}"
