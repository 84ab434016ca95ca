"""Searching payments: criteria, paging, counting, and how stored payments are shown again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.reference.billing.tables import tenant_clause, within
from conformance.reference.collection import tables
from conformance.reference.collection.answers import answer, info
from conformance.reference.collection.bills import in_paise, rebuilt
from conformance.reference.collection.distortions import applied, meeting, page
from conformance.reference.platform.clock import DAY
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.money_calls import NULL
from conformance.reference.platform.queries import converted
from conformance.reference.platform.world import Call, Reply, Route, World

Document = dict[str, Any]
CRITERIA: Final = "paymentSearchCriteria"
DEFAULT_LIMIT, LARGEST_LIMIT = 30, 100
NEWEST: Final = 100  # payments that a fault does not forget
NUMBERS: Final = {"fromDate": "long", "toDate": "long", "offset": "int", "limit": "int"}
STATUSES: Final = frozenset(["NEW", "DEPOSITED", "CANCELLED", "DISHONOURED", "RECONCILED"])


def search(world: World, call: Call) -> Reply:
    """Find payments by query parameters, newest first; employees need a module in the path."""
    numbers = converted(call, CRITERIA, NUMBERS)
    if converted(call, CRITERIA, {"isCountRequest": "flag"})["isCountRequest"]:
        return count(world, call)
    check_caller(call)
    refuse_negative_page(numbers)
    if call.first("tenantId") is None:
        raise Unhandled(NULL)
    with world.store.transaction() as db:
        condition, values = indexed_condition(world, call)
        stored = tables.newest_first(db, condition, values)
        if world.faults.on("older-payments-forgotten"):
            known = {each["id"] for each in tables.newest_first(db, "1 = 1", [])[:NEWEST]}
            stored = [each for each in stored if each["id"] in known]
    start = numbers["offset"] or 0
    default, largest = page_sizes(world)
    limit = min(default if numbers["limit"] is None else numbers["limit"], largest)
    if numbers["limit"] is not None and world.faults.on("search-limit-before-criteria"):
        stored = stored[:limit]
    tests = [test for test in criteria(call, numbers) if not world.faults.on(ignoring(test[0]))]
    found = meeting(world, applied(world, call, tests, start), stored)
    if not found and world.faults.on("unknown-value-shows-all"):
        found = stored_anyway(world, call)
    return answer(world, call, [shown(payment) for payment in page(world, found, start, limit)])


def page_sizes(world: World) -> tuple[int, int]:
    """Return how many payments a page holds by default, and at most."""
    if world.variations.on("pages-of-ten"):
        return 10, 50
    if world.variations.on("pages-of-any-size"):
        return 1000, 1000
    return DEFAULT_LIMIT, LARGEST_LIMIT


def stored_anyway(world: World, call: Call) -> list[Document]:
    """Return every payment of the tenant (a fault)."""
    with world.store.transaction() as db:
        condition, value = tenant_clause(call.first("tenantId") or "")
        return tables.newest_first(db, condition, [value])


def ignoring(parameter: str) -> str:
    """Return the name of the fault that ignores a search parameter."""
    kebab = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in parameter)
    return f"search-ignores-{kebab}"


def refuse_negative_page(numbers: Mapping[str, int | None]) -> None:
    """Refuse a negative page, which is DIGIT's database error."""
    if any((numbers[name] or 0) < 0 for name in ("offset", "limit")):
        raise Unhandled("DataIntegrityViolationException")


def check_caller(call: Call) -> None:
    """Refuse a search without a known caller, and an employee's search without a module."""
    if not call.request_info:
        raise ServiceProblem(("INVALID_REQUEST_INFO", "RequestInfo cannot be null"))
    if call.user is None:
        text = "UserInfo within RequestInfo cannot be null"
        raise ServiceProblem(("INVALID_USER_INFO", text))
    if not call.user.get("uuid"):
        text = "UUID of the user within RequestInfo cannot be null"
        raise ServiceProblem(("INVALID_USER_ID", text))
    if call.user["type"] == "EMPLOYEE" and "module" not in call.parameters:
        text = "Path variable module name is mandatory for employees"
        raise ServiceProblem(("EGCL_URI_EXCEPTION", text))


def indexed_condition(world: World, call: Call) -> tuple[str, list[Any]]:
    """Return the SQL condition of the criteria that have an index, and its values."""
    condition, value = tenant_clause(call.first("tenantId") or "")
    values: list[Any] = [value]
    crossing = "consumerCodes" in call.query and world.faults.on("codes-searched-everywhere")
    later = "offset" in call.query and world.faults.on("later-pages-of-all-tenants")
    if crossing or later or world.faults.on("search-shows-other-tenants"):
        condition, values = "1 = 1", []
    if call.first("transactionNumber") is not None and not world.faults.on(
        ignoring("transactionNumber")
    ):
        condition += " AND transaction_number = ?"
        values.append(call.first("transactionNumber"))
    for parameter, column in (
        ("billIds", "bill_id"),
        ("consumerCodes", "consumer_code"),
        ("receiptNumbers", "receipt_number"),
    ):
        if parameter in call.query and not world.faults.on(ignoring(parameter)):
            several = call.several(parameter)
            first = several[1:] and world.faults.on("search-takes-first-of-list")
            wanted = several[:1] if first else several
            condition += (
                f" AND id IN (SELECT payment_id FROM payment_details WHERE "
                f"{within(column, wanted)}{overlooked_details(world)})"
            )
            values += wanted
    return condition, values


def overlooked_details(world: World) -> str:
    """Return the SQL condition by which a fault overlooks all details but the first."""
    if not world.faults.on("search-by-later-details-overlooked"):
        return ""
    return " AND rowid IN (SELECT min(rowid) FROM payment_details GROUP BY payment_id)"


def criteria(call: Call, numbers: Mapping[str, int | None]) -> list[tuple[str, Any]]:
    """Return the criteria that are judged on documents: parameter name and test."""
    tests: list[tuple[str, Any]] = []

    def test(parameter: str, meets: Any) -> None:
        tests.append((parameter, meets))

    if "ids" in call.query:
        test("ids", lambda payment: payment["id"] in call.several("ids"))
    if "payerIds" in call.query:
        test("payerIds", lambda payment: payment["payerId"] in call.several("payerIds"))
    if call.first("mobileNumber") is not None:
        test("mobileNumber", lambda payment: payment["mobileNumber"] == call.first("mobileNumber"))
    if call.first("status"):
        status = (call.first("status") or "").upper()
        test("status", lambda payment: payment["paymentStatus"] == status)
    for parameter, key in (
        ("instrumentStatus", "instrumentStatus"),
        ("paymentModes", "paymentMode"),
    ):
        if parameter in call.query:
            test(parameter, one_of(key, call.several(parameter)))
    services = services_of(call)
    if services:
        test("businessServices", has_service(services))
    first, last = numbers["fromDate"], numbers["toDate"]
    if first is not None:
        test("fromDate", lambda payment: payment["transactionDate"] >= first)
    if last is not None:
        test("toDate", lambda payment: payment["transactionDate"] <= last + DAY)
    return tests


def one_of(key: str, wanted: Sequence[str]) -> Any:
    """Return a test that a payment's field is among the wanted ones, in any case."""
    folded = {value.upper() for value in wanted}
    return lambda payment: payment[key] in folded


def has_service(services: Sequence[str]) -> Any:
    """Return a test that a payment has a detail of one of the services."""
    return lambda payment: any(
        detail["businessService"] in services for detail in payment["paymentDetails"]
    )


def services_of(call: Call) -> list[str]:
    """Return the requested business services: those of the parameter and of the path."""
    module = call.parameters.get("module")
    return [*call.several("businessServices"), *([module] if module else [])]


def count(world: World, call: Call) -> Reply:
    """Count the payments of a tenant and a business service."""
    tenant = call.first("tenantId")
    services = [service for service in call.several("businessServices") if service]
    if not tenant or not services:
        text = "both of tenantid and businessServices is mandatory for count search"
        raise ServiceProblem(("EGCL_PAYMENT_COUNT_ERROR", text))
    with world.store.transaction() as db:
        stored = tables.newest_first(db, "tenant = ?", [tenant])
    if world.faults.on("count-of-all-services"):
        return Reply(body={"Count": len(stored), "ResponseInfo": info(call)})
    found = [payment for payment in stored if has_service(services[:1])(payment)]
    return Reply(body={"Count": len(found), "ResponseInfo": info(call)})


def shown(payment: Document) -> Document:
    """Return a stored payment as search shows it: two decimals, an unset manual date is 0."""
    in_paise(payment, "totalDue", "totalAmountPaid")
    for detail in payment["paymentDetails"]:
        in_paise(detail, "totalDue", "totalAmountPaid")
        detail["manualReceiptDate"] = detail["manualReceiptDate"] or 0
        detail["bill"] = rebuilt(detail["bill"])
    return payment


ROUTES: Final = (
    Route(path="/collection-services/payments/_search", handler=search),
    Route(path="/collection-services/payments/{module}/_search", handler=search),
)
