"""Playing a scenario: variables, pointers, expectations."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.client.response import Response
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive
from conformance.scenarios.catalogue import Expectation
from conformance.scenarios.places import at
from conformance.scenarios.runner import filled, mismatch

DOCUMENT = {"Bill": [{"id": "b1", "a/b": 1, "totalAmount": Decimal("100.00")}]}


def response(body: Any, status: int = 200) -> Response:
    exchange = Exchange(
        id="x1", check="", operation="bill.fetch", actor="integrator", method="POST", url="",
        request_headers={}, request_body="", status=status, response_headers={}, response_body="",
        started_at="", milliseconds=0.0,
    )  # fmt: skip
    return Response(status=status, headers={}, body=body, text="", exchange=exchange)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/Bill/0/id", "b1"),
        ("/Bill/0/a~1b", 1),
        ("/Bill/1/id", None),
        ("/Bill/x", None),
        ("/Bill/0/totalAmount", Decimal("100.00")),
        ("", DOCUMENT),
        ("$.Bill[0].id", "b1"),
        ("$.Bill[?@.id=='b1'].totalAmount", Decimal("100.00")),
        ("$.Bill[?@.id=='b2'].totalAmount", None),
    ],
)
def test_place(pointer: str, value: Any) -> None:
    assert at(DOCUMENT, pointer) == value


def test_variable_alone_keeps_its_type_also_as_key() -> None:
    values = {"amount": Decimal(7), "name": "eg_pg_txnid"}
    assert filled({"{{name}}": "{{amount}}", "text": ["of {{ amount }}"]}, values) == {
        "eg_pg_txnid": Decimal(7),
        "text": ["of 7"],
    }


def test_unsaved_variable_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="'bill'"):
        filled("{{bill}}", {})


@pytest.mark.parametrize(
    ("expect", "observed"),
    [
        ({"status": 201}, "it is HTTP 200"),
        ({"present": ["/Bill/0/expiry"]}, "it has none"),
        ({"equals": {"/Bill/0/id": "b2"}}, "it has 'b1'"),
    ],
)
def test_first_mismatch_is_reported(expect: dict[str, Any], observed: str) -> None:
    problem = mismatch(Expectation.model_validate(expect), response(DOCUMENT), {})
    assert problem is not None
    assert problem[1] == observed


def test_amounts_compare_whatever_their_form() -> None:
    expect = Expectation.model_validate({"status": 200, "equals": {"/Bill/0/totalAmount": 100}})
    assert mismatch(expect, response(DOCUMENT), {}) is None
