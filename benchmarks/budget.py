"""Measures what a run needs of a deployment, for the table of conformance/run/estimate.py.

`python -m benchmarks.budget` runs each depth once on the embedded reference, and prints lines of
the table: requests, bill amounts and quiet watches per check, by module. What was made for several
checks is spread over all. A watch counts as far as it waits: what was done or waited for since the
last act is no part of it.
"""

import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import yaml

from conformance.client.client import Client
from conformance.generation import DEPTHS
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile

ABOVE: Final = 1.05  # of what was measured: other seeds may need a little more
QUIET: Final = 0.5  # seconds of a watch: enough that requests between two watches are short


def main() -> None:
    """Print the table, of all depths or those that are named."""
    table: dict[str, list[str]] = defaultdict(list)
    for depth in sys.argv[1:] or DEPTHS:
        for module, cells in measured(depth).items():
            table[module].append(f"({', '.join(cells)})")
    for module, rows in sorted(table.items()):
        print(f'    "{module}": ({", ".join(rows)}),')


def measured(depth: str) -> dict[str, tuple[str, str, str]]:
    """Return requests, amounts and watches per check of each module, at one depth."""
    watches: defaultdict[str, float] = defaultdict(float)
    last_act = Client.last_act

    def counting(client: Client) -> float | None:
        last = last_act(client)
        passed = 0.0 if last is None else time.monotonic() - last
        watches[module_of(client.check)] += max(1 - passed / QUIET, 0.0)
        return last

    Client.last_act = counting  # type: ignore[method-assign, assignment]  # each quiet watch begins with it
    try:
        with tempfile.TemporaryDirectory() as folder:
            limits = yaml.safe_load(default_profile().read_text("utf-8"))["limits"]
            settings = {"limits": {**limits, "quiet_seconds": QUIET}}
            config = RunConfig(depth=depth, settings=settings, reports=Path(folder), written=False)
            run, _ = carry_out(config)
            requests = Counter(module_of(each.check) for each in run.exchanges)
    finally:
        Client.last_act = last_act  # type: ignore[method-assign]
    assert run.results is not None
    checks = Counter(module_of(each.id) for each in run.results.checks)
    rupees: Counter[str] = Counter()
    for entry in run.bbps.ledger.entries:
        rupees[module_of(entry.check)] += entry.rupees  # type: ignore[assignment]
    amount = run.target.bills.amount
    of_checks = sum(requests[module] for module in checks)
    spread = ABOVE * len(run.exchanges) / of_checks
    return {
        module: (
            f"{requests[module] * spread / count:.2f}",
            f"{ABOVE * float(rupees[module]) / float(amount) / count:.2f}",
            f"{watches[module] / count:.1f}",
        )
        for module, count in checks.items()
    }


def module_of(check: str) -> str:
    """Return the module part of a check's id."""
    return check.partition("::")[0]


if __name__ == "__main__":
    main()
