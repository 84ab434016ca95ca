"""`make bench`: every figure as one Markdown table, each beside its peer or its ideal."""

import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from benchmarks import growth, overhead, parallel, peers
from benchmarks.table import Row, printed

PARTS: Final[Mapping[str, Callable[[], Iterable[Row]]]] = {
    "start-up and exchange": overhead.rows,
    "peers": peers.rows,
    "growth": growth.rows,
    "waiting": parallel.rows,
}


def main() -> None:
    """Measure, say on standard error what goes on, and print the table."""
    started = time.monotonic()
    rows: list[Row] = []
    for name, measure in PARTS.items():
        print(f"{time.monotonic() - started:4.0f} s: {name} ...", file=sys.stderr, flush=True)
        rows += measure()
    print(printed(rows))
    print(
        f"\n{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f} at the end; measured in {time.monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
