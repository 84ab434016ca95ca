"""Drift: how the form of an erratum is recognised in exchanges."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from conformance.contracts import Contracts, all_errata
from conformance.contracts.drift import Drift

INFO = {"ts": 17, "apiId": "a"}
ENVELOPE = {"ResponseInfo": None, "Errors": [{"code": "X", "message": "m"}]}


class Watched:
    """A drift report that is fed with exchanges in few words."""

    def __init__(self, contracts: Contracts) -> None:
        self.drift = Drift(contracts)

    def see(
        self, operation: str, response: Any, *, status: int = 200, request: Any = None, **query: Any
    ) -> None:
        self.drift.see(
            operation, status=status, media_type="application/json", query=query,
            request_body=request, response_body=response,
        )  # fmt: skip

    def form(self, id_: str) -> str:
        return {each["id"]: each["form"] for each in self.drift.forms()}[id_]

    def evidence(self, id_: str) -> str:
        return {each["id"]: each["evidence"] for each in self.drift.forms()}[id_]


@pytest.fixture
def watched(effective: Contracts) -> Watched:
    return Watched(effective)


def test_nothing_seen(watched: Watched) -> None:
    forms = {each["form"] for each in watched.drift.forms()}
    assert forms == {"not seen"}


def test_only_what_a_client_can_see_is_reported(watched: Watched) -> None:
    reported = {each["id"] for each in watched.drift.forms()}
    known = all_errata()
    assert reported == {each for each in known if known[each].observable and "mseva" not in each}
    assert "collection-04" not in reported


@pytest.mark.parametrize(
    ("status", "form"), [(200, "corrected"), (201, "published"), (400, "not seen")]
)
def test_status(watched: Watched, status: int, form: str) -> None:
    watched.see("payment.create", ENVELOPE, status=status)
    assert watched.form("collection-05") == form


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ({"ResponseInfo": {"status": "200 OK"}}, "corrected"),
        ({"ResponseInfo": {"status": "SUCCESSFUL"}}, "published"),
        ({"ResponseInfo": {"status": "fine"}}, "neither"),
        ({}, "not seen"),
    ],
)
def test_values(watched: Watched, answer: Any, form: str) -> None:
    watched.see("payment.create", answer)
    assert watched.form("collection-16") == form


def test_evidence_names_operation_place_and_value(watched: Watched) -> None:
    watched.see("payment.create", {"ResponseInfo": {"status": "200 OK"}})
    assert watched.evidence("collection-16") == (
        'payment.create answered 200, /response/ResponseInfo/status: "200 OK"'
    )


def test_both_forms_are_neither(watched: Watched) -> None:
    watched.see("payment.create", {"ResponseInfo": {"status": "200 OK"}})
    watched.see("payment.validate", {"ResponseInfo": {"status": "FAILED"}})
    assert watched.form("collection-16") == "neither"
    assert "corrected: " in watched.evidence("collection-16")
    assert "published: " in watched.evidence("collection-16")


def test_value_that_fits_both_forms_tells_nothing(watched: Watched) -> None:
    watched.see("payment.create", {"Payments": [{"paymentMode": "CASH"}]})
    assert watched.form("collection-32") == "not seen"
    watched.see("payment.create", {"Payments": [{"paymentMode": "OFFLINE_NEFT"}]})
    assert watched.form("collection-32") == "corrected"


def test_a_404_yields_to_a_real_answer(watched: Watched) -> None:
    watched.see("payment.create", None, status=404)
    assert watched.form("collection-01") == "published"
    watched.see("payment.create", ENVELOPE, status=400)
    assert watched.form("collection-01") == "corrected"


def test_one_value_outweighs_all_nulls(watched: Watched) -> None:
    watched.see(
        "transaction.create", {"Transaction": {"receipt": None}}, request={"Transaction": {}}
    )
    assert watched.form("pg-13") == "corrected"
    watched.see("transaction.update", {"Transaction": [{"receipt": "R. 1"}]})
    watched.see("transaction.update", {"Transaction": [{"receipt": None}]})
    assert watched.form("pg-13") == "published"


def test_a_refusal_has_many_reasons(watched: Watched) -> None:
    watched.see(
        "payment.create", ENVELOPE, status=400, request={"RequestInfo": INFO, "Payment": {}}
    )
    assert watched.form("collection-34") == "not seen"


@pytest.mark.parametrize(("ts", "form"), [(17, "corrected"), (18, "published")])
def test_echo_of_the_request(watched: Watched, ts: int, form: str) -> None:
    watched.see("payment.create", {"ResponseInfo": {"ts": ts}}, request={"RequestInfo": INFO})
    assert watched.form("collection-17") == form


@pytest.mark.parametrize(
    ("date", "form"), [(5, "not seen"), (86_400_005, "corrected"), (99**9, "neither")]
)
def test_bounds_from_the_query(watched: Watched, date: int, form: str) -> None:
    watched.see("payment.search", {"Payments": [{"transactionDate": date}]}, toDate="10")
    assert watched.form("collection-26") == form


@pytest.mark.parametrize(
    ("dates", "numbers", "form"),
    [([2, 1], "ba", "corrected"), ([1, 2], "ab", "published"), ([1, 2], "ba", "not seen"),
     ([2, 1], "ab", "not seen")],
)  # fmt: skip
def test_order(watched: Watched, dates: list[int], numbers: str, form: str) -> None:
    payments = [
        {"transactionDate": date, "paymentDetails": [{"receiptNumber": number}]}
        for date, number in zip(dates, numbers, strict=True)
    ]
    watched.see("payment.search", {"Payments": payments})
    assert watched.form("collection-25") == form


@pytest.mark.parametrize(
    ("amount", "form"),
    [("100.00", "corrected"), ("100.0", "corrected"), ("100", "published")],
)
def test_decimals(watched: Watched, amount: str, form: str) -> None:
    watched.see("payment.search", {"Payments": [{"totalAmountPaid": Decimal(amount)}]})
    assert watched.form("collection-60") == form


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        (("paymentId", "manualReceiptDate"), "corrected"),
        (("paymentId",), "published"),
        (("manualReceiptDate",), "not seen"),
    ],
)
def test_field_of_no_value_may_be_left_out(
    watched: Watched, fields: tuple[str, ...], form: str
) -> None:
    watched.see("payment.search", {"Payments": [{"paymentDetails": [dict.fromkeys(fields)]}]})
    assert watched.form("collection-46") == form
    watched.see("payment.create", {"Payments": [{"paymentDetails": [{}]}]})
    assert watched.form("collection-46") == ("corrected" if form == "corrected" else "published")


def test_what_only_one_fork_does_is_reported_when_seen(watched: Watched) -> None:
    watched.see("payment.create", {"Payments": [{"paymentMode": "BBPS"}]})
    assert watched.form("collection-mseva-1") == "corrected"


def signs() -> Iterator[tuple[str, Any]]:
    for erratum in all_errata().values():
        for sign in erratum.signs:
            yield erratum.id, sign


@pytest.mark.parametrize(("id_", "sign"), list(signs()))
def test_signs_are_well_formed(id_: str, sign: Any, effective: Contracts) -> None:
    known = {"operations", "answer", "when", "at", "published", "corrected", "yields"}
    assert set(sign) <= known, id_
    assert {"published", "corrected"} <= set(sign), id_
    assert set(sign.get("operations", ())) <= set(effective.operations), id_
    assert sign.get("at", "/response").startswith(("/response", "/status")), id_


def test_odd_bodies_do_no_harm(watched: Watched) -> None:
    for odd in (None, [], "text", 7, {"Payments": "x"}, {"Payments": [None]}, {"Errors": 3}):
        for operation in ("payment.create", "payment.search", "transaction.create", "bill.fetch"):
            for status in (200, 400, 404, 500):
                watched.see(operation, odd, status=status, request=odd, toDate="soon")
    dated = {"Payments": [{"transactionDate": 5}, {"transactionDate": "x"}]}
    watched.see("payment.search", dated, toDate="soon")
    watched.see("payment.search", dated, toDate=float("nan"))
    assert watched.form("collection-26") == "not seen"


@pytest.mark.parametrize("mode", [{"a": 1}, ["a"]], ids=["an object", "a list"])
def test_reader_that_lost_its_place_shows_no_form(watched: Watched, mode: Any) -> None:
    """DIGIT's reader of a mode takes an object for several values: RequestInfo is then missing."""
    code = "NotNull.paymentRequest.requestInfo"
    request = {"RequestInfo": INFO, "Payment": {"paymentMode": mode}}
    watched.see("payment.create", {"Errors": [{"code": code}]}, status=400, request=request)
    assert watched.form("collection-11") == "not seen"
    request = {"RequestInfo": INFO, "Payment": {"paymentMode": "CASH"}}
    watched.see("payment.create", {"Errors": [{"code": code}]}, status=400, request=request)
    assert watched.form("collection-11") == "published"
