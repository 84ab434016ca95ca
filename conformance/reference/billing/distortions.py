"""What the faults do to fetched bills: sums that disagree, bills that should not be offered."""

import copy
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing import tables
from conformance.reference.platform.amounts import ZERO, total
from conformance.reference.platform.errors import GatewayProblem, Unhandled
from conformance.reference.platform.world import Call, User, World

Document = dict[str, Any]
RUPEE: Final = Decimal(1)
ROUNDED_LINES: Final = "lines-rounded-in-a-whole-bill"


def as_answered(world: World, bill: Document) -> Document:
    """Return a bill as a fetch answers it, with the switched-on faults in it."""
    shown = copy.deepcopy(bill)
    accounts = shown["billDetails"][0]["billAccountDetails"]
    if world.faults.on("bill-parts-disagree"):
        accounts[0]["amount"] -= 1
    if world.faults.on("bill-details-disagree"):
        shown["billDetails"][0]["amount"] += 1
    if shown["totalAmount"] % 1 and world.faults.on("bill-rounds-paise"):
        shown["totalAmount"] //= 1
        for detail in shown["billDetails"]:
            detail["amount"] //= 1
            for account in detail["billAccountDetails"]:
                account["amount"] //= 1
    rounding_lines(world, shown)
    every = [each for detail in shown["billDetails"] for each in detail["billAccountDetails"]]
    if any(each["amount"] < 0 for each in every) and world.faults.on("rebates-left-out"):
        shown["totalAmount"] = total([max(each["amount"], ZERO) for each in every])
    if shown["billDetails"][1:] and world.faults.on("one-period-shown"):
        del shown["billDetails"][1:]
    if world.faults.on("bill-without-expiry"):
        for detail in shown["billDetails"]:
            del detail["expiryDate"]
    if world.faults.on("bill-without-details"):
        shown["billDetails"] = []
    if world.faults.on("bill-status-misspelt"):
        shown["status"] = shown["status"].lower()
    return shown


def rounding_lines(world: World, bill: Document) -> None:
    """Round the lines of a bill where that leaves its total (a fault)."""
    lines = [each for detail in bill["billDetails"] for each in detail["billAccountDetails"]]
    rounded = [each["amount"].quantize(RUPEE) for each in lines]
    odd = any(each["amount"] != whole for each, whole in zip(lines, rounded, strict=True))
    if odd and total(rounded) == bill["totalAmount"] and world.faults.on(ROUNDED_LINES):
        for each, whole in zip(lines, rounded, strict=True):
            each["amount"] = whole
        for detail in bill["billDetails"]:
            detail["amount"] = total([each["amount"] for each in detail["billAccountDetails"]])


def offered_anyway(
    world: World, db: Connection, call: Call, user: User, offered: list[Document]
) -> list[Document]:
    """Return bills that a correct deployment would not offer: paid ones, other people's ones."""
    tenant, service = call.first("tenantId") or "", call.first("businessService") or ""
    codes = call.several("consumerCode")
    known = tables.demands_of(db, tenant, service, codes)
    if offered:
        return beside(world, db, codes, known, offered)
    if world.faults.on("unknown-code-breaks") and not known:
        raise GatewayProblem(500, "NullPointerException", "The bill could not be fetched")
    others = user["type"] != "SYSTEM" and world.faults.on("paid-bill-offered-to-others")
    if others or world.faults.on("paid-bill-offered"):
        paid = tables.bills_of(db, tenant, service, codes)
        return [{**bill, "status": "ACTIVE"} for bill in paid[:1] if bill["status"] == "PAID"]
    late = expired_ones(world, tables.bills_of(db, tenant, service, codes))
    if late and world.faults.on("paid-bill-offered-later"):
        return late
    if world.faults.on("somebody-elses-bill") and not known:
        return tables.bills_of(db, tenant, service)[:1]
    return []


def beside(
    world: World,
    db: Connection,
    codes: list[str],
    known: list[Document],
    offered: list[Document],
) -> list[Document]:
    """Return what faults offer together with payable bills: paid ones, others'; or break down."""
    if {*codes} - {each["consumerCode"] for each in known} and world.faults.on(
        "unknown-code-of-a-list-breaks"
    ):
        raise GatewayProblem(500, "NullPointerException", "The bills could not be fetched")
    of, due = offered[0], {each["consumerCode"] for each in offered}
    rest = [code for code in codes if code not in due]
    stored = tables.bills_of(db, of["tenantId"], of["businessService"], rest) if rest else []
    paid = [each for each in stored if each["status"] == "PAID"]
    if paid and world.faults.on("paid-bill-offered-beside-others"):
        return [{**each, "status": "ACTIVE"} for each in paid]
    collected = [each for each in paid if paid_by_another(each)]
    if collected and world.faults.on("bill-paid-at-the-counter-offered-beside-others"):
        return [{**each, "status": "ACTIVE"} for each in collected]
    if codes[1:] and world.faults.on("list-brings-a-strangers-bill"):
        others = tables.bills_of(db, of["tenantId"], of["businessService"])
        return [each for each in others if each["consumerCode"] not in codes][:1]
    return []


def paid_by_another(bill: Document) -> bool:
    """Whether another user paid a bill than the one who fetched it first, as at the counter."""
    audit = bill["auditDetails"]
    return bool(audit["lastModifiedBy"] != audit["createdBy"])


def billed_again(world: World, demands: Sequence[Document]) -> list[Document]:
    """Return the paid demands that a fault bills together with a further one, as if unpaid."""
    paid = [each for each in demands if each["isPaymentCompleted"]]
    if not paid or not world.faults.on("paid-period-billed-again"):
        return []
    return [
        each
        | {"demandDetails": [line | {"collectionAmount": ZERO} for line in each["demandDetails"]]}
        for each in paid
    ]


def replaced_anyway(world: World, call: Call) -> bool:
    """Whether a fetch makes other bills, although those before are payable (faults)."""
    on = world.faults.on
    return bool(
        (call.first("mobileNumber") and on("number-makes-another-bill"))
        or (len(set(call.several("consumerCode"))) > 1 and on("list-makes-another-bill"))
        or (
            call.first("mobileNumber")
            and len(set(call.several("consumerCode"))) > 1
            and on("list-with-a-number-makes-another-bill")
        )
        or (call.first("demandId") and on("demand-id-makes-another-bill"))
    )


def billed_elsewhere(db: Connection, demand: Document) -> list[Document]:
    """Return the active bills of a demand's consumer code in other cities and services."""
    twins = tables.namesakes_of(db, demand)
    places = [(each["tenantId"], each["businessService"]) for each in twins]
    found = [tables.active_bill(db, *place, demand["consumerCode"]) for place in places]
    return [bill for bill in found if bill is not None]


def billed_too(world: World, db: Connection, demand: Document) -> list[Document]:
    """Return the demands elsewhere that come on a demand's bill (a fault); or refuse its bill."""
    twins = tables.namesakes_of(db, demand)
    if twins and world.faults.on("namesake-billed-together"):
        return twins
    cities = {each["tenantId"] for each in billed_elsewhere(db, demand)}
    if cities - {demand["tenantId"]} and world.faults.on("namesake-refused"):
        raise Unhandled("DuplicateKeyException", "one_active_bill_of_a_code")
    return []


def without_zeros(code: str) -> str:
    """Return a code whose numbers have no leading zeros."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", code)


def in_one_form(code: str) -> str:
    """Return a code in the Unicode form that makes wide characters plain ones."""
    return unicodedata.normalize("NFKC", code)


# What the faults do not distinguish in consumer codes.
UNDISTINGUISHED: Final[dict[str, Callable[[str], str]]] = {
    "codes-in-any-case": str.casefold,
    "codes-without-blanks": str.strip,
    "codes-without-zeros": without_zeros,
    "codes-in-any-form": in_one_form,
}


def expired_ones(world: World, bills: list[Document]) -> list[Document]:
    """Return the paid bills whose expiry has passed, as payable ones (a fault)."""
    now = world.clock.now()
    return [
        {**bill, "status": "ACTIVE"}
        for bill in bills
        if bill["status"] == "PAID" and bill["billDetails"][0]["expiryDate"] < now
    ]


def strays(world: World, db: Connection, call: Call) -> list[Document]:
    """Return the demands that a careless look-up finds, somebody else's among them (faults)."""
    tenant, service = call.first("tenantId") or "", call.first("businessService")
    codes = call.several("consumerCode")
    if world.faults.on("fetch-ignores-tenant"):
        return tables.demands_of(db, tenant.partition(".")[0], service, codes)
    if world.faults.on("fetch-ignores-service"):
        return tables.demands_of(db, tenant, None, codes)
    for name, plain in UNDISTINGUISHED.items():
        if world.faults.on(name):
            wanted = {plain(code) for code in codes}
            known = tables.demands_of(db, tenant, service)
            return [each for each in known if plain(each["consumerCode"]) in wanted]
    if world.faults.on("codes-matched-by-beginning"):
        return alike(db, tenant, service, [f"{code}*" for code in codes])
    if world.faults.on("codes-matched-by-wildcard"):
        return alike(db, tenant, service, [code.replace("%", "*") for code in codes])
    return []


def alike(db: Connection, tenant: str, service: str | None, patterns: list[str]) -> list[Document]:
    """Return the demands whose consumer code looks like one of the patterns."""
    known = tables.demands_of(db, tenant, service)
    return [
        each
        for each in known
        if any(fnmatchcase(each["consumerCode"], pattern) for pattern in patterns)
    ]


def seen_changes(
    world: World, former: Sequence[Document], changed: Sequence[Document]
) -> Sequence[Document]:
    """Return the changed demands whose bills are withdrawn: all of them, but for faults."""
    before = {each["id"]: each for each in former}
    grown = [each for each in changed if one_head(before[each["id"]]) and not one_head(each)]
    if grown and world.faults.on("further-head-unseen"):
        changed = [each for each in changed if each not in grown]
    if world.faults.on("change-of-the-same-total-unseen"):
        changed = [
            each
            for each in changed
            if each["status"] != "ACTIVE" or raised(each) != raised(before[each["id"]])
        ]
    return changed


def seen_beside_namesakes(
    world: World, db: Connection, changed: Sequence[Document], *, by: str
) -> Sequence[Document]:
    """Return the changed demands whose bills are withdrawn; withdraw those elsewhere (faults)."""
    seen = []
    for demand in changed:
        bills = billed_elsewhere(db, demand)
        if bills and world.faults.on("namesake-replaced"):
            for bill in bills:
                tables.set_bill_status(db, bill, "EXPIRED", by=by, now=world.clock.now())
        elsewhere = any(bill["tenantId"] != demand["tenantId"] for bill in bills)
        if not (elsewhere and world.faults.on("change-unseen-beside-a-namesake")):
            seen.append(demand)
    return seen


def raised(demand: Document) -> Decimal:
    """Return the rupees that a demand is over, whatever was paid of it."""
    return total([each["taxAmount"] for each in demand["demandDetails"]])


def one_head(demand: Document) -> bool:
    """Whether a demand has a single detail."""
    return len(demand["demandDetails"]) == 1
