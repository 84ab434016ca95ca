"""Drift on whole deployments: each line of DIGIT follows the corrected form, wherever it shows."""

from pathlib import Path
from typing import Any

import pytest

from conformance.bbps import Bbps
from conformance.client import Client
from conformance.contracts import Contracts
from conformance.contracts.drift import Drift
from conformance.embedded import default_profile
from conformance.evidence import Exchange, Redactor
from conformance.ledger import Ledger
from conformance.profile import load
from conformance.reference import Settings, serve

DAY = 86_400_000
# Errata that a healthy deployment never shows, each with its because.
UNSEEN = {
    "collection-33": "cheques never wait for approval or submission",
    "collection-54": "billing sends no collection type",
    "collection-55": "billing sends neither voucher nor boundary",
    "collection-65": "no bill is in a state that payments do not know",
    "access-01": "no role may ask for permissions through the gateway",
    "mdms-06": "master data are open to everybody",
}
# What only one fork adds shows where it has water or property data, which no rehearsal has.
UNSEEN |= {"collection-mseva-2": "no data of property", "billing-mseva-2": "no fork's details"}
# Errata of which the reference follows the published form, each with its because.
DEPARTING = {"collection-60": "JSON of the reference drops the decimals of whole rupees"}


class Probing:
    """Calls that make a deployment show its forms; what it answers is left to the observer."""

    def __init__(self, bbps: Bbps) -> None:
        self.bbps = bbps
        self.client = bbps.client
        self.tenant = bbps.target.tenant

    def call(self, operation: str, as_: str = "administrator", **parts: Any) -> None:
        self.client.call(operation, as_=as_, tolerant=True, **parts)

    def transactions(self) -> None:
        bill = self.bbps.new_bill()
        for changes in (
            {"productInfo": "x" * 513},
            {"user": {"name": "x" * 101, "mobileNumber": "9876543210", "tenantId": "pb"}},
        ):
            self.bbps.submit_transaction(bill, **changes)
        self.bbps.pay(self.bbps.new_bill())
        self.call("transaction.search", "cashier", query={"consumerCode": bill.consumer_code})
        self.call("transaction.update", "integrator", query={"eg_pg_txnid": "NONE"})
        self.call("gateway.search")

    def payments(self) -> None:
        made = self.payment(
            id="mine", transactionDate=7, instrumentDate=7, payerEmail=None,
            paymentDetails={"receiptDate": 7, "additionalDetails": {"a": 1}},
        )  # fmt: skip
        self.payment("OFFLINE_NEFT")
        self.payment("BBPS")
        self.payment("ONLINE", transactionNumber=None)
        self.payment(mobileNumber=None)
        self.payment(paymentDetails=None)
        self.payment(paidBy="R2")
        self.payment(payerName="<script>alert(1)</script>")
        self.payment(operation="payment.validate")
        self.call("payment.create", "cashier", body={"tenantId": self.tenant})
        token = {"auth-token": self.client.token("cashier")}
        self.call("payment.create", raw=b"{}", content_type="text/plain", headers=token)
        self.call("payment.create", "cashier", request_info={"apiId": None})
        self.workflow(made)

    def payment(
        self, mode: str = "CASH", *, operation: str = "payment.create", **changes: Any
    ) -> str:
        bill = self.bbps.new_bill()
        payment = self.bbps.payment_request(bill, mode, bill.amount)
        part = changes.pop("paymentDetails", {})
        if part is None:
            del payment["paymentDetails"]
        else:
            payment["paymentDetails"][0] |= part
        payment = {key: value for key, value in (payment | changes).items() if value is not None}
        info = {"RequestInfo": {"authToken": self.client.token("cashier")}}
        answer = self.client.call(operation, as_="cashier", body={**info, "Payment": payment})
        return str(answer.body["Payments"][0]["id"]) if answer.succeeded else ""

    def workflow(self, payment: str) -> None:
        for identifier in ("", "unknown", payment):
            action = {"paymentId": identifier, "action": "CANCEL", "tenantId": self.tenant,
                      "additionalDetails": {"a": 1}}  # fmt: skip
            body = {"PaymentWorkflows": [action]}
            self.call("payment.workflow", body=body, path={"module": "PT"})

    def searches(self) -> None:
        everything = {"tenantId": self.tenant}
        for query in (
            everything,
            everything | {"limit": 1},
            everything | {"offset": 100_000},
            everything | {"toDate": self.bbps.clock.now() - DAY // 2},
            everything | {"billIds": "none"},
            everything | {"mobileNumber": "9" * 65},
            everything | {"isCountRequest": "true", "businessServices": "PT"},
            {},
        ):
            for operation, as_ in (
                ("payment.search", "citizen"),
                ("payment.module-search", "cashier"),
            ):
                self.call(operation, as_, query=query, path={"module": "PT"})

    def bills(self) -> None:
        bill = self.bbps.new_bill()
        query = {"tenantId": self.tenant, "consumerCode": bill.consumer_code}
        answer = self.client.call("demand.search", as_="administrator", query=query)
        self.call("demand.update", body={"Demands": answer.body["Demands"]})
        self.call("bill.search", query={"tenantId": self.tenant, "billId": bill.id})
        criteria = {"tenantId": self.tenant, "consumerCodes": [bill.consumer_code],
                    "businessService": bill.business_service, "statusToBeUpdated": "CANCELLED",
                    "additionalDetails": {"reason": "1", "reasonMessage": "test"}}  # fmt: skip
        self.call("bill.cancel", body={"UpdateBillCriteria": criteria})

    def people(self) -> None:
        self.call("user.search-v1", body={"userName": "administrator", "tenantId": "pb"})
        self.call("token.details", query={"access_token": self.client.token("cashier")})
        self.call("access.roles", query={"tenantId": "pb", "code": "CITIZEN"})
        self.call("access.actions", body={"roleCodes": ["CITIZEN"], "tenantId": "pb"})
        criteria = {"tenantId": "pb", "moduleDetails": [{"moduleName": "ACCESSCONTROL-ROLES",
                    "masterDetails": [{"name": "roles"}]}]}  # fmt: skip
        self.call("mdms.search", body={"MdmsCriteria": criteria})
        for operation in ("access.actions", "mdms.get", "mdms.search", "gateway.search",
                          "demand.search", "payment.create", "token.details"):  # fmt: skip
            self.call(operation, "anonymous")
        question = {
            "roles": [{"code": "CITIZEN", "tenantId": "pb"}],
            "uri": "/x",
            "tenantIds": ["pb"],
        }
        self.call("access.authorize", body={"AuthorizationRequest": question})
        names = {"moduleName": "ACCESSCONTROL-ROLES", "masterName": "roles", "tenantId": "pb"}
        self.call("mdms.get", query=names)


@pytest.fixture(scope="module", params=["strict", "digit-2.8", "mseva"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The forms that a deployment of one line shows, and the breaches on the way."""
    folder: Path = tmp_path_factory.mktemp("drift")
    errata = "lineage:mseva" if request.param == "mseva" else "auto"
    contracts, exchanges = Contracts.load(errata=errata), list[Exchange]()
    drift = Drift(contracts)
    with serve(Settings(lineage=request.param)) as deployment:
        target = load(default_profile(), {}).target.model_copy(
            update={"base_url": deployment.base_url}
        )
        client = Client(target, contracts, Redactor(), exchanges.append, drift)
        bbps = Bbps(client, Ledger(folder / "ledger.jsonl", target.limits.rupees_per_run), "drift")
        bbps.provision.new_system_user("integrator")
        probing = Probing(bbps)
        for part in (probing.transactions, probing.payments, probing.searches, probing.bills,
                     probing.people):  # fmt: skip
            part()
        client.close()
    return {each["id"]: each for each in drift.forms()}, exchanges


def test_every_erratum_that_shows_is_followed(seen: Any) -> None:
    forms, _ = seen
    departing = [each for each in forms.values() if each["form"] in {"published", "neither"}]
    assert [each for each in departing if each["id"] not in DEPARTING] == []


def test_every_erratum_shows_that_can(seen: Any) -> None:
    forms, _ = seen
    hidden = {id_ for id_, each in forms.items() if each["form"] == "not seen"}
    assert hidden - UNSEEN.keys() == set()


def test_no_answer_departs_from_the_contract(seen: Any) -> None:
    _, exchanges = seen
    departing = [
        (each.operation, each.status, breach)
        for each in exchanges
        for breach in each.breaches
        if breach.side == "response"
    ]
    assert departing == []
