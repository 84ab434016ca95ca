"""What a run has exchanged so far, for checks that judge the whole of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from conformance.contracts import Contracts
from conformance.core.exchange import CURRENT_CHECK, Exchange


class Recorded:
    """The exchanges of a run; looking at them is the evidence of a check that makes no call."""

    def __init__(
        self,
        exchanges: Callable[[], Sequence[Exchange]],
        contracts: Contracts,
        cite: Callable[[str, str], None],
        forms: Callable[[], Sequence[Mapping[str, Any]]],
    ) -> None:
        self._exchanges = exchanges
        self._contracts = contracts
        self._cite = cite
        self._forms = forms

    def all(self) -> list[Exchange]:
        """Return every exchange."""
        found = list(self._exchanges())
        if found:
            self.cite(found[0])
        return found

    def of_service(self, service: str) -> list[Exchange]:
        """Return the exchanges with the operations of a service."""
        names = {
            name
            for name, operation in self._contracts.operations.items()
            if operation.service == service
        }
        found = [exchange for exchange in self._exchanges() if exchange.operation in names]
        if found:
            self.cite(found[0])
        return found

    def cite_all_of(self, check: str, operations: Collection[str] = ()) -> None:
        """Count every exchange filed under a name, or those of operations, as evidence."""
        for exchange in self._exchanges():
            if exchange.check == check and (not operations or exchange.operation in operations):
                self.cite(exchange)

    def cite_about(self, check: str, *keys: str) -> None:
        """Count the exchanges filed under a name that mention one of the keys as evidence."""
        for exchange in self._exchanges():
            said = (exchange.url, exchange.request_body, exchange.response_body)
            if exchange.check == check and any(key in text for key in keys for text in said):
                self.cite(exchange)

    def latest_of(self, check: str) -> str:
        """Return the id of the latest exchange filed under a name, or an empty text."""
        return next((each.id for each in reversed(self._exchanges()) if each.check == check), "")

    def errata(self) -> Sequence[Mapping[str, Any]]:
        """Return the form seen of each erratum: id, form, evidence."""
        self.all()
        return self._forms()

    def cite(self, exchange: Exchange) -> None:
        """Count an exchange as evidence of the current check."""
        self.cite_id(exchange.id)

    def cite_id(self, exchange: str) -> None:
        """Count an exchange, by its id, as evidence of the current check."""
        self._cite(CURRENT_CHECK.get(), exchange)
