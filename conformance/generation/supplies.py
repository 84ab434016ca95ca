"""Things of the run that right requests name in place of NOWHERE, so that they can be accepted.

They are few and cheap: bills of a rupee where demands may be raised, else of the pool.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, payment_in
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.contracts.effects import NOWHERE
from conformance.core.verdicts import Inconclusive

ONE: Final = Decimal(1)  # rupee
RESERVED: Final = 100  # most rupees that the attempts on cheap bills of one operation reserve
AMOUNTS: Final = frozenset({"txnAmount", "taxAmount", "amountPaid", "totalDue", "totalAmountPaid"})
Filling = Mapping[tuple[str, Any], Any]  # (name of a field, its stand-in) -> what leaves


class Supply:
    """What the requests of one operation name; a request that uses it up is followed by another."""

    def __init__(self, operation: str, most: int) -> None:
        """Take how many things may be used up."""
        self.trouble: Inconclusive | None = None  # why nothing could be had
        self._make = _MAKERS.get(operation, _naming_nothing)
        self._used_up = operation in CONSUMING
        self._most = self._left = most
        self._attempts = 0
        self._filling: Filling | None = None

    def filling(self, bbps: Bbps, document: Any) -> Filling:
        """Return what stands for what in a document; nothing where it has to name NOWHERE."""
        if self._filling is None and self._left > 0:
            self._left -= 1
            try:
                self._filling = self._make(bbps)
            except Inconclusive as problem:
                self.trouble, self._left = problem, 0
        filling = self._filling
        if filling is None or self._attempts >= self._allowed(filling) or unsafe(document, filling):
            return {}
        self._attempts += self._used_up
        return filling

    def allow(self, count: int) -> None:
        """Let so many more things be used up."""
        self._left = 0 if self.trouble else count

    def accepted(self) -> None:
        """Take note that a request was accepted, which may have used up what it named."""
        if self._used_up:
            self._filling = None

    def _allowed(self, filling: Filling) -> int:
        """How many attempts may name it: each reserves its rupees against the cap of the run."""
        return max(2 * self._most, int(RESERVED / _price(filling)))


def filled(node: Any, filling: Filling) -> Any:
    """Return a copy of a document in which stand-ins gave way."""
    if isinstance(node, Mapping):
        return {key: _value(key, value, filling) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(item, filling) for item in node]
    return node


def unsafe(document: Any, filling: Filling) -> bool:
    """Whether a filled document would name more money than is due, or a name with a wrong password.

    The first would count against the cap of the run, the second might lock the account.
    """
    if ("password", NOWHERE) in filling and ("password", NOWHERE) not in set(_fields(document)):
        return True
    return any(each > _price(filling) for each in _amounts(filled(document, filling)))


def _fields(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield each field that holds a text or a number, with what it holds."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str | int | float | Decimal):
                yield key, value
            yield from _fields(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _fields(item)


def _price(filling: Filling) -> Decimal:
    """Return the rupees of the bill that a filling names; without a bill, more than any amount."""
    prices = [each for each in filling.values() if isinstance(each, Decimal)]
    return max(prices, default=Decimal("Infinity"))


def _amounts(node: Any) -> Iterator[Decimal]:
    for key, value in _fields(node):
        if key in AMOUNTS:
            with suppress(ArithmeticError):
                yield from (each for each in [Decimal(str(value))] if not each.is_nan())


def _value(key: str, value: Any, filling: Filling) -> Any:
    if isinstance(value, str | int | float | Decimal):
        return filling.get((key, value), value)
    return filled(value, filling)


def _naming_nothing(_: Bbps) -> Filling:
    return {}


def _bill(bbps: Bbps) -> Bill:
    cheap = bbps.target.bills.provision == "demands"
    return bbps.new_bill(amount=ONE if cheap else None)


def _naming_a_bill(bbps: Bbps) -> Filling:
    bill, stated = _bill(bbps), bbps.target.bills.amount
    amounts = {(name, stated): bill.amount for name in AMOUNTS}
    return {
        ("billId", NOWHERE): bill.id,
        ("consumerCode", NOWHERE): bill.consumer_code,
        ("txnAmount", f"{stated:f}"): f"{bill.amount:f}",
        **amounts,
    }


def _naming_a_consumer_code(bbps: Bbps) -> Filling:
    """Have a consumer code on which something is due: some refuse where nothing is."""
    return {("consumerCode", NOWHERE): _bill(bbps).consumer_code}


def _naming_a_transaction(bbps: Bbps) -> Filling:
    """Have a transaction that can fail; where no outcome can be set, one that stays open."""
    transaction = bbps.create_transaction(_bill(bbps))
    with suppress(Inconclusive):
        bbps.report(
            OutcomeReport(transaction=transaction.id, success=False, amount=transaction.amount)
        )
    return {(bbps.target.outcome.parameters.id, NOWHERE): transaction.id}


def _naming_a_payment(bbps: Bbps) -> Filling:
    response = bbps.submit_payment(_bill(bbps), "CASH")
    if not response.succeeded:
        raise Inconclusive(
            f"no payment could be created: {response.description}",
            response.missing_grant or "see PAY-01",
        )
    return {("paymentId", NOWHERE): payment_in(response).id}


def _naming_an_account(bbps: Bbps) -> Filling:
    """Have the credentials of the BBPS user; its name never stands beside a wrong password."""
    actor = bbps.client.actor("integrator")
    return {
        ("username", NOWHERE): actor.username,
        ("password", NOWHERE): actor.password.get_secret_value(),
    }


def _naming_a_session(bbps: Bbps) -> Filling:
    return {("access_token", NOWHERE): bbps.client.token("cashier")}


_MAKERS: Final[Mapping[str, Callable[[Bbps], Filling]]] = {
    "bill.fetch": _naming_a_consumer_code,
    "transaction.create": _naming_a_bill,
    "payment.create": _naming_a_bill,
    "payment.validate": _naming_a_bill,
    "transaction.update": _naming_a_transaction,
    "payment.workflow": _naming_a_payment,
    "token.create": _naming_an_account,
    "token.details": _naming_a_session,
}
# What they accept uses up what it names.
CONSUMING: Final = frozenset(
    {"transaction.create", "transaction.update", "payment.create", "payment.workflow"}
)
