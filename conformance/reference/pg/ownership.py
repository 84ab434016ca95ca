"""Who may update a transaction: the user who created it, by the token alone (TXN-08)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reference.billing import tables as billing_tables
from conformance.reference.collection import tables as payment_tables
from conformance.reference.payment_gateways.outcomes import parameter, state_of
from conformance.reference.pg import lapses, tables
from conformance.reference.pg.histories import exempt
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.json_bodies import parsed_json
from conformance.reference.platform.world import Call, User, World
from conformance.reference.user.tokens import changed_users

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody's update of a stored transaction, with the first value of each parameter."""

    call: Call
    parameters: Mapping[str, str]
    stored: Stored
    user: User

    def alike(self, *keys: str) -> bool:
        """Whether the caller shares attributes with the owner; an empty one is not shared."""
        owner, user = self.stored.owner, self.user
        return all(user.get(key) and user.get(key) == owner.get(key) for key in keys)

    @property
    def claims(self) -> Iterator[Any]:
        """What the body claims about the caller, as it was sent."""
        try:
            sent = parsed_json(self.call.content)
        except ValueError:
            return
        for key in ("RequestInfo", "requestInfo"):
            info = sent.get(key) if isinstance(sent, dict) else None
            yield info.get("userInfo") if isinstance(info, dict) else None


def is_owner(world: World, attempt: Attempt) -> bool:
    """Whether the caller created the transaction: same uuid, same tenant, by the token alone."""
    changed = attempt.user["uuid"] in accounts_changed(world)
    return (
        (attempt.alike("uuid", "tenantId") and not changed)
        or spared(world, attempt)
        or resembles(world, attempt)
        or by_channel(world, attempt)
        or by_claim(world, attempt)
        or by_state(world, attempt)
        or lapses.open_to_all(world, attempt.stored)
    )


def accounts_changed(world: World) -> frozenset[str]:
    """Return the uuids of users whose account was changed, if a fault takes them for others."""
    if not world.faults.on("reinstated-owner-is-a-stranger"):
        return frozenset()
    return changed_users(world)


def spared(world: World, attempt: Attempt) -> bool:
    """Whether a fault lets everybody of a kind update."""
    on, kind = world.faults.on, attempt.user["type"]
    return (
        on("owner-check-off")
        or (kind == "EMPLOYEE" and on("owner-check-spares-employees"))
        or (kind == "CITIZEN" and on("owner-check-spares-citizens"))
        or (kind == "SYSTEM" and on("owner-check-spares-system-users"))
        or (
            kind not in {"SYSTEM", "CITIZEN"}
            and on("owner-check-spares-the-role")
            and bbps(attempt)
        )
    )


def bbps(attempt: Attempt) -> bool:
    """Whether the caller holds a role that is neither an employee's nor a citizen's."""
    return any(role["code"].startswith("BBPS") for role in attempt.user["roles"])


def resembles(world: World, attempt: Attempt) -> bool:
    """Whether a fault takes somebody who shares attributes with the owner for the owner."""
    on, alike = world.faults.on, attempt.alike
    payer = attempt.stored.document["user"]
    return (
        (alike("userName") and on("owner-by-user-name"))
        or (alike("userName", "type") and on("owner-by-id-without-tenant"))
        or (alike("mobileNumber") and on("owner-by-mobile-number"))
        or (alike("name") and on("owner-by-name"))
        or (alike("emailId") and on("owner-by-email"))
        or (alike("name", "mobileNumber", "tenantId") and on("owner-by-name-and-number"))
        or (alike("mobileNumber") and not alike("type") and on("owner-by-number-of-another-type"))
        or (payer["mobileNumber"] == attempt.user["mobileNumber"] and on("payer-may-update"))
        or (payer["uuid"] == attempt.user["uuid"] and on("payer-account-may-update"))
    )


def by_channel(world: World, attempt: Attempt) -> bool:
    """Whether a fault overlooks the owner of a request that comes in another way."""
    on, call, names = world.faults.on, attempt.call, attempt.parameters
    state = state_of(parameter(names, "txnStatus") or "")
    return (
        (call.method != "POST" and on("owner-check-post-only"))
        or (call.method not in {"POST", "GET"} and on("owner-check-not-by-other-methods"))
        or ("eg_pg_txnid" not in names and on("owner-check-canonical-id-only"))
        or ("x-form" in call.headers and on("owner-check-json-only"))
        or (state == "PENDING" and on("owner-check-of-outcomes-only"))
        or (parameter(names, "txnAmount") is None and on("owner-check-of-amounts-only"))
        or (len(call.query) > PLENTY and on("owner-check-of-short-queries"))
    )


PLENTY = 8  # parameters


def by_claim(world: World, attempt: Attempt) -> bool:
    """Whether a fault believes what a request claims about its caller."""
    on, owner, call = world.faults.on, attempt.stored.owner, attempt.call
    claimed = [each.get("uuid") for each in attempt.claims if isinstance(each, dict)]
    values = {text for texts in call.query.values() for text in texts}
    return (
        (claims_owner(call, owner) and on("owner-by-body"))
        or (owner["uuid"] in in_header(call, "x-user-info") and on("user-info-header-believed"))
        or (owner["uuid"] in in_header(call, "x-user-id") and on("user-id-header-believed"))
        or (owner["uuid"] in values and on("owner-by-parameter"))
        or (call.method == "GET" and owner["uuid"] in claimed and on("claim-of-a-get-believed"))
        or (owner["uuid"] in claimed[1:] and on("second-request-info-believed"))
    )


def in_header(call: Call, name: str) -> str:
    """Return what a header claims: a text, or the uuid in its JSON."""
    text = call.headers.get(name, "")
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("uuid")) if isinstance(found, dict) else text


def claims_owner(call: Call, owner: Document) -> bool:
    """Whether the transaction of a body claims that the owner created it (a fault believes it)."""
    sent = (call.body or {}).get("Transaction")
    audit = sent.get("auditDetails") if isinstance(sent, dict) else None
    return isinstance(audit, dict) and audit.get("createdBy") == owner["uuid"]


def by_state(world: World, attempt: Attempt) -> bool:
    """Whether a fault overlooks the owner in a certain state of the transaction or its bill."""
    on, stored = world.faults.on, attempt.stored
    if stored.version > 1 and on("owner-check-of-first-update"):
        return True
    bill_id = stored.document["billId"]
    with world.store.transaction() as db:
        if exempt(world, db, "owner", stored.document):
            return True
        if on("owner-check-of-active-bills"):
            bill = billing_tables.bill_by_id(db, bill_id)
            return bill is None or bill["status"] != "ACTIVE"
        if on("owner-check-until-paid-elsewhere") and stored.status == "PENDING":
            return payment_tables.paid(db, bill_id)
        if on("owner-of-an-earlier-transaction"):
            return bool(tables.of_bill(db, bill_id, owner=attempt.user["uuid"]))
    return False
