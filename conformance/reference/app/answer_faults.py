"""Faults in the form of answers: status, media type and shape, whatever a service said."""

from dataclasses import replace
from typing import Any

from conformance.reference.platform.world import Reply, World

FETCH = "/billing-service/bill/v2/_fetchbill"
SEARCH = "/pg-service/transaction/v1/_search"


def deformed(world: World, path: str, reply: Reply) -> Reply:
    """Return the answer as the faults of this deployment leave it."""
    if not isinstance(reply.body, dict) or reply.status >= 400:
        return reply
    on = world.faults.on
    if path == FETCH:
        if on("undocumented-status"):
            reply = replace(reply, status=206)
        if on("bill-status-misspelt"):
            reply = replace(reply, body=_with_bill_status(reply.body))
    if path == SEARCH:
        if on("wrong-media-type"):
            reply = replace(reply, media_type="text/plain")
        if on("response-info-missing"):
            kept = {key: value for key, value in reply.body.items() if key != "ResponseInfo"}
            reply = replace(reply, body=kept)
        if on("creation-time-as-text"):
            reply = replace(reply, body=_with_times_as_text(reply.body))
    return reply


def misjudged(world: World, reply: Reply) -> Reply:
    """Return the answer to malformed input as the faults of this deployment leave it."""
    if world.faults.on("error-as-html"):
        page = "<!doctype html><title>400</title><h1>Bad Request</h1>"
        return Reply(status=400, body=page, media_type="text/html")
    if world.faults.on("error-with-200"):
        return replace(reply, status=200)
    return reply


def _with_bill_status(body: dict[str, Any]) -> dict[str, Any]:
    bills = [bill | {"status": str(bill.get("status")).lower()} for bill in body.get("Bill") or ()]
    return body | {"Bill": bills}


def _with_times_as_text(body: dict[str, Any]) -> dict[str, Any]:
    told = []
    for transaction in body.get("Transaction") or ():
        audit = dict(transaction["auditDetails"])
        audit["createdTime"] = str(audit["createdTime"])
        told.append(dict(transaction) | {"auditDetails": audit})
    return body | {"Transaction": told}
