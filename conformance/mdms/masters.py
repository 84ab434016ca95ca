"""The rows of roles and actions, whoever read them, and joined to what they grant."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

FOUR_URLS: Final = (
    "/billing-service/bill/v2/_fetchbill",
    "/pg-service/transaction/v1/_create",
    "/pg-service/transaction/v1/_update",
    "/collection-services/payments/_create",
)
# File -> module and name of its master.
PLACES: Final = {
    "roles.json": ("ACCESSCONTROL-ROLES", "roles"),
    "roleactions.json": ("ACCESSCONTROL-ROLEACTIONS", "roleactions"),
    "actions-test.json": ("ACCESSCONTROL-ACTIONS-TEST", "actions-test"),
}
# The masters of what is billed, in the same form.
BILLING: Final = {
    "BusinessService.json": ("BillingService", "BusinessService"),
    "TaxHeadMaster.json": ("BillingService", "TaxHeadMaster"),
    "TaxPeriod.json": ("BillingService", "TaxPeriod"),
}
MASTERS: Final = PLACES | BILLING
# File -> the meaning of one of its rows.
SAID: Final = {
    "roles.json": "{code}",
    "roleactions.json": "{rolecode} may {actionid}",
    "actions-test.json": "{id} is {url}",
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: a line (from 1, 0 if unknown) of a file, or a row by its number."""

    path: Path | None = None
    line: int = 0
    row: str = ""

    def __str__(self) -> str:
        """Return file and line, or the number of the row."""
        if self.path is None:
            return self.row
        return f"{self.path}, line {self.line}" if self.line else str(self.path)

    @property
    def within(self) -> str:
        """The place as one says it in the same file."""
        return f"line {self.line}" if self.line else self.row


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRows:
    """All rows of one master, and what it says of itself; a row may be no mapping at all.

    `spot` finds a row by its index and a key in it, or a key of the header; of what is absent, the
    nearest.
    """

    rows: Sequence[Any]
    spot: Callable[..., Spot]
    header: Mapping[str, Any] | None = None  # None for what is served

    @property
    def numbered(self) -> Iterator[tuple[int, Row]]:
        """Yield index and row of each row that is a mapping."""
        return ((index, row) for index, row in enumerate(self.rows) if isinstance(row, dict))

    @property
    def usable(self) -> list[Row]:
        """The rows that are mappings: DIGIT finds rows by their fields, so that others are none."""
        return [row for _, row in self.numbered]


class Masters:
    """The rows of roles.json, roleactions.json and actions-test.json at the state tenant.

    Each file is read when it is first needed, and raises Inconclusive if it cannot be read then.
    """

    def __init__(self, master_of: Callable[[str], MasterRows]) -> None:
        """Take the masters from a function of the file's name."""
        self.master = cache(master_of)

    @property
    def roles(self) -> Sequence[Row]:
        """The rows of roles.json."""
        return self.master("roles.json").usable

    @property
    def role_actions(self) -> Sequence[Row]:
        """The rows of roleactions.json."""
        return self.master("roleactions.json").usable

    @property
    def actions(self) -> Sequence[Row]:
        """The rows of actions-test.json."""
        return self.master("actions-test.json").usable

    @cached_property
    def _urls(self) -> Mapping[str, str]:
        urls: dict[str, str] = {}
        for row in self.actions:
            urls.setdefault(same_id(row.get("id")), str(row.get("url")))
        return urls

    def rows_of(self, role: str) -> list[Row]:
        """Return the roleactions rows of a role."""
        return [row for row in self.role_actions if row.get("rolecode") == role]

    def url_of(self, action_id: Any) -> str | None:
        """Return the URL that an action id resolves to; the first row wins, as in DIGIT."""
        return self._urls.get(same_id(action_id))

    def ids_of(self, url: str) -> list[str]:
        """Return the action ids that resolve to a URL."""
        return [each for each, named in self._urls.items() if named == url]

    def urls_of(self, role: str) -> list[str]:
        """Return every URL that a role is granted, through ids that resolve."""
        urls = (self.url_of(row.get("actionid")) for row in self.rows_of(role))
        return [url for url in urls if url is not None]

    def rows(self, file: str) -> Counter[str]:
        """Return the content of a file, row by row in a comparable form, with its count."""
        return Counter(
            SAID[file].format_map(
                defaultdict(lambda: None, {key: same_id(each) for key, each in row.items()})
            )
            if isinstance(row, dict)
            else f"no row: {row!r:.40}"
            for row in self.master(file).rows
        )


def same_id(value: Any) -> str:
    """Return an id as text: a service takes 7, 7.0 and "7" for the same."""
    if isinstance(value, Decimal | float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)
