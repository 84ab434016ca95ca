"""What a run has exchanged so far, for checks that judge the whole of it."""

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Self

from conformance.contracts import Contracts
from conformance.core.exchange import SET_UP, Exchange
from conformance.results.exchange_store import ExchangeStore, marks


class ExchangeLog:
    """The exchanges of a run; reading them is the evidence of a check that makes no call.

    Exchanges are read from disk one at a time, in the order of their ids: keep none of them.
    """

    def __init__(
        self,
        store: ExchangeStore,
        contracts: Contracts,
        cite: Callable[[str, str], None],
        forms: Callable[[], Sequence[Mapping[str, Any]]],
    ) -> None:
        self._store = store
        self._contracts = contracts
        self._cite = cite
        self._forms = forms
        self._check = SET_UP

    def for_check(self, check: str) -> Self:
        """Return a view on the same exchanges that counts them as evidence of a check."""
        view = copy.copy(self)
        view._check = check
        return view

    def all(self) -> Iterator[Exchange]:
        """Yield every exchange; the first is evidence."""
        self._cite_first("1")
        yield from self._store

    def answered(self, service: str) -> int:
        """Return how many valid requests to a service were answered; the first is evidence."""
        self._cite_first(f"operation IN ({marks(self._of(service))})", *self._of(service))
        condition, values = self._fair(service)
        return sum(1 for _ in self._store.ids(condition, *values))

    def departing(self, service: str) -> Iterator[Exchange]:
        """Yield the responses of a service to valid requests that depart from the contract."""
        condition, values = self._fair(service)
        return self._store.where(f"{condition} AND departs", *values)

    def breakdowns(self, service: str) -> Iterator[Exchange]:
        """Yield the responses of a service to valid requests that have a status of 500 or above."""
        condition, values = self._fair(service)
        return self._store.where(f"{condition} AND status >= 500", *values)

    def accepted(self, operation: str) -> Iterator[Exchange]:
        """Yield the exchanges of an operation that were answered with a 2xx."""
        return self._store.where("operation = ? AND status BETWEEN 200 AND 299", operation)

    def filed_under(self, check: str) -> Iterator[Exchange]:
        """Yield the exchanges filed under a name."""
        return self._store.where("filed_under = ?", check)

    def cite_all_of(self, check: str, operations: Collection[str] = ()) -> None:
        """Count every exchange filed under a name, or those of operations, as evidence."""
        names = f" AND operation IN ({marks(operations)})" if operations else ""
        for id_ in self._store.ids(f"filed_under = ?{names}", check, *operations):
            self.cite_id(id_)

    def cite_about(self, check: str, *keys: str) -> None:
        """Count the exchanges filed under a name that mention one of the keys as evidence."""
        for exchange in self._store.where("filed_under = ?", check):
            texts = (exchange.url, exchange.request_body, exchange.response_body)
            if any(key in text for key in keys for text in texts):
                self.cite(exchange)

    def latest_of(self, check: str) -> str:
        """Return the id of the latest exchange filed under a name, or an empty text."""
        return self._store.latest_of(check)

    def errata(self) -> Sequence[Mapping[str, Any]]:
        """Return the form seen of each erratum: id, form, evidence."""
        self._cite_first("1")
        return self._forms()

    def cite(self, exchange: Exchange) -> None:
        """Count an exchange as evidence of the check."""
        self.cite_id(exchange.id)

    def cite_id(self, exchange: str) -> None:
        """Count an exchange, by its id, as evidence of the check."""
        self._cite(self._check, exchange)

    def _cite_first(self, condition: str, *values: str) -> None:
        for id_ in self._store.ids(condition, *values):
            self.cite_id(id_)
            break

    def _fair(self, service: str) -> tuple[str, list[str | int]]:
        """Return the condition on a valid request to a service that the service itself answered."""
        names = self._of(service)
        return f"fair AND operation IN ({marks(names)})", [*names]

    def _of(self, service: str) -> list[str]:
        operations = self._contracts.operations.items()
        return [name for name, operation in operations if operation.service == service]
