"""The books always agree: no sequence of calls breaks an invariant of the strict reference.

Money flows through demands, bills, transactions and payments; after each sequence the sums are
compared as an auditor would, from what the services show over HTTP.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.conftest import Rehearsal
from tests.reference.money import DAY, Till, rupees

SERVICES = ("PT", "SMP", "ADV")
DEAD = {"CANCELLED", "DISHONOURED"}
FINAL = {"SUCCESS", "FAILURE"}
PT_AMOUNTS = [1, 100, 250]

Step = tuple[Any, ...]
STEPS = st.one_of(
    st.tuples(st.just("fetch")),
    st.tuples(st.just("transact"), st.sampled_from([0, 1, -1])),
    st.tuples(
        st.just("update"),
        st.integers(0, 3),
        st.sampled_from(["SUCCESS", "FAILURE", "PENDING"]),
        st.sampled_from([None, 1, 10**9]),
        st.sampled_from(["integrator", "integrator", "rival"]),
    ),
    st.tuples(
        st.just("pay"),
        st.sampled_from(["CASH", "CHEQUE", "ONLINE", "CARD", "POSTAL_ORDER"]),
        st.sampled_from([-50, -1, 0, 0, 0, 30]),
    ),
    st.tuples(
        st.just("workflow"),
        st.integers(0, 3),
        st.sampled_from(["CANCEL", "DISHONOUR", "REMIT"]),
    ),
    st.tuples(st.just("raise_"), st.sampled_from(PT_AMOUNTS)),
    st.tuples(st.just("tomorrow")),
)


class Story:
    """One consumer code and everything that is done with it."""

    def __init__(self, till: Till, service: str, amount: int) -> None:
        self.till = till
        self.service = service
        self.demands = 1
        self.days = 0
        bill = till.bill(businessService=service, amount=amount)
        self.code: str = bill["consumerCode"]
        self.bills = [bill]
        self.transactions: list[dict[str, Any]] = []
        self.ended: dict[str, dict[str, Any]] = {}

    def take(self, step: Step) -> None:
        """Take one step; whatever is answered, it is no breakdown."""
        verb, *rest = step
        answer = getattr(self, verb)(*rest)
        assert answer is None or answer.status_code in {200, 201, 400}, answer.text
        self.keep_what_ended()

    def fetch(self) -> Any:
        answer = self.till.fetch(self.code, self.service)
        self.bills += [bill for bill in answer.json()["Bill"] if bill not in self.bills]
        return answer

    def transact(self, off: int) -> Any:
        bill = self.bills[-1]
        answer = self.till.submit(bill, amount=bill["totalAmount"] + off)
        if answer.status_code == 200:
            self.transactions.append(answer.json()["Transaction"])
        return answer

    def update(self, index: int, status: str, amount: int | None, who: str) -> Any:
        if not self.transactions:
            return None
        transaction = self.transactions[index % len(self.transactions)]
        return self.till.update(transaction, status, amount=amount, as_=who)

    def pay(self, mode: str, off: int) -> Any:
        bill = self.bills[-1]
        return self.till.pay(bill, mode, amount=bill["totalAmount"] + off)

    def workflow(self, index: int, action: str) -> Any:
        payments = self.payments()
        return self.till.workflow(payments[index % len(payments)], action) if payments else None

    def raise_(self, amount: int) -> Any:
        first, last = self.till.year(back=self.demands)
        self.demands += 1
        if self.demands > 4:
            return None
        demand = self.till.demand(
            self.code,
            businessService=self.service,
            amount=amount,
            taxPeriodFrom=first,
            taxPeriodTo=last,
        )
        return self.till.submit_demand(demand)

    def tomorrow(self) -> None:
        self.days += 1
        if self.days < 5:  # tokens live for a week
            self.till.put_clock(advance=DAY)

    def payments(self) -> list[dict[str, Any]]:
        return self.till.payments(consumerCodes=self.code, limit=100)

    def sights(self) -> list[dict[str, Any]]:
        return [self.till.sight(each) for each in self.transactions]

    def keep_what_ended(self) -> None:
        """Once a transaction has ended, nothing about it changes any more."""
        for sight in self.sights():
            if sight["txnStatus"] in FINAL:
                assert self.ended.setdefault(sight["txnId"], sight) == sight

    # the auditor ---------------------------------------------------------------------------------

    def audit(self) -> None:
        payments, sights = self.payments(), self.sights()
        self.audit_receipts(payments, sights)
        self.audit_bills(payments)
        self.audit_money(payments)

    def audit_receipts(self, payments: list[dict[str, Any]], sights: list[dict[str, Any]]) -> None:
        numbers = [each["paymentDetails"][0]["receiptNumber"] for each in payments]
        assert len(set(numbers)) == len(numbers)
        for sight in sights:
            own = [each for each in payments if each["transactionNumber"] == sight["txnId"]]
            assert len(own) == (sight["txnStatus"] == "SUCCESS")
            for payment in own:
                created = sight["auditDetails"]["createdTime"]
                assert payment["paymentDetails"][0]["receiptDate"] == created
                assert rupees(payment["totalAmountPaid"]) == rupees(sight["txnAmount"])
        living = [each["billId"] for each in sights if each["txnStatus"] != "FAILURE"]
        assert len(set(living)) == len(living)

    def audit_bills(self, payments: list[dict[str, Any]]) -> None:
        paid = [
            each["paymentDetails"][0]["billId"]
            for each in payments
            if each["paymentStatus"] not in DEAD
        ]
        assert len(set(paid)) == len(paid)
        for bill in self.bills:
            parts = [
                rupees(account["amount"])
                for detail in bill["billDetails"]
                for account in detail["billAccountDetails"]
            ]
            assert rupees(bill["totalAmount"]) == sum(parts)

    def audit_money(self, payments: list[dict[str, Any]]) -> None:
        """What was paid is what demands collected, plus what waits as an advance."""
        living = [each for each in payments if each["paymentStatus"] not in DEAD]
        paid = sum((rupees(each["totalAmountPaid"]) for each in living), Decimal(0))
        collected = sum(
            (rupees(detail["collectionAmount"]) for detail in self.demand_details()), Decimal(0)
        )
        advance = sum(
            (
                -rupees(account["amount"])
                for each in living
                for detail in each["paymentDetails"][0]["bill"]["billDetails"]
                for account in detail["billAccountDetails"]
                if account["order"] == -1
            ),
            Decimal(0),
        )
        assert paid == collected + advance

    def demand_details(self) -> list[dict[str, Any]]:
        answer = self.till.post(
            "/billing-service/demand/_search",
            as_="administrator",
            tenantId="pb.amritsar",
            consumerCode=self.code,
        )
        return [each for demand in answer.json()["Demands"] for each in demand["demandDetails"]]


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


@pytest.fixture(scope="module")
def today(till: Till) -> int:
    return till.now()


@given(
    service=st.sampled_from(SERVICES),
    amount=st.sampled_from(PT_AMOUNTS),
    steps=st.lists(STEPS, min_size=1, max_size=14),
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_books_agree_after_any_sequence(
    till: Till, today: int, service: str, amount: int, steps: list[Step]
) -> None:
    till.put_clock(now=today)
    story = Story(till, service, amount)
    for step in steps:
        story.take(step)
    story.audit()
