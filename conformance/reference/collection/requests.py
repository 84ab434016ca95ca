"""What payment requests may contain: modes, fields, lengths and patterns of collection-services."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.shapes import REQUEST_INFO, Bound, Field, bind

CHEQUE_LIKE: Final = frozenset({"CHEQUE", "DD"})
TRANSFERS: Final = frozenset({"OFFLINE_NEFT", "OFFLINE_RTGS", "POSTAL_ORDER"})
ELECTRONIC: Final = frozenset({"ONLINE", "CARD", "ONLINE_NEFT", "ONLINE_RTGS"})
STOCK_MODES: Final = frozenset({"CASH"}) | CHEQUE_LIKE | TRANSFERS | ELECTRONIC
MSEVA_MODES: Final = frozenset({"BBPS", "QR_CODE"})

# The published pattern allows the same names but backtracks exponentially; this one is linear.
PERSON_NAME: Final = re.compile(r"[a-zA-Z](?:[a-zA-Z]|[_\-'`. ][a-zA-Z ])*")
PERSON_NAME_TEXT: Final = "Invalid name. Only alphabets and special characters -, ',`, ., _"
MOBILE: Final = re.compile(r"[6-9][0-9]{9}")
EMAIL: Final = re.compile(
    r"(?=.{1,64}$)(?:[^<>()\[\]\\,;:\s*@'\"]+|\".+\")"
    r"@(?:\[[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]|(?:[a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,})|"
)
TEXT: Final = Field()
ANY: Final = Field(kind="any")
AMOUNT: Final = Field(kind="amount")
TIME: Final = Field(kind="integer")


def short(most: int, *, required: bool = False) -> Field:
    """Describe markup-free text of limited length."""
    return Field(most=most, safe=True, required=required)


DETAIL: Final = {
    "id": Field(most=64),
    "paymentId": Field(most=64),
    "tenantId": short(64),
    "totalDue": AMOUNT,
    "totalAmountPaid": Field(kind="amount", required=True),
    "receiptNumber": Field(most=64),
    "manualReceiptNumber": short(64),
    "manualReceiptDate": TIME,
    "receiptDate": TIME,
    "receiptType": short(64),
    "businessService": Field(safe=True),
    "billId": Field(most=64, required=True),
    "bill": ANY,
    "additionalDetails": ANY,
    "auditDetails": ANY,
}


def payment_fields(modes: frozenset[str], *, name_pattern: bool) -> Mapping[str, Field]:
    """Describe a payment; `name_pattern`: whether names of persons are checked."""
    pattern = PERSON_NAME if name_pattern else None
    return {
        "id": Field(most=64),
        "tenantId": Field(most=64, required=True),
        "totalDue": AMOUNT,
        "totalAmountPaid": Field(kind="amount", required=True),
        "transactionNumber": short(128),
        "transactionDate": TIME,
        "paymentMode": Field(kind="choice", choices=modes, fold=True, required=True),
        "instrumentDate": TIME,
        "instrumentNumber": short(128),
        "instrumentStatus": TEXT,
        "ifscCode": short(64),
        "auditDetails": ANY,
        "additionalDetails": ANY,
        "paymentDetails": Field(kind="objects", fields=DETAIL),
        "paidBy": Field(
            most=128, safe=True, required=True, pattern=pattern, pattern_text=PERSON_NAME_TEXT
        ),
        "mobileNumber": Field(
            most=64, safe=True, pattern=MOBILE, pattern_text="Invalid mobile number"
        ),
        "payerName": Field(most=128, safe=True, pattern=pattern, pattern_text=PERSON_NAME_TEXT),
        "payerAddress": short(1024),
        "payerEmail": Field(most=64, safe=True, pattern=EMAIL, pattern_text="Invalid emailId"),
        "payerId": short(64),
        "paymentStatus": TEXT,
        "fileStoreId": Field(safe=True),
    }


def bind_payment(body: Any, modes: frozenset[str], *, name_pattern: bool) -> Bound:
    """Bind `{RequestInfo, Payment}`, keys in any case; raises Misfit."""
    payment = Field(
        kind="object", required=True, fields=payment_fields(modes, name_pattern=name_pattern)
    )
    fields = {"requestInfo": REQUEST_INFO, "payment": payment}
    return bind(fields, body, name="paymentRequest", fold_names=True)


WORKFLOW: Final = {
    "paymentId": Field(required=True, safe=True, least=1),
    "action": Field(
        kind="choice", choices=frozenset({"CANCEL", "DISHONOUR", "REMIT"}), required=True
    ),
    "tenantId": Field(required=True, safe=True, least=1),
    "reason": Field(safe=True),
    "additionalDetails": ANY,
}


def bind_workflow(body: Any) -> Bound:
    """Bind `{RequestInfo, PaymentWorkflows}`, keys in any case; raises Misfit."""
    fields = {"paymentWorkflows": Field(kind="objects", fields=WORKFLOW, least=1)}
    return bind(fields, body, name="paymentWorkflowRequest", fold_names=True)
