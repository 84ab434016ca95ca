"""What demand and bill requests may contain: fields and constraints of billing-service."""

import re
from typing import Any, Final

from conformance.reference.platform.amounts import ZERO
from conformance.reference.platform.errors import Unhandled
from conformance.reference.platform.shapes import REQUEST_INFO, Bound, Field, bind
from conformance.reference.platform.world import Call

ANY: Final = Field(kind="any")
TIME: Final = Field(kind="integer")
REQUIRED_TEXT: Final = Field(safe=True, required=True)

PAYER: Final = {
    "id": TIME,
    "uuid": Field(),
    "userName": Field(),
    "type": Field(),
    "name": Field(),
    "mobileNumber": Field(),
    "emailId": Field(),
    "tenantId": Field(),
}
DEMAND_DETAIL: Final = {
    "id": Field(),
    "demandId": Field(),
    "taxHeadMasterCode": Field(required=True),
    "taxAmount": Field(kind="amount", required=True),
    "collectionAmount": Field(kind="amount", required=True, absent=ZERO),
    "additionalDetails": ANY,
    "auditDetails": ANY,
    "tenantId": Field(),
}
DEMAND: Final = {
    "id": Field(safe=True),
    "tenantId": REQUIRED_TEXT,
    "consumerCode": REQUIRED_TEXT,
    "consumerType": REQUIRED_TEXT,
    "businessService": REQUIRED_TEXT,
    "payer": Field(kind="object", fields=PAYER),
    "taxPeriodFrom": Field(kind="integer", required=True),
    "taxPeriodTo": Field(kind="integer", required=True),
    "demandDetails": Field(kind="objects", fields=DEMAND_DETAIL, required=True, least=1),
    "auditDetails": ANY,
    "fixedBillExpiryDate": TIME,
    "billExpiryTime": TIME,
    "additionalDetails": ANY,
    "minimumAmountPayable": Field(kind="amount", absent=ZERO),
    "isPaymentCompleted": Field(kind="flag", absent=False),
    "status": Field(
        kind="choice", choices=frozenset({"ACTIVE", "CANCELLED", "ADJUSTED"}), fold=True
    ),
}
CANCELLATION: Final = {
    "tenantId": Field(required=True),
    "consumerCodes": Field(kind="any", required=True),
    "businessService": Field(required=True),
    "additionalDetails": Field(kind="any", required=True),
    "statusToBeUpdated": Field(required=True),
}
TEN_DIGITS: Final = re.compile(r"[0-9]{10}")
MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+|")
LONG_TEXT: Final = Field(safe=True, least=0, most=256)
FETCH: Final = {
    "tenantId": Field(safe=True, least=0, most=256, required=True),
    "businessService": Field(safe=True, least=0, most=256, required=True),
    "demandId": Field(safe=True, least=0, most=64),
    "mobileNumber": Field(
        pattern=TEN_DIGITS, pattern_text="MobileNumber should be 10 digit number"
    ),
}
SEARCH: Final = {
    "tenantId": Field(safe=True, least=0, most=256, required=True),
    "mobileNumber": Field(
        pattern=TEN_DIGITS, pattern_text="MobileNumber should be 10 digit number"
    ),
    "billNumber": LONG_TEXT,
    "service": LONG_TEXT,
}


def refuse_empty_payer(call: Call) -> None:
    """Refuse a search for a payer by an empty number or address, as egov-user does."""
    named = [call.first(name) for name in ("mobileNumber", "email") if name in call.query]
    if named and not any(named):
        text = "Insufficient or invalid search criteria"
        raise Unhandled("InvalidUserSearchCriteriaException", text)


def bind_demands(body: Any) -> Bound:
    """Bind `{RequestInfo, Demands}`, keys in any case; raises Misfit."""
    fields = {
        "requestInfo": REQUEST_INFO,
        "demands": Field(kind="objects", fields=DEMAND, required=True),
    }
    return bind(fields, body, name="demandRequest", fold_names=True)


def bind_cancellation(body: Any) -> Bound:
    """Bind `{RequestInfo, UpdateBillCriteria}`, keys in any case; raises Misfit."""
    fields = {
        "requestInfo": REQUEST_INFO,
        "updateBillCriteria": Field(kind="object", fields=CANCELLATION, required=True),
    }
    return bind(fields, body, name="updateBillRequest", fold_names=True)
