"""What a run needs on the target before it can check: demands to pay, SYSTEM users to act as.

Everything is unique, marked with the profile's prefix and the run, and entered in the ledger.
"""

import copy
import itertools
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self, TypeVar

from conformance.bbps.bill_pool import BillPool
from conformance.bbps.clock import DAY, Clock, part_of
from conformance.bbps.demand_stock import DemandStock
from conformance.bbps.models import Bill, read, rupees
from conformance.bbps.passwords import key_of, new_password, recalled_password
from conformance.client.client import Client, Unanswered
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.exchange import SET_UP
from conformance.core.ledger import ACCOUNT, POOL, Entry, Ledger
from conformance.core.verdicts import Inconclusive
from conformance.mdms.served import tax_period
from conformance.profile.error_texts import says
from conformance.profile.target import FINANCIAL_YEAR, MASTER, Actor

T = TypeVar("T")


class Provisioning:
    """Creates test data on one target; Inconclusive where the profile or the target forbids it."""

    def __init__(self, client: Client, ledger: Ledger, run: str, clock: Clock) -> None:
        self.client = client
        self.target = client.target
        self.ledger = ledger
        self.run = run
        self.clock = clock
        self._codes = itertools.count(1)
        self._stock = DemandStock()
        self._lots: dict[str, Sequence[str]] = {}  # a consumer code -> all those of its request
        self._pool = (
            BillPool(self.target.bills.pool) if self.target.bills.provision == "pool" else None
        )

    def for_client(self, client: Client, clock: Clock) -> Self:
        """Return a view that creates for the check of another client; the rest is shared."""
        view = copy.copy(self)
        view.client, view.clock = client, clock
        return view

    def new_consumer_code(self) -> str:
        """Return a consumer code that nobody used before."""
        return f"{self.target.bills.consumer_prefix}-{self.run}-{next(self._codes):04d}"

    def code_with_bill(
        self, *, amount: Decimal | None, service: str, tenant: str, **terms: Any
    ) -> str:
        """Return a consumer code that has a bill to pay: out of the pool, or by a new demand.

        `amount` is in rupees; None leaves it to the profile, or to the bill of the pool. `terms`
        are those of `demand`.
        """
        self.client.require(Effect.WRITES)  # before a code of the pool is used up
        if self._pool is None:
            due = self.target.bills.amount if amount is None else amount
            return _twice(
                lambda: self._code_with_demand(amount=due, service=service, tenant=tenant, **terms)
            )
        if amount is not None or terms.get("valid_days"):
            raise Inconclusive(
                "a bill of a certain amount or term is needed, and those of the pool are given",
                "set bills.provision to demands where demands may be raised",
            )
        code = self._pool.take(service=service, tenant=tenant, run=self.run)
        self.ledger.enter(Entry(kind=POOL, key=code, tenant=tenant, check=self.client.check))
        return code

    def _code_with_demand(self, **terms: Any) -> str:
        kind = (self._tax_period(terms["service"]), *sorted(terms.items()))
        return self._stock.take(kind, lambda count: self._codes_with_demands(count, terms))

    def _codes_with_demands(self, count: int, terms: Mapping[str, Any]) -> Sequence[str]:
        """Raise demands together; one alone where a service refuses several in one request."""
        codes = [self.new_consumer_code() for _ in range(count)]
        response = self._raise([self._demand(each, **terms) for each in codes])
        if response.refused and count > 1:
            return self._codes_with_demands(1, terms)
        _raised(response)
        self._lots |= dict.fromkeys(codes, codes)
        return codes

    def lot_of(self, code: str) -> Sequence[str]:
        """Return the consumer codes whose demands were raised in one request, one's own too."""
        return self._lots.get(code, ())

    def demand(self, code: str, **terms: Any) -> Response:
        """Raise a demand for a consumer code, as the administrator; `terms` are those of one."""
        return _raised(self._raise([self._demand(code, **terms)]))

    def demands(self, code: str, parts: Sequence[Mapping[str, Decimal]], **terms: Any) -> None:
        """Raise a demand for each part of the tax period, together where a service takes that.

        `parts` are the rupees of the tax heads of each; `terms` are those of `demand`.
        """
        each = [
            self._demand(code, lines=lines, part=(number, len(parts)), **terms)
            for number, lines in enumerate(parts, 1)
        ]
        together = self._raise(each)
        if not (together.refused and len(each) > 1):
            _raised(together)
            return
        for one in each:
            _raised(self._raise([one]))

    def _raise(self, demands: Sequence[Mapping[str, Any]]) -> Response:
        return self.client.call(
            "demand.create", as_="administrator", body={"Demands": list(demands)}
        )

    def _demand(
        self,
        code: str,
        *,
        amount: Decimal,
        service: str,
        tax_head: str,
        tenant: str,
        valid_days: int = 0,
        lines: Mapping[str, Decimal] | None = None,
        part: tuple[int, int] = (1, 1),
        owner: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Return a demand for a consumer code.

        `lines` are the rupees of several tax heads, in place of an amount of one. `part` is the
        number of a part of the tax period, and how many parts it has. `owner` is who owes it.
        """
        period = part_of(self._tax_period(service), *part)
        term: dict[str, Any] = {"billExpiryTime": valid_days * DAY} if valid_days else {}
        term |= {"payer": owner} if owner else {}
        return {
            "tenantId": tenant,
            "consumerCode": code,
            "consumerType": "conformance",
            "businessService": service,
            "taxPeriodFrom": period[0],
            "taxPeriodTo": period[1],
            **term,
            "demandDetails": [
                {"taxHeadMasterCode": head, "taxAmount": each, "collectionAmount": 0}
                for head, each in (lines or {tax_head: amount}).items()
            ],
        }

    def _tax_period(self, service: str) -> tuple[int, int]:
        """Return the begin and the end, in epoch ms, of the period that new demands are for."""
        period = self.target.bills.tax_period
        if period == FINANCIAL_YEAR:
            return self.clock.financial_year()
        if period == MASTER:
            return tax_period(self.client, service, self.clock.now())
        first, _, last = period.partition("..")
        return self.clock.days(date.fromisoformat(first), date.fromisoformat(last))

    def change_demand(self, bill: Bill, amount: Decimal) -> None:
        """Change the first demand of a bill to an amount in rupees, as the administrator."""
        demand = self._demand_of(bill)
        read(demand, "demandDetails", 0)["taxAmount"] = amount
        self._update(demand)

    def change_demand_by(self, bill: Bill, more: Decimal) -> None:
        """Raise or lower the first demand of a bill by rupees, as the administrator."""
        demand = self._demand_of(bill)
        line = read(demand, "demandDetails", 0)
        line["taxAmount"] = rupees(read(line, "taxAmount")) + more
        self._update(demand)

    def add_to_demand(self, bill: Bill, head: str, amount: Decimal) -> None:
        """Add an amount of a tax head to the first demand of a bill, as the administrator."""
        demand = self._demand_of(bill)
        line = {"taxHeadMasterCode": head, "taxAmount": amount, "collectionAmount": 0}
        self._update({**demand, "demandDetails": [*read(demand, "demandDetails"), line]})

    def shift_in_demand(self, bill: Bill, head: str, amount: Decimal) -> None:
        """Have rupees of the first line of a bill's first demand under another tax head instead."""
        demand = self._demand_of(bill)
        lines = read(demand, "demandDetails")
        lines[0]["taxAmount"] = rupees(read(lines[0], "taxAmount")) - amount
        for line in lines[1:]:
            if line.get("taxHeadMasterCode") == head:
                line["taxAmount"] = rupees(read(line, "taxAmount")) + amount
                break
        else:
            lines.append({"taxHeadMasterCode": head, "taxAmount": amount, "collectionAmount": 0})
        self._update(demand)

    def cancel_demand(self, bill: Bill) -> Decimal:
        """Cancel the first demand of a bill, as the administrator; return what was due on it."""
        demand = self._demand_of(bill)
        self._update({**demand, "status": "CANCELLED"})
        return _due_on(demand)

    def is_due(self, bill: Bill) -> bool:
        """Whether a demand of the bill's consumer code stands and is not fully collected."""
        return any(each > 0 for each in self._dues_of(bill))

    def due_on(self, bill: Bill) -> Decimal:
        """Return the rupees that the demands of a bill's consumer code leave to be paid."""
        return sum(self._dues_of(bill), Decimal(0))

    def lines_of(self, bill: Bill) -> dict[tuple[str, str], Decimal]:
        """Return what is due, in rupees, by the id and the tax head of each demand of a bill."""
        due: dict[tuple[str, str], Decimal] = {}
        for demand in self._demands_of(bill):
            for line in read(demand, "demandDetails"):
                key = str(read(demand, "id")), str(read(line, "taxHeadMasterCode"))
                due[key] = due.get(key, Decimal(0)) + _due_of(line)
        return due

    def _dues_of(self, bill: Bill) -> Iterator[Decimal]:
        """Yield what is left to be paid on each demand that stands."""
        for demand in self._demands_of(bill):
            if demand.get("status") != "CANCELLED":
                yield _due_on(demand)

    def _demand_of(self, bill: Bill) -> Any:
        return read(self._demands_of(bill), 0)

    def _demands_of(self, bill: Bill) -> Any:
        response = self.client.call(
            "demand.search",
            as_=self.target.readers.demands,
            query={
                "tenantId": bill.tenant,
                "businessService": bill.business_service,
                "consumerCode": bill.consumer_code,
            },
        )
        return read(response.body, "Demands")

    def _update(self, demand: Any) -> None:
        changed = self.client.call("demand.update", as_="administrator", body={"Demands": [demand]})
        if not changed.succeeded:
            raise Inconclusive(
                f"the demand could not be changed: {changed.description}",
                "let the administrator update demands",
            )

    def namesake(self, of: str, *, as_: str, tenant: str) -> Actor:
        """Have a SYSTEM user with the same user name at another tenant, enlisted as `as_`."""
        original = self.client.actor(of)
        if original.tenant == tenant:
            raise Inconclusive(f"the {of} is at {tenant} itself", "name another tenant")
        actor = original.model_copy(update={"tenant": tenant})
        response = self.submit_user(actor)
        taken = says(response.text, self.target.error_texts.name_taken)
        if not response.succeeded and not taken:
            raise Inconclusive(
                f"no namesake could be created: {response.description}", "see USR-01"
            )
        self.client.enlist(as_, actor)
        return actor

    def new_system_user(
        self, name: str, /, *, role_tenant: str = "", kind: str = "SYSTEM", **changes: Any
    ) -> tuple[Actor, Response]:
        """Create a user with the BBPS role, as the administrator; enlist it as `name`.

        `kind` is its type; `changes` replace fields of the request.
        """
        tenant = role_tenant or self.target.state_tenant
        actor, response = _twice(lambda: self._submitted_account(name, tenant, kind, **changes))
        if response.succeeded:
            self.client.enlist(name, actor)
        return actor, response

    def _submitted_account(
        self, name: str, tenant: str, kind: str, /, **changes: Any
    ) -> tuple[Actor, Response]:
        username = f"{self.new_consumer_code()}-{name}".lower()
        recalled = name in self.target.actors  # a later part of the run needs it again
        password = self._recalled(username) if recalled else new_password()
        actor = _account(username, password, tenant, kind)
        self.client.redactor.learn(actor.password.get_secret_value())
        return actor, self.submit_user(actor, **changes)

    def prepare_accounts(self) -> None:
        """Begin what takes long of the accounts that the run creates, while calls go on."""
        administrator = self.client.actors.get("administrator")
        if administrator and any(each.create for each in self.client.actors.values()):
            key_of(administrator)

    def recall_system_user(self, name: str, owners: Collection[str]) -> None:
        """Enlist the SYSTEM user that an earlier part of the run created as `name`.

        Of several, the `owners` (user names) of what was prepared come first, then the latest. If
        none obtains a token any more, another has to be created; Inconclusive if that stays open.
        """
        before = self.client.actors[name]
        accounts = [each for each in self.ledger.entries if each.kind == ACCOUNT]
        made = [each for each in accounts if each.check == SET_UP and each.key.endswith(f"-{name}")]
        for entry in sorted(reversed(made), key=lambda each: each.key not in owners):
            password = self._recalled(entry.key)
            self.client.redactor.learn(password)
            self.client.enlist(name, _account(entry.key, password, entry.tenant))
            if self.client.login(name).succeeded:
                return
        self.client.enlist(name, before)

    def _recalled(self, username: str) -> str:
        return recalled_password(username, self.client.actor("administrator"))

    def system_user(self, name: str, /, *, role_tenant: str = "", **changes: Any) -> Actor:
        """Have a SYSTEM user with the BBPS role at a tenant (the state's), enlisted as `name`.

        `changes` replace fields of the request for it.
        """
        actor, response = self.new_system_user(name, role_tenant=role_tenant, **changes)
        if not response.succeeded:
            raise Inconclusive(
                f"no SYSTEM user could be created: {response.description}",
                "see USR-01 for creation",
            )
        return actor

    def account(
        self, name: str, *, type_: str, tenant: str, roles: list[dict[str, str]]
    ) -> tuple[Actor, dict[str, Any]]:
        """Have a user of any type, enlisted as `name`; return it, and what its creation shows."""
        username = f"{self.new_consumer_code()}-{name}".lower()
        described = {"username": username, "password": new_password(), "type": type_}
        actor = Actor.model_validate(described | {"tenant": tenant})
        self.client.redactor.learn(actor.password.get_secret_value())
        response = self.submit_user(actor, roles=roles)
        if not response.succeeded:
            raise Inconclusive(
                f"no {type_} user could be created: {response.description}",
                response.missing_grant or "see USR-01 for creation",
            )
        self.client.enlist(name, actor)
        return actor, read(response.body, "user", 0)

    def submit_user(self, actor: Actor, *, as_: str = "administrator", **changes: Any) -> Response:
        """Request a new account; `changes` replace fields of the request."""
        account: dict[str, Any] = {
            "userName": actor.username,
            "name": "BBPS conformance",
            "mobileNumber": f"9{secrets.randbelow(10**9):09d}",
            "emailId": f"{secrets.token_hex(6)}@example.org",
            "type": actor.type,
            "active": True,
            "tenantId": actor.tenant,
            "password": actor.password.get_secret_value(),
            "roles": [{"code": self.target.role, "tenantId": actor.tenant}],
        } | changes
        return self.client.call("user.create", as_=as_, body={"user": account})


def _raised(response: Response) -> Response:
    """Return how demands were raised; Inconclusive if they were not."""
    if not response.succeeded:
        raise Inconclusive(
            f"no demand could be raised for a payable bill: {response.description}",
            "correct bills.* in the profile, or let the administrator create demands",
        )
    return response


def _account(username: str, password: str, tenant: str, kind: str = "SYSTEM") -> Actor:
    return Actor.model_validate(
        {"username": username, "password": password, "type": kind, "tenant": tenant}
    )


def _twice(make: Callable[[], T]) -> T:
    """Make something new; if the response was lost, leave that behind and make another."""
    try:
        return make()
    except Unanswered:
        return make()


def _due_on(demand: Any) -> Decimal:
    """Return the rupees that a demand leaves to be paid."""
    return sum((_due_of(each) for each in read(demand, "demandDetails")), Decimal(0))


def _due_of(line: Any) -> Decimal:
    """Return the rupees that a line of a demand leaves to be paid."""
    return rupees(line.get("taxAmount") or 0) - rupees(line.get("collectionAmount") or 0)
