"""Transactions: creation, update, search, receipts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, DAY, NEIGHBOUR, Till, problems, rupees

NESTED = "transactionRequest.transaction"
UNTAKEABLE: list[tuple[dict[str, Any], str]] = [
    *(
        ({name: None}, f"NotNull.{NESTED}.{name}")
        for name in (
            "tenantId", "txnAmount", "billId", "consumerCode", "taxAndPayments", "productInfo",
            "gateway", "callbackUrl", "user",
        )
    ),
    ({"taxAndPayments": []}, f"Size.{NESTED}.taxAndPayments"),
    ({"consumerCode": "x" * 129}, f"Size.{NESTED}.consumerCode"),
    ({"productInfo": "<script>"}, f"SafeHtml.{NESTED}.productInfo"),
    ({"user": {"name": "Ram"}}, f"NotNull.{NESTED}.user.mobileNumber"),
    ({"gateway": "PAYTM"}, "INVALID_PAYMENT_GATEWAY"),
    ({"gateway": "bbps"}, "INVALID_PAYMENT_GATEWAY"),
    ({"txnAmount": "101"}, "TXN_CREATE_INVALID_TXN_AMT"),
    ({"txnAmount": "NaN"}, "NumberFormatException"),
    ({"txnAmount": "1e999"}, "TXN_CREATE_INVALID_TXN_AMT"),
    ({"txnAmount": 10**400}, "TXN_CREATE_INVALID_TXN_AMT"),
    ({"txnAmount": "9" * 5000}, "NumberFormatException"),
    ({"txnAmount": "ten"}, "NumberFormatException"),
    ({"amount": 50}, "INVALID_PAYMENTDETAIL"),
    ({"amount": 101}, "INVALID_PAYMENTDETAIL"),
    ({"amount": -1}, "INVALID_PAYMENTDETAIL"),
    ({"amount": 0}, "INVALID_PAYMENTDETAIL"),
    ({"amount": 99.5}, "INVALID_PAYMENTDETAIL"),
    ({"tenantId": NEIGHBOUR}, "INVALID_BILL_ID"),
    ({"tenantId": "pb"}, "INVALID_BILL_ID"),
    ({"billId": "unknown"}, "INVALID_BILL_ID"),
    ({"taxAndPayments": [{"amountPaid": 100, "billId": "unknown"}]}, "INVALID_BILL_ID"),
    ({"taxAndPayments": [{"amountPaid": None, "billId": "b"}]}, "NullPointerException"),
    ({"taxAndPayments": [None]}, "NullPointerException"),
    ({"callbackUrl": "ftp://x"}, "IllegalArgumentException"),
    ({"additionalDetails": [1]}, "ClassCastException"),
    ({"user": {"name": "R2", "mobileNumber": "9876543210", "tenantId": "pb"}},
     "Pattern.paymentRequest.payment.paidBy"),
    ({"user": {"name": "x" * 101, "mobileNumber": "9876543210", "tenantId": "pb"}},
     "NullPointerException"),
    ({"user": "Ram"}, "JsonMappingException"),
    ({"taxAndPayments": {"a": 1}}, "JsonMappingException"),
    ({"productInfo": {"a": 1}}, "JsonMappingException"),
]  # fmt: skip
DICTATED = {
    "txnStatus": "SUCCESS",
    "txnId": "MINE-1",
    "receipt": "R-1",
    "gatewayTxnId": "G-9",
    "auditDetails": {"createdBy": "me", "createdTime": 1},
    "redirectUrl": "https://elsewhere.example",
}
SPELLINGS = ("eg_pg_txnid", "EG_PG_TXNID", "vpc_MerchTxnRef", "ORDERID", "txnid", "transactionId")


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


# creation ------------------------------------------------------------------------------------


def test_new_transaction_is_pending_and_signed_by_its_creator(till: Till) -> None:
    before = till.now()
    user = till.post("/user/_search", {"userName": "integrator", "tenantId": "pb"}, "administrator")
    transaction = till.created(till.bill())
    audit = transaction["auditDetails"]
    assert transaction["txnStatus"] == "PENDING"
    assert transaction["txnAmount"] == "100"
    assert audit["createdBy"] == user.json()["user"][0]["uuid"]
    assert before <= audit["createdTime"] <= till.now()
    assert transaction["callbackUrl"].endswith(f"?eg_pg_txnid={transaction['txnId']}")


@pytest.mark.parametrize(("changes", "code"), UNTAKEABLE)
def test_transaction_is_refused_and_not_stored(
    till: Till, changes: dict[str, Any], code: str
) -> None:
    bill = till.bill(amount=100)
    assert code in problems(till.submit(bill, **changes))
    assert till.seen(billId=bill["id"]) == []
    assert till.submit(bill).status_code == 200


def test_local_problems_come_together(till: Till) -> None:
    found = problems(till.submit(till.bill(), gateway="PAYU", txnAmount="7"))
    assert set(found) == {"INVALID_PAYMENT_GATEWAY", "TXN_CREATE_INVALID_TXN_AMT"}


def test_missing_wrapper_is_a_null_pointer(till: Till) -> None:
    answer = till.post("/pg-service/transaction/v1/_create", {"transaction": {}})
    assert "NullPointerException" in problems(answer)


def test_client_cannot_dictate_what_the_service_decides(till: Till) -> None:
    transaction = till.created(till.bill(), **DICTATED)
    for answered in (transaction, till.sight(transaction)):
        assert answered["txnStatus"] == "PENDING"
        assert answered["txnId"] != "MINE-1"
        assert answered["receipt"] is None
        assert answered["gatewayTxnId"] is None
        assert answered["auditDetails"]["createdBy"] != "me"
        assert answered["auditDetails"]["createdTime"] > 1


def test_one_living_transaction_per_bill(till: Till) -> None:
    bill = till.bill()
    first = till.created(bill)
    assert "TXN_ABRUPTLY_DISCARDED" in problems(till.submit(bill))
    assert till.update(first, "FAILURE").status_code == 200
    second = till.created(bill)
    assert till.update(second).status_code == 200
    assert "TXN_CREATE_BILL_ALREADY_PAID" in problems(till.submit(bill))


def test_zero_bill_succeeds_at_once(till: Till) -> None:
    transaction = till.created(till.bill(amount=0))
    assert transaction["txnStatus"] == "SUCCESS"
    assert transaction["redirectUrl"] is None
    assert len(till.receipts_of(transaction)) == 1


def test_gateway_list_is_a_bare_array(till: Till) -> None:
    answer = till.post("/pg-service/gateway/v1/_search", as_="administrator")
    assert {"AXIS", "BBPS", "PAYTM"} <= set(answer.json())


# update --------------------------------------------------------------------------------------


def test_success_makes_one_receipt_dated_at_creation(till: Till) -> None:
    transaction = till.created(till.bill())
    (answered,) = till.update(transaction, amount="100.00").json()["Transaction"]
    (payment,) = till.receipts_of(transaction)
    created = transaction["auditDetails"]["createdTime"]
    assert answered["txnStatus"] == "SUCCESS"
    assert answered["txnStatusMsg"] == "Transaction successful"
    assert payment["paymentMode"] == "ONLINE"
    assert payment["paymentDetails"][0]["receiptNumber"]
    assert payment["paymentDetails"][0]["receiptDate"] == created
    assert payment["transactionDate"] == payment["instrumentDate"] == created


def test_failure_makes_none(till: Till) -> None:
    transaction = till.created(till.bill())
    (answered,) = till.update(transaction, "FAILURE").json()["Transaction"]
    assert (answered["txnStatus"], answered["txnStatusMsg"]) == (
        "FAILURE",
        "Transaction failed at gateway",
    )
    assert till.receipts_of(transaction) == []


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_of_the_id_works_for_the_owner_alone(till: Till, name: str) -> None:
    transaction = till.created(till.bill())
    for stranger in ("rival", "cashier", "citizen", "administrator"):
        assert "TXN_UPDATE_NOT_OWNER" in problems(till.update(transaction, as_=stranger, name=name))
    assert till.update(transaction, as_=None, name=name).status_code == 401
    sight = till.sight(transaction)
    assert sight["txnStatus"] == "PENDING"
    assert sight["auditDetails"]["lastModifiedBy"] is None
    assert till.update(transaction, name=name).status_code == 200


@pytest.mark.parametrize("first", ["SUCCESS", "FAILURE"])
@pytest.mark.parametrize("second", ["SUCCESS", "FAILURE", None])
def test_finished_transaction_is_final(till: Till, first: str, second: str | None) -> None:
    transaction = till.created(till.bill())
    assert till.update(transaction, first).status_code == 200
    sight, receipts = till.sight(transaction), till.receipts_of(transaction)
    assert "TXN_ALREADY_FINAL" in problems(till.update(transaction, second))
    assert "TXN_ALREADY_FINAL" in problems(till.update(transaction, second, amount=1))
    assert till.sight(transaction) == sight
    assert till.receipts_of(transaction) == receipts


@pytest.mark.parametrize("amount", ["99", "101", "100.01", "0", "-100"])
def test_other_amount_ends_in_failure(till: Till, amount: str) -> None:
    transaction = till.created(till.bill(amount=100))
    (answered,) = till.update(transaction, amount=amount).json()["Transaction"]
    assert answered["txnStatus"] == "FAILURE"
    assert answered["txnStatusMsg"] == "Transaction failed, amount mismatch"
    assert till.receipts_of(transaction) == []


@pytest.mark.parametrize("status", [None, "", "PENDING", "success!", "MAYBE"])
def test_unknown_outcome_stays_pending(till: Till, status: str | None) -> None:
    transaction = till.created(till.bill())
    assert till.update(transaction, status).status_code == 200
    assert till.sight(transaction)["txnStatus"] == "PENDING"
    assert till.update(transaction).status_code == 200


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e9999", "ten", "१००"])
def test_amount_that_is_none_changes_nothing(till: Till, amount: str) -> None:
    transaction = till.created(till.bill())
    assert "NumberFormatException" in problems(till.update(transaction, amount=amount))
    assert till.sight(transaction)["auditDetails"]["lastModifiedTime"] == 0


def test_update_without_id_and_of_an_unknown_one(till: Till) -> None:
    assert "MISSING_UPDATE_TXN_ID" in problems(till.update("x", name="id"))
    assert "TXN_UPDATE_NOT_FOUND" in problems(till.update("x"))


def test_late_success_is_receipted_at_creation(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty())
    transaction = till.created(till.bill())
    till.put_clock(advance=3 * DAY)
    assert till.update(transaction).json()["Transaction"][0]["txnStatus"] == "SUCCESS"
    (payment,) = till.receipts_of(transaction)
    created = transaction["auditDetails"]["createdTime"]
    assert payment["paymentDetails"][0]["receiptDate"] == created


def test_late_success_after_a_fresh_bill_was_paid_is_receipted_too(
    faulty: Callable[..., Rehearsal],
) -> None:
    till = Till(faulty())
    old = till.bill(amount=100)
    transaction = till.created(old)
    till.put_clock(advance=DAY)
    till.receipt(till.bill_of(old["consumerCode"]))
    assert till.update(transaction).status_code == 200
    (payment,) = till.receipts_of(transaction)
    lines = payment["paymentDetails"][0]["bill"]["billDetails"][0]["billAccountDetails"]
    assert [rupees(line["amount"]) for line in lines if line["order"] == -1] == [-100]
    demand = till.stored_demand(old["consumerCode"])
    assert rupees(demand["demandDetails"][0]["collectionAmount"]) == 100


def test_bill_paid_at_the_counter_refuses_the_transaction(till: Till) -> None:
    bill = till.bill()
    transaction = till.created(bill)
    till.receipt(bill)
    assert "BILL_ALREADY_PAID" in problems(till.update(transaction))
    assert till.sight(transaction)["txnStatus"] == "PENDING"


# search --------------------------------------------------------------------------------------


def test_search_answers_the_newest_five(till: Till) -> None:
    for _ in range(6):
        till.created(till.bill())
    found = till.seen()
    times = [each["auditDetails"]["createdTime"] for each in found]
    assert len(found) == 5
    assert times == sorted(times, reverse=True)


def test_search_forgets_what_no_table_keeps(till: Till) -> None:
    sight = till.sight(till.created(till.bill()))
    assert sight["txnAmount"] == "100.00"
    assert sight["auditDetails"]["lastModifiedTime"] == 0
    assert [sight[key] for key in ("module", "callbackUrl", "redirectUrl")] == [None] * 3
    assert sight["user"]["id"] is None


@pytest.mark.parametrize("criterion", ["txnId", "billId", "consumerCode"])
def test_search_finds_by_one_criterion(till: Till, criterion: str) -> None:
    transaction = till.created(till.bill())
    found = till.seen(**{criterion: transaction[criterion]})
    assert [each["txnId"] for each in found] == [transaction["txnId"]]
    assert till.seen(**{criterion: "nothing"}) == []


@pytest.mark.parametrize("query", [{"txnStatus": "DONE"}, {"limit": "x"}, {"createdTime": "y"}])
def test_search_refuses_values_of_the_wrong_type(till: Till, query: dict[str, str]) -> None:
    path = "/pg-service/transaction/v1/_search"
    answer = till.post(path, as_="administrator", tenantId=CITY, **query)
    assert f"typeMismatch.transactionCriteria.{next(iter(query))}" in problems(answer)


def test_lag_hides_a_write_but_never_a_decision(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty(lag_ms=60_000))
    bill = till.bill()
    transaction = till.created(bill)
    assert till.seen(txnId=transaction["txnId"]) == []
    assert "TXN_ABRUPTLY_DISCARDED" in problems(till.submit(bill))
    assert till.update(transaction).status_code == 200
    assert "TXN_ALREADY_FINAL" in problems(till.update(transaction))
    assert len(till.receipts_of(transaction)) == 1
    assert till.bill_of(bill["consumerCode"])["status"] == "ACTIVE"
    assert "BILL_ALREADY_PAID" in problems(till.pay(bill))
