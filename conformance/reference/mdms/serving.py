"""egov-mdms-service: serves the masters, and answers role checks which URLs a role opens."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from conformance.reference.mdms.filters import filtered
from conformance.reference.mdms.masters import BBPS_ROLE
from conformance.reference.platform.errors import ServiceProblem, Unhandled, missing_parameter
from conformance.reference.platform.master_data import ACTIONS, GRANTS, ROLES, TAX_PERIODS, Row
from conformance.reference.platform.shapes import Field, bind
from conformance.reference.platform.world import Call, Reply, Route, World

FETCH, CREATE, UPDATE, PAY = 1862, 1571, 1572, 1863
PAYMENT: Final = "/collection-services/payments/_create"
CRITERIA: Final = {
    "requestInfo": Field(kind="any", required=True),
    "mdmsCriteria": Field(
        kind="object",
        required=True,
        fields={
            "tenantId": Field(required=True, least=0, most=256),
            "moduleDetails": Field(
                kind="objects",
                required=True,
                fields={
                    "moduleName": Field(required=True),
                    "masterDetails": Field(
                        kind="objects", fields={"name": Field(), "filter": Field()}
                    ),
                },
            ),
        },
    ),
}
Wanted = dict[str, list[tuple[str, str | None]] | None]


def roles(world: World) -> list[Row]:
    """Return roles.json as this deployment serves it."""
    rows = list(world.masters.rows(ROLES))
    if world.faults.on("role-listed-twice"):
        rows += [row for row in rows if row["code"] == BBPS_ROLE]
    if world.faults.on("role-not-listed"):
        rows = [row for row in rows if row["code"] != BBPS_ROLE]
    if world.faults.on("mdms-not-restarted"):
        rows = [row for row in rows if row["code"] != "AUDITOR"]
    return rows


def actions(world: World) -> list[Row]:
    """Return actions-test.json as this deployment serves it."""
    rows = [row for row in world.masters.rows(ACTIONS) if row["url"] not in world.site.no_action]
    if world.faults.on("action-with-another-url"):
        other = {"url": "/collection-services/payment/_create"}
        rows = [row | other if row["id"] == PAY else row for row in rows]
    return rows


def grants(world: World) -> list[Row]:
    """Return roleactions.json as this deployment serves it."""
    closed = world.site.no_action
    gone = {row["id"] for row in world.masters.rows(ACTIONS) if row["url"] in closed}
    rows = [row for row in world.masters.rows(GRANTS) if row["actionid"] not in gone]
    if world.faults.on("grant-missing"):
        rows = [row for row in rows if (row["rolecode"], row["actionid"]) != (BBPS_ROLE, UPDATE)]
    extra = {
        "grant-of-receipt-search": 2030,
        "dangling-grant": 99999,
        "duplicate-grant": FETCH,
    }
    for name, id_ in extra.items():
        if world.faults.on(name):
            rows.append(
                {
                    "rolecode": BBPS_ROLE,
                    "actionid": id_,
                    "actioncode": "",
                    "tenantId": world.masters.state,
                }
            )
    return rows


def granted_urls(world: World, codes: Iterable[str], uri: str) -> set[str]:
    """Return every URL that roles open for a request to `uri`, whatever rows are served."""
    codes = set(codes)
    urls = {url for role in codes for url in world.masters.granted(role).values()}
    if BBPS_ROLE in codes:
        urls |= _granted_too_much(world, uri)
        if uri == PAYMENT and world.faults.on("grant-not-in-effect"):
            others = codes - {BBPS_ROLE}
            urls -= {PAYMENT} - {
                url for role in others for url in world.masters.granted(role).values()
            }
    return urls - world.site.no_action


def _granted_too_much(world: World, uri: str) -> set[str]:
    too_much = {
        "grant-of-receipt-search": "/collection-services/payments/PT/_search",
        "bbps-user-cancels-receipts": "/collection-services/payments/PT/_workflow",
        "bbps-user-changes-demands": "/billing-service/demand/_update",
        "bbps-user-searches-people": "/user/v1/_search",
        "bbps-user-searches-transactions": "/pg-service/transaction/v1/_search",
        "bbps-user-creates-users": "/user/users/_createnovalidate",
    }
    return {url for name, url in too_much.items() if url == uri and world.faults.on(name)}


def modules(world: World, tenant: str) -> dict[str, dict[str, list[Row]]]:
    """Return every module with its masters, as served for a tenant."""
    served = world.masters.modules(tenant)
    own: dict[tuple[str, str], Callable[[], list[Row]]] = {
        ROLES: lambda: roles(world),
        GRANTS: lambda: grants(world),
        ACTIONS: lambda: actions(world),
        TAX_PERIODS: lambda: world.masters.tax_periods(world.clock.moment()),
    }
    for (module, name), rows in own.items():
        served[module] = served.get(module, {}) | {name: rows()}
    return served


def search(world: World, call: Call) -> Reply:
    """Answer `_search`: the masters that MdmsCriteria names, filtered."""
    body = {
        "requestInfo": call.body.get("RequestInfo"),
        "mdmsCriteria": call.body.get("MdmsCriteria"),
    }
    bound = bind(CRITERIA, body, name="mdmsCriteriaReq")
    if bound.breaches:
        raise ServiceProblem(*bound.breaches)
    criteria = bound.value["mdmsCriteria"]
    return _served(world, criteria["tenantId"], _wanted(criteria["moduleDetails"]))


def _wanted(modules_requested: list[Row | None]) -> Wanted:
    """Return master names and filters by module; None stands for masters that are not named."""
    found: Wanted = {}
    for module in modules_requested:
        if module is None:
            raise Unhandled("NullPointerException", "moduleDetail is null")
        details = module["masterDetails"]
        if details is not None and any(each is None or each["name"] is None for each in details):
            raise Unhandled("NullPointerException")
        named = None if details is None else [(each["name"], each["filter"]) for each in details]
        found[module["moduleName"]] = named
    return found


def fetch(world: World, call: Call) -> Reply:
    """Answer `_get`: one master, named by query parameters."""
    for name in ("moduleName", "masterName", "tenantId"):
        if call.first(name) is None:
            return Reply(status=400, body=missing_parameter(name))
    wanted: Wanted = {
        str(call.first("moduleName")): [(str(call.first("masterName")), call.first("filter"))]
    }
    return _served(world, call.first("tenantId"), wanted)


def _served(world: World, tenant: Any, wanted: Wanted) -> Reply:
    if not world.masters.knows(tenant):
        raise ServiceProblem(("Invalid_tenantId.MdmsCriteria.tenantId", "Invalid Tenant Id"))
    known = modules(world, str(tenant))
    answer: dict[str, Any] = {}
    for module, names in wanted.items():
        if module not in known:
            continue
        if names is None:
            raise Unhandled("NullPointerException", "the masters of a module are null")
        answer[module] = {
            name: filtered(known[module][name], condition)
            for name, condition in names
            if name in known[module]
        }
    return Reply(body={"ResponseInfo": None, "MdmsRes": answer})


ROUTES = (
    Route(path="/egov-mdms-service/v1/_search", handler=search),
    Route(path="/egov-mdms-service/v1/_get", handler=fetch),
)
