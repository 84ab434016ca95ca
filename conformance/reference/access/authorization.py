"""egov-accesscontrol: whether roles open a URI, and what roles and their actions there are."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.reference.mdms import serving as mdms
from conformance.reference.platform.choices import choice
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.shapes import must_fit, text_of
from conformance.reference.platform.world import Call, Reply, Route, World

TEMPLATE: Final = re.compile(r"\\\{\w+\\\}")
ACTION_DEFAULTS: Final = {
    "queryParams": "",
    "createdDate": "",
    "createdBy": 0,
    "lastModifiedDate": "",
    "lastModifiedBy": 0,
    "navigationURL": "",
    "leftIcon": "",
    "rightIcon": "",
}


def authorized(
    world: World, roles: Iterable[Mapping[str, Any]], uri: str, tenants: Iterable[str]
) -> bool:
    """Whether roles open a URI for a request's tenants; user type and method never matter.

    Strict: a role must cover every tenant that the request names, the state as well as each
    city. Stock: any one is enough.
    """
    tenants = set(tenants)
    if world.lineage.one_tenant_is_enough:
        return _opens(world, roles, uri, tenants)
    roles = list(roles)
    return bool(tenants) and all(_opens(world, roles, uri, {tenant}) for tenant in tenants)


def _opens(world: World, roles: Iterable[Mapping[str, Any]], uri: str, tenants: set[str]) -> bool:
    state = next(iter(sorted(tenants))).partition(".")[0] if tenants else ""
    if state != world.masters.state:
        return False
    counting = tenants | {state} | set(world.lineage.everywhere)
    inherited = state not in tenants and any(role.get("tenantId") == state for role in roles)
    if inherited and world.faults.on("state-role-stays-at-state"):
        counting -= {state}
    codes = {
        str(role.get("code"))
        for role in roles
        if role.get("tenantId") in counting or world.faults.on("city-role-reaches-all")
    }
    return any(_matches(url, uri) for url in mdms.granted_urls(world, codes, uri))


def known(world: World) -> list[str]:
    """Return the URLs of which the master data has an action, whoever is granted it."""
    return [str(row.get("url")) for row in mdms.actions(world)]


def _matches(granted: str, uri: str) -> bool:
    if "{" not in granted:
        return granted == uri
    return re.fullmatch(TEMPLATE.sub("[A-Za-z0-9_]+", re.escape(granted)), uri) is not None


def authorize(world: World, call: Call) -> Reply:
    """Answer `_authorize`: 200 or 401, both without a body."""
    requested = call.body.get("AuthorizationRequest")
    if not isinstance(requested, dict):
        raise ServiceProblem(
            ("NotNull.authorizationRequestWrapper.authorizationRequest", "must not be null")
        )
    roles, tenants = requested.get("roles"), requested.get("tenantIds")
    for name, value in (("roles", roles), ("tenantIds", tenants)):
        if not isinstance(value, list) or not value:
            raise ServiceProblem(
                (
                    f"Size.authorizationRequestWrapper.authorizationRequest.{name}",
                    "size must be between 1 and 2147483647",
                )
            )
    if world.masters.state not in {str(each).partition(".")[0] for each in tenants or ()}:
        raise ServiceProblem(("DATA_NOT_AVAILABLE", "Data not available for this tenant"))
    usable = [role for role in roles or () if isinstance(role, dict)]
    allowed = _opens(
        world, usable, str(requested.get("uri")), {str(each) for each in tenants or ()}
    )
    return Reply(status=200 if allowed else 401)


def actions_of_roles(world: World, call: Call) -> Reply:
    """Answer `mdms/_get`: the actions that role codes are granted."""
    info = call.request_info
    if not info:
        raise ServiceProblem(("NotNull.actionRequest.requestInfo", "must not be null"))
    if info.get("ts") in (None, ""):
        raise Unhandled("NullPointerException")
    must_fit(
        call.body,
        {"roleCodes[]": "text", "tenantId": "text", "actionMaster": "text", "enabled": "flag"},
    )
    codes, tenant = call.body.get("roleCodes"), _text(call.body.get("tenantId"))
    faulty = []
    if not tenant:
        faulty.append(("accesscontrol.0001", "Tenant Id is required", "tenantId"))
    if not isinstance(codes, list) or not codes:
        faulty.append(("accesscontrol.0012", "Atleast One Role is Required", "role"))
    if faulty:
        return Reply(status=400, body=_field_errors(faulty))
    if not world.masters.knows(tenant):
        raise Unhandled("IllegalArgumentException", "json string can not be null or empty")
    _refuse_other_masters(_text(call.body.get("actionMaster")))
    ids = {row["actionid"] for row in mdms.grants(world) if row["rolecode"] in (codes or ())}
    enabled = call.body.get("enabled")
    found = [
        ACTION_DEFAULTS | {key: row[key] for key in row if key != "code"} | {"tenantId": tenant}
        for row in mdms.actions(world)
        if row["id"] in ids and enabled in (None, row["enabled"])
    ]
    response = {
        "apiId": "org.egov.accesscontrol",
        "ver": info.get("ver"),
        "ts": str(info["ts"]),
        "resMsgId": "uief87324",
        "msgId": info.get("msgId"),
        "status": "200 OK",
    }
    return Reply(body={"responseInfo": response, "modules": None, "actions": found})


def _refuse_other_masters(name: str | None) -> None:
    """Refuse any master but actions-test, in the words of the JsonPath that looks for it."""
    if name == "actions-test":
        return
    if name is None:
        text = "Missing property in path $['MdmsRes']['ACCESSCONTROL-ACTIONS']"
        raise Unhandled("PathNotFoundException", text)
    if not name.strip():
        raise Unhandled("InvalidPathException", "Empty property")
    place = f"$['MdmsRes']['ACCESSCONTROL-ACTIONS-TEST']['{name}']"
    raise Unhandled("PathNotFoundException", f"No results for path: {place}")


def search_roles(world: World, call: Call) -> Reply:
    """Answer `roles/_search`: the roles of the state, or those of the given codes."""
    name = choice("roles-request-name")
    if "RequestInfo" not in call.body:
        raise ServiceProblem((f"NotNull.{name}.requestInfo", "must not be null"))
    if len(call.first("code") or "") > 50:
        raise ServiceProblem((f"Size.{name}.code", "size must be between 0 and 50"))
    if call.first("tenantId") is None:
        raise Unhandled("NullPointerException")
    codes = call.several("code")
    rows = [
        {"name": row["name"], "code": row["code"], "description": row["description"]}
        for row in mdms.roles(world)
        if not codes or row["code"] in codes
    ]
    response = dict.fromkeys(("apiId", "ver", "ts", "resMsgId", "msgId"))
    return Reply(body={"responseInfo": response | {"status": "200 OK"}, "roles": rows})


def _text(node: Any) -> str | None:
    """Take text; numbers and flags become their text, null stays nothing."""
    return None if node is None else text_of(node)


def _field_errors(faulty: list[tuple[str, str, str]]) -> Any:
    fields = [{"code": code, "message": text, "field": name} for code, text, name in faulty]
    error = {
        "code": 400,
        "message": "Action is invalid",
        "description": None,
        "errorFields": fields,
        "fields": None,
    }
    return [{"responseInfo": None, "error": error}]


ROUTES = (
    Route(path="/access/v1/actions/_authorize", handler=authorize),
    Route(path="/access/v1/actions/mdms/_get", handler=actions_of_roles),
    Route(path="/access/v1/roles/_search", handler=search_roles),
)
