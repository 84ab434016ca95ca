"""Random mixed calls against the strict reference: breakdowns, invariants, receipts, rate.

`python benchmarks/reference_load.py [calls] [clients]` serves the reference in a process of its
own, lets clients call at random, audits the books afterwards, and measures a bare echo.
Exits 1 when anything broke.
"""

import itertools
import json
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.reference import Settings, serve
from tests.reference.conftest import PEOPLE, Rehearsal
from tests.reference.money import CITY, Till, rupees

SEED = 20240410
PAYMENTS = "/collection-services/payments/_search"
DEAD = {"CANCELLED", "DISHONOURED"}


def serve_reference(pipe: Connection) -> None:
    """Serve the strict reference until the other end says so."""
    with serve(Settings()) as deployment:
        pipe.send(deployment.base_url)
        pipe.recv()


def serve_echo(pipe: Connection) -> None:
    """Serve an application that answers what it was sent."""

    async def echo(request: Request) -> JSONResponse:
        return JSONResponse(await request.json())

    app = Starlette(routes=[Route("/echo", echo, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", http="httptools", loop="asyncio")
    )
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    pipe.send(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    pipe.recv()


@contextmanager
def in_own_process(target: Callable[[Connection], None]) -> Iterator[str]:
    """Run a server next to this process; yields its base URL."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there,), daemon=True)
    process.start()
    yield here.recv()
    here.send("stop")
    process.join(10)


class Shared:
    """What all clients know: bills, transactions, counts."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.codes: list[tuple[str, str]] = []
        self.bills: list[dict[str, Any]] = []
        self.transactions: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.statuses: Counter[int] = Counter()
        self.verbs: Counter[str] = Counter()
        self.broken: list[str] = []
        self.calls = itertools.count()


class Client:
    """One caller with its own connections and its own chance."""

    def __init__(self, base_url: str, tokens: dict[str, str], shared: Shared, seed: int) -> None:
        digit = Rehearsal(base_url)
        for who, token in tokens.items():
            digit.learn(who, token)
        self.till = Till.__new__(Till)
        self.till.digit = digit
        self.shared = shared
        self.chance = random.Random(seed)  # noqa: S311  (a load, not a secret)

    def run(self, calls: int) -> None:
        """Call until all clients together have made so many calls."""
        verbs = [
            self.demand, self.fetch, self.create, self.update, self.update, self.pay,
            self.search, self.receipts, self.workflow, self.nonsense,
        ]  # fmt: skip
        while next(self.shared.calls) < calls:
            verb = self.chance.choice(verbs)
            response = verb()
            if response is None:  # nothing to pay or update yet
                verb, response = self.demand, self.demand()
            self.note(verb.__name__, response)

    def note(self, verb: str, response: httpx.Response) -> None:
        """Count an answer."""
        with self.shared.lock:
            self.shared.statuses[response.status_code] += 1
            self.shared.verbs[verb] += 1
            if response.status_code >= 500:
                self.shared.broken.append(f"{verb}: {response.status_code} {response.text[:120]}")

    def one(self, kept: list[Any]) -> Any:
        """One of the newest things kept, so that clients meet."""
        return self.chance.choice(kept[-40:]) if kept else None

    def demand(self) -> httpx.Response:
        service = self.chance.choice(["PT", "PT", "SMP", "ADV"])
        demand = self.till.demand(businessService=service, amount=self.chance.choice([1, 100, 250]))
        response = self.till.submit_demand(demand)
        if response.status_code == 201:
            self.shared.codes.append((demand["consumerCode"], service))
        return response

    def fetch(self) -> httpx.Response:
        code, service = self.one(self.shared.codes) or ("UNKNOWN", "PT")
        response = self.till.fetch(code, service)
        if response.status_code == 201:
            self.shared.bills += response.json()["Bill"]
        return response

    def create(self) -> httpx.Response | None:
        bill = self.one(self.shared.bills)
        if bill is None:
            return None
        off = self.chance.choice([0, 0, 0, 1])
        who = self.chance.choice(["integrator", "rival"])
        response = self.till.submit(bill, as_=who, amount=bill["totalAmount"] + off)
        if response.status_code == 200:
            self.shared.transactions.append({"who": who, **response.json()["Transaction"]})
        return response

    def update(self) -> httpx.Response | None:
        transaction = self.one(self.shared.transactions)
        if transaction is None:
            return None
        who = self.chance.choice(["integrator", "rival"])
        status = self.chance.choice(["SUCCESS", "SUCCESS", "FAILURE", "PENDING"])
        response = self.till.update(transaction, status, as_=who)
        if response.status_code == 200 and who != transaction["who"]:
            self.shared.broken.append(f"update by a stranger taken: {transaction['txnId']}")
        return response

    def pay(self) -> httpx.Response | None:
        bill = self.one(self.shared.bills)
        if bill is None:
            return None
        mode = self.chance.choice(["CASH", "CHEQUE", "DD", "ONLINE", "CARD"])
        response = self.till.pay(bill, mode)
        if response.status_code == 200:
            self.shared.payments += response.json()["Payments"]
        return response

    def search(self) -> httpx.Response:
        transaction = self.one(self.shared.transactions) or {"txnId": "unknown"}
        path = "/pg-service/transaction/v1/_search"
        query = {"tenantId": CITY, "txnId": transaction["txnId"]}
        return self.till.post(path, as_="administrator", **query)

    def receipts(self) -> httpx.Response:
        transaction = self.one(self.shared.transactions) or {"txnId": "unknown"}
        return self.till.search_payments(transactionNumber=transaction["txnId"])

    def workflow(self) -> httpx.Response | None:
        payment = self.one(self.shared.payments)
        if payment is None:
            return None
        action = self.chance.choice(["CANCEL", "DISHONOUR", "REMIT"])
        return self.till.workflow(payment, action)

    def nonsense(self) -> httpx.Response:
        value: object = self.chance.choice(
            [None, [], {}, -1, "x" * 999, 10**30, "<script>", "\x00"]
        )
        body = {"Transaction": {"tenantId": CITY, "txnAmount": value, "user": value}}
        return self.till.post("/pg-service/transaction/v1/_create", body)


def load(base_url: str, calls: int, clients: int) -> tuple[Shared, float, Till]:
    """Let clients call; returns what they know and the seconds it took."""
    till = Till(Rehearsal(base_url))
    tokens = {who: till.digit.token(who) for who in (*PEOPLE, "integrator", "rival")}
    shared = Shared()
    crowd = [Client(base_url, tokens, shared, SEED + index) for index in range(clients)]
    threads = [threading.Thread(target=client.run, args=(calls,)) for client in crowd]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return shared, time.perf_counter() - started, till


def audit(shared: Shared, till: Till) -> dict[str, int]:
    """Hold the books against each other; counts what is wrong."""
    found: Counter[str] = Counter(lost_receipts=0, doubled_receipts=0, broken_invariants=0)
    numbers: Counter[str] = Counter()
    for transaction in shared.transactions:
        receipts = till.receipts_of(transaction)
        sight = till.sight(transaction)
        success = sight["txnStatus"] == "SUCCESS"
        found["lost_receipts"] += success and not receipts
        found["doubled_receipts"] += len(receipts) > 1
        found["broken_invariants"] += bool(receipts) and not success
        created = transaction["auditDetails"]["createdTime"]
        found["broken_invariants"] += sight["auditDetails"]["createdTime"] != created
        found["broken_invariants"] += any(
            detail["receiptDate"] != created
            for each in receipts
            for detail in each["paymentDetails"]
        )
    for code, service in shared.codes:
        found["broken_invariants"] += not balanced(till, code, service, numbers)
    found["doubled_receipts"] += sum(count - 1 for count in numbers.values())
    return dict(found)


def balanced(till: Till, code: str, _service: str, numbers: Counter[str]) -> bool:
    """Whether what was paid for a consumer code is what its demand collected, or waits."""
    payments = till.payments(consumerCodes=code, limit=100)
    numbers.update(each["paymentDetails"][0]["receiptNumber"] for each in payments)
    living = [each for each in payments if each["paymentStatus"] not in DEAD]
    paid = sum((rupees(each["totalAmountPaid"]) for each in living), Decimal(0))
    waiting = sum(
        (
            -rupees(line["amount"])
            for each in living
            for detail in each["paymentDetails"][0]["bill"]["billDetails"]
            for line in detail["billAccountDetails"]
            if line["order"] == -1
        ),
        Decimal(0),
    )
    details = till.stored_demand(code)["demandDetails"]
    collected = sum((rupees(each["collectionAmount"]) for each in details), Decimal(0))
    bills = [each["paymentDetails"][0]["billId"] for each in living]
    return paid == collected + waiting and len(set(bills)) == len(bills)


def echo_rate(base_url: str, calls: int, clients: int) -> float:
    """Requests per second of the bare echo, with a body of a transaction's size."""
    body = json.dumps({"Transaction": {str(index): "x" * 20 for index in range(20)}})
    headers = {"Content-Type": "application/json"}
    counter = itertools.count()

    def run() -> None:
        with httpx.Client(base_url=base_url) as http:
            while next(counter) < calls:
                http.post("/echo", content=body, headers=headers)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return calls / (time.perf_counter() - started)


def main() -> int:
    """Run load, audit and echo; print the figures."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    with in_own_process(serve_reference) as base_url:
        shared, seconds, till = load(base_url, calls, clients)
        wrong = audit(shared, till)
    with in_own_process(serve_echo) as base_url:
        echoed = echo_rate(base_url, calls, clients)
    answered = sum(shared.statuses.values())
    breakdowns = sum(count for status, count in shared.statuses.items() if status >= 500)
    print(f"{answered} calls by {clients} clients: {dict(sorted(shared.statuses.items()))}")
    print(f"by verb: {dict(shared.verbs.most_common())}")
    print(f"5xx: {breakdowns}  " + "  ".join(f"{key}: {count}" for key, count in wrong.items()))
    print(f"transactions: {len(shared.transactions)}  consumer codes: {len(shared.codes)}")
    print(f"reference {answered / seconds:.0f} requests/s, bare echo {echoed:.0f} requests/s")
    for line in shared.broken[:20]:
        print(line)
    return 1 if breakdowns or shared.broken or any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
