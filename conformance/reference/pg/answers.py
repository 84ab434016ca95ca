"""Transactions as answered: the wrapper, who owns one, and what a client may not dictate."""

from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.clock import MINUTE
from conformance.reference.platform.money_calls import response_info
from conformance.reference.platform.world import Call, Reply, User, World

Document = dict[str, Any]
MESSAGE_ID: Final = "uief87324"


def wrapped(call: Call, content: Document | list[Document]) -> Document:
    """Wrap a transaction (create) or an array of them (update, search)."""
    wrapper = response_info(call, "SUCCESSFUL", message_id=MESSAGE_ID)
    if not call.request_info:
        wrapper |= {"apiId": "", "ver": "", "msgId": ""}
    return {"ResponseInfo": wrapper, "Transaction": content}


def shown(world: World, transaction: Document) -> Document:
    """Return a transaction as search shows it, with the switched-on faults in it (TXN-13)."""
    if world.faults.on("search-shows-old-state"):
        transaction |= {"txnStatus": "PENDING", "txnStatusMsg": "Transaction initiated"}
    elif world.faults.on("search-shows-other-amount"):
        transaction |= {"txnAmount": "1.00"}
    if world.faults.on("creation-time-as-text"):
        created = str(transaction["auditDetails"]["createdTime"])
        transaction |= {"auditDetails": transaction["auditDetails"] | {"createdTime": created}}
    return transaction


def found_answer(world: World, call: Call, transactions: list[Document]) -> Reply:
    """Answer a search, with the switched-on faults in the form of the answer."""
    body = wrapped(call, transactions)
    if world.faults.on("response-info-missing"):
        del body["ResponseInfo"]
    media_type = "text/plain" if world.faults.on("wrong-media-type") else "application/json"
    return Reply(body=body, media_type=media_type)


def owner_of(user: User) -> Document:
    """Return what is kept of the creating token's user."""
    return {key: user.get(key) for key in ("uuid", "userName", "type", "tenantId")}


def dictated(world: World, transaction: Document, sent: Mapping[str, Any], user: User) -> None:
    """Apply the faults that let a client dictate, or a service garble, a new transaction."""
    faults = world.faults
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
    if faults.on("transaction-born-successful"):
        transaction["txnStatus"] = "SUCCESS"
