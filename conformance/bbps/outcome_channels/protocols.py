"""How pg-service requests the status of a transaction of AXIS, PAYU and PAYTM; their responses.

Facts: DIGIT's pg-service, gateways axis, payu and paytm. Each requests by POST: AXIS in the query
(queryDR, answered as an encoded query, in paise), PAYU in a form, PAYTM in JSON (both answered in
JSON, in rupees). No response is signed.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from conformance.bbps.outcome_channels.outcome_report import OutcomeReport

Presented = Mapping[str, str]  # what pg-service presented, by name
JSON: Final = "application/json"
TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One gateway: how a request names its transaction, and how a report is written.

    `proof` returns what was presented wrongly, given the merchant's values; empty if nothing was.
    """

    id: str
    question: tuple[str, str]  # a parameter that only a status request has; its value
    put: Callable[[OutcomeReport], str]
    media_type: str
    proof: Callable[[Presented, Mapping[str, str]], str]

    def transaction(self, presented: Presented) -> str:
        """Return the transaction of a status request; empty if it is another request."""
        name, value = self.question
        requested = name in presented and value in {"", presented[name]}
        return presented.get(self.id, "") if requested else ""


def _reference(report: OutcomeReport) -> str:
    digest = hashlib.sha256(report.transaction.encode()).hexdigest()
    return f"CONF{digest[:12].upper()}"


def _axis(report: OutcomeReport) -> str:
    """Code 0 is success, P in progress; every response names amount and reference."""
    code = {"success": "0", "failure": "2", "pending": "P"}[report.outcome]
    fields = {
        "vpc_Command": "queryDR",
        "vpc_DRExists": "Y",
        "vpc_MerchTxnRef": report.transaction,
        "vpc_TxnResponseCode": code,
        "vpc_Amount": f"{(report.amount or Decimal(0)) * 100:.0f}",
        "vpc_TransactionNo": _reference(report),
        "vpc_Card": "VC",
        "vpc_Message": report.outcome,
    }
    return urlencode(fields)


def _payu(report: OutcomeReport) -> str:
    states = {"success": "captured", "failure": "failed", "pending": "in progress"}
    details: dict[str, Any] = {
        "mihpayid": _reference(report),
        "txnid": report.transaction,
        "status": report.outcome,
        "unmappedstatus": states[report.outcome],
        "transaction_amount": report.rupees,
        "amt": report.rupees,
        "mode": "CC",
        "error_code": "E000" if report.success else "E500",
        "error_Message": "NO ERROR" if report.success else report.outcome,
    }
    return json.dumps({"status": 1, "transaction_details": {report.transaction: details}})


def _paytm(report: OutcomeReport) -> str:
    status, code = {
        "success": ("TXN_SUCCESS", "01"),
        "failure": ("TXN_FAILURE", "227"),
        "pending": ("PENDING", "402"),
    }[report.outcome]
    fields = {
        "TXNID": _reference(report),
        "BANKTXNID": _reference(report),
        "ORDERID": report.transaction,
        "TXNAMOUNT": report.rupees,
        "STATUS": status,
        "RESPCODE": code,
        "RESPMSG": report.outcome,
        "TXNTYPE": "SALE",
        "PAYMENTMODE": "CC",
        "REFUNDAMT": "0.00",
    }
    return json.dumps(fields)


def _as_agreed(presented: Presented, merchant: Mapping[str, str]) -> str:
    """Name the first value that is not the merchant's."""
    wrong = (name for name, value in merchant.items() if presented.get(name, "") != value)
    return next((f"another {name} than outcome.simulator.merchant has" for name in wrong), "")


def _payu_proof(presented: Presented, merchant: Mapping[str, str]) -> str:
    """Compare the key, then the hash of key, command, transaction and salt (SHA-512)."""
    named = {name: value for name, value in merchant.items() if name != "salt"}
    if named != dict(merchant):
        parts = [presented.get(name, "") for name in ("key", "command", "var1")]
        sealed = hashlib.sha512("|".join([*parts, merchant["salt"]]).encode()).hexdigest()
        if not hmac.compare_digest(sealed, presented.get("hash", "").lower()):
            return _as_agreed(presented, named) or "a hash made with another salt"
    return _as_agreed(presented, named)


PROTOCOLS: Final = {
    "AXIS": Protocol(
        id="vpc_MerchTxnRef",
        question=("vpc_Command", "queryDR"),
        put=_axis,
        media_type=TEXT,
        proof=_as_agreed,
    ),
    "PAYU": Protocol(
        id="var1",
        question=("command", "verify_payment"),
        put=_payu,
        media_type=JSON,
        proof=_payu_proof,
    ),
    # Its checksum is not undone: that would take a cipher, and no response depends on it.
    "PAYTM": Protocol(
        id="ORDER_ID",
        question=("CHECKSUMHASH", ""),
        put=_paytm,
        media_type=JSON,
        proof=_as_agreed,
    ),
}
