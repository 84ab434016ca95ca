"""What an integrator and a cashier send: the bodies of a transaction and of a payment."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.clock import DAY
from conformance.bbps.models import Bill
from conformance.profile.target import Target

PAYER: Final = {"name": "Test payer", "mobileNumber": "9876543210"}
# Modes whose instrument has a date.
DATED: Final = frozenset({"CHEQUE", "DD", "OFFLINE_NEFT", "OFFLINE_RTGS", "POSTAL_ORDER"})


def transaction_body(
    target: Target, bill: Bill, paid: Decimal, beside: Sequence[Bill] = ()
) -> dict[str, Any]:
    """Return a transaction that pays an amount in rupees on a bill, and further bills wholly."""
    parts = [(bill, paid), *((each, each.amount) for each in beside)]
    return {
        "tenantId": bill.tenant,
        "txnAmount": f"{sum((each for _, each in parts), Decimal(0)):f}",
        "module": bill.business_service,
        "businessService": bill.business_service,
        "billId": bill.id,
        "consumerCode": bill.consumer_code,
        "taxAndPayments": [
            {"taxAmount": each.amount, "amountPaid": paid_on, "billId": each.id}
            for each, paid_on in parts
        ],
        "productInfo": "Bill payment through BBPS",
        "gateway": target.outcome.gateway,
        "callbackUrl": target.outcome.callback_url,
        "user": {
            **PAYER,
            "userName": PAYER["mobileNumber"],
            "tenantId": target.state_tenant,
        },
    }


def payment_body(bill: Bill, mode: str, paid: Decimal, *, now: int) -> dict[str, Any]:
    """Return a payment with what its mode needs; amount in rupees, `now` in epoch ms."""
    payment: dict[str, Any] = {
        "tenantId": bill.tenant,
        "totalDue": bill.amount,
        "totalAmountPaid": paid,
        "paymentMode": mode,
        "paidBy": PAYER["name"],
        "payerName": PAYER["name"],
        "mobileNumber": PAYER["mobileNumber"],
        "paymentDetails": [
            {
                "businessService": bill.business_service,
                "billId": bill.id,
                "totalDue": bill.amount,
                "totalAmountPaid": paid,
            }
        ],
    }
    if mode != "CASH":
        number = f"CONF{secrets.token_hex(6).upper()}"
        payment |= {"transactionNumber": number, "instrumentNumber": number}
    if mode in DATED:
        payment["instrumentDate"] = now - DAY
    return payment
