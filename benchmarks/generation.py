"""Generated requests: how many per depth, and how fast.

`python -m benchmarks.generation [DEPTH ...] [SEED ...]` starts the reference on loopback and prints
a table (every depth, and seed 0, unless some are named). What `benchmarks.peers` compares are the
valid requests of one operation: all boundaries, and as many by chance as depth `deep` does.
"""

import sys
import tempfile
import time
from pathlib import Path

from conformance.contracts import Contracts, all_errata
from conformance.generation import DEPTHS, OPERATIONS
from conformance.profile.loading import Profile, load
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile
from conformance.run.session import Run

OPERATION, SERVICE, BASE = (
    "payment.module-search",
    "collection-services",
    "/collection-services/payments",
)
COMPARED = "deep"
ONLY = ("CON-01", "CON-03")


def per_depth(depth: str, seed: int) -> tuple[int, float]:
    """Return how many requests a depth generates, and the seconds of a run of their checks."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        config = RunConfig(only=ONLY, depth=depth, seed=seed, reports=Path(folder), written=False)
        run, _ = carry_out(config)
        return run.campaign.sent, time.perf_counter() - started


def valid_requests(url: str, seed: int) -> tuple[int, float]:
    """Return how many valid requests of one operation a run sends, and in how many seconds.

    The reference is served at `url`. The time is that of requests: not of set-up, nor of imports.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = load(default_profile(), {}).target.model_copy(update={"base_url": url})
        options = RunConfig(reports=Path(folder), depth=COMPARED, seed=seed)
        run = Run(Profile(target=target, origins={}), options)
        run.open()
        run.client.token("cashier")
        campaign = run.campaign
        campaign.source.operation(OPERATION)  # reads the contract
        # And tables of characters, which the command beside it has kept on disk.
        campaign.source.boundaries("gateway.search", 1, seed, valid=True)
        started = time.perf_counter()
        outcome = campaign.valid(OPERATION)
        seconds = time.perf_counter() - started
        run.close()
        return outcome.sent, seconds


def main() -> None:
    """Print the table."""
    depths = [each for each in DEPTHS if each in sys.argv[1:]] or list(DEPTHS)
    seeds = [int(each) for each in sys.argv[1:] if each.isdecimal()] or [0]
    documented = [each for each in Contracts.load().operations.values() if each.document]
    print(f"{len(documented)} operations described, {len(OPERATIONS)} of them generated, "
          f"{len(all_errata())} errata")  # fmt: skip
    for seed in seeds:
        for depth in depths:
            _print(f"seed {seed}, {depth}", *per_depth(depth, seed))


def _print(what: str, requests: int, seconds: float) -> None:
    print(f"{what:45} {requests:6} requests in {seconds:6.1f} s: {requests / seconds:5.0f}/s")


if __name__ == "__main__":
    main()
