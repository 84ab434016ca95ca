"""Nothing makes the strict reference break down: odd values in every field of every request."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, Till, problems

ODD: list[Any] = [
    None, True, False, 0, -1, 10**30, -(2**63) - 1, 1.5, "", " ", "NaN", "x" * 5000, "\x00",
    "\U0001f4b8", "<script>", "' OR 1=1 --", "%", [],
    {}, [None], [[]], {"a": None}, ["a"], [{"billId": None}],
]  # fmt: skip
RAW = ["NaN", "Infinity", "1e400", "-1e-400", '"\\ud800"', "9" * 5000]
BEYOND_DECIMAL = "1e99999999999999999999"
DEEP = "[" * 400 + "]" * 400


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def sound(till: Till, path: str, body: str, as_: str, **query: Any) -> None:
    """The answer to a body is a refusal or an acceptance in the platform's form."""
    headers = {"Content-Type": "application/json", "auth-token": till.digit.token(as_)}
    answer = till.digit.http.post(path, content=body.encode(), params=query, headers=headers)
    assert answer.status_code in {200, 201, 400, 401, 403}, (body[:200], answer.text)
    assert isinstance(answer.json(), dict)


def documents(till: Till) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, caller and a valid body of each writing request."""
    bill = till.bill()
    pg, collections = "/pg-service/transaction/v1", "/collection-services/payments"
    step = {"paymentId": "x", "action": "CANCEL", "tenantId": CITY}
    yield f"{pg}/_create", "integrator", {"Transaction": till.transaction(bill)}
    yield f"{collections}/_create", "cashier", {"Payment": till.payment(bill, "CHEQUE")}
    yield f"{collections}/PT/_workflow", "cashier", {"PaymentWorkflows": [step]}
    yield "/billing-service/demand/_create", "administrator", {"Demands": [till.demand()]}
    criteria = {
        "tenantId": CITY,
        "consumerCodes": ["X"],
        "businessService": "PT",
        "additionalDetails": {"reason": "a", "reasonMessage": "b"},
        "statusToBeUpdated": "CANCELLED",
    }
    cancel = "/billing-service/bill/v2/_cancelbill"
    yield cancel, "administrator", {"UpdateBillCriteria": criteria}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document."""
    if path:
        yield path
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    if isinstance(node, dict | list):
        for key, entry in entries:
            yield from (
                places(entry, (*path, key)) if isinstance(entry, dict | list) else [(*path, key)]
            )


def with_value(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of a document with another value at one place."""
    copy = json.loads(json.dumps(document))
    node = copy
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return copy


def test_odd_values_at_every_place(till: Till) -> None:
    tried = 0
    for path, who, document in documents(till):
        complete = {"RequestInfo": {"ts": 1, "userInfo": {}}, **document}
        for place in places(complete):
            for value in ODD:
                body = with_value(complete, place, value)
                sound(till, path, json.dumps(body), who)
                tried += 1
    assert tried > 1000


@pytest.mark.parametrize("text", [*RAW, BEYOND_DECIMAL, DEEP, '{"a":' * 300 + "1" + "}" * 300])
def test_odd_json_at_every_place(till: Till, text: str) -> None:
    for path, who, document in documents(till):
        complete = {"RequestInfo": {"ts": 1}, **document}
        for place in places(complete):
            body = json.dumps(with_value(complete, place, "@@")).replace('"@@"', text)
            sound(till, path, body, who)


QUERIES = {
    "/billing-service/bill/v2/_fetchbill": ("tenantId businessService consumerCode demandId email"),
    "/billing-service/bill/v2/_search": "tenantId billId consumerCode service mobileNumber status",
    "/billing-service/demand/_search": "tenantId consumerCode demandId status isPaymentCompleted",
    "/pg-service/transaction/v1/_search": "tenantId txnId txnStatus limit createdTime receipt",
    "/pg-service/transaction/v1/_update": "eg_pg_txnid txnStatus txnAmount ORDERID",
    "/collection-services/payments/PT/_search": (
        "tenantId ids status paymentModes fromDate toDate limit offset isCountRequest"
    ),
}
ODD_TEXTS = [
    "",
    " ",
    ",",
    ",,a,",
    "NaN",
    "9" * 5000,
    "-1",
    "1.5",
    "\x00",
    "%00",
    "é",
    "\U0001f4b8",
    "'\";--",
]


@pytest.mark.parametrize(("path", "names"), QUERIES.items())
def test_odd_query_parameters(till: Till, path: str, names: str) -> None:
    body = json.dumps({"RequestInfo": {}})
    for name in names.split():
        for text in ODD_TEXTS:
            query = {"tenantId": CITY, "businessService": "PT", "consumerCode": "X"} | {name: text}
            sound(till, path, body, "administrator", **query)


SEARCHES = {
    "/billing-service/bill/v2/_search": ("billSearchCriteria", "isActive size fromPeriod"),
    "/billing-service/demand/_search": ("demandCriteria", "isPaymentCompleted demandFrom periodTo"),
    "/pg-service/transaction/v1/_search": ("transactionCriteria", "createdTime limit"),
    "/collection-services/payments/PT/_search": (
        "paymentSearchCriteria",
        "isCountRequest toDate offset",
    ),
}


@pytest.mark.parametrize("path", SEARCHES)
def test_criteria_of_a_wrong_type_are_named(till: Till, path: str) -> None:
    criteria, names = SEARCHES[path]
    fine = {"tenantId": CITY, "businessService": "PT", "service": "PT", "consumerCode": "X"}
    assert till.post(path, {}, "administrator", **fine).status_code == 200
    for name in names.split():
        answer = till.post(path, {}, "administrator", **fine, **{name: "soon"})
        assert set(problems(answer)) == {f"typeMismatch.{criteria}.{name}"}


@pytest.mark.parametrize(
    "info", [{"ts": "soon"}, {"ts": 2**63}, {"ts": {}}, {"ts": True}, {"apiId": {}}, {"ver": []}]
)
@pytest.mark.parametrize("path", ["/access/v1/roles/_search", *SEARCHES])
def test_request_info_must_fit(till: Till, path: str, info: dict[str, Any]) -> None:
    query = {"tenantId": CITY, "service": "PT", "consumerCode": "X", "businessService": "PT"}
    token = till.digit.token("administrator")
    body = {"RequestInfo": {"authToken": token, **info}}
    answer = till.digit.http.post(path, json=body, params=query)
    assert set(problems(answer)) == {"JsonMappingException"}


def test_access_control_reads_dates_too(till: Till) -> None:
    token = till.digit.token("administrator")
    for ts, status in (("03-04-2024 10:00:00", 200), ("2024-04-03", 400), (2**63 - 1, 200)):
        body = {"RequestInfo": {"authToken": token, "ts": ts}}
        query = {"tenantId": "pb"}
        answer = till.digit.http.post("/access/v1/roles/_search", json=body, params=query)
        assert answer.status_code == status
