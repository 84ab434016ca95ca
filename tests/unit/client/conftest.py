"""A server that answers from a script, and a client that talks to it."""

import json
import os
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.exchange import Exchange
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.profile.target import Target
from tests.servers import Handler, serving

TOKEN = "0d5c2f1e-7d0c-4a5e-9d4e-2f6b1a7c9e10"
PASSWORD = "Bbps@2024"
Scripted = tuple[int, dict[str, str], bytes]


class Line:
    """A server that answers from a script, then empty searches; keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Scripted | None] = []
        self.asked: list[tuple[str, str, bytes]] = []
        self.tokens_in_headers: list[str] = []
        self.token = TOKEN  # of the next login
        self.login: dict[str, Any] = {}  # what else it answers
        line = self

        class Scripting(Handler):
            def do_POST(self) -> None:
                content = self.received()
                line.asked.append((self.command, self.path, content))
                if "auth-token" in self.headers:
                    line.tokens_in_headers.append(self.headers["auth-token"])
                if self.path.startswith("/user/oauth/token") and b"Wrong" not in content:
                    response: Scripted | None = (
                        200,
                        {},
                        json.dumps({"access_token": line.token} | line.login).encode(),
                    )
                else:
                    response = line.script.pop(0) if line.script else found([])
                if response is None:  # hang up without a word
                    self.close_connection = True
                    return
                status, headers, body = response
                self.respond(status, body, {"Content-Type": "application/json"} | headers)

        self.handler = Scripting
        self.base_url = ""

    def calls(self, path: str) -> list[bytes]:
        return [content for _, asked, content in self.asked if asked.startswith(path)]


def refusal(status: int, code: str, message: str) -> Scripted:
    """An error as services and gateways of DIGIT write it."""
    return status, {}, json.dumps({"Errors": [{"code": code, "message": message}]}).encode()


# By which the two kinds of gateway report a service that does not run.
FORWARDING = refusal(500, "ZuulRuntimeException", "com.netflix.ZuulException: Forwarding error")
CONNECTING = refusal(500, "AnnotatedConnectException", "finishConnect(..) failed")


def found(transactions: Sequence[Any]) -> Scripted:
    return 200, {}, json.dumps({"ResponseInfo": None, "Transaction": transactions}).encode()


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    with serving(line.handler) as port:
        line.base_url = f"http://127.0.0.1:{port}"
        yield line


class Talk:
    """A client on the scripted line, and what it recorded."""

    def __init__(self, base_url: str, contracts: Contracts, **limits: Any) -> None:
        self.recorded: list[Exchange] = []
        self.seen: list[int] = []  # statuses of searches that the observer was shown
        target = Target.model_validate(
            {
                "name": "line",
                "base_url": base_url,
                "tenant": "pb.amritsar",
                "state_tenant": "pb",
                "mode": "full",
                "actors": {
                    "integrator": {"username": "bbps", "password": PASSWORD, "type": "SYSTEM"}
                },
                "limits": {"requests_per_second": 1000, "timeout_seconds": 5, **limits},
            }
        )
        ledger = Ledger(Path(os.devnull), Decimal(0))
        self.client = Client(
            target, contracts, Redactor(), self.recorded.append, self, ledger=ledger
        )

    def see(self, operation: str, *, status: int, **_: Any) -> None:
        if operation == "transaction.search":
            self.seen.append(status)


@pytest.fixture
def talk(line: Line, contracts: Contracts) -> Iterator[Talk]:
    talk = Talk(line.base_url, contracts)
    yield talk
    talk.client.close()
