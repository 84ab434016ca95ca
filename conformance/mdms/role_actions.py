"""Role and action master data: read as served or from a checkout, and joined to what it grants."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
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


class Masters:
    """The rows of roles.json, roleactions.json and actions-test.json at the state tenant.

    Each file is read when it is first needed, and raises Inconclusive if it cannot be read then.
    """

    def __init__(self, rows_of_file: Callable[[str], Sequence[Row]]) -> None:
        """Take the rows from a function of the file's name."""
        self._rows = cache(rows_of_file)

    @property
    def roles(self) -> Sequence[Row]:
        """The rows of roles.json."""
        return self._rows("roles.json")

    @property
    def role_actions(self) -> Sequence[Row]:
        """The rows of roleactions.json."""
        return self._rows("roleactions.json")

    @property
    def actions(self) -> Sequence[Row]:
        """The rows of actions-test.json."""
        return self._rows("actions-test.json")

    def rows_of(self, role: str) -> list[Row]:
        """Return the roleactions rows of a role."""
        return [row for row in self.role_actions if row.get("rolecode") == role]

    def url_of(self, action_id: Any) -> str | None:
        """Return the URL that an action id resolves to; the first row wins, as in DIGIT."""
        for row in self.actions:
            if str(row.get("id")) == str(action_id):
                return str(row.get("url"))
        return None

    def urls_of(self, role: str) -> list[str]:
        """Return every URL that a role is granted, through ids that resolve."""
        urls = (self.url_of(row.get("actionid")) for row in self.rows_of(role))
        return [url for url in urls if url is not None]

    def flaws_of(self, role: str) -> list[str]:
        """Return what is unclean about a role's rows, one sentence each."""
        rows = self.rows_of(role)
        flaws = [
            f"the pair {role}-{action} appears {count} times"
            for action, count in Counter(str(row.get("actionid")) for row in rows).items()
            if count > 1
        ]
        for row in rows:
            if self.url_of(row.get("actionid")) is None:
                flaws.append(f"action id {row.get('actionid')} resolves to no action")
            if "tenantid" in row:
                flaws.append(f"the row of action {row.get('actionid')} writes tenantid")
        return flaws

    def rows(self, file: str) -> Counter[str]:
        """Return the content of a file, row by row in a comparable form, with its count."""
        return Counter(
            SAID[file].format_map(defaultdict(lambda: None, row)) for row in self._rows(file)
        )


def served(client: Client, *, anew: bool = False) -> Masters:
    """Return the masters that the deployment serves, or read them anew; Inconclusive without."""
    reader = master_anew if anew else master
    rows = {file: reader(client, *place) for file, place in PLACES.items()}
    return Masters(rows.__getitem__)


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
    spans = [
        (int(row["fromDate"]), int(row["toDate"]))
        for row in master(client, "BillingService", "TaxPeriod")
        if row.get("service") == service and {"fromDate", "toDate"} <= row.keys()
    ]
    current = [(first, last) for first, last in spans if first <= now <= last]
    if not current:
        raise Inconclusive(
            f"the master BillingService.TaxPeriod has no period of {service} for today",
            "add one there, or set bills.tax_period in the profile",
        )
    return min(current, key=lambda span: span[1] - span[0])


def master(client: Client, module: str, name: str) -> list[Row]:
    """Return one master, which is read once for a whole run; Inconclusive if it is not served."""
    key = f"{module}/{name}"
    try:
        return client.masters(key, lambda: master_anew(client, module, name))
    except Unanswered:  # the next check may have better luck
        client.masters.forget(key)
        raise


def master_anew(client: Client, module: str, name: str) -> list[Row]:
    """Read one master, without a token where that is allowed, else as the administrator."""
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
        rows = list(response.body["MdmsRes"][module][name])
    except (KeyError, TypeError):
        raise Inconclusive(
            f"the master {module}/{name} is not served: {response.description}",
            "grant /egov-mdms-service/v1/_search to the administrator",
        ) from None
    if not all(isinstance(row, dict) for row in rows):
        raise Inconclusive(
            f"the master {module}/{name} holds a row that is not a mapping", "correct its file"
        )
    return rows


def _rows_of(path: Path, key: str) -> list[Row]:
    try:
        file = read(path)
        rows = file.mapping(f"write a list of rows below {key!r}").get(key)
        if not isinstance(rows, list):
            raise file.error((key,), "is not a list", f"write a list of rows below {key!r}")
        odd = [number for number, row in enumerate(rows) if not isinstance(row, dict)]
        if odd:
            message, remedy = "is not a mapping", "write a row or remove it"
            raise FileError(path, *(file.mistake((key, each), message, remedy) for each in odd))
    except FileError as problem:
        raise Inconclusive(problem.message, problem.remedy) from None
    return rows
