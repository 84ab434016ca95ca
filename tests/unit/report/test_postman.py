"""Exchanges as a collection that repeats them: what an answer gave is taken from the new answer."""

import json
from typing import Any

from conformance.core.exchange import Exchange
from conformance.report.postman import collection_of, needed

HEADERS = {"Host": "city.example", "Accept": "application/json", "Authorization": "***"}


def exchange(number: int, operation: str, path: str, **more: Any) -> Exchange:
    given = {
        "id": f"x001-000{number}",
        "check": "a check",
        "operation": operation,
        "actor": "integrator",
        "method": "POST",
        "url": f"https://city.example{path}",
        "request_headers": HEADERS,
        "request_body": "",
        "status": 200,
        "response_headers": {},
        "response_body": "",
        "started_at": f"2026-04-01T00:00:0{number}+00:00",
        "milliseconds": 1.0,
        **more,
    }
    return Exchange(**given)


LOGIN = exchange(
    1, "token.create", "/user/oauth/token", check="set-up",
    request_body="username=BBPS_AGENT&password=***", response_body='{"access_token": "***"}',
)  # fmt: skip
DEMAND = exchange(
    2, "demand.create", "/billing-service/demand/_create", check="shared",
    request_body='{"RequestInfo": {"authToken": "***"}, '
                 '"Demands": [{"consumerCode": "CONF-abc-1"}]}',
    response_body='{"Demands": [{"consumerCode": "CONF-abc-1", "id": "demand-0001"}]}',
)  # fmt: skip
FETCH = exchange(
    3, "bill.fetch", "/billing-service/bill/v2/_fetchbill?consumerCode=CONF-abc-0%2CCONF-abc-1",
    check="shared", request_body='{"RequestInfo": {"authToken": "***"}}',
    response_body='{"Bill": [{"consumerCode": "CONF-abc-0", "id": "bill-other-1"},'
                  ' {"consumerCode": "CONF-abc-1", "id": "bill-00001"}]}',
)  # fmt: skip
OTHER = exchange(4, "bill.search", "/billing-service/bill/v2/_search?id=demand-xxxx", check="b")
PAY = exchange(
    5, "payment.create", "/collection-services/payments/_create", status=400,
    request_body='{"Payment": {"billId": "bill-00001", "mobileNumber": "***"}}',
)  # fmt: skip


def test_a_check_is_repeated_with_what_it_needs() -> None:
    found = needed([PAY, OTHER, FETCH, DEMAND, LOGIN], "a check", [])
    assert found == [LOGIN, DEMAND, FETCH, PAY]
    collection = collection_of(found, "a title")
    login, demand, fetch, pay = [each for folder in collection["item"] for each in folder["item"]]
    assert "***" not in json.dumps(collection)
    assert login["request"]["body"]["raw"] == (
        "username=BBPS_AGENT&password={{integrator.password}}"
    )
    assert "integrator.token" in str(login["event"])
    assert "{{code 1}}" in demand["request"]["body"]["raw"]
    assert "{{integrator.token}}" in demand["request"]["body"]["raw"]
    assert fetch["request"]["url"].endswith("consumerCode=CONF-abc-0,{{code 1}}")
    assert "find((each) => each.consumerCode === " in str(fetch["event"])
    assert '"billId": "{{x001-0003 1}}"' in pay["request"]["body"]["raw"]
    assert '"mobileNumber": "{{mobileNumber}}"' in pay["request"]["body"]["raw"]
    assert "pm.response.to.have.status(400)" in str(pay["event"])
    variables = {each["key"]: each for each in collection["variable"]}
    assert variables["base_url"]["value"] == "https://city.example"
    assert variables["mobileNumber"]["value"] == "9876543210"
    assert variables["integrator.password"] == {
        "key": "integrator.password", "value": "", "type": "secret",
    }  # fmt: skip


def test_an_actor_without_a_login_in_the_run_logs_in_first() -> None:
    collection = collection_of([FETCH], "a title")
    assert [each["name"] for each in collection["item"]] == ["Log in", "shared"]
    assert collection["item"][0]["item"][0]["name"] == "Log in as integrator"
