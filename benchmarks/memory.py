"""Memory, disk and reports of a run: what they grow by from few exchanges to many.

`python -m benchmarks.memory [FEW MANY]` drives an echo, served by a process of its own, through the
client, the store, the journal and every report, each size in a fresh process. By default 3 500 and
100 000 exchanges, spread over as many checks as a standard run has. Prints a Markdown table.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.contracts.drift import Drift
from conformance.core.exchange import Exchange
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.profile.loading import load
from conformance.report.har import write_har
from conformance.report.writing import FORMS, write_all
from conformance.results.exchange_store import ExchangeStore
from conformance.results.journal import Journal, PlannedCheck
from conformance.results.model import Header
from conformance.results.secret_scan import scan
from conformance.run.embedded import default_profile

FEW, MANY = 3_500, 100_000
CHECKS = 1_400
FAILED_EVERY = 25  # so that reports have evidence to show
RESIDENT = "resident memory, MB"
LIMIT = 1.2  # resident memory at many exchanges, divided by that at few
ENTRY = {
    "tenantId": "pb.amritsar", "txnAmount": "100.00", "billId": "bill", "consumerCode": "CONF-1",
    "taxAndPayments": [{"taxAmount": 100, "amountPaid": 100, "billId": "bill"}],
    "productInfo": "Bill payment through BBPS", "gateway": "BBPS", "callbackUrl": None,
    "txnId": "PB_PG_2026_01_10_000001_01", "txnStatus": "PENDING", "receipt": None,
    "user": {"uuid": "user", "name": "Test payer", "userName": "9876543210", "tenantId": "pb"},
    "auditDetails": {"createdBy": "user", "createdTime": 1, "lastModifiedTime": 0},
}  # fmt: skip

ANSWER = json.dumps({"ResponseInfo": None, "Transaction": [ENTRY] * 4}).encode()


class Echo(BaseHTTPRequestHandler):
    """Answers every request with some transactions, and the body of the request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        received = self.rfile.read(int(self.headers["Content-Length"]))
        body = ANSWER[:-1] + b', "received": ' + received + b"}"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self.wfile.write(f"{head}\r\n\r\n".encode() + body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def echo() -> None:
    """Serve until the input ends; print the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


class Drive:
    """One run over the echo."""

    def __init__(self, folder: Path, url: str) -> None:
        target = load(default_profile()).target.model_copy(update={"base_url": url})
        contracts = Contracts.load()
        self.folder = folder
        self.store = ExchangeStore()
        self.cited: list[str] = []
        self.redactor = Redactor()
        ledger = Ledger(Path(os.devnull), Decimal(0))
        self.client = Client(
            target, contracts, self.redactor, self.keep, Drift(contracts), ledger=ledger
        )
        self.planned = [
            PlannedCheck(check=f"echo::{n}", title=f"The echo, {n}", requirements=("TXN-08",))
            for n in range(CHECKS)
        ]
        header = Header(
            run="benchmark", suite={"name": "benchmark", "version": "0"}, profile={}, contract={},
            mode="inspect", target={"name": "echo", "base_url": url, "fingerprint": "0"},
            seed=0, partial=False, rehearsal=None,
        )  # fmt: skip
        register = Register.load()
        self.journal = Journal(folder, header, register, self.planned, exchanges=self.store)

    def keep(self, exchange: Exchange) -> None:
        """Record an exchange as the evidence of the check under way."""
        self.store.add(exchange)
        self.cited.append(exchange.id)

    def check(self, number: int, exchanges: int) -> None:
        """Carry out a check of so many exchanges."""
        planned = self.planned[number]
        client = self.client.for_check(planned.check)
        for count in range(exchanges):
            self.redactor.learn(f"token-{number}-{count}") if not count else None
            query = {"txnId": f"T{number}-{count}"}
            client.call("transaction.search", as_="anonymous", query=query)
        verdict = Verdict.PASSED if number % FAILED_EVERY else Verdict.FAILED
        self.journal.finding(
            Finding(
                check=planned.check,
                title=planned.title,
                requirements=planned.requirements,
                verdict=verdict,
                required="as it was",
                observed="otherwise",
                exchanges=tuple(self.cited),
            )
        )
        self.cited.clear()


@contextmanager
def echoing() -> Iterator[str]:
    """Serve the echo in a process of its own; yields its base URL."""
    command = [sys.executable, "-m", "benchmarks.memory", "echo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def measure(exchanges: int) -> None:
    """Print what a run of so many exchanges takes: label -> figure, as JSON."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        with echoing() as url:
            drive = Drive(Path(home) / "run", url)
            started = time.perf_counter()
            for number in range(CHECKS):
                drive.check(
                    number, exchanges * (number + 1) // CHECKS - exchanges * number // CHECKS
                )
            figures["driven, s"] = time.perf_counter() - started
            drive.client.close()
        started = time.perf_counter()
        results = drive.journal.close()
        write_all(drive.folder, results, drive.store)
        figures["reports at the end of the run, s"] = time.perf_counter() - started
        started = time.perf_counter()
        assert not scan(drive.folder, drive.redactor.secrets)
        figures["search for secrets, s"] = time.perf_counter() - started
        figures["folder of the run, MB"] = size_of(drive.folder)
        figures[RESIDENT] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for form, write in FORMS.items():
            again = Path(home) / form
            again.mkdir()
            started = time.perf_counter()
            write(again, results, drive.store)
            figures[f"{form}, s"] = time.perf_counter() - started
            figures[f"{form}, MB"] = size_of(again)
        started = time.perf_counter()
        write_har(Path(home), drive.store)
        figures["HAR of all exchanges, s"] = time.perf_counter() - started
    print(json.dumps(figures))


def figures_of(exchanges: int) -> dict[str, float]:
    """Measure a run of so many exchanges in a fresh process: label -> figure."""
    command = [sys.executable, "-m", "benchmarks.memory", "measure", str(exchanges)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures: dict[str, float] = json.loads(printed)
    return figures


def size_of(folder: Path) -> float:
    """Return what a folder takes on disk, in MB."""
    return sum(each.stat().st_blocks for each in folder.rglob("*")) * 512 / 1e6


def main() -> None:
    """Print every figure as a Markdown table; exit code 1 if memory grows beyond the limit."""
    few, many = [int(each) for each in sys.argv[1:]] or [FEW, MANY]
    found = [figures_of(exchanges) for exchanges in (few, many)]
    print(f"| {CHECKS} checks | {few} exchanges | {many} exchanges | ratio |\n|---|---|---|---|")
    for label, figure in found[0].items():
        more = found[1][label]
        ratio = f"{more / figure:.1f}" if figure else "-"
        print(f"| {label} | {figure:.2f} | {more:.2f} | {ratio} |")
    grown = found[1][RESIDENT] / found[0][RESIDENT]
    print(f"\nResident memory: {grown:.2f} times; wanted: at most {LIMIT}")
    sys.exit(grown > LIMIT)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["echo"]:
            echo()
        case ["measure", count]:
            measure(int(count))
        case _:
            main()
