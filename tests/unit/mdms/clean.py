"""A checkout of clean master data, one row to a line from line 5 on; and the same with a fault."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from conformance.mdms.billing_rules import noon
from conformance.mdms.masters import FOUR_URLS, MASTERS

ROLE, STATE, CITY = "BANK", "zz", "zz.east"
TODAY = date(2026, 8, 15)
FIRST_ROW = 5
Rows = dict[str, list[Any]]


def period(service: str, year: int, **changes: Any) -> dict[str, Any]:
    """The tax period of a financial year."""
    return {
        "fromDate": noon(date(year, 4, 1)) - 12 * 3_600_000,
        "toDate": noon(date(year + 1, 3, 31)) + 12 * 3_600_000 - 1000,
        "periodCycle": "ANNUAL", "service": service, "code": f"{service}{year}",
        "financialYear": f"{year}-{(year + 1) % 100}",
    } | changes  # fmt: skip


def service(code: str, **changes: Any) -> dict[str, Any]:
    """A business service that takes everything but drafts."""
    return {
        "businessService": code, "code": code, "collectionModesNotAllowed": ["DD"],
        "partPaymentAllowed": False, "isAdvanceAllowed": False, "isActive": True,
    } | changes  # fmt: skip


def head(code: str, service: str, **changes: Any) -> dict[str, Any]:
    """A tax head."""
    return {
        "category": "TAX", "service": service, "name": code, "code": code, "isDebit": False,
        "isActualDemand": True, "order": 1, "isRequired": False,
    } | changes  # fmt: skip


def action(id_: Any, url: str, **changes: Any) -> dict[str, Any]:
    """An action."""
    return {"id": id_, "name": "n", "url": url, "displayName": "d", "enabled": True} | changes


def grant(role: str, action: Any, **changes: Any) -> dict[str, Any]:
    """A role-action."""
    return {"rolecode": role, "actionid": action, "actioncode": "", "tenantId": STATE} | changes


CLEAN: Rows = {
    "roles.json": [{"code": ROLE, "name": "n"}, {"code": "CLERK", "name": "n"}],
    "roleactions.json": [*(grant(ROLE, number) for number in range(1, 5)), grant("CLERK", 5)],
    "actions-test.json": [
        *(action(number, url) for number, url in enumerate(FOUR_URLS, 1)),
        action(5, "/egov-hrms/employees/_search"),
    ],
    "BusinessService.json": [service("PT"), service("WS", isAdvanceAllowed=True)],
    "TaxHeadMaster.json": [
        head("PT_TAX", "PT"), head("WS_TAX", "WS"),
        head("WS_ADVANCE", "WS", category="ADVANCE_COLLECTION"),
    ],
    "TaxPeriod.json": [period("PT", 2025), period("PT", 2026), period("WS", 2026)],
}  # fmt: skip


def changed(change: Callable[[Rows], object]) -> Rows:
    """The clean rows after a change of them."""
    rows = deepcopy(CLEAN)
    change(rows)
    return rows


def text_of(file: str, rows: list[Any], header: Mapping[str, Any]) -> str:
    """A file: three lines of its header, then one row to a line."""
    module, key = MASTERS[file]
    stated = {"tenantId": STATE, "moduleName": module} | header
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(stated[name])}" for name in stated)
    return f'{{\n{lines},\n"{key}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n"


def written(folder: Path, rows: Rows = CLEAN, city: str = "", **header: Any) -> Path:
    """Write a state's folder, or that of one of its cities."""
    for file, own in rows.items():
        path = folder / city / MASTERS[file][0] / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(file, own, header), encoding="utf-8")
    return folder
