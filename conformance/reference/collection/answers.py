"""Payments as answered: the wrapper, and what the faults do to a payment that was created."""

import copy
from typing import Any, Final

from conformance.reference.platform.documents import written
from conformance.reference.platform.money_calls import response_info
from conformance.reference.platform.world import Call, Reply, World

Document = dict[str, Any]
MESSAGE_ID: Final = "uief87324"


def answer(world: World, call: Call, payments: list[Document]) -> Reply:
    """Wrap payments: an array, whatever their number; amounts keep their two decimals."""
    further = dict.fromkeys(world.lineage.payment_fields)
    shown = [{**payment, **further} for payment in payments]
    return Reply(body=written({"ResponseInfo": info(call), "Payments": shown}))


def info(call: Call) -> Document:
    """Return the wrapper of collection-services; absent texts are empty ones."""
    wrapper = response_info(call, "200 OK", message_id=MESSAGE_ID)
    if not call.request_info:
        wrapper |= {"apiId": "", "ver": "", "msgId": ""}
    return wrapper


def as_answered(world: World, payment: Document) -> Document:
    """Return a created payment as answered, with the switched-on faults in it."""
    shown = copy.deepcopy(payment)
    if world.faults.on("receipt-number-unanswered"):
        for detail in shown["paymentDetails"]:
            detail["receiptNumber"] = None
    if world.faults.on("payment-total-missing"):
        del shown["totalAmountPaid"]
    if world.faults.on("instrument-status-misspelt") and shown["paymentMode"] in {"CHEQUE", "DD"}:
        shown["instrumentStatus"] = "APPROVALPENDING"
    if world.faults.on("payment-sums-disagree"):
        shown["paymentDetails"][0]["totalAmountPaid"] -= 1
    return shown
