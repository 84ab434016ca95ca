"""The bill inside a payment: as collections takes it over, and as search rebuilds it."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from conformance.reference.collection.rules import BusinessService
from conformance.reference.platform.amounts import total, two_places

Document = dict[str, Any]


def taken_over(
    bill: Mapping[str, Any], service: BusinessService, row: Mapping[str, Any]
) -> Document:
    """Return billing's bill in collections' form; `row` is its BusinessService master row."""
    return {
        "id": bill["id"],
        "mobileNumber": bill["mobileNumber"],
        "paidBy": None,
        "payerName": bill["payerName"],
        "payerAddress": bill["payerAddress"],
        "payerEmail": bill["payerEmail"],
        "payerId": None,
        "status": bill["status"],
        "reasonForCancellation": None,
        "isCancelled": None,
        "additionalDetails": bill["additionalDetails"],
        "billDetails": [detail_taken_over(detail) for detail in bill["billDetails"]],
        "tenantId": bill["tenantId"],
        "auditDetails": copy.deepcopy(bill["auditDetails"]),
        "collectionModesNotAllowed": list(row.get("collectionModesNotAllowed") or ()),
        "partPaymentAllowed": service.part_payment,
        "isAdvanceAllowed": service.advance,
        "minimumAmountToBePaid": None,
        "businessService": bill["businessService"],
        "totalAmount": bill["totalAmount"],
        "consumerCode": bill["consumerCode"],
        "billNumber": bill["billNumber"],
        "billDate": bill["billDate"],
        "amountPaid": None,
    }


def detail_taken_over(detail: Mapping[str, Any]) -> Document:
    """Return a bill detail in collections' form."""
    return {
        "id": detail["id"],
        "tenantId": detail["tenantId"],
        "demandId": detail["demandId"],
        "billId": detail["billId"],
        "amount": detail["amount"],
        "amountPaid": None,
        "fromPeriod": detail["fromPeriod"],
        "toPeriod": detail["toPeriod"],
        "additionalDetails": detail["additionalDetails"],
        "channel": None,
        "voucherHeader": None,
        "boundary": None,
        "manualReceiptNumber": None,
        "manualReceiptDate": None,
        "billAccountDetails": [
            account_taken_over(account) for account in detail["billAccountDetails"]
        ],
        "collectionType": None,
        "auditDetails": None,
        "billDescription": None,
        "expiryDate": detail["expiryDate"],
        "displayMessage": None,
        "callBackForApportioning": None,
        "cancellationRemarks": None,
    }


def account_taken_over(account: Mapping[str, Any]) -> Document:
    """Return a bill account detail in collections' form; billing sends no purpose."""
    return {
        "id": account["id"],
        "tenantId": account["tenantId"],
        "billDetailId": account["billDetailId"],
        "demandDetailId": account["demandDetailId"],
        "order": account["order"],
        "amount": account["amount"],
        "adjustedAmount": account["adjustedAmount"],
        "isActualDemand": None,
        "taxHeadCode": account["taxHeadCode"],
        "additionalDetails": account["additionalDetails"],
        "purpose": None,
        "auditDetails": account["auditDetails"],
    }


def advance_line(detail: Mapping[str, Any], head: str | None, surplus: Decimal) -> Document:
    """Return the account line that carries what was paid beyond the due."""
    return {
        "id": f"advance-{detail['id']}",
        "tenantId": detail["tenantId"],
        "billDetailId": detail["id"],
        "demandDetailId": "advance_tax",
        "order": -1,
        "amount": -surplus,
        "adjustedAmount": Decimal(0),
        "isActualDemand": None,
        "taxHeadCode": head,
        "additionalDetails": None,
        "purpose": "ADVANCE",
        "auditDetails": None,
    }


LOST_BY_BILL: Final = (
    "mobileNumber", "paidBy", "payerName", "payerAddress", "payerEmail", "payerId", "amountPaid",
    "minimumAmountToBePaid", "isCancelled", "reasonForCancellation",
)  # fmt: skip
LOST_BY_DETAIL: Final = (
    "channel", "voucherHeader", "boundary", "manualReceiptNumber", "manualReceiptDate",
    "collectionType", "auditDetails", "billDescription", "displayMessage",
    "callBackForApportioning", "cancellationRemarks",
)  # fmt: skip
LOST_BY_ACCOUNT: Final = ("isActualDemand", "purpose", "auditDetails")


def rebuilt(bill: Document) -> Document:
    """Return a payment's bill as search shows it: some fields lost, amounts with two decimals."""
    bill |= dict.fromkeys(LOST_BY_BILL)
    # Kept as one text, in which an empty list is an empty text.
    bill["collectionModesNotAllowed"] = ",".join(bill["collectionModesNotAllowed"]).split(",")
    for detail in bill["billDetails"]:
        detail |= dict.fromkeys(LOST_BY_DETAIL)
        in_paise(detail, "amount", "amountPaid")
        for account in detail["billAccountDetails"]:
            account |= dict.fromkeys(LOST_BY_ACCOUNT)
            in_paise(account, "amount", "adjustedAmount")
    bill["totalAmount"] = total([detail["amount"] for detail in bill["billDetails"]])
    return bill


def in_paise(document: Document, *keys: str) -> None:
    """Give amounts of a document two decimals, as a NUMERIC(12,2) column does."""
    for key in keys:
        if document[key] is not None:
            document[key] = two_places(Decimal(document[key]))
