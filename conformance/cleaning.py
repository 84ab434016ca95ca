"""Undoing a run: cancels what its ledger names, and lists what only a person can reverse.

Idempotent: what is undone already is left alone. Accounts that the profile supplies are never
touched, and nothing that the ledger does not name.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from conformance.bbps import FAILURE, Bbps
from conformance.ledger import Entry
from conformance.records import payments_in, read, rupees
from conformance.verdicts import Inconclusive

SYSTEM_USERS: Final = ("integrator", "rival")
REVERSED: Final = frozenset({"CANCELLED", "DISHONOURED"})


class Fate(StrEnum):
    """What became of one thing that a run created."""

    UNDONE = "undone"
    CLOSED = "nothing to do"
    LEFT = "left to a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One thing that a run created, what became of it, and in `what` the details."""

    kind: str
    key: str
    fate: Fate
    what: str


class Cleaner:
    """Undoes one run on one target, as the administrator of the profile."""

    def __init__(self, bbps: Bbps) -> None:
        """Prepare; Inconclusive when the profile's mode forbids writing."""
        bbps.provision.may_write()
        self._bbps = bbps
        self._target = bbps.target
        self._switched_off: set[str] = set()  # uuids

    def clean(self, entries: Iterable[Entry]) -> Iterator[Trace]:
        """Switch accounts off, end pending transactions, cancel demands; name payments that stand.

        What the deployment refuses to undo is left to a person.
        """
        things = list(dict.fromkeys((each.kind, each.tenant, each.key) for each in entries))
        for tenant, name in _of(things, "account"):
            yield from _guarded("account", name, self._account(tenant, name))
        for tenant, bill in _of(things, "transaction", "payment"):
            yield from _guarded("transaction", bill, self._transactions(bill))
            yield from _guarded("payment", bill, self._payments(tenant, bill))
        for tenant, code in _of(things, "demand"):
            yield from _guarded("demand", code, self._demands(tenant, code))

    def _account(self, tenant: str, name: str) -> Iterator[Trace]:
        found = False
        for account in self._active(tenant, name):
            found = True
            # Stock DIGIT stores whatever password an update carries, so it gets one nobody knows.
            password = f"Bb1@{secrets.token_hex(8)}"
            self._bbps.client.redactor.learn(password)
            answer = self._bbps.client.call(
                "user.update",
                as_="administrator",
                body={"user": {**account, "active": False, "password": password}},
            )
            if not answer.succeeded or self._active(tenant, name):
                said = f"the deployment does not switch it off ({answer.in_words})"
                yield Trace(kind="account", key=name, fate=Fate.LEFT, what=f"{said}; switch it off")
                continue
            self._switched_off.add(str(account.get("uuid")))
            yield Trace(kind="account", key=name, fate=Fate.UNDONE, what="switched off")
        if not found:
            self._note_owner(tenant, name)
            yield Trace(kind="account", key=name, fate=Fate.CLOSED, what="not active")

    def _active(self, tenant: str, name: str) -> list[Mapping[str, Any]]:
        """Return the active SYSTEM accounts of a name that the profile does not supply."""
        accounts = self._accounts(tenant, name, active=True)
        marked = name.lower().startswith(self._target.bills.consumer_prefix.lower())
        if marked and tenant != self._target.state_tenant:  # where SYSTEM users live
            accounts += self._accounts(self._target.state_tenant, name, active=True)
        return [each for each in accounts if each.get("active") is not False]

    def _accounts(self, tenant: str, name: str, *, active: bool) -> list[Mapping[str, Any]]:
        answer = self._bbps.client.call(
            "user.search" if active else "user.search-v1",
            as_="administrator",
            body={"userName": name, "tenantId": tenant},
        )
        if not answer.succeeded:
            raise Inconclusive(f"accounts cannot be searched ({answer.in_words})")
        return [
            each
            for each in read(answer.body, "user") or ()
            if each.get("type") == "SYSTEM" and not self._supplied(each)
        ]

    def _supplied(self, account: Mapping[str, Any]) -> bool:
        named = (account.get("userName"), account.get("tenantId"))
        return any(
            named == (each.username, each.tenant or self._target.tenant)
            for each in self._target.actors.values()
            if not each.create
        )

    def _note_owner(self, tenant: str, name: str) -> None:
        """Remember an account that an earlier clean-up switched off."""
        for each in self._accounts(tenant, name, active=False):
            self._switched_off.add(str(each.get("uuid")))

    def _transactions(self, bill: str) -> Iterator[Trace]:
        for transaction in self._bbps.transactions(billId=bill):
            if transaction.status != "PENDING":
                continue
            if self._failed_by_owner(transaction.id):
                fate, what = Fate.UNDONE, "marked failed by its owner"
            elif transaction.created_by in self._switched_off:
                fate, what = Fate.CLOSED, "pending; its owner is switched off, nobody can finish it"
            else:
                fate = Fate.LEFT
                what = f"pending on bill {bill}; let its owner mark it failed, or let it expire"
            yield Trace(kind="transaction", key=transaction.id, fate=fate, what=what)

    def _failed_by_owner(self, id_: str) -> bool:
        """Mark a transaction failed as a SYSTEM user that the profile supplies, if it is his."""
        for name in SYSTEM_USERS:
            actor = self._bbps.client.actors.get(name)
            if actor is None or actor.create:
                continue
            self._bbps.update(id_, FAILURE, as_=name)
            if [each.status for each in self._bbps.transactions(txnId=id_)] == ["FAILURE"]:
                return True
        return False

    def _payments(self, tenant: str, bill: str) -> Iterator[Trace]:
        answer = self._bbps.search_payments(tenantId=tenant, billIds=bill)
        if not answer.succeeded:
            raise Inconclusive(f"payments of bill {bill} cannot be read ({answer.in_words})")
        for payment in payments_in(answer):
            standing = not {payment.status, payment.instrument_status} & REVERSED
            receipts = ", ".join(payment.receipt_numbers)
            yield Trace(
                kind="payment",
                key=payment.id,
                fate=Fate.LEFT if standing else Fate.CLOSED,
                what=f"{payment.amount} rupees, {payment.mode}, receipt {receipts}: cancel the "
                "receipt and return the money"
                if standing
                else f"receipt {receipts} is reversed",
            )

    def _demands(self, tenant: str, code: str) -> Iterator[Trace]:
        answer = self._bbps.client.call(
            "demand.search",
            as_=self._target.readers.demands,
            query={"tenantId": tenant, "consumerCode": code},
        )
        if not answer.succeeded:
            raise Inconclusive(f"demands of {code} cannot be read ({answer.in_words})")
        for demand in read(answer.body, "Demands") or ():
            fate, what = self._cancelled(demand)
            yield Trace(kind="demand", key=code, fate=fate, what=what)

    def _cancelled(self, demand: Mapping[str, Any]) -> tuple[Fate, str]:
        if demand.get("status") == "CANCELLED":
            return Fate.CLOSED, "cancelled already"
        details = demand.get("demandDetails") or ()
        collected = sum(rupees(each.get("collectionAmount") or 0) for each in details)
        if collected or demand.get("isPaymentCompleted"):
            return Fate.CLOSED, f"{collected} rupees are collected on it; see its payments"
        answer = self._bbps.client.call(
            "demand.update",
            as_="administrator",
            body={"Demands": [{**demand, "status": "CANCELLED"}]},
        )
        if answer.succeeded:
            return Fate.UNDONE, "cancelled"
        return Fate.LEFT, f"the deployment does not cancel it ({answer.in_words}); cancel it"


def _of(things: Iterable[tuple[str, str, str]], *kinds: str) -> list[tuple[str, str]]:
    """Return tenant and key of the things of some kinds, each once."""
    wanted = [(tenant, key) for kind, tenant, key in things if kind in kinds and key]
    return list(dict.fromkeys(wanted))


def _guarded(kind: str, key: str, traces: Iterator[Trace]) -> Iterator[Trace]:
    """Leave to a person what cannot be looked at."""
    try:
        yield from traces
    except Inconclusive as problem:
        yield Trace(kind=kind, key=key, fate=Fate.LEFT, what=f"not undone: {problem.reason}")
