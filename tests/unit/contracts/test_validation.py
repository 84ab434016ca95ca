"""Exchanges against the contract: what is a failure, what a note, and how it is described."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.contracts import Contracts
from conformance.contracts.endpoints import ENDPOINTS, endpoint_at
from conformance.core.exchange import SchemaViolation

JSON = "application/json"
INFO = {"apiId": "x", "ver": "1", "ts": 1, "msgId": "m"}
ANSWER_INFO = {**INFO, "resMsgId": "uief87324", "status": "200 OK"}


def payment_request(**changes: Any) -> dict[str, Any]:
    payment = {
        "tenantId": "pb.amritsar",
        "totalAmountPaid": Decimal("100.00"),
        "paymentMode": "CASH",
        "paidBy": "Test payer",
        "paymentDetails": [{"billId": "b-1", "totalAmountPaid": 100}],
    }
    return {"RequestInfo": INFO, "Payment": payment | changes}


def payment(**changes: Any) -> dict[str, Any]:
    part = dict.fromkeys(
        ("id", "tenantId", "totalDue", "totalAmountPaid", "receiptNumber", "manualReceiptNumber",
         "receiptDate", "receiptType", "businessService", "billId", "bill", "additionalDetails",
         "auditDetails")
    ) | {
        "totalAmountPaid": Decimal("100.00"), "billId": "b-1", "receiptNumber": "1",
        "receiptDate": 17,
    }  # fmt: skip
    fields = dict.fromkeys(
        ("id", "totalDue", "transactionNumber", "transactionDate", "instrumentDate",
         "instrumentNumber", "instrumentStatus", "ifscCode", "auditDetails", "additionalDetails",
         "mobileNumber", "payerName", "payerAddress", "payerEmail", "payerId", "paymentStatus")
    )  # fmt: skip
    return (
        fields
        | {
            "tenantId": "pb.amritsar",
            "totalAmountPaid": Decimal("100.00"),
            "paymentMode": "CASH",
            "paidBy": "Test payer",
            "id": "p-1",
            "transactionNumber": "t-1",
            "paymentStatus": "NEW",
            "instrumentStatus": "APPROVED",
            "paymentDetails": [part],
        }
        | changes
    )


def answered(
    contracts: Contracts, *payments: dict[str, Any], **changes: Any
) -> list[SchemaViolation]:
    body = {"ResponseInfo": ANSWER_INFO, "Payments": list(payments)} | changes
    return contracts.operations["payment.create"].check_response(
        status=200, media_type=JSON, body=body
    )


def violations_of_request(contracts: Contracts, **changes: Any) -> list[SchemaViolation]:
    operation = contracts.operations["payment.create"]
    return operation.check_request(query={}, body=payment_request(**changes))


def test_a_faithful_exchange_breaks_nothing(effective: Contracts) -> None:
    assert violations_of_request(effective) == []
    assert answered(effective, payment()) == []


def test_unknown_fields_are_notes(effective: Contracts) -> None:
    (violation,) = answered(effective, payment(colour="red"))
    assert violation == SchemaViolation(
        side="response", pointer="/Payments/0/colour", expected="only fields of the contract",
        got='colour: "red"', severity="note",
    )  # fmt: skip


def test_free_form_data_has_no_unknown_fields(effective: Contracts) -> None:
    assert answered(effective, payment(additionalDetails={"any": {"thing": 1}})) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "expected", "got"),
    [
        ({"paymentMode": "BARTER"}, "/paymentMode", "one of CASH, CHEQUE", '"BARTER"'),
        ({"payerName": 7}, "/payerName", "a text or null", "7"),
        ({"payerId": "x" * 65}, "/payerId", "at most 64 characters", "65 characters"),
        ({"transactionDate": 2**63}, "/transactionDate", f"at most {2**63 - 1}", str(2**63)),
        ({"totalAmountPaid": "100"}, "/totalAmountPaid", "a number", '"100"'),
        ({"tenantId": None}, "/tenantId", "a text", "null"),
    ],
)
def test_violations_are_described(
    effective: Contracts, changes: dict[str, Any], pointer: str, expected: str, got: str
) -> None:
    (violation,) = answered(effective, payment(**changes))
    assert (violation.pointer, violation.severity) == (f"/Payments/0{pointer}", "failure")
    assert violation.expected.startswith(expected)
    assert violation.got.startswith(got)


def test_missing_field_is_pointed_at(effective: Contracts) -> None:
    lacking = payment()
    del lacking["paymentDetails"][0]["receiptNumber"]
    (violation,) = answered(effective, lacking)
    assert violation.pointer == "/Payments/0/paymentDetails/0/receiptNumber"
    assert violation.expected == "the field receiptNumber"


def test_a_judged_payment_needs_no_receipt_yet(effective: Contracts) -> None:
    judged = payment(paymentStatus=None, instrumentStatus=None)
    judged["paymentDetails"][0]["receiptNumber"] = None
    body = {"ResponseInfo": ANSWER_INFO, "Payments": [judged]}
    validate = effective.operations["payment.validate"]
    assert validate.check_response(status=200, media_type=JSON, body=body) == []
    pointers = {each.pointer for each in answered(effective, judged)}
    assert "/Payments/0/paymentDetails/0/receiptNumber" in pointers


def test_undocumented_status(effective: Contracts) -> None:
    operation = effective.operations["payment.create"]
    (violation,) = operation.check_response(status=202, media_type=JSON, body={})
    assert violation.expected.startswith("a documented status: 200, 201, 400, 401")
    assert violation.got == "HTTP 202"
    assert violation.severity == "failure"


@pytest.mark.parametrize("status", [409, 410, 422])
def test_undocumented_refusal_is_judged_as_400(effective: Contracts, status: int) -> None:
    operation = effective.operations["payment.create"]
    error = {"code": "BILL_ALREADY_PAID", "message": "m", "description": None, "params": None}
    body = {"ResponseInfo": None, "Errors": [error]}
    (note,) = operation.check_response(status=status, media_type=JSON, body=body)
    assert (note.got, note.severity) == (f"HTTP {status}", "note")
    found = operation.check_response(status=status, media_type=JSON, body={"Errors": "none"})
    assert "failure" in {each.severity for each in found}


def test_errors_in_a_success_depart_from_the_contract(effective: Contracts) -> None:
    operation = effective.operations["transaction.update"]
    body = {"ResponseInfo": ANSWER_INFO, "Transaction": [], "Errors": [{"code": "C"}]}
    (violation,) = operation.check_response(status=200, media_type=JSON, body=body)
    assert (violation.got, violation.severity) == ("HTTP 200 with Errors", "failure")


def test_what_may_be_null_may_be_absent(effective: Contracts) -> None:
    whole = payment()
    assert answered(effective, whole) == []
    assert {each.severity for each in answered(effective, without(whole, "ifscCode"))} == {"note"}
    found = answered(effective, without(whole, "totalAmountPaid"))
    assert "failure" in {each.severity for each in found}


def without(document: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != field}


def test_wrong_media_type(effective: Contracts) -> None:
    operation = effective.operations["payment.create"]
    (violation,) = operation.check_response(status=200, media_type="text/html", body=None)
    assert (violation.expected, violation.got) == ("media type application/json", "text/html")


def test_error_without_media_type_is_a_note(effective: Contracts) -> None:
    operation = effective.operations["payment.create"]
    body = {"ResponseInfo": None, "Errors": [{"code": "c", "message": "m"}]}
    found = operation.check_response(status=401, media_type="", body=body)
    assert [each.severity for each in found] == ["note"]
    found = operation.check_response(status=200, media_type="", body=body)
    assert "failure" in {each.severity for each in found}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize(
    "item",
    [
        {"code": "c", "message": "m", "description": None, "params": None},
        {"id": None, "parentId": None, "code": "c", "message": "m", "description": "",
         "params": None},
        {"id": "NullPointerException", "parentId": None, "code": "text", "message": None,
         "description": None, "params": None},
    ],
)  # fmt: skip
def test_error_envelopes_of_every_line_are_documented(
    effective: Contracts, status: int, item: dict[str, Any]
) -> None:
    body = {"ResponseInfo": None, "Errors": [item]}
    for name in ("payment.create", "transaction.update", "bill.fetch", "mdms.search"):
        operation = effective.operations[name]
        assert operation.check_response(status=status, media_type=JSON, body=body) == []


def test_500_is_documented_for_faults_of_the_gateway_only(effective: Contracts) -> None:
    operation = effective.operations["bill.fetch"]
    own = {"ResponseInfo": None, "Errors": [{"code": "BadRequest", "message": "400 : [...]"}]}
    service = {"timestamp": 1, "status": 500, "error": "Internal Server Error"}
    assert operation.check_response(status=500, media_type=JSON, body=own) == []
    assert operation.check_response(status=500, media_type=JSON, body=service) != []


def test_empty_answers(effective: Contracts) -> None:
    authorize = effective.operations["access.authorize"]
    assert authorize.check_response(status=200, media_type="", body=None) == []
    assert authorize.check_response(status=401, media_type="", body=None) == []
    fetch = effective.operations["bill.fetch"]
    assert fetch.check_response(status=201, media_type="", body=None) != []
    fork = Contracts.load(errata="lineage:mseva").operations["bill.fetch"]
    assert fork.check_response(status=201, media_type="", body=None) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"paidBy": "Ram1"}, "/Payment/paidBy"),
        ({"mobileNumber": "123"}, "/Payment/mobileNumber"),
        ({"payerEmail": "no address"}, "/Payment/payerEmail"),
        ({"paymentMode": "ONLINE"}, "/Payment/transactionNumber"),
        ({"paymentMode": "CHEQUE", "transactionNumber": "1", "instrumentNumber": "1"},
         "/Payment/instrumentDate"),
        ({"paymentDetails": []}, "/Payment/paymentDetails"),
    ],
)  # fmt: skip
def test_requests_are_held_against_the_rules(
    effective: Contracts, changes: dict[str, Any], pointer: str
) -> None:
    assert pointer in {each.pointer for each in violations_of_request(effective, **changes)}


def test_patterns_bind_requests_only(effective: Contracts) -> None:
    assert answered(effective, payment(paidBy="R2 D2", mobileNumber="12")) == []


def test_body_and_media_type_of_requests(effective: Contracts) -> None:
    operation = effective.operations["payment.create"]
    (missing,) = operation.check_request(query={}, body=None)
    assert missing.expected == "a body"
    (wrong,) = operation.check_request(query={}, body={}, media_type="text/plain")
    assert (wrong.expected, wrong.got) == (JSON, "text/plain")


def test_query_parameters(effective: Contracts) -> None:
    operation = effective.operations["payment.module-search"]
    body = {"RequestInfo": INFO}
    fine = {"tenantId": "pb.amritsar", "ids": ["a", "b"], "billIds": "a,b", "fromDate": "17",
            "limit": 5, "isCountRequest": "true"}  # fmt: skip
    assert operation.check_request(query=fine, body=body) == []

    found = operation.check_request(query={"fromDate": "soon", "colour": "red"}, body=body)
    severities = {each.pointer: each.severity for each in found}
    assert severities == {"?fromDate": "failure", "?tenantId": "failure", "?colour": "note"}


def test_outcome_parameters_of_any_gateway_are_welcome(effective: Contracts) -> None:
    operation = effective.operations["transaction.update"]
    query = {"eg_pg_txnid": "PB_PG_1", "txnStatus": "SUCCESS", "vpc_Whatever": "1"}
    assert operation.check_request(query=query, body={"RequestInfo": INFO}) == []


def test_form_of_a_login(effective: Contracts) -> None:
    operation = effective.operations["token.create"]
    form = {"grant_type": "password", "username": "u", "password": "p", "tenantId": "pb",
            "userType": "SYSTEM", "scope": "read"}  # fmt: skip
    media_type = "application/x-www-form-urlencoded"
    assert operation.check_request(query={}, body=form, media_type=media_type) == []
    del form["userType"]
    (violation,) = operation.check_request(query={}, body=form, media_type=media_type)
    assert violation.pointer == "/userType"


def test_published_form_binds_when_requested(published: Contracts) -> None:
    operation = published.operations["payment.create"]
    (violation,) = operation.check_response(status=200, media_type=JSON, body={})
    assert violation.expected == "a documented status: 201, 400"
    unpublished = published.operations["token.create"]
    (note,) = unpublished.check_response(status=200, media_type=JSON, body={})
    assert note.severity == "note"


def test_operation_without_any_contract_is_left_alone(effective: Contracts) -> None:
    operation = effective.operations["employee.create"]
    assert operation.check_request(query={}, body={"x": 1}) == []
    assert operation.check_response(status=202, media_type=JSON, body={}) == []


def test_numbers_that_are_no_json(effective: Contracts) -> None:
    assert answered(effective, payment(totalAmountPaid=float("nan"))) != []


def test_every_operation_is_bound_and_compiles(effective: Contracts) -> None:
    assert set(effective.operations) == set(ENDPOINTS)
    for operation in effective.operations.values():
        operation.compile()
        assert operation.document is not None or operation.service == "employee"


@pytest.mark.parametrize(
    ("service", "base", "path", "name"),
    [
        ("collection-services", "/payments", "/_search", "payment.search"),
        ("collection-services", "/payments", "/_workflow", "payment.workflow"),
        ("collection-services", "", "/collection-services/payments/{m}/_search",
         "payment.module-search"),
        ("collection-services", "/v3", "/_create", "payment.create"),
        ("pg-service", "/egov-pg-service/", "/payments/v1/_update", "transaction.update"),
        ("mdms", "/mdms/v1/[API endpoint]", "/_search", "mdms.search"),
        ("mdms", "/mdms/v1", "/_create", ""),
    ],
)  # fmt: skip
def test_operations_are_found_by_their_paths(service: str, base: str, path: str, name: str) -> None:
    found = endpoint_at(service, base, path)
    assert (found.name if found else "") == name
