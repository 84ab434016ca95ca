"""The client: what is recorded, what is asked again, and what ends inconclusive."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest

from conformance.client import tokens as sessions
from conformance.client.client import ANONYMOUS
from conformance.client.response import skew_in
from conformance.client.transport import RawResponse
from conformance.contracts import Contracts
from conformance.core.verdicts import Inconclusive
from tests.unit.client.conftest import (
    CONNECTING,
    FORWARDING,
    PASSWORD,
    TOKEN,
    Line,
    Scripted,
    Talk,
    found,
)

SEARCH = "/pg-service/transaction/v1/_search"
UPDATE = "/pg-service/transaction/v1/_update"
BUSY: Scripted = (429, {"Retry-After": "0"}, b"")
BAD_GATEWAY: Scripted = (502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>")

TROUBLE = pytest.mark.parametrize(
    "trouble",
    [BAD_GATEWAY, FORWARDING, CONNECTING, None],
    ids=["502", "Zuul", "Spring", "hung up"],
)


def test_token_is_asked_for_once_and_never_recorded(line: Line, talk: Talk) -> None:
    talk.client.call("transaction.search", query={"txnId": "T1"})
    talk.client.call("transaction.search", query={"txnId": "T2"})
    assert len(line.calls("/user/oauth/token")) == 1
    assert all(TOKEN.encode() in content for content in line.calls(SEARCH))
    kept = json.dumps([exchange.as_json() for exchange in talk.recorded])
    assert TOKEN not in kept
    assert PASSWORD not in kept


def test_forgotten_token_is_asked_for_again(line: Line, talk: Talk) -> None:
    talk.client.token("integrator")
    talk.client.sessions.forget("integrator")
    talk.client.token("integrator")
    assert len(line.calls("/user/oauth/token")) == 2


def test_a_new_login_replaces_the_token(line: Line, talk: Talk) -> None:
    """Some deployments keep one session of a user: the new one ends the one before."""
    talk.client.token("integrator")
    line.token = "0e7a9c3b-0000-4a5e-9d4e-2f6b1a7c9e10"
    talk.client.login("integrator")
    talk.client.call("transaction.search", query={"txnId": "T1"})
    assert line.token.encode() in line.calls(SEARCH)[0]
    assert len(line.calls("/user/oauth/token")) == 2


def test_after_a_login_in_another_way_the_usual_one_is_due(line: Line, talk: Talk) -> None:
    """Its token may be bound to what was changed, and the one before may have ended."""
    talk.client.token("integrator")
    talk.client.login("integrator", {"userType": "EMPLOYEE"})
    talk.client.call("transaction.search", query={"txnId": "T1"})
    assert len(line.calls("/user/oauth/token")) == 3


def test_a_refused_login_leaves_the_token(line: Line, talk: Talk) -> None:
    talk.client.token("integrator")
    line.script = [(400, {}, b'{"error": "invalid_request"}')]
    talk.client.login("integrator", {"password": "Wrong@2024x"})
    assert talk.client.sessions.held("integrator") == TOKEN


@pytest.mark.parametrize(
    ("stated", "logins"),
    [(3600, 2), (7200, 1), (0, 2), (-1, 1), (None, 1), ("soon", 1), (10**400, 1)],
)
def test_token_whose_time_is_over_is_requested_again(
    line: Line, talk: Talk, stated: Any, logins: int
) -> None:
    line.login = {"expires_in": stated}
    talk.client.token("integrator")
    talk.client.sessions.age(seconds=4000)
    talk.client.token("integrator")
    assert len(line.calls("/user/oauth/token")) == logins


NO_SESSION: Scripted = (401, {}, b'{"Errors": [{"code": "InvalidAccessTokenException"}]}')


def test_session_that_ended_is_begun_anew(line: Line, talk: Talk) -> None:
    """Even an update is repeated: the gateway refused it before any service saw it."""
    talk.client.token("integrator")
    line.script = [NO_SESSION, found([])]
    response = talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"})
    assert (response.status, len(line.calls(UPDATE))) == (200, 2)
    assert len(line.calls("/user/oauth/token")) == 2


def test_new_token_is_sent_in_the_header_too(line: Line, talk: Talk) -> None:
    talk.client.token("integrator")
    line.token = "0e7a9c3b-0000-4a5e-9d4e-2f6b1a7c9e10"
    line.script = [NO_SESSION, found([])]
    talk.client.call("transaction.search", raw=b"", token_header="auth-token")
    assert line.tokens_in_headers == [TOKEN, line.token]


def test_tokens_that_are_of_no_use_are_not_requested_for_ever(line: Line, talk: Talk) -> None:
    for _ in range(5):
        line.script = [NO_SESSION] * 3
        response = talk.client.call("transaction.search", query={"txnId": "T1"})
        assert response.codes == ("InvalidAccessTokenException",)
        line.token += "0"
    assert len(line.calls("/user/oauth/token")) == sessions.USELESS


def test_two_names_of_one_account_share_its_session(line: Line, talk: Talk) -> None:
    """Where a user has one session, the login of one would end that of the other, for ever."""
    talk.client.enlist("twin", talk.client.actor("integrator"))
    talk.client.token("integrator")
    talk.client.call("transaction.search", as_="twin", query={"txnId": "T1"})
    assert len(line.calls("/user/oauth/token")) == 1


OWN_WORDS: Scripted = (401, {}, b'{"Errors": [{"code": "GATEWAY_TOKEN"}]}')


@pytest.mark.parametrize(
    ("lifetime", "refusal", "calls"),
    [(60, OWN_WORDS, 2), (60, NO_SESSION, 2), (3600, OWN_WORDS, 2), (60, (403, {}, b"{}"), 1)],
)
def test_token_that_ended_on_its_way_is_requested_again(
    line: Line, talk: Talk, lifetime: int, refusal: Scripted, calls: int
) -> None:
    """Its time, or another login, ended it; the gateway may say so in any words."""
    line.login = {"expires_in": lifetime}
    talk.client.token("integrator")
    talk.client.sessions.age(seconds=55)
    line.token = "0e7a9c3b-0000-4a5e-9d4e-2f6b1a7c9e10"
    line.script = [refusal, found([])]
    talk.client.call("transaction.search", query={"txnId": "T1"}, tolerant=True)
    assert len(line.calls(SEARCH)) == len(line.calls("/user/oauth/token")) == calls


def test_what_is_refused_while_the_session_lives_is_not_repeated(line: Line, talk: Talk) -> None:
    """Platforms answer a login with the token that is alive: then a 401 is about something else."""
    talk.client.token("integrator")
    line.script = [OWN_WORDS, found([])]
    response = talk.client.call("transaction.search", query={"txnId": "T1"})
    assert (response.status, len(line.calls(SEARCH))) == (401, 1)


def test_token_of_the_checks_own_is_never_renewed(line: Line, talk: Talk) -> None:
    talk.client.token("integrator")
    line.script = [NO_SESSION]
    response = talk.client.call("transaction.search", query={"txnId": "T1"}, token=TOKEN)
    assert response.status == 401


def test_anonymous_sends_no_token(line: Line, talk: Talk) -> None:
    talk.client.call("transaction.search", as_=ANONYMOUS, query={"txnId": "T1"})
    assert not line.calls("/user/oauth/token")
    assert b"authToken" not in line.calls(SEARCH)[0]


def test_amounts_are_decimals(line: Line, talk: Talk) -> None:
    line.script = [(200, {}, b'{"Transaction": [{"txnAmount": 100.10}]}')]
    response = talk.client.call("transaction.search", query={"txnId": "T1"})
    assert response.body["Transaction"][0]["txnAmount"] == Decimal("100.10")


@TROUBLE
def test_a_search_is_asked_again(line: Line, talk: Talk, trouble: Scripted | None) -> None:
    line.script = [trouble, trouble, found([])]
    response = talk.client.call("transaction.search", query={"txnId": "T1"})
    assert response.status == 200
    assert [exchange.attempts for exchange in talk.recorded][-3:] == [1, 2, 3]


def test_a_search_refused_for_haste_is_asked_again(line: Line, talk: Talk) -> None:
    line.script = [BUSY, BUSY, found([])]
    assert talk.client.call("transaction.search", query={"txnId": "T1"}).status == 200


@TROUBLE
def test_an_update_that_may_have_arrived_is_not_repeated(
    line: Line, talk: Talk, trouble: Scripted | None
) -> None:
    line.script = [trouble]
    with pytest.raises(Inconclusive, match=r"transaction\.update as integrator"):
        talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"})
    assert len(line.calls(UPDATE)) == 1


def test_an_update_refused_for_haste_is_repeated(line: Line, talk: Talk) -> None:
    line.script = [BUSY, found([])]
    response = talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"})
    assert response.status == 200
    assert len(line.calls(UPDATE)) == 2


def test_whatever_is_no_search_is_an_act_of_the_check(line: Line, talk: Talk) -> None:
    client = talk.client
    client.call("transaction.search", as_=ANONYMOUS)
    assert client.last_act() is None
    client.call("transaction.update", as_=ANONYMOUS)
    acted = client.last_act()
    client.call("transaction.search", as_=ANONYMOUS)
    assert client.last_act() == acted is not None
    assert client.for_check("another").last_act() is None


def test_a_call_of_a_race_is_never_repeated(line: Line, talk: Talk) -> None:
    """The second attempts would leave one after the other: no race any more."""
    line.script = [BUSY, found([])]
    with pytest.raises(Inconclusive, match="HTTP 429"):
        talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"}, together=True)
    assert len(line.calls(UPDATE)) == 1


def test_patience_with_429_ends_inconclusive(line: Line, talk: Talk) -> None:
    line.script = [BUSY] * 10
    with pytest.raises(Inconclusive, match="HTTP 429"):
        talk.client.call("transaction.search", query={"txnId": "T1"})
    assert len(line.calls(SEARCH)) == talk.client.target.limits.retries + 1


def test_a_long_retry_after_is_not_sat_out(line: Line, talk: Talk) -> None:
    line.script = [(429, {"Retry-After": "600"}, b"")]
    with pytest.raises(Inconclusive, match="600 s"):
        talk.client.call("transaction.search", query={"txnId": "T1"})
    assert len(line.calls(SEARCH)) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>login</html>", "an HTML page"), (b'{"Transaction": [', "breaks off")],
    ids=["HTML", "truncated"],
)
def test_an_unreadable_answer_blames_nobody(line: Line, talk: Talk, body: bytes, kind: str) -> None:
    media_type = "text/html" if b"html" in body else "application/json"
    line.script = [(200, {"Content-Type": media_type}, body)] * 10
    with pytest.raises(Inconclusive, match=kind):
        talk.client.call("transaction.search", query={"txnId": "T1"})


def test_tolerant_call_hands_the_page_back(line: Line, talk: Talk) -> None:
    line.script = [(400, {"Content-Type": "text/html"}, b"<html>no</html>")]
    response = talk.client.call("transaction.search", query={"txnId": "T1"}, tolerant=True)
    assert (response.status, response.body) == (400, None)


@pytest.mark.parametrize("end", [b'\xe9"}]}', b"NaN}]}", b'"}]', b'"}]}{}', b"[" * 9999])
def test_the_status_of_a_spoilt_answer_decides_nothing(line: Line, talk: Talk, end: bytes) -> None:
    line.script = [(400, {}, b'{"Errors": [{"code": "X", "message": "' + end)] * 4
    with pytest.raises(Inconclusive, match="HTTP 400 with an answer that cannot be read"):
        talk.client.call("transaction.search", query={"txnId": "T1"}, tolerant=True)


def test_tolerance_takes_no_page_for_a_success(line: Line, talk: Talk) -> None:
    line.script = [(200, {"Content-Type": "text/html"}, b"<html>login</html>")]
    with pytest.raises(Inconclusive, match="an HTML page"):
        talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"}, tolerant=True)
    assert len(line.calls(UPDATE)) == 1


def test_a_wrong_password_is_tried_once(line: Line, talk: Talk) -> None:
    line.script = [BAD_GATEWAY]
    with pytest.raises(Inconclusive, match="HTTP 502"):
        talk.client.login("integrator", {"password": "Wrong@2024x"})
    assert len(line.calls("/user/oauth/token")) == 1


def test_what_decides_nothing_shows_no_form_of_an_erratum(line: Line, talk: Talk) -> None:
    line.script = [BAD_GATEWAY, (200, {"Content-Type": "text/html"}, b"<html>1</html>"), found([])]
    talk.client.call("transaction.search", query={"txnId": "T1"})
    assert talk.seen == [200]


def test_a_refusal_is_for_the_check_to_judge(line: Line, talk: Talk) -> None:
    refusal = {"Errors": [{"code": "TXN_NOT_FOUND", "message": "Transaction not found"}]}
    line.script = [(400, {}, json.dumps(refusal).encode())]
    response = talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"})
    assert response.codes == ("TXN_NOT_FOUND",)
    assert response.description == "HTTP 400 (TXN_NOT_FOUND)"


def test_an_exchange_is_dated_when_it_was_sent(
    line: Line, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = RawResponse(status=200, headers={}, content=b"{}", seconds=3600)
    monkeypatch.setattr(talk.client._transport, "send", lambda _: slow)
    talk.client.call("transaction.search", as_=ANONYMOUS)
    sent = datetime.fromisoformat(talk.recorded[-1].started_at)
    assert datetime.now(UTC) - sent >= timedelta(hours=1)


def test_departure_from_the_contract_is_recorded(line: Line, talk: Talk) -> None:
    line.script = [(200, {}, b'{"ResponseInfo": 7, "Transaction": "none"}')]
    talk.client.call("transaction.search", query={"txnId": "T1"})
    places = {
        violation.pointer
        for violation in talk.recorded[-1].violations
        if violation.side == "response"
    }
    assert "/Transaction" in places
    assert talk.recorded[-1].request_conforms  # it is the answer that departs


def test_field_that_is_called_like_a_password_is_redacted(line: Line, talk: Talk) -> None:
    """Generated requests hold any name; a one-time password of six digits is among them."""
    line.script = [(200, {}, b"{}")]
    talk.client.redactor.learn("123456")
    talk.client.call("transaction.search", body={"123456": 1})
    told = [
        violation.pointer
        for violation in talk.recorded[-1].violations
        if violation.side == "request"
    ]
    assert told == ["/***"]


def test_where_nothing_listens(contracts: Contracts) -> None:
    talk = Talk("http://127.0.0.1:9", contracts, retries=0)
    with pytest.raises(Inconclusive, match="no connection"):
        talk.client.call("transaction.search", as_=ANONYMOUS)
    assert talk.recorded[0].status is None
    talk.client.close()


def test_second_address_and_unknown_actor_are_asked_of_the_profile(talk: Talk) -> None:
    with pytest.raises(Inconclusive, match=r"network\.second_egress"):
        talk.client.call("transaction.search", egress="second")
    with pytest.raises(Inconclusive, match=r"add actors\.rival"):
        talk.client.call("transaction.search", as_="rival")


def test_deployments_clock_is_read_from_its_answers(talk: Talk) -> None:
    talk.client.call("transaction.search", as_=ANONYMOUS)
    assert abs(talk.client.skew) <= 2_000  # one machine, one clock; a Date tells whole seconds


def test_skew_is_the_deployments_time_minus_ours() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    raw_response = RawResponse(status=200, headers={"date": ahead}, content=b"", seconds=0.0)
    assert abs(skew_in(raw_response, 0) - 3_600_000) <= 2_000
    nonsense = RawResponse(status=200, headers={"date": "yesterday"}, content=b"", seconds=0.0)
    assert skew_in(nonsense, 7) == 7


def test_answer_to_an_odd_question_is_recorded_as_unjudged(line: Line, talk: Talk) -> None:
    talk.client.unjudged().call("transaction.search", query={"txnId": "T1"})
    talk.client.call("transaction.search", query={"txnId": "T1"})
    assert [each.judged for each in talk.recorded if each.operation == "transaction.search"] == [
        False,
        True,
    ]


def test_a_control_is_asked_again_after_a_429(line: Line, talk: Talk) -> None:
    line.script = [(429, {"Retry-After": "0"}, b""), (200, {}, b'{"now": 1}')]
    assert talk.client.control("/reference/clock", {"advance": 1}) == {"now": 1}
    line.script = [BAD_GATEWAY]
    with pytest.raises(Inconclusive, match="answers 502"):
        talk.client.control("/reference/clock", {"advance": 1})
