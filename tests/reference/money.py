"""The money services spoken to over HTTP: demand, bill, transaction, payment, tersely."""

import itertools
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.reference.conftest import Rehearsal

CITY, NEIGHBOUR = "pb.amritsar", "pb.jalandhar"
DAY = 86_400_000
ZONE = ZoneInfo("Asia/Kolkata")
NUMBERS = itertools.count(1)


class Till:
    """Raises demands and pays them on one deployment, as people of the rehearsal."""

    def __init__(self, digit: Rehearsal) -> None:
        self.digit = digit
        for name in ("integrator", "rival"):
            digit.system_user(name)

    def post(
        self, path: str, body: Any = None, as_: str | None = "integrator", **query: Any
    ) -> httpx.Response:
        document = dict(body or {})
        info = {"apiId": "t", "ver": "1", "msgId": "m-1", "ts": 7} | dict(
            document.get("RequestInfo") or {}
        )
        if as_ is not None:
            info["authToken"] = self.digit.token(as_)
        if "tenantId" not in query and "tenantId" not in json.dumps(document, default=str):
            document["tenantId"] = CITY
        query = {key: value for key, value in query.items() if value is not None}
        content = json.dumps(document | {"RequestInfo": info}, default=float)
        headers = {"Content-Type": "application/json"}
        return self.digit.http.post(path, content=content, params=query, headers=headers)

    def now(self) -> int:
        return int(self.digit.http.get("/reference/clock").json()["now"])

    def put_clock(self, **change: int) -> None:
        assert self.digit.http.post("/reference/clock", json=change).status_code == 200

    # demands and bills ---------------------------------------------------------------------------

    def demand(self, code: str | None = None, **changes: Any) -> dict[str, Any]:
        service = changes.get("businessService", "PT")
        heads = changes.pop("heads", {f"{service}_TAX": changes.pop("amount", 100)})
        first, last = self.year()
        return {
            "tenantId": CITY,
            "consumerCode": code or f"T-{next(NUMBERS)}-{secrets.token_hex(3)}",
            "consumerType": "rehearsal",
            "businessService": service,
            "taxPeriodFrom": first,
            "taxPeriodTo": last,
            "demandDetails": [
                {"taxHeadMasterCode": head, "taxAmount": tax, "collectionAmount": 0}
                for head, tax in heads.items()
            ],
        } | changes

    def year(self, back: int = 0) -> tuple[int, int]:
        today = datetime.fromtimestamp(self.now() / 1000, ZONE)
        year = today.year - (today.month < 4) - back
        first, after = datetime(year, 4, 1, tzinfo=ZONE), datetime(year + 1, 4, 1, tzinfo=ZONE)
        last = after - timedelta(seconds=1)
        return int(first.timestamp()) * 1000, int(last.timestamp()) * 1000

    def submit_demand(self, *demands: Any, action: str = "_create") -> httpx.Response:
        path = f"/billing-service/demand/{action}"
        return self.post(path, {"Demands": list(demands)}, "administrator")

    def raised(self, **changes: Any) -> dict[str, Any]:
        answer = self.submit_demand(self.demand(**changes))
        assert answer.status_code == 201, answer.text
        demand: dict[str, Any] = answer.json()["Demands"][0]
        return demand

    def stored_demand(self, code: str) -> dict[str, Any]:
        answer = self.post(
            "/billing-service/demand/_search",
            as_="administrator",
            tenantId=CITY,
            consumerCode=code,
        )
        demand: dict[str, Any] = answer.json()["Demands"][0]
        return demand

    def fetch(
        self, code: str | None, service: str = "PT", as_: str = "integrator", **query: Any
    ) -> httpx.Response:
        query = {"tenantId": CITY, "businessService": service, "consumerCode": code} | query
        return self.post("/billing-service/bill/v2/_fetchbill", as_=as_, **query)

    def bill(self, **changes: Any) -> dict[str, Any]:
        demand = self.raised(**changes)
        return self.bill_of(demand["consumerCode"], demand["businessService"], demand["tenantId"])

    def bill_of(self, code: str, service: str = "PT", tenant: str = CITY) -> dict[str, Any]:
        answer = self.fetch(code, service, tenantId=tenant)
        assert answer.status_code == 201, answer.text
        (bill,) = answer.json()["Bill"]
        found: dict[str, Any] = bill
        return found

    # transactions ----------------------------------------------------------------------------

    def transaction(self, bill: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        amount = changes.pop("amount", bill["totalAmount"])
        return {
            "tenantId": bill["tenantId"],
            "txnAmount": str(amount),
            "billId": bill["id"],
            "module": bill["businessService"],
            "consumerCode": bill["consumerCode"],
            "taxAndPayments": [{"amountPaid": amount, "billId": bill["id"]}],
            "productInfo": "Property tax",
            "gateway": "BBPS",
            "callbackUrl": "https://client.example/back",
            "user": {"name": "Test payer", "mobileNumber": "9876543210", "tenantId": "pb"},
        } | changes

    def submit(
        self, bill: Mapping[str, Any], as_: str = "integrator", **changes: Any
    ) -> httpx.Response:
        body = {"Transaction": self.transaction(bill, **changes)}
        return self.post("/pg-service/transaction/v1/_create", body, as_)

    def created(self, bill: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        answer = self.submit(bill, **changes)
        assert answer.status_code == 200, answer.text
        transaction: dict[str, Any] = answer.json()["Transaction"]
        return transaction

    def update(
        self,
        transaction: Mapping[str, Any] | str,
        status: str | None = "SUCCESS",
        amount: Any = None,
        as_: str | None = "integrator",
        name: str = "eg_pg_txnid",
    ) -> httpx.Response:
        id_ = transaction if isinstance(transaction, str) else transaction["txnId"]
        query = {name: id_, "txnStatus": status, "txnAmount": amount, "gatewayTxnId": "G-1"}
        return self.post("/pg-service/transaction/v1/_update", as_=as_, **query)

    def seen(self, **criteria: Any) -> list[dict[str, Any]]:
        answer = self.post(
            "/pg-service/transaction/v1/_search", as_="administrator", tenantId=CITY, **criteria
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["Transaction"]
        return found

    def sight(self, transaction: Mapping[str, Any]) -> dict[str, Any]:
        (found,) = self.seen(txnId=transaction["txnId"])
        return found

    def paid(self, **changes: Any) -> dict[str, Any]:
        transaction = self.created(self.bill(**changes))
        assert self.update(transaction).status_code == 200
        return transaction

    # payments --------------------------------------------------------------------------------

    def payment(
        self, bill: Mapping[str, Any], mode: str = "CASH", **changes: Any
    ) -> dict[str, Any]:
        amount = changes.pop("amount", bill["totalAmount"])
        payment = {
            "tenantId": bill["tenantId"],
            "totalAmountPaid": amount,
            "paymentMode": mode,
            "paidBy": "Test payer",
            "payerName": "Test payer",
            "mobileNumber": "9876543210",
            "paymentDetails": [{"billId": bill["id"], "totalAmountPaid": amount}],
        }
        if mode != "CASH":
            payment |= {"transactionNumber": f"N{secrets.token_hex(5)}", "instrumentNumber": "7"}
        if mode in {"CHEQUE", "DD", "OFFLINE_NEFT", "OFFLINE_RTGS", "POSTAL_ORDER"}:
            payment["instrumentDate"] = self.now() - DAY
        payment |= changes
        return {key: value for key, value in payment.items() if value is not None}

    def pay(
        self,
        bill: Mapping[str, Any],
        mode: str = "CASH",
        as_: str = "cashier",
        action: str = "_create",
        **changes: Any,
    ) -> httpx.Response:
        body = {"Payment": self.payment(bill, mode, **changes)}
        return self.post(f"/collection-services/payments/{action}", body, as_)

    def receipt(
        self, bill: Mapping[str, Any], mode: str = "CASH", **changes: Any
    ) -> dict[str, Any]:
        answer = self.pay(bill, mode, **changes)
        assert answer.status_code == 200, answer.text
        payment: dict[str, Any] = answer.json()["Payments"][0]
        return payment

    def search_payments(self, as_: str = "citizen", **criteria: Any) -> httpx.Response:
        criteria = {"tenantId": CITY} | criteria
        return self.post("/collection-services/payments/_search", as_=as_, **criteria)

    def payments(self, **criteria: Any) -> list[dict[str, Any]]:
        answer = self.search_payments(**criteria)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["Payments"]
        return found

    def receipts_of(self, transaction: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self.payments(transactionNumber=transaction["txnId"])

    def workflow(
        self, payment: Mapping[str, Any], action: str, /, **changes: Any
    ) -> httpx.Response:
        step = {
            "paymentId": payment["id"],
            "action": action,
            "tenantId": payment["tenantId"],
            "reason": "counted twice",
        } | changes
        path = "/collection-services/payments/PT/_workflow"
        return self.post(path, {"PaymentWorkflows": [step]}, "cashier")


def rupees(value: Any) -> Decimal:
    return Decimal(str(value))


def problems(answer: httpx.Response) -> dict[str, str]:
    """Codes with their messages; the answer must be a refusal in DIGIT's envelope."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["ResponseInfo"] is None
    return {item["code"]: item["message"] for item in body["Errors"]}
