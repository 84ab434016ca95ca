"""Ends what a run left pending: its own transactions, by a failure, before its results are written.

A pending transaction bars its bill from being paid, and holds up the job by which pg-service
enquires about all others. What the run recorded shows which there are; nothing else is searched.
"""

import json
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Transaction, transaction_in
from conformance.core.exchange import SET_UP, Exchange
from conformance.core.verdicts import Inconclusive
from conformance.results.exchange_store import ExchangeStore

ENDING: Final = "the end of the run"  # what these exchanges are filed under
IN_VAIN: Final = 5  # after so many without success the others are not tried: it would take long


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How many transactions were marked failed; which stay pending, with the reason for each."""

    count: int = 0
    left: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Created:
    """A transaction that a check created as an actor: as it was last seen, and when.

    `updated` says that an update of it was sent, so that it may have changed since.
    """

    transaction: Transaction
    actor: str
    check: str
    at: str
    updated: bool = False


def end_pending(
    bbps: Bbps, exchanges: ExchangeStore, *, keep: Collection[str] = (), jobs: int = 1
) -> Ended:
    """Let every transaction fail that a run created and saw pending last, but those of `keep`.

    As their owners, `jobs` at a time. What cannot be ended is returned, never raised.
    """
    pending = [each for each in pending_in(exchanges) if each.transaction.id not in keep]
    if not pending:
        return Ended()
    ender = _Ender(bbps)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(ender.end, pending))
    return Ended(count=ender.count, left=ender.left)


def pending_in(exchanges: ExchangeStore) -> list[Created]:
    """Return the transactions that the recorded exchanges created and showed pending last."""
    created: dict[str, Created] = {}
    for exchange in exchanges.where("operation = 'transaction.create' AND status < 300"):
        for each in _shown(exchange):
            created[each.id] = Created(
                transaction=each,
                actor=exchange.actor,
                check=exchange.check,
                at=exchange.started_at,
            )
    for exchange in exchanges.where("operation IN ('transaction.update', 'transaction.search')"):
        for each in _shown(exchange):
            known = created.get(each.id)
            if known is not None and exchange.started_at > known.at:
                known.transaction, known.at = each, exchange.started_at
        if exchange.operation == "transaction.update":
            for _, value in parse_qsl(urlsplit(exchange.url).query):
                if value in created:
                    created[value].updated = True
    return [each for each in created.values() if each.transaction.status == "PENDING"]


class _Ender:
    """Lets transactions fail, and counts; safe to share between threads."""

    def __init__(self, bbps: Bbps) -> None:
        self._bbps = bbps.for_check(ENDING)
        self._checks = bbps.for_check
        self.count = 0
        self.left: dict[str, str] = {}

    def end(self, created: Created) -> None:
        """Let one transaction fail, if it still is pending."""
        id_ = created.transaction.id
        if not self.count and len(self.left) >= IN_VAIN:
            self.left[id_] = "others could not be ended either"
            return
        try:
            if created.updated and not self._pending(id_):
                return
            problem = self._hindrance(created)
        except Inconclusive as undecided:
            problem = undecided.reason
        except Exception as unexpected:  # noqa: BLE001  must not cost the run its verdict
            problem = f"{type(unexpected).__name__}: {unexpected}"
        if problem:
            self.left[id_] = problem
        else:
            self.count += 1

    def _hindrance(self, created: Created) -> str:
        """Report a failure as the owner; empty once the transaction has failed, or why not."""
        transaction, name = created.transaction, self._owner(created)
        self._bbps.outcome_channel.open()
        self._bbps.owned(transaction, by=name)
        response = self._bbps.update(transaction, FAILURE, as_=name)
        if response.succeeded:
            status = transaction_in(response).status
            return "" if status == "FAILURE" else f"after its failure was reported it is {status}"
        if not self._pending(transaction.id):
            return ""  # it was never stored, or ended meanwhile
        return f"its owner could not mark it failed: {response.description}"

    def _pending(self, id_: str) -> bool:
        return any(
            each.id == id_ and each.status == "PENDING"
            for each in self._bbps.transactions(txnId=id_)
        )

    def _owner(self, created: Created) -> str:
        """Return the actor who created a transaction, known here if a check enlisted it."""
        actors = self._checks(created.check).client.actors
        owner, own = actors.named(created.actor), actors.key(created.actor)[0] != SET_UP
        if not own:
            return created.actor
        name = f"{created.actor} of {created.check}"
        if name not in self._bbps.client.actors:
            self._bbps.client.enlist(name, owner)
        return name


def _shown(exchange: Exchange) -> Iterator[Transaction]:
    """Yield the transactions that a response shows."""
    try:
        body: Any = json.loads(exchange.response_body)
        shown = body["Transaction"]
    except (ValueError, TypeError, KeyError):
        return
    for each in shown if isinstance(shown, list) else [shown]:
        try:
            yield Transaction.of(each)
        except (Inconclusive, ValueError, TypeError, AttributeError):
            continue
