"""Payments of collection-services: create and validate, and the judging that both share."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing import tables as billing_tables
from conformance.reference.billing.bills import cities_only
from conformance.reference.collection import tables as payment_tables
from conformance.reference.collection.answers import answer, as_answered
from conformance.reference.collection.bills import taken_over
from conformance.reference.collection.lapses import Occasion, Way, occasions, overlooked
from conformance.reference.collection.receipts import PEEKED, record, taken_again
from conformance.reference.collection.requests import (
    CHEQUE_LIKE,
    MSEVA_MODES,
    STOCK_MODES,
    TRANSFERS,
    bind_payment,
)
from conformance.reference.collection.rules import (
    ALREADY_PAID,
    DAY,
    EXPIRED,
    BusinessService,
    Messages,
    detail_messages,
    expired,
    instrument_messages,
    sum_messages,
)
from conformance.reference.platform.errors import GatewayProblem, ServiceProblem, Unhandled
from conformance.reference.platform.lag import hop
from conformance.reference.platform.money_calls import NULL, caller_of, refuse_all
from conformance.reference.platform.world import Call, Reply, Route, User, World

Document = dict[str, Any]
UNKNOWN_BILL: Final = (
    "INVALID_BILL_ID",
    "Bill IDs provided does not exist or is in an invalid state",
)
OVERTAKEN: Final = ("PAYMENT_CREATION_FAILED", "The bill is claimed by another payment")
WITHOUT_NUMBER: Final = ("PAYMENT_CREATION_FAILED", "The payment has no transaction number")
RACE_PAUSE: Final = 0.15  # seconds between check and act where a fault opens a window


def create(world: World, call: Call) -> Reply:
    """Take a payment: 200 with an array of one, receipt numbers in its details."""
    payment = bound_payment(world, call)
    user = acting_user(call)
    refuse_by_fault(world, payment)
    ids = [each["billId"] for each in payment["paymentDetails"] or () if each]
    with overtaken_by_none(world, ids):
        take(world, payment, user, spelled=spelled_mode(call.body))
    return answer(world, call, [as_answered(world, payment)])


@contextmanager
def overtaken_by_none(world: World, bill_ids: Sequence[str]) -> Iterator[None]:
    """Take payments of bills within; judged apart, one that is overtaken fails in the write."""
    if not world.lineage.judges_apart:
        yield
        return
    with world.store.transaction() as db:
        paid = any(payment_tables.paid(db, id_) for id_ in bill_ids)
    hop(world.site.lag_ms)
    try:
        yield
    except ServiceProblem as problem:
        if paid or problem.items != (ALREADY_PAID,):
            raise
        overtaken = ServiceProblem(OVERTAKEN)
        overtaken.relayed = problem.relayed
        raise overtaken from None


def take(world: World, payment: Document, user: User, *, spelled: str) -> None:
    """Judge and store a payment; `spelled` is its mode as it was sent."""
    several = bool(payment["paymentDetails"][1:]) if payment["paymentDetails"] else False
    numbering = world.faults.on("receipt-numbers-race")
    racing = numbering or (several and world.faults.on("payment-of-several-race"))
    racing = racing or world.faults.on("counter-payment-races-success")
    if racing or world.faults.on("payment-race"):
        with world.store.transaction() as db:
            judge(world, db, payment, user, spelled=spelled)
            if numbering:
                payment[PEEKED] = billing_tables.latest_number(db, "receipt")
        time.sleep(RACE_PAUSE)
        with world.store.transaction() as db:
            record(world, db, payment, user)
    else:
        with world.store.transaction() as db:
            judge(world, db, payment, user, spelled=spelled)
            record(world, db, payment, user)


def validate(world: World, call: Call) -> Reply:
    """Judge a payment as create does, and store nothing (PAY-10)."""
    payment = bound_payment(world, call)
    user = acting_user(call)
    with world.store.transaction() as db:
        if world.faults.on("validate-overlooks-sums"):
            payment["totalAmountPaid"] = sum(
                each["totalAmountPaid"] for each in payment["paymentDetails"] or ()
            )
        if not world.faults.on("validate-judges-nothing"):
            again = world.faults.on("validate-overlooks-payments")
            spelled = spelled_mode(call.body)
            judge(
                world, db, payment, user, late=again, again=again, way="validation", spelled=spelled
            )
            refuse_further(world, db, payment)
        if world.faults.on("validate-stores"):
            record(world, db, payment, user)
    return answer(world, call, [payment])


def refuse_further(world: World, db: Connection, payment: Mapping[str, Any]) -> None:
    """Refuse in validation what creation takes (faults)."""
    details = payment["paymentDetails"]
    codes = [detail["bill"]["consumerCode"] for detail in details]
    again = any(payment_tables.withdrawn(db, code) for code in codes)
    if again and world.faults.on("validate-refuses-what-is-due-again"):
        raise ServiceProblem(ALREADY_PAID)
    if len(details) > 1 and world.faults.on("validate-refuses-several"):
        raise ServiceProblem(UNKNOWN_BILL)
    part = any(detail["totalAmountPaid"] < detail["totalDue"] for detail in details)
    if part and world.faults.on("validate-refuses-parts"):
        raise ServiceProblem(
            ("INVALID_PAYMENTDETAIL", "The amount to be paid is less than amount due")
        )


def spelled_mode(body: Mapping[str, Any]) -> str:
    """Return the mode of a payment as the client spelt it; keys are read in any case."""
    payments = [entry for key, entry in body.items() if key.lower() == "payment"]
    fields = payments[-1] if payments and isinstance(payments[-1], Mapping) else {}
    return next((str(entry) for key, entry in fields.items() if key.lower() == "paymentmode"), "")


def bound_payment(world: World, call: Call) -> Document:
    """Bind the payment of a request, its modes those of the lineage."""
    modes = STOCK_MODES | frozenset(world.lineage.extra_modes)
    body = call.body
    known = with_known_mode(body, modes)
    if known is not body and world.faults.on("unknown-mode-accepted"):
        body = known
    body = misread(world, body)
    bound = bind_payment(body, modes, name_pattern=world.lineage.name_pattern)
    breaches = dict(bound.breaches)
    refuse_all(breaches)
    payment: Document = bound.value["payment"]
    return payment


def with_known_mode(body: Mapping[str, Any], modes: frozenset[str]) -> Mapping[str, Any]:
    """Return a body whose unknown payment mode is read as CASH (a fault)."""
    payment = body.get("Payment")
    if isinstance(payment, dict) and str(payment.get("paymentMode", "")).upper() not in modes:
        return {**body, "Payment": {**payment, "paymentMode": "CASH"}}
    return body


def misread(world: World, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a body as faults misread it: blanks or a list for a mode, a mobile number."""
    payment = body.get("Payment")
    if not isinstance(payment, dict):
        return body
    changed, mode, number = {}, payment.get("paymentMode"), payment.get("mobileNumber")
    if (
        isinstance(mode, str)
        and not mode.strip()
        and mode
        and world.faults.on("blank-mode-is-cash")
    ):
        changed["paymentMode"] = "CASH"
    if isinstance(mode, str) and "," in mode and world.faults.on("first-of-modes-taken"):
        changed["paymentMode"] = mode.partition(",")[0]
    if (
        isinstance(number, str)
        and number.startswith("+91")
        and world.faults.on("country-code-lost")
    ):
        changed["mobileNumber"] = number.removeprefix("+91")
    return {**body, "Payment": {**payment, **changed}} if changed else body


def acting_user(call: Call) -> User:
    """Return the caller; collections wants the user with a uuid."""
    if call.user is None or not call.user.get("uuid"):
        text = "Invalid user info in request info, user id is mandatory"
        raise ServiceProblem(("USER_INFO_INVALID", text))
    return caller_of(call)


def refuse_by_fault(world: World, payment: Mapping[str, Any]) -> None:
    """Refuse a mode that a fault has switched off."""
    mode = payment["paymentMode"]
    extra = mode in TRANSFERS | MSEVA_MODES | {"ONLINE_NEFT", "ONLINE_RTGS"}
    if world.faults.on(f"{mode.lower()}-refused") or (
        extra and world.faults.on("further-modes-refused")
    ):
        raise ServiceProblem(("INVALID_PAYMENTMODE", "Invalid payment mode provided"))


def judge(
    world: World,
    db: Connection,
    payment: Document,
    user: User,
    *,
    late: bool = False,
    amounts: bool = True,
    again: bool = False,
    way: Way = "counter",
    spelled: str = "ONLINE",
) -> None:
    """Judge a payment and enrich it with its bills; raises ServiceProblem or Unhandled.

    `late` is for a transaction made while its bill was payable: neither expiry nor a
    withdrawal of the bill since then stands against it (RCP-04). The others are for faults:
    whether amounts are judged, whether a paid bill is paid once more, by which way the payment
    comes, and how its mode was spelt.
    """
    details = payment["paymentDetails"]
    if details is None or None in details:
        raise Unhandled(NULL)
    away = payment["tenantId"] != world.masters.cities[0]
    occasion = Occasion(payment=payment, way=way, spelled=spelled, by=user["type"], away=away)
    bills = bills_for(world, db, payment, user, occasion)
    now = world.clock.now()
    for detail, bill in zip(details, bills, strict=True):
        enrich_detail(world, payment, detail, bill, now)
    each = occasions(world, db, occasion, bills)
    break_down(world, payment, way)
    refuse_namesakes(world, db, bills, way)
    found: Messages = {}
    if not any(overlooked(world, "instrument", one) for one in each):
        found = instrument_messages(payment, now, world.faults)
    unpaid = bills if again else bills_overlooked(world, each, bills)
    found |= paid_messages(world, db, [bill for bill in bills if bill not in unpaid])
    if amounts:
        found |= amount_messages(world, payment, bills, each)
    if not late and not overlooked(world, "expiry", occasion):
        judged = [bill for bill in bills if bill not in unpaid or bill["status"] != "PAID"]
        found |= expiry_messages(world, judged, now, paid=ALREADY_PAID[0] in found)
    refuse_all(found)
    numbered = CHEQUE_LIKE | TRANSFERS | {"QR_CODE"}
    if payment["paymentMode"] in numbered and not payment["transactionNumber"]:
        raise ServiceProblem(WITHOUT_NUMBER)
    payment["totalDue"] = sum(detail["totalDue"] for detail in details)


def break_down(world: World, payment: Mapping[str, Any], way: Way) -> None:
    """Break down over a payer's name (faults)."""
    name = payment["paidBy"] or ""
    if "'" in name and way == "counter" and world.faults.on("apostrophe-breaks-payment"):
        raise GatewayProblem(500, "SQLGrammarException", "The payment could not be stored")
    if "'" in name and way == "success" and world.faults.on("apostrophe-breaks-success"):
        raise GatewayProblem(500, "SQLGrammarException", "The payment could not be stored")


def refuse_namesakes(world: World, db: Connection, bills: Sequence[Document], way: Way) -> None:
    """Refuse a bill at the counter whose consumer code has demands elsewhere (a fault)."""
    twins = way == "counter" and any(billing_tables.namesakes_of(db, bill) for bill in bills)
    if twins and world.faults.on("namesake-refused-at-the-counter"):
        raise ServiceProblem(UNKNOWN_BILL)


def bills_overlooked(
    world: World, each: Sequence[Occasion], bills: Sequence[Document]
) -> list[Document]:
    """Return the bills of which faults overlook that they are paid."""
    return [bill for one, bill in zip(each, bills, strict=True) if overlooked(world, "paid", one)]


def bills_for(
    world: World, db: Connection, payment: Document, user: User, occasion: Occasion
) -> list[Document]:
    """Return the bill of each detail; unknown, foreign and repeated ones are refused."""
    ids = [detail["billId"] for detail in payment["paymentDetails"]]
    if "" in ids:
        raise Unhandled(NULL)
    repeated = len(set(ids)) < len(ids)
    if repeated and not overlooked(world, "repeat", occasion):
        text = "The Bill ids have been repeated for multiple payment details"
        raise ServiceProblem(("DUPLICATE_BILLID", text))
    cities_only(user, payment["tenantId"])
    found = [billing_tables.bill_by_id(db, id_) for id_ in ids]
    own = [bill for bill in found if bill and of_tenant(world, bill, payment["tenantId"])]
    if not own:
        raise ServiceProblem(UNKNOWN_BILL)
    if len(own) < len(ids) or len({bill["consumerCode"] for bill in own}) < len(set(ids)):
        raise Unhandled(NULL)
    return own


def of_tenant(world: World, bill: Mapping[str, Any], tenant: str) -> bool:
    """Whether a bill belongs to the tenant of its payment (TXN-03)."""
    return bill["tenantId"] == tenant or world.faults.on("foreign-bill-accepted")


def enrich_detail(
    world: World, payment: Document, detail: Document, bill: Document, now: int
) -> None:
    """Give a detail what the service decides before it is judged."""
    row = world.masters.business_service(bill["businessService"]) or {}
    detail["tenantId"] = payment["tenantId"]
    detail["totalDue"] = bill["totalAmount"]
    detail["receiptDate"] = now
    detail["receiptType"] = "BILLBASED"
    detail["businessService"] = bill["businessService"]
    detail["bill"] = taken_over(bill, BusinessService.of(row), row)
    detail["bill"]["paidBy"] = payment["paidBy"]
    if payment["payerAddress"] and world.faults.on("payer-address-lost"):
        payment["payerAddress"] = bill["payerAddress"]


def paid_messages(world: World, db: Connection, bills: list[Document]) -> Messages:
    """Refuse bills that a living payment has paid (PAY-09)."""
    paid = any(payment_tables.paid(db, bill["id"]) for bill in bills)
    if paid and all(taken_again(world, db, bill) for bill in bills):
        paid = False
        for bill in bills:
            bill["status"] = "ACTIVE"
    return dict([ALREADY_PAID] if paid and not world.faults.on("bill-paid-twice") else [])


def amount_messages(
    world: World, payment: Document, bills: list[Document], each: Sequence[Occasion]
) -> Messages:
    """Judge each detail's mode and amount, and their sum (PAY-07, PAY-08)."""
    found: Messages = {}
    only_sum = each[0].several and world.faults.on("only-sum-of-amounts-judged")
    if only_sum and agreeing_sums(payment):
        return {}
    for detail, bill, occasion in zip(payment["paymentDetails"], bills, each, strict=True):
        row = world.masters.business_service(bill["businessService"])
        if row is None:
            text = f"Business service provided does not exist for bill: {bill['id']}"
            raise ServiceProblem(("INVALID_BILL_BUSINESSSERVICE", text))
        found |= detail_messages(
            detail,
            bill,
            BusinessService.of(row),
            payment["paymentMode"],
            world.faults,
            amounts=not overlooked(world, "amount", occasion),
            modes=not overlooked(world, "mode", occasion),
        )
    if any(overlooked(world, "total", occasion) for occasion in each):
        return found
    return found | sum_messages(payment, world.faults)


def agreeing_sums(payment: Mapping[str, Any]) -> bool:
    """Whether the details together pay what is due on all bills."""
    paid = sum(detail["totalAmountPaid"] for detail in payment["paymentDetails"])
    due = sum(detail["totalDue"] for detail in payment["paymentDetails"])
    return bool(paid == due == payment["totalAmountPaid"])


def expiry_messages(world: World, bills: list[Document], now: int, *, paid: bool) -> Messages:
    """Refuse bills that have expired, or were withdrawn otherwise than by a payment (BIL-06)."""
    late = any(expired(bill, now) for bill in bills)
    withdrawn = not paid and any(bill["status"] != "ACTIVE" for bill in bills)
    if late and (world.faults.on("expired-bill-payable") or lapsed(world, bills, now)):
        late = withdrawn = False
    lax = ("withdrawn-bill-payable", "bill-paid-twice")
    withdrawn = withdrawn and not any(world.faults.on(name) for name in lax)
    return dict([EXPIRED] if late or withdrawn else [])


def lapsed(world: World, bills: list[Document], now: int) -> bool:
    """Whether faults have forgotten that bills expired, or do not know it yet."""
    since = now - min(detail["expiryDate"] for bill in bills for detail in bill["billDetails"])
    on = world.faults.on
    return (since > DAY and on("expired-bill-payable-after-a-day")) or (
        since < DAY // 24 and on("expired-bill-payable-for-an-hour")
    )


ROUTES: Final = (
    Route(path="/collection-services/payments/_create", handler=create),
    Route(path="/collection-services/payments/_validate", handler=validate),
)
