"""The policy: what each operation does, and that nothing leaves which the target forbids."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.client.client import ANONYMOUS, Client
from conformance.client.transport import RawRequest, RawResponse
from conformance.contracts import Contracts
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import ENDPOINTS, SPENDING, gravest_at
from conformance.core.ledger import Entry, Ledger, read
from conformance.core.redaction import Redactor
from conformance.core.verdicts import NotAllowed
from conformance.profile.target import Target

# What the operations do, written down a second time: a mistake in a declaration shows here.
MOVE_MONEY = {"transaction.update", "payment.create", "payment.workflow"}
WRITE = {
    "user.create", "user.update", "token.revoke", "demand.create", "demand.update", "bill.fetch",
    "bill.cancel", "transaction.create", "employee.create",
}  # fmt: skip
CREATE = {
    "user.create": "account",
    "demand.create": "demand",
    "transaction.create": "transaction",
    "payment.create": "payment",
}
BILL, CODE = "b-1", "CONF-1-0001"
TRANSACTION = {
    "tenantId": "pb.amritsar",
    "billId": BILL,
    "consumerCode": CODE,
    "txnAmount": "100.50",
    "taxAndPayments": [{"billId": BILL, "amountPaid": Decimal("100.50")}],
}
PAYMENT = {
    "tenantId": "pb.amritsar",
    "totalAmountPaid": Decimal(100),
    "paymentDetails": [{"billId": BILL, "totalAmountPaid": Decimal(100)}],
}
DEMAND = {"tenantId": "pb.amritsar", "consumerCode": CODE}
ACCOUNT = {"userName": "bbps-2", "tenantId": "pb"}
SUCCESS, FAILURE = {"txnStatus": "SUCCESS"}, {"txnStatus": "FAILURE"}

# A call, and the mildest mode in which it may leave.
CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("transaction.search", {}, "inspect"),
    ("payment.validate", {"body": {"Payment": PAYMENT}}, "inspect"),
    ("bill.fetch", {"query": {"consumerCode": "CONF-NONE"}}, "inspect"),
    ("bill.fetch", {"query": {"consumerCode": CODE}}, "sandbox"),
    ("bill.fetch", {"query": {"consumerCode": ["CONF-NONE", CODE]}}, "sandbox"),
    ("bill.fetch", {}, "sandbox"),
    ("user.create", {"body": {"user": ACCOUNT}}, "sandbox"),
    ("user.update", {}, "sandbox"),
    ("token.revoke", {}, "sandbox"),
    ("demand.create", {"body": {"Demands": [DEMAND]}}, "sandbox"),
    ("demand.update", {}, "sandbox"),
    ("bill.cancel", {}, "sandbox"),
    ("employee.create", {}, "sandbox"),
    ("transaction.create", {"body": {"Transaction": TRANSACTION}}, "sandbox"),
    ("transaction.create", {"raw": b"{"}, "sandbox"),
    ("transaction.update", {"query": FAILURE}, "sandbox"),
    ("transaction.update", {"query": FAILURE, "method": "GET"}, "sandbox"),
    ("transaction.update", {"query": {"eg_pg_txnid": "T1"} | SUCCESS}, "full"),
    ("transaction.update", {"query": {"eg_pg_txnid": None} | SUCCESS}, "full"),
    ("transaction.update", {"query": {"eg_pg_txnid": "T1"} | SUCCESS, "method": "GET"}, "full"),
    ("transaction.update", {"query": {"eg_pg_txnid": "T1"}}, "full"),
    ("transaction.update", {"query": {"txnStatus": "failure"}}, "full"),
    ("transaction.update", {"query": {"txnStatus": ["FAILURE", "SUCCESS"]}}, "full"),
    ("transaction.update", {"query": FAILURE | {"status": "SUCCESS"}}, "full"),
    ("transaction.update", {"query": FAILURE, "form": SUCCESS}, "full"),
    ("transaction.update", {"query": FAILURE, "url_path": "/u?txnStatus=SUCCESS"}, "full"),
    ("payment.create", {"body": {"Payment": PAYMENT}}, "full"),
    ("payment.create", {"raw": json.dumps({"Payment": {"totalAmountPaid": 1}}).encode()}, "full"),
    ("payment.create", {"raw": b'{"Payment": {"billId": "b-1"'}, "full"),
    ("payment.create", {"raw": b"<billId>b-1</billId>"}, "full"),
    ("payment.create", {"body": {"Payment": {"tenantId": "pb.amritsar"}}}, "sandbox"),
    ("payment.workflow", {"body": {"PaymentWorkflows": [{"paymentId": "p"}]}}, "full"),
    ("payment.workflow", {}, "sandbox"),
    ("demand.search", {"url_path": "/billing-service/%2564emand/_SEARCH;x=1"}, "inspect"),
    ("demand.search", {"url_path": "/billing-service/demand/_create/"}, "sandbox"),
    ("demand.search", {"url_path": "/user/password/_update"}, "sandbox"),
    ("demand.search", {"url_path": "/collection-services/payments/%5fcreate"}, "full"),
    ("payment.module-search", {"path": {"module": "../payments/_create?x="}}, "full"),
    # Paths that lead elsewhere once dots, fragments and further parts are resolved.
    ("payment.module-search", {"path": {"module": "_create#"}}, "full"),
    ("payment.module-search", {"path": {"module": "_create/.?"}}, "full"),
    ("payment.module-search", {"path": {"module": "_create/x"}}, "full"),
    ("payment.module-search", {"path": {"module": "../../pg-service/x/_update?"}}, "full"),
    ("demand.search", {"url_path": "/x/../pg-service/transaction/v1/_update"}, "full"),
    ("demand.search", {"url_path": "/pg-service/transaction/v1/_search%3F/../_update"}, "full"),
    ("demand.search", {"url_path": "/pg-service//transaction/v1/_UPDATE//"}, "full"),
    # Places other than the query that may state an outcome, and other spellings of it.
    ("transaction.update", {"query": FAILURE, "body": {"Transaction": SUCCESS}}, "full"),
    ("transaction.update", {"query": FAILURE, "raw": b"txnStatus=SUCCESS"}, "full"),
    ("transaction.update", {"query": FAILURE | {"TxnStatus": " success"}}, "full"),
    ("bill.fetch", {"query": {"consumerCode": "CONF-NONE", "consumerCode[0]": CODE}}, "sandbox"),
    ("payment.create", {"raw": '{"billId": "b-1"}'.encode("utf-16")}, "full"),
    ("payment.create", {"raw": rb'{"bill\u0049d": "b-1"}'}, "full"),
]  # fmt: skip
MODES = ("inspect", "sandbox", "full")
Make = Callable[..., Client]


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load()


class Line:
    """Takes what leaves, and answers it; keeps the kinds that the ledger held at that moment."""

    def __init__(self, ledger: Path) -> None:
        self.left: list[str] = []
        self.entered: list[list[str]] = []
        self.status = 200
        self._ledger = ledger

    def send(self, raw_request: RawRequest) -> RawResponse:
        self.left.append(raw_request.url)
        entries = read(self._ledger) if self._ledger.is_file() else []
        self.entered.append([each.kind for each in entries])
        return RawResponse(status=self.status, headers={}, content=b"{}", seconds=0.0)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "ledger.jsonl")


@pytest.fixture
def client(
    contracts: Contracts, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Make:
    """Make clients whose requests reach nothing but the line."""

    def made(mode: str, *, cap: int = 10_000, unlocked: bool = False, **settings: Any) -> Client:
        document = {
            "name": "my city",
            "base_url": "http://127.0.0.1:9",
            "tenant": "pb.amritsar",
            "state_tenant": "pb",
            "mode": mode,
            **settings,
        }
        made = Client(
            Target.model_validate(document),
            contracts,
            Redactor(),
            lambda _exchange: None,
            ledger=Ledger(tmp_path / "ledger.jsonl", Decimal(cap)),
            unlocked=unlocked,
        )
        monkeypatch.setattr(made._transport, "send", line.send)
        return made

    return made


def ask(client: Client, operation: str, parts: Mapping[str, Any]) -> None:
    spare = {"path": {"module": "PT"}} if operation.startswith("payment.") else {}
    client.call(operation, as_=ANONYMOUS, tolerant=True, **(spare | dict(parts)))


def test_every_operation_declares_what_it_does() -> None:
    declared = {name: each.effect for name, each in ENDPOINTS.items()}
    expected = {
        name: Effect.MOVES_MONEY
        if name in MOVE_MONEY
        else Effect.WRITES
        if name in WRITE
        else Effect.READS
        for name in ENDPOINTS
    }
    assert declared == expected
    assert ENDPOINTS.keys() >= MOVE_MONEY | WRITE


def test_what_is_created_stands_with_its_operation() -> None:
    created = {name: each.creates.kind for name, each in ENDPOINTS.items() if each.creates}
    assert created == CREATE
    assert {"transaction", "payment"} == SPENDING


def test_only_what_changes_nothing_the_second_time_is_repeated() -> None:
    repeated = {name for name, each in ENDPOINTS.items() if each.repeatable}
    assert repeated == ENDPOINTS.keys() - MOVE_MONEY - WRITE | {"bill.fetch"}


def test_every_operation_is_tried_in_every_mode() -> None:
    tried = {operation for operation, _, _ in CALLS}
    assert tried >= MOVE_MONEY | WRITE


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("operation", "parts", "least"), CALLS)
def test_mode_is_enforced_before_anything_leaves(
    client: Make, line: Line, mode: str, operation: str, parts: dict[str, Any], least: str
) -> None:
    if MODES.index(mode) >= MODES.index(least):
        ask(client(mode), operation, parts)
        assert len(line.left) == 1
        return
    with pytest.raises(NotAllowed) as refusal:
        ask(client(mode), operation, parts)
    assert line.left == []
    assert not line._ledger.exists()
    assert f"mode {mode}" in refusal.value.reason
    assert "--mode" in refusal.value.remedy


@pytest.mark.parametrize("operation", sorted(MOVE_MONEY | WRITE))
def test_production_that_nobody_named_is_only_read(
    client: Make, line: Line, operation: str
) -> None:
    locked = client("full", production=True)
    with pytest.raises(NotAllowed, match="my city is a production deployment") as refusal:
        ask(locked, operation, {})
    assert "--i-know-this-is" in refusal.value.remedy
    assert line.left == []
    ask(locked, "demand.search", {})
    ask(client("full", production=True, unlocked=True), operation, {})
    assert len(line.left) == 2


@pytest.mark.parametrize(
    ("operation", "body", "entry"),
    [
        ("demand.create", {"Demands": [DEMAND]}, Entry(kind="demand", key=CODE, tenant="")),
        ("user.create", {"user": ACCOUNT}, Entry(kind="account", key="bbps-2", tenant="pb")),
        (
            "transaction.create",
            {"Transaction": TRANSACTION},
            Entry(kind="transaction", key=BILL, tenant="", rupees=Decimal("100.50")),
        ),
        (
            "payment.create",
            {"Payment": PAYMENT},
            Entry(kind="payment", key=BILL, tenant="", rupees=Decimal(100)),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_created_is_written_down_before(
    client: Make, line: Line, operation: str, body: dict[str, Any], entry: Entry
) -> None:
    ask(client("full"), operation, {"body": body})
    ask(client("full"), operation, {"raw": json.dumps(body, default=float).encode()})
    assert line.entered == [[entry.kind], [entry.kind] * 2]
    for found in read(line._ledger):
        assert (found.key, found.rupees) == (entry.key, entry.rupees)
        assert found.tenant == (entry.tenant or "pb.amritsar")


def test_each_of_several_things_is_written_down(client: Make, line: Line) -> None:
    two = [DEMAND, {**DEMAND, "consumerCode": "CONF-1-0002"}]
    ask(client("sandbox"), "demand.create", {"body": {"Demands": two}})
    details = [{"billId": each, "totalAmountPaid": Decimal(60)} for each in ("b-1", "b-2")]
    paid = {"Payment": {"totalAmountPaid": Decimal(1), "paymentDetails": details}}
    ask(client("full"), "payment.create", {"body": paid})
    entered = [(each.key, each.rupees) for each in read(line._ledger)]
    assert entered == [(CODE, 0), ("CONF-1-0002", 0), ("b-1", 120), ("b-2", 0)]


def test_refused_account_is_written_down_as_none(client: Make, line: Line) -> None:
    line.status = 400
    ask(client("sandbox"), "user.create", {"body": {"user": ACCOUNT}})
    assert [(each.kind, each.key) for each in read(line._ledger)] == [
        ("account", "bbps-2"),
        ("no account", "bbps-2"),
    ]


def test_cap_is_enforced_before_anything_leaves(client: Make, line: Line) -> None:
    capped = client("full", cap=150)
    ask(capped, "payment.create", {"body": {"Payment": PAYMENT}})
    for operation, body in (
        ("payment.create", {"Payment": PAYMENT}),
        ("transaction.create", {"Transaction": TRANSACTION}),
    ):
        with pytest.raises(NotAllowed, match="the cap of 150 rupees"):
            ask(capped, operation, {"body": body})
    assert len(line.left) == 1
    assert len(read(line._ledger)) == 1


def test_what_is_nobodys_is_no_matter_of_the_ledger(client: Make, line: Line) -> None:
    nobodys = {**PAYMENT, "paymentDetails": [{"billId": "CONF-NO-BILL"}]}
    ask(client("full", cap=0), "payment.create", {"body": {"Payment": nobodys}})
    with pytest.raises(NotAllowed):
        ask(client("sandbox"), "payment.create", {"body": {"Payment": nobodys}})
    assert not line._ledger.exists()


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("transaction.create", {"Transaction": {**TRANSACTION, "consumerCode": "CONF-NONE"}}),
        ("payment.create", {"Payment": {**PAYMENT, "consumerCode": "CONF-NONE"}}),
        ("demand.create", {"Demands": [{**DEMAND, "billId": "CONF-NO-BILL"}]}),
    ],
)
def test_somebodys_key_is_entered_whatever_else_is_nobodys(
    client: Make, line: Line, operation: str, body: dict[str, Any]
) -> None:
    ask(client("full"), operation, {"body": body})
    assert len(line.entered[0]) == 1


def test_one_bill_of_somebody_is_enough_for_the_ledger(client: Make, line: Line) -> None:
    details = [{"billId": "CONF-NO-BILL"}, {"billId": BILL}]
    paid = {**PAYMENT, "paymentDetails": details}
    ask(client("full"), "payment.create", {"body": {"Payment": paid}})
    assert [each.key for each in read(line._ledger)] == [BILL]


def test_profile_that_lets_no_demand_be_raised(client: Make, line: Line) -> None:
    with pytest.raises(NotAllowed, match="lets no demand be raised"):
        ask(
            client("full", bills={"provision": "none"}),
            "demand.create",
            {"body": {"Demands": [DEMAND]}},
        )
    assert line.left == []


def test_outcome_of_another_channel_decides_about_its_transaction(client: Make, line: Line) -> None:
    outcome = {"style": "hook", "hook": {"url": "http://127.0.0.1:9"}}
    silent = client("sandbox", outcome=outcome)
    silent.policy.reports("T1", failure=True)
    silent.policy.reports("T2", failure=False)
    ask(silent, "transaction.update", {"query": {"eg_pg_txnid": "T1"}})
    for query in (
        {"eg_pg_txnid": "T2"},
        {"eg_pg_txnid": "T3"},
        {"eg_pg_txnid": ["T1", "T2"]},
        {"eg_pg_txnid": "T1"} | SUCCESS,
        FAILURE,
    ):
        with pytest.raises(NotAllowed):
            ask(silent, "transaction.update", {"query": query})
    assert len(line.left) == 1


@pytest.mark.parametrize(("mode", "reported"), [("inspect", []), ("sandbox", [False])])
def test_channel_learns_no_outcome_that_the_mode_forbids(
    client: Make, monkeypatch: pytest.MonkeyPatch, mode: str, reported: list[bool]
) -> None:
    outcome = {"style": "hook", "hook": {"url": "http://127.0.0.1:9"}}
    bbps = Bbps(client(mode, outcome=outcome), "run")
    seen: list[bool | None] = []

    def set_outcome(report: OutcomeReport) -> dict[str, str | None]:
        seen.append(report.success)
        return {}

    monkeypatch.setattr(bbps.outcome_channel, "set_outcome", set_outcome)
    for success in (False, True, None):
        with suppress(NotAllowed):
            bbps.report(OutcomeReport(transaction="T1", success=success, amount=None))
    assert seen == reported


def test_clock_of_the_deployment_is_not_moved_in_inspect(client: Make, line: Line) -> None:
    client("inspect").control("/reference/clock")
    with pytest.raises(NotAllowed):
        client("inspect").control("/reference/clock", {"advance": 1})
    assert len(line.left) == 1


def test_path_that_is_no_operation_reads_if_it_ends_so() -> None:
    assert gravest_at("/property-services/property/_search") is Effect.READS
    assert gravest_at("/property-services/property/_create") is Effect.WRITES
    assert gravest_at("/pg-service/transaction/v1/_update") is Effect.MOVES_MONEY
