"""Demands of billing-service: create, search, update."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing import distortions, tables
from conformance.reference.billing.advances import credit_for
from conformance.reference.billing.bill_making import audit
from conformance.reference.billing.requests import bind_demands, refuse_empty_payer
from conformance.reference.platform.amounts import ZERO, fits_column, two_places
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.money_calls import NULL, caller_of, refuse_all, response_info
from conformance.reference.platform.queries import converted, type_mismatch
from conformance.reference.platform.store import IntegrityError
from conformance.reference.platform.world import Call, Reply, Route, World
from conformance.reference.user.accounts import find_user

Document = dict[str, Any]
UNSEEN: Final = "demand-change-unseen"


def create(world: World, call: Call) -> Reply:
    """Store new demands: 201 with the demands; every broken rule comes in one answer."""
    demands = bound_demands(call)
    now, by = world.clock.now(), caller_of(call)["uuid"]
    with world.store.transaction() as db:
        refuse_all(breaches_in(world, demands) | taken_periods(db, demands))
        refuse_oversized(demands)
        for demand in demands:
            enrich(world, demand, by=by, now=now)
            credit_for(world, db, demand, by=by, now=now)
            store_new(db, demand)
        withdraw_bills(world, db, demands, by=by, now=now, unseen=(UNSEEN, "further-demand-unseen"))
    return answer(call, 201, "201 CREATED", demands)


def bound_demands(call: Call) -> list[Document]:
    """Bind the demands of a request; an empty list is DIGIT's index error."""
    bound = bind_demands(call.body)
    refuse_all(bound.breaches)
    demands: list[Document] = bound.value["demands"]
    if not demands:
        raise Unhandled("IndexOutOfBoundsException", "Index: 0, Size: 0")
    if any(each is None or None in each["demandDetails"] for each in demands):
        raise Unhandled(NULL)
    return demands


def breaches_in(world: World, demands: Sequence[Document]) -> dict[str, str]:
    """Collect what the demands break of master data, amounts and payers."""
    found: dict[str, str] = {}
    for demand in demands:
        found |= dict(master_breaches(world, demand))
        found |= dict(amount_breaches(demand))
        found |= dict(payer_breaches(world, demand))
    return found


def master_breaches(world: World, demand: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Check business service, tax heads and tax period against master data."""
    service = demand["businessService"]
    if world.masters.business_service(service) is None:
        yield (
            "EG_BS_BUSINESSSERVICE_NOTFOUND",
            f"No Business Service masters found for give codes [{service}]",
        )
        return
    heads = {row["code"] for row in world.masters.tax_heads(service)}
    unknown = {each["taxHeadMasterCode"] for each in demand["demandDetails"]} - heads
    if unknown:
        named = ", ".join(sorted(unknown))
        yield "EG_BS_TAXHEADS_NOTFOUND", f"No TaxHead masters found for give codes [{named}]"
    first, last = demand["taxPeriodFrom"], demand["taxPeriodTo"]
    every = world.masters.tax_periods(world.clock.moment())
    periods = [row for row in every if row["service"] == service]
    if not any(row["fromDate"] <= first and last <= row["toDate"] for row in periods):
        yield (
            "EG_BS_TAXPERIODS_DEMAND",
            "No Tax Periods Found for the given demand with fromDate : "
            f"{first} and toDate : {last}",
        )


def amount_breaches(demand: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Check each detail's collection against its tax."""
    start = "Invalid demand details found with following Values : [collection amount :"
    for detail in demand["demandDetails"]:
        tax, collected = detail["taxAmount"], detail["collectionAmount"]
        if tax >= 0 and not 0 <= collected <= tax:
            yield (
                "EG_DEMAND_DEATIL_INVALID",
                f"{start} {collected:f}, cannot not be greater than taxAmount or Negative "
                f"in case of positive tax : {tax:f}]",
            )
        if tax < 0 and collected not in {ZERO, tax}:
            yield (
                "EG_DEMAND_DEATIL_INVALID",
                f"{start} {collected:f}, should be equal to 'ZERO' or tax amount : {tax:f} "
                "in case of negative Tax]",
            )


def refuse_oversized(demands: Sequence[Document]) -> None:
    """Refuse what no column of the table holds: long texts, large amounts."""
    for demand in demands:
        texts = (demand["consumerCode"], demand["consumerType"], demand["businessService"])
        amounts = [demand["minimumAmountPayable"] or ZERO]
        for detail in demand["demandDetails"]:
            amounts += [detail["taxAmount"], detail["collectionAmount"]]
        if any(len(text) > LONGEST_TEXT for text in texts):
            raise Unhandled("DataIntegrityViolationException", "value too long for its column")
        if not all(fits_column(amount) for amount in amounts):
            raise Unhandled("DataIntegrityViolationException", "numeric field overflow")


LONGEST_TEXT: Final = 250  # characters


def payer_breaches(world: World, demand: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Check that a payer given by uuid exists and is no employee."""
    id_ = (demand["payer"] or {}).get("uuid")
    if not id_:
        return
    user = find_user(world, id_)
    if user is None:
        yield "EG_BS_USER_UUID_NOTFOUND", f"No users found for following uuids  [{id_}]"
    elif user["type"] == "EMPLOYEE":
        yield (
            "EG_BS_EMPLOYEE_UUID_NOTALLOWED",
            "Employees cannot own a demand in system. The following uuids belonging to "
            f"employees are rejected : [{id_}]",
        )


def taken_periods(db: Connection, demands: Sequence[Document]) -> dict[str, str]:
    """Name the consumer codes that have an active demand of the same period, even a paid one."""
    taken = [
        demand["consumerCode"]
        for demand in demands
        for other in tables.demands_of(
            db, demand["tenantId"], demand["businessService"], [demand["consumerCode"]]
        )
        if other["status"] == "ACTIVE"
        and other["tenantId"] == demand["tenantId"]
        and other["taxPeriodFrom"] == demand["taxPeriodFrom"]
        and other["taxPeriodTo"] == demand["taxPeriodTo"]
    ]
    if not taken:
        return {}
    return {
        "EG_BS_DUPLICATE_CONSUMERCODE": "Demand already exists in the same period with the same "
        f"businessService for the given consumercodes : [{', '.join(taken)}]"
    }


def store_new(db: Connection, demand: Document) -> None:
    """Store a demand; two of one period in a single request meet the unique index."""
    try:
        tables.add_demand(db, demand)
    except IntegrityError:
        raise Unhandled("DuplicateKeyException", "one_demand_per_period") from None


def enrich(world: World, demand: Document, *, by: str, now: int) -> None:
    """Give a new demand ids, defaults, payer, audit details; amounts get two decimals."""
    demand["id"] = str(uuid.uuid4())
    demand["status"] = demand["status"] or "ACTIVE"
    demand["isPaymentCompleted"] = False
    demand["payer"] = payer_of(world, demand["payer"])
    demand["auditDetails"] = audit(by, now)
    demand["minimumAmountPayable"] = two_places(demand["minimumAmountPayable"] or ZERO)
    for detail in demand["demandDetails"]:
        enrich_detail(demand, detail, by=by, now=now)


def enrich_detail(demand: Document, detail: Document, *, by: str, now: int) -> None:
    """Give a new demand detail what the service decides."""
    detail["id"] = str(uuid.uuid4())
    detail["demandId"] = demand["id"]
    detail["tenantId"] = demand["tenantId"]
    detail["taxAmount"] = two_places(detail["taxAmount"])
    detail["collectionAmount"] = two_places(detail["collectionAmount"])
    detail["auditDetails"] = audit(by, now)


def payer_of(world: World, requested: Mapping[str, Any] | None) -> Document | None:
    """Return the payer to store: a user by uuid, or name and mobile number as given."""
    if requested and requested["uuid"]:
        user = find_user(world, requested["uuid"]) or {}
        return {key: user.get(key) for key in requested}
    return (
        dict(requested) if requested and requested["name"] and requested["mobileNumber"] else None
    )


def withdraw_bills(
    world: World,
    db: Connection,
    demands: Sequence[Document],
    *,
    by: str,
    now: int,
    unseen: Sequence[str] = (UNSEEN,),
) -> None:
    """Expire the active bills of demands' consumer codes: the next fetch makes new ones.

    `unseen` are the faults that leave them active.
    """
    for demand in demands:
        place = demand["tenantId"], demand["businessService"], demand["consumerCode"]
        bill = tables.active_bill(db, *place)
        cancelled = demand["status"] == "CANCELLED" and bill and len(bill["billDetails"]) > 1
        if cancelled and world.faults.on("cancelled-period-unseen"):
            continue
        if bill and not any(world.faults.on(name) for name in unseen):
            tables.set_bill_status(db, bill, "EXPIRED", by=by, now=now)


def update(world: World, call: Call) -> Reply:
    """Change existing demands: 201; consumer code and completion cannot be changed."""
    demands = bound_demands(call)
    now, by = world.clock.now(), caller_of(call)["uuid"]
    if any(not demand["id"] for demand in demands):
        raise ServiceProblem(
            (
                "EG_BS_DEMANDS_UNDIDENTIFIABLE",
                "Demands, must contain ids in the update payload",
            )
        )
    with world.store.transaction() as db:
        stored = [tables.demand_by_id(db, demand["id"]) for demand in demands]
        refuse_all(unknown_ids(demands, stored))
        refuse_all(breaches_in(world, demands))
        refuse_oversized(demands)
        before = deepcopy([each for each in stored if each])
        changed = [
            changed_demand(old, new, by=by, now=now)
            for old, new in zip(stored, demands, strict=True)
            if old is not None
        ]
        for demand in changed:
            store_changed(db, demand)
        seen = distortions.seen_changes(world, before, changed)
        seen = distortions.seen_beside_namesakes(world, db, seen, by=by)
        withdraw_bills(world, db, seen, by=by, now=now)
    return answer(call, 201, "201 CREATED", changed)


def unknown_ids(
    demands: Sequence[Document], stored: Sequence[Document | None]
) -> Iterator[tuple[str, str]]:
    """Name demands and details that are not stored, or stored at another tenant."""
    for demand, old in zip(demands, stored, strict=True):
        if old is not None and old["tenantId"] != demand["tenantId"]:
            old = None
        if old is None:
            yield (
                "EG_BS_DEMANDS_NOT_FOUND",
                f"No Demands not found in db for following ids : [{demand['id']}]",
            )
        known = {detail["id"] for detail in old["demandDetails"]} if old else set()
        requested = {detail["id"] for detail in demand["demandDetails"] if detail["id"]}
        if requested - known:
            named = ", ".join(sorted(requested - known))
            yield (
                "EG_BS_DEMAND_DETAIL_NOTFOUND",
                f"No Demand details found for the given ids :  [{named}]",
            )


def changed_demand(old: Document, new: Document, *, by: str, now: int) -> Document:
    """Merge an update into a stored demand; what is collected stays as the payments made it."""
    known = {detail["id"]: detail for detail in old["demandDetails"]}
    for detail in new["demandDetails"]:
        if detail["id"] in known:
            former = known.pop(detail["id"])
            former["taxAmount"] = two_places(detail["taxAmount"])
            former["additionalDetails"] = detail["additionalDetails"]
        else:
            detail["collectionAmount"] = ZERO
            enrich_detail(old, detail, by=by, now=now)
            old["demandDetails"].append(detail)
    for key in ("consumerType", "taxPeriodFrom", "taxPeriodTo", "billExpiryTime", "status"):
        old[key] = new[key] if new[key] is not None else old[key]
    old["additionalDetails"] = new["additionalDetails"]
    old["minimumAmountPayable"] = two_places(new["minimumAmountPayable"] or ZERO)
    old["auditDetails"] |= {"lastModifiedBy": by, "lastModifiedTime": now}
    refuse_all(amount_breaches(old))
    return old


def store_changed(db: Connection, demand: Document) -> None:
    """Store a changed demand; an active one of the same period is met by the unique index."""
    try:
        tables.change_demand(db, demand)
    except IntegrityError:
        raise Unhandled("DuplicateKeyException", "one_demand_per_period") from None


def search(world: World, call: Call) -> Reply:
    """Find demands by query parameters; tenantId and one more criterion are needed."""
    typed = converted(call, "demandCriteria", TYPED)
    if call.first("type") not in {None, "", *TYPES}:
        raise type_mismatch("demandCriteria", "type")
    tenant = call.first("tenantId")
    if tenant is None:
        raise ServiceProblem(("NotNull.demandCriteria.tenantId", "must not be null"))
    blank = [name for name in BLANK_IS_NONE if not (call.first(name) or "").strip()]
    if not (COUNTING & set(call.query)) - set(blank):
        text = " Any one of the fields additional to tenantId is mandatory"
        raise ServiceProblem(("businessService", text))
    caller_of(call)
    refuse_empty_payer(call)
    with world.store.transaction() as db:
        stored = tables.demands_of(
            db, tenant, call.first("businessService"), call.several("consumerCode")
        )
        found = [
            each
            for each in tables.seen(db, "demand", stored)
            if matches(call, each)
            and typed["isPaymentCompleted"] in {None, each["isPaymentCompleted"]}
        ]
    if any(demand["payer"] for demand in found):
        found = [demand for demand in found if demand["payer"]]
    return answer(call, 200, "200 OK", found)


TYPED: Final = {
    "demandFrom": "decimal",
    "demandTo": "decimal",
    "periodFrom": "long",
    "periodTo": "long",
    "isPaymentCompleted": "flag",
    "receiptRequired": "flag",
}
COUNTING: Final = frozenset(
    [
        "demandId",
        "consumerCode",
        "email",
        "mobileNumber",
        "businessService",
        "demandFrom",
        "demandTo",
        "type",
    ]
)


BLANK_IS_NONE: Final = frozenset(["demandFrom", "demandTo", "type"])
TYPES: Final = frozenset(["ARREARS", "CURRENT", "DUES"])


def matches(call: Call, demand: Document) -> bool:
    """Whether a demand meets the criteria that are not looked up by index."""
    payer = demand["payer"] or {}
    wanted = {
        "status": demand["status"],
        "mobileNumber": payer.get("mobileNumber"),
        "email": payer.get("emailId"),
        "type": demand["consumerType"],
        "payer": payer.get("uuid"),
    }
    if not call.first("type"):
        del wanted["type"]
    plain = all(call.first(name) in {None, value} for name, value in wanted.items())
    return plain and ("demandId" not in call.query or demand["id"] in call.several("demandId"))


def answer(call: Call, status: int, status_text: str, demands: Sequence[Document]) -> Reply:
    """Wrap demands."""
    body = {
        "ResponseInfo": response_info(call, status_text),
        "Demands": list(demands),
        "CollectedReceipt": None,
    }
    return Reply(status=status, body=body)


ROUTES: Final = (
    Route(path="/billing-service/demand/_create", handler=create),
    Route(path="/billing-service/demand/_search", handler=search),
    Route(path="/billing-service/demand/_update", handler=update),
)
