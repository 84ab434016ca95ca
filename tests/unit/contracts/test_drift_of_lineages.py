"""Drift on whole deployments: each line of DIGIT follows the corrected form, wherever it shows."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.bbps import Bbps
from conformance.client import Client
from conformance.contracts import Contracts, all_errata
from conformance.contracts.drift import Drift
from conformance.embedded import default_profile
from conformance.evidence import Exchange, Redactor
from conformance.ledger import Ledger
from conformance.profile import load
from conformance.reference import Settings, serve

DAY = 86_400_000
FACTS = Path(__file__).parents[4] / "shared/digit"
# What only one fork adds shows where it has water or property data, which no rehearsal has.
FORKS_OWN = {"collection-mseva-2", "billing-mseva-2"}
SHEETS = yaml.safe_load(Path(__file__).with_name("digit_2_8.yaml").read_text(encoding="utf-8"))
ROWS = {"collection-services": 67, "pg-service": 15, "others": 14}


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
        self.call("transaction.search", "cashier", request_info={"apiId": "x" * 129})
        self.call("transaction.search", "cashier", query={"consumerCode": bill.consumer_code})
        self.call("transaction.update", "integrator", query={"eg_pg_txnid": "NONE"})
        self.call("gateway.search")

    def payments(self) -> None:
        made = self.payment(
            id="mine", transactionDate=7, instrumentDate=7, payerEmail=None,
            paymentDetails={"receiptDate": 7, "additionalDetails": {"a": 1}},
        )  # fmt: skip
        self.payment("OFFLINE_NEFT")
        self.payment(amount=Decimal(0))
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
        self,
        mode: str = "CASH",
        *,
        operation: str = "payment.create",
        amount: Decimal | None = None,
        **changes: Any,
    ) -> str:
        bill = self.bbps.new_bill(amount=amount)
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


Sight = tuple[str, dict[str, str], list[Exchange]]  # line, form of each erratum, exchanges


@pytest.fixture(scope="module", params=["strict", "digit-2.8", "mseva"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sight:
    """The forms that a deployment of one line shows, and the exchanges on the way."""
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
    return request.param, {each["id"]: each["form"] for each in drift.forms()}, exchanges


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of the sheets: its place, and its errata with the form in which they show."""
    for sheet in ROWS:
        for number, row in SHEETS[sheet].items():
            yield f"{sheet} {number}", {key: row[key] for key in row if key not in {"about", "why"}}


def expected(errata: Iterable[str]) -> dict[str, str]:
    """The forms that the sheets foretell of a stock line."""
    told = SHEETS["beyond"] | {id_: form for _, row in rows() for id_, form in row.items()}
    return {id_: told[id_] for id_ in errata if told[id_] != "unseen"}


def test_drift_of_each_line_is_what_the_sheets_say(seen: Sight) -> None:
    line, forms, _ = seen
    stock = {id_: form for id_, form in forms.items() if "mseva" not in id_}
    own = {id_: form for id_, form in forms.items() if id_ not in stock}
    assert stock == expected(
        id_ for id_, erratum in all_errata().items()
        if line in erratum.lineages and "mseva" not in id_
    )  # fmt: skip
    assert own == {
        id_: "not seen" if id_ in FORKS_OWN else "corrected"
        for id_, erratum in all_errata().items()
        if line == "mseva" and "mseva" in id_ and erratum.observable
    }


def test_every_row_of_the_sheets_is_accounted_for() -> None:
    for sheet, count in ROWS.items():
        assert list(SHEETS[sheet]) == list(range(1, count + 1))
    for place, errata in rows():
        sheet, _, number = place.partition(" ")
        assert errata, place
        hidden = {"not seen", "unseen"} & set(errata.values())
        assert bool(hidden) == ("why" in SHEETS[sheet][int(number)]), place
    assert set(SHEETS["beyond"].values()) <= {"corrected", "not seen", "unseen"}


def test_every_erratum_of_the_line_stands_in_a_row() -> None:
    told = [*SHEETS["beyond"], *(id_ for _, errata in rows() for id_ in errata)]
    assert len(told) == len(set(told))
    known = {id_: each for id_, each in all_errata().items() if "digit-2.8" in each.lineages}
    assert set(told) == set(known)
    unseen = {id_ for id_ in told if id_ not in expected(told)}
    assert unseen == {id_ for id_, erratum in known.items() if not erratum.observable}


@pytest.mark.skipif(not FACTS.is_dir(), reason="the fact sheets are not at hand")
def test_sheets_have_as_many_rows() -> None:
    sheet = (FACTS / "pg-and-collections.md").read_text(encoding="utf-8")
    collections, _, pg = sheet.partition("\n## 4.")[2].partition("\n## ")[0].partition("\n### 4.1")
    others = (FACTS / "billing-user-gateway-mdms.md").read_text(encoding="utf-8")
    others = others.partition("\n## 12.")[2].partition("\n## ")[0]
    found = [len(re.findall(r"(?m)^\| \d+ \|", part)) for part in (collections, pg)]
    found.append(len(re.findall(r"(?m)^\| (?!contract|---)", others)))
    assert found == list(ROWS.values())


def test_no_answer_departs_from_the_contract(seen: Sight) -> None:
    _, _, exchanges = seen
    departing = [
        (each.operation, each.status, breach)
        for each in exchanges
        for breach in each.breaches
        if breach.side == "response"
    ]
    assert departing == []
