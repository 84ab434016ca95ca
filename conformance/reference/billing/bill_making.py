"""How demands become a bill: amounts by tax head, expiry, and how a payment is spread over it.

Pure documents in, documents out; storing and serving them is the business of bills and demands.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from conformance.reference.platform.amounts import ZERO, total

Document = dict[str, Any]


def expiry_of(demand: Mapping[str, Any], now: int, ends: Callable[[int], int]) -> int:
    """Return the expiry of a demand's bill detail: end of today, or of the day its term reaches."""
    term = demand["billExpiryTime"] or 0
    furthest = 253_300_000_000_000  # year 9996 in epoch ms: calendars end soon after
    return ends(min(now + max(term, 0), furthest))


def outstanding(demand: Mapping[str, Any]) -> Decimal:
    """Return what is still due on a demand."""
    return total([due_of(detail) for detail in demand["demandDetails"]])


def due_of(detail: Mapping[str, Any]) -> Decimal:
    """Return what is still due on one demand detail; negative for a rebate."""
    due: Decimal = detail["taxAmount"] - detail["collectionAmount"]
    return due


def audit(by: str, now: int) -> Document:
    """Return audit details of something created now."""
    return {"createdBy": by, "lastModifiedBy": by, "createdTime": now, "lastModifiedTime": now}


def make_bill(
    demands: Sequence[Mapping[str, Any]],
    *,
    id_: str,
    number: str,
    orders: Mapping[str, int],
    by: str,
    now: int,
    ends: Callable[[int], int],
) -> Document:
    """Make one bill of one consumer code: a detail per demand, an account detail per tax head.

    `orders` gives the order of tax heads, `by` the uuid of the caller, `now` epoch ms, `ends` the
    end of the day that a time is in.
    """
    first = demands[0]
    details = [
        bill_detail(demand, id_, orders=orders, by=by, now=now, ends=ends) for demand in demands
    ]
    payer = first["payer"] or {}
    return {
        "id": id_,
        "userId": payer.get("uuid"),
        "mobileNumber": payer.get("mobileNumber"),
        "payerName": payer.get("name"),
        "payerAddress": None,
        "payerEmail": None,
        "status": "ACTIVE",
        "totalAmount": total([detail["amount"] for detail in details]),
        "businessService": first["businessService"],
        "billNumber": number,
        "billDate": now,
        "consumerCode": first["consumerCode"],
        "additionalDetails": None,
        "billDetails": details,
        "tenantId": first["tenantId"],
        "fileStoreId": None,
        "auditDetails": audit(by, now),
    }


def bill_detail(
    demand: Mapping[str, Any],
    bill_id: str,
    *,
    orders: Mapping[str, int],
    by: str,
    now: int,
    ends: Callable[[int], int],
) -> Document:
    """Make the bill detail of one demand (one period)."""
    id_ = str(uuid.uuid4())
    heads: dict[str, list[Mapping[str, Any]]] = {}
    for detail in demand["demandDetails"]:
        heads.setdefault(detail["taxHeadMasterCode"], []).append(detail)
    accounts = [
        account_detail(head, parts, id_, demand["tenantId"], orders.get(head, 0), audit(by, now))
        for head, parts in heads.items()
    ]
    return {
        "id": id_,
        "tenantId": demand["tenantId"],
        "demandId": demand["id"],
        "billId": bill_id,
        "expiryDate": expiry_of(demand, now, ends),
        "amount": total([account["amount"] for account in accounts]),
        "amountPaid": None,
        "fromPeriod": demand["taxPeriodFrom"],
        "toPeriod": demand["taxPeriodTo"],
        "additionalDetails": demand["additionalDetails"],
        "billAccountDetails": accounts,
    }


def account_detail(
    head: str,
    parts: Sequence[Mapping[str, Any]],
    bill_detail_id: str,
    tenant: str,
    order: int,
    audit_details: Document,
) -> Document:
    """Make the account detail of one tax head."""
    return {
        "id": str(uuid.uuid4()),
        "tenantId": tenant,
        "billDetailId": bill_detail_id,
        "demandDetailId": parts[0]["id"],
        "order": order,
        "amount": total([due_of(part) for part in parts]),
        "adjustedAmount": ZERO,
        "taxHeadCode": head,
        "additionalDetails": None,
        "auditDetails": audit_details,
    }


def spread(bill: Document, paid: Decimal) -> Decimal:
    """Enter a payment into a bill's account details, rebates first, then by order.

    Sets `adjustedAmount` and `amountPaid`; returns what exceeds the bill (the advance).
    """
    accounts = [each for detail in bill["billDetails"] for each in detail["billAccountDetails"]]
    left = paid
    for account in accounts:
        if account["amount"] < 0:
            account["adjustedAmount"] = account["amount"]
            left -= account["amount"]
    for account in sorted(accounts, key=lambda each: each["order"]):
        if account["amount"] >= 0:
            account["adjustedAmount"] = min(left, account["amount"])
            left -= account["adjustedAmount"]
    for detail in bill["billDetails"]:
        parts = [each["adjustedAmount"] for each in detail["billAccountDetails"]]
        detail["amountPaid"] = total(parts)
    return left
