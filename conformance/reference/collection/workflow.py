"""Receipt workflow of collection-services: cancel, dishonour, remit."""

from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing.settlement import unsettle_bill
from conformance.reference.billing.tables import within
from conformance.reference.collection import tables
from conformance.reference.collection.answers import answer
from conformance.reference.collection.requests import CHEQUE_LIKE, bind_workflow
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.money_calls import NULL, caller_of, refuse_all
from conformance.reference.platform.world import Call, Reply, Route, User, World

Document = dict[str, Any]

ONE_ACTION: Final = (
    "PAYMENT_WORKFLOW_SINGLE_ACTION_ALLOWED",
    "All workflow requests should be of the same action",
)
ONE_TENANT: Final = ("CROSS_TENANT_OP_NOT_ALLOWED", "All requests should act on a single tenant ")
NOT_NEWEST: Final = (
    "RECEIPT_WORKFLOW_ACTION_NOT_APPLICABLE",
    "Can only cancel / dishonour latest receipt for a consumer code. Dishonour of receipt "
    "possible only after deposited! ",
)
REACHED: Final = {  # action: payment status, instrument status
    "CANCEL": ("CANCELLED", "CANCELLED"),
    "DISHONOUR": ("DISHONOURED", "DISHONOURED"),
    "REMIT": ("DEPOSITED", "REMITTED"),
}


def run(world: World, call: Call) -> Reply:
    """Apply one action to payments of one tenant: 200 with the changed payments (PAY-12)."""
    bound = bind_workflow(call.body)
    refuse_all(bound.breaches)
    steps = bound.value["paymentWorkflows"]
    user = caller_of(call)
    if steps is None or None in steps:
        raise Unhandled(NULL)
    check_together(steps)
    try:
        with world.store.transaction() as db:
            payments = [candidate(world, db, step) for step in steps]
            for step, payment in zip(steps, payments, strict=True):
                if not world.faults.on("workflow-does-nothing"):
                    apply(world, db, step, payment, user)
    except ServiceProblem:
        do_all_the_same(world, steps, user)
        raise
    return answer(world, call, payments)


def do_all_the_same(world: World, steps: list[Document], user: User) -> None:
    """Do some of what is refused (faults)."""
    with world.store.transaction() as db:
        for step in steps:
            payment = tables.payment_by_id(db, step["paymentId"])
            if payment is None or payment["tenantId"] != step["tenantId"]:
                continue
            right = editable(world, step["action"], payment)
            if right and len(steps) > 1 and world.faults.on("refused-batch-half-done"):
                apply(world, db, step, payment, user)
            if not right and step["action"] == "CANCEL" and world.faults.on("refusal-gives-back"):
                for detail in payment["paymentDetails"]:
                    by = user["uuid"]
                    unsettle_bill(world, db, detail["bill"], payment_id=payment["id"], by=by)


def check_together(steps: list[Document]) -> None:
    """Demand one action, one tenant, and no payment twice."""
    if len({step["action"] for step in steps}) > 1:
        raise ServiceProblem(ONE_ACTION)
    if len({step["tenantId"].lower() for step in steps}) > 1:
        raise ServiceProblem(ONE_TENANT)
    ids = [step["paymentId"] for step in steps]
    if len(set(ids)) < len(ids):
        raise ServiceProblem(absent(ids[-1]))


def absent(id_: str) -> tuple[str, str]:
    """Name a payment that is not there, or not in a state for the action."""
    text = f"Payment not found in the system or not in editable state, {id_}"
    return "RECEIPT_WORKFLOW_INVALID_RECEIPT", text


def candidate(world: World, db: Connection, step: Mapping[str, Any]) -> Document:
    """Return the payment of a step, its state and its place among the receipts being right."""
    payment = tables.payment_by_id(db, step["paymentId"])
    if payment is None or payment["tenantId"] != step["tenantId"]:
        raise ServiceProblem(absent(step["paymentId"]))
    if not editable(world, step["action"], payment):
        raise ServiceProblem(absent(step["paymentId"]))
    lax = world.lineage.any_receipt_cancelled or world.faults.on("older-receipt-cancelled")
    if step["action"] != "REMIT" and not lax and not newest(world, db, step["action"], payment):
        raise ServiceProblem(NOT_NEWEST)
    return payment


def editable(world: World, action: str, payment: Mapping[str, Any]) -> bool:
    """Whether an action may be applied to a payment in its state."""
    mode, status = payment["paymentMode"], payment["instrumentStatus"]
    match action:
        case "CANCEL":
            return (
                status == "APPROVED"
                or (status == "REMITTED" and world.faults.on("remitted-receipt-cancelled"))
                or (status == "CANCELLED" and world.faults.on("cancelled-receipt-cancelled-again"))
                or (status == "DISHONOURED" and world.faults.on("dishonoured-receipt-cancelled"))
            )
        case "DISHONOUR":
            paper = mode in CHEQUE_LIKE or world.faults.on("cash-dishonoured")
            return paper and (
                status in {"APPROVED", "REMITTED"}
                or (status == "CANCELLED" and world.faults.on("cancelled-receipt-dishonoured"))
            )
    return mode in CHEQUE_LIKE | {"CASH"} and status == "APPROVED"


def newest(world: World, db: Connection, action: str, payment: Mapping[str, Any]) -> bool:
    """Whether a payment is the newest candidate of each of its consumer codes."""
    codes = [detail["bill"]["consumerCode"] for detail in payment["paymentDetails"]]
    condition = (
        "tenant = ? AND id IN (SELECT payment_id FROM payment_details WHERE "
        f"{within('consumer_code', codes)})"
    )
    others = tables.newest_first(db, condition, [payment["tenantId"], *codes])
    rivals = [other for other in others if editable(world, action, other)]
    return bool(rivals[0]["id"] == payment["id"])


def apply(
    world: World, db: Connection, step: Mapping[str, Any], payment: Document, user: User
) -> None:
    """Move a payment to the state of an action; a withdrawn one is owed again."""
    action = step["action"]
    payment["paymentStatus"], payment["instrumentStatus"] = REACHED[action]
    by, now = str(user["id"]), world.clock.now()
    payment["auditDetails"] |= {"lastModifiedBy": by, "lastModifiedTime": now}
    for position, detail in enumerate(payment["paymentDetails"]):
        bill = detail["bill"]
        merge(bill, step["additionalDetails"])
        gone = gives_back(world, action, payment, position)
        if gone and not unsettle_bill(world, db, bill, payment_id=payment["id"], by=user["uuid"]):
            raise ServiceProblem(NOT_NEWEST)  # its advance has been used since
        if action != "REMIT":
            bill["status"] = "CANCELLED"
            bill["reasonForCancellation"] = step["reason"]
        if action == "CANCEL":
            bill["isCancelled"] = True
    tables.change_payment(db, payment, living=action == "REMIT")


def gives_back(world: World, action: str, payment: Mapping[str, Any], position: int) -> bool:
    """Whether an action makes the bill of a detail due again: all but a remittance does."""
    on = world.faults.on
    if action == "REMIT":
        return on("remit-reverses-demand")
    paper = payment["paymentMode"] in CHEQUE_LIKE
    if paper and action == "CANCEL" and on("cancelled-cheque-stays-paid"):
        return False
    if action == "DISHONOUR" and on("dishonoured-cheque-stays-paid"):
        return False
    return not (position > 0 and on("later-bill-stays-paid"))


def merge(bill: Document, extra: Any) -> None:
    """Merge additional details of a step into the bill's."""
    if isinstance(extra, dict):
        known = bill["additionalDetails"]
        bill["additionalDetails"] = {**(known if isinstance(known, dict) else {}), **extra}


ROUTES: Final = (Route(path="/collection-services/payments/{module}/_workflow", handler=run),)
