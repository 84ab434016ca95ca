"""Role and action master data: read as served or from a checkout, and joined to what it grants."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.client.client import ANONYMOUS, Client
from conformance.core.verdicts import Inconclusive

FOUR_URLS: Final = (
    "/billing-service/bill/v2/_fetchbill",
    "/pg-service/transaction/v1/_create",
    "/pg-service/transaction/v1/_update",
    "/collection-services/payments/_create",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masters:
    """The rows of roles.json, roleactions.json and actions-test.json at the state tenant."""

    roles: Sequence[Row]
    role_actions: Sequence[Row]
    actions: Sequence[Row]

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
            f"the pair {role}-{action} stands {count} times"
            for action, count in Counter(str(row.get("actionid")) for row in rows).items()
            if count > 1
        ]
        for row in rows:
            if self.url_of(row.get("actionid")) is None:
                flaws.append(f"action id {row.get('actionid')} resolves to no action")
            if "tenantid" in row:
                flaws.append(f"the row of action {row.get('actionid')} writes tenantid")
        return flaws

    def rows(self) -> dict[str, Counter[str]]:
        """Return what each file says, row by row in a comparable form, with its count."""
        return {
            "roles.json": Counter(str(row.get("code")) for row in self.roles),
            "roleactions.json": Counter(
                f"{row.get('rolecode')} may {row.get('actionid')}" for row in self.role_actions
            ),
            "actions-test.json": Counter(
                f"{row.get('id')} is {row.get('url')}" for row in self.actions
            ),
        }


def served(client: Client) -> Masters:
    """Read the masters that the deployment serves; Inconclusive when it serves none."""
    roles = master(client, "ACCESSCONTROL-ROLES", "roles")
    role_actions = master(client, "ACCESSCONTROL-ROLEACTIONS", "roleactions")
    actions = master(client, "ACCESSCONTROL-ACTIONS-TEST", "actions-test")
    return Masters(roles=roles, role_actions=role_actions, actions=actions)


def checked_out(folder: Path) -> Masters:
    """Read the masters of a state folder of an MDMS repository; Inconclusive if unreadable."""
    return Masters(
        roles=_rows(folder / "ACCESSCONTROL-ROLES" / "roles.json", "roles"),
        role_actions=_rows(
            folder / "ACCESSCONTROL-ROLEACTIONS" / "roleactions.json", "roleactions"
        ),
        actions=_rows(folder / "ACCESSCONTROL-ACTIONS-TEST" / "actions-test.json", "actions-test"),
    )


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
    """Read one master, without a token where that is allowed, else as the administrator."""
    body = {
        "MdmsCriteria": {
            "tenantId": client.target.state_tenant,
            "moduleDetails": [{"moduleName": module, "masterDetails": [{"name": name}]}],
        }
    }
    answer = client.call("mdms.search", as_=ANONYMOUS, body=body, tolerant=True)
    if answer.status in {401, 403}:
        answer = client.call("mdms.search", as_="administrator", body=body, tolerant=True)
    try:
        rows = answer.body["MdmsRes"][module][name]
    except (KeyError, TypeError):
        raise Inconclusive(
            f"the master {module}/{name} is not served: {answer.in_words}",
            "open /egov-mdms-service/v1/_search to the administrator",
        ) from None
    return list(rows)


def _rows(path: Path, key: str) -> list[Row]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))[key])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Inconclusive(f"{path}: holds no readable list {key!r} ({problem})") from None
