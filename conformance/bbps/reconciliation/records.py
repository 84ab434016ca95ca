"""Reads the books back on every bill on which a run may have moved money.

The ledger names these bills. They are read together, many in one search where the API allows it.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, Self, TypeVar

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, Transaction, read
from conformance.bbps.reconciliation.comparison import Page, Place, Reading, codes_of
from conformance.contracts.endpoints import SPENDING
from conformance.core.ledger import DEMAND, TRANSACTION, Entry
from conformance.core.side_by_side import all_of
from conformance.core.verdicts import RUN_THE_OTHERS, Inconclusive

T = TypeVar("T")
AT_ONCE: Final = 50  # keys in one search: a URL that every proxy lets through
MOST: Final = 100  # payments that a search shows at most
ROWS: Final = 16  # of searches that do not wait for one another, for any number of jobs


def filed_under(name: str) -> tuple[str, ...]:
    """Return what the exchanges of books that are read side by side are filed under."""
    return (name, *(f"{name}, row {number}" for number in range(1, ROWS + 1)))


class BillRecords:
    """The books of one target, as the readers of the profile see them.

    `known`: the transactions of bills that checks have read back already; where books disagree,
    they are read again.
    """

    def __init__(self, bbps: Bbps, known: Mapping[str, Sequence[Mapping[str, Any]]] = {}) -> None:
        self._bbps = bbps
        self._known = dict(known)
        self._rows: tuple[Self, ...] = ()

    def side_by_side(self) -> Self:
        """Return a view that reads in rows, some at a time, each filed under its own name."""
        view = copy.copy(self)
        view._rows = tuple(map(self._row, filed_under(self._bbps.check)[1:]))
        return view

    def _row(self, name: str) -> Self:
        row = copy.copy(self)
        row._bbps = self._bbps.for_check(name)
        return row

    def _do(self, tasks: "Sequence[Callable[[BillRecords], None]]") -> None:
        """Do what does not wait for one another; raise the first Inconclusive of it, at the end."""
        problems: dict[int, Inconclusive] = {}

        def do(row: "tuple[int, BillRecords]") -> None:
            first, records = row
            for place in range(first, len(tasks), len(rows)):
                try:
                    tasks[place](records)
                except Inconclusive as problem:
                    problems[place] = problem

        rows: Sequence[BillRecords] = self._rows or (self,)
        abandon = self._bbps.client.abandon if self._rows else lambda: None
        jobs = self._bbps.jobs if self._rows else 1
        all_of(list(enumerate(rows)), do, jobs=jobs, abandon=abandon)
        if problems:
            raise problems[min(problems)]

    def reading(self) -> Reading:
        """Read back every bill on which this run may have moved money, until its books agree.

        Inconclusive when there is none, or a search does not show them all.
        """
        moved = self._moved()
        if not moved:
            raise Inconclusive("no check tried to move money", RUN_THE_OTHERS)
        ids = list(dict.fromkeys(entry.key for entry in moved))
        bills = self._bills(ids)
        if len(bills) < len(ids):
            raise Inconclusive(
                f"of {len(ids)} bills on which checks tried to move money a search shows "
                f"{len(bills)}",
                "name an actor who may search bills in readers.bills",
            )
        pages = self._pages(bills, moved)
        self._fill(pages)
        return self._settled(pages)

    def page(self, bill: Bill) -> Page:
        """Read one bill back, until its books agree or the deadline has passed."""
        entry = Entry(kind=TRANSACTION, key=bill.id, tenant=bill.tenant, check=self._bbps.check)
        (page,) = self._pages([bill], [entry])
        self._turn([page])
        return self._settled([page]).pages[0]

    def _settled(self, pages: list[Page]) -> Reading:
        """Read pages again on which books disagree, until they agree or the deadline."""
        reading = Reading(pages)

        def again() -> list[Page]:
            self._turn(reading.disagreeing)
            return reading.disagreeing

        if reading.disagreeing:
            self._bbps.polling.within_deadline(again, lambda left: not left)
        return reading

    def _moved(self) -> list[Entry]:
        """Return the entries of the ledger that may have moved money in the city of the target."""
        tenant = self._bbps.target.tenant  # a city's reader sees no other city's books
        entries = self._bbps.ledger.entries
        return [
            entry
            for entry in entries
            if entry.kind in SPENDING and entry.key and entry.tenant == tenant
        ]

    def _pages(self, bills: Sequence[Bill], moved: Sequence[Entry]) -> list[Page]:
        """Open a page for each consumer code of the bills."""
        checks = {entry.key: entry.check for entry in moved}
        transacted = {entry.key for entry in moved if entry.kind == TRANSACTION}
        raised = {entry.key for entry in self._bbps.ledger.entries if entry.kind == DEMAND}
        pages: dict[tuple[Place, str], Page] = {}
        for bill in bills:
            place, code = (bill.tenant, bill.business_service), bill.consumer_code
            if (place, code) not in pages:
                pages[place, code] = Page(
                    code=code, place=place, check=checks[bill.id], raised=code in raised
                )
            page = pages[place, code]
            page.ids.append(bill.id)
            page.bills.append(bill)
            if bill.id in transacted:
                page.transacted.append(bill.id)
        return list(pages.values())

    def _turn(self, pages: list[Page]) -> None:
        """Read pages again, the bills first."""
        self._do(
            [partial(BillRecords._read, pages=batch, book="bill") for batch in _batches(pages)]
        )
        self._fill(pages)

    def _fill(self, pages: list[Page]) -> None:
        """Read what the other books hold on pages whose bills are known."""
        by_place: dict[Place, list[Page]] = defaultdict(list)
        for page in pages:
            by_place[page.place].append(page)
        parts: list[tuple[Sequence[Page], str]] = [
            (batch, book)
            for own in by_place.values()
            for batch in _batches(own)
            for book in ("payment", "demand")
        ]
        parts += [([page], "transaction") for page in pages]
        self._do([partial(BillRecords._read, pages=own, book=book) for own, book in parts])

    def _read(self, pages: Sequence[Page], book: str) -> None:
        """Read one book for pages, or note why it cannot be read."""
        find = {
            "bill": self._find_bills,
            "transaction": self._find_transactions,
            "payment": self._find_payments,
            "demand": self._find_demands,
        }[book]
        for page in pages:
            page.unread.pop(book, None)
        try:
            find(pages)
        except Inconclusive as problem:
            for page in pages:
                page.unread[book] = problem.reason

    def _find_bills(self, pages: Sequence[Page]) -> None:
        found = {bill.id: bill for bill in self._bills([id_ for page in pages for id_ in page.ids])}
        for page in pages:
            page.bills = [found[id_] for id_ in page.ids if id_ in found]

    def _find_transactions(self, pages: Sequence[Page]) -> None:
        for page in pages:  # a search takes one bill, and shows five transactions
            page.transactions = [
                each
                for id_ in page.transacted
                for each in self._transactions(id_)
                if each.bill_id == id_
            ]

    def _transactions(self, bill: str) -> Sequence[Transaction]:
        known = self._known.pop(bill, None)
        if known is not None:
            return [Transaction.of(each) for each in known]
        return self._bbps.transactions(billId=bill)

    def _find_payments(self, pages: Sequence[Page]) -> None:
        tenant, service = pages[0].place
        found = self._bbps.payments(
            tenantId=tenant, businessServices=service, consumerCodes=_codes(pages), limit=MOST
        )
        if len(found) >= MOST or not all(_is_of(pages, each) for each in found):
            raise Inconclusive("a search shows payments of other consumer codes", "see PAY-11")
        for page in pages:
            page.payments = [each for each in found if page.pays(each)]

    def _find_demands(self, pages: Sequence[Page]) -> None:
        tenant, service = pages[0].place
        found = self._found(
            "demand.search",
            self._bbps.target.readers.demands,
            {"tenantId": tenant, "businessService": service, "consumerCode": _codes(pages)},
            "Demands",
        )
        for page in pages:
            page.demands = [each for each in found if each.get("consumerCode") == page.code]

    def _bills(self, ids: Sequence[str]) -> list[Bill]:
        """Search bills by id; a search shows but the newest of each consumer code at a time."""
        found: dict[str, Bill] = {}
        batches = _batches(ids)
        self._do([partial(BillRecords._find, ids=batch, found=found) for batch in batches])
        return [found[id_] for id_ in ids if id_ in found]

    def _find(self, ids: Sequence[str], found: dict[str, Bill]) -> None:
        left = list(ids)
        while left:
            response = self._found(
                "bill.search",
                self._bbps.target.readers.bills,
                {"tenantId": self._bbps.target.tenant, "billId": ",".join(left)},
                "Bill",
            )
            shown = [each for each in map(Bill.of, response) if each.id in left]
            found.update({each.id: each for each in shown})
            left = [id_ for id_ in left if id_ not in found] if shown else []

    def _found(self, operation: str, reader: str, query: Mapping[str, str], key: str) -> list[Any]:
        """Return what a search shows; Inconclusive if it is refused."""
        response = self._bbps.client.call(operation, as_=reader, query=query)
        if not response.succeeded:
            raise Inconclusive(
                f"{operation} as {reader} is answered {response.description}",
                "name an actor who may search in readers of the profile",
            )
        return list(read(response.body, key) or ())


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _is_of(pages: Sequence[Page], payment: Payment) -> bool:
    """Whether a payment pays on the consumer code of any of the pages."""
    return any(page.code in codes_of(payment) for page in pages)


def _codes(pages: Sequence[Page]) -> str:
    return ",".join(page.code for page in pages)
