"""What a client dictates when it creates a transaction, and where in the request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.bbps.clock import DAY
from conformance.bbps.dimensions.actors import identity
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.dimensions.states import FRESH, STATE
from conformance.bbps.dimensions.updates import OTHER_USER
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.models import Bill

Fields = Mapping[str, Any]


def _odd(_: Bbps) -> Fields:
    return {
        "txnStatus": "SUCCESS",
        "txnId": "CONF-DICTATED",
        "receipt": "CONF-RECEIPT",
        "gatewayTxnId": "CONF-GATEWAY",
        "auditDetails": {
            "createdBy": "somebody-else",
            "createdTime": 1,
            "lastModifiedBy": "somebody-else",
            "lastModifiedTime": 1,
        },
    }


def _plausible(bbps: Bbps) -> Fields:
    """Return what might be right: another user who exists, a time of yesterday."""
    another, yesterday = identity(bbps, "administrator").get("uuid"), bbps.clock.now() - DAY
    return {
        "txnStatus": "FAILURE",
        "txnId": f"{bbps.provision.new_consumer_code()}-DICTATED",
        "receipt": "01/2024-25/000001",
        "gatewayTxnId": "428871034512",
        "auditDetails": {
            "createdBy": another,
            "createdTime": yesterday,
            "lastModifiedBy": another,
            "lastModifiedTime": yesterday,
        },
    }


DICTATED: Final[Dimension[Callable[[Bbps], Fields]]] = Dimension(
    name="dictated",
    source="TXN-02; a service may believe what looks right",
    values={"odd values": _odd, "plausible values": _plausible},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Fields in their places: in the transaction, next to it in the body, in the query."""

    transaction: Fields = field(default_factory=dict)
    beside: Fields = field(default_factory=dict)
    query: Fields = field(default_factory=dict)


def _in_query(fields: Fields) -> Placed:
    plain = {name: value for name, value in fields.items() if not isinstance(value, Mapping)}
    return Placed(query={**plain, **fields.get("auditDetails", {})})


PLACE: Final[Dimension[Callable[[Fields], Placed]]] = Dimension(
    name="place",
    source="frameworks bind a field from wherever they find its name",
    values={
        "the transaction": lambda fields: Placed(transaction=fields),
        "its additional details": lambda fields: Placed(transaction={"additionalDetails": fields}),
        "a second transaction in lower case": lambda fields: Placed(beside={"transaction": fields}),
        "next to the transaction": lambda fields: Placed(beside=fields),
        "the query": _in_query,
    },
)

ENDING: Final[Dimension[Signal]] = Dimension(
    name="end",
    source="TXN-02; what was sent at the creation may be kept aside, and shown by a later update",
    values={"success": SUCCESS, "failure": FAILURE},
)
BLOCKING: Final = STATE.only(
    FRESH, "an open outcome was reported", "successful", "successful after an open outcome"
)
FREEING: Final = STATE.only("failed", "failed for its amount", "failed after an open outcome")
CREATOR: Final = Dimension(
    name="creator",
    source="TXN-04 names no user: a bill has one transaction, of whatever user",
    values={"the same user": "integrator", "another SYSTEM user": "rival"},
)


def _another(bbps: Bbps, bill: Bill) -> Fields:
    """Return what differs in the request of another payer."""
    user = bbps.transaction_request(bill, bill.amount)["user"]
    return {"user": {**user, **OTHER_USER}, "productInfo": "Another product"}


OTHER_PAYER: Final[Dimension[Callable[[Bbps, Bill], Fields]]] = Dimension(
    name="payer",
    source="TXN-04 names no payer: a bill has one transaction, of whatever payer",
    values={"the same payer": lambda _bbps, _bill: {}, "another payer": _another},
)
