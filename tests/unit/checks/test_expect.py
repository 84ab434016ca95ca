"""What each judging verb makes of each kind of answer, and of records read back."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.bbps import answers
from conformance.checks import expect
from conformance.checks.controls import granted, taken
from conformance.client.response import Response, decode
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Inconclusive, Violation
from conformance.profile.error_texts import ErrorTexts

JSON, HTML, TEXT = "application/json", "text/html; charset=utf-8", "text/plain"
PAGE = "<html><title>Sign in</title><body>Welcome</body></html>"
BANK_PAGE = "<html>Request blocked, reference 4711</html>"
ENVELOPE = json.dumps({"ResponseInfo": None, "Errors": [{"code": "INVALID", "message": "no"}]})
NO_CODE = json.dumps({"Errors": [{"code": "", "message": "parameter is not present"}]})
NO_SESSION = json.dumps({"Errors": [{"code": "InvalidAccessTokenException"}]})
NOT_ALLOWED = json.dumps({"Errors": [{"code": "CustomException"}]})
NO_HANDLER = json.dumps({"Errors": [{"code": "ResourceNotFoundException", "message": "no"}]})
SPRING = json.dumps({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/x"})
OAUTH = json.dumps({"error": "invalid_grant", "error_description": "Invalid login credentials"})
Kinds = tuple[int, str, str]
ANSWERS: dict[str, Kinds] = {
    "200": (200, JSON, "{}"),
    "201": (201, JSON, "{}"),
    "204 empty": (204, "", ""),
    "200 empty": (200, "", ""),
    "302": (302, HTML, ""),
    "302 JSON": (302, JSON, "{}"),
    "302 error": (302, JSON, ENVELOPE),
    "304": (304, "", ""),
    "400": (400, JSON, ENVELOPE),
    "400 without code": (400, JSON, NO_CODE),
    "400 OAuth": (400, JSON, OAUTH),
    "400 HTML": (400, HTML, PAGE),
    "400 foreign JSON": (400, JSON, '{"message": "Bad request"}'),
    "400 list": (400, JSON, "[]"),
    "401": (401, JSON, NO_SESSION),
    "401 empty": (401, "", ""),
    "401 HTML": (401, HTML, PAGE),
    "403": (403, JSON, NOT_ALLOWED),
    "403 empty": (403, "", ""),
    "403 foreign JSON": (403, JSON, '{"message": "Forbidden"}'),
    "403 text": (403, TEXT, "Request blocked"),
    "403 known page": (403, HTML, BANK_PAGE),
    "404": (404, JSON, SPRING),
    "404 HTML": (404, HTML, PAGE),
    "404 of a service": (404, JSON, ENVELOPE),
    "404 of a framework": (404, JSON, NO_HANDLER),
    "405": (405, JSON, SPRING),
    "409": (409, JSON, ENVELOPE),
    "422": (422, JSON, ENVELOPE),
    "413": (413, JSON, SPRING),
    "500": (500, JSON, ENVELOPE),
    "500 not allowed": (500, JSON, NOT_ALLOWED),
    "500 no session": (500, JSON, NO_SESSION),
    "500 HTML": (500, HTML, PAGE),
    "500 empty": (500, "", ""),
}
# The answers on which a verb passes, and those that violate; on all others it decides nothing.
SUCCESS = {"200", "201", "204 empty", "200 empty"}
DENIAL = {"401", "401 empty", "403", "403 empty", "403 known page", "500 no session"}
OF_A_SERVICE = {"400", "400 without code", "400 OAuth", "409", "422"}
NOT_FOUND = {"404 of a service"}
NOTHING_THERE = {"404", "404 of a framework"}
UNKNOWN = NOTHING_THERE | {"405"}
REFUSAL = DENIAL | OF_A_SERVICE | NOT_FOUND | UNKNOWN | {"413"}
BREAKDOWN = {"500", "500 not allowed"}
FOUR_HUNDRED = {name for name in ANSWERS if name.startswith("4")}
NO_LONGER_KNOWN = {"401", "500 no session"}
# What is about the request is judged by a service: a gateway that refuses the caller is no judge.
JUDGED = REFUSAL - DENIAL
VERBS: dict[str, tuple[Callable[[Response, str], Any], set[str], set[str]]] = {
    # Nobody was served at that path: nothing stands there, which is no refusal of a service.
    "accepted": (expect.accepted, SUCCESS, (JUDGED | BREAKDOWN) - NOTHING_THERE),
    "refused": (expect.refused, JUDGED, SUCCESS),
    "answered_4xx": (expect.answered_4xx, JUDGED, SUCCESS | BREAKDOWN),
    "kept_out": (expect.kept_out, REFUSAL - NO_LONGER_KNOWN, SUCCESS),
    "denied": (expect.denied, DENIAL, SUCCESS | OF_A_SERVICE),
    "denied, or unknown": (
        partial(expect.denied, or_unknown=True),
        DENIAL | UNKNOWN | NOT_FOUND,
        SUCCESS | OF_A_SERVICE,
    ),
    "opens_nothing": (
        expect.opens_nothing,
        FOUR_HUNDRED - OF_A_SERVICE,
        SUCCESS | OF_A_SERVICE,
    ),
    "gives_no_token": (
        expect.gives_no_token,
        FOUR_HUNDRED | BREAKDOWN,
        SUCCESS,
    ),
    "shut": (
        lambda answer, what: expect.shut(answer, what, lambda: response("200")),
        DENIAL,
        SUCCESS | OF_A_SERVICE,
    ),
    "gets_through": (
        expect.gets_through,
        SUCCESS | OF_A_SERVICE | NOT_FOUND,
        (DENIAL | UNKNOWN | BREAKDOWN | {"413"}) - NOTHING_THERE - NO_LONGER_KNOWN,
    ),
    "gets_through, by its token": (
        partial(expect.gets_through, by_its_token=True),
        SUCCESS | OF_A_SERVICE | NOT_FOUND,
        (DENIAL | UNKNOWN | BREAKDOWN | {"413"}) - NOTHING_THERE,
    ),
    "granted": (granted, SUCCESS, set()),
    "taken": (taken, SUCCESS | JUDGED, set()),
}
# Where the gateway let the caller through on another occasion, a 401 or 403 may be a service's.
OF_THE_ADMITTED = DENIAL - NO_LONGER_KNOWN
VERBS_ON_ADMITTED = {
    "accepted": (expect.accepted, SUCCESS, JUDGED | OF_THE_ADMITTED | BREAKDOWN),
    "refused": (expect.refused, JUDGED | OF_THE_ADMITTED, SUCCESS),
    "answered_4xx": (expect.answered_4xx, JUDGED | OF_THE_ADMITTED, SUCCESS | BREAKDOWN),
    "taken": (taken, SUCCESS | JUDGED | OF_THE_ADMITTED, set()),
}


def response(name: str, *, admitted: bool = False) -> Response:
    status, media_type, text = ANSWERS[name]
    exchange = Exchange(
        id="x1", check="c", operation="transaction.update", actor="rival", method="POST", url="https://d/pg/_update?x=1",
        request_headers={}, request_body="", status=status, response_headers={},
        response_body=text, started_at="", milliseconds=1,
    )  # fmt: skip
    headers = {"content-type": media_type} if media_type else {}
    if status == 302:
        headers["location"] = "https://sso.example/login?state=secret"
    return Response(
        status=status,
        headers=headers,
        body=decode(text),
        text=text,
        exchange=exchange,
        texts=ErrorTexts(not_allowed=("CustomException", "reference 4711")),
        admitted=lambda: admitted,
        served=lambda: admitted,
    )


def outcome(verb: Callable[[Response, str], Any], name: str, *, admitted: bool = False) -> str:
    try:
        verb(response(name, admitted=admitted), "an update")
    except Violation as violation:
        text, word = f"{violation.required}: {violation.observed}", "violation"
    except Inconclusive as undecided:
        text, word = str(undecided), "inconclusive"
    else:
        return "passes"
    assert text.startswith("an update ")
    assert f"HTTP {response(name).status}" in text
    return word


@pytest.mark.parametrize("verb", VERBS)
def test_verb_on_each_kind_of_answer(verb: str) -> None:
    judge, passes, violates = VERBS[verb]
    expected = {
        name: "passes" if name in passes else "violation" if name in violates else "inconclusive"
        for name in ANSWERS
    }
    assert {name: outcome(judge, name) for name in ANSWERS} == expected


@pytest.mark.parametrize("verb", VERBS_ON_ADMITTED)
def test_verb_on_answers_to_somebody_admitted(verb: str) -> None:
    judge, passes, violates = VERBS_ON_ADMITTED[verb]
    expected = {
        name: "passes" if name in passes else "violation" if name in violates else "inconclusive"
        for name in ANSWERS
    }
    assert {name: outcome(judge, name, admitted=True) for name in ANSWERS} == expected


@pytest.mark.parametrize("verb", [*VERBS_ON_ADMITTED, "granted"])
def test_missing_grant_is_named(verb: str) -> None:
    with pytest.raises(Inconclusive) as undecided:
        VERBS[verb][0](response("403"), "an update")
    assert "the rival through to no transaction.update" in undecided.value.reason
    assert undecided.value.remedy.startswith("grant /pg/_update to a role of the rival")


@pytest.mark.parametrize("verb", [expect.accepted, expect.gets_through])
@pytest.mark.parametrize("name", sorted(NOTHING_THERE))
def test_service_that_is_missing_is_named(verb: Callable[[Response, str], Any], name: str) -> None:
    with pytest.raises(Inconclusive) as undecided:
        verb(response(name), "an update")
    assert undecided.value.remedy.startswith("start the service behind /pg/_update")
    with pytest.raises(Violation):  # somebody was served there
        verb(response(name, admitted=True), "an update")


def test_403_with_a_code_of_no_gateway_is_of_a_service() -> None:
    """It shows that a call got through; but where a gateway must refuse, it decides nothing."""
    ANSWERS["403 of a service"] = (403, JSON, ENVELOPE)
    try:
        answer = replace(response("403 of a service"), foreign=lambda codes: "INVALID" in codes)
    finally:
        del ANSWERS["403 of a service"]
    assert answer.reached
    assert not answer.denied
    expect.gets_through(answer, "an update")
    expect.refused(answer, "an update")
    expect.opens_nothing(answer, "an update")
    with pytest.raises(Inconclusive):
        expect.denied(answer, "an update")
    assert replace(answer, foreign=lambda _codes: False).denied


def test_errors_in_a_success_are_a_refusal() -> None:
    body = decode(ENVELOPE)
    answer = replace(response("200"), body=body, text=ENVELOPE)
    assert answer.refused
    assert not answer.succeeded
    expect.refused(answer, "an update")
    with pytest.raises(Violation):
        expect.answered_4xx(answer, "an update")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Test payer", True), (None, True), ("T*********", True), ("XXXXXX payer", True),
        ("Test", False), ("", False), ("test payer", False),
    ],
)  # fmt: skip
def test_masked_or_hidden_is_no_mismatch(text: str | None, kept: bool) -> None:
    if kept:
        expect.kept(text, "Test payer", "the payer")
        return
    with pytest.raises(Violation):
        expect.kept(text, "Test payer", "the payer")


@pytest.mark.parametrize(("name", "channel"), [("403", True), ("404", False), ("500", False)])
def test_what_is_open_to_nobody_is_no_channel(name: str, channel: bool) -> None:
    assert expect.shut(response(name), "an update", lambda: response("404")) is channel


def test_every_verb_on_answers_is_in_the_table() -> None:
    records = {
        "dated_at_creation", "demand", "kept", "never_succeeds", "no_receipt", "shown",
        "not_created_again", "one_receipt", "paid_once", "same", "unchanged",
    }  # fmt: skip
    assert set(expect.__all__) - records == set(VERBS) - {
        "denied, or unknown", "gets_through, by its token", "granted", "taken",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("302", "a redirect", "HTTP 302 (to https://sso.example/login)"),
        ("400 HTML", "an HTML page", "HTTP 400 (Sign in Welcome)"),
        ("403 text", "an answer that is no JSON", "HTTP 403 (Request blocked)"),
        ("403 foreign JSON", "an answer in no error form", "Forbidden"),
        ("500", "a breakdown", "HTTP 500 (INVALID)"),
    ],
)
def test_what_decides_nothing_is_named(name: str, kind: str, shown: str) -> None:
    with pytest.raises(Inconclusive) as undecided:
        expect.kept_out(response(name), "an update")
    assert kind in undecided.value.reason
    assert shown in undecided.value.reason
    assert "secret" not in str(undecided.value)


def test_remedy_depends_on_who_answered() -> None:
    assert "error_texts.not_allowed" in answers.undecided(response("302"), "it").remedy
    assert "CON-02" in answers.undecided(response("500"), "it").remedy


def test_demand_and_same() -> None:
    expect.demand(True, required="a", observed="b")
    with pytest.raises(Violation) as violation:
        expect.demand(False, required="a", observed="b")
    assert (violation.value.required, violation.value.observed) == ("a", "b")
    expect.same(Decimal("100.00"), Decimal(100), "the amount")
    with pytest.raises(Violation) as violation:
        expect.same(Decimal("99.50"), Decimal(100), "the amount")
    assert violation.value.required == "the amount is ₹ 100"
    assert violation.value.observed == "the amount is ₹ 99.50"
    with pytest.raises(Violation):
        expect.same(None, Decimal(100), "the amount")


def reading(payments: list[Any]) -> Any:
    """Stand in for the verbs of a deployment whose searches always show these payments."""
    return SimpleNamespace(
        polling=SimpleNamespace(
            lastingly=lambda read, _: read(),
            within_deadline=lambda read, _: (read(), True),
            settled=lambda read, *_: read(),
        ),
        payments_of=lambda _: payments,
        payments_of_bill=lambda _: payments,
    )


def payment(*numbers: str) -> Any:
    return SimpleNamespace(receipt_numbers=numbers)


ONE, TWO = [payment("R1")], [payment("R1"), payment("R2")]
BARE, EMPTY = [payment()], [payment("")]


@pytest.mark.parametrize(
    ("judge", "good", "bad"),
    [
        (expect.one_receipt, ONE, [[], TWO, BARE, EMPTY]),
        (expect.paid_once, ONE, [[], TWO]),
        (partial(expect.no_receipt, when="now"), [], [ONE, TWO, BARE]),
    ],
    ids=["one_receipt", "paid_once", "no_receipt"],
)
def test_receipts_are_counted(judge: Any, good: list[Any], bad: list[list[Any]]) -> None:
    judge(reading(good), SimpleNamespace(id="T1"))
    for payments in bad:
        with pytest.raises(Violation):
            judge(reading(payments), SimpleNamespace(id="T1"))
