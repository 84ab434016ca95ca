"""Routing: by the path as it was sent, for any method, and never around the gateway."""

from collections.abc import Callable

import httpx
import pytest

from tests.reference.conftest import Rehearsal, codes

FETCH = "/billing-service/bill/v2/_fetchbill"
ODD = (
    f"/{FETCH}",
    f"{FETCH}/",
    f"{FETCH};x",
    f"{FETCH}%0A",
    FETCH.replace("/v2", "//v2"),
    FETCH.replace("/v2", "%2Fv2"),
    FETCH.replace("_fetch", "%5Ffetch"),
    FETCH.upper(),
)


def sent(
    digit: Rehearsal, path: str, method: str = "POST", who: str | None = None
) -> httpx.Response:
    url = digit.http.base_url.copy_with(raw_path=path.encode())
    info = {} if who is None else {"authToken": digit.token(who)}
    return digit.http.request(method, url, json={"RequestInfo": info})


@pytest.mark.parametrize("path", ODD)
def test_an_odd_spelling_leads_to_no_service(digit: Rehearsal, path: str) -> None:
    assert "NotNull.generateBillCriteria.tenantId" in codes(sent(digit, FETCH, who="cashier"))
    assert sent(digit, path, who="cashier").status_code in {403, 404}


def test_a_fault_lets_odd_spellings_lead_to_the_service(
    faulty: Callable[..., Rehearsal],
) -> None:
    digit = faulty("role-check-ignores-spelling")
    assert "NotNull.generateBillCriteria.tenantId" in codes(sent(digit, f"{FETCH}/", who="citizen"))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_method_meets_the_gateway_before_the_service(digit: Rehearsal, method: str) -> None:
    assert sent(digit, FETCH, method).status_code == 401
    refused = sent(digit, FETCH, method, who="cashier")
    assert refused.status_code == 400
    assert codes(refused) == {"HttpRequestMethodNotSupportedException"}


@pytest.mark.parametrize("path", ["/reference/clock/", "/reference%2Fhealth", "//reference/health"])
def test_a_control_has_one_spelling(digit: Rehearsal, path: str) -> None:
    assert sent(digit, "/reference/health").json() == {"status": "up", "lineage": "strict"}
    answer = sent(digit, path)
    assert (answer.status_code, answer.json()["message"]) == (404, "No message available")
