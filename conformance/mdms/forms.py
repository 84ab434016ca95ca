"""What may be wrong with the form of master data: its files, headers, keys and types of values."""

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from conformance.core.foreign_files import FileError
from conformance.mdms.checkout import TENANT, Checkout
from conformance.mdms.masters import BILLING, MASTERS, PLACES, MasterRows, Row, Spot
from conformance.mdms.rules import Flaw, flaw

LONGEST: Final = 40  # characters shown of what is no row
ALIKE: Final = 0.85  # from this similarity on, an unknown key is one misspelt
# Keys that DIGIT's own masters have.
AUDIT: Final = {
    "createdBy", "createdDate", "createdTime", "lastModifiedBy", "lastModifiedDate",
    "lastModifiedTime", "isActive", "description", TENANT,
}  # fmt: skip
KEYS: Final = {
    "roles.json": AUDIT | {"code", "name", "id"},
    "roleactions.json": AUDIT | {"rolecode", "actionid", "actioncode", "id"},
    "actions-test.json": AUDIT | {
        "id", "name", "url", "displayName", "orderNumber", "parentModule", "enabled",
        "serviceCode", "code", "path", "navigationURL", "leftIcon", "rightIcon", "queryParams",
        "sidebar", "sidebarURL", "quickAction", "isRequiredDocument",
    },
    "BusinessService.json": AUDIT | {
        "businessService", "code", "collectionModesNotAllowed", "partPaymentAllowed",
        "isAdvanceAllowed", "demandUpdateTime", "isVoucherCreationEnabled", "minAmountPayable",
        "type", "billGineiURL", "isBillAmendmentEnabled", "isCitizen",
    },
    "TaxHeadMaster.json": AUDIT | {
        "category", "service", "name", "code", "isDebit", "isActualDemand", "order", "isRequired",
        "IsBillamend", "isDiscountApplicable",
    },
    "TaxPeriod.json": AUDIT | {
        "fromDate", "toDate", "periodCycle", "service", "code", "financialYear",
    },
}  # fmt: skip
# Keys without which nobody finds a row.
NEEDED: Final = {
    "roles.json": ("code",),
    "roleactions.json": ("rolecode", "actionid"),
    "actions-test.json": ("id", "url"),
    "BusinessService.json": ("code",),
    "TaxHeadMaster.json": ("code", "service"),
    "TaxPeriod.json": ("service",),
}
TRUE_OR_FALSE: Final = {
    "enabled", "partPaymentAllowed", "isAdvanceAllowed", "isVoucherCreationEnabled", "isActive",
    "isBillAmendmentEnabled", "isCitizen", "isDebit", "isActualDemand", "isRequired",
    "IsBillamend", "isDiscountApplicable",
}  # fmt: skip
WHOLE: Final = {"actionid", "orderNumber", "demandUpdateTime"}
LISTS: Final = {"collectionModesNotAllowed"}


def file_flaws(checkout: Checkout) -> Iterator[Flaw]:
    """Yield what is wrong with files: unreadable, absent, without rows, of another tenant."""
    known = {checkout.path(file, city): MASTERS[file][1]
             for file in MASTERS for city in ("", *checkout.cities)}  # fmt: skip
    for path in checkout.files:
        yield from _unreadable(checkout, path, known.get(path))
    for file in PLACES:
        if not checkout.path(file).is_file():
            yield flaw("file-missing", f"there is no {file}", Spot(checkout.path(file)))
    if any(checkout.path(file).is_file() for file in BILLING):
        for file in BILLING:
            if not checkout.path(file).is_file():
                yield flaw("file-missing", f"there is no {file}", Spot(checkout.path(file)))


def _unreadable(checkout: Checkout, path: Path, key: str | None) -> Iterator[Flaw]:
    """Yield why a file, or the list of rows in it, cannot be read; and another tenant than its."""
    try:
        file = checkout.read(path)
    except FileError as problem:
        for each in problem.mistakes:
            column = f" (column {each.column})" if each.column else ""
            yield flaw("json", f"{each.message}{column}", Spot(path, each.line))
        return
    header = file.value if isinstance(file.value, dict) else {}
    if key and not isinstance(header.get(key), list):
        yield flaw("file-rows", f"holds no list {key!r}", Spot(path, file.line((key,))))
    own = checkout.tenant_of(path)
    if not key and header.get(TENANT, own) != own:
        message = f"says that its {TENANT} is {header[TENANT]!r}, not {own!r}"
        yield flaw("file-tenant", message, Spot(path, file.line((TENANT,))))


def form_flaws(master: MasterRows, file: str, tenant: str) -> Iterator[Flaw]:
    """Yield rows that nobody can find or read, and a header that puts all rows elsewhere."""
    if master.header is not None:
        yield from _header_flaws(master, file, tenant)
    for index, row in enumerate(master.rows):
        if isinstance(row, dict):
            yield from _row_flaws(row, index, master, file)
        else:
            yield flaw("row-form", f"is {shown(row)}, which is no row", master.spot(index))


def _header_flaws(master: MasterRows, file: str, tenant: str) -> Iterator[Flaw]:
    header = master.header or {}
    for rule, key, own in (
        ("file-tenant", TENANT, tenant), ("file-module", "moduleName", MASTERS[file][0])
    ):  # fmt: skip
        if header.get(key) != own:
            what = f"that its {key} is {header[key]!r}" if key in header else f"no {key}"
            yield flaw(rule, f"{file} says {what}, not {own!r}", master.spot(None, key))


def _row_flaws(row: Row, index: int, master: MasterRows, file: str) -> Iterator[Flaw]:
    unknown = sorted(row.keys() - KEYS[file])
    absent = [key for key in NEEDED[file] if row.get(key) is None]
    for key in absent:
        others = ", ".join(map(repr, unknown))
        message = f"has no {key}" + (f", but {others}" if others else "")
        yield flaw("key-missing", message, master.spot(index), row)
    for key in unknown:
        meant = _meant(key, file)
        if meant is None:
            yield flaw("key-unknown", f"the key {key!r} is unknown", master.spot(index, key), row)
        elif meant not in absent:
            message = f"the key {key!r} is misspelt: {meant}"
            yield flaw("key-misspelt", message, master.spot(index, key), row)
    for key, value in row.items():
        if value is not None and (kind := _other_kind(key, value, file)):
            message = f"{key} is {shown(value)}, which is not {kind}"
            yield flaw("key-type", message, master.spot(index, key), row)


def _meant(key: str, file: str) -> str | None:
    """Return the key that was meant by an unknown one, if any is like it."""
    same = [each for each in sorted(KEYS[file]) if _letters(each) == _letters(key)]
    return next(iter(same or get_close_matches(key, sorted(KEYS[file]), 1, ALIKE)), None)


def _letters(key: str) -> str:
    return re.sub("[^a-z]", "", key.lower())


def _other_kind(key: str, value: Any, file: str) -> str:
    """Return which kind of value a key needs and has not; empty if all is well."""
    whole = key in WHOLE or (key, file) == ("id", "actions-test.json")
    if key in TRUE_OR_FALSE and not isinstance(value, bool):
        return "true or false"
    if whole and (isinstance(value, bool) or not isinstance(value, int)):
        return "a whole number"
    if key in LISTS and not isinstance(value, list):
        return "a list"
    return ""


def shown(value: Any) -> str:
    """Return a value as a file has it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
