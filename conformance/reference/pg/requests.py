"""What a transaction request may contain, and how a transaction is stored."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from conformance.reference.platform.amounts import two_places
from conformance.reference.platform.shapes import Bound, Field, bind

Document = dict[str, Any]
TEXT: Final = Field()
PART: Final = {
    "taxAmount": Field(kind="amount"),
    "amountPaid": Field(kind="amount"),
    "billId": Field(),
}
PAYER: Final = {
    "id": Field(kind="integer"),
    "uuid": TEXT,
    "name": Field(required=True),
    "userName": TEXT,
    "mobileNumber": Field(required=True),
    "emailId": TEXT,
    "tenantId": Field(required=True),
}
AUDIT: Final = {
    "createdBy": TEXT,
    "createdTime": Field(kind="integer"),
    "lastModifiedBy": TEXT,
    "lastModifiedTime": Field(kind="integer"),
}
TRANSACTION: Final = {
    "tenantId": Field(required=True, least=2, most=50, safe=True),
    "txnAmount": Field(required=True, least=1, safe=True),
    "billId": Field(required=True, least=1, safe=True),
    "module": Field(least=1, safe=True),
    "consumerCode": Field(required=True, least=1, most=128, safe=True),
    "taxAndPayments": Field(kind="objects", required=True, least=1, fields=PART),
    "productInfo": Field(required=True, least=1, most=512, safe=True),
    "gateway": Field(required=True, least=2, safe=True),
    "callbackUrl": Field(required=True, least=2),
    "txnId": TEXT,
    "user": Field(kind="object", required=True, fields=PAYER),
    "redirectUrl": TEXT,
    "txnStatus": Field(kind="choice", choices=frozenset({"SUCCESS", "FAILURE", "PENDING"})),
    "txnStatusMsg": TEXT,
    "gatewayTxnId": TEXT,
    "gatewayPaymentMode": TEXT,
    "gatewayStatusCode": TEXT,
    "gatewayStatusMsg": TEXT,
    "receipt": TEXT,
    "auditDetails": Field(kind="object", fields=AUDIT),
    "additionalDetails": Field(kind="any"),
}
FURTHER_FIELDS: Final = {
    "businessService": Field(required=True, least=1, safe=True),
    "bankTransactionNo": TEXT,
}
DECIDED_BY_SERVICE: Final = (
    "txnId", "redirectUrl", "txnStatus", "txnStatusMsg", "gatewayTxnId", "gatewayPaymentMode",
    "gatewayStatusCode", "gatewayStatusMsg", "receipt", "auditDetails",
)  # fmt: skip


def bind_transaction(body: Any, *, with_business_service: bool) -> Bound:
    """Bind `{Transaction}`, keys in exact case; raises Misfit.

    `with_business_service` adds the fields that only some lineages know.
    """
    fields = {**FURTHER_FIELDS, **TRANSACTION} if with_business_service else TRANSACTION
    wrapper = {"transaction": Field(kind="object", required=True, fields=fields)}
    return bind(wrapper, {"transaction": body}, name="transactionRequest")


def as_stored(transaction: Mapping[str, Any]) -> Document:
    """Return a transaction as search shows it: what no table keeps is null, rupees have paise."""
    amount = two_places(Decimal(transaction["txnAmount"]))
    audit = transaction["auditDetails"]
    stored = dict(transaction) | {
        "txnAmount": f"{amount:f}",
        "module": None,
        "callbackUrl": None,
        "redirectUrl": None,
        "user": {key: None if key == "id" else value for key, value in transaction["user"].items()},
        "auditDetails": dict(audit) | {"lastModifiedTime": audit["lastModifiedTime"] or 0},
    }
    if "businessService" in stored:
        stored["businessService"] = None
    return stored
