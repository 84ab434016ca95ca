"""The variables of a scenario that is played: given, generated when first used, and saved."""

import os
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from conformance.bbps import needs
from conformance.bbps.clock import DAY, SECOND
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.bbps.passwords import new_password
from conformance.core.json_text import fraction
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Service
from conformance.scenarios.soundness import OF_AN_ACTOR
from conformance.scenarios.templates import filled
from conformance.scenarios.values import Generated, variable_of

NUMBER: Final = "number"  # the key under which a journal keeps one that is exact


class Variables:
    """What {{variables}} stand for while one scenario is played."""

    def __init__(self, bbps: Bbps, values: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Take the values of a scenario, which are generated when they are first used."""
        self._bbps = bbps
        self._generated = dict(values)
        self._known: dict[str, Any] = dict(_given(bbps))
        self._rows = [dict(row)]
        self.bills: list[Bill] = []  # that were generated so far

    def __call__(self, name: str) -> Any:
        """Return the value of a variable, or what is inside; Inconclusive where it has none."""
        first, *inner = name.split(".")
        if first in self._generated:
            value = self._generated.pop(first)
            if isinstance(value, Generated) and value.generate == "environment":
                self._known[first] = self._from_user(first, variable_of(first, value.variable))
            else:
                self._known[first] = self._new(value)
        for depth in reversed(range(len(self._rows))):
            if first in self._rows[depth]:
                return _inside(self._of_row(depth, first), inner, name)
        if first in self._known:
            return _inside(self._known[first], inner, name)
        if len(inner) == 1 and inner[0] in OF_AN_ACTOR:
            return self._of_actor(first, inner[0])
        raise Inconclusive(f"no earlier step saved the variable {name!r}", "correct the scenario")

    def _of_row(self, depth: int, column: str) -> Any:
        """Return a value of a row, in which variables are those outside of the row."""
        rows = self._rows
        self._rows = rows[:depth]
        try:
            return filled(rows[depth][column], self)
        finally:
            self._rows = rows

    def save(self, name: str, value: Any) -> None:
        """Keep a value for later steps."""
        self._generated.pop(name, None)
        self._known[name] = value

    @contextmanager
    def row(self, row: Mapping[str, Any]) -> Iterator[None]:
        """Let the columns of a row be variables meanwhile."""
        self._rows.append(dict(row))
        try:
            yield
        finally:
            self._rows.pop()

    def kept(self) -> dict[str, Any]:
        """Return what was generated and saved so far as plain JSON, without any secret."""
        given = _given(self._bbps).keys()
        kept = {name: _plain(each) for name, each in self._known.items() if name not in given}
        hidden = self._bbps.client.redactor.plain
        return {name: each for name, each in kept.items() if hidden(str(each)) == str(each)}

    def expiry(self) -> int:
        """Return when the last of the bills expires that are payable today only, in epoch ms."""
        bills = [each for each in self._known.values() if isinstance(each, Mapping)]
        return max(
            (int(each["expires_at"]) for each in bills if "expires_today" in each), default=0
        )

    def _from_user(self, name: str, variable: str) -> str:
        """Return a variable of the environment, which no report repeats."""
        value = os.environ.get(variable)
        if value is None:
            raise Inconclusive(
                f"the scenario needs {{{{{name}}}}}, which nobody gave", f"set {variable}=..."
            )
        if value not in map(str, _given(self._bbps).values()):  # that is in every report
            self._bbps.client.redactor.learn(value, f"${{{variable}}}")
        return value

    def _of_actor(self, actor: str, what: str) -> Any:
        identity = self._bbps.client.actor(actor)
        if what == "token":
            return self._bbps.client.token(actor)
        if what == "password":
            return identity.password.get_secret_value()
        return getattr(identity, what)

    def _new(self, value: Any) -> Any:
        if not isinstance(value, Generated):
            return filled(value, self)
        bbps, now = self._bbps, self._bbps.clock.now() + (value.days or 0) * DAY
        match value.generate:
            case "text":
                code = bbps.provision.new_consumer_code()
                return f"{value.prefix}-{code}" if value.prefix else code
            case "consumer-code":
                return bbps.provision.new_consumer_code()
            case "uuid":
                return str(uuid.uuid4())
            case "mobile":
                return f"9{secrets.randbelow(10**9):09d}"
            case "email":
                return f"{secrets.token_hex(6)}@example.org"
            case "password":
                password = new_password()
                bbps.client.redactor.learn(password)
                return password
            case "number":
                first, last = value.between or (0, 10**6)
                return first + secrets.randbelow(last - first + 1)
            case "rupees":
                return self._rupees(value)
            case "time":
                return now
            case "seconds":
                return now // SECOND
            case "date":
                return bbps.clock.day(now).isoformat()
            case "bill":
                return self._bill(value)

    def _rupees(self, value: Generated) -> Decimal:
        if value.between is not None:
            first, last = value.between
            return Decimal(first + secrets.randbelow(last - first + 1))
        return self._amount(value.of) + self._amount(value.plus or 0)

    def _amount(self, stated: Any) -> Decimal:
        """Return a number, or that of a variable; Inconclusive if it has none."""
        found = filled(stated, self)
        try:
            number = fraction(str(found))
        except (ValueError, ArithmeticError):
            number = Decimal("NaN")
        if not number.is_finite():
            raise Inconclusive(f"{stated} is {found!r}, which is no amount", "correct the scenario")
        return number

    def _bill(self, value: Generated) -> dict[str, Any]:
        """Return an unpaid bill as a scenario sees it."""
        amount = None if value.amount is None else self._amount(value.amount)
        terms: dict[str, Any] = {"amount": amount, "valid_days": value.valid_days or 0}
        bbps = self._bbps
        mode = None if value.mode is None else str(filled(value.mode, self))
        service = _service(bbps, value.service, mode)
        bill = bbps.bill_of(service, **terms) if service else bbps.new_bill(**terms)
        self.bills.append(bill)
        today = {} if value.valid_days else {"expires_today": True}
        return {
            "id": bill.id,
            "consumer_code": bill.consumer_code,
            "amount": bill.amount,
            "tenant": bill.tenant,
            "business_service": bill.business_service,
            "expires_at": bill.expires_at,
            **today,
        }


def _service(bbps: Bbps, which: str | None, mode: str | None) -> Service | None:
    """Return a business service by what it allows, None for the main one.

    Raises Inconclusive or NotApplicable where there is none.
    """
    if which == "whole":
        return needs.refusing(bbps, less=True, mode=mode).service
    if which == "partial":
        return needs.part_payment(bbps)
    if which == "restricted":
        return needs.disallowing(bbps).service
    return None if mode is None else needs.taking(bbps, mode)


def _given(bbps: Bbps) -> Mapping[str, Any]:
    """Return the variables that every scenario may use."""
    target = bbps.target
    first, last = bbps.clock.financial_year()
    names = target.outcome.parameters
    return {
        "tenant": target.tenant,
        "state_tenant": target.state_tenant,
        "business_service": target.bills.business_service,
        "tax_head": target.bills.tax_head,
        "module": target.bills.search_module,
        "amount": target.bills.amount,
        "gateway": target.outcome.gateway,
        "callback_url": target.outcome.callback_url,
        "role": target.role,
        "consumer_code": bbps.provision.new_consumer_code(),
        "period_from": first,
        "period_to": last,
        "id_parameter": names.id,
        "status_parameter": names.status,
        "amount_parameter": names.amount,
        "success": names.success,
        "failure": names.failure,
    }


def _inside(value: Any, parts: list[str], name: str) -> Any:
    for part in parts:
        try:
            value = value[int(part)] if isinstance(value, list | tuple) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise Inconclusive(f"the variable {name!r} has no {part!r}") from None
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return {NUMBER: f"{value:f}"} if isinstance(value, Decimal) else value


def rebuilt(value: Any) -> Any:
    """Return what `kept` made plain as it was."""
    if isinstance(value, Mapping):
        if value.keys() == {NUMBER}:
            return Decimal(value[NUMBER])
        return {key: rebuilt(each) for key, each in value.items()}
    return [rebuilt(each) for each in value] if isinstance(value, list) else value
