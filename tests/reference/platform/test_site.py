"""How a deployment is set up: master data open or closed, actions, services, gateways, zone."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from conformance.reference import BadSetting, Settings, serve
from conformance.reference.platform.clock import Clock
from tests.reference.conftest import Rehearsal, codes
from tests.reference.money import Till

MASTERS = "/egov-mdms-service/v1/_search"
CRITERIA = {
    "MdmsCriteria": {
        "tenantId": "pb",
        "moduleDetails": [
            {
                "moduleName": "ACCESSCONTROL-ACTIONS-TEST",
                "masterDetails": [{"name": "actions-test"}],
            }
        ],
    }
}
VALIDATE = "/collection-services/payments/_validate"


def test_masters_are_open_or_closed(faulty: Callable[..., Rehearsal]) -> None:
    opened, closed = faulty(mdms_open=True), faulty(mdms_open=False)
    assert opened.post(MASTERS, CRITERIA).status_code == 200
    refused = closed.post(MASTERS, CRITERIA)
    assert refused.status_code == 401
    assert codes(refused) == {"CustomException"}
    assert closed.post(MASTERS, CRITERIA, "administrator").status_code == 200


AS_SEEN = [
    # lineage, status of the search of masters and of a single one, without a token
    ("digit-2.8", 401, 401),
    ("digit-lts", 200, 401),
    ("mseva", 200, 200),
]


@pytest.mark.parametrize(("lineage", "search", "single"), AS_SEEN)
def test_each_line_opens_the_masters_that_it_was_seen_to_open(
    faulty: Callable[..., Rehearsal], lineage: str, search: int, single: int
) -> None:
    digit = faulty(lineage=lineage)
    one = "/egov-mdms-service/v1/_get?moduleName=BillingService&masterName=TaxPeriod&tenantId=pb"
    assert digit.post(MASTERS, CRITERIA).status_code == search
    assert digit.post(one).status_code == single


def test_an_action_that_the_state_lacks_opens_for_nobody(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty(no_action=(VALIDATE,))
    assert digit.post(VALIDATE, {"tenantId": "pb.amritsar"}, "cashier").status_code == 403
    rows = digit.post(MASTERS, CRITERIA).json()["MdmsRes"]["ACCESSCONTROL-ACTIONS-TEST"]
    assert VALIDATE not in {row["url"] for row in rows["actions-test"]}
    usual = faulty()
    assert usual.post(VALIDATE, {"tenantId": "pb.amritsar"}, "cashier").status_code == 400


def test_a_service_that_is_not_deployed_is_not_found_by_anybody(
    faulty: Callable[..., Rehearsal],
) -> None:
    digit = faulty(no_service=("egov-hrms",))
    for who in (None, "citizen", "administrator"):
        answer = digit.post("/egov-hrms/employees/_search", {"tenantId": "pb"}, who)
        assert answer.status_code == 404
        assert answer.json()["error"] == "Not Found"


def test_a_service_that_is_down_is_an_error_of_the_gateway(
    faulty: Callable[..., Rehearsal],
) -> None:
    digit = faulty(down=("pg-service",))
    path = "/pg-service/gateway/v1/_search"
    answer = digit.post(path, {"tenantId": "pb"}, "administrator")
    assert answer.status_code == 500
    assert codes(answer) == {"ZuulRuntimeException"}
    assert "Forwarding error" in answer.json()["Errors"][0]["message"]
    assert digit.post(path, {"tenantId": "pb"}, "citizen").status_code == 403
    assert digit.post("/user/v1/_search", {}, "administrator").status_code == 400


def test_only_the_gateways_of_the_settings_take_transactions(
    faulty: Callable[..., Rehearsal],
) -> None:
    till = Till(faulty(gateways=("PAYU",)))
    bill = till.bill()
    refused = till.submit(bill)
    assert codes(refused) == {"INVALID_PAYMENT_GATEWAY"}
    assert till.submit(bill, gateway="PAYU").status_code == 200


def test_the_day_of_a_bill_ends_where_the_services_run() -> None:
    noon = int(datetime(2027, 6, 15, 6, 30, tzinfo=UTC).timestamp() * 1000)
    in_india, in_utc = Clock().end_of_day(noon), Clock(None, ZoneInfo("UTC")).end_of_day(noon)
    assert datetime.fromtimestamp(in_india // 1000, UTC).hour == 18
    assert datetime.fromtimestamp(in_utc // 1000, UTC).hour == 23


REFUSED = [
    ({"no_service": ("egov-hmrs",)}, "there is no service 'egov-hmrs'"),
    ({"down": ("pg",)}, "there is no service 'pg'"),
    ({"gateways": ("AXS",)}, "there is no payment gateway 'AXS'"),
    ({"zone": "Asia/Nowhere"}, "there is no time zone 'Asia/Nowhere'"),
    ({"no_action": ("/user/_serch",)}, "there is no action '/user/_serch'"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED)
def test_what_does_not_exist_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(BadSetting, match=message), serve(Settings(**settings)):  # type: ignore[arg-type]
        pass
