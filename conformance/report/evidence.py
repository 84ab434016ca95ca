"""Which exchange of a check is worth repeating."""

from typing import Final

from conformance.core.exchange import Exchange
from conformance.results.exchange_store import Evidence
from conformance.results.model import CheckRow

READING: Final = ("search", "module-search", "search-v1", "fetch", "details", "get")


def to_repeat(check: CheckRow, exchanges: Evidence) -> Exchange | None:
    """Return the last exchange that broke the contract or changed a thing, else the last.

    What follows it in a check usually only reads what became of it. None without exchanges.
    """
    last = None
    for id_ in reversed(check.exchanges):
        exchange = exchanges.get(id_)
        if exchange is not None and (exchange.violations or not _only_reads(exchange)):
            return exchange
        last = last or exchange
    return last


def _only_reads(exchange: Exchange) -> bool:
    return exchange.operation.rpartition(".")[2] in READING
