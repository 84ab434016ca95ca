"""Master data as the exchanges of a run show it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from conformance.core.exchange import Exchange
from conformance.core.json_text import loaded
from conformance.core.verdicts import Inconclusive
from conformance.mdms.masters import MASTERS, MasterRows, Masters, Spot

SEARCH: Final = "mdms.search"


def recorded(exchanges: Iterable[Exchange], state: str) -> Masters:
    """Return the masters of the state tenant as they were first answered in a run.

    One that no exchange shows raises Inconclusive when it is looked at. Places are files as in a
    checkout, without lines.
    """
    found: dict[str, list[Any]] = {}
    for exchange in exchanges:
        if exchange.operation == SEARCH and exchange.status == 200:
            for file, rows in _rows(exchange, state).items():
                found.setdefault(file, rows)

    def master_of(file: str) -> MasterRows:
        if file not in found:
            raise Inconclusive(f"no exchange of the run shows {file}")
        module, name = MASTERS[file]
        path = Path(module) / f"{name}.json"

        def spot(index: int | None, *_: str) -> Spot:
            return Spot(path=path, row="" if index is None else f"row {index + 1}")

        return MasterRows(rows=found[file], spot=spot)

    return Masters(master_of)


def _rows(exchange: Exchange, state: str) -> dict[str, list[Any]]:
    """Return the rows of each master in an answer; nothing of another tenant, or of no form."""
    try:
        criteria = loaded(exchange.request_body)["MdmsCriteria"]
        answered = loaded(exchange.response_body)["MdmsRes"]
        if criteria["tenantId"] != state:
            return {}
        named = {
            file: answered.get(module, {}).get(name) for file, (module, name) in MASTERS.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    return {file: rows for file, rows in named.items() if isinstance(rows, list)}
