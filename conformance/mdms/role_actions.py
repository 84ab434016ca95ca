"""Role and action master data: read as served or from a checkout, and joined to what it grants."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from conformance.client.client import ANONYMOUS, Client, Unanswered
from conformance.core.foreign_files import FileError, read
from conformance.core.verdicts import Inconclusive

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
# File -> the meaning of one of its rows.
SAID: Final = {
    "roles.json": "{code}",
    "roleactions.json": "{rolecode} may {actionid}",
    "actions-test.json": "{id} is {url}",
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRows:
    """All rows of one master, and what it says of itself; a row may be no mapping at all."""

    rows: Sequence[Any]
    place: Callable[[int], str]  # of a row: file and line, or its number
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def usable(self) -> list[Row]:
        """The rows that are mappings: DIGIT finds rows by their fields, so that others are none."""
        return [row for row in self.rows if isinstance(row, dict)]


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
            SAID[file].format_map(defaultdict(lambda: None, row))
            if isinstance(row, dict)
            else f"no row: {row!r:.40}"
            for row in self.master(file).rows
        )


def same_id(value: Any) -> str:
    """Return an id as text: a service takes 7 and "7" for the same."""
    return str(value)


def served(client: Client, *, anew: bool = False) -> Masters:
    """Return the masters that the deployment serves, or read them anew; Inconclusive without."""
    masters = Masters(lambda file: _served(client, file, anew=anew))
    for file in PLACES:
        masters.master(file)
    return masters


def served_apart(client: Client) -> Masters:
    """Return the masters, read anew, though some are not served; Inconclusive if none is."""
    read: dict[str, MasterRows | Inconclusive] = {}
    for file in PLACES:
        try:
            read[file] = _served(client, file, anew=True)
        except Unanswered:
            raise
        except Inconclusive as unread:
            read[file] = unread
    reasons = [each for each in read.values() if isinstance(each, Inconclusive)]
    if len(reasons) == len(read):
        raise reasons[0]

    def master_of(file: str) -> MasterRows:
        found = read[file]
        if isinstance(found, Inconclusive):
            raise found
        return found

    return Masters(master_of)


def _served(client: Client, file: str, *, anew: bool) -> MasterRows:
    module, name = PLACES[file]
    rows = _rows_anew(client, module, name) if anew else _rows_known(client, module, name)
    return MasterRows(rows=rows, place=lambda index: f"row {index + 1} of {file}")


def checked_out(folder: Path) -> Masters:
    """Return the masters of a state folder of an MDMS repository, which are read when needed."""
    return Masters(lambda file: _rows_of(folder / PLACES[file][0] / file, PLACES[file][1]))


def business_service(client: Client, code: str) -> Row:
    """Return the BusinessService row of a code; Inconclusive when there is none."""
    for row in master(client, "BillingService", "BusinessService"):
        if row.get("code") == code:
            return row
    raise Inconclusive(
        f"the master BillingService.BusinessService has no row {code!r}",
        "correct bills.business_service in the profile",
    )


def tax_period(client: Client, service: str, now: int) -> tuple[int, int]:
    """Return the shortest TaxPeriod of a service around a time, in epoch ms, or Inconclusive."""
    spans: list[tuple[int, int]] = []
    for row in master(client, "BillingService", "TaxPeriod"):
        with suppress(KeyError, TypeError, ValueError):  # a row without times is no period
            if row.get("service") == service:
                spans.append((int(row["fromDate"]), int(row["toDate"])))
    current = [(first, last) for first, last in spans if first <= now <= last]
    if not current:
        raise Inconclusive(
            f"the master BillingService.TaxPeriod has no period of {service} for today",
            "add one there, or set bills.tax_period in the profile",
        )
    return min(current, key=lambda span: span[1] - span[0])


def master(client: Client, module: str, name: str) -> list[Row]:
    """Return one master, which is read once for a whole run; Inconclusive if it is not served."""
    return [row for row in _rows_known(client, module, name) if isinstance(row, dict)]


def master_anew(client: Client, module: str, name: str) -> list[Row]:
    """Read one master, without a token where that is allowed, else as the administrator."""
    return [row for row in _rows_anew(client, module, name) if isinstance(row, dict)]


def _rows_known(client: Client, module: str, name: str) -> list[Any]:
    key = f"{module}/{name}"
    try:
        return client.masters(key, lambda: _rows_anew(client, module, name))
    except Unanswered:  # the next check may have better luck
        client.masters.forget(key)
        raise


def _rows_anew(client: Client, module: str, name: str) -> list[Any]:
    body = {
        "MdmsCriteria": {
            "tenantId": client.target.state_tenant,
            "moduleDetails": [{"moduleName": module, "masterDetails": [{"name": name}]}],
        }
    }
    response = client.call("mdms.search", as_=ANONYMOUS, body=body, tolerant=True)
    if response.status in {401, 403}:
        response = client.call("mdms.search", as_="administrator", body=body, tolerant=True)
    try:
        rows = response.body["MdmsRes"][module][name]
    except (KeyError, TypeError):
        rows = None
    if not isinstance(rows, list):
        raise Inconclusive(
            f"the master {module}/{name} is not served: {response.description}",
            f"see whether the MDMS service has loaded {module}/{name}"
            if isinstance(response.body, dict) and "MdmsRes" in response.body
            else "grant /egov-mdms-service/v1/_search to the administrator",
        )
    return rows


def _rows_of(path: Path, key: str) -> MasterRows:
    try:
        file = read(path)
        header = file.mapping(f"write a list of rows below {key!r}")
        rows = header.get(key)
        if not isinstance(rows, list):
            raise file.error((key,), "is not a list", f"write a list of rows below {key!r}")
    except FileError as problem:
        raise Inconclusive(problem.message, problem.remedy) from None
    return MasterRows(
        rows=rows,
        place=lambda index: f"{path}, line {file.line((key, index))}",
        header={name: each for name, each in header.items() if name != key},
    )
