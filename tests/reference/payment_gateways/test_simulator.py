"""The payment gateway simulator, alone and behind pg-service's gateways AXIS, PAYU and PAYTM."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from conformance.reference.payment_gateways import outcomes
from conformance.reference.payment_gateways.simulator import ANSWERS, application
from tests.reference.conftest import Rehearsal
from tests.reference.money import Till, problems

# what the simulator says: answer of the update, state, receipts
SAID: list[tuple[str, int, str, int]] = [
    ("success", 200, "SUCCESS", 1),
    ("failure", 200, "FAILURE", 0),
    ("pending", 200, "PENDING", 0),
    ("unknown", 200, "PENDING", 0),
    ("other-amount", 200, "FAILURE", 0),
    ("time-out", 400, "PENDING", 0),
    ("garbage", 400, "PENDING", 0),
]


@contextmanager
def served(default: str = "pending") -> Iterator[httpx.Client]:
    """Serve a simulator that keeps silent briefly, and speak to it."""
    config = uvicorn.Config(application(default, silence=3), port=0, log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = server.force_exit = True
    thread.join(5)


@pytest.fixture(scope="module")
def simulator() -> Iterator[httpx.Client]:
    with served() as client:
        yield client


def say(simulator: httpx.Client, id_: str, says: str, **more: Any) -> None:
    answered = {"txnId": id_, "says": says, **more}
    assert simulator.post("/control", json=answered).status_code == 200


@pytest.fixture
def till(simulator: httpx.Client, faulty: Callable[..., Rehearsal]) -> Till:
    return Till(faulty(simulator_url=str(simulator.base_url)))


@pytest.mark.parametrize(("says", "status", "state", "receipts"), SAID)
def test_each_answer_and_what_pg_makes_of_it(
    till: Till,
    simulator: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    says: str,
    status: int,
    state: str,
    receipts: int,
) -> None:
    monkeypatch.setattr(outcomes, "TIMEOUT", 0.5)
    transaction = till.created(till.bill(), gateway="AXIS")
    say(simulator, transaction["txnId"], says)
    answer = till.update(transaction, None, name="vpc_MerchTxnRef")
    assert answer.status_code == status
    assert status == 200 or "TracerException" in problems(answer)
    assert till.sight(transaction)["txnStatus"] == state
    assert len(till.receipts_of(transaction)) == receipts


# gateway: what it makes of an unknown transaction, and of a gateway that gives no answer
OTHERS = {"PAYU": ("PENDING", "TracerException"), "PAYTM": ("FAILURE", "UNABLE_TO_FETCH_STATUS")}


@pytest.mark.parametrize("gateway", OTHERS)
@pytest.mark.parametrize(("says", "status", "state", "receipts"), SAID)
def test_other_gateways_are_called_in_their_own_way(
    till: Till,
    simulator: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    gateway: str,
    says: str,
    status: int,
    state: str,
    receipts: int,
) -> None:
    monkeypatch.setattr(outcomes, "TIMEOUT", 0.5)
    of_unknown, code = OTHERS[gateway]
    transaction = till.created(till.bill(), gateway=gateway)
    say(simulator, transaction["txnId"], says)
    answer = till.update(transaction, None)
    assert answer.status_code == status
    assert status == 200 or code in problems(answer)
    assert till.sight(transaction)["txnStatus"] == (of_unknown if says == "unknown" else state)
    assert len(till.receipts_of(transaction)) == receipts


@pytest.mark.parametrize("gateway", OTHERS)
def test_without_a_simulator_only_axis_is_active(
    faulty: Callable[..., Rehearsal], gateway: str
) -> None:
    till = Till(faulty())
    assert "INVALID_PAYMENT_GATEWAY" in problems(till.submit(till.bill(), gateway=gateway))


@pytest.mark.parametrize("gateway", ["AXIS", *OTHERS])
def test_client_cannot_state_the_outcome_that_a_gateway_is_asked_for(
    till: Till, simulator: httpx.Client, gateway: str
) -> None:
    transaction = till.created(till.bill(), gateway=gateway)
    say(simulator, transaction["txnId"], "failure")
    assert till.update(transaction, "SUCCESS", amount=100).status_code == 200
    assert till.sight(transaction)["txnStatus"] == "FAILURE"


def test_given_amount_replaces_the_promised_one(till: Till, simulator: httpx.Client) -> None:
    transaction = till.created(till.bill(amount=100), gateway="AXIS")
    say(simulator, transaction["txnId"], "success", amount="99.50")
    (answered,) = till.update(transaction).json()["Transaction"]
    assert (answered["txnStatus"], answered["txnAmount"]) == ("FAILURE", "99.5")


def test_without_a_simulator_nothing_changes(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty())
    transaction = till.created(till.bill(), gateway="AXIS")
    assert "TracerException" in problems(till.update(transaction))
    assert till.sight(transaction)["txnStatus"] == "PENDING"


def test_simulator_shows_and_takes_answers(simulator: httpx.Client) -> None:
    say(simulator, "T-1", "success", amount=5)
    shown = simulator.get("/control").json()
    assert shown["sayings"]["T-1"] == {"says": "success", "amount": "5"}
    assert simulator.post("/control", json={"default": "failure"}).json()["default"] == "failure"
    assert "vpc_TxnResponseCode=2" in simulator.post("/vpcdps").text
    assert simulator.post("/control", json={"default": "pending"}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b'{"txnId": "a", "says": "hm"}', b"{" * 5000]
)
def test_simulator_refuses_what_makes_no_sense(simulator: httpx.Client, body: bytes) -> None:
    answer = simulator.post("/control", content=body)
    assert answer.status_code == 400
    assert "says" in answer.json()["error"]


def test_default_must_be_a_saying() -> None:
    with pytest.raises(ValueError, match=", ".join(ANSWERS)):
        application("maybe")
