"""Builds scenes on a served reference: demands, bills, transactions and payments in a state."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from time import monotonic
from typing import Any, Final

import httpx

from conformance.reference import Settings, serve
from conformance.reference.app.serving import serve_application
from conformance.reference.payment_gateways import simulator
from tests.agreement.scenes import Scene
from tests.reference.conftest import Rehearsal
from tests.reference.money import DAY, ZONE, Till

Document = dict[str, Any]
DEADLINE: Final = 10.0  # seconds
CHANGED: Final = 250  # rupees of a demand that was changed
FIRST_PART: Final = 40  # rupees of the first of two payments
# SYSTEM users with the BBPS role: where they are at home, and where their role counts.
SYSTEM_USERS: Final = {
    "integrator": "pb", "rival": "pb", "forgetful": "pb", "wordless": "pb", "leaver": "pb",
    "townsman": "pb.amritsar", "foreigner": "pb.jalandhar",
}  # fmt: skip
THERE: Final = ("administrator", "cashier", "citizen", "integrator", "rival")  # from the start


@dataclass(slots=True, kw_only=True)
class Props:
    """What a scene holds, as the reference shows it; empty where the scene has no such thing."""

    demand: Document = field(default_factory=dict)
    bill: Document = field(default_factory=dict)
    transaction: Document = field(default_factory=dict)
    payment: Document = field(default_factory=dict)


class Stage:
    """One reference deployment on which scenes are built, and the people who act on it."""

    def __init__(self, base_url: str, simulator_url: str) -> None:
        self.digit = Rehearsal(base_url)
        self.till = Till(self.digit)
        self._known = set(THERE)
        self._simulator = httpx.Client(base_url=simulator_url, trust_env=False)

    def close(self) -> None:
        """Hang up."""
        self.digit.http.close()
        self._simulator.close()

    def go_to(self, day: datetime) -> None:
        """Put the clock to noon of a day, far from where bills expire."""
        noon = datetime.combine(day.date(), time(12), ZONE)
        self.till.put_clock(now=int(noon.timestamp() * 1000))

    def token(self, actor: str) -> str:
        """Return a token of an actor, who is created when first needed."""
        if actor not in self._known:
            tenant = SYSTEM_USERS.get(actor.partition("-")[0])
            if tenant is None:
                raise ValueError(f"there is no actor {actor!r}")
            self._known.add(actor)
            self.digit.system_user(actor, tenant, tenant)
        return self.digit.token(actor)

    def build(self, scene: Scene) -> Props:
        """Bring about a scene; AssertionError when the reference refuses a step of it."""
        props = Props()
        if scene.state == "nothing":
            return props
        terms: Document = {"tenantId": scene.tenant, "businessService": scene.service}
        if scene.valid_days:
            terms["billExpiryTime"] = scene.valid_days * DAY
        props.demand = self.till.raised(amount=float(scene.amount), **terms)
        if scene.state == "demand":
            return props
        props.bill = self._fetched(props.demand)
        match scene.state:
            case "changed demand":
                self._change(props.demand)
            case "paid at the counter":
                props.payment = self._paid(props.bill, mode=scene.mode)
            case "second receipt":
                props.payment = self._paid(props.bill, amount=FIRST_PART)
                self._paid(self._fetched(props.demand))
            case "pending" | "paid while pending" | "succeeded" | "failed":
                self._transact(scene, props)
        if scene.days:
            self.till.put_clock(advance=scene.days * DAY)
        return props

    def say(self, transaction: Document, outcome: str) -> None:
        """Have the payment gateway answer an outcome when it is asked for a transaction."""
        said = self._simulator.post(
            "/control", json={"txnId": transaction["txnId"], "says": outcome}
        )
        assert said.status_code == 200, said.text

    def _transact(self, scene: Scene, props: Props) -> None:
        amount = {} if scene.part is None else {"amount": float(scene.part)}
        props.transaction = self.till.created(
            props.bill, gateway="AXIS", businessService=scene.service, **amount
        )
        if scene.race:
            self._await(props.transaction)
        if scene.state == "paid while pending":
            props.payment = self._paid(props.bill)
        if scene.state in {"succeeded", "failed"}:
            self.say(props.transaction, "success" if scene.state == "succeeded" else "failure")
            updated = self.till.update(props.transaction, status=None)
            assert updated.status_code == 200, updated.text
        if scene.state == "succeeded":
            (props.payment,) = self.till.receipts_of(props.transaction)
        self.say(props.transaction, scene.outcome)

    def _await(self, transaction: Document) -> None:
        """Wait until a transaction shows; AssertionError when it does not in time."""
        deadline = monotonic() + DEADLINE
        while not self.till.seen(txnId=transaction["txnId"]):
            assert monotonic() < deadline, "the transaction never showed"

    def _fetched(self, demand: Document) -> Document:
        code, service = demand["consumerCode"], demand["businessService"]
        return self.till.bill_of(code, service, demand["tenantId"])

    def _change(self, demand: Document) -> None:
        stored = self.till.stored_demand(demand["consumerCode"])
        stored["demandDetails"][0]["taxAmount"] = CHANGED
        changed = self.till.submit_demand(stored, action="_update")
        assert changed.status_code == 201, changed.text

    def _paid(self, bill: Document, mode: str = "CASH", **changes: Any) -> Document:
        taken = self.till.pay(bill, mode, **changes)
        assert taken.status_code == 200, taken.text
        payment: Document = taken.json()["Payments"][0]
        return payment


@contextmanager
def staged(settings: Settings, day: datetime) -> Iterator[Stage]:
    """Serve a reference and its payment gateway while the block lasts; the clock starts at noon."""
    with serve_application(simulator.application(), "127.0.0.1") as gateway:
        noon = datetime.combine(day.date(), time(12), ZONE)
        start = int(noon.timestamp() * 1000)
        with serve(replace(settings, simulator_url=gateway, clock_ms=start)) as deployment:
            stage = Stage(deployment.base_url, gateway)
            try:
                yield stage
            finally:
                stage.close()
