"""What the simulator takes for a question of pg-service, and answers, protocol by protocol."""

import hashlib
import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.bbps.outcome_channels.simulator import SimulatorChannel
from conformance.profile.outcome import GatewaySimulator

ID = "PB-PG-2026-11-25-000123-45"
AXIS = {"vpc_Command": "queryDR", "vpc_MerchTxnRef": ID, "vpc_User": "u"}
PAYU = {"key": "K", "command": "verify_payment", "var1": ID}
PAYTM = {"MID": "M", "ORDER_ID": ID, "CHECKSUMHASH": "x"}
Open = Callable[..., tuple[SimulatorChannel, httpx.Client]]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Serve a simulator, and speak to it."""
    things: list[Any] = []

    def serve(gateway: str, **merchant: str) -> tuple[SimulatorChannel, httpx.Client]:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {"port": port, "merchant": merchant}
        outcome_channel = SimulatorChannel(gateway, GatewaySimulator.model_validate(settings))
        outcome_channel.open()
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        things.extend((client, outcome_channel))
        return outcome_channel, client

    yield serve
    for each in things:
        each.close()


def report(success: bool | None, amount: str = "123.45") -> OutcomeReport:
    return OutcomeReport(transaction=ID, success=success, amount=Decimal(amount))


STATES: list[tuple[bool | None, str, str, str]] = [
    (True, "0", "success", "TXN_SUCCESS"),
    (False, "2", "failure", "TXN_FAILURE"),
    (None, "P", "pending", "PENDING"),
]


@pytest.mark.parametrize(("success", "axis", "payu", "paytm"), STATES)
def test_states(opened: Open, success: bool | None, axis: str, payu: str, paytm: str) -> None:
    outcome_channel, client = opened("AXIS")
    outcome_channel.set_outcome(report(success))
    said = parse_qs(client.post("/vpcdps", params=AXIS).text)
    assert said["vpc_TxnResponseCode"] == [axis]
    assert said["vpc_Amount"] == ["12345"]  # paise
    assert said["vpc_TransactionNo"] != [""]

    outcome_channel, client = opened("PAYU")
    outcome_channel.set_outcome(report(success))
    response = client.post("/merchant/postservice.php?form=2", data=PAYU).json()
    details = response["transaction_details"][ID]
    assert (details["status"], details["transaction_amount"]) == (payu, "123.45")

    outcome_channel, client = opened("PAYTM")
    outcome_channel.set_outcome(report(success))
    told = client.post("/merchant-status/getTxnStatus", json=PAYTM).json()
    assert (told["STATUS"], told["TXNAMOUNT"], told["ORDERID"]) == (paytm, "123.45", ID)


def test_later_report_replaces_an_earlier_one(opened: Open) -> None:
    outcome_channel, client = opened("PAYTM")
    for success, status in ((None, "PENDING"), (True, "TXN_SUCCESS"), (False, "TXN_FAILURE")):
        outcome_channel.set_outcome(report(success))
        assert client.post("/", json=PAYTM).json()["STATUS"] == status


@pytest.mark.parametrize("path", ["/", "/vpcdps", "/behind/a/proxy/vpcdps"])
def test_any_path_will_do(opened: Open, path: str) -> None:
    outcome_channel, client = opened("AXIS")
    outcome_channel.set_outcome(report(True))
    assert "vpc_TxnResponseCode=0" in client.post(path, params=AXIS).text


def test_axis_may_put_the_module_before_the_id(opened: Open) -> None:
    outcome_channel, client = opened("AXIS")
    outcome_channel.set_outcome(report(True))
    asked = AXIS | {"vpc_MerchTxnRef": f"PT-{ID}"}
    assert "vpc_TxnResponseCode=0" in client.post("/", params=asked).text


def test_untold_outcome_is_an_outage_that_ends_no_transaction(opened: Open) -> None:
    _, client = opened("AXIS")
    assert client.post("/", params=AXIS).status_code == 503


def test_payu_sends_the_payer_on_at_creation(opened: Open) -> None:
    _, client = opened("PAYU")
    response = client.post("/_payment", data={"key": "K", "txnid": ID, "amount": "1.00"})
    assert (response.status_code, response.headers["location"]) == (302, f"{client.base_url}/payer")


def test_payu_seal(opened: Open) -> None:
    outcome_channel, client = opened("PAYU", key="K", salt="Grains")
    outcome_channel.set_outcome(report(True))
    assert client.post("/", data=PAYU).status_code == 403
    assert client.post("/", data=PAYU | {"key": "L"}).status_code == 403
    seal = hashlib.sha512(f"K|verify_payment|{ID}|Grains".encode()).hexdigest()
    assert client.post("/", data=PAYU | {"hash": seal}).status_code == 200


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{" * 5000, b"\xff\xfe", json.dumps({"ORDER_ID": ID}).encode()],
)
def test_what_is_no_question_is_told_so(opened: Open, content: bytes) -> None:
    _, client = opened("PAYTM")
    headers = {"Content-Type": "application/json"}
    assert client.post("/", content=content, headers=headers).status_code == 404
    assert client.get("/").status_code == 404


def test_endless_bodies_are_not_read(opened: Open) -> None:
    _, client = opened("PAYTM")
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
        assert b" 413 " in line.recv(100)


def test_who_hangs_up_disturbs_nobody(opened: Open, capfd: pytest.CaptureFixture[str]) -> None:
    outcome_channel, client = opened("PAYTM")
    port = client.base_url.port or 0
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
    outcome_channel.set_outcome(report(True))
    assert client.post("/", json=PAYTM).status_code == 200
    assert capfd.readouterr().err == ""
