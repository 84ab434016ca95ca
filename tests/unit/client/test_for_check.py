"""Views of the client: what belongs to one check, and what all checks share."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from conformance.client.client import ANONYMOUS, Client
from conformance.client.exchange_log import ExchangeLog
from conformance.contracts import Contracts
from conformance.contracts.effects import Effect
from conformance.core.exchange import SET_UP, Exchange
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.sharing import SHARED
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor, Target
from conformance.results.exchange_store import ExchangeStore
from tests.servers import Handler, serving

ACCOUNT = {"username": "bbps", "password": "Bbps@2024", "type": "SYSTEM"}
DATE = "Fri, 01 Jan 2100 00:00:00 GMT"
DEMAND = {"tenantId": "pb.a", "consumerCode": "C-1", "demandDetails": [{"taxAmount": 10}]}


class Deployment(Handler):
    """Grants tokens that name their user, and finds nothing."""

    def do_POST(self) -> None:
        content = self.received()
        found: dict[str, Any] = {"Transaction": []}
        if self.path.startswith("/user/oauth/token"):
            fields = dict(each.split("=", 1) for each in content.decode().split("&"))
            found = {"access_token": f"token-of-{fields['username']}"}
        headers = {"Content-Type": "application/json", "X-Sent": content.decode()}
        self.respond(200, json.dumps(found).encode(), headers)

    def date_time_string(self, *_: object) -> str:
        return DATE


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def client(tmp_path: Path, exchanges: list[Exchange]) -> Iterator[Client]:
    with serving(Deployment) as port:
        target = Target.model_validate(
            {
                "name": "views", "base_url": f"http://127.0.0.1:{port}", "tenant": "pb.a",
                "state_tenant": "pb", "mode": "full", "actors": {"integrator": ACCOUNT},
                "limits": {"requests_per_second": 1000}, "bills": {"provision": "demands"},
            }
        )  # fmt: skip
        ledger = Ledger(tmp_path / "ledger.jsonl", Decimal(100))
        client = Client(target, Contracts.load(), Redactor(), exchanges.append, ledger=ledger)
        yield client
        client.close()


def search(client: Client, as_: str = ANONYMOUS) -> str:
    """Search transactions; return what the deployment received."""
    return client.call("transaction.search", as_=as_, query={"txnId": "T"}).headers["x-sent"]


def account(username: str) -> Actor:
    return Actor.model_validate({**ACCOUNT, "username": username})


def test_a_view_files_exchanges_under_its_check(client: Client, exchanges: list[Exchange]) -> None:
    client.numbering.plan(["a", "b"])
    for each in (client.for_check("b"), client, client.for_check("a"), client.for_check("b")):
        search(each)
    filed = [(each.check, each.id) for each in exchanges]
    assert filed == [
        ("b", "x002-0001"), (SET_UP, "x000-0001"), ("a", "x001-0001"), ("b", "x002-0002"),
    ]  # fmt: skip


def test_a_view_of_a_view_belongs_to_the_later_check(client: Client) -> None:
    first = client.for_check("a")
    assert (first.for_check("b").check, first.check, client.check) == ("b", "a", SET_UP)


def test_entries_of_the_one_ledger_name_the_check(client: Client) -> None:
    for check in ("a", "b"):
        client.for_check(check).call("demand.create", as_=ANONYMOUS, body={"Demands": [DEMAND]})
    ledger = client.policy.ledger
    assert [(each.check, each.key) for each in ledger.entries] == [("a", "C-1"), ("b", "C-1")]


def test_an_actor_of_a_check_is_unknown_to_others(client: Client) -> None:
    first, other = client.for_check("a"), client.for_check("b")
    first.enlist("intruder", account("intruder"))
    assert set(first.actors) == {"integrator", "intruder"}
    assert client.for_check("a").actor("intruder").username == "intruder"
    for each in (other, client):
        assert set(each.actors) == {"integrator"}
        with pytest.raises(Inconclusive, match="intruder"):
            each.actor("intruder")


def test_an_actor_of_the_set_up_is_known_to_all_checks(client: Client) -> None:
    early = client.for_check("a")
    client.enlist("rival", account("rival"))
    assert early.actor("rival") == client.for_check("b").actor("rival")


def test_a_namesake_has_a_token_of_its_own(client: Client) -> None:
    first, other = client.for_check("a"), client.for_check("b")
    first.enlist("integrator", account("namesake"))
    assert "token-of-namesake" in search(first, "integrator")
    assert "token-of-bbps" in search(other, "integrator")
    assert first.sessions.held("integrator") != other.sessions.held("integrator")


def test_a_token_that_all_use_is_requested_once_and_filed_as_shared(
    client: Client, exchanges: list[Exchange]
) -> None:
    for check in ("a", "b"):
        search(client.for_check(check), "integrator")
    made = [(each.check, each.operation) for each in exchanges]
    wanted = [(SHARED, "token.create"), ("a", "transaction.search"), ("b", "transaction.search")]
    assert made == wanted
    client.sessions.forget("integrator")
    assert client.for_check("b").sessions.held("integrator") == ""


def test_the_skew_is_shared_and_the_last_act_is_not(client: Client) -> None:
    first, other = client.for_check("a"), client.for_check("b")
    first.call("transaction.update", as_=ANONYMOUS, query={"transactionId": "T"})
    assert first.skew == other.skew == client.skew > 10**9
    assert first.last_act() is not None
    assert other.last_act() is client.last_act() is None
    assert client.for_check("a").last_act() == first.last_act()


def test_the_policy_is_shared(client: Client) -> None:
    view = client.for_check("a")
    assert view.policy is client.policy
    assert view.redactor is client.redactor
    view.require(Effect.MOVES_MONEY)


def test_threads_file_under_the_view_that_they_were_given(
    client: Client, exchanges: list[Exchange]
) -> None:
    barrier = Barrier(4)

    def repeatedly(view: Client) -> None:
        barrier.wait(timeout=10)
        for _ in range(5):
            search(view)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(repeatedly, [client.for_check(each) for each in "abab"]))
    ids = [each.id for each in exchanges]
    assert len(set(ids)) == 20
    assert sum(each.check == "a" for each in exchanges) == 10


def test_a_log_cites_for_its_check() -> None:
    cited: list[tuple[str, str]] = []
    log = ExchangeLog(
        ExchangeStore(), Contracts.load(), lambda *each: cited.append(each), lambda: ()
    )
    for each in (log.for_check("a"), log, log.for_check("b")):
        each.cite_id("x1")
    assert cited == [("a", "x1"), (SET_UP, "x1"), ("b", "x1")]
