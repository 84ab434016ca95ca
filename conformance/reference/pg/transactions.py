"""Transactions of pg-service are created; `updates` and `search` have modules of their own."""

import html
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.reference.billing.tables import bill_by_id
from conformance.reference.collection.payments import RACE_PAUSE, UNKNOWN_BILL
from conformance.reference.collection.tables import withdrawn
from conformance.reference.payment_gateways.outcomes import active
from conformance.reference.pg import lapses, tables, updates
from conformance.reference.pg.answers import dictated, owner_of, wrapped
from conformance.reference.pg.creations import address, modified, next_id, payer_of
from conformance.reference.pg.histories import exempt
from conformance.reference.pg.registration import checked_payment, register
from conformance.reference.pg.repeated import repeated
from conformance.reference.pg.requests import DECIDED_BY_SERVICE, as_stored, bind_transaction
from conformance.reference.pg.search import search
from conformance.reference.platform.amounts import amount_of, total, whole
from conformance.reference.platform.errors import GatewayProblem, ServiceProblem, Unhandled
from conformance.reference.platform.lag import hop
from conformance.reference.platform.money_calls import NULL, refuse_all
from conformance.reference.platform.site import REGISTERED
from conformance.reference.platform.store import IntegrityError
from conformance.reference.platform.world import Call, Reply, Route, User, World

Document = dict[str, Any]
PENDING_ALREADY: Final = (
    "TXN_ABRUPTLY_DISCARDED",
    "A transaction for this bill has been abruptly discarded, please retry after 30 mins",
)
PAID_ALREADY: Final = (
    "TXN_CREATE_BILL_ALREADY_PAID",
    "Bill has already been paid or is in pending state",
)
ONE_BILL: Final = ("TXN_ONE_BILL", "A transaction pays one bill")


def create(world: World, call: Call) -> Reply:
    """Create a transaction: 200 with one object, PENDING (or SUCCESS where nothing is to pay)."""
    requested, sound = bound_transaction(world, call)
    racing = any(map(world.faults.on, RACES))
    apart = world.lineage.judges_apart or racing
    user = complete_user(call)
    amount = promised_amount(requested)
    if requested["taxAndPayments"][1:] and world.variations.on("one-bill-a-transaction"):
        raise ServiceProblem(ONE_BILL)
    try:
        with world.store.transaction() as db:
            if (pending := repeated(world, db, requested, user)) is not None:
                return Reply(body=wrapped(call, pending))
            refuse_all(breaches(world, db, requested, amount, user))
            judge_payment(world, db, requested, user)
            free = not tables.held(db, paid_bills(requested))
            if not apart:
                return stored_answer(world, db, call, requested, user, lost=not sound)
    except ServiceProblem:
        if world.faults.on("refused-transaction-stored"):
            with world.store.transaction() as db:
                stored_answer(world, db, call, requested, user)
        raise
    hop(world.site.lag_ms)  # what was checked may no longer hold
    if racing:
        time.sleep(RACE_PAUSE)
    with world.store.transaction() as db:
        return stored_answer(world, db, call, requested, user, lost=not sound, free=free)


def bound_transaction(world: World, call: Call) -> tuple[Document, bool]:
    """Bind the transaction of a request; without one DIGIT runs into a null pointer.

    The flag is False for one that breaks its constraints, which only a fault lets pass.
    """
    if call.body.get("Transaction") is None or not call.request_info:
        raise Unhandled(NULL)
    bound = bind_transaction(
        call.body["Transaction"],
        with_business_service=world.lineage.business_service_required,
    )
    overlooked = bool(bound.breaches) and world.faults.on("create-answers-without-storing")
    refuse_all(() if overlooked else bound.breaches)
    requested: Document = bound.value["transaction"]
    if any(requested[key] is None for key in NEEDED):
        raise Unhandled(NULL)
    extra = requested["additionalDetails"]
    if extra is not None and not isinstance(extra, dict):
        raise Unhandled("ClassCastException")
    return requested, not overlooked


PAISA: Final = Decimal("0.01")
RACES: Final = (
    "create-race", "creations-of-two-users-race", "creations-on-a-second-bill-race",
)  # fmt: skip
KEPT_ASIDE: Final = ("receipt", "gatewayTxnId")  # only faults show it
NEEDED: Final = ("txnAmount", "taxAndPayments")


def complete_user(call: Call) -> User:
    """Return the caller, who must be known with name, number and tenant."""
    user = call.user or {}
    if not all(user.get(key) for key in ("uuid", "name", "userName", "tenantId", "mobileNumber")):
        text = "User UUID, Name, Username, Mobile Number and Tenant Id are mandatory"
        raise ServiceProblem(("INVALID_USER_DETAILS", text))
    return user


def promised_amount(requested: Mapping[str, Any]) -> Decimal:
    """Return the amount of a transaction in rupees; parts and amount must be numbers."""
    amount = amount_of(requested["txnAmount"].strip())
    if amount is None:
        raise Unhandled("NumberFormatException")
    parts = requested["taxAndPayments"]
    if any(part is None or part["amountPaid"] is None for part in parts):
        raise Unhandled(NULL)
    return amount


def urlsplit_scheme(url: str) -> str:
    """Return the scheme of a URL; empty for what is no URL."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def breaches(
    world: World, db: Connection, requested: Mapping[str, Any], amount: Decimal, user: User
) -> Iterator[tuple[str, str]]:
    """Collect what a transaction breaks before collections judges it (TXN-03, TXN-04)."""
    gateway = requested["gateway"]
    idle = gateway in REGISTERED and gateway not in active(world.site, world.settings)
    lax = idle and world.faults.on("inactive-gateway-accepted")
    if gateway not in (REGISTERED if lax else active(world.site, world.settings)):
        yield "INVALID_PAYMENT_GATEWAY", "Invalid or inactive payment gateway provided"
    yield from rivals(world, db, requested, user)
    yield from oddities(world, db, requested, amount)
    off = abs(total([part["amountPaid"] for part in requested["taxAndPayments"]]) - amount)
    if off < PAISA and world.faults.on("less-than-a-paisa-overlooked"):
        off = Decimal(0)
    if off and world.faults.on("paise-overlooked"):
        off = Decimal(int(off))
    if off and not (off <= 1 and world.faults.on("amount-one-rupee-off")):
        yield (
            "TXN_CREATE_INVALID_TXN_AMT",
            "Transaction amount should be equal to sum of all  amountPaids in taxAndPayments",
        )


def oddities(
    world: World, db: Connection, requested: Mapping[str, Any], amount: Decimal
) -> Iterator[tuple[str, str]]:
    """Refuse what only a fault finds odd: a notation, several periods, a former cancellation."""
    on, bill = world.faults.on, bill_by_id(db, requested["billId"])
    if "." in requested["txnAmount"] and whole(amount) and on("amount-with-point-refused"):
        yield "INVALID_TXN_AMOUNT", "The amount is no whole number of rupees"
    if bill and bill["billDetails"][1:] and on("periods-refused"):
        yield "INVALID_BILL", "The bill has several details"
    if bill and withdrawn(db, bill["consumerCode"]) and on("cancellation-ends-transactions"):
        yield PAID_ALREADY


def rivals(
    world: World, db: Connection, requested: Mapping[str, Any], user: User
) -> Iterator[tuple[str, str]]:
    """Refuse a second transaction of a bill while one is pending or successful."""
    on, bill_id = world.faults.on, requested["billId"]
    if "\0" in bill_id:
        raise unanswered_query(world)
    place = requested["tenantId"], requested["consumerCode"]
    if tables.pending_elsewhere(db, *place) and on("pending-namesake-blocks"):
        yield PENDING_ALREADY
    states = tables.of_bill(db, bill_id, as_seen=world.lineage.judges_apart)
    if not states or on("second-transaction-allowed"):
        return
    if "SUCCESS" not in states and exempt(world, db, "second", requested):
        return
    if on("rivals-transaction-overlooked"):
        states = tables.of_bill(db, bill_id, owner=user["uuid"])
    if on("open-transaction-overlooked"):
        states = tables.of_bill(db, bill_id, updated=False)
    if on("other-payers-transaction-overlooked"):
        states = tables.of_bill(db, bill_id, payer=(requested["user"] or {}).get("name"))
    if "PENDING" in states and not lapses.pending_forgotten(world, db, bill_id):
        yield PENDING_ALREADY
    blocked = (
        on("failed-transaction-blocks")
        or (on("second-failure-blocks") and len(states) > 1)
        or (
            on("failure-blocks-other-users") and not tables.of_bill(db, bill_id, owner=user["uuid"])
        )
        or (on("refused-amount-blocks") and tables.refused(db, bill_id))
    )
    if "SUCCESS" in states or blocked:
        yield PAID_ALREADY


def unanswered_query(world: World) -> Exception:
    """Return what a service says when its database refuses a query."""
    if "pg-service" in world.lineage.newer:
        return ServiceProblem(("QUERY_EXECUTION_ERROR", "The query could not be executed"))
    return Unhandled("DataIntegrityViolationException")


def judge_payment(world: World, db: Connection, requested: Document, user: User) -> None:
    """Let collections judge the payment that would follow, and tie its bills to the request.

    Only then is the address looked at to which the payer returns.
    """
    if requested["user"] is None:
        raise Unhandled(NULL)
    try:
        checked_payment(world, db, requested, user, late=False)
    except ServiceProblem as problem:
        if problem.items == (UNKNOWN_BILL,) and world.faults.on("unknown-bill-accepted"):
            return
        raise
    if requested["billId"] not in {part["billId"] for part in requested["taxAndPayments"]}:
        raise ServiceProblem(UNKNOWN_BILL)
    if urlsplit_scheme(requested["callbackUrl"] or "") not in {"http", "https"}:
        raise Unhandled("IllegalArgumentException")


def stored_answer(
    world: World,
    db: Connection,
    call: Call,
    requested: Document,
    user: User,
    *,
    lost: bool = False,
    free: bool = False,
) -> Reply:
    """Store a new transaction and answer it; `lost` where a fault does not store it.

    `free` is whether no other held its bills when it was judged, a moment ago.
    """
    transaction = new_transaction(world, db, call, requested, user)
    at_once = amount_of(transaction["txnAmount"]) == 0
    unclaimed = (
        "create-race",
        "second-transaction-allowed",
        "rivals-transaction-overlooked",
        "open-transaction-overlooked",
        "other-payers-transaction-overlooked",
        "refused-transaction-stored",
    )
    holds = paid_bills(requested)
    raced = free and holds[1:] and world.faults.on("creations-on-a-second-bill-race")
    others = world.faults.on("creations-of-two-users-race") and _held_by_another(db, holds, user)
    if holds[1:] and world.faults.on("second-bill-not-held"):
        holds = holds[:1]
    if tables.held(db, holds) and (
        world.lineage.judges_apart
        or others
        or raced
        or any(world.faults.on(name) for name in unclaimed)
        or any(exempt(world, db, "second", {**requested, "billId": each}) for each in holds)
        or lapses.pending_forgotten(world, db, requested["billId"])
    ):
        holds = []
    owner = owner_of(user) | {"sent": {key: requested[key] for key in KEPT_ASIDE}}
    try:
        if not lost:
            tables.add(db, kept(world, transaction), owner, holds=holds, lag_ms=world.site.lag_ms)
    except IntegrityError:
        raise ServiceProblem(PENDING_ALREADY) from None
    if at_once or world.faults.on("receipt-at-creation"):
        register(world, db, transaction, user)
    return Reply(body=wrapped(call, transaction))


def paid_bills(requested: Mapping[str, Any]) -> list[str]:
    """Return the ids of the bills that a transaction pays."""
    return [part["billId"] for part in requested["taxAndPayments"]]


def _held_by_another(db: Connection, bills: Sequence[str], user: User) -> bool:
    """Whether a pending transaction of another user is on one of some bills."""
    return any(
        tables.of_bill(db, bill).count("PENDING")
        > tables.of_bill(db, bill, owner=user["uuid"]).count("PENDING")
        for bill in bills
    )


def kept(world: World, transaction: Document) -> Document:
    """Return a transaction as the table keeps it; faults garble it."""
    stored = as_stored(transaction) | {"txnAmount": transaction["txnAmount"]}
    if world.faults.on("product-info-cut"):
        stored["productInfo"] = stored["productInfo"][:20]
    if transaction["user"]["emailId"] and world.faults.on("payer-mail-not-kept"):
        stored["user"] = stored["user"] | {"emailId": "payer@bbps.example"}
    if len(stored["additionalDetails"]) > 1 and world.faults.on("additional-details-not-kept"):
        stored["additionalDetails"] = {"taxAndPayments": transaction["taxAndPayments"]}
    return stored


def new_transaction(
    world: World, db: Connection, call: Call, requested: Document, user: User
) -> Document:
    """Complete a transaction: id, payer, state, audit details; what clients sent is dropped."""
    now = world.clock.now()
    sent = {key: requested[key] for key in DECIDED_BY_SERVICE}
    transaction = dict(requested) | dict.fromkeys(DECIDED_BY_SERVICE)
    product, on = requested["productInfo"] or "", world.faults.on
    if not product.isascii() and on("product-in-latin-letters"):
        transaction["productInfo"] = product.encode("ascii", "replace").decode()
    if html.escape(product) != product and on("product-escaped"):
        transaction["productInfo"] = html.escape(product)
    nothing_to_pay = amount_of(requested["txnAmount"]) == 0
    transaction |= {
        "txnId": next_id(world, db, requested),
        "txnStatus": "SUCCESS" if nothing_to_pay else "PENDING",
        "txnStatusMsg": "Transaction initiated",
        "user": payer_of(world, requested["user"]),
        "auditDetails": {
            "createdBy": user["uuid"],
            "createdTime": now,
            **modified(world, user, now),
        },
        "additionalDetails": {
            **(requested["additionalDetails"] or {}),
            "taxAndPayments": requested["taxAndPayments"],
        },
    }
    dictated(world, transaction, sent, call)
    address(transaction, nothing_to_pay=nothing_to_pay)
    return transaction


def gateways(world: World, _call: Call) -> Reply:
    """Return the names of all registered gateways as a bare array, active or not."""
    if world.faults.on("gateway-list-breaks"):
        raise GatewayProblem(500, "IllegalStateException", "The gateways could not be listed")
    return Reply(body=list(REGISTERED))


ROUTES: Final = (
    Route(path="/pg-service/transaction/v1/_create", handler=create, described=True),
    Route(
        path="/pg-service/transaction/v1/_update",
        handler=updates.update,
        methods=updates.METHODS + updates.OTHER_METHODS,
        described=True,
        form_fault="owner-check-json-only",
    ),
    Route(path="/pg-service/transaction/v1/_search", handler=search, described=True),
    Route(path="/pg-service/gateway/v1/_search", handler=gateways, described=True),
)
