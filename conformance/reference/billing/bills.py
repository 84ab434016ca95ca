"""Bills of billing-service: fetch (reuse or generate), search, cancel."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing import distortions, tables
from conformance.reference.billing.bill_making import make_bill, outstanding
from conformance.reference.billing.distortions import as_answered, offered_anyway, strays
from conformance.reference.billing.requests import (
    FETCH,
    MAIL,
    SEARCH,
    bind_cancellation,
    refuse_empty_payer,
)
from conformance.reference.platform.clock import DAY
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.ids import new_id
from conformance.reference.platform.money_calls import NULL, caller_of, refuse_all, response_info
from conformance.reference.platform.queries import converted, type_mismatch
from conformance.reference.platform.shapes import Field, breaches_in
from conformance.reference.platform.store import IntegrityError
from conformance.reference.platform.world import Call, Reply, Route, User, World

Document = dict[str, Any]
TYPED: Final = {
    "isActive": "flag",
    "isCancelled": "flag",
    "retrieveOldest": "flag",
    "size": "long",
    "offset": "long",
    "fromPeriod": "long",
    "toPeriod": "long",
}
STATUSES: Final = frozenset(
    ["ACTIVE", "CANCELLED", "PAID", "PARTIALLY_PAID", "PAYMENT_CANCELLED", "EXPIRED"]
)


def fetch(world: World, call: Call) -> Reply:
    """Return the payable bills of consumer codes: 201, the stored ones or fresh ones."""
    criteria(call, FETCH, "generateBillCriteria", world)
    codes = call.several("consumerCode")
    if not any(call.first(name) for name in ("demandId", "mobileNumber", "email")) and not codes:
        raise ServiceProblem(NOTHING_TO_FETCH)
    if len(codes) > 1 and world.variations.on("lists-of-codes-400"):
        raise ServiceProblem(ONE_CODE)
    user = caller_of(call)
    cities_only(user, call.first("tenantId") or "")
    refuse_empty_payer(call)
    with world.store.transaction() as db:
        kept, made = payable_bills(world, db, call, user)
        extra = offered_anyway(world, db, call, user, kept + made)
    bills = [as_answered(world, bill) for bill in [*kept, *made, *extra]]
    if not bills and world.faults.on("nothing-due-is-no-body"):
        return Reply(status=201)
    if not bills:
        refuse_nothing_due(world)
    wrapper = response_info(call, "200 OK") if kept and not made else None
    status = 206 if world.faults.on("undocumented-status") else 201
    return Reply(status=status, body={"ResposneInfo": wrapper, "Bill": bills})


def refuse_nothing_due(world: World) -> None:
    """Refuse a fetch that finds no bill, where a deployment does; others answer an empty list."""
    if any(world.variations.on(f"nothing-due-{status}") for status in (400, 404)):
        raise ServiceProblem(NOTHING_DUE)


NOTHING_DUE: Final = ("EG_BS_BILL_NO_DEMANDS_FOUND", "No demands found for the given criteria")
ONE_CODE: Final = ("INVALID_CONSUMER_CODE", "One consumer code is fetched at a time")
NOTHING_TO_FETCH: Final = (
    "BILL_GEN_MANDATORY_FIELDS_MISSING",
    "Valid search criteria fields missing, please give some valid criteria like "
    "mobileNumber/email OR 'businessService & consumerCode' OR demandId",
)


def criteria(call: Call, fields: Mapping[str, Field], name: str, world: World) -> None:
    """Refuse query parameters that break their constraints (BIL-07)."""
    given = {key: call.first(key) for key in fields}
    found = dict(breaches_in(fields, given, name))
    if not MAIL.fullmatch(call.first("email") or ""):
        found[f"Email.{name}.email"] = "must be a well-formed email address"
    if found and world.faults.on("missing-criterion-unnamed"):
        found = {"INVALID_REQUEST": "The request is not valid"}
    refuse_all(found)


def cities_only(user: User, tenant: str) -> None:
    """Refuse a state tenant to employees."""
    if user["type"] == "EMPLOYEE" and "." not in tenant:
        text = "Employees cannot search based on state level tenantid"
        raise ServiceProblem(("EG_BS_INVALID_TENANTID", text))


def payable_bills(
    world: World, db: Connection, call: Call, user: User
) -> tuple[list[Document], list[Document]]:
    """Return the stored bills that are still payable, and those made now."""
    demands = wanted_demands(world, db, call)
    places = dict.fromkeys((demand["tenantId"], demand["consumerCode"]) for demand in demands)
    kept, made = [], []
    for city, code in places:
        own = [each for each in demands if (each["tenantId"], each["consumerCode"]) == (city, code)]
        own += distortions.billed_too(world, db, own[0])
        if distortions.replaced_anyway(world, call):
            retire(world, db, tables.active_bill(db, city, own[0]["businessService"], code))
        bill = standing_bill(world, db, city, own[0]["businessService"], code, user)
        if bill is not None:
            kept.append(bill)
        elif fresh := new_bill(world, db, own, by=user["uuid"]):
            made.append(fresh)
    return kept, made


def wanted_demands(world: World, db: Connection, call: Call) -> list[Document]:
    """Return the demands that meet the criteria, paid ones included."""
    tenant, service = call.first("tenantId") or "", call.first("businessService") or ""
    codes = call.several("consumerCode")
    mobile, email = call.first("mobileNumber"), call.first("email")
    found = tables.demands_of(db, tenant, service, codes) or strays(world, db, call)
    if call.first("demandId"):
        found = [demand for demand in found if demand["id"] == call.first("demandId")]
    if mobile or email:
        added = world.variations.on("number-adds-the-payers-bills")
        every = tables.demands_of(db, tenant, service) if added else found
        found = [
            each for each in every if paid_by(each, mobile, email) or (added and each in found)
        ]
    return found


def paid_by(demand: Mapping[str, Any], mobile: str | None, email: str | None) -> bool:
    """Whether a demand's payer has a mobile number and an e-mail address, where requested."""
    payer = demand["payer"] or {}
    return mobile in {None, payer.get("mobileNumber")} and email in {None, payer.get("emailId")}


def standing_bill(
    world: World, db: Connection, tenant: str, service: str, code: str, user: User
) -> Document | None:
    """Return the active bill that readers see, unless it has expired (then it is withdrawn)."""
    stored = tables.bills_of(db, tenant, service, [code])
    bills = [bill for bill in tables.seen(db, "bill", stored) if bill["status"] == "ACTIVE"]
    if not bills:
        return None
    expiry = min(detail["expiryDate"] for detail in bills[0]["billDetails"])
    stands = expiry >= world.clock.now() or world.faults.on("expired-bill-offered")
    if bills[0]["auditDetails"]["createdBy"] != user["uuid"]:
        stands = stands and not world.faults.on("other-caller-other-bill")
    if world.clock.moment(bills[0]["billDate"]).date() < world.clock.moment().date():
        stands = stands and not world.faults.on("long-bill-replaced-daily")
    if tenant != world.masters.cities[0]:
        stands = stands and not world.faults.on("bill-elsewhere-made-anew")
    if stands and not world.faults.on("another-bill-each-time"):
        return bills[0]
    retire(world, db, tables.active_bill(db, tenant, service, code))
    return None


def retire(world: World, db: Connection, bill: Document | None) -> None:
    """Mark a bill as expired."""
    if bill is not None:
        by = bill["auditDetails"]["createdBy"]
        tables.set_bill_status(db, bill, "EXPIRED", by=by, now=world.clock.now())


def new_bill(
    world: World, db: Connection, demands: Sequence[Document], *, by: str
) -> Document | None:
    """Make and store the bill of a consumer code's open demands; None where nothing is due."""
    due = [
        each for each in demands if each["status"] == "ACTIVE" and not each["isPaymentCompleted"]
    ]
    if not due or sum(outstanding(demand) for demand in due) < 0:
        return None
    due += distortions.billed_again(world, demands)
    if due[3:] and world.faults.on("fourth-period-lost"):
        due = due[:3]
    service, tenant = due[0]["businessService"], due[0]["tenantId"]
    number = tables.next_number(db, f"bill {tenant}")
    bill = make_bill(
        due,
        id_=new_id(world),
        number=f"BILLNO-{service}-{number:06d}",
        orders={row["code"]: int(row["order"]) for row in world.masters.tax_heads(service)},
        by=by,
        now=world.clock.now(),
        ends=partial(day_end, world),
    )
    several = world.variations.on("bills-of-each-service")
    if tables.is_billed(db, tenant, due[0]["consumerCode"]) and not several:
        raise Unhandled("DuplicateKeyException", "one_active_bill")
    try:
        tables.add_bill(db, bill)
    except IntegrityError:
        raise Unhandled("DuplicateKeyException", "one_active_bill") from None
    return bill


def day_end(world: World, moment: int) -> int:
    """Return until when a bill of a moment is payable, in epoch ms: to the end of a day."""
    if world.variations.on("bills-of-24-hours"):
        return moment + DAY
    if world.variations.on("bills-of-a-week"):
        moment += 7 * DAY
    return world.clock.end_of_day(moment)


def search(world: World, call: Call) -> Reply:
    """Return the newest bill of each consumer code that meets the query; expiry is not handled."""
    criteria(call, SEARCH, "billSearchCriteria", world)
    converted(call, "billSearchCriteria", TYPED)
    if call.first("status") and call.first("status") not in STATUSES:
        raise type_mismatch("billSearchCriteria", "status")
    refuse_all(missing_criteria(call))
    tenant = call.first("tenantId") or ""
    cities_only(caller_of(call), tenant)
    with world.store.transaction() as db:
        codes, ids = call.several("consumerCode"), call.several("billId")
        stored = tables.bills_of(db, tenant, call.first("service"), codes, ids)
        found = [bill for bill in tables.seen(db, "bill", stored) if matches(call, bill)]
    newest = {(bill["tenantId"], bill["consumerCode"]): bill for bill in reversed(found)}
    bills = list(reversed(newest.values()))
    return Reply(body={"ResposneInfo": response_info(call, "200 OK"), "Bill": bills})


def missing_criteria(call: Call) -> Iterator[tuple[str, str]]:
    """Demand what a bill search needs in addition to the tenant."""
    given = any(name in call.query for name in ("billId", "consumerCode", "mobileNumber", "email"))
    if not given:
        yield (
            "EGBS_MANDATORY_FIELDS_ERROR",
            "BILL_SEARCH_MANDATORY_FIELDS_MISSING Any one of the fields additional to tenantId is "
            "mandatory like consumerCode,billId, mobileNumber or email",
        )
    elif "consumerCode" in call.query and "service" not in call.query:
        yield (
            "BILL_SEARCH_CONSUMERCODE_BUSINESSSERVICE",
            " the consumerCode & Service values should be given together or mobilenumber/email "
            "can be given ",
        )


def matches(call: Call, bill: Mapping[str, Any]) -> bool:
    """Whether a bill meets the criteria that are not looked up by index."""
    wanted = {
        "billNumber": bill["billNumber"],
        "mobileNumber": bill["mobileNumber"],
        "email": bill["payerEmail"],
        "status": bill["status"],
    }
    plain = all(call.first(name) in {None, "", value} for name, value in wanted.items())
    return plain and ("billId" not in call.query or bill["id"] in call.several("billId"))


def cancel(world: World, call: Call) -> Reply:
    """Cancel the active bill of one consumer code; the demand stays and gives a new bill."""
    bound = bind_cancellation(call.body)
    refuse_all(bound.breaches)
    requested = bound.value["updateBillCriteria"]
    codes = cancelled_codes(requested)
    by, now = caller_of(call)["uuid"], world.clock.now()
    with world.store.transaction() as db:
        bills = tables.bills_of(db, requested["tenantId"], requested["businessService"], codes)
        if bills and bills[0]["status"] == "ACTIVE":
            bills[0]["additionalDetails"] = requested["additionalDetails"]
            tables.set_bill_status(db, bills[0], "CANCELLED", by=by, now=now)
            text = "Successfully cancelled 1 Active bills for given consumer codes"
            return Reply(body={"ResponseInfo": response_info(call, "200 OK"), "Message": text})
    paid = bool(bills) and bills[0]["status"] in {"PAID", "PARTIALLY_PAID"}
    text = (
        "You cannot cancel the bill in the workflow"
        if paid
        else "No Active bills found for cancellation for the given criteria"
    )
    body = {"ResponseInfo": response_info(call, "400 BAD_REQUEST"), "Message": text}
    return Reply(status=400, body=body)


def cancelled_codes(requested: Mapping[str, Any]) -> list[str]:
    """Return the one consumer code of a cancellation, its reasons being complete."""
    codes, extra = requested["consumerCodes"], requested["additionalDetails"]
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Unhandled(NULL)
    if len(codes) != 1:
        text = "Only one consumer code can be provided in the Cancel request"
        raise ServiceProblem(("EG_BS_CANCEL_BILL_ERROR", text))
    refuse_all(reason_breaches(extra if isinstance(extra, dict) else {}))
    return codes


def reason_breaches(extra: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Demand a reason and its message, as text."""
    if not isinstance(extra.get("reasonMessage"), str):
        yield (
            "EG_BS_CANCELL_REASON_MSG_NOT",
            "Cancell Reason message with key 'reasonMessage' is madnatory Text field in "
            "additionalDetails of Bill cancell Request",
        )
    elif not extra["reasonMessage"]:
        yield "EG_BS_CANCELL_REASON_MSG_NOT", "Cancell Reason message cannot be empty"
    if not isinstance(extra.get("reason"), str):
        yield (
            "EG_BS_CANCELL_REASON_CODE_NOT",
            "Cancellation Reason with key 'reason' is a madnatory Text field in "
            "additionalDetails of Bill cancell Request",
        )
    elif not extra["reason"]:
        yield "EG_BS_CANCELL_REASON_CODE_NOT", "Cancell Reason code cannot be empty"


ROUTES: Final = (
    Route(path="/billing-service/bill/v2/_fetchbill", handler=fetch),
    Route(path="/billing-service/bill/v2/_search", handler=search),
    Route(path="/billing-service/bill/v2/_cancelbill", handler=cancel),
)
