"""Generated requests: how many per depth, and how fast beside the plain schemathesis command.

`python benchmarks/generation.py` starts the reference on loopback and prints a table. Both sides
send the valid requests of one operation, at the boundaries and by chance.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conformance.certify import Order, carry_out
from conformance.contracts import Contracts
from conformance.embedded import default_profile
from conformance.generation import DEPTHS
from conformance.profile import Profile, load
from conformance.reference import Settings, serve
from conformance.run import Options, Run

OPERATION, SERVICE, BASE = (
    "payment.module-search",
    "collection-services",
    "/collection-services/payments",
)
EXAMPLES = 30
ONLY = ("CON-01", "CON-03")


def per_depth(depth: str) -> tuple[int, float]:
    """Return how many requests a depth generates, and the seconds of a run of their checks."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run, _ = carry_out(Order(only=ONLY, depth=depth, reports=Path(folder), written=False))
        return run.campaign.sent, time.perf_counter() - started


def by_the_suite() -> tuple[int, float]:
    """Return requests and seconds of one operation's valid requests, through the suite."""
    with tempfile.TemporaryDirectory() as folder, serve(Settings()) as deployment:
        target = load(default_profile(), {}).target.model_copy(
            update={"base_url": deployment.base_url}
        )
        run = Run(Profile(target=target, origins={}), Options(reports=Path(folder)))
        run.open()
        run.client.token("cashier")
        started = time.perf_counter()
        outcome = run.campaign.valid(OPERATION)
        seconds = time.perf_counter() - started
        run.close()
        return outcome.sent, seconds


def by_schemathesis() -> tuple[int, float]:
    """Return requests and seconds of the plain command, on the same contract and operation."""
    with tempfile.TemporaryDirectory() as folder, serve(Settings()) as deployment:
        document = Path(folder) / "contract.json"
        document.write_text(json.dumps(Contracts.load().bundled(SERVICE)), encoding="utf-8")
        command = [
            str(Path(sys.executable).parent / "schemathesis"), "run", str(document),
            "--url", deployment.base_url + BASE, "--include-operation-id", OPERATION,
            "--phases", "coverage,fuzzing", "-m", "positive", "-n", str(EXAMPLES),
            "--seed", "0", "--generation-database", "none",
        ]  # fmt: skip
        started = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        found = re.search(r"(\d+) generated", done.stdout)
        return int(found[1]) if found else 0, seconds


def main() -> None:
    """Print the table."""
    for depth in [each for each in DEPTHS if each in (sys.argv[1:] or DEPTHS)]:
        requests, seconds = per_depth(depth)
        print(f"{depth:9} {requests:6} requests in {seconds:6.1f} s: {requests / seconds:6.0f}/s")
    for name, measure in (("suite", by_the_suite), ("schemathesis", by_schemathesis)):
        requests, seconds = measure()
        print(f"{name:13} {OPERATION}: {requests} in {seconds:.2f} s: {requests / seconds:.0f}/s")


if __name__ == "__main__":
    main()
