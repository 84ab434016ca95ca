"""Start-up of the command, and what the suite adds to one exchange of a bare httpx loop.

`python -m benchmarks.overhead` prints these rows of the table of `make bench` alone.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import httpx
import yaml

from benchmarks.apart import served_apart
from benchmarks.table import Row, printed
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.contracts.drift import Drift
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.profile.loading import load
from conformance.results.exchange_store import ExchangeStore
from conformance.run.embedded import default_profile

ROUNDS: Final = 5
CALLS: Final = 150
SEARCH: Final = "/pg-service/transaction/v1/_search"
PYTHON: Final = (sys.executable, "-c", "")
COMMAND: Final = (sys.executable, "-m", "conformance")
ONE_CHECK: Final = ("certify", "--only", "MDM-01", "--quiet")


def rows() -> Iterator[Row]:
    """Measure start-up, then the exchange."""
    yield from start_up()
    yield exchange()


def start_up() -> list[Row]:
    """Measure commands beside an idle Python, in turn."""
    with tempfile.TemporaryDirectory() as home, served_apart("--port", 0) as url:
        folder = Path(home)
        served = profile_at(url, folder)
        reports = ("--reports", str(folder / "reports"))
        commands: dict[str, tuple[tuple[str, ...], str]] = {
            "python, doing nothing": (PYTHON, "-"),
            "`--help`": ((*COMMAND, "--help"), "0.1 s more than python"),
            "`explain TXN-08`": ((*COMMAND, "explain", "TXN-08"), "0.3 s"),
            "`list --checks`": ((*COMMAND, "list", "--checks"), "0.3 s"),
            "`certify --only MDM-01`": (
                (*COMMAND, *ONE_CHECK, *reports), "1.5 s, processor 1.2 s"
            ),
            "the same on a served target": (
                (*COMMAND, *ONE_CHECK, *reports, "--target", str(served)), "1.0 s"
            ),
        }  # fmt: skip
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, (command, _wanted) in commands.items():
                spent[name].append(cost_of(command))
    middle = {
        name: tuple(map(statistics.median, zip(*each, strict=True))) for name, each in spent.items()
    }
    idle = middle["python, doing nothing"]
    return [
        Row(
            subject=f"start-up: {name}",
            ours=f"{wall:.2f} s, processor {processor:.2f} s",
            peer=f"python {idle[0]:.2f} s, processor {idle[1]:.2f} s",
            ratio=None,
            wanted=commands[name][1],
            method=f"median of {ROUNDS} runs in turn",
        )
        for name, (wall, processor) in middle.items()
    ]


def profile_at(url: str, folder: Path) -> Path:
    """Write a profile of the reference that is served at an address; return its path."""
    profile = yaml.safe_load(default_profile().read_text("utf-8"))
    path = folder / "served.yaml"
    path.write_text(yaml.safe_dump(profile | {"base_url": url}), "utf-8")
    return path


def cost_of(command: tuple[str, ...]) -> tuple[float, float]:
    """Return wall and processor time of a command, in seconds; its exit code is not looked at."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=False, capture_output=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, sum(after[:2]) - sum(before[:2])


def exchange() -> Row:
    """Measure an exchange of the client, recorded and validated, beside one of bare httpx."""
    with calls() as (bare, ours):
        rounds = [(spent_by(bare), spent_by(ours)) for _ in range(2 * ROUNDS)]
    walls, processors = zip(
        *((one[0] / other[0], one[1] / other[1]) for other, one in rounds), strict=True
    )
    bare_ms, ours_ms = (
        statistics.median(each[side][0] for each in rounds) / CALLS * 1000 for side in (0, 1)
    )
    return Row(
        subject="one exchange, with redaction, validation and journal",
        ours=f"{ours_ms:.2f} ms",
        peer=f"bare httpx {bare_ms:.2f} ms",
        ratio=statistics.median(walls),
        wanted="1.2",
        method=f"{CALLS} searches in turn, {2 * ROUNDS} rounds; "
        f"processor {statistics.median(processors):.2f} times",
    )


@contextmanager
def calls() -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """Yield one search by bare httpx and one by the suite's client, both warm."""
    with served_apart("--port", 0) as url, httpx.Client(base_url=url) as bare:
        target = load(default_profile()).target.model_copy(update={"base_url": url})
        contracts = Contracts.load()
        client = Client(
            target, contracts, Redactor(), ExchangeStore().add, Drift(contracts),
            ledger=Ledger(Path(os.devnull), Decimal(0)),
        )  # fmt: skip
        token = client.token("administrator")
        body = {"RequestInfo": {"authToken": token}, "tenantId": target.tenant}

        def plain() -> object:
            return bare.post(f"{SEARCH}?txnId=NONE", json=body).json()

        def recorded() -> object:
            return client.call("transaction.search", as_="administrator", query={"txnId": "NONE"})

        for each in (plain, recorded):
            spent_by(each)
        yield plain, recorded
        client.close()


def spent_by(call: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor time of many calls, in seconds."""
    started, processor = time.perf_counter(), time.process_time()
    for _ in range(CALLS):
        call()
    return time.perf_counter() - started, time.process_time() - processor


if __name__ == "__main__":
    print(printed(rows()))
