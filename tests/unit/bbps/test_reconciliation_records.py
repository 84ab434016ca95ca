"""Reading back: few searches, every bill of the ledger, again until the books agree."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, Transaction
from conformance.bbps.polling import Polling
from conformance.bbps.reconciliation.comparison import RULES
from conformance.bbps.reconciliation.records import AT_ONCE, BillRecords
from conformance.core.ledger import Entry, Ledger
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Limits
from tests.unit import bill_documents as told

CITY, OTHER_CITY = "pb.amritsar", "pb.jalandhar"


class Deployment:
    """Bills b-1, b-2, ... of consumer codes CONF-1, ...; every other one paid by a transaction."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[str] = []
        self.codes: dict[str, str] = {}  # bill -> consumer code
        self.late = 0  # looks until a demand is seen to be collected
        self.refused: set[str] = set()
        self.strays = False
        self.ledger = Ledger(folder / "ledger.jsonl", Decimal(100_000))
        self.polling = Polling(Limits.model_validate({"settle_seconds": 0.2, "quiet_seconds": 0}))
        readers = SimpleNamespace(bills="administrator", demands="administrator")
        self.target = SimpleNamespace(tenant=CITY, readers=readers)
        self.client = self
        self.check = "books::check"

    def moves(self, count: int, kind: str = "transaction", tenant: str = CITY) -> None:
        for _ in range(count):
            number = len(self.codes) + 1
            self.add(f"b-{number}", f"CONF-{number}", kind, tenant)

    def add(self, bill: str, code: str, kind: str = "transaction", tenant: str = CITY) -> None:
        self.codes[bill] = code
        self.ledger.enter(Entry(kind="demand", key=code, tenant=tenant))
        self.ledger.enter(Entry(kind=kind, key=bill, tenant=tenant, check=f"check of {bill}"))

    def call(self, operation: str, *, as_: str, query: Mapping[str, str]) -> Any:
        assert as_ == "administrator"
        self.calls.append(operation)
        if operation in self.refused:
            return SimpleNamespace(succeeded=False, description="403 Forbidden")
        found: Callable[[Mapping[str, str]], dict[str, Any]] = {
            "bill.search": self._bills,
            "demand.search": self._demands,
        }[operation]
        return SimpleNamespace(succeeded=True, body=found(query))

    def transactions(self, *, billId: str) -> list[Transaction]:
        self.calls.append("transaction.search")
        status = "SUCCESS" if self._paid(billId) else "FAILURE"
        return [_of(told.transaction(status), billId=billId, txnId=f"t of {billId}")]

    def payments(self, *, consumerCodes: str, **_: Any) -> list[Payment]:
        self.calls.append("payment.module-search")
        wanted = consumerCodes.split(",")
        return [
            _payment(bill, code)
            for bill, code in self.codes.items()
            if self._paid(bill) and (code in wanted or self.strays)
        ]

    def _bills(self, query: Mapping[str, str]) -> dict[str, Any]:
        wanted = [bill for bill in query["billId"].split(",") if bill in self.codes]
        newest = {self.codes[bill]: bill for bill in wanted}
        return {
            "Bill": [
                {**told.bill(self._status(bill)).raw, "id": bill, "consumerCode": code}
                for code, bill in newest.items()
            ]
        }

    def _demands(self, query: Mapping[str, str]) -> dict[str, Any]:
        self.late -= 1
        return {
            "Demands": [
                told.demand(self._collected(code), consumerCode=code)
                for code in query["consumerCode"].split(",")
            ]
        }

    def _collected(self, code: str) -> int:
        paid = any(self._paid(bill) for bill, own in self.codes.items() if own == code)
        return 100 if paid and self.late < 0 else 0

    def _status(self, bill: str) -> str:
        return "PAID" if self._paid(bill) else "ACTIVE"

    @staticmethod
    def _paid(bill: str) -> bool:
        return int(bill.removeprefix("b-")) % 2 == 1


def _of(transaction: Transaction, **changes: str) -> Transaction:
    return Transaction.of({**transaction.raw, **changes})


def _payment(bill: str, code: str) -> Payment:
    raw = told.payment(transactionNumber=f"t of {bill}").raw
    detail = raw["paymentDetails"][0] | {"billId": bill, "bill": {"consumerCode": code}}
    return Payment.of({**raw, "paymentDetails": [detail]})


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


def books(deployment: Deployment) -> BillRecords:
    return BillRecords(cast(Bbps, deployment))


def test_many_bills_are_read_in_few_searches(deployment: Deployment) -> None:
    many = AT_ONCE + 1
    deployment.moves(many)
    deployment.moves(1, kind="payment")
    reading = books(deployment).reading()
    assert reading.disagreeing == []
    assert [reading.compared(pair).agreeing for pair in RULES] == [
        many, (many + 2) // 2, many + 1, many + 1,
    ]  # fmt: skip
    assert {name: deployment.calls.count(name) for name in sorted(set(deployment.calls))} == {
        "bill.search": 2,
        "demand.search": 2,
        "payment.module-search": 2,
        "transaction.search": many,  # none where none was asked for
    }


def test_each_bill_of_a_consumer_code_is_found(deployment: Deployment) -> None:
    deployment.add("b-2", "CONF-1")
    deployment.add("b-3", "CONF-1", kind="payment")
    (page,) = books(deployment).reading().pages
    assert sorted(page.ids) == ["b-2", "b-3"]
    assert page.transacted == ["b-2"]
    assert [each.bill_ids for each in page.payments] == [("b-3",)]


def test_what_shows_late_is_read_again(deployment: Deployment) -> None:
    deployment.moves(3)
    deployment.late = 2
    assert books(deployment).reading().disagreeing == []
    assert deployment.calls.count("demand.search") == 3


def test_what_never_shows_disagrees(deployment: Deployment) -> None:
    deployment.moves(2)
    deployment.late = 10_000
    (page,) = books(deployment).reading().disagreeing
    assert (page.code, page.check) == ("CONF-1", "check of b-1")


def test_bills_of_another_city_are_not_read(deployment: Deployment) -> None:
    deployment.moves(1, tenant=OTHER_CITY)
    with pytest.raises(Inconclusive, match="no check tried to move money"):
        books(deployment).reading()


def test_bills_that_no_search_shows_are_told(deployment: Deployment) -> None:
    deployment.moves(2)
    del deployment.codes["b-2"]
    with pytest.raises(Inconclusive, match=r"of 2 bills .* shows 1"):
        books(deployment).reading()


def test_a_reader_without_rights_blames_nobody(deployment: Deployment) -> None:
    deployment.moves(2)
    deployment.refused = {"demand.search"}
    reading = books(deployment).reading()
    assert reading.disagreeing == []
    assert sum(reading.compared("payment and demand").unread.values()) == 2
    assert reading.compared("payment and bill").agreeing == 2


def test_a_search_that_does_not_narrow_blames_nobody(deployment: Deployment) -> None:
    deployment.moves(AT_ONCE * 2)
    deployment.strays = True
    reading = books(deployment).reading()
    assert reading.disagreeing == []
    assert list(reading.compared("payment and receipt").unread) == [
        "a search shows payments of other consumer codes"
    ]


def test_one_bill_is_read_on_its_own(deployment: Deployment) -> None:
    deployment.moves(2)
    shown = Bill.of({**told.bill("ACTIVE").raw, "id": "b-1"})
    page = books(deployment).page(shown)
    assert page.bills[0].status == "PAID"
    assert len(page.transactions) == len(page.payments) == len(page.demands) == 1
