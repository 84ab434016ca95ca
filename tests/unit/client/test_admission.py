"""Which answers are a service's: none of a gateway that turns the caller away, or finds it down."""

import pytest

from conformance.client.client import ANONYMOUS
from conformance.core.verdicts import Inconclusive
from tests.unit.client.conftest import CONNECTING, FORWARDING, Line, Scripted, Talk, refusal

NO_ROLE = refusal(403, "CustomException", "Not authorized to access this resource")


@pytest.mark.parametrize("trouble", [FORWARDING, CONNECTING], ids=["Zuul", "Spring"])
def test_service_that_does_not_run_is_not_judged(line: Line, talk: Talk, trouble: Scripted) -> None:
    line.script = [trouble]
    with pytest.raises(Inconclusive, match="cannot reach the service"):
        talk.client.call("transaction.update", query={"eg_pg_txnid": "T1"}, tolerant=True)
    assert "cannot reach the service" in talk.recorded[-1].failure
    assert [each for each in talk.recorded[-1].violations if each.side == "response"] == []


def test_refusal_is_a_services_where_the_gateway_let_the_caller_through(
    line: Line, talk: Talk
) -> None:
    def refused(actor: str = "integrator") -> bool:
        line.script = [NO_ROLE]
        return talk.client.call("transaction.update", as_=actor).turned_away

    assert refused()
    line.script = [refusal(400, "TXN_UPDATE_NOT_FOUND", "no such transaction")]
    assert not talk.client.call("transaction.update").turned_away
    assert not refused()
    assert refused(ANONYMOUS)
    line.script = [NO_ROLE]
    assert talk.client.call("transaction.create").turned_away


def test_somebody_elses_token_lets_no_caller_through(line: Line, talk: Talk) -> None:
    line.script = [refusal(400, "INVALID", "no"), NO_ROLE]
    talk.client.call("transaction.update", token="0" * 32)
    assert talk.client.call("transaction.update").turned_away


def test_refused_form_lets_nobody_through(line: Line, talk: Talk) -> None:
    line.script = [refusal(400, "ClassCastException", "RequestInfo is no object"), NO_ROLE]
    talk.client.call("transaction.update", body={"RequestInfo": 7})
    assert talk.client.call("transaction.update").turned_away


def test_whoever_refuses_a_token_request_judges_it(line: Line, talk: Talk) -> None:
    line.script = [refusal(401, "invalid_client", "who?")]
    assert not talk.client.login("integrator", {"password": "Wrong"}).turned_away
