"""Start-up of the command, and what the suite adds to one exchange of a bare httpx loop.

`python -m benchmarks.overhead` prints figures; read them as ratios, machines differ.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import httpx

from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.exchange import Exchange
from conformance.core.redaction import Redactor
from conformance.profile.loading import load
from conformance.reference import Settings, serve
from conformance.run.embedded import default_profile

ROUNDS = 5
CALLS = 400
SEARCH = "/pg-service/transaction/v1/_search"


def seconds_of(*command: str) -> float:
    """Return the median wall time of a command over several runs."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rate_of(call: Callable[[], object]) -> float:
    """Return calls per second: the median of several rounds."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(CALLS):
            call()
        rates.append(CALLS / (time.perf_counter() - started))
    return statistics.median(rates)


def rates() -> tuple[float, float]:
    """Return exchanges per second of a bare httpx loop and of the suite's client."""
    recorded: list[Exchange] = []
    with serve(Settings()) as deployment:
        target = load(default_profile()).target.model_copy(update={"base_url": deployment.base_url})
        client = Client(target, Contracts.load(), Redactor(), recorded.append)
        token = client.token("administrator")
        body = {"RequestInfo": {"authToken": token}, "tenantId": target.tenant}
        with httpx.Client(base_url=deployment.base_url) as bare:
            bare_rate = rate_of(lambda: bare.post(f"{SEARCH}?txnId=NONE", json=body).json())
        ours = rate_of(
            lambda: client.call("transaction.search", as_="administrator", query={"txnId": "NONE"})
        )
        client.close()
    return bare_rate, ours


def main() -> None:
    """Print every figure."""
    module = (sys.executable, "-m", "conformance")
    print(f"python, doing nothing      {seconds_of(sys.executable, '-c', ''):.3f} s")
    print(f"--help                     {seconds_of(*module, '--help'):.3f} s")
    print(f"explain TXN-08             {seconds_of(*module, 'explain', 'TXN-08'):.3f} s")
    print(f"list --checks              {seconds_of(*module, 'list', '--checks'):.3f} s")
    bare, ours = rates()
    print(f"bare httpx loop            {bare:.0f} exchanges/s")
    print(f"recorded and validated     {ours:.0f} exchanges/s, {bare / ours:.2f} times the time")


if __name__ == "__main__":
    main()
