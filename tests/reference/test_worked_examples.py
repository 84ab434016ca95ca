"""The worked examples of DIGIT's answers: structure, names, order and codes, not values."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import Till

INFO = ["apiId", "ver", "ts", "resMsgId", "msgId", "status"]
TRANSACTION = [
    "tenantId", "txnAmount", "billId", "module", "consumerCode", "taxAndPayments", "productInfo",
    "gateway", "callbackUrl", "txnId", "user", "redirectUrl", "txnStatus", "txnStatusMsg",
    "gatewayTxnId", "gatewayPaymentMode", "gatewayStatusCode", "gatewayStatusMsg", "receipt",
    "auditDetails", "additionalDetails",
]  # fmt: skip
PAYER = ["id", "uuid", "name", "userName", "mobileNumber", "emailId", "tenantId"]
AUDIT = ["createdBy", "createdTime", "lastModifiedBy", "lastModifiedTime"]
PAYMENT = [
    "id", "tenantId", "totalDue", "totalAmountPaid", "transactionNumber", "transactionDate",
    "paymentMode", "instrumentDate", "instrumentNumber", "instrumentStatus", "ifscCode",
    "auditDetails", "additionalDetails", "paymentDetails", "paidBy", "mobileNumber", "payerName",
    "payerAddress", "payerEmail", "payerId", "paymentStatus", "fileStoreId",
]  # fmt: skip
DETAIL = [
    "id", "paymentId", "tenantId", "totalDue", "totalAmountPaid", "receiptNumber",
    "manualReceiptNumber", "manualReceiptDate", "receiptDate", "receiptType", "businessService",
    "billId", "bill", "additionalDetails", "auditDetails",
]  # fmt: skip
PAID_BILL = [
    "id", "mobileNumber", "paidBy", "payerName", "payerAddress", "payerEmail", "payerId", "status",
    "reasonForCancellation", "isCancelled", "additionalDetails", "billDetails", "tenantId",
    "auditDetails", "collectionModesNotAllowed", "partPaymentAllowed", "isAdvanceAllowed",
    "minimumAmountToBePaid", "businessService", "totalAmount", "consumerCode", "billNumber",
    "billDate", "amountPaid",
]  # fmt: skip
BILL = [
    "id", "userId", "mobileNumber", "payerName", "payerAddress", "payerEmail", "status",
    "totalAmount", "businessService", "billNumber", "billDate", "consumerCode",
    "additionalDetails", "billDetails", "tenantId", "fileStoreId", "auditDetails",
]  # fmt: skip
BILL_DETAIL = [
    "id", "tenantId", "demandId", "billId", "expiryDate", "amount", "amountPaid", "fromPeriod",
    "toPeriod", "additionalDetails", "billAccountDetails",
]  # fmt: skip


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def nulls(document: dict[str, Any]) -> set[str]:
    return {key for key, value in document.items() if value is None}


def test_fetched_bill(till: Till) -> None:
    bill = till.bill()
    assert list(bill) == BILL
    assert list(bill["billDetails"][0]) == BILL_DETAIL


def test_created_transaction(till: Till) -> None:
    body = till.submit(till.bill()).json()
    answered = body["Transaction"]
    assert list(body) == ["ResponseInfo", "Transaction"]
    assert list(body["ResponseInfo"]) == INFO
    assert body["ResponseInfo"]["resMsgId"] == "uief87324"
    assert body["ResponseInfo"]["status"] == "SUCCESSFUL"
    assert list(answered) == TRANSACTION
    assert list(answered["user"]) == PAYER
    assert list(answered["auditDetails"]) == AUDIT
    assert nulls(answered["auditDetails"]) == {"lastModifiedBy", "lastModifiedTime"}
    assert nulls(answered) == {
        "gatewayTxnId", "gatewayPaymentMode", "gatewayStatusCode", "gatewayStatusMsg", "receipt",
    }  # fmt: skip
    assert answered["additionalDetails"] == {"taxAndPayments": answered["taxAndPayments"]}


def test_failed_transaction(till: Till) -> None:
    body = till.update(till.created(till.bill()), "FAILURE").json()
    (answered,) = body["Transaction"]
    assert list(answered) == TRANSACTION
    assert (answered["txnStatus"], answered["txnStatusMsg"]) == (
        "FAILURE",
        "Transaction failed at gateway",
    )
    assert {"callbackUrl", "redirectUrl", "module", "receipt"} <= nulls(answered)
    assert answered["auditDetails"]["lastModifiedTime"] >= answered["auditDetails"]["createdTime"]


def test_payment_in_cash(till: Till) -> None:
    body = till.pay(till.bill()).json()
    (payment,) = body["Payments"]
    (detail,) = payment["paymentDetails"]
    assert list(body) == ["ResponseInfo", "Payments"]
    assert body["ResponseInfo"]["status"] == "200 OK"
    assert list(payment) == PAYMENT
    assert list(detail) == DETAIL
    assert list(detail["bill"]) == PAID_BILL
    assert payment["transactionNumber"].startswith("amritsar")
    assert len(payment["transactionNumber"]) == len("amritsar") + 10
    assert payment["auditDetails"]["createdBy"].isdigit()
    assert payment["instrumentDate"] == payment["transactionDate"]


def test_two_errors_of_pg_at_once(till: Till) -> None:
    answer = till.submit(till.bill(), gateway="PAYU", txnAmount="1")
    body = answer.json()
    by_code = {item["code"]: item for item in body["Errors"]}
    assert answer.status_code == 400
    assert body["ResponseInfo"] is None
    assert by_code["TXN_CREATE_INVALID_TXN_AMT"]["message"] == (
        "Transaction amount should be equal to sum of all  amountPaids in taxAndPayments"
    )
    assert by_code["INVALID_PAYMENT_GATEWAY"]["message"] == (
        "Invalid or inactive payment gateway provided"
    )
    assert [item["description"] for item in body["Errors"]] == ["", None]
    assert [item["params"] for item in body["Errors"]] == [None, None]


def test_errors_of_collections_have_no_description(till: Till) -> None:
    answer = till.pay(till.bill() | {"id": "unknown"})
    assert answer.json()["Errors"] == [
        {
            "code": "INVALID_BILL_ID",
            "message": "Bill IDs provided does not exist or is in an invalid state",
            "description": None,
            "params": None,
        }
    ]


def test_newer_payment_service_shows_no_payer_number(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty(lineage="digit-lts"))
    transaction = till.created(till.bill())
    assert "id" not in transaction["user"]
    assert "id" not in till.sight(transaction)["user"]
    assert "id" not in till.update(transaction).json()["Transaction"][0]["user"]


def test_each_service_of_a_mixed_line_has_its_own_form_of_errors(
    faulty: Callable[..., Rehearsal],
) -> None:
    till = Till(faulty(lineage="digit-lts"))
    older = ["code", "message", "description", "params"]
    newer = ["id", "parentId", *older]

    (own,) = till.update("unknown").json()["Errors"]
    (relayed,) = till.submit(till.bill() | {"id": "unknown"}).json()["Errors"]
    (of_masters,) = till.digit.post("/egov-mdms-service/v1/_search").json()["Errors"]

    assert list(own) == newer
    assert list(relayed) == list(of_masters) == older
    assert relayed["description"] is None  # pg-service's own first error has an empty one


def test_mseva_line_adds_its_fields(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty(lineage="mseva"))
    answered = till.created(till.bill(), businessService="PT")
    assert {"businessService", "bankTransactionNo"} <= set(answered)
    refusal = till.submit(till.bill())
    assert refusal.json()["Errors"][0]["code"] == (
        "NotNull.transactionRequest.transaction.businessService"
    )
