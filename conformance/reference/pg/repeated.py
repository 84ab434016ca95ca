"""A creation that is sent again: a variation answers it with the pending transaction."""

from collections.abc import Mapping
from decimal import Decimal
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.pg import tables
from conformance.reference.pg.requests import as_stored
from conformance.reference.platform.world import User, World

Document = dict[str, Any]
REPEATED: Final = ("taxAndPayments", "productInfo", "gateway", "consumerCode")


def repeated(
    world: World, db: Connection, requested: Mapping[str, Any], user: User
) -> Document | None:
    """Return the user's pending transaction that the same request created, if it is to be shown."""
    if not world.variations.on("repeated-creation-200"):
        return None
    for pending in tables.pending_of_bill(db, requested["billId"]):
        own = pending["auditDetails"]["createdBy"] == user["uuid"]
        if own and _same(pending, requested):
            sent = {key: requested[key] for key in ("txnAmount", "callbackUrl")}
            return as_stored(pending) | sent
    return None


def _same(pending: Mapping[str, Any], requested: Mapping[str, Any]) -> bool:
    """Whether a request describes what a pending transaction is."""
    payer = (requested["user"] or {}).get("name") == pending["user"]["name"]
    amounts = Decimal(requested["txnAmount"]) == Decimal(pending["txnAmount"])
    return payer and amounts and all(requested[key] == pending[key] for key in REPEATED)
