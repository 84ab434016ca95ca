"""Which fields of a record may change, who decides them, and which a search must show."""

from typing import Final

# An update sets these (TXN-05, TXN-06); pg-service's job ends what stays pending.
OF_OUTCOME: Final = frozenset(
    {
        "txnStatus", "txnStatusMsg", "gatewayTxnId", "gatewayPaymentMode", "gatewayStatusCode",
        "gatewayStatusMsg", "bankTransactionNo", "receipt", "lastModifiedBy", "lastModifiedTime",
    }
)  # fmt: skip
# The service decides these (TXN-02), or completes them: the payer's account, the address to return.
OF_SERVICE: Final = OF_OUTCOME | {
    "txnId", "auditDetails", "redirectUrl", "callbackUrl", "id", "uuid", "userName", "tenantId",
    "type", "roles", "createdTime", "createdBy",
}  # fmt: skip
# A workflow sets these (PAY-12), or what becomes of the bill; a file is made for a receipt.
OF_WORKFLOW: Final = frozenset(
    {
        "paymentStatus", "instrumentStatus", "lastModifiedBy", "lastModifiedTime", "fileStoreId",
        "bill", "additionalDetails",
    }
)  # fmt: skip
# Collections decides these at a payment's creation, from the bill or by itself.
OF_COLLECTION: Final = OF_WORKFLOW | {
    "id", "paymentId", "auditDetails", "receiptNumber", "receiptDate", "receiptType", "payerId",
    "transactionDate", "createdBy", "createdTime", "lastModifiedBy", "lastModifiedTime", "totalDue",
}  # fmt: skip
KEPT_OF_TRANSACTION: Final = frozenset(
    {"tenantId", "txnAmount", "billId", "consumerCode", "productInfo", "gateway"}
)
KEPT_OF_PAYMENT: Final = frozenset(
    {
        "tenantId", "paymentMode", "billId", "businessService", "receiptNumber", "totalAmountPaid",
        "instrumentNumber", "instrumentDate", "ifscCode", "transactionNumber",
    }
)  # fmt: skip
OF_BILL: Final = ("id", "tenantId", "consumerCode", "businessService", "billNumber", "billDate")
