"""Variations of what searches and other answers show: less, hidden people, other orders."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, Final

from conformance.reference.platform.world import Call, Reply
from conformance.reference.variations.bodies import (
    OF_PAYERS,
    PRIVACY,
    SEARCHES,
    below,
    everywhere,
    masked,
    without,
)
from conformance.reference.variations.variation import Edit, Variation, with_body

Document = dict[str, Any]
LISTS: Final = frozenset({"Payments", "Transaction", "Bill", "Demands"})
PEOPLE: Final = frozenset(
    {"paidBy", "payerName", "payerAddress", "payerEmail", "name", "emailId", "mobileNumber"}
)
COLLECTION, BILLING, PG = "/collection-services/", "/billing-service/", "/pg-service/"


def each_list(change: Callable[[Call, list[Document]], list[Document]]) -> Edit:
    """Return an edit that changes each list of records that a search finds."""

    def edit(call: Call, reply: Reply) -> Reply:
        if not isinstance(reply.body, dict):
            return reply
        changed = {
            key: change(call, value) if key in LISTS and isinstance(value, list) else value
            for key, value in reply.body.items()
        }
        return with_body(reply, changed)

    return edit


def in_no_order(_call: Call, records: list[Document]) -> list[Document]:
    """Sort records by nothing that says anything."""
    return sorted(records, key=lambda each: sha256(repr(each.get("id")).encode()).digest())


def uncounted(node: Document) -> Document:
    """Leave the count out of a list of payments."""
    return without("Count")(node) if "Payments" in node else node


def cancelled_for_expired(node: Document) -> Document:
    """Show a bill that another one replaced as cancelled."""
    expired = node.get("status") == "EXPIRED" and "billDetails" in node
    return node | {"status": "CANCELLED"} if expired else node


def response_info(node: Document) -> Document:
    """Leave out of the wrapper of an answer what only repeats the request."""
    if "resMsgId" not in node:
        return node
    return {key: node[key] for key in node if key in {"status", "ts", "apiId", "ver"}}


def initials(text: str) -> str:
    """Hide all but the first letter of each word."""
    return " ".join(word[:1] + "*" * len(word[1:]) for word in text.split(" "))


def crossed_out(text: str) -> str:
    """Hide all but the first and the last letter behind XXX."""
    return f"{text[:1]}XXXXX{text[-1:]}"


SHOWN_LESS: Final = "No requirement and no published contract has it required"
WITH_SEARCHES: Final = partial(below, endings=SEARCHES)
SHOWN: Final = (
    Variation(
        name="people-masked",
        because=PRIVACY,
        edit=WITH_SEARCHES(OF_PAYERS, everywhere(masked(initials, PEOPLE))),
    ),
    Variation(
        name="people-masked-x",
        because=PRIVACY,
        edit=WITH_SEARCHES(OF_PAYERS, everywhere(masked(crossed_out, PEOPLE))),
    ),
    Variation(
        name="payers-left-out-of-payments",
        because=f"{PRIVACY}; the published contract requires paidBy alone.",
        edit=WITH_SEARCHES(
            (COLLECTION,),
            everywhere(masked(lambda _: ..., PEOPLE - {"name", "paidBy", "payerAddress"})),
        ),
    ),
    Variation(
        name="counts-left-out",
        because="The published answer of a payment search has no Count.",
        edit=below((COLLECTION,), everywhere(uncounted)),
    ),
    Variation(
        name="audit-details-left-out",
        because=f"{SHOWN_LESS}, but for transactions (TXN-01).",
        edit=WITH_SEARCHES((COLLECTION, BILLING), everywhere(without("auditDetails"))),
    ),
    Variation(
        name="transactions-show-less",
        because=SHOWN_LESS,
        edit=below(
            (PG,),
            everywhere(without("gatewayStatusMsg", "gatewayStatusCode", "gatewayPaymentMode")),
        ),
    ),
    Variation(
        name="wrappers-show-less",
        because=f"{SHOWN_LESS}: resMsgId and msgId repeat the request.",
        edit=everywhere(response_info),
    ),
    Variation(
        name="searches-in-no-order",
        because="No requirement orders what a search finds.",
        edit=WITH_SEARCHES(OF_PAYERS, each_list(in_no_order)),
    ),
    Variation(
        name="replaced-bills-cancelled",
        because="BIL-06 wants that they cannot be paid; the contract has both states.",
        edit=below((BILLING,), everywhere(cancelled_for_expired)),
    ),
    Variation(
        name="token-type-in-capitals",
        because="RFC 6749, 5.1: the value of token_type is case-insensitive.",
        edit=below(
            ("/user/oauth/",),
            everywhere(
                lambda node: node | {"token_type": "Bearer"} if "token_type" in node else node
            ),
        ),
    ),
    Variation(
        name="scopes-and-users-left-out-of-logins",
        because="RFC 6749, 5.1 requires access_token and token_type alone.",
        edit=below(("/user/oauth/",), everywhere(without("scope", "ResponseInfo"))),
    ),
)
