"""Undoing a run: cancels what its ledger names, and lists what only a person can reverse.

Idempotent: what is undone already is left alone. Accounts that the profile supplies are never
touched, and nothing that the ledger does not name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Transaction, payments_in, read, rupees
from conformance.bbps.passwords import new_password
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import SPENDING
from conformance.core.ledger import ACCOUNT, DEMAND, NO_ACCOUNT, Entry
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor

SYSTEM_USERS: Final = ("integrator", "rival")
REVERSED: Final = frozenset({"CANCELLED", "DISHONOURED"})


class CleanupState(StrEnum):
    """What became of one thing that a run created."""

    UNDONE = "undone"
    CLOSED = "nothing to do"
    LEFT = "left to a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupItem:
    """One thing that a run created, what became of it, and in `what` the details."""

    kind: str
    key: str
    state: CleanupState
    what: str

    def describe(self) -> str:
        """Return the item as one line for a reader."""
        return f"{self.state:<16} {self.kind:<12} {self.key}  {self.what}"


class Cleaner:
    """Undoes one run on one target, as the administrator of the profile."""

    def __init__(self, bbps: Bbps) -> None:
        """Prepare; NotAllowed when the target may not be changed."""
        bbps.client.require(Effect.WRITES)
        self._bbps = bbps
        self._target = bbps.target
        self._created: dict[str, Mapping[str, Any]] = {}  # accounts of the run, by uuid
        self._adopted: dict[str, str] = {}  # uuid -> actor
        self._payments_seen: set[str] = set()  # ids: one payment may be for several bills

    def clean(self, entries: Iterable[Entry]) -> Iterator[CleanupItem]:
        """End pending transactions, switch accounts off, cancel demands; name payments that stand.

        What the deployment refuses to undo is left to a person.
        """
        entries = list(entries)
        things = list(dict.fromkeys((each.kind, each.tenant, each.key) for each in entries))
        accounts = _made(entries)
        bills = _of(things, *SPENDING)
        for tenant, name in accounts:
            with suppress(Inconclusive):  # reported when the account is to be switched off
                self._note(tenant, name)
        yield from self._transactions([bill for _, bill in bills])
        for tenant, name in accounts:
            yield from _guarded("account", name, self._account(tenant, name))
        for tenant, bill in bills:
            yield from _guarded("payment", bill, self._payments(tenant, bill))
        for tenant, code in _of(things, DEMAND):
            yield from _guarded("demand", code, self._demands(tenant, code))

    def _note(self, tenant: str, name: str) -> None:
        """Remember the accounts of a name, also those that an earlier clean-up switched off."""
        for each in self._accounts(tenant, name, active=False):
            self._created[str(each.get("uuid"))] = each

    def _account(self, tenant: str, name: str) -> Iterator[CleanupItem]:
        active = self._active(tenant, name)
        for account in active:
            response = self._changed(account, active=False)
            active_still = [each.get("uuid") for each in self._active(tenant, name)]
            if not response.succeeded or account.get("uuid") in active_still:
                problem = f"the deployment does not switch it off ({response.description})"
                yield CleanupItem(
                    kind="account",
                    key=name,
                    state=CleanupState.LEFT,
                    what=f"{problem}; switch it off",
                )
            else:
                yield CleanupItem(
                    kind="account", key=name, state=CleanupState.UNDONE, what="switched off"
                )
        if not active:
            yield CleanupItem(
                kind="account", key=name, state=CleanupState.CLOSED, what="not active"
            )

    def _changed(self, account: Mapping[str, Any], *, active: bool, password: str = "") -> Response:
        """Change an account; stock DIGIT stores the password that comes, so none is left known."""
        password = password or new_password()
        self._bbps.client.redactor.learn(password)
        changes = {"active": active, "password": password}
        return self._bbps.client.call(
            "user.update", as_="administrator", body={"user": {**account, **changes}}
        )

    def _active(self, tenant: str, name: str) -> list[Mapping[str, Any]]:
        """Return the active accounts of a name that the profile does not supply."""
        accounts = self._accounts(tenant, name, active=True)
        if self._marked(name) and tenant != self._target.state_tenant:  # where SYSTEM users live
            accounts += self._accounts(self._target.state_tenant, name, active=True)
        return [each for each in accounts if each.get("active") is not False]

    def _accounts(self, tenant: str, name: str, *, active: bool) -> list[Mapping[str, Any]]:
        response = self._bbps.client.call(
            "user.search" if active else "user.search-v1",
            as_="administrator",
            body={"userName": name, "tenantId": tenant},
        )
        if not response.succeeded:
            raise Inconclusive(f"accounts cannot be searched ({response.description})")
        return [
            each
            for each in read(response.body, "user") or ()
            if (each.get("type") == "SYSTEM" or self._marked(name)) and not self._supplied(each)
        ]

    def _marked(self, name: str) -> bool:
        return name.lower().startswith(self._target.bills.consumer_prefix.lower())

    def _supplied(self, account: Mapping[str, Any]) -> bool:
        named = (account.get("userName"), account.get("tenantId"))
        return any(
            named == (each.username, each.tenant or self._target.tenant)
            for each in self._target.actors.values()
            if not each.create
        )

    def _transactions(self, bills: Iterable[str]) -> Iterator[CleanupItem]:
        """Let every pending transaction fail, and only then wait until that shows."""
        reported: list[tuple[Transaction, str]] = []
        for bill in bills:
            try:
                found = self._bbps.transactions(billId=bill)
            except Inconclusive as problem:
                yield _untouched("transaction", bill, problem)
                continue
            pending = [each for each in found if each.status == "PENDING"]
            reported += [(each, self._hindrance(each)) for each in pending]
        for transaction, hindrance in reported:
            hindrance = hindrance or self._still_pending(transaction)
            yield CleanupItem(
                kind="transaction",
                key=transaction.id,
                state=CleanupState.LEFT if hindrance else CleanupState.UNDONE,
                what=f"pending on bill {transaction.bill_id}: {hindrance}; let its payment gateway "
                "report a failure, or see that it expires"
                if hindrance
                else "marked failed by its owner",
            )

    def _hindrance(self, transaction: Transaction) -> str:
        """Report a failure of a transaction, in the style of the profile; empty, or why not.

        Its owner does it, an account of the run, or else a user that the profile supplies.
        """
        hindrances = []
        try:
            self._bbps.outcome_channel.open()
            names = [self._adoption(transaction), *self._supplied_users()]
        except Inconclusive as problem:
            return problem.reason
        for name in filter(None, names):
            try:
                response = self._bbps.update(transaction, FAILURE, as_=name)
            except Inconclusive as problem:
                hindrances.append(problem.reason)
                continue
            if response.succeeded:
                return ""
            hindrances.append(f"its owner could not mark it failed: {response.description}")
        return next(iter(hindrances), "nobody can act as its owner")

    def _still_pending(self, transaction: Transaction) -> str:
        """Wait until a transaction shows as failed; empty, or why that is not known."""
        try:
            self._bbps.polling.eventually(
                lambda: self._bbps.transaction(transaction.id),
                lambda read: read.status == "FAILURE",
                "its failure",
            )
        except Inconclusive as problem:
            return problem.reason
        return ""

    def _supplied_users(self) -> list[str]:
        actors = self._bbps.client.actors
        return [name for name in SYSTEM_USERS if name in actors and not actors[name].create]

    def _adoption(self, transaction: Transaction) -> str:
        """Give the account of the run that owns a transaction a fresh password; return its actor.

        One that was switched off is switched on, until its turn comes. Empty if there is none.
        """
        uuid = transaction.created_by
        if uuid in self._created and uuid not in self._adopted:
            self._adopted[uuid] = self._enlisted(self._created[uuid])
        name = self._adopted.get(uuid, "")
        if name:
            self._bbps.owned(transaction, by=name)
        return name

    def _enlisted(self, account: Mapping[str, Any]) -> str:
        actor = Actor.model_validate(
            {
                "username": account.get("userName"),
                "password": new_password(),
                "type": account.get("type"),
                "tenant": account.get("tenantId"),
            }
        )
        changed = self._changed(account, active=True, password=actor.password.get_secret_value())
        if not changed.succeeded:
            return ""
        name = f"owner-{len(self._adopted) + 1}"
        self._bbps.client.enlist(name, actor)
        return name

    def _payments(self, tenant: str, bill: str) -> Iterator[CleanupItem]:
        response = self._bbps.search_payments(tenantId=tenant, billIds=bill)
        if response.status in {401, 403}:  # a reader at one city may not read another
            response = self._bbps.search_payments(
                as_="administrator", tenantId=tenant, billIds=bill
            )
        if not response.succeeded:
            raise Inconclusive(f"payments of bill {bill} cannot be read ({response.description})")
        for payment in payments_in(response):
            if payment.id in self._payments_seen:
                continue
            self._payments_seen.add(payment.id)
            standing = not {payment.status, payment.instrument_status} & REVERSED
            receipts = ", ".join(payment.receipt_numbers)
            yield CleanupItem(
                kind="payment",
                key=payment.id,
                state=CleanupState.LEFT if standing else CleanupState.CLOSED,
                what=f"{payment.amount} rupees, {payment.mode}, receipt {receipts}: cancel the "
                "receipt and return the money"
                if standing
                else f"receipt {receipts} is reversed",
            )

    def _demands(self, tenant: str, code: str) -> Iterator[CleanupItem]:
        response = self._bbps.client.call(
            "demand.search",
            as_=self._target.readers.demands,
            query={"tenantId": tenant, "consumerCode": code},
        )
        if not response.succeeded:
            raise Inconclusive(f"demands of {code} cannot be read ({response.description})")
        for demand in read(response.body, "Demands") or ():
            state, what = self._closed(demand)
            yield CleanupItem(kind="demand", key=code, state=state, what=what)

    def _closed(self, demand: Mapping[str, Any]) -> tuple[CleanupState, str]:
        """Cancel a demand, or reduce it to what was collected on it, so that nothing is due."""
        if demand.get("status") == "CANCELLED":
            return CleanupState.CLOSED, "cancelled already"
        details = demand.get("demandDetails") or ()
        collected = sum(rupees(each.get("collectionAmount") or 0) for each in details)
        due = sum(rupees(each.get("taxAmount") or 0) for each in details) - collected
        if demand.get("isPaymentCompleted") or (collected and due <= 0):
            return CleanupState.CLOSED, f"{collected} rupees are collected on it; see its payments"
        changed: dict[str, Any]
        if collected:
            paid = [{**each, "taxAmount": each.get("collectionAmount")} for each in details]
            changed, done = {"demandDetails": paid}, f"reduced to the {collected} rupees paid"
        else:
            changed, done = {"status": "CANCELLED"}, "cancelled"
        response = self._bbps.client.call(
            "demand.update", as_="administrator", body={"Demands": [{**demand, **changed}]}
        )
        if response.succeeded:
            return CleanupState.UNDONE, done
        return CleanupState.LEFT, f"{due} rupees are due on it; cancel it ({response.description})"


def _made(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Return tenant and name of the accounts that a run requested and was not refused each time.

    A refused one may be somebody else's, of the same name.
    """
    requested = Counter((each.tenant, each.key) for each in entries if each.kind == ACCOUNT)
    requested.subtract((each.tenant, each.key) for each in entries if each.kind == NO_ACCOUNT)
    return [account for account, count in requested.items() if count > 0]


def _of(things: Iterable[tuple[str, str, str]], *kinds: str) -> list[tuple[str, str]]:
    """Return tenant and key of the things of some kinds, each once."""
    wanted = [(tenant, key) for kind, tenant, key in things if kind in kinds and key]
    return list(dict.fromkeys(wanted))


def _guarded(kind: str, key: str, items: Iterator[CleanupItem]) -> Iterator[CleanupItem]:
    """Leave to a person what cannot be read."""
    try:
        yield from items
    except Inconclusive as problem:
        yield _untouched(kind, key, problem)


def _untouched(kind: str, key: str, problem: Inconclusive) -> CleanupItem:
    return CleanupItem(
        kind=kind, key=key, state=CleanupState.LEFT, what=f"not undone: {problem.reason}"
    )
