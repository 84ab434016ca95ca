"""What must be so before an exchange can be replayed, told from its request and its answer.

A recording is a sample: the bill that a request names was made by an exchange that was not kept.
So each exchange stands alone. Its scene says which of the objects that it names must exist, and in
which state; `stage` builds that, and the recorded ids are replaced by the new ones.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from tests.agreement.recording import Exchange

State = Literal[
    "nothing",  # what the request names is unknown
    "demand",  # a demand that nobody fetched a bill for
    "bill",  # a bill that is due
    "changed demand",  # a bill, and then another amount in its demand
    "paid at the counter",
    "second receipt",  # one consumer code paid twice; the older receipt is named
    "pending",  # a transaction without an outcome
    "paid while pending",  # a transaction without an outcome, its bill paid at the counter
    "succeeded",
    "failed",
]
Outcome = Literal["success", "failure", "pending", "other-amount", "garbage"]

UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
CODE: Final = re.compile(r"\bCONF-[0-9a-z]{10,}-\d{4}\b")
TRANSACTION: Final = re.compile(r"\bPB_PG_\d{4}_\d\d_\d\d_\d+_\d+\b")
NEIGHBOUR: Final = "pb.jalandhar"
WHOLE: Final = Decimal(100)  # rupees of a bill, unless a request says another amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The state of the one bill that an exchange is about, and what is to happen around it."""

    state: State = "nothing"
    outcome: Outcome = "pending"  # what the payment gateway says when it is asked
    amount: Decimal = WHOLE  # rupees that are due
    part: Decimal | None = None  # rupees of the transaction, if it is not the whole bill
    service: str = "PT"
    tenant: str = "pb.amritsar"
    mode: str = "CASH"
    days: int = 0  # that pass between the scene and the request
    valid_days: int = 0  # that the bill is valid for; 0 for the day alone
    race: bool = False  # the same request is sent twice at the same moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The recorded ids that an exchange names, each kind in the order of its mention."""

    codes: tuple[str, ...]
    transactions: tuple[str, ...]
    bills: tuple[str, ...]
    payments: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether it names anything that must exist."""
        return bool(self.codes or self.transactions or self.bills or self.payments)


def named_in(exchange: Exchange) -> Named:
    """Return the recorded ids in a request."""
    text = f"{exchange.query} {_texts(exchange.body)}".replace("%2C", " ")
    uuids = dict.fromkeys(UUID.findall(f"{exchange.query} {' '.join(_bills(exchange.body))}"))
    pays = exchange.operation == "payment.workflow" or "&ids=" in exchange.query
    if exchange.operation == "payment.workflow":
        uuids = dict.fromkeys(UUID.findall(text))
    return Named(
        codes=tuple(dict.fromkeys(CODE.findall(text))),
        transactions=tuple(dict.fromkeys(TRANSACTION.findall(text))),
        bills=() if pays else tuple(uuids),
        payments=tuple(uuids) if pays else (),
    )


def scene_of(exchange: Exchange) -> Scene:
    """Return the scene that an exchange needs."""
    if exchange.answer.status in {401, 403, 404} or exchange.answer.status >= 500:
        return Scene()  # the gateway refused, whatever there was
    rule = RULES.get(exchange.operation)
    if rule is None or not (named_in(exchange).any or _shows_payments(exchange)):
        return Scene()
    return rule(exchange)


# --- one rule per operation ----------------------------------------------------------------------


def creating_a_demand(exchange: Exchange) -> Scene:
    """A demand is new, unless it was refused as the second of its code."""
    twice = "EG_BS_DUPLICATE_CONSUMERCODE" in exchange.answer.codes
    return _terms(exchange, state="demand" if twice else "nothing")


def reading_a_demand(exchange: Exchange) -> Scene:
    """A demand is read or changed: paid or open, as the answer shows it."""
    shown = exchange.answer.listed("Demands")
    paid = bool(shown and shown[0].get("isPaymentCompleted"))
    return _terms(exchange, state="succeeded" if paid else "demand")


def fetching_a_bill(exchange: Exchange) -> Scene:
    """A bill is fetched: nothing is due when none came; the answer's header means it existed."""
    shown = exchange.answer.listed("Bill")
    if exchange.answer.status == 201 and not shown:
        return _terms(exchange, state="succeeded")
    fresh = not (shown and exchange.answer.body.get("ResposneInfo"))
    amount = Decimal(str(shown[0]["totalAmount"])) if shown else None
    return _terms(exchange, state="demand" if fresh else "bill", amount=amount)


def reading_a_bill(exchange: Exchange) -> Scene:
    """A bill is read: its status says what became of it."""
    shown = exchange.answer.listed("Bill")
    states: dict[str, State] = {"PAID": "succeeded", "EXPIRED": "changed demand"}
    status = shown[0]["status"] if shown else "nothing"
    return _terms(exchange, state=states.get(status, "bill"))


def cancelling_a_bill(exchange: Exchange) -> Scene:
    """No active bill was left to be cancelled: it was fetched before its demand changed."""
    return _terms(exchange, state="changed demand")


def creating_a_transaction(exchange: Exchange) -> Scene:
    """A transaction is created: the refusal, or the check, says what had happened to its bill."""
    codes = exchange.answer.codes
    if "INVALID_BILL_ID" in codes:
        return _terms(exchange, state="bill", tenant=NEIGHBOUR)
    if "changed_demand" in exchange.check:
        return _terms(exchange, state="changed demand")
    states: dict[str, State] = {
        "TXN_CREATE_BILL_ALREADY_PAID": "succeeded",
        "TXN_ABRUPTLY_DISCARDED": "pending",
        "BILL_ALREADY_PAID": "paid at the counter",
    }
    return _terms(exchange, state=_first(states, codes, "bill"))


def updating_a_transaction(exchange: Exchange) -> Scene:
    """A transaction is updated: it waits for the outcome that the answer shows."""
    codes, shown = exchange.answer.codes, exchange.answer.listed("Transaction")
    overnight = exchange.check.startswith("overnight::")
    terms: dict[str, Any] = {"days": 1} if overnight else {}
    if overnight and "BILL_EXPIRED" not in codes:
        terms["valid_days"] = 3
    if "BILL_ALREADY_PAID" in codes:
        return _terms(exchange, state="succeeded", outcome="success")
    if "TracerException" in codes:
        return _terms(exchange, state="pending", outcome="garbage")
    if not shown:  # refused for a success that could not be registered
        race = "PAYMENT_CREATION_FAILED" in codes
        return _terms(exchange, state="pending", outcome="success", race=race, **terms)
    amount = Decimal(str(shown[0]["txnAmount"]))
    if "amount mismatch" in str(shown[0].get("txnStatusMsg")):
        return _terms(exchange, state="pending", outcome="other-amount")
    outcomes: dict[str, Outcome] = {"SUCCESS": "success", "FAILURE": "failure"}
    return _terms(
        exchange,
        state="pending",
        outcome=outcomes.get(shown[0]["txnStatus"], "pending"),
        **_part(amount),
        **terms,
    )


def reading_a_transaction(exchange: Exchange) -> Scene:
    """A transaction is read: its status is what the answer shows; none was stored without one."""
    shown = exchange.answer.listed("Transaction")
    if not shown:
        return Scene()
    states: dict[str, State] = {"SUCCESS": "succeeded", "FAILURE": "failed"}
    part = _part(Decimal(str(shown[0]["txnAmount"])))
    return _terms(exchange, state=states.get(shown[0]["txnStatus"], "pending"), **part)


def paying(exchange: Exchange) -> Scene:
    """A counter takes money: a refusal says that the bill was paid, and the check by whom."""
    codes = exchange.answer.codes
    if "BILL_ALREADY_PAID" in codes:
        online = "paid_by_transaction" in exchange.check
        return _terms(exchange, state="succeeded" if online else "paid at the counter")
    return _terms(exchange, state="bill", race="PAYMENT_CREATION_FAILED" in codes)


def reading_payments(exchange: Exchange) -> Scene:
    """Payments are read: made by a transaction when they are online, else at the counter."""
    if not _shows_payments(exchange):
        return Scene()
    shown = exchange.answer.listed("Payments")
    mode = shown[0]["paymentMode"] if shown else "ONLINE"
    online = mode == "ONLINE"
    return _terms(exchange, state="succeeded" if online else "paid at the counter", mode=mode)


def working_on_a_payment(exchange: Exchange) -> Scene:
    """A payment is cancelled, dishonoured or remitted: its mode follows from the check."""
    if "RECEIPT_WORKFLOW_ACTION_NOT_APPLICABLE" in exchange.answer.codes:
        return _terms(exchange, state="second receipt", service="SMP")
    if "online" in exchange.check:
        return _terms(exchange, state="succeeded")
    mode = "CHEQUE" if "cheque" in exchange.check else "CASH"
    return _terms(exchange, state="paid at the counter", mode=mode)


RULES: Final[dict[str, Callable[[Exchange], Scene]]] = {
    "demand.create": creating_a_demand,
    "demand.search": reading_a_demand,
    "demand.update": reading_a_demand,
    "bill.fetch": fetching_a_bill,
    "bill.search": reading_a_bill,
    "bill.cancel": cancelling_a_bill,
    "transaction.create": creating_a_transaction,
    "transaction.update": updating_a_transaction,
    "transaction.search": reading_a_transaction,
    "payment.create": paying,
    "payment.validate": paying,
    "payment.search": reading_payments,
    "payment.workflow": working_on_a_payment,
}


# --- terms that requests state -------------------------------------------------------------------


def _terms(exchange: Exchange, **decided: Any) -> Scene:
    """Return a scene with what the request says of its bill: amount due, service, tenant."""
    said: dict[str, Any] = {"amount": _due(exchange)}
    service = _first_of(exchange, "businessService", "businessServices", "module")
    if service in {"PT", "SMP", "CTR"}:
        said["service"] = service
    tenant = _first_of(exchange, "tenantId")
    if str(tenant).startswith("pb."):
        said["tenant"] = tenant
    chosen = said | decided
    return Scene(**{key: value for key, value in chosen.items() if value is not None})


def _part(amount: Decimal) -> dict[str, Any]:
    """Return the terms of a transaction about part of a bill, which not every service takes."""
    return {"part": amount, "service": "SMP"} if 0 < amount < WHOLE else {}


def _due(exchange: Exchange) -> Decimal | None:
    """Return the rupees that a request says are due."""
    for key in ("taxAmount", "totalDue"):
        amount = next(_values(exchange.body, key), None)
        if isinstance(amount, int | float):
            return Decimal(str(amount))
    return None


def _first_of(exchange: Exchange, *keys: str) -> Any:
    for key in keys:
        found = next(_values(exchange.sent, key), None)
        if found is None:
            match = re.search(rf"(?:^|&){key}=([^&]+)", exchange.query)
            found = match.group(1) if match else None
        if found is not None:
            return found
    return None


def _values(document: Any, key: str) -> Iterator[Any]:
    """Yield every value under a key, outside of RequestInfo."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == key:
                yield value
            elif name != "RequestInfo":
                yield from _values(value, key)
    elif isinstance(document, list):
        for each in document:
            yield from _values(each, key)


def _texts(document: Any) -> str:
    """Return all text of a body but RequestInfo, which names users."""
    if isinstance(document, dict):
        return " ".join(_texts(each) for key, each in document.items() if key != "RequestInfo")
    if isinstance(document, list):
        return " ".join(_texts(each) for each in document)
    return str(document)


def _bills(document: Any) -> Iterator[str]:
    yield from (str(value) for value in _values(document, "billId"))


def _shows_payments(exchange: Exchange) -> bool:
    """Whether payments were found; a body that was cut off is only text."""
    body = exchange.answer.body
    cut = isinstance(body, str) and '"Payments": [{' in body
    return cut or bool(exchange.answer.listed("Payments"))


def _first(states: dict[str, State], codes: set[str], otherwise: State) -> State:
    return next((state for code, state in states.items() if code in codes), otherwise)
