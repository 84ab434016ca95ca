"""Accounts: creation without OTP, its rules and their order; update and search."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal, codes, newcomer

CREATE = "/user/users/_createnovalidate"
TEXTS = {
    "INVALID_PWD_LENGTH": "Password must be of minimum: 8 and maximum: 15 characters.",
    "INVALID_ROLE": "Unable to validate role from MDMS",
}
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"userName": None}, "InvalidUserCreateException"),
    ({"name": None}, "InvalidUserCreateException"),
    ({"mobileNumber": ""}, "InvalidUserCreateException"),
    ({"active": None}, "InvalidUserCreateException"),
    ({"type": "ROBOT"}, "InvalidUserCreateException"),
    ({"roles": []}, "InvalidUserCreateException"),
    ({"roles": [{"name": "no code"}]}, "InvalidUserCreateException"),
    ({"tenantId": "pb.city1"}, "Pattern.createUserRequest.user.tenantId"),
    ({"mobileNumber": "12"}, "Pattern.createUserRequest.user.mobileNumber"),
    ({"name": "A<b>"}, "Pattern.createUserRequest.user.name"),
    ({"name": "x" * 51}, "Size.createUserRequest.user.name"),
    ({"userName": "u" * 65}, "Size.createUserRequest.user.userName"),
    ({"password": "Ab1@"}, "INVALID_PWD_LENGTH"),
    ({"password": "abcdefgh1"}, "INVALID_PWD_PATTERN"),
    ({"roles": [{"code": "NO_SUCH_ROLE", "tenantId": "pb"}]}, "INVALID_ROLE"),
    ({"roles": "BBPS_USER"}, "JsonMappingException"),
    ({"userName": {"a": 1}}, "JsonMappingException"),
]


@pytest.mark.parametrize(("changes", "code"), REFUSALS)
def test_creation_is_refused(digit: Rehearsal, changes: dict[str, Any], code: str) -> None:
    body = newcomer("refused-agent")
    body["user"] |= changes
    answer = digit.post(CREATE, body, "administrator")
    assert answer.status_code == 400
    assert codes(answer) == {code}
    if code in TEXTS:
        assert answer.json()["Errors"][0]["message"] == TEXTS[code]


def test_created_user_as_it_is_answered(digit: Rehearsal) -> None:
    answer = digit.post(CREATE, newcomer("shown-agent"), "administrator")
    assert answer.status_code == 200
    body = answer.json()
    assert body["responseInfo"]["status"] == "200"
    user = body["user"][0]
    assert user["userName"] == "shown-agent"
    assert user["type"] == "SYSTEM"
    assert user["tenantId"] == "pb"
    assert user["password"] is None
    assert user["uuid"]
    assert [(role["code"], role["tenantId"]) for role in user["roles"]] == [("BBPS_USER", "pb")]
    for absent in ("salutation", "pan", "emailId", "permanentAddress"):
        assert user[absent] is None


def test_name_is_taken_per_tenant_and_type(digit: Rehearsal) -> None:
    body = newcomer("taken-agent")
    assert digit.post(CREATE, body, "administrator").status_code == 200
    assert codes(digit.post(CREATE, body, "administrator")) == {"DuplicateUserNameException"}
    elsewhere = newcomer("taken-agent", tenant="pb.amritsar")
    assert digit.post(CREATE, elsewhere, "administrator").status_code == 200
    body["user"]["type"] = "EMPLOYEE"
    assert digit.post(CREATE, body, "administrator").status_code == 200


def test_names_of_properties_bind_in_any_case(digit: Rehearsal) -> None:
    body = {"USER": {key.upper(): value for key, value in newcomer("loud-agent")["user"].items()}}
    body["USER"]["ROLES"] = [{"CODE": "BBPS_USER"}]
    answer = digit.post(CREATE, body, "administrator")
    assert answer.status_code == 200
    assert answer.json()["user"][0]["roles"][0]["tenantId"] == "pb"


@pytest.mark.parametrize("body", [{}, {"user": None}, {"User": 3}])
def test_body_without_user(digit: Rehearsal, body: dict[str, Any]) -> None:
    answer = digit.post(CREATE, body, "administrator")
    assert answer.status_code == 400
    assert codes(answer) <= {"NullPointerException", "JsonMappingException"}


def test_inactive_user_cannot_log_in(digit: Rehearsal) -> None:
    body = newcomer("asleep-agent")
    body["user"]["active"] = False
    assert digit.post(CREATE, body, "administrator").status_code == 200
    answer = digit.login("asleep-agent", "Bbps@2024", "SYSTEM", "pb")
    assert answer.json()["error_description"] == "Please activate your account"


def test_update_changes_roles_from_the_next_token_on(digit: Rehearsal) -> None:
    user = digit.system_user("promoted-agent")
    user |= {"roles": [{"code": "CSR", "tenantId": "pb"}]}
    answer = digit.post("/user/users/_updatenovalidate", {"user": user}, "administrator")
    assert [role["code"] for role in answer.json()["user"][0]["roles"]] == ["CSR"]
    fetch = "/billing-service/bill/v2/_fetchbill?tenantId=pb&businessService=PT&consumerCode=X"
    assert digit.post(fetch, as_="promoted-agent").status_code == 401  # its session has ended


def test_search_needs_a_criterion(digit: Rehearsal) -> None:
    for path in ("/user/_search", "/user/v1/_search"):
        refused = digit.post(path, {"tenantId": "pb"}, "administrator")
        assert codes(refused) == {"InvalidUserSearchCriteriaException"}
        found = digit.post(path, {"userName": "administrator", "tenantId": "pb"}, "administrator")
        assert [user["userName"] for user in found.json()["user"]] == ["administrator"]


CRITERIA = [
    # lineage, criteria, whether they are enough
    ("digit-2.8", {"id": [1]}, False),
    ("digit-2.8", {"roleCodes": ["CITIZEN"]}, False),
    ("digit-2.8", {"uuid": [""]}, True),
    ("digit-2.8", {"userName": "", "emailId": "", "mobileNumber": "", "uuid": []}, False),
    ("digit-lts", {"id": [1]}, True),
    ("digit-lts", {"roleCodes": ["CITIZEN"]}, True),
]


@pytest.mark.parametrize(("lineage", "criteria", "enough"), CRITERIA)
def test_what_is_enough_for_a_search(
    faulty: Callable[..., Rehearsal], lineage: str, criteria: dict[str, Any], enough: bool
) -> None:
    body = {"tenantId": "pb"} | criteria
    answer = faulty(lineage=lineage).post("/user/v1/_search", body, "administrator")
    assert (answer.status_code == 200) == enough
    if not enough:
        assert codes(answer) == {"InvalidUserSearchCriteriaException"}


def test_when_an_account_was_locked_is_shown_in_two_ways(digit: Rehearsal) -> None:
    created = digit.system_user("never-locked")
    assert created["accountLockedDate"] is None
    assert {"password", "otpReference"} <= created.keys()
    criteria = {"userName": "never-locked", "tenantId": "pb"}
    (found,) = digit.post("/user/v1/_search", criteria, "administrator").json()["user"]
    assert found["accountLockedDate"] == 0
    assert not {"password", "otpReference"} & found.keys()


def test_employee_is_an_account(digit: Rehearsal) -> None:
    employee = {
        "code": "EMP-1",
        "tenantId": "pb.amritsar",
        "user": {
            "name": "Clerk",
            "mobileNumber": "9000000009",
            "password": "Clerk@2024",
            "roles": [{"code": "EMPLOYEE", "tenantId": "pb.amritsar"}],
        },
    }
    answer = digit.post("/egov-hrms/employees/_create", {"Employees": [employee]}, "administrator")
    assert answer.status_code == 202
    login = digit.login("EMP-1", "Clerk@2024", "EMPLOYEE", "pb.amritsar")
    assert login.status_code == 200
