"""Transactions: what each fault and each lineage changes of them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, DAY, NEIGHBOUR, Till, problems, rupees

HOUR = 3_600_000


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def outcome(till: Till, status: str | None = "SUCCESS", **update: Any) -> tuple[str, int]:
    """State and number of receipts after one update of a fresh transaction."""
    transaction = till.created(till.bill())
    till.update(transaction, status, **update)
    return till.sight(transaction)["txnStatus"], len(till.receipts_of(transaction))


UPDATE_FAULTS: list[tuple[str, dict[str, Any], tuple[str, int]]] = [
    ("success-ignored", {}, ("PENDING", 0)),
    ("failure-ignored", {"status": "FAILURE"}, ("PENDING", 0)),
    ("update-answers-without-storing", {}, ("PENDING", 1)),
    ("update-answers-without-storing", {"status": "FAILURE"}, ("PENDING", 0)),
    ("owner-check-off", {"as_": "citizen"}, ("SUCCESS", 1)),
    ("owner-check-canonical-id-only", {"as_": "rival", "name": "ORDERID"}, ("SUCCESS", 1)),
    ("owner-check-canonical-id-only", {"as_": "rival"}, ("PENDING", 0)),
    ("owner-check-spares-employees", {"as_": "cashier"}, ("SUCCESS", 1)),
    ("owner-check-spares-employees", {"as_": "rival"}, ("PENDING", 0)),
    ("owner-check-spares-citizens", {"as_": "citizen"}, ("SUCCESS", 1)),
    ("owner-check-spares-system-users", {"as_": "rival"}, ("SUCCESS", 1)),
    ("owner-by-user-name", {"as_": "rival"}, ("PENDING", 0)),
    ("other-amount-succeeds", {"amount": 1}, ("SUCCESS", 1)),
    ("amount-off-by-one-succeeds", {"amount": 99}, ("SUCCESS", 1)),
    ("amount-off-by-one-succeeds", {"amount": 98}, ("FAILURE", 0)),
    ("larger-amount-succeeds", {"amount": 500}, ("SUCCESS", 1)),
    ("larger-amount-succeeds", {"amount": 99}, ("FAILURE", 0)),
    ("receipt-missing", {}, ("SUCCESS", 0)),
    ("receipt-at-second-update", {}, ("SUCCESS", 0)),
    ("receipt-on-failure", {"status": "FAILURE"}, ("FAILURE", 1)),
    ("receipt-while-pending", {"status": None}, ("PENDING", 1)),
    ("search-shows-old-state", {}, ("PENDING", 1)),
]


@pytest.mark.parametrize(("fault", "update", "reached"), UPDATE_FAULTS)
def test_fault_changes_the_outcome(
    faulty: Callable[..., Rehearsal], fault: str, update: dict[str, Any], reached: tuple[str, int]
) -> None:
    assert outcome(Till(faulty(fault)), **update) == reached


def twice(till: Till, first: str, second: str) -> tuple[int, str, int]:
    """Status of the second answer, state and number of receipts after two updates."""
    transaction = till.created(till.bill())
    till.update(transaction, first)
    answer = till.update(transaction, second)
    return (
        answer.status_code,
        till.sight(transaction)["txnStatus"],
        len(till.receipts_of(transaction)),
    )


REPEATS: list[tuple[str, str, str, tuple[int, str, int]]] = [
    ("terminal-guard-off", "SUCCESS", "FAILURE", (200, "FAILURE", 1)),
    ("terminal-guard-off", "FAILURE", "SUCCESS", (200, "SUCCESS", 1)),
    ("terminal-guard-same-status-only", "SUCCESS", "SUCCESS", (400, "SUCCESS", 1)),
    ("terminal-guard-same-status-only", "SUCCESS", "FAILURE", (200, "FAILURE", 1)),
    ("terminal-guard-success-only", "SUCCESS", "FAILURE", (400, "SUCCESS", 1)),
    ("terminal-guard-success-only", "FAILURE", "SUCCESS", (200, "SUCCESS", 1)),
    ("repeated-success-rewrites", "SUCCESS", "SUCCESS", (200, "SUCCESS", 1)),
    ("receipt-on-retry", "SUCCESS", "SUCCESS", (400, "SUCCESS", 2)),
    ("receipt-at-second-update", "SUCCESS", "SUCCESS", (400, "SUCCESS", 1)),
    ("receipt-after-failure", "FAILURE", "SUCCESS", (400, "FAILURE", 1)),
]


@pytest.mark.parametrize(("fault", "first", "second", "reached"), REPEATS)
def test_fault_breaks_finality(
    faulty: Callable[..., Rehearsal],
    fault: str,
    first: str,
    second: str,
    reached: tuple[int, str, int],
) -> None:
    assert twice(Till(faulty(fault)), first, second) == reached


def by_get(till: Till, transaction: dict[str, Any], as_: str) -> int:
    """Status of an update by GET with a body, the token in the header."""
    query = {"eg_pg_txnid": transaction["txnId"], "txnStatus": "SUCCESS"}
    headers = {"auth-token": till.digit.token(as_)}
    path = "/pg-service/transaction/v1/_update"
    body = {"RequestInfo": {}, "tenantId": CITY}
    answer = till.digit.http.request("GET", path, params=query, json=body, headers=headers)
    return answer.status_code


@pytest.mark.parametrize(("faults", "rival"), [((), 400), (("owner-check-post-only",), 200)])
def test_update_by_get_is_for_the_owner_too(
    faulty: Callable[..., Rehearsal], faults: tuple[str, ...], rival: int
) -> None:
    till = Till(faulty(*faults))
    first, second = till.created(till.bill()), till.created(till.bill())
    assert by_get(till, first, "rival") == rival
    assert by_get(till, second, "integrator") == 200


def test_owner_faults_of_tenant_and_type(faulty: Callable[..., Rehearsal]) -> None:
    for fault, taken in (("owner-by-id-without-tenant", True), ("receipt-dated-day-only", False)):
        digit = faulty(fault)
        till = Till(digit)
        transaction = till.created(till.bill())
        owner = digit.token("integrator")
        digit.system_user("integrator", CITY, CITY)  # same login id, another tenant
        assert till.update(transaction).is_success is taken
        digit.learn("integrator", owner)
        assert till.update(transaction).is_success is not taken


@pytest.mark.parametrize(
    ("fault", "shift"),
    [
        ("receipt-dated-at-update", 2 * HOUR),
        ("receipt-dated-utc-day", -20 * HOUR - HOUR // 2),
        ("receipt-dated-at-bill", -HOUR),
        ("receipt-dated-day-only", -2 * HOUR),
        ("creation-time-rewritten", 0),
    ],
)
def test_fault_dates_the_receipt(faulty: Callable[..., Rehearsal], fault: str, shift: int) -> None:
    two_o_clock = 1_772_397_000_000  # 02:00 at Amritsar
    till = Till(faulty(fault, clock_ms=two_o_clock - HOUR))
    bill = till.bill()
    till.put_clock(now=two_o_clock)
    transaction = till.created(bill)
    till.put_clock(now=two_o_clock + 2 * HOUR)
    till.update(transaction)
    (payment,) = till.receipts_of(transaction)
    dated = payment["paymentDetails"][0]["receiptDate"]
    assert abs(dated - transaction["auditDetails"]["createdTime"] - shift) < 60_000


@pytest.mark.parametrize(
    ("fault", "reached"),
    [
        ("late-success-refused", ("PENDING", 0)),
        ("late-success-without-receipt", ("SUCCESS", 0)),
        ("late-receipt-dated-at-update", ("SUCCESS", 1)),
    ],
)
def test_fault_mistreats_late_success(
    faulty: Callable[..., Rehearsal], fault: str, reached: tuple[str, int]
) -> None:
    till = Till(faulty(fault))
    transaction = till.created(till.bill())
    till.put_clock(advance=DAY)
    till.update(transaction)
    state = till.sight(transaction)["txnStatus"]
    assert (state, len(till.receipts_of(transaction))) == reached


CREATION_FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("client-status-kept", {"txnStatus": "FAILURE"}),
    ("client-id-kept", {"txnId": "MINE-1"}),
    ("client-receipt-kept", {"receipt": "R-1"}),
    ("client-gateway-id-kept", {"gatewayTxnId": "G-9"}),
]


@pytest.mark.parametrize(("fault", "sent"), CREATION_FAULTS)
def test_fault_lets_the_client_dictate(
    faulty: Callable[..., Rehearsal], fault: str, sent: dict[str, Any]
) -> None:
    till = Till(faulty(fault))
    transaction = till.created(till.bill(), **sent)
    assert {key: transaction[key] for key in sent} == sent


TAKEN_BY_FAULT: list[tuple[str, dict[str, Any]]] = [
    ("amount-one-rupee-off", {"txnAmount": "101"}),
    ("any-amount-accepted", {"amount": 7}),
    ("unknown-bill-accepted", {"taxAndPayments": [{"amountPaid": 100, "billId": "unknown"}]}),
    ("foreign-bill-accepted", {"tenantId": NEIGHBOUR}),
    ("inactive-gateway-accepted", {"gateway": "PAYTM"}),
    ("part-payment-accepted", {"amount": 50}),
    ("advance-accepted", {"amount": 150}),
    ("negative-amount-accepted", {"amount": -1}),
    ("zero-amount-accepted", {"amount": 0}),
    ("fraction-accepted", {"amount": 99.5}),
]


@pytest.mark.parametrize(("fault", "changes"), TAKEN_BY_FAULT)
def test_fault_takes_what_should_be_refused(
    faulty: Callable[..., Rehearsal], fault: str, changes: dict[str, Any]
) -> None:
    till = Till(faulty(fault))
    assert till.submit(till.bill(amount=100), **changes).status_code == 200


def test_faults_of_the_one_living_transaction(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("second-transaction-allowed"))
    bill = till.bill()
    assert till.submit(bill).status_code == till.submit(bill).status_code == 200
    till = Till(faulty("failed-transaction-blocks"))
    bill = till.bill()
    till.update(till.created(bill), "FAILURE")
    assert till.submit(bill).status_code == 400
    till = Till(faulty("refused-transaction-stored"))
    bill = till.bill()
    assert till.submit(bill, amount=7).status_code == 400
    assert len(till.seen(billId=bill["id"])) == 1


@pytest.mark.parametrize("lineage", ["digit-2.8", "digit-lts", "mseva"])
def test_stock_lines_let_anybody_update_and_date_now(
    faulty: Callable[..., Rehearsal], lineage: str
) -> None:
    till = Till(faulty(lineage=lineage))
    transaction = till.created(till.bill(), businessService="PT")
    till.put_clock(advance=HOUR // 60)
    assert till.update(transaction, as_="rival").status_code == 200
    (payment,) = till.receipts_of(transaction)
    created = transaction["auditDetails"]["createdTime"]
    assert payment["paymentDetails"][0]["receiptDate"] > created


def test_stock_lines_store_pending_as_failure(faulty: Callable[..., Rehearsal]) -> None:
    assert outcome(Till(faulty(lineage="digit-2.8")), None) == ("FAILURE", 0)


def test_mseva_lets_success_stand_without_a_receipt(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty(lineage="mseva"))
    bill = till.bill()
    transaction = till.created(bill, businessService="PT")
    till.receipt(bill)
    assert till.update(transaction).status_code == 200
    assert till.sight(transaction)["txnStatus"] == "SUCCESS"
    assert till.receipts_of(transaction) == []


def test_paise_make_a_bill_that_nobody_can_pay(till: Till) -> None:
    bill = till.bill(amount=100.50)
    for amount in (100, 100.50, 101):
        assert "INVALID_BILL" in problems(till.submit(bill, amount=amount))
        assert "INVALID_BILL" in problems(till.pay(bill, amount=amount))


def test_rounded_paise_lose_a_payment(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("paise-rounded-away"))
    transaction = till.created(till.bill(amount=100.50), amount=101)
    assert till.update(transaction).status_code == 200
    assert till.sight(transaction)["txnStatus"] == "SUCCESS"
    assert till.receipts_of(transaction) == []


def test_rounded_paise_are_found_valid_and_not_registered(
    faulty: Callable[..., Rehearsal],
) -> None:
    till = Till(faulty("paise-rounded-away"))
    bill = till.bill(amount=100.50)
    assert till.pay(bill, action="_validate", amount=101).status_code == 200
    assert set(problems(till.pay(bill, amount=101))) == {"APPORTIONING_FAILED_CODE"}
    assert "INVALID_BILL" in problems(till.pay(till.bill(amount=100.40), amount=100))


def test_paise_below_half_a_rupee_stay_due(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("paise-left-due"))
    bill = till.bill(amount=100.40)
    transaction = till.created(bill, amount=100)
    assert till.update(transaction).status_code == 200
    assert len(till.receipts_of(transaction)) == 1
    assert rupees(till.bill_of(bill["consumerCode"])["totalAmount"]) == rupees("0.40")
    assert "INVALID_BILL" in problems(till.submit(till.bill(amount=100.50), amount=101))


BREACHES = ({"productInfo": None}, {"productInfo": "x" * 600})


UNVALIDATED: list[tuple[dict[str, Any], str]] = [
    ({"txnAmount": None}, "NullPointerException"),
    ({"txnAmount": None, "gateway": "NONE"}, "NullPointerException"),
    ({"txnAmount": ""}, "NumberFormatException"),
    ({"user": None}, "NullPointerException"),
    ({"user": None, "gateway": "NONE"}, "INVALID_PAYMENT_GATEWAY"),
    ({"user": {"mobileNumber": "9876543210"}}, "NotNull.paymentRequest.payment.paidBy"),
    ({"callbackUrl": None}, "IllegalArgumentException"),
    ({"gateway": None}, "INVALID_PAYMENT_GATEWAY"),
]


@pytest.mark.parametrize(("changes", "code"), UNVALIDATED)
def test_without_validation_the_service_runs_into_what_is_missing(
    faulty: Callable[..., Rehearsal], changes: dict[str, Any], code: str
) -> None:
    till = Till(faulty("create-answers-without-storing"))
    assert set(problems(till.submit(till.bill(), **changes))) == {code}


@pytest.mark.parametrize("breach", BREACHES, ids=("missing", "too long"))
def test_answered_creation_is_not_there(
    faulty: Callable[..., Rehearsal], breach: dict[str, Any]
) -> None:
    till = Till(faulty("create-answers-without-storing"))
    bill = till.bill()
    answered = till.created(bill, **breach)
    assert answered["txnStatus"] == "PENDING"
    assert till.seen(txnId=answered["txnId"]) == till.seen(billId=bill["id"]) == []
    assert till.sight(till.created(bill))["txnStatus"] == "PENDING"
