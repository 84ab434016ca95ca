"""Records as a deployment tells them, of one bill of 100 rupees that a transaction has paid."""

from typing import Any

from conformance.bbps.models import Bill, Payment, Transaction

CODE, BILL, TRANSACTION = "CONF-1", "b-1", "t-1"


def bill(status: str = "PAID") -> Bill:
    return Bill.of(
        {
            "id": BILL,
            "tenantId": "pb.amritsar",
            "businessService": "PT",
            "consumerCode": CODE,
            "totalAmount": 100,
            "status": status,
            "billDetails": [],
        }
    )


def transaction(status: str = "SUCCESS", amount: str | None = "100.00") -> Transaction:
    audit = {"createdBy": "u", "createdTime": 1}
    told = {"txnId": TRANSACTION, "txnStatus": status, "txnAmount": amount, "billId": BILL}
    return Transaction.of(told | {"auditDetails": audit})


def payment(amount: int = 100, *, receipt: int | None = None, **changes: Any) -> Payment:
    detail = {
        "billId": BILL,
        "totalAmountPaid": amount if receipt is None else receipt,
        "receiptNumber": "R/1",
        "bill": {"consumerCode": CODE},
    }
    told = {
        "id": "p-1",
        "paymentMode": "ONLINE",
        "totalAmountPaid": amount,
        "transactionNumber": TRANSACTION,
        "paymentStatus": "DEPOSITED",
        "instrumentStatus": "REMITTED",
        "transactionDate": 1,
        "paymentDetails": [detail],
    }
    return Payment.of(told | changes)


def demand(collected: int = 100, **changes: Any) -> dict[str, Any]:
    details = [{"taxAmount": 100, "collectionAmount": collected}]
    told = {"status": "ACTIVE", "isPaymentCompleted": collected == 100, "demandDetails": details}
    return told | changes
