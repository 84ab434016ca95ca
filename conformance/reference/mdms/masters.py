"""Master data of the rehearsal state `pb`: roles, actions, grants, business services, tax heads.

Action ids and URLs are those of Punjab, whose data has no row for the actions from 10001 on; roles
and services are the reference's own small selection.
"""

from typing import Any, Final

from conformance.reference.platform.master_data import MasterData, Row

STATE: Final = "pb"
CITIES: Final = ("pb.amritsar", "pb.jalandhar")
BBPS_ROLE: Final = "BBPS_USER"

ROLES: Final[dict[str, str]] = {
    BBPS_ROLE: "Fetches bills and pays them for BBPS",
    "SUPERUSER": "May administer users, roles and demands",
    "EMPLOYEE": "Works for a city",
    "UC_EMP": "Collects at the counter",
    "CITIZEN": "Pays and looks at own bills",
    "CSR": "Registers people on request",
    "CR_PT": "Looks after property tax receipts",
    "PT_APPROVER": "Approves property tax assessments",
    "TL_APPROVER": "Approves trade licences",
    "WS_APPROVER": "Approves water connections",
    "HRMS_ADMIN": "Creates employees",
    "AUDITOR": "Reads books",
    "SYSTEM": "Internal jobs",
    "ANONYMOUS": "Somebody without a token",
}
ACTIONS: Final[dict[int, str]] = {
    1862: "/billing-service/bill/v2/_fetchbill",
    1861: "/billing-service/bill/v2/_search",
    2168: "/billing-service/bill/v2/_cancelbill",
    1692: "/billing-service/bill/_fetchbill",
    705: "/billing-service/demand/_create",
    706: "/billing-service/demand/_search",
    704: "/billing-service/demand/_update",
    1571: "/pg-service/transaction/v1/_create",
    1572: "/pg-service/transaction/v1/_update",
    1570: "/pg-service/transaction/v1/_search",
    10001: "/pg-service/gateway/v1/_search",
    1863: "/collection-services/payments/_create",
    10002: "/collection-services/payments/_validate",
    1864: "/collection-services/payments/_search",
    2030: "/collection-services/payments/PT/_search",
    2164: "/collection-services/payments/PT/_workflow",
    605: "/user/users/_createnovalidate",
    1700: "/user/users/_updatenovalidate",
    604: "/user/_search",
    695: "/user/v1/_search",
    696: "/user/_details",
    701: "/user/_logout",
    699: "/user/password/_update",
    698: "/user/profile/_update",
    870: "/access/v1/actions/mdms/_get",
    729: "/access/v1/roles/_search",
    10003: "/access/v1/actions/_authorize",
    954: "/egov-mdms-service/v1/_search",
    10004: "/egov-mdms-service/v1/_get",
    1750: "/egov-hrms/employees/_create",
    1752: "/egov-hrms/employees/_search",
    1897: "/property-services/property/_search",
    1687: "/tl-services/v1/_search",
    1730: "/egov-workflow-v2/egov-wf/process/_search",
}
GRANTS: Final[dict[str, tuple[int, ...]]] = {
    BBPS_ROLE: (1862, 1571, 1572, 1863),
    "SUPERUSER": (
        705, 706, 704, 1861, 2168, 1692, 1571, 1572, 1570, 10001, 1863, 10002, 1864, 2030,
        605, 1700, 604, 695, 696, 701, 699, 698, 870, 729, 954, 1750, 1752,
    ),
    "EMPLOYEE": (1862, 1861, 1571, 1572, 1570, 1863, 10002, 1864, 2030, 706, 870, 701),
    "UC_EMP": (1862, 1861, 1863, 10002, 1864, 2030, 2164, 705, 706),
    "CITIZEN": (1862, 1861, 1571, 1572, 1570, 1864, 2030, 870, 701, 698),
    "CSR": (605, 604, 701),
    "CR_PT": (2030, 2164),
    "HRMS_ADMIN": (605, 1750, 1752, 701),
    "TL_APPROVER": (605, 1862, 1863, 1687),
    "AUDITOR": (1864, 2030, 706),
}  # fmt: skip


def _service(code: str, name: str, **changes: Any) -> Row:
    row: Row = {
        "businessService": name,
        "code": code,
        "collectionModesNotAllowed": [],
        "partPaymentAllowed": False,
        "isAdvanceAllowed": False,
        "demandUpdateTime": 86_400_000,
        "isVoucherCreationEnabled": True,
        "isActive": True,
        "type": "Adhoc",
    }
    return row | changes


BUSINESS_SERVICES: Final[tuple[Row, ...]] = (
    _service("PT", "Property tax"),
    _service("SMP", "Rehearsal charge, payable in parts", partPaymentAllowed=True),
    _service("ADV", "Rehearsal charge, payable in advance", isAdvanceAllowed=True),
    _service(
        "CTR",
        "Rehearsal charge for the counter",
        collectionModesNotAllowed=["DD", "ONLINE", "CARD"],
    ),
)


def _head(code: str, service: str, order: int, category: str = "TAX") -> Row:
    return {
        "category": category,
        "service": service,
        "name": code.replace("_", " ").title(),
        "code": code,
        "isDebit": False,
        "isActualDemand": True,
        "order": str(order),
        "isRequired": False,
    }


TAX_HEADS: Final[tuple[Row, ...]] = (
    _head("PT_TAX", "PT", 1),
    _head("PT_CESS", "PT", 2),
    _head("PT_REBATE", "PT", 3, "REBATE"),
    _head("SMP_TAX", "SMP", 1),
    _head("ADV_TAX", "ADV", 1),
    _head("ADV_ADVANCE", "ADV", 2, "ADVANCE_COLLECTION"),
    _head("CTR_TAX", "CTR", 1),
)


def role_rows() -> list[Row]:
    """Return roles.json."""
    return [
        {"code": code, "name": code.replace("_", " ").title(), "description": text}
        for code, text in ROLES.items()
    ]


def action_rows() -> list[Row]:
    """Return actions-test.json."""
    return [
        {
            "id": id_,
            "name": url.strip("/").replace("/", " "),
            "url": url,
            "displayName": url.rpartition("/")[2].strip("_"),
            "orderNumber": 0,
            "parentModule": "",
            "enabled": False,
            "serviceCode": url.split("/")[1],
            "code": "null",
            "path": "",
        }
        for id_, url in ACTIONS.items()
    ]


def grant_rows() -> list[Row]:
    """Return roleactions.json."""
    return [
        {"rolecode": role, "actionid": id_, "actioncode": "", "tenantId": STATE}
        for role, ids in GRANTS.items()
        for id_ in ids
    ]


def shipped() -> MasterData:
    """Return the masters that come with the reference; tax periods follow the clock."""
    modules: dict[str, dict[str, list[Row]]] = {
        "ACCESSCONTROL-ROLES": {"roles": role_rows()},
        "ACCESSCONTROL-ROLEACTIONS": {"roleactions": grant_rows()},
        "ACCESSCONTROL-ACTIONS-TEST": {"actions-test": action_rows()},
        "BillingService": {
            "BusinessService": list(BUSINESS_SERVICES),
            "TaxHeadMaster": list(TAX_HEADS),
        },
        "tenant": {
            "tenants": [{"code": code, "name": code, "city": {"code": code}} for code in CITIES]
        },
    }
    return MasterData(STATE, CITIES, {STATE: modules})
