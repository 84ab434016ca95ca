"""Payments: the modes, their rules and validation; the faults of each."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, DAY, NEIGHBOUR, Till, problems, rupees

NESTED = "paymentRequest.payment"
MODES: list[tuple[str, str, str]] = [
    ("CASH", "NEW", "APPROVED"),
    ("CHEQUE", "NEW", "APPROVED"),
    ("DD", "NEW", "APPROVED"),
    ("ONLINE", "DEPOSITED", "REMITTED"),
    ("CARD", "DEPOSITED", "REMITTED"),
    ("ONLINE_NEFT", "DEPOSITED", "REMITTED"),
    ("ONLINE_RTGS", "DEPOSITED", "REMITTED"),
    ("OFFLINE_NEFT", "NEW", "APPROVED"),
    ("OFFLINE_RTGS", "NEW", "APPROVED"),
    ("POSTAL_ORDER", "NEW", "APPROVED"),
]
# mode, changed fields (a date is an offset in days from now), code or None where it is taken
INSTRUMENTS: list[tuple[str, dict[str, Any], str | None]] = [
    ("CHEQUE", {"instrumentDate": None}, "INVALID_INST_DATE"),
    ("DD", {"instrumentNumber": None}, "INVALID_INST_NUMBER"),
    ("CHEQUE", {"instrumentDate": 1}, "CHEQUE_DD_DATE_WITH_FUTURE_DATE"),
    ("CHEQUE", {"instrumentDate": -90}, None),
    ("CHEQUE", {"instrumentDate": -91}, "CHEQUE_DD_DATE_WITH_RECEIPT_DATE"),
    ("DD", {"instrumentDate": -1, "transactionDate": -2}, "INVALID_CHEQUE_DD_DATE"),
    (
        "DD",
        {"instrumentDate": -100, "transactionDate": -2},
        "CHEQUE_DD_DATE_WITH_MANUAL_RECEIPT_DATE",
    ),
    ("DD", {"instrumentDate": -100, "transactionDate": -20}, None),
    ("OFFLINE_NEFT", {"instrumentDate": 1}, "INVALID_NEFT_RTGS_DATE"),
    ("OFFLINE_NEFT", {"instrumentDate": -500}, None),
    ("POSTAL_ORDER", {"instrumentNumber": None}, "INVALID_INST_NUMBER"),
    ("CARD", {"transactionNumber": None}, "INVALID_TXN_NUMBER"),
    ("CARD", {"instrumentNumber": None}, "INVALID_INSTRUMENT_NUMBER"),
    ("ONLINE", {"transactionNumber": None}, "INVALID_TXN_NUMBER"),
    ("ONLINE_RTGS", {"instrumentNumber": None}, "INVALID_INSTRUMENT_NUMBER"),
    ("CHEQUE", {"transactionNumber": None}, "PAYMENT_CREATION_FAILED"),
]
AMOUNTS: list[tuple[str, Any, str | None]] = [
    ("PT", 100, None),
    ("PT", 50, "The amount to be paid is less than amount due"),
    ("PT", 150, "The amount to be paid is more than amount due"),
    ("PT", 0, "The amount paid for the paymentDetail with bill number: "),
    ("PT", -5, "The amount paid for the paymentDetail with bill number: "),
    ("PT", 99.5, "The amount paid cannot be fractional"),
    ("SMP", 50, None),
    ("SMP", 150, "The amount to be paid is more than amount due"),
    ("SMP", 99.5, "The amount paid cannot be fractional"),
    ("ADV", 150, None),
    ("ADV", 50, "The amount to be paid is less than amount due"),
]
UNBINDABLE: list[tuple[dict[str, Any], str]] = [
    ({"tenantId": None}, f"NotNull.{NESTED}.tenantId"),
    ({"totalAmountPaid": None}, f"NotNull.{NESTED}.totalAmountPaid"),
    ({"paymentMode": None}, f"NotNull.{NESTED}.paymentMode"),
    ({"paymentMode": "SHELLS"}, f"NotNull.{NESTED}.paymentMode"),
    ({"paymentMode": "BBPS"}, f"NotNull.{NESTED}.paymentMode"),
    ({"paidBy": None}, f"NotNull.{NESTED}.paidBy"),
    ({"paidBy": "R2D2"}, f"Pattern.{NESTED}.paidBy"),
    ({"paidBy": "Ram "}, f"Pattern.{NESTED}.paidBy"),
    ({"mobileNumber": "12345"}, f"Pattern.{NESTED}.mobileNumber"),
    ({"payerEmail": "nobody"}, f"Pattern.{NESTED}.payerEmail"),
    ({"payerAddress": "<script>"}, f"SafeHtml.{NESTED}.payerAddress"),
    ({"ifscCode": "x" * 65}, f"Size.{NESTED}.ifscCode"),
    ({"paymentDetails": [{"totalAmountPaid": 1}]}, f"NotNull.{NESTED}.paymentDetails[0].billId"),
    ({"paymentDetails": [{"billId": "b"}]}, f"NotNull.{NESTED}.paymentDetails[0].totalAmountPaid"),
    ({"paymentDetails": None}, "NullPointerException"),
    ({"paymentDetails": [None]}, "NullPointerException"),
    ({"paymentDetails": []}, "INVALID_BILL_ID"),
    ({"paymentDetails": "all"}, "JsonMappingException"),
    ({"totalAmountPaid": {"rupees": 1}}, "JsonMappingException"),
    ({"totalAmountPaid": "NaN"}, "JsonMappingException"),
    ({"transactionDate": "tomorrow"}, "JsonMappingException"),
    ({"instrumentDate": 10**30}, "JsonMappingException"),
    ({"paymentDetails": [{"billId": "", "totalAmountPaid": 1}]}, "NullPointerException"),
    ({"paymentDetails": [{"billId": "b", "totalAmountPaid": 10**400}]}, "INVALID_BILL_ID"),
]
NAMES = ["Ram", "Test payer", "R.K. Sharma", "O'Brien", "Ram-Kumar", "Ram  Kumar", "Ram  "]


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def dated(till: Till, changes: dict[str, Any]) -> dict[str, Any]:
    now = till.now()
    return {
        key: now + value * DAY if key.endswith("Date") and value is not None else value
        for key, value in changes.items()
    }


@pytest.mark.parametrize(("mode", "status", "instrument"), MODES)
def test_payment_in_each_mode(till: Till, mode: str, status: str, instrument: str) -> None:
    bill = till.bill()
    payment = till.receipt(bill, mode)
    (detail,) = payment["paymentDetails"]
    assert (payment["paymentStatus"], payment["instrumentStatus"]) == (status, instrument)
    assert detail["receiptNumber"]
    assert detail["receiptType"] == "BILLBASED"
    assert rupees(payment["totalAmountPaid"]) == rupees(detail["totalAmountPaid"]) == 100
    assert rupees(detail["bill"]["totalAmount"]) == 100
    assert till.fetch(bill["consumerCode"]).json()["Bill"] == []


@pytest.mark.parametrize(("mode", "changes", "code"), INSTRUMENTS)
def test_instrument_rules(till: Till, mode: str, changes: dict[str, Any], code: str | None) -> None:
    bill, changes = till.bill(), dated(till, changes)
    for action in ("_validate", "_create"):
        as_ = "administrator" if action == "_validate" else "cashier"
        answer = till.pay(bill, mode, as_, action, **changes)
        assert (answer.status_code == 200) is (code is None), answer.text
        assert code is None or code in problems(answer)


@pytest.mark.parametrize(("service", "amount", "text"), AMOUNTS)
def test_amount_rules(till: Till, service: str, amount: Any, text: str | None) -> None:
    bill = till.bill(businessService=service, amount=100)
    answer = till.pay(bill, amount=amount)
    assert (answer.status_code == 200) is (text is None), answer.text
    assert text is None or problems(answer)["INVALID_PAYMENTDETAIL"].startswith(text)


@pytest.mark.parametrize(("changes", "code"), UNBINDABLE)
def test_payment_is_refused_by_code(till: Till, changes: dict[str, Any], code: str) -> None:
    bill = till.bill()
    body = {"Payment": till.payment(bill) | changes}
    answer = till.post("/collection-services/payments/_create", body, "cashier", tenantId=CITY)
    assert code in problems(answer)
    assert till.payments(billIds=bill["id"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_names_that_pass(till: Till, name: str) -> None:
    assert till.pay(till.bill(), paidBy=name).status_code == 200


def test_total_must_be_the_sum_of_the_details(till: Till) -> None:
    assert "INVALID_PAYMENT_TOTAL" in problems(till.pay(till.bill(), totalAmountPaid=99))


def test_mode_that_the_service_refuses(till: Till) -> None:
    bill = till.bill(businessService="CTR")
    text = f"The paymentMode: ONLINE is not allowed for the bill: {bill['id']}"
    assert problems(till.pay(bill, "ONLINE"))["INVALID_PAYMENTDETAIL"] == text
    assert till.pay(bill, "CHEQUE").status_code == 200


def test_bill_is_paid_once_in_whatever_mode(till: Till) -> None:
    bill = till.bill()
    till.receipt(bill, "CARD")
    for mode in ("CARD", "CASH"):
        assert set(problems(till.pay(bill, mode))) == {"BILL_ALREADY_PAID"}
    assert set(problems(till.submit(bill))) == {"BILL_ALREADY_PAID"}
    assert len(till.payments(billIds=bill["id"])) == 1


def test_several_bills_in_one_payment(till: Till) -> None:
    bills = [till.bill(), till.bill(amount=30)]
    details = [{"billId": bill["id"], "totalAmountPaid": bill["totalAmount"]} for bill in bills]
    answer = till.pay(bills[0], totalAmountPaid=130, paymentDetails=details)
    numbers = [each["receiptNumber"] for each in answer.json()["Payments"][0]["paymentDetails"]]
    assert len(set(numbers)) == 2
    twice = till.pay(bills[0], totalAmountPaid=200, paymentDetails=[details[0], details[0]])
    assert "DUPLICATE_BILLID" in problems(twice)


@pytest.mark.parametrize("nested", [["CASH"], {"a": 1}, []], ids=str)
def test_structure_in_the_place_of_the_mode_ends_the_payment(till: Till, nested: Any) -> None:
    found = problems(till.pay(till.bill(), paymentMode=nested))
    named = ("payment.paymentMode", "payment.paidBy", "requestInfo")
    assert set(found) == {f"NotNull.paymentRequest.{name}" for name in named}


def test_word_null_is_no_date(till: Till) -> None:
    answer = till.pay(till.bill(), "CHEQUE", instrumentDate="null")
    assert set(problems(answer)) == {"INVALID_INST_DATE"}


def test_bill_of_another_tenant_is_unknown(till: Till) -> None:
    bill = till.bill(tenantId=NEIGHBOUR)
    assert "INVALID_BILL_ID" in problems(till.pay(bill | {"tenantId": CITY}))


def test_client_cannot_dictate_status_receipt_or_payer(till: Till) -> None:
    payment = till.receipt(
        till.bill(),
        paymentStatus="RECONCILED",
        instrumentStatus="REJECTED",
        id="mine",
        payerId="mine",
        transactionDate=5,
    )
    assert (payment["paymentStatus"], payment["instrumentStatus"]) == ("NEW", "APPROVED")
    assert payment["id"] != "mine"
    assert payment["payerId"] != "mine"
    assert payment["transactionDate"] > 5


def test_validate_stores_nothing(till: Till) -> None:
    bill = till.bill()
    answer = till.pay(bill, as_="administrator", action="_validate")
    (payment,) = answer.json()["Payments"]
    assert payment["paymentDetails"][0]["receiptNumber"] is None
    assert payment["paymentStatus"] is None
    assert till.payments(billIds=bill["id"]) == []
    assert till.pay(bill).status_code == 200


def test_keys_and_modes_bind_in_any_case(till: Till) -> None:
    payment = till.payment(till.bill(), paymentMode="cash")
    body = {"PAYMENT": {key.lower(): value for key, value in payment.items()}}
    answer = till.post("/collection-services/payments/_create", body, "cashier", tenantId=CITY)
    assert answer.status_code == 200
    assert answer.json()["Payments"][0]["paymentMode"] == "CASH"


# faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["CASH", "CHEQUE", "DD", "ONLINE", "CARD"])
def test_fault_refuses_a_mode(faulty: Callable[..., Rehearsal], mode: str) -> None:
    till = Till(faulty(f"{mode.lower()}-refused"))
    assert "INVALID_PAYMENTMODE" in problems(till.pay(till.bill(), mode))
    assert till.paid()["txnStatus"] == "PENDING"


LAX: list[tuple[str, str, dict[str, Any]]] = [
    ("cheque-number-optional", "CHEQUE", {"instrumentNumber": None}),
    ("cheque-date-optional", "DD", {"instrumentDate": None}),
    ("future-cheque-accepted", "CHEQUE", {"instrumentDate": 1}),
    ("stale-cheque-accepted", "DD", {"instrumentDate": -91}),
    ("card-number-optional", "CARD", {"instrumentNumber": None}),
    ("online-number-optional", "ONLINE", {"instrumentNumber": None}),
    ("unknown-mode-accepted", "CASH", {"paymentMode": "SHELLS"}),
    ("part-payment-accepted", "CASH", {"amount": 50}),
    ("advance-accepted", "CASH", {"amount": 150}),
    ("negative-amount-accepted", "CASH", {"amount": -1}),
    ("zero-amount-accepted", "CASH", {"amount": 0}),
    ("fraction-accepted", "CASH", {"amount": 99.5}),
    ("total-not-compared", "CASH", {"totalAmountPaid": 99}),
]


@pytest.mark.parametrize(("fault", "mode", "changes"), LAX)
def test_fault_takes_what_should_be_refused(
    faulty: Callable[..., Rehearsal], fault: str, mode: str, changes: dict[str, Any]
) -> None:
    till = Till(faulty(fault))
    answer = till.pay(till.bill(amount=100), mode, **dated(till, changes))
    assert answer.status_code == 200, answer.text


def test_faults_of_numbers_and_of_a_refused_mode(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("refused-mode-accepted"))
    assert till.pay(till.bill(businessService="CTR"), "ONLINE").status_code == 200
    till = Till(faulty("receipt-numbers-repeat"))
    numbers = {till.receipt(till.bill())["paymentDetails"][0]["receiptNumber"] for _ in range(2)}
    assert len(numbers) == 1
    till = Till(faulty("bill-paid-twice"))
    bill = till.bill()
    assert till.pay(bill).status_code == till.pay(bill).status_code == 200


def test_faults_of_validation(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("validate-stores"))
    bill = till.bill()
    till.pay(bill, as_="administrator", action="_validate")
    assert len(till.payments(billIds=bill["id"])) == 1
    till = Till(faulty("validate-judges-nothing"))
    answer = till.pay(till.bill(), as_="administrator", action="_validate", amount=7)
    assert answer.status_code == 200


def test_faults_of_what_is_shown(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("search-shows-other-tenants"))
    payment = till.receipt(till.bill())
    assert len(till.payments(tenantId=NEIGHBOUR, ids=payment["id"])) == 1
    till = Till(faulty("unknown-value-shows-all"))
    till.receipt(till.bill())
    assert len(till.payments(transactionNumber="nothing")) == 1


def test_faults_of_the_answer(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("instrument-status-misspelt", "receipt-number-unanswered"))
    payment = till.receipt(till.bill(), "CHEQUE")
    assert payment["instrumentStatus"] == "APPROVALPENDING"
    assert payment["paymentDetails"][0]["receiptNumber"] is None
    till = Till(faulty("payment-total-missing", "payment-sums-disagree"))
    payment = till.receipt(till.bill())
    assert "totalAmountPaid" not in payment
    assert payment["paymentDetails"][0]["totalAmountPaid"] == 99


def test_faults_of_settlement(faulty: Callable[..., Rehearsal]) -> None:
    for fault, service, amount, offered in (
        ("demand-not-settled", "PT", 100, 1),
        ("demand-settled-short", "PT", 100, 0),
        ("bill-stays-active", "PT", 100, 1),
        ("part-payment-closes-demand", "SMP", 40, 0),
    ):
        till = Till(faulty(fault))
        bill = till.bill(businessService=service, amount=100)
        till.receipt(bill, amount=amount)
        assert len(till.fetch(bill["consumerCode"], service).json()["Bill"]) == offered, fault


def test_mseva_modes(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty(lineage="mseva"))
    payment = till.receipt(till.bill(), "BBPS")
    assert (payment["paymentStatus"], payment["instrumentStatus"]) == ("NEW", "APPROVED")
    assert payment["transactionNumber"].startswith("amritsar")
    assert till.receipt(till.bill(), "QR_CODE")["paymentMode"] == "QR_CODE"
    assert till.pay(till.bill(), paidBy="R2D2").status_code == 200
