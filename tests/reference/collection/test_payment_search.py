"""Searching for payments: each criterion and the fault that ignores it, pages, counts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, DAY, NEIGHBOUR, Till, problems


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


CRITERIA: list[tuple[str, str, Callable[[dict[str, Any]], Any]]] = [
    ("ids", "search-ignores-ids", lambda payment: payment["id"]),
    ("billIds", "search-ignores-bill-ids", lambda payment: payment["paymentDetails"][0]["billId"]),
    (
        "receiptNumbers",
        "search-ignores-receipt-numbers",
        lambda payment: payment["paymentDetails"][0]["receiptNumber"],
    ),
    (
        "consumerCodes",
        "search-ignores-consumer-codes",
        lambda payment: payment["paymentDetails"][0]["bill"]["consumerCode"],
    ),
    ("payerIds", "search-ignores-payer-ids", lambda payment: payment["payerId"]),
    ("status", "search-ignores-status", lambda payment: payment["paymentStatus"].lower()),
    (
        "instrumentStatus",
        "search-ignores-instrument-status",
        lambda payment: payment["instrumentStatus"],
    ),
    ("paymentModes", "search-ignores-payment-modes", lambda payment: payment["paymentMode"]),
    ("businessServices", "search-ignores-business-services", lambda _: "SMP"),
    (
        "transactionNumber",
        "search-ignores-transaction-number",
        lambda payment: payment["transactionNumber"],
    ),
    ("mobileNumber", "search-ignores-mobile-number", lambda payment: payment["mobileNumber"]),
    ("fromDate", "search-ignores-from-date", lambda payment: payment["transactionDate"]),
    ("toDate", "search-ignores-to-date", lambda payment: payment["transactionDate"] - DAY),
]


def two_payments(till: Till, *, later: bool) -> list[dict[str, Any]]:
    """Two payments that differ in everything; the second one minutes after the first."""
    wanted = {"businessService": "SMP"}
    people = [
        {"mobileNumber": "9876500001", "paidBy": "Ram", "payerName": "Ram"},
        {"mobileNumber": "9876500002", "paidBy": "Sita", "payerName": "Sita"},
    ]
    bills = [till.bill(**wanted), till.bill()]
    if later:
        bills.reverse()
    modes = ["CARD", "CASH"] if not later else ["CASH", "CARD"]
    paid = []
    for bill, mode, person in zip(bills, modes, people, strict=True):
        paid.append(till.receipt(bill, mode, **person))
        till.put_clock(advance=60_000)
    return list(reversed(paid)) if later else paid


@pytest.mark.parametrize(("name", "fault", "value"), CRITERIA)
def test_search_by_each_criterion_and_the_fault_that_ignores_it(
    faulty: Callable[..., Rehearsal],
    name: str,
    fault: str,
    value: Callable[[dict[str, Any]], Any],
) -> None:
    for faults, count in (((), 1), ((fault,), 2)):
        till = Till(faulty(*faults))
        wanted, _ = two_payments(till, later=name == "fromDate")
        found = till.payments(**{name: value(wanted)})
        assert len(found) == count
        assert wanted["id"] in {payment["id"] for payment in found}


@pytest.mark.parametrize(
    "name", [name for name, _, _ in CRITERIA if name not in {"fromDate", "toDate"}]
)
def test_search_for_what_is_not_there_is_empty(till: Till, name: str) -> None:
    assert till.payments(**{name: "nothing-like-it"}) == []


def test_search_never_shows_another_tenant(till: Till) -> None:
    payment = till.receipt(till.bill())
    number = payment["transactionNumber"]
    assert till.payments(tenantId=NEIGHBOUR, transactionNumber=number) == []
    assert len(till.payments(tenantId="pb", transactionNumber=number)) == 1


def test_search_pages_newest_first(till: Till) -> None:
    for _ in range(3):
        till.receipt(till.bill())
    first, rest = till.payments(limit=2), till.payments(limit=100, offset=1)
    dates = [payment["transactionDate"] for payment in rest]
    assert len(first) == 2
    assert first[1]["id"] == rest[0]["id"]
    assert dates == sorted(dates, reverse=True)


def test_search_forgets_what_no_table_keeps(till: Till) -> None:
    payment = till.receipt(till.bill())
    answer = till.search_payments(ids=payment["id"])
    (detail,) = answer.json()["Payments"][0]["paymentDetails"]
    assert '"totalAmountPaid":100.00' in answer.text
    assert detail["manualReceiptDate"] == 0
    assert detail["bill"]["paidBy"] is None
    assert detail["bill"]["billDetails"][0]["collectionType"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "many"}, "typeMismatch.paymentSearchCriteria.limit"),
        ({"fromDate": "9" * 30}, "typeMismatch.paymentSearchCriteria.fromDate"),
        ({"offset": -1}, "DataIntegrityViolationException"),
        ({"isCountRequest": "true"}, "EGCL_PAYMENT_COUNT_ERROR"),
        ({"isCountRequest": "true", "businessServices": ""}, "EGCL_PAYMENT_COUNT_ERROR"),
        ({"isCountRequest": "true", "offset": -1}, "EGCL_PAYMENT_COUNT_ERROR"),
    ],
)
def test_search_refuses_odd_numbers(till: Till, query: dict[str, Any], code: str) -> None:
    assert code in problems(till.search_payments(**query))


def test_search_without_a_tenant_is_a_null_pointer(till: Till) -> None:
    answer = till.search_payments(tenantId=None, ids="x")
    assert "NullPointerException" in problems(answer)


def test_employee_needs_a_module_and_a_module_adds_a_service(till: Till) -> None:
    payment = till.receipt(till.bill())
    assert "EGCL_URI_EXCEPTION" in problems(till.search_payments(as_="cashier"))
    path = "/collection-services/payments/PT/_search"
    answer = till.post(path, as_="cashier", tenantId=CITY, ids=payment["id"])
    assert len(answer.json()["Payments"]) == 1


def test_count(till: Till) -> None:
    till.receipt(till.bill(businessService="ADV"))
    query = {"isCountRequest": "true", "businessServices": "ADV"}
    assert till.search_payments(**query).json()["Count"] >= 1
