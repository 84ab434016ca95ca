"""Playing a scenario: variables, pointers, expectations."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from conformance.client.response import Response
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive
from conformance.scenarios.expectations import Context, equal, unmet
from conformance.scenarios.model import Expectation
from conformance.scenarios.places import count, within
from conformance.scenarios.templates import filled

DOCUMENT = {"Bill": [{"id": "b1", "a/b": 1, "totalAmount": Decimal("100.00")}]}


def response(body: Any, status: int = 200) -> Response:
    exchange = Exchange(
        id="x1", check="", operation="bill.fetch", actor="integrator", method="POST", url="",
        request_headers={}, request_body="", status=status, response_headers={}, response_body="",
        started_at="", milliseconds=50.0,
    )  # fmt: skip
    return Response(
        status=status, headers={"content-type": "x"}, body=body, text="{Bill}", exchange=exchange
    )


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/Bill/0/id", "b1"),
        ("/Bill/0/a~1b", 1),
        ("/Bill/1/id", None),
        ("/Bill/x", None),
        ("/Bill/-", None),
        ("/Bill/-1", None),
        ("/Bill/00", None),
        ("/Bill/0/id/0", None),
        ("/Bill/0/totalAmount", Decimal("100.00")),
        ("", DOCUMENT),
        ("$.Bill[0].id", "b1"),
        ("$.Bill[?@.id=='b1'].totalAmount", Decimal("100.00")),
        ("$.Bill[?@.id=='b2'].totalAmount", None),
    ],
)
def test_place(pointer: str, value: Any) -> None:
    assert within(DOCUMENT, pointer) == value


def test_count_of_a_selection_and_length_of_a_value() -> None:
    body = {"Payments": [{"id": "a", "no": "T1"}, {"id": "b", "no": "T2"}], "name": "x"}
    assert count(response(body), "$.Payments[?@.no=='T1']") == 1
    assert count(response(body), "$.Payments[?@.no=='T3']") == 0
    assert count(response(body), "/Payments") == 2
    assert count(response(body), "$.Payments") == 2
    assert count(response(body), "/absent") is None


def test_variable_alone_keeps_its_type_also_as_key() -> None:
    values = {"amount": Decimal(7), "name": "eg_pg_txnid", "bill.id": "b1"}
    assert filled(
        {"{{name}}": "{{amount}}", "text": ["of {{ amount }} on {{bill.id}}"]}, values.__getitem__
    ) == {"eg_pg_txnid": Decimal(7), "text": ["of 7 on b1"]}


BODY = {
    "Bill": [{"id": "b1", "totalAmount": Decimal("100.00"), "mobile": "******3210", "paid": False}],
    "empty": "",
    "count": 3,
    "at": 1_700_000_000_000,
}
HOLDING = {
    "status": {"status": 200},
    "class": {"status": "2xx"},
    "one of several": {"status": [400, "2XX"]},
    "word": {"status": "accepted"},
    "amount": {"equals": {"/Bill/0/totalAmount": 100}},
    "amount as text": {"equals": {"/Bill/0/totalAmount": "100.0"}},
    "variable": {"equals": {"/Bill/0/id": "{{bill}}"}},
    "masked": {"equals": {"/Bill/0/mobile": "9876543210"}},
    "boolean": {"equals": {"/Bill/0/paid": False}},
    "part": {"equals": {"/Bill": [dict(BODY["Bill"][0], totalAmount=100)]}},  # type: ignore[index]
    "other": {"not_equals": {"/Bill/0/id": "b2", "/nothing": "b1"}},
    "list": {"one_of": {"/Bill/0/id": ["b1", "b2"]}},
    "expression": {"matches": {"/Bill/0/id": "^b[0-9]$", "/count": "3"}},
    "contains": {"contains": {"/Bill/0/id": "b", "/Bill/0": {"paid": False}, "text": "Bill"}},
    "present": {"present": ["/Bill/0/id", "/Bill/0/paid", "header:Content-Type"]},
    "absent": {"absent": ["/Bill/1", "/empty", "header:Location"]},
    "type": {"type": {"/Bill": "array", "/count": "integer", "/Bill/0/totalAmount": "number"}},
    "length": {"length": {"/Bill": 1, "$.Bill[?@.id=='b2']": 0}},
    "sizes": {"at_least": {"/count": 3}, "below": {"/count": "{{four}}"}, "above": {"/count": 2}},
    "day": {"same_day": {"/at": 1_700_000_000_001}},
    "time": {"within_ms": 100},
    "unchanged": {"unchanged_since": "Earlier"},
    "unchanged place": {"unchanged_since": {"/Bill": "Earlier"}},
}
BROKEN = {
    "status": ({"status": 201}, "it is HTTP 200"),
    "class": ({"status": "4xx"}, "it is HTTP 200"),
    "word": ({"status": "refused"}, "it was accepted with HTTP 200"),
    "present": ({"present": ["/Bill/0/expiry"]}, "it has none"),
    "absent": ({"absent": ["/Bill/0/id"]}, "it has 'b1'"),
    "equals": ({"equals": {"/Bill/0/id": "b2"}}, "it has 'b1'"),
    "equals nothing": ({"equals": {"/nothing": "b2"}}, "it has nothing"),
    "boolean": ({"equals": {"/Bill/0/paid": 0}}, "it has false"),
    "other": ({"not_equals": {"/Bill/0/totalAmount": "100"}}, "it has that"),
    "list": ({"one_of": {"/Bill/0/id": ["b2"]}}, "it has 'b1'"),
    "expression": ({"matches": {"/Bill/0/id": "^c"}}, "it has 'b1'"),
    "contains": ({"contains": {"/Bill/0/id": "c"}}, "it has 'b1'"),
    "type": ({"type": {"/count": "string"}}, "it has 3"),
    "length": ({"length": {"$.Bill[*]": 2}}, "there are 1"),
    "sizes": ({"at_most": {"/count": 2}}, "it has 3"),
    "size of nothing": ({"at_most": {"/nothing": 2}}, "it has nothing"),
    "day": ({"same_day": {"/at": 1_800_000_000_000}}, "it is on 2023-11-15"),
    "time": ({"within_ms": 1}, "it took 50 ms"),
    "changed": ({"unchanged_since": {"/count": "Other"}}, "/count was 4, and is 3"),
}


def context() -> Context:
    values = {"bill": "b1", "four": 4}
    return Context(
        value_of=values.__getitem__,
        day=lambda ms: datetime.fromtimestamp(ms / 1000, UTC).date() + timedelta(days=1),
        answers={
            "Earlier": response({"ResponseInfo": {"ts": 1}, **BODY}),
            "Other": response({"count": 4}),
        },
    )


@pytest.mark.parametrize("kind", HOLDING)
def test_expectation_holds(kind: str) -> None:
    expect = Expectation.model_validate(HOLDING[kind])
    assert unmet(expect, response({"ResponseInfo": {"ts": 2}, **BODY}), context()) is None


@pytest.mark.parametrize("kind", BROKEN)
def test_expectation_that_does_not_hold_says_what_was_observed(kind: str) -> None:
    expect, observed = BROKEN[kind]
    problem = unmet(Expectation.model_validate(expect), response(BODY), context())
    assert problem is not None
    assert observed in problem[1]


def test_without_a_status_the_answer_must_be_accepted() -> None:
    expect = Expectation.model_validate({"absent": ["/Payments/0"]})
    refusal = response({"Errors": [{"code": "INVALID"}]}, 400)
    problem = unmet(expect, refusal, context())
    assert problem == ("the call is accepted", "it was answered HTTP 400 (INVALID)")


def test_refusal_of_a_gateway_is_no_refusal_of_a_service() -> None:
    refusal = response({"Errors": [{"code": "Forbidden"}]}, 403)
    with pytest.raises(Inconclusive):
        unmet(Expectation.model_validate({"status": "refused"}), refusal, context())
    assert unmet(Expectation.model_validate({"status": "kept-out"}), refusal, context()) is None
    assert unmet(Expectation.model_validate({"status": "denied"}), refusal, context()) is None
    assert unmet(Expectation.model_validate({"status": 403}), refusal, context()) is None


def test_texts_that_are_no_amounts_compare_as_they_are() -> None:
    assert equal("100.0", 100)
    assert equal("100.00", "100")
    assert not equal("007", "7")
    assert not equal("1e2", 100)
    assert not equal(True, 1)


@pytest.mark.parametrize("name", ["ResponseInfo", "responseInfo", "ResposneInfo"])
def test_what_differs_in_each_answer_is_no_change(name: str) -> None:
    known = Context(
        value_of={}.__getitem__,
        day=context().day,
        answers={"Earlier": response({name: {"ts": 1}, **BODY})},
    )
    expect = Expectation.model_validate({"unchanged_since": "Earlier"})
    assert unmet(expect, response({name: {"ts": 2}, **BODY}), known) is None
