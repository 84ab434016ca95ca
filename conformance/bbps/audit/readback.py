"""Reads the payments of a run back, many in one search, by one criterion after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Final

from conformance.bbps.audit.rules import Mismatch
from conformance.bbps.audit.sights import PAYMENT, TRANSACTION, Record, Sights, parts
from conformance.bbps.flow import Bbps
from conformance.core.verdicts import Inconclusive

AT_ONCE: Final = 25  # keys in one search: a URL that every proxy lets through
MOST: Final = 100  # payments that a search shows at most
CRITERIA: Final[Mapping[str, Callable[[Record], str]]] = {
    "ids": lambda payment: str(payment["id"]),
    "billIds": lambda payment: _of_the_first(payment, "billId"),
    "receiptNumbers": lambda payment: _of_the_first(payment, "receiptNumber"),
}


class Readback:
    """The payments of a run that a search was made for, and those that it did not show."""

    def __init__(self, bbps: Bbps, sights: Sights) -> None:
        self._bbps = bbps
        self._sights = sights
        self.sought = 0
        self.missing: list[Mismatch] = []
        self.problem: Inconclusive | None = None  # why they could not be read

    def read(self) -> None:
        """Search the payments that the run itself made, in the city of the target."""
        criteria = cycle(CRITERIA)
        try:
            for batch in self._batches():
                self._search(next(criteria), batch)
        except Inconclusive as problem:
            self.problem = problem

    def _batches(self) -> Iterator[Sequence[Record]]:
        """Yield payments that a search has shown already: it shows them to this reader."""
        target, own = self._bbps.target, self._sights.records[TRANSACTION].keys()
        payments = [
            seen.first.record
            for seen in self._sights.records[PAYMENT].values()
            if any(each.searched for each in seen.sights)
            and (seen.created or str(seen.first.record.get("transactionNumber")) in own)
            and seen.first.record.get("tenantId") == target.tenant
            and _services(seen.first.record) & set(target.bills.services)
        ]
        for start in range(0, len(payments), AT_ONCE):
            yield payments[start : start + AT_ONCE]

    def _search(self, name: str, payments: Sequence[Record]) -> None:
        values = ",".join(dict.fromkeys(map(CRITERIA[name], payments)))
        wanted = {str(each["id"]) for each in payments}
        shown, _ = self._bbps.polling.within_deadline(
            lambda: {each.id for each in self._bbps.payments(**{name: values, "limit": MOST})},
            wanted.issubset,
        )
        self.sought += len(wanted)
        self.missing += [
            Mismatch(
                text=f"payment {each} is not shown by a search by {name} of {len(payments)}",
                exchanges=(self._sights.records[PAYMENT][each].first.exchange,),
            )
            for each in sorted(wanted - shown)
        ]


def _services(payment: Record) -> set[str]:
    return {str(each.get("businessService")) for each in parts(payment, "paymentDetails")}


def _of_the_first(payment: Record, name: str) -> str:
    return str(parts(payment, "paymentDetails")[0].get(name))
