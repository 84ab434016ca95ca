"""What must hold of everything that a run has seen: each rule yields what breaks it.

A record is judged by itself and by what was sent for it, so nobody is blamed for what others do:
fields that a service, a job of the platform or a cashier may change are named here, with sources.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from conformance.bbps.audit.differences import differences
from conformance.bbps.audit.fields import (
    KEPT_OF_PAYMENT,
    KEPT_OF_TRANSACTION,
    OF_BILL,
    OF_COLLECTION,
    OF_OUTCOME,
    OF_SERVICE,
    OF_WORKFLOW,
)
from conformance.bbps.audit.sights import (
    BILL,
    PAYMENT,
    TRANSACTION,
    Record,
    Search,
    Seen,
    Sight,
    Sights,
    part,
    parts,
)
from conformance.bbps.criteria import BILL as OF_BILLS
from conformance.bbps.criteria import PAYMENT as OF_PAYMENTS
from conformance.bbps.criteria import TRANSACTION as OF_TRANSACTIONS
from conformance.bbps.criteria import Meets, unmet
from conformance.core.redaction import REDACTED

ENDED: Final = frozenset({"SUCCESS", "FAILURE"})
USUAL: Final = re.compile(r"(?!.*  )[\w .,:;/?&=@+-]{0,50}", re.ASCII)
DETAILS: Final = "paymentDetails"
LATEST: Final = 253_402_300_800_000  # the year 10000, in epoch ms
ADDING: Final = frozenset({"mobileNumber", "email", "demandId"})  # may add further bills
CLOCKS: Final = 60_000  # ms by which the clocks of a deployment's services may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What breaks a rule, and the exchanges that show it."""

    text: str
    exchanges: tuple[str, ...]


@dataclass(slots=True)
class Applied:
    """How many records a rule applied to, and what it found."""

    applied: int
    mismatches: list[Mismatch]


Rule = Callable[[Sights], Iterator[Mismatch | None]]


def judged(rule: Rule, sights: Sights) -> Applied:
    """Apply a rule: it yields a finding, or None for a record that it is content with."""
    results = list(rule(sights))
    return Applied(len(results), [each for each in results if each is not None])


# transactions ------------------------------------------------------------------------------------


def creations_keep(sights: Sights) -> Iterator[Mismatch | None]:
    """What a transaction was created with is shown as it was sent and answered, for ever."""
    for id_, seen in sights.records[TRANSACTION].items():
        if len(seen.created) != 1:
            continue  # of somebody else, or one of two with an id
        name = f"transaction {id_}"
        yield from _kept(name, seen, OF_OUTCOME, OF_SERVICE, KEPT_OF_TRANSACTION)


def ends_stay(sights: Sights, settle_seconds: float) -> Iterator[Mismatch | None]:
    """A transaction that has ended is not shown as pending once that had time to show."""
    for id_, seen in sights.records[TRANSACTION].items():
        ends = [each for each in seen.sights if each.record.get("txnStatus") in ENDED]
        if not ends:
            continue
        first = min(ends, key=lambda each: each.ended)
        late = first.ended + settle_seconds * 1000
        again = [
            each
            for each in seen.sights
            if each.record.get("txnStatus") == "PENDING" and each.began > late
        ]
        stale = [each for each in again if each.searched]
        if not stale or len(stale) < len(again):  # an update opened it again: see TXN-09, TXN-10
            yield None
            continue
        state = first.record["txnStatus"]
        yield Mismatch(
            text=f"transaction {id_} was {first.how} as {state}, and {stale[0].how} shows PENDING",
            exchanges=(first.exchange, stale[0].exchange),
        )


def ids_are_unique(sights: Sights) -> Iterator[Mismatch | None]:
    """No two creations answer the same transaction id."""
    for id_, seen in sights.records[TRANSACTION].items():
        if seen.created and not any(each.dictated for each in seen.created):
            places = {f"{_place(each)}, created at {_time(each)}": each for each in seen.created}
            first, *others = places.items()
            yield _twice(f"transaction id {id_}", first, others)


def created_in_order(sights: Sights) -> Iterator[Mismatch | None]:
    """A transaction that was created after another one has no earlier creation time."""
    created = [
        each
        for seen in sights.records[TRANSACTION].values()
        for each in _created(seen)
        if _time(each) and not each.dictated
    ]
    ended = sorted(created, key=lambda each: each.ended)
    latest: Sight | None = None
    place = 0
    for sight in sorted(created, key=lambda each: each.began):
        while place < len(ended) and ended[place].ended < sight.began:
            if latest is None or _time(ended[place]) > _time(latest):
                latest = ended[place]
            place += 1
        if latest is None:
            continue
        early = _time(latest) - _time(sight)
        yield (
            None
            if early <= CLOCKS
            else Mismatch(
                text=f"transaction {sight.record['txnId']} ({_place(sight)}) was created after "
                f"{latest.record['txnId']} ({_place(latest)}), and its createdTime is "
                f"{early // 1000} s earlier",
                exchanges=(latest.exchange, sight.exchange),
            )
        )


def _created(seen: Seen) -> list[Sight]:
    """Return the creations of an id, without those that a service answers with an earlier one."""
    first = {(_place(each), _time(each)): each for each in reversed(seen.created)}
    return list(first.values())


# searches ----------------------------------------------------------------------------------------


def transactions_were_sought(sights: Sights) -> Iterator[Mismatch | None]:
    """Every transaction that a search shows meets all its criteria."""
    return _sought("transaction", "txnId", sights.searches[TRANSACTION], OF_TRANSACTIONS)


def bills_were_wanted(sights: Sights) -> Iterator[Mismatch | None]:
    """Every bill that a fetch by consumer codes shows is of one of them, and of the city."""
    by_codes = [each for each in sights.searches[BILL] if not ADDING & each.query.keys()]
    named = {name: OF_BILLS[name] for name in ("consumerCode", "tenantId")}
    return _sought("bill", "id", by_codes, named)


def payments_were_sought(sights: Sights) -> Iterator[Mismatch | None]:
    """Every payment that a search shows meets all its criteria."""
    return _sought("payment", "id", sights.searches[PAYMENT], OF_PAYMENTS)


# receipts ----------------------------------------------------------------------------------------


def receipts_are_unique(sights: Sights) -> Iterator[Mismatch | None]:
    """No two receipts have the same number."""
    of: dict[str, dict[str, Sight]] = defaultdict(dict)
    for id_, seen in sights.records[PAYMENT].items():
        for sight in seen.sights:
            for detail in parts(sight.record, DETAILS):
                if number := detail.get("receiptNumber"):
                    place = f"payment {id_} of bill {detail.get('billId')}"
                    of[str(number)].setdefault(place, sight)
    for number, places in of.items():
        first, *others = places.items()
        yield _twice(f"receipt number {number}", first, others)


def receipts_repeat_transactions(sights: Sights) -> Iterator[Mismatch | None]:
    """The payment of a transaction has its amounts, payer, bills and services, and mode ONLINE."""
    for transaction, payment in _receipts(sights):
        source, record = transaction.record, payment.record
        if len(paid_on := _shares(source)) != len(parts(source, "taxAndPayments")):
            continue  # a bill twice: see PAY-09
        shown = {
            **record,
            "details": [
                {**detail, "numbered": bool(detail.get("receiptNumber"))}
                for detail in parts(record, DETAILS)
            ],
        }
        due = {
            "tenantId": source.get("tenantId"),
            "paymentMode": "ONLINE",
            "totalAmountPaid": source.get("txnAmount"),
            "payerName": part(source, "user").get("name"),
            "details": [
                {"billId": id_, "totalAmountPaid": paid, "numbered": True, **_of_bill(sights, id_)}
                for id_, paid in paid_on.items()
            ],
        }
        found = list(differences(due, shown, kept=KEPT_OF_PAYMENT))
        name = f"the receipt of transaction {source['txnId']}"
        yield _finding(name, found, transaction, payment)


def receipts_are_dated_at_creation(
    sights: Sights, day: Callable[[int], date]
) -> Iterator[Mismatch | None]:
    """The receipts of a transaction are dated at its creation; most is shown by a later success."""
    for transaction, payment in _receipts(sights):
        created, ended = _time(transaction), _succeeded(sights, transaction)
        dates = [_number(each.get("receiptDate")) for each in parts(payment.record, DETAILS)]
        found = [
            f"receiptDate is {day(each)}, and the transaction was created on {day(created)}"
            for each in dates
            if day(each) != day(created)
        ]
        if ended is None or (day(ended) == day(created) and not found):
            continue  # decides nothing
        name = f"the receipt of transaction {transaction.record['txnId']}"
        yield _finding(name, found, transaction, payment)


def one_receipt_each(sights: Sights) -> Iterator[Mismatch | None]:
    """A transaction has one payment at most."""
    of: dict[str, dict[str, tuple[Sight, Sight]]] = defaultdict(dict)
    for transaction, payment in _receipts(sights):
        place = of[str(transaction.record["txnId"])]
        place[str(payment.record["id"])] = (transaction, payment)
    for id_, payments in of.items():
        exchanges = tuple(payment.exchange for _, payment in payments.values())
        yield (
            None
            if len(payments) == 1
            else Mismatch(
                text=f"transaction {id_} has the payments {', '.join(payments)}",
                exchanges=exchanges,
            )
        )


# payments ----------------------------------------------------------------------------------------


def payments_keep(sights: Sights, mode: str) -> Iterator[Mismatch | None]:
    """A payment in a mode is shown as it was sent and answered, for ever."""
    for id_, seen in sights.records[PAYMENT].items():
        if len(seen.created) == 1 and seen.first.record.get("paymentMode") == mode:
            untouched = all(each.how != "updated" for each in seen.sights)
            extra = frozenset({"additionalDetails"} if untouched else ())  # a workflow may add some
            decided, kept = OF_COLLECTION - extra, KEPT_OF_PAYMENT | extra
            yield from _kept(f"payment {id_}", seen, OF_WORKFLOW, decided, kept)


def receipts_keep(sights: Sights) -> Iterator[Mismatch | None]:
    """The payment that a transaction made is the same in every search."""
    for _, payment in _receipts(sights):
        seen = sights.records[PAYMENT][str(payment.record["id"])]
        transaction = payment.record["transactionNumber"]
        name = f"payment {payment.record['id']} of transaction {transaction}"
        yield from _kept(name, seen, OF_WORKFLOW, OF_COLLECTION, KEPT_OF_PAYMENT)


def _kept(
    name: str, seen: Seen, may_change: frozenset[str], decided: frozenset[str], kept: frozenset[str]
) -> Iterator[Mismatch | None]:
    """Compare each sight of a record with what was sent for it, and with its first sight."""
    first = seen.first
    sent, answered = _usual(seen.sent or {}), _usual(first.record)
    for sight in seen.sights:
        # An update may answer the amount that was confirmed: TXN-12 judges what comes of it.
        spared = {"txnAmount"} if sight.how == "updated" else set()
        found = list(differences(sent, sight.record, left_out=decided | spared, kept=kept))
        if sight is not first and not found:
            spared |= may_change
            found = list(differences(answered, sight.record, left_out=spared, kept=kept))
        finding = _finding(f"{name} ({sight.how})", found, first, sight)
        if finding is not None:
            yield finding
            return
    yield None


def _usual(node: Any) -> Any:
    """Return a record without its unusual texts: CON-05 judges what becomes of those."""
    if isinstance(node, Mapping):
        return {key: _usual(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_usual(each) for each in node]
    return None if isinstance(node, str) and not USUAL.fullmatch(node) else node


def _twice(name: str, first: tuple[str, Sight], others: list[tuple[str, Sight]]) -> Mismatch | None:
    """Return a finding where one name belongs to several things."""
    if not others:
        return None
    other, sight = others[0]
    return Mismatch(
        text=f"{name} is of {first[0]} and of {other}",
        exchanges=(first[1].exchange, sight.exchange),
    )


def _finding(name: str, found: list[str], *sights: Sight) -> Mismatch | None:
    if not found:
        return None
    exchanges = dict.fromkeys(each.exchange for each in sights)
    return Mismatch(text=f"{name}: {'; '.join(found[:3])}", exchanges=tuple(exchanges))


def _sought(
    kind: str, key: str, searches: list[Search], criteria: Mapping[str, Meets]
) -> Iterator[Mismatch | None]:
    for search in searches:
        query = {name: text for name, text in search.query.items() if REDACTED not in text}
        for record in search.found:
            try:
                names = unmet(criteria, record, query)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue  # CON-01 tells what such a record lacks
            yield (
                None
                if not names
                else Mismatch(
                    text=f"{kind} {record.get(key)} is shown by a search by "
                    f"{', '.join(name for name in query if name in criteria)}, and does not meet "
                    f"{', '.join(names)}",
                    exchanges=(search.exchange,),
                )
            )


def _receipts(sights: Sights) -> Iterator[tuple[Sight, Sight]]:
    """Yield each transaction of the run with a payment that has its id, as seen first."""
    transactions = sights.records[TRANSACTION]
    for seen in sights.records[PAYMENT].values():
        if seen.created:
            continue  # at the counter
        number = str(seen.first.record.get("transactionNumber"))
        if number in transactions and len(transactions[number].created) == 1:
            yield transactions[number].first, seen.first


def _shares(transaction: Record) -> dict[str, Any]:
    """What a transaction pays on each bill, by the bill's id."""
    shares = parts(transaction, "taxAndPayments")
    return {str(each.get("billId")): each.get("amountPaid") for each in shares}


def _of_bill(sights: Sights, id_: str) -> dict[str, Any]:
    """What a receipt must show of a bill that was fetched: its service and itself."""
    if id_ not in sights.records[BILL]:
        return {}
    bill = sights.records[BILL][id_].first.record
    shown = {name: bill.get(name) for name in OF_BILL}
    return {"businessService": bill.get("businessService"), "bill": shown}


def _succeeded(sights: Sights, transaction: Sight) -> int | None:
    """Return when a transaction was changed to a success, if it is shown."""
    times = [
        _number(part(each.record, "auditDetails").get("lastModifiedTime"))
        for each in sights.records[TRANSACTION][str(transaction.record["txnId"])].sights
        if each.record.get("txnStatus") == "SUCCESS"
    ]
    return min(filter(None, times), default=None)


def _time(transaction: Sight) -> int:
    return _number(part(transaction.record, "auditDetails").get("createdTime"))


def _number(value: Any) -> int:
    """Return a time in epoch ms; 0 if it is none: CON-01 judges that."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError, ArithmeticError):
        return 0
    return number if 0 <= number < LATEST else 0


def _place(transaction: Sight) -> str:
    record = transaction.record
    return f"{record.get('tenantId')}, bill {record.get('billId')}"
