"""Bills: fetch, reuse, expiry, search and cancellation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, DAY, NEIGHBOUR, Till, problems, rupees

FETCH = "/billing-service/bill/v2/_fetchbill"
SEARCH = "/billing-service/bill/v2/_search"
CANCEL = "/billing-service/bill/v2/_cancelbill"
BAD_FETCHES: list[tuple[dict[str, Any], str]] = [
    ({"businessService": "PT", "consumerCode": "X"}, "NotNull.generateBillCriteria.tenantId"),
    ({"tenantId": CITY, "consumerCode": "X"}, "NotNull.generateBillCriteria.businessService"),
    ({"tenantId": CITY, "businessService": "PT"}, "BILL_GEN_MANDATORY_FIELDS_MISSING"),
    (
        {"tenantId": CITY, "businessService": "PT", "mobileNumber": "12"},
        "Pattern.generateBillCriteria.mobileNumber",
    ),
    (
        {"tenantId": CITY, "businessService": "PT", "email": "nobody"},
        "Email.generateBillCriteria.email",
    ),
    (
        {"tenantId": CITY, "businessService": "PT", "consumerCode": "X", "email": ""},
        "InvalidUserSearchCriteriaException",
    ),
    (
        {"tenantId": CITY, "businessService": "P" * 257, "consumerCode": "X"},
        "Size.generateBillCriteria.businessService",
    ),
]
BAD_SEARCHES: list[tuple[dict[str, Any], str]] = [
    ({"billId": "x"}, "NotNull.billSearchCriteria.tenantId"),
    ({"tenantId": CITY}, "EGBS_MANDATORY_FIELDS_ERROR"),
    ({"tenantId": CITY, "service": "PT"}, "EGBS_MANDATORY_FIELDS_ERROR"),
    ({"tenantId": CITY, "consumerCode": "x"}, "BILL_SEARCH_CONSUMERCODE_BUSINESSSERVICE"),
    ({"tenantId": CITY, "billId": "x", "status": "paid"}, "typeMismatch.billSearchCriteria.status"),
]


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def test_first_fetch_makes_the_bill_and_the_second_returns_it(till: Till) -> None:
    code = till.raised(heads={"PT_TAX": 100, "PT_CESS": 20, "PT_REBATE": -5})["consumerCode"]
    first, second = till.fetch(code), till.fetch(code)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["ResposneInfo"] is None
    assert second.json()["ResposneInfo"]["status"] == "200 OK"
    assert first.json()["Bill"] == second.json()["Bill"]


def test_books_of_a_bill_agree(till: Till) -> None:
    bill = till.bill(heads={"PT_TAX": 100, "PT_CESS": 20, "PT_REBATE": -5})
    (detail,) = bill["billDetails"]
    accounts = detail["billAccountDetails"]
    assert rupees(bill["totalAmount"]) == rupees(detail["amount"]) == 115
    assert sum(rupees(account["amount"]) for account in accounts) == 115
    assert [account["order"] for account in accounts] == [1, 2, 3]


def test_expiry_is_the_end_of_the_day(till: Till) -> None:
    now = till.now()
    today, later = till.bill(), till.bill(billExpiryTime=10 * DAY)
    assert now < today["billDetails"][0]["expiryDate"] < now + DAY
    assert later["billDetails"][0]["expiryDate"] > now + 10 * DAY - 1000


@pytest.mark.parametrize(("query", "code"), BAD_FETCHES)
def test_fetch_names_what_is_wrong(till: Till, query: dict[str, Any], code: str) -> None:
    assert code in problems(till.post(FETCH, as_="integrator", **query))


def test_nothing_due_is_an_empty_list(till: Till) -> None:
    paid = till.bill()
    till.receipt(paid)
    for code in ("UNKNOWN-1", paid["consumerCode"]):
        answer = till.fetch(code)
        assert answer.status_code == 201
        assert answer.json() == {"ResposneInfo": None, "Bill": []}


def test_fault_answers_an_empty_body_where_nothing_is_due(
    faulty: Callable[..., Rehearsal],
) -> None:
    answer = Till(faulty("nothing-due-is-no-body")).fetch("UNKNOWN-1")
    assert (answer.status_code, answer.content) == (201, b"")


def test_employee_cannot_fetch_at_the_state(till: Till) -> None:
    query = {"tenantId": "pb", "businessService": "PT", "consumerCode": "X"}
    answer = till.post(FETCH, as_="administrator", **query)
    assert answer.status_code in {400, 403}
    assert answer.status_code == 403 or "EG_BS_INVALID_TENANTID" in problems(answer)


def test_expired_bill_is_replaced_and_no_longer_payable(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty())
    old = till.bill()
    till.put_clock(advance=DAY)
    assert "BILL_EXPIRED" in problems(till.submit(old))
    fresh = till.bill_of(old["consumerCode"])
    assert fresh["id"] != old["id"]
    assert "BILL_EXPIRED" in problems(till.pay(old))
    assert till.submit(fresh).status_code == 200


def test_part_payment_gives_a_fresh_bill_for_the_rest(till: Till) -> None:
    bill = till.bill(businessService="SMP", amount=100)
    till.receipt(bill, amount=40)
    rest = till.bill_of(bill["consumerCode"], "SMP")
    assert rest["id"] != bill["id"]
    assert rupees(rest["totalAmount"]) == 60
    assert set(problems(till.pay(bill, amount=60))) & {"BILL_ALREADY_PAID", "BILL_EXPIRED"}


@pytest.mark.parametrize(("query", "code"), BAD_SEARCHES)
def test_search_names_what_is_wrong(till: Till, query: dict[str, Any], code: str) -> None:
    assert code in problems(till.post(SEARCH, as_="administrator", **query))


def test_search_returns_the_newest_bill_of_any_status(till: Till) -> None:
    bill = till.bill()
    till.receipt(bill)
    answer = till.post(SEARCH, as_="citizen", tenantId=CITY, billId=bill["id"])
    (found,) = answer.json()["Bill"]
    assert answer.status_code == 200
    assert answer.json()["ResposneInfo"]["status"] == "200 OK"
    assert (found["id"], found["status"]) == (bill["id"], "PAID")


def test_search_shows_no_bill_of_another_tenant(till: Till) -> None:
    bill = till.bill()
    answer = till.post(SEARCH, as_="citizen", tenantId=NEIGHBOUR, billId=bill["id"])
    assert answer.json()["Bill"] == []


def cancellation(bill: dict[str, Any], **changes: Any) -> dict[str, Any]:
    criteria = {
        "tenantId": bill["tenantId"],
        "consumerCodes": [bill["consumerCode"]],
        "businessService": bill["businessService"],
        "additionalDetails": {"reason": "R1", "reasonMessage": "Made by mistake"},
        "statusToBeUpdated": "CANCELLED",
    }
    return {"UpdateBillCriteria": criteria | changes}


def test_cancelled_bill_is_replaced_at_the_next_fetch(till: Till) -> None:
    bill = till.bill()
    answer = till.post(CANCEL, cancellation(bill), "administrator")
    assert answer.status_code == 200
    assert answer.json()["Message"].startswith("Successfully cancelled 1 Active bills")
    assert "BILL_EXPIRED" in problems(till.pay(bill))
    assert till.bill_of(bill["consumerCode"])["id"] != bill["id"]


def test_cancellation_of_nothing_and_of_a_paid_bill(till: Till) -> None:
    bill = till.bill()
    till.receipt(bill)
    paid = till.post(CANCEL, cancellation(bill), "administrator")
    none = till.post(CANCEL, cancellation(bill, consumerCodes=["X"]), "administrator")
    assert (paid.status_code, none.status_code) == (400, 400)
    assert paid.json()["Message"] == "You cannot cancel the bill in the workflow"
    assert none.json()["Message"].startswith("No Active bills found")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"consumerCodes": ["A", "B"]}, "EG_BS_CANCEL_BILL_ERROR"),
        ({"consumerCodes": "A"}, "NullPointerException"),
        ({"additionalDetails": {}}, "EG_BS_CANCELL_REASON_MSG_NOT"),
        (
            {"additionalDetails": {"reason": "", "reasonMessage": "x"}},
            "EG_BS_CANCELL_REASON_CODE_NOT",
        ),
        (
            {"statusToBeUpdated": None},
            "NotNull.updateBillRequest.updateBillCriteria.statusToBeUpdated",
        ),
    ],
)
def test_cancellation_is_refused_by_code(till: Till, changes: dict[str, Any], code: str) -> None:
    answer = till.post(CANCEL, cancellation(till.bill(), **changes), "administrator")
    assert code in problems(answer)


FAULTY_BILLS: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ("bill-without-expiry", lambda bill: "expiryDate" not in bill["billDetails"][0]),
    ("bill-without-details", lambda bill: bill["billDetails"] == []),
    (
        "bill-parts-disagree",
        lambda bill: bill["billDetails"][0]["billAccountDetails"][0]["amount"] == 99,
    ),
    ("bill-details-disagree", lambda bill: bill["billDetails"][0]["amount"] == 101),
]


@pytest.mark.parametrize(("fault", "shows"), FAULTY_BILLS)
def test_fault_shows_in_the_bill(
    faulty: Callable[..., Rehearsal], fault: str, shows: Callable[[dict[str, Any]], bool]
) -> None:
    assert shows(Till(faulty(fault)).bill(amount=100))


def test_faults_that_offer_what_is_not_due(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("paid-bill-offered", "somebody-elses-bill"))
    bill = till.bill()
    till.receipt(bill)
    assert [each["id"] for each in till.fetch(bill["consumerCode"]).json()["Bill"]] == [bill["id"]]


def test_fault_offers_somebody_elses_bill(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("somebody-elses-bill"))
    bill = till.bill()
    assert till.fetch("UNKNOWN").json()["Bill"][0]["consumerCode"] == bill["consumerCode"]


def test_fault_makes_another_bill_each_time(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("another-bill-each-time"))
    code = till.raised()["consumerCode"]
    assert till.bill_of(code)["id"] != till.bill_of(code)["id"]
