"""Transactions as answered: the wrapper, who owns one, and what a client may not dictate."""

from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.clock import DAY, MINUTE
from conformance.reference.platform.money_calls import response_info
from conformance.reference.platform.world import Call, Reply, User, World
from conformance.reference.user.accounts import find_user

Document = dict[str, Any]
MESSAGE_ID: Final = "uief87324"
STATES: Final = frozenset({"SUCCESS", "FAILURE", "PENDING"})


def wrapped(call: Call, content: Document | list[Document]) -> Document:
    """Wrap a transaction (create) or an array of them (update, search)."""
    wrapper = response_info(call, "SUCCESSFUL", message_id=MESSAGE_ID)
    if not call.request_info:
        wrapper |= {"apiId": "", "ver": "", "msgId": ""}
    return {"ResponseInfo": wrapper, "Transaction": content}


def shown(world: World, call: Call, transaction: Document) -> Document:
    """Return a transaction as search shows it, with the switched-on faults in it (TXN-13)."""
    if world.faults.on("search-shows-old-state") or shows_old_state(world, call):
        transaction |= {"txnStatus": "PENDING", "txnStatusMsg": "Transaction initiated"}
    elif transaction["taxAndPayments"][1:] and world.faults.on("later-parts-not-shown"):
        transaction["taxAndPayments"] = transaction["taxAndPayments"][:1]
    elif len(transaction["txnAmount"]) > 6 and world.faults.on("great-amounts-shown-in-tens"):
        transaction["txnAmount"] = f"{float(transaction['txnAmount']) // 10 * 10:.2f}"
    elif world.faults.on("search-shows-other-amount"):
        transaction |= {"txnAmount": "1.00"}
    if world.faults.on("creation-time-as-text"):
        created = str(transaction["auditDetails"]["createdTime"])
        transaction |= {"auditDetails": transaction["auditDetails"] | {"createdTime": created}}
    return transaction


def shows_old_state(world: World, call: Call) -> bool:
    """Whether a fault shows every transaction as pending, when it is searched by one criterion."""
    return any(
        name in call.query and "txnId" not in call.query and world.faults.on(fault)
        for name, fault in (
            ("billId", "search-by-bill-shows-old-state"),
            ("consumerCode", "search-by-code-shows-old-state"),
            ("userUuid", "search-by-payer-shows-old-state"),
        )
    )


def found_answer(world: World, call: Call, transactions: list[Document]) -> Reply:
    """Answer a search, with the switched-on faults in the form of the answer."""
    body = wrapped(call, transactions)
    if world.faults.on("response-info-missing"):
        del body["ResponseInfo"]
    media_type = "text/plain" if world.faults.on("wrong-media-type") else "application/json"
    return Reply(body=body, media_type=media_type)


def owner_of(user: User) -> Document:
    """Return what is kept of the creating token's user."""
    kept = ("uuid", "userName", "type", "tenantId", "name", "mobileNumber", "emailId")
    return {key: user.get(key) for key in kept}


def dictated(world: World, transaction: Document, sent: Mapping[str, Any], call: Call) -> None:
    """Apply the faults that let a client dictate, or a service garble, a new transaction."""
    faults, user = world.faults, call.user or {}
    if sent["txnStatus"] == "FAILURE" and faults.on("client-failure-kept"):
        transaction["txnStatus"] = "FAILURE"
    dictated_elsewhere(world, transaction, call)
    if sent["auditDetails"]:
        dictated_plausibly(world, transaction, sent["auditDetails"])
    if sent["txnStatus"] and faults.on("client-status-kept"):
        transaction["txnStatus"] = sent["txnStatus"]
    if sent["txnId"] and faults.on("client-id-kept"):
        transaction["txnId"] = sent["txnId"]
    if sent["receipt"] and faults.on("client-receipt-kept"):
        transaction["receipt"] = sent["receipt"]
    if sent["gatewayTxnId"] and faults.on("client-gateway-id-kept"):
        transaction["gatewayTxnId"] = sent["gatewayTxnId"]
    if sent["auditDetails"] and faults.on("client-audit-kept"):
        claimed = {key: value for key, value in sent["auditDetails"].items() if value is not None}
        transaction["auditDetails"] |= claimed
    if sent["auditDetails"] and faults.on("client-modification-kept"):
        for key in ("lastModifiedBy", "lastModifiedTime"):
            transaction["auditDetails"][key] = sent["auditDetails"].get(key)
    if faults.on("creator-by-user-name"):
        transaction["auditDetails"]["createdBy"] = user["userName"]
    if faults.on("creation-time-off"):
        transaction["auditDetails"]["createdTime"] -= 330 * MINUTE
    if transaction["module"] != "PT" and faults.on("creation-time-off-elsewhere"):
        transaction["auditDetails"]["createdTime"] -= 330 * MINUTE
    if faults.on("transaction-born-successful"):
        transaction["txnStatus"] = "SUCCESS"


def dictated_elsewhere(world: World, transaction: Document, call: Call) -> None:
    """Apply the faults that let a client dictate in other places than the usual one."""
    on = world.faults.on
    details = transaction["additionalDetails"]
    if details.get("txnStatus") in STATES and on("status-in-details-kept"):
        transaction["txnStatus"] = details["txnStatus"]
    if call.first("txnStatus") in STATES and on("status-in-query-kept"):
        transaction["txnStatus"] = call.first("txnStatus")
    if call.first("txnId") and on("id-in-query-kept"):
        transaction["txnId"] = call.first("txnId")
    lower = call.body.get("transaction") if isinstance(call.body, dict) else None
    if isinstance(lower, dict) and on("lower-case-transaction-kept"):
        transaction["receipt"] = lower.get("receipt")


def dictated_plausibly(world: World, transaction: Document, sent: Mapping[str, Any]) -> None:
    """Apply the faults that take audit details of a client where they look right."""
    on, audit, now = world.faults.on, transaction["auditDetails"], world.clock.now()
    time = sent.get("createdTime")
    if time and now - 40 * DAY < time <= now and on("plausible-creation-time-kept"):
        audit["createdTime"] = time
    creator = sent.get("createdBy")
    if on("creator-kept-where-known") and creator and find_user(world, creator):
        audit["createdBy"] = creator
