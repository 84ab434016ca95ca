"""Master data as the deployment serves it."""

import hashlib
import json
from contextlib import suppress
from typing import Any, Final

from conformance.client.client import ANONYMOUS, Client, Unanswered
from conformance.core.verdicts import Inconclusive
from conformance.core.wording import plural
from conformance.mdms.masters import MASTERS, PLACES, MasterRows, Masters, Row, Spot

SHORT: Final = 12  # hexadecimal digits of a checksum


def served(client: Client, *, anew: bool = False) -> Masters:
    """Return the masters that the deployment serves, or read them anew; Inconclusive without."""
    masters = Masters(lambda file: served_rows(client, file, anew=anew))
    for file in PLACES:
        masters.master(file)
    return masters


def served_apart(client: Client) -> Masters:
    """Return the masters, read anew, though some are not served; Inconclusive if none is."""
    read: dict[str, MasterRows | Inconclusive] = {}
    for file in PLACES:
        try:
            read[file] = served_rows(client, file, anew=True)
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


def served_rows(client: Client, file: str, *, anew: bool) -> MasterRows:
    """Return the rows of one master as served, or read them again; Inconclusive without."""
    module, name = MASTERS[file]
    rows = _rows_anew(client, module, name) if anew else _rows_known(client, module, name)

    def spot(index: int | None, *_: str) -> Spot:
        return Spot(row=file if index is None else f"row {index + 1} of {file}")

    return MasterRows(rows=rows, spot=spot)


def fingerprints(client: Client) -> str:
    """Return a short checksum of each master as served, in one text; the order of rows is free.

    A master that is not served is left out. Each is read once for a whole run.
    """
    sums = {}
    for file in MASTERS:
        with suppress(Inconclusive):
            rows = served_rows(client, file, anew=False).rows
            lines = sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:SHORT]
            sums[file.removesuffix(".json")] = f"{digest} ({plural(len(rows), 'row')})"
    return "; ".join(f"{name}: {text}" for name, text in sums.items())


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
