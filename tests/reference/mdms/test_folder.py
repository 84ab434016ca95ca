"""Master data from a folder in place of the shipped: what is served, granted and refused by it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.reference import BadSetting, Settings, serve
from tests.reference.conftest import Rehearsal, codes

ACTIONS = ("ACCESSCONTROL-ACTIONS-TEST", "actions-test")
SEARCH = "/egov-mdms-service/v1/_search"
PUNJAB = Path(__file__).parents[4] / "shared" / "digit" / "upstream" / "mdms" / "data" / "pb"
YEAR_2019 = {"taxPeriodFrom": 1554057000000, "taxPeriodTo": 1585679399000}


def write(folder: Path, tenant: str, module: str, name: str, rows: list[dict[str, Any]]) -> None:
    path = folder / tenant.replace(".", "/") / module / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"tenantId": tenant, "moduleName": module, name: rows}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Master data of another state: its own ids, one role more, one service, one tax period."""
    write(tmp_path, "uk", "ACCESSCONTROL-ROLES", "roles", [
        {"code": code, "name": code, "description": ""}
        for code in ("SUPERUSER", "EMPLOYEE", "UC_EMP", "CITIZEN", "ANONYMOUS", "BBPS")
    ])  # fmt: skip
    urls = {
        1: "/user/users/_createnovalidate",
        2: "/billing-service/demand/_create",
        3: "/billing-service/bill/v2/_fetchbill",
    }
    write(tmp_path, "uk", "ACCESSCONTROL-ACTIONS-TEST", "actions-test", [
        {"id": id_, "url": url, "name": url, "enabled": False} for id_, url in urls.items()
    ])  # fmt: skip
    write(tmp_path, "uk", "ACCESSCONTROL-ROLEACTIONS", "roleactions", [
        {"rolecode": role, "actionid": id_, "actioncode": "", "tenantId": "uk"}
        for role, id_ in (("SUPERUSER", 1), ("SUPERUSER", 2), ("BBPS", 3), ("BBPS", 99))
    ])  # fmt: skip
    write(tmp_path, "uk", "BillingService", "BusinessService", [{"code": "WS"}])
    write(tmp_path, "uk", "BillingService", "TaxHeadMaster", [
        {"code": "WS_CHARGE", "service": "WS", "category": "CHARGES", "order": "1"}
    ])  # fmt: skip
    write(tmp_path, "uk", "BillingService", "TaxPeriod", [
        {"service": "WS", "fromDate": 1554057000000, "toDate": 1585679399000}
    ])  # fmt: skip
    write(tmp_path, "uk", "tenant", "tenants", [{"code": "uk"}, {"code": "uk.haridwar"}])
    return tmp_path


def demand(**changes: Any) -> dict[str, Any]:
    detail = {"taxHeadMasterCode": "WS_CHARGE", "taxAmount": 100, "collectionAmount": 0}
    return {
        "tenantId": "uk.haridwar",
        "consumerCode": "W-1",
        "consumerType": "water",
        "businessService": "WS",
        "demandDetails": [detail],
        "payer": None,
    } | YEAR_2019 | changes  # fmt: skip


def master(digit: Rehearsal, tenant: str, module: str, name: str) -> Any:
    wanted = [{"moduleName": module, "masterDetails": [{"name": name}]}]
    criteria = {"MdmsCriteria": {"tenantId": tenant, "moduleDetails": wanted}}
    return digit.post(SEARCH, criteria).json()["MdmsRes"][module][name]


def test_a_folder_replaces_the_shipped_masters(
    faulty: Callable[..., Rehearsal], folder: Path
) -> None:
    digit = faulty(mdms_data=folder)
    login = digit.login("administrator", "Admin@2024", "EMPLOYEE", "uk")
    digit.learn("administrator", login.json()["access_token"])
    agent = {
        "userName": "agent", "name": "Agent", "mobileNumber": "9876501234", "type": "SYSTEM",
        "active": True, "tenantId": "uk", "password": "Bbps@2024",
        "roles": [{"code": "BBPS", "tenantId": "uk"}],
    }  # fmt: skip
    created = digit.post("/user/users/_createnovalidate", {"user": agent}, "administrator")
    assert created.status_code == 200, created.text
    login = digit.login("agent", "Bbps@2024", "SYSTEM", "uk")
    digit.learn("agent", login.json()["access_token"])

    path = "/billing-service/demand/_create"
    raised = digit.post(path, {"Demands": [demand()]}, "administrator")
    assert raised.status_code == 201, raised.text
    of_today = demand(consumerCode="W-2", taxPeriodFrom=1893436200000, taxPeriodTo=1924972199000)
    assert codes(digit.post(path, {"Demands": [of_today]}, "administrator")) == {
        "EG_BS_TAXPERIODS_DEMAND"
    }
    fetch = (
        "/billing-service/bill/v2/_fetchbill?tenantId=uk.haridwar&businessService=WS&consumerCode="
    )
    (bill,) = digit.post(fetch + "W-1", as_="agent").json()["Bill"]
    assert bill["totalAmount"] == 100
    assert digit.post(path, {"Demands": [demand()]}, "agent").status_code == 403
    assert len(master(digit, "uk", "BillingService", "TaxPeriod")) == 1


def test_a_city_may_have_a_master_of_its_own(
    faulty: Callable[..., Rehearsal], folder: Path
) -> None:
    write(folder, "uk.haridwar", "tenant", "localities", [{"code": "L1"}])
    write(folder, "uk.haridwar", "BillingService", "TaxPeriod", [
        {"service": "WS", "fromDate": 1, "toDate": 2}
    ])  # fmt: skip
    digit = faulty(mdms_data=folder)
    assert master(digit, "uk.haridwar", "tenant", "localities") == [{"code": "L1"}]
    assert master(digit, "uk.haridwar", "BillingService", "BusinessService") == [{"code": "WS"}]


def test_without_tax_periods_each_service_has_the_financial_years(
    faulty: Callable[..., Rehearsal], folder: Path
) -> None:
    (folder / "uk" / "BillingService" / "TaxPeriod.json").unlink()
    rows = master(faulty(mdms_data=folder), "uk", "BillingService", "TaxPeriod")
    assert {row["service"] for row in rows} == {"WS"}
    assert len(rows) == 9


ROLES = "uk/ACCESSCONTROL-ROLES/roles.json"
URLS = "uk/ACCESSCONTROL-ACTIONS-TEST/actions-test.json"
PERIODS = "uk/BillingService/TaxPeriod.json"
HEADS = "uk/BillingService/TaxHeadMaster.json"
BROKEN = [
    ({}, ".", "holds no master data"),
    ({ROLES: "{"}, ROLES, "cannot be read"),
    ({ROLES: "[]"}, ROLES, "is an object with tenantId"),
    ({ROLES: '{"moduleName": "ACCESSCONTROL-ROLES"}'}, ROLES, "needs the texts"),
    ({ROLES: '{"tenantId": "uk", "moduleName": "ACCESSCONTROL-ROLES", "roles": [{"code": "A"}]}'},
     ".", r"ACCESSCONTROL-ROLES/roles\[0\] has no name"),
    ({ROLES: '{"tenantId": "uk", "moduleName": "ACCESSCONTROL-ROLES", "roles": []}'},
     ".", "has no ACCESSCONTROL-ROLES/roles.json"),
    ({HEADS: '{"tenantId": "uk", "moduleName": "BillingService", "TaxHeadMaster":'
             '[{"code": "A", "service": "WS", "category": "TAX", "order": "x"}]}'},
     ".", "has no number as its order"),
    ({ROLES: '{"tenantId": "pb", "moduleName": "ACCESSCONTROL-ROLES", "roles": []}'},
     ".", "holds data of pb, uk"),
    ({ROLES: '{"tenantId": "uk", "moduleName": "ACCESSCONTROL-ROLES",'
             '"roles": [{"code": ["A"], "name": "A"}]}'},
     ".", r"ACCESSCONTROL-ROLES/roles\[0\] has no text as its code"),
    ({URLS: '{"tenantId": "uk", "moduleName": "ACCESSCONTROL-ACTIONS-TEST",'
            '"actions-test": [{"id": [1], "url": "/a"}]}'},
     ".", r"actions-test\[0\] has no number as its id"),
    ({URLS: '{"tenantId": "uk", "moduleName": "ACCESSCONTROL-ACTIONS-TEST",'
            '"actions-test": [{"id": 1, "url": null}]}'},
     ".", r"actions-test\[0\] has no text as its url"),
    ({PERIODS: '{"tenantId": "uk", "moduleName": "BillingService", "TaxPeriod":'
               '[{"service": "WS", "fromDate": "April", "toDate": 1}]}'},
     ".", r"TaxPeriod\[0\] has no number as its fromDate"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "named", "message"), BROKEN)
def test_what_is_wrong_with_a_folder_is_said(
    folder: Path, files: dict[str, str], named: str, message: str
) -> None:
    if not files:
        shutil.rmtree(folder / "uk")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting, match=message) as refused, serve(Settings(mdms_data=folder)):
        pass
    assert str(folder / named) in str(refused.value)


def test_what_a_state_does_not_have_can_be_left_out(folder: Path) -> None:
    absent = ("/collection-services/payments/_validate",)
    with serve(Settings(mdms_data=folder, no_action=absent)) as deployment:
        assert deployment.base_url


def test_serve_ends_with_2_where_there_is_no_folder(tmp_path: Path) -> None:
    options = ["serve", "--port", "0", "--mdms-data", str(tmp_path / "nowhere")]
    ended = CliRunner().invoke(main, options)
    assert ended.exit_code == 2
    assert "there is no such folder of master data" in ended.output


def test_ids_of_actions_are_those_of_the_state(digit: Rehearsal) -> None:
    if not PUNJAB.is_dir():
        pytest.skip("the state's master data is not here")
    path = PUNJAB / "ACCESSCONTROL-ACTIONS-TEST" / "actions-test.json"
    theirs = {row["id"]: row["url"] for row in json.loads(path.read_bytes())["actions-test"]}
    ours = {row["id"]: row["url"] for row in master(digit, "pb", *ACTIONS)}
    shared = ours.keys() & theirs.keys()
    assert {id_: ours[id_] for id_ in shared} == {id_: theirs[id_] for id_ in shared}
    assert not {ours[id_] for id_ in ours.keys() - shared} & set(theirs.values())


def test_the_masters_of_a_whole_state_are_served(faulty: Callable[..., Rehearsal]) -> None:
    if not PUNJAB.is_dir():
        pytest.skip("the state's master data is not here")
    digit = faulty(mdms_data=PUNJAB)
    assert len(master(digit, "pb.amritsar", *ACTIONS)) > 1000
    search = "/user/v1/_search"
    found = digit.post(search, {"userName": "cashier", "tenantId": "pb.amritsar"}, "administrator")
    assert found.status_code == 200
    validated = digit.post("/collection-services/payments/_validate", {"tenantId": "pb"}, "cashier")
    assert validated.status_code == 403
