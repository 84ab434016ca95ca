"""What an integrator and a cashier send: the bodies of a transaction and of a payment."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.clock import DAY
from conformance.bbps.models import Bill
from conformance.profile.target import Target

PAYER: Final = {"name": "Test payer", "mobileNumber": "9876543210"}
# Modes whose instrument has a date.
DATED: Final = frozenset({"CHEQUE", "DD", "OFFLINE_NEFT", "OFFLINE_RTGS", "POSTAL_ORDER"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is paid on one of several bills, in rupees."""

    bill: Bill
    paid: Decimal


def due(bills: Sequence[Bill]) -> list[Share]:
    """Return the shares that pay what is due on each bill."""
    return [Share(bill=each, paid=each.amount) for each in bills]


def total(shares: Sequence[Share]) -> Decimal:
    """Return what shares pay together, in rupees."""
    return sum((each.paid for each in shares), Decimal(0))


def transaction_body(target: Target, shares: Sequence[Share]) -> dict[str, Any]:
    """Return a transaction that pays shares; it is filed under the first one's bill."""
    bill = shares[0].bill
    return {
        "tenantId": bill.tenant,
        "txnAmount": f"{total(shares):f}",
        "module": bill.business_service,
        "businessService": bill.business_service,
        "billId": bill.id,
        "consumerCode": bill.consumer_code,
        "taxAndPayments": [
            {"taxAmount": each.bill.amount, "amountPaid": each.paid, "billId": each.bill.id}
            for each in shares
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


def payment_body(shares: Sequence[Share], mode: str, *, now: int) -> dict[str, Any]:
    """Return a payment of shares with what its mode needs; `now` in epoch ms."""
    payment: dict[str, Any] = {
        "tenantId": shares[0].bill.tenant,
        "totalDue": total(due([each.bill for each in shares])),
        "totalAmountPaid": total(shares),
        "paymentMode": mode,
        "paidBy": PAYER["name"],
        "payerName": PAYER["name"],
        "mobileNumber": PAYER["mobileNumber"],
        "paymentDetails": [
            {
                "businessService": each.bill.business_service,
                "billId": each.bill.id,
                "totalDue": each.bill.amount,
                "totalAmountPaid": each.paid,
            }
            for each in shares
        ],
    }
    if mode != "CASH":
        number = f"CONF{secrets.token_hex(6).upper()}"
        payment |= {"transactionNumber": number, "instrumentNumber": number}
    if mode in DATED:
        payment["instrumentDate"] = now - DAY
    return payment
