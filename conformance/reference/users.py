"""egov-user: accounts. Creation without OTP, update, search; and employees, who are accounts."""

import hashlib
import re
import secrets
import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any, Final

from conformance.reference import masters
from conformance.reference.errors import ServiceProblem, Unhandled
from conformance.reference.masters import STATE
from conformance.reference.shapes import Bound, Field, bind
from conformance.reference.store import IntegrityError, packed, unpacked
from conformance.reference.world import Call, Reply, Route, World

NAME: Final = re.compile(r"[^!\"#$%()*+,:;<=>?@^{}~`‘’“”]*")
TENANT: Final = re.compile(r"[a-zA-Z. ]*")
MOBILE: Final = re.compile(r"|[0-9]{10}")
PASSWORD: Final = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[@#$%])\S+")
TYPES: Final = frozenset({"CITIZEN", "EMPLOYEE", "SYSTEM", "BUSINESS"})
# What a user object carries besides the columns; absent values are null.
OTHER_FIELDS: Final = (
    "salutation", "gender", "altContactNumber", "alternatemobilenumber", "pan", "aadhaarNumber",
    "permanentAddress", "permanentCity", "permanentPinCode", "correspondenceAddress",
    "correspondenceCity", "correspondencePinCode", "locale", "fatherOrHusbandName",
    "relationship", "signature", "photo", "bloodGroup", "identificationMark", "dob",
    "otpReference", "createdBy", "lastModifiedBy", "createdDate", "lastModifiedDate",
    "pwdExpiryDate",
)  # fmt: skip
ROLE: Final = {"code": Field(), "name": Field(), "tenantId": Field()}
USER: Final = {
    "userName": Field(safe=True, least=0, most=64),
    "name": Field(
        least=0, most=50, pattern=NAME, pattern_text='must match "^[^!\\"#$%()*+,:;<=>?@^{}~`]*$"'
    ),
    "mobileNumber": Field(pattern=MOBILE, pattern_text='must match "(^$|[0-9]{10})"'),
    "emailId": Field(least=0, most=128),
    "active": Field(kind="flag"),
    "type": Field(kind="choice", choices=TYPES, fold=True),
    "tenantId": Field(least=0, most=50, pattern=TENANT, pattern_text='must match "^[a-zA-Z. ]*$"'),
    "roles": Field(kind="objects", fields=ROLE),
    "password": Field(least=0, most=64),
    "uuid": Field(),
    "id": Field(kind="integer"),
}
REQUIRED: Final = ("userName", "name", "mobileNumber", "active", "type", "tenantId", "roles")
PEOPLE: Final = (
    # user name, password, type, tenant, mobile number, [(role, tenant)]
    ("administrator", "Admin@2024", "EMPLOYEE", STATE, "9000000001", [("SUPERUSER", STATE)]),
    (
        "cashier", "Cashier@2024", "EMPLOYEE", "pb.amritsar", "9000000002",
        [("EMPLOYEE", "pb.amritsar"), ("UC_EMP", "pb.amritsar")],
    ),
    (
        "neighbour", "Neighbour@2024", "EMPLOYEE", "pb.jalandhar", "9000000003",
        [("EMPLOYEE", "pb.jalandhar"), ("UC_EMP", "pb.jalandhar")],
    ),
    ("9876543210", "123456", "CITIZEN", STATE, "9876543210", [("CITIZEN", STATE)]),
)  # fmt: skip

SCHEMA = (
    """create table if not exists users (
        number integer primary key autoincrement, uuid text unique not null,
        username text not null, tenant text not null, type text not null, name text not null,
        mobile text not null, email text, salt text not null, password text not null,
        active integer not null, roles text not null, failures text not null default '[]')""",
    "create unique index if not exists one_account on users (username, tenant, type)",
)


def seed(world: World) -> None:
    """Create the people of the rehearsal, unless they exist."""
    if world.store.row("select 1 from users"):
        return
    for username, password, kind, tenant, mobile, roles in PEOPLE:
        _insert(
            world,
            {
                "userName": username,
                "password": password,
                "type": kind,
                "tenantId": tenant,
                "mobileNumber": mobile,
                "name": "Ram Kumar" if kind == "CITIZEN" else username.title(),
                "emailId": None,
                "active": True,
                "roles": [{"code": code, "tenantId": place} for code, place in roles],
            },
        )


def public(row: sqlite3.Row) -> dict[str, Any]:
    """Return the user as tokens and `userInfo` show it."""
    return {
        "id": row["number"],
        "uuid": row["uuid"],
        "userName": row["username"],
        "name": row["name"],
        "mobileNumber": row["mobile"],
        "emailId": row["email"],
        "locale": None,
        "type": row["type"],
        "roles": unpacked(row["roles"]),
        "active": bool(row["active"]),
        "tenantId": row["tenant"],
        "permanentCity": None,
    }


def find_user(world: World, key: str) -> dict[str, Any] | None:
    """Return the user with a uuid, or None."""
    row = world.store.row("select * from users where uuid = ?", key)
    return None if row is None else public(row)


def account(world: World, username: str, tenant: str, kind: str) -> sqlite3.Row | None:
    """Return the account of a name, tenant and type, or None."""
    statement = "select * from users where username = ? and tenant = ? and type = ?"
    return world.store.row(statement, username, tenant, kind)


def digest(password: str, salt: str) -> str:
    """Return a salted digest of a rehearsal password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000).hex()


def create(world: World, call: Call) -> Reply:
    """Answer `_createnovalidate`: create the account that the request describes."""
    user = _bound(call.body).value["user"]
    _complete(user)
    _acceptable(world, user)
    if world.faults.on("system-user-becomes-employee"):
        user["type"] = "EMPLOYEE"
    if world.faults.on("created-user-has-no-role"):
        user["roles"] = []
    if world.faults.on("creation-ignores-tenant"):
        user["tenantId"] = masters.CITIES[0]
    return Reply(body=_wrapped([_shown(_insert(world, user))]))


def update(world: World, call: Call) -> Reply:
    """Answer `_updatenovalidate`: change name, roles or activity of an existing account."""
    user = _bound(call.body).value["user"]
    row = world.store.row("select * from users where uuid = ?", user["uuid"])
    if row is None:
        raise Unhandled("UserNotFoundException")
    roles = row["roles"] if user["roles"] is None else packed(_with_tenant(user))
    active = row["active"] if user["active"] is None else int(user["active"])
    with world.store.transaction() as database:
        database.execute(
            "update users set name = ?, roles = ?, active = ? where uuid = ?",
            (user["name"] or row["name"], roles, active, row["uuid"]),
        )
    changed = world.store.row("select * from users where uuid = ?", row["uuid"])
    assert changed is not None
    return Reply(body=_wrapped([_shown(changed)]))


def search(world: World, call: Call) -> Reply:
    """Answer `_search` and `v1/_search`: accounts by name, mobile number, uuid or role."""
    criteria = {str(key).lower(): value for key, value in call.body.items()}
    columns = {"username": "username", "mobilenumber": "mobile", "name": "name"}
    wanted = {columns[key]: criteria[key] for key in columns if criteria.get(key)}
    uuids = criteria.get("uuid")
    if not wanted and not uuids and not criteria.get("emailid"):
        raise Unhandled("InvalidUserSearchCriteriaException")
    if wanted and not criteria.get("tenantid"):
        raise Unhandled("InvalidUserSearchCriteriaException")
    rows = world.store.rows("select * from users order by number")
    keys = uuids if isinstance(uuids, list) else [uuids] if uuids else None
    found = [
        _shown(row)
        for row in rows
        if all(row[column] == value for column, value in wanted.items())
        and (not wanted or row["tenant"] == criteria["tenantid"])
        and (keys is None or row["uuid"] in keys)
    ]
    return Reply(body=_wrapped(found))


def create_employee(world: World, call: Call) -> Reply:
    """Answer HRMS `employees/_create`: an employee is an account of type EMPLOYEE."""
    employees = call.body.get("Employees")
    if not isinstance(employees, list) or not employees:
        raise ServiceProblem(("NotNull.employeeRequest.employees", "must not be null"))
    for employee in employees:
        inner = employee.get("user") if isinstance(employee, dict) else None
        if not isinstance(inner, Mapping):
            raise ServiceProblem(("NotNull.employeeRequest.employees[0].user", "must not be null"))
        described = {"userName": employee.get("code"), "type": "EMPLOYEE", "active": True}
        described |= {"tenantId": employee.get("tenantId"), **inner}
        user = _bound({"RequestInfo": {}, "user": described}).value["user"]
        _complete(user)
        _acceptable(world, user)
        employee["uuid"] = _insert(world, user)["uuid"]
    return Reply(status=202, body={"ResponseInfo": None, "Employees": employees})


def _bound(body: Any) -> Bound:
    fields = {"user": Field(kind="object", fields=USER)}
    lowered = {str(key).lower(): value for key, value in body.items()}
    if lowered.get("requestinfo") is None or lowered.get("user") is None:
        raise Unhandled("NullPointerException")
    bound = bind(fields, body, name="createUserRequest", fold_names=True)
    if bound.breaches:
        raise ServiceProblem(*bound.breaches)
    return bound


def _complete(user: Mapping[str, Any]) -> None:
    """Refuse a user with something absent; as in egov-user, the reply does not say what."""
    absent = [name for name in REQUIRED if user[name] in (None, "", [])]
    if absent or any(not role.get("code") for role in user["roles"] if role is not None):
        raise Unhandled("InvalidUserCreateException")
    if None in user["roles"]:
        raise Unhandled("NullPointerException")


def _acceptable(world: World, user: Mapping[str, Any]) -> None:
    """Refuse a taken name, a weak password, an unknown role: in this order."""
    if account(world, user["userName"], user["tenantId"], user["type"]) is not None:
        raise Unhandled("DuplicateUserNameException")
    password = user["password"]
    if password is not None:
        if not 8 <= len(password) <= 15:
            text = "Password must be of minimum: 8 and maximum: 15 characters."
            raise ServiceProblem(("INVALID_PWD_LENGTH", text))
        if not PASSWORD.fullmatch(password):
            text = (
                "Password MUST HAVE: Atleast one digit, one upper case, one lower case, one "
                "special character (@#$%) and MUST NOT contain any spaces"
            )
            raise ServiceProblem(("INVALID_PWD_PATTERN", text))
    if any(role["code"] not in masters.ROLES for role in user["roles"]):
        raise ServiceProblem(("INVALID_ROLE", "Unable to validate role from MDMS"))


def _insert(world: World, user: Mapping[str, Any]) -> sqlite3.Row:
    salt = secrets.token_hex(8)
    password = user["password"] or secrets.token_urlsafe(12)
    key = str(uuid.uuid4())
    try:
        with world.store.transaction() as database:
            database.execute(
                "insert into users (uuid, username, tenant, type, name, mobile, email, salt, "
                "password, active, roles) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key, user["userName"], user["tenantId"], user["type"], user["name"],
                    user["mobileNumber"], user["emailId"], salt, digest(password, salt),
                    int(user["active"]), packed(_with_tenant(user)),
                ),
            )  # fmt: skip
    except IntegrityError:
        raise Unhandled("DuplicateUserNameException") from None
    row = world.store.row("select * from users where uuid = ?", key)
    assert row is not None
    return row


def _with_tenant(user: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return roles with names from the masters; a role without tenant is at the user's own."""
    return [
        {
            "name": role["code"].replace("_", " ").title(),
            "code": role["code"],
            "tenantId": role.get("tenantId") or user["tenantId"],
        }
        for role in user["roles"]
    ]


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    """Return the user as user services show it: every field, nulls included, no password."""
    user = public(row)
    others = {name: None for name in OTHER_FIELDS if name not in user}
    return user | others | {"password": None, "accountLocked": False}


def _wrapped(users: list[dict[str, Any]]) -> dict[str, Any]:
    response = dict.fromkeys(("apiId", "ver", "ts", "resMsgId", "msgId"))
    return {"responseInfo": response | {"status": "200"}, "user": users}


ROUTES = (
    Route(path="/user/users/_createnovalidate", handler=create),
    Route(path="/user/users/_updatenovalidate", handler=update),
    Route(path="/user/_search", handler=search),
    Route(path="/user/v1/_search", handler=search),
    Route(path="/egov-hrms/employees/_create", handler=create_employee),
)
