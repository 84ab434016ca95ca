"""A reference served for a profile, and the doctor sent there without a run around it."""

import itertools
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.bbps.ending import Ended
from conformance.bbps.flow import Bbps
from conformance.bbps.outcome_channels.http_server import ChannelRequest, ChannelResponse, Listener
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.exchange import Exchange
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.requirements import Register
from conformance.doctor import Diagnostic, Examination, examine
from conformance.profile.loading import SHIPPED_MASTERS
from conformance.profile.target import SHIPPED, Target
from conformance.reference import Deployment, Settings, serve
from conformance.reference.app.serving import serve_application
from conformance.reference.payment_gateways.simulator import application
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile
from conformance.run.session import Run

Serve = Callable[..., Deployment]
NUMBERS = itertools.count(1)
COUNTED = ("users", "demands", "bills", "transactions", "payments")


class Visit:
    """One examination of a deployment, what it exchanged, and its ledger."""

    def __init__(self, target: Target, contracts: Contracts, ledger: Path) -> None:
        self.exchanges: list[Exchange] = []
        self.ledger = ledger
        self.client = Client(
            target,
            contracts,
            Redactor(),
            self.exchanges.append,
            ledger=Ledger(ledger, target.limits.rupees_per_run),
        )
        run = f"visit-{next(NUMBERS)}"  # names what it creates
        self.bbps = Bbps(self.client, run)
        self.examination: Examination = examine(self.bbps, tuple(Register.load()))

    @property
    def faults(self) -> list[tuple[str, str]]:
        return [(diagnostic.area, diagnostic.what) for diagnostic in self.examination.faults]

    @property
    def only(self) -> Diagnostic:
        """The one fault that was found, complete with evidence, cause and remedy."""
        assert len(self.examination.faults) == 1, self.text
        diagnostic = self.examination.faults[0]
        assert diagnostic.evidence, diagnostic
        assert diagnostic.cause, diagnostic
        assert diagnostic.remedy, diagnostic
        return diagnostic

    @property
    def text(self) -> str:
        return "\n".join(diagnostic.describe() for diagnostic in self.examination.diagnostics)


Go = Callable[..., Visit]


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return Contracts.load()


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serve references, with whatever settings, while a test lasts."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serve(Settings(**settings)))


@pytest.fixture
def visit(contracts: Contracts, tmp_path: Path) -> Iterator[Go]:
    """Send the doctor to an address with the profile of the reference, sections changed."""
    visits: list[Visit] = []

    def go(base_url: str, **changes: Any) -> Visit:
        document = described(base_url, **changes)
        if document["mdms"].get("repository") == SHIPPED:
            document["mdms"]["repository"] = str(SHIPPED_MASTERS)
        target = Target.model_validate(document)
        visits.append(Visit(target, contracts, tmp_path / "ledger.jsonl"))
        return visits[-1]

    yield go
    for each in visits:
        each.bbps.outcome_channel.close()
        each.client.close()


def left_pending(config: RunConfig) -> Run:
    """Carry out a run that ends none of its transactions, as one that is cut short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.run.session.end_pending", lambda *_, **__: Ended())
        return carry_out(config)[0]


def described(base_url: str, **changes: Any) -> dict[str, Any]:
    """Return the shipped profile for an address; sections are merged, None removes a setting."""
    document: dict[str, Any] = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    document |= {"base_url": base_url, "clock_url": ""}
    for key, value in changes.items():
        old = document.get(key)
        merged = old | value if isinstance(old, dict) and isinstance(value, dict) else value
        document[key] = merged
        if isinstance(merged, dict):
            document[key] = {name: each for name, each in merged.items() if each is not None}
    return document


def only(service: str) -> dict[str, Any]:
    """Return bills of one business service alone."""
    alone = {"business_service": service, "tax_head": f"{service}_TAX"}
    return alone | {"partial": None, "restricted": None}


def counted(db: Path) -> dict[str, int]:
    """Count what a deployment holds of everything that a run may create; tokens are no matter."""
    with sqlite3.connect(db) as books:
        return {
            table: books.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
            for table in COUNTED
        }


def rows(db: Path, statement: str) -> list[Any]:
    """Return the first column of what a statement finds in the database of a deployment."""
    with closing(sqlite3.connect(db)) as books:
        return [row[0] for row in books.execute(statement)]


def payable(db: Path) -> list[str]:
    """Consumer codes on whose demands something is still due."""
    documents = [
        json.loads(text)
        for text in rows(db, "select document from demands where status = 'ACTIVE'")
    ]
    return [
        document["consumerCode"]
        for document in documents
        if sum(part["taxAmount"] - part["collectionAmount"] for part in document["demandDetails"])
    ]


@pytest.fixture
def sandbox() -> Iterator[str]:
    """A payment gateway's sandbox that the suite does not serve; yields its address."""
    with serve_application(application(), "127.0.0.1") as url:
        yield url


@pytest.fixture
def listening() -> Iterator[Callable[..., str]]:
    """Listen somewhere while a test lasts; yields a function that returns the address."""
    listeners: list[Listener] = []

    def listen(response: Callable[[ChannelRequest], ChannelResponse]) -> str:
        port = free_port()
        listeners.append(Listener("127.0.0.1", port, response))
        return f"http://127.0.0.1:{port}"

    yield listen
    for each in listeners:
        each.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
