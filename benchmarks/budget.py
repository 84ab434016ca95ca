"""Measures what a run asks of a deployment, for the table of conformance/run/estimate.py.

`python -m benchmarks.budget` runs each depth once on the embedded reference, and prints lines of
the table: requests, bill amounts and quiet watches per check, by module.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.bbps.polling import Polling
from conformance.core.exchange import CURRENT_CHECK
from conformance.generation import DEPTHS
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig


def main() -> None:
    """Print the table."""
    table: dict[str, list[str]] = defaultdict(list)
    for depth in DEPTHS:
        for module, cells in measured(depth).items():
            table[module].append(f"({', '.join(cells)})")
    for module, rows in sorted(table.items()):
        print(f'    "{module}": ({", ".join(rows)}),')


def measured(depth: str) -> dict[str, tuple[str, str, str]]:
    """Return requests, amounts and watches per check of each module, at one depth."""
    watches: Counter[str] = Counter()
    watched: Callable[..., Any] = Polling.lastingly

    def counting(polling: Polling, *diagnostics: Any) -> Any:
        watches[module_of(CURRENT_CHECK.get())] += 1
        return watched(polling, *diagnostics)

    Polling.lastingly = counting  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as folder:
            run, _ = carry_out(RunConfig(depth=depth, reports=Path(folder), written=False))
            requests = Counter(module_of(each.check) for each in run.exchanges)
    finally:
        Polling.lastingly = watched  # type: ignore[method-assign]
    assert run.results is not None
    checks = Counter(module_of(each.id) for each in run.results.checks)
    rupees: Counter[str] = Counter()
    for entry in run.bbps.ledger.entries:
        rupees[module_of(entry.check)] += entry.rupees  # type: ignore[assignment]
    amount = run.target.bills.amount
    return {
        module: (
            f"{requests[module] / count:.1f}",
            f"{Decimal(rupees[module]) / amount / count:.1f}",
            f"{watches[module] / count:.1f}",
        )
        for module, count in checks.items()
    }


def module_of(check: str) -> str:
    """Return the module part of a check's id."""
    return check.partition("::")[0]


if __name__ == "__main__":
    main()
