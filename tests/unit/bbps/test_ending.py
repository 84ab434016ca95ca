"""Which transactions a run ends: those that it created and saw pending last."""

import json
from typing import Any

from conformance.bbps.ending import pending_in
from conformance.core.exchange import Exchange
from conformance.results.exchange_store import ExchangeStore
from tests.unit.conftest import exchange_of


def shown(number: int, operation: str, *rows: tuple[str, str], query: str = "") -> Exchange:
    """An exchange at a second, whose response shows transactions: id and status."""
    transactions: list[dict[str, Any]] = [
        {
            "txnId": id_, "txnStatus": status, "txnAmount": "100", "billId": f"B-{id_}",
            "auditDetails": {"createdBy": "uuid", "createdTime": 1},
        }
        for id_, status in rows
    ]  # fmt: skip
    one = operation == "transaction.create"
    return exchange_of(
        f"x{100 - number:03d}",  # ids do not follow time
        "transaction::some",
        operation=operation,
        actor="integrator",
        url=f"http://digit/{operation}?{query}",
        started_at=f"2026-04-01T10:00:{number:02d}.000+05:30",
        response_body=json.dumps({"Transaction": transactions[0] if one else transactions}),
    )


def test_the_latest_sight_decides_and_foreign_ones_are_left_alone() -> None:
    store = ExchangeStore()
    for exchange in (
        shown(1, "transaction.create", ("paid", "PENDING")),
        shown(2, "transaction.create", ("left", "PENDING")),
        shown(3, "transaction.create", ("refused", "PENDING")),
        shown(4, "transaction.update", ("paid", "SUCCESS"), query="transactionId=paid"),
        shown(5, "transaction.search", ("foreign", "PENDING"), ("left", "PENDING")),
        shown(6, "transaction.update", query="transactionId=refused"),
        exchange_of("x200", "set-up", operation="transaction.search", response_body="<html>"),
    ):
        store.add(exchange)
    pending = pending_in(store)
    assert {each.transaction.id: each.updated for each in pending} == {
        "left": False, "refused": True,
    }  # fmt: skip
    assert {each.actor for each in pending} == {"integrator"}
