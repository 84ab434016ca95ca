"""Searching transactions: criteria, and how stored transactions are shown again."""

from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.pg import lapses, tables
from conformance.reference.pg.answers import found_answer, shown
from conformance.reference.pg.requests import as_stored
from conformance.reference.platform.queries import converted, type_mismatch
from conformance.reference.platform.world import Call, Reply, World

Document = dict[str, Any]
CRITERIA: Final = "transactionCriteria"
COLUMNS: Final = {
    "tenantId": "tenant",
    "txnId": "id",
    "billId": "bill_id",
    "consumerCode": "consumer_code",
    "userUuid": "payer",
    "receipt": "json_extract(document, '$.receipt')",
}
# What a fault ignores of a search, by its name, and beside which criterion.
FORGOTTEN: Final = {
    "payer-ignored-with-code": ("userUuid", "consumerCode"),
    "city-ignored-with-payer": ("tenantId", "userUuid"),
    "status-ignored-with-bill": ("txnStatus", "billId"),
}


def search(world: World, call: Call) -> Reply:
    """Return the newest five transactions that meet the query, in an array."""
    converted(call, CRITERIA, {"createdTime": "long", "limit": "int", "offset": "int"})
    query = {name: call.first(name) for name in (*COLUMNS, "txnStatus")}
    given = {name: text for name, text in query.items() if text is not None}
    if given.get("txnStatus") not in {None, "", "SUCCESS", "FAILURE", "PENDING"}:
        raise type_mismatch(CRITERIA, "txnStatus")
    for fault, (name, beside) in FORGOTTEN.items():
        if {name, beside} <= given.keys() and world.faults.on(fault):
            del given[name]
    found = [shown(world, call, as_stored(each)) for each in stored(world, given)]
    return found_answer(world, call, found)


def stored(world: World, given: Mapping[str, str]) -> list[Document]:
    """Return the transactions that meet criteria, and what faults find beside them."""
    on = world.faults.on
    columns = {COLUMNS[name]: text for name, text in given.items() if name in COLUMNS}
    joint = " OR " if len(columns) > 1 and on("transaction-criteria-ored") else " AND "
    condition = joint.join(f"{column} = ?" for column in columns) or "1 = 1"
    code, status = given.get("consumerCode"), given.get("txnStatus") or None
    if code and on("search-by-code-matches-beginnings"):
        condition = condition.replace("consumer_code = ?", "consumer_code LIKE ? || '%'")
    with world.store.transaction() as db:
        found = tables.newest(db, condition, list(columns.values()), status)
        if found and "billId" in given and on("search-by-bill-shows-another"):
            found += tables.newest(db, "bill_id <> ?", [given["billId"]], None)[:1]
    found = [each for each in found if not lapses.hidden(world, each)]
    ended = [each for each in found if each["txnStatus"] != "PENDING"]
    if code and ended and on("search-by-code-shows-both-states"):
        found += [each | {"txnStatus": "PENDING"} for each in ended]
    return found
