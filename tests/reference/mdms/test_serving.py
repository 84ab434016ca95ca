"""Access control and MDMS: what is granted, what is served, and how both refuse."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal, codes

SEARCH = "/egov-mdms-service/v1/_search"
FOUR = {
    1862: "/billing-service/bill/v2/_fetchbill",
    1571: "/pg-service/transaction/v1/_create",
    1572: "/pg-service/transaction/v1/_update",
    1863: "/collection-services/payments/_create",
}


def criteria(module: str, master: str, tenant: str = "pb", **more: Any) -> dict[str, Any]:
    details = [{"name": master} | more]
    modules = [{"moduleName": module, "masterDetails": details}]
    return {"MdmsCriteria": {"tenantId": tenant, "moduleDetails": modules}}


def rows(digit: Rehearsal, module: str, master: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = digit.post(SEARCH, criteria(module, master, **more)).json()[
        "MdmsRes"
    ][module][master]
    return found


def test_bbps_role_is_mapped_to_the_four(digit: Rehearsal) -> None:
    condition = "[?(@.rolecode=='BBPS_USER')]"
    mapped = rows(digit, "ACCESSCONTROL-ROLEACTIONS", "roleactions", filter=condition)
    actions = {
        row["id"]: row["url"] for row in rows(digit, "ACCESSCONTROL-ACTIONS-TEST", "actions-test")
    }
    assert {row["actionid"]: actions[row["actionid"]] for row in mapped} == FOUR
    assert [row["code"] for row in rows(digit, "ACCESSCONTROL-ROLES", "roles")].count(
        "BBPS_USER"
    ) == 1


def test_master_files_have_their_shapes(digit: Rehearsal) -> None:
    for module, master, keys in [
        ("ACCESSCONTROL-ROLES", "roles", {"code", "name", "description"}),
        (
            "ACCESSCONTROL-ROLEACTIONS",
            "roleactions",
            {"rolecode", "actionid", "actioncode", "tenantId"},
        ),
        (
            "BillingService",
            "TaxPeriod",
            {"fromDate", "toDate", "periodCycle", "service", "code", "financialYear"},
        ),
    ]:
        assert set(rows(digit, module, master)[0]) == keys


MDMS_REFUSALS = [
    ({"MdmsCriteria": None}, {"NotNull.mdmsCriteriaReq.mdmsCriteria"}),
    ({"MdmsCriteria": {}}, {
        "NotNull.mdmsCriteriaReq.mdmsCriteria.tenantId",
        "NotNull.mdmsCriteriaReq.mdmsCriteria.moduleDetails",
    }),
    (criteria("A", "b", tenant="zz"), {"Invalid_tenantId.MdmsCriteria.tenantId"}),
    ({"MdmsCriteria": {"moduleDetails": [{"moduleName": None}]}}, {
        "NotNull.mdmsCriteriaReq.mdmsCriteria.tenantId",
        "NotNull.mdmsCriteriaReq.mdmsCriteria.moduleDetails[0].moduleName",
    }),
    ({"MdmsCriteria": {"tenantId": False, "moduleDetails": []}}, {
        "Invalid_tenantId.MdmsCriteria.tenantId",
    }),
    ({"MdmsCriteria": {"tenantId": "pb", "moduleDetails": [None]}}, {"NullPointerException"}),
    ({"MdmsCriteria": {"tenantId": "pb", "moduleDetails": [{"moduleName": "BillingService"}]}}, {
        "NullPointerException",
    }),
    ({"MdmsCriteria": {"tenantId": "pb", "moduleDetails": [7]}}, {"JsonMappingException"}),
    ({"MdmsCriteria": 7}, {"JsonMappingException"}),
    (criteria("ACCESSCONTROL-ROLES", "roles", filter="[?(1"), {"InvalidPathException"}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), MDMS_REFUSALS)
def test_mdms_refuses(digit: Rehearsal, body: dict[str, Any], expected: set[str]) -> None:
    answer = digit.post(SEARCH, body)
    assert answer.status_code == 400
    assert codes(answer) == expected


def test_unknown_modules_and_masters_are_left_out(digit: Rehearsal) -> None:
    assert digit.post(SEARCH, criteria("NO-MODULE", "x")).json()["MdmsRes"] == {}
    unnamed = {"MdmsCriteria": {"tenantId": "pb", "moduleDetails": [{"moduleName": "NO-MODULE"}]}}
    assert digit.post(SEARCH, unnamed).json()["MdmsRes"] == {}
    unknown = digit.post(SEARCH, criteria("BillingService", "x", tenant="pb.amritsar")).json()
    assert unknown == {"ResponseInfo": None, "MdmsRes": {"BillingService": {}}}


def test_get_by_query(digit: Rehearsal) -> None:
    path = "/egov-mdms-service/v1/_get"
    answer = digit.post(f"{path}?moduleName=BillingService&masterName=BusinessService&tenantId=pb")
    assert answer.json()["MdmsRes"]["BillingService"]["BusinessService"]
    absent = digit.post(f"{path}?moduleName=BillingService&tenantId=pb")
    assert absent.json()["Errors"][0]["params"] == ["masterName"]


def test_actions_of_a_role(digit: Rehearsal) -> None:
    path = "/access/v1/actions/mdms/_get"
    body = {
        "RequestInfo": {"ts": 1},
        "roleCodes": ["BBPS_USER"],
        "tenantId": "pb",
        "actionMaster": "actions-test",
    }
    answered = digit.post(path, body, "administrator").json()
    assert {row["url"] for row in answered["actions"]} == set(FOUR.values())
    assert answered["responseInfo"]["resMsgId"] == "uief87324"
    assert answered["modules"] is None
    without_ts = digit.post(path, body | {"RequestInfo": {}}, "administrator")
    assert codes(without_ts) == {"NullPointerException"}
    nobody = digit.post(path, body | {"roleCodes": ["NOBODY"]}, "administrator")
    assert nobody.json()["actions"] == []
    incomplete = digit.post(path, {"RequestInfo": {"ts": 1}}, "administrator")
    assert incomplete.status_code == 400
    assert {field["code"] for field in incomplete.json()[0]["error"]["errorFields"]} == {
        "accesscontrol.0001",
        "accesscontrol.0012",
    }


OTHER_MASTERS = [
    ({}, "PathNotFoundException", "Missing property in path $['MdmsRes']['ACCESSCONTROL-ACTIONS']"),
    ({"actionMaster": " "}, "InvalidPathException", "Empty property"),
    ({"actionMaster": 0}, "PathNotFoundException",
     "No results for path: $['MdmsRes']['ACCESSCONTROL-ACTIONS-TEST']['0']"),
    ({"tenantId": False, "actionMaster": "actions-test"}, "IllegalArgumentException",
     "json string can not be null or empty"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "text"), OTHER_MASTERS)
def test_actions_of_another_master(
    digit: Rehearsal, changes: dict[str, Any], code: str, text: str
) -> None:
    body = {"RequestInfo": {"ts": 1}, "roleCodes": ["BBPS_USER"], "tenantId": "pb"} | changes
    answer = digit.post("/access/v1/actions/mdms/_get", body, "administrator")
    assert answer.status_code == 400
    (item,) = answer.json()["Errors"]
    assert (item["code"], item["description"]) == (code, text)


def test_roles_search(digit: Rehearsal) -> None:
    path = "/access/v1/roles/_search"
    found = digit.post(f"{path}?tenantId=pb&code=BBPS_USER,CITIZEN", as_="administrator").json()
    assert {role["code"] for role in found["roles"]} == {"BBPS_USER", "CITIZEN"}
    assert codes(digit.post(path, as_="administrator")) == {"NullPointerException"}


@pytest.mark.parametrize(
    ("fault", "served"),
    [
        ("role-listed-twice", lambda digit: len([
            row for row in rows(digit, "ACCESSCONTROL-ROLES", "roles") if row["code"] == "BBPS_USER"
        ]) == 2),
        ("grant-missing", lambda digit: 1572 not in {
            row["actionid"] for row in rows(digit, "ACCESSCONTROL-ROLEACTIONS", "roleactions")
            if row["rolecode"] == "BBPS_USER"
        }),
    ],
)  # fmt: skip
def test_faulty_masters_are_served(
    faulty: Callable[..., Rehearsal], fault: str, served: Callable[[Rehearsal], bool]
) -> None:
    assert served(faulty(fault))
