"""Employees: creation, which makes an account of type EMPLOYEE for each of them."""

from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.errors import ServiceProblem
from conformance.reference.platform.world import Call, Reply, Route, World
from conformance.reference.user.accounts import acceptable, insert
from conformance.reference.user.requests import user_in


def create(world: World, call: Call) -> Reply:
    """Answer `employees/_create`: 202 with the employees, their accounts created."""
    employees = call.body.get("Employees")
    if not isinstance(employees, list) or not employees:
        raise ServiceProblem(("NotNull.employeeRequest.employees", "must not be null"))
    accounts = [account_of(world, index, each) for index, each in enumerate(employees)]
    with world.store.transaction():
        uuids = [insert(world, each)["uuid"] for each in accounts]
    created = [dict(each) | {"uuid": key} for each, key in zip(employees, uuids, strict=True)]
    for each in created:
        each["user"] = {key: value for key, value in each["user"].items() if key != "password"}
    return Reply(status=202, body={"ResponseInfo": None, "Employees": created})


def account_of(world: World, index: int, employee: Any) -> dict[str, Any]:
    """Return the account to create for an employee; raises what egov-user refuses."""
    inner = employee.get("user") if isinstance(employee, Mapping) else None
    if not isinstance(inner, Mapping):
        place = f"employeeRequest.employees[{index}].user"
        raise ServiceProblem((f"NotNull.{place}", "must not be null"))
    own = {"userName": employee.get("code"), "tenantId": employee.get("tenantId"), "active": True}
    described = own | dict(inner) | {"type": "EMPLOYEE"}
    return acceptable(world, user_in({"RequestInfo": {}, "user": described}))


ROUTES: Final = (Route(path="/egov-hrms/employees/_create", handler=create),)
