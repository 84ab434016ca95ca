"""What a run has seen of each record: every creation, update and search, read from its exchanges.

Exchanges are redacted: personal data and secrets are hidden in them, and compare with nothing.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from conformance.core.exchange import Exchange
from conformance.core.json_text import NotRead, read_json
from conformance.core.redaction import is_shortened

Record = Mapping[str, Any]
How = Literal["sent", "created", "updated", "shown"]

TRANSACTION, PAYMENT, BILL = "Transaction", "Payments", "Bill"
# Operation -> the records that its answer holds, and how they came to be there.
HOLDS: Final[Mapping[str, tuple[str, How]]] = {
    "transaction.create": (TRANSACTION, "created"),
    "transaction.update": (TRANSACTION, "updated"),
    "transaction.search": (TRANSACTION, "shown"),
    "payment.create": (PAYMENT, "created"),
    "payment.workflow": (PAYMENT, "updated"),
    "payment.module-search": (PAYMENT, "shown"),
    "payment.search": (PAYMENT, "shown"),
    "bill.fetch": (BILL, "shown"),
    "bill.search": (BILL, "shown"),
}
ID: Final = {TRANSACTION: "txnId", PAYMENT: "id", BILL: "id"}
_DECIDED: Final = re.compile("txnId|auditDetails|createdTime|createdBy")
SENT: Final = {TRANSACTION: "Transaction", PAYMENT: "Payment"}  # what a creation holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A record as one exchange has it; times in epoch ms, by this machine's clock."""

    exchange: str
    how: str  # "created", "updated", or the criteria of the search that showed it
    began: float
    ended: float
    record: Record
    searched: bool = False
    dictated: bool = False  # the request named what only a service decides (TXN-02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A plain search that was answered, and what it showed."""

    exchange: str
    query: Mapping[str, str]
    found: tuple[Record, ...]


@dataclass(slots=True)
class Seen:
    """All that was seen of one record; sights that show the same are kept once, the latest."""

    sent: Record | None = None  # what its creation requested, if that was plain
    created: list[Sight] = field(default_factory=list)
    later: dict[str, Sight] = field(default_factory=dict)  # what it holds -> where

    @property
    def first(self) -> Sight:
        """The creation, or what was seen first."""
        return next(iter(self.created or self.sights))

    @property
    def sights(self) -> list[Sight]:
        """Every sight, in the order of time."""
        return sorted([*self.created, *self.later.values()], key=lambda each: each.began)


class Sights:
    """The records of a run by kind and id, and the searches that were plain.

    `unread` counts the answers to usual requests that write, which were too large to be kept whole:
    a search may well find so much, and what is odd may be echoed.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Seen]] = {kind: defaultdict(Seen) for kind in ID}
        self.searches: dict[str, list[Search]] = {kind: [] for kind in ID}
        self.unread = 0

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> "Sights":
        """Read the exchanges of a run; those that hold no record are left aside."""
        sights = cls()
        sights.take(exchanges)
        return sights

    def take(self, exchanges: Iterable[Exchange]) -> None:
        """Take note of what further exchanges show."""
        for exchange in exchanges:
            if exchange.operation in HOLDS and (exchange.status or 0) // 100 == 2:
                self._add(exchange)

    @property
    def read_back(self) -> dict[str, list[Record]]:
        """The transactions of each bill, by its id, as a search has shown them last.

        Left out are bills with a transaction that was changed later, or never shown.
        """
        last: dict[str, list[Sight]] = defaultdict(list)
        for seen in self.records[TRANSACTION].values():
            sight = seen.sights[-1]
            last[str(sight.record.get("billId"))].append(sight)
        return {
            bill: [each.record for each in sights]
            for bill, sights in last.items()
            if all(each.searched for each in sights)
        }

    def _add(self, exchange: Exchange) -> None:
        kind, how = HOLDS[exchange.operation]
        usual = exchange.judged and exchange.request_conforms
        self.unread += usual and how != "shown" and is_shortened(exchange.response_body)
        found = tuple(_records(exchange.response_body, kind))
        query = _query(exchange)
        searched = how == "shown"
        if searched and query is not None:
            search = Search(exchange=exchange.id, query=query, found=found)
            self.searches[kind].append(search)
        began = datetime.fromisoformat(exchange.started_at).timestamp() * 1000
        text = f"a search by {', '.join(query or ()) or 'odd criteria'}" if searched else how
        requested = exchange.url + exchange.request_body
        for record in found:
            sight = Sight(
                exchange=exchange.id,
                how=text,
                began=began,
                ended=began + exchange.milliseconds,
                record=record,
                searched=searched,
                dictated=how == "created" and bool(_DECIDED.search(requested)),
            )
            self._keep(kind, sight, exchange, created=how == "created" and len(found) == 1)

    def _keep(self, kind: str, sight: Sight, exchange: Exchange, *, created: bool) -> None:
        seen = self.records[kind][str(sight.record[ID[kind]])]
        if created:
            seen.created.append(sight)
            if exchange.judged and exchange.request_conforms and kind in SENT:
                sent = next(_records(exchange.request_body, SENT[kind], known=False), None)
                seen.sent = seen.sent or sent
            return
        holds = f"{sight.how}: {json.dumps(sight.record, sort_keys=True, default=str)}"
        before = seen.later.get(holds)
        if before is None or before.began < sight.began:
            seen.later[holds] = sight


def part(record: Record, name: str) -> Record:
    """Return the object that a record has under a name; an empty one where there is none."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(record: Record, name: str) -> list[Record]:
    """Return the objects of the list that a record has under a name."""
    found = record.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _records(text: str, kind: str, *, known: bool = True) -> Iterator[Record]:
    """Yield the records in a body, as one or as a list; `known` ones have their id."""
    try:
        body = read_json(text)
    except NotRead:  # cut, or no JSON
        return
    node = body.get(kind) if isinstance(body, Mapping) else None
    for each in node if isinstance(node, list) else [node]:
        if isinstance(each, Mapping) and (not known or each.get(ID[kind])):
            yield each


def _query(exchange: Exchange) -> dict[str, str] | None:
    """Return the criteria of a plain search; None of an odd one."""
    query: dict[str, str] = {}
    pairs = parse_qsl(urlsplit(exchange.url).query)
    for name, text in pairs:
        query[name] = f"{query[name]},{text}" if name in query else text
    twice = [name for name, _ in pairs].count("tenantId") > 1  # which one counts is not for us
    if exchange.operation == "payment.module-search" and "businessServices" in query:
        module = urlsplit(exchange.url).path.split("/")[-2]  # counts as one more business service
        query["businessServices"] += f",{module}"
    return query if exchange.judged and exchange.request_conforms and not twice else None
