"""Tokens: how they are requested, what they contain, when and from where they work."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from conformance.reference import Deployment
from tests.reference.conftest import PEOPLE, Rehearsal, newcomer

FETCH = "/billing-service/bill/v2/_fetchbill?tenantId=pb.amritsar&businessService=PT&consumerCode=X"
CREDENTIALS = PEOPLE["cashier"]

REFUSALS = [
    # changes, status, error, description
    ({"tenantId": ""}, 400, "invalid_request", "TenantId is mandatory"),
    ({"userType": ""}, 400, "invalid_request", "User Type is mandatory and has to be a valid type"),
    ({"userType": "ROBOT"}, 400, "invalid_request",
     "User Type is mandatory and has to be a valid type"),
    ({"password": "Wrong@2024"}, 400, "invalid_request", "Invalid login credentials"),
    ({"username": "nobody"}, 400, "invalid_request", "Invalid login credentials"),
    ({"tenantId": "pb.jalandhar"}, 400, "invalid_request", "Invalid login credentials"),
    ({"userType": "CITIZEN"}, 400, "invalid_request", "Invalid login credentials"),
    ({"grant_type": ""}, 400, "invalid_request", "Missing grant type"),
    ({"grant_type": "magic"}, 400, "unsupported_grant_type", "Unsupported grant type: magic"),
    ({"password": "Wrong@2024", "isInternal": "true"}, 400, "invalid_request",
     "Invalid login credentials"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "status", "error", "description"), REFUSALS)
def test_refused(
    faulty: Callable[..., Rehearsal],
    changes: dict[str, str],
    status: int,
    error: str,
    description: str,
) -> None:
    answer = faulty().login(*CREDENTIALS, **changes)
    assert answer.status_code == status
    assert answer.json() == {"error": error, "error_description": description}


def test_answer_of_a_login(digit: Rehearsal) -> None:
    answer = digit.login(*CREDENTIALS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("no-store")
    body = answer.json()
    assert set(body) == {
        "access_token", "token_type", "refresh_token", "expires_in", "scope",
        "ResponseInfo", "UserRequest",
    }  # fmt: skip
    assert body["token_type"] == "bearer"
    assert 604_000 < body["expires_in"] <= 604_800
    assert body["ResponseInfo"]["status"] == "Access Token generated successfully"
    assert body["ResponseInfo"]["api_id"] == ""
    assert body["UserRequest"]["userName"] == "cashier"
    assert {role["code"] for role in body["UserRequest"]["roles"]} == {"EMPLOYEE", "UC_EMP"}


def test_client_credential_is_asked_for(digit: Rehearsal) -> None:
    form = {"grant_type": "password", "username": "cashier", "password": "x"}
    for auth in (None, ("egov-user-client", "secret"), ("somebody", "")):
        answer = digit.http.post("/user/oauth/token", data=form, auth=auth)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="oauth2/client"'


def test_second_login_gives_the_same_token(digit: Rehearsal) -> None:
    first, second = (digit.login(*CREDENTIALS).json()["access_token"] for _ in range(2))
    assert first == second


def namesake(digit: Rehearsal, tenant: str, kind: str) -> None:
    """Create a super user with the name of the BBPS agent, and log in as it."""
    described = newcomer("agent", tenant, "pb")
    described["user"] |= {"type": kind, "roles": [{"code": "SUPERUSER", "tenantId": "pb"}]}
    created = digit.post("/user/users/_createnovalidate", described, "administrator")
    assert created.status_code == 200, created.text
    assert digit.login("agent", "Bbps@2024", kind, tenant).status_code == 200


NAMESAKES = [
    # fault, tenant and type of the namesake, what the agent's token then opens
    ((), "pb", "EMPLOYEE", 403),
    ((), "pb.amritsar", "SYSTEM", 403),
    (("token-slot-ignores-type",), "pb", "EMPLOYEE", 200),
    (("token-slot-ignores-type",), "pb.amritsar", "SYSTEM", 403),
    (("token-slot-ignores-tenant",), "pb.amritsar", "SYSTEM", 200),
    (("token-slot-ignores-tenant",), "pb", "EMPLOYEE", 403),
]


@pytest.mark.parametrize(("faults", "tenant", "kind", "status"), NAMESAKES)
def test_a_namesake_lends_its_rights_to_nobody(
    faulty: Callable[..., Rehearsal], faults: tuple[str, ...], tenant: str, kind: str, status: int
) -> None:
    digit = faulty(*faults)
    digit.system_user("agent")
    wanted = "/billing-service/demand/_search?tenantId=pb.amritsar&consumerCode=X"
    assert digit.post(wanted, as_="agent").status_code == 403
    namesake(digit, tenant, kind)
    assert digit.post(wanted, as_="agent").status_code == status


def test_a_login_gives_its_token_the_roles_of_now(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty(lineage="digit-2.8")
    user = digit.system_user("agent")
    promoted = user | {"roles": [{"code": "SUPERUSER", "tenantId": "pb"}]}
    wanted = "/billing-service/demand/_search?tenantId=pb.amritsar&consumerCode=X"
    digit.post("/user/users/_updatenovalidate", {"user": promoted}, "administrator")
    assert digit.post(wanted, as_="agent").status_code == 403
    digit.login("agent", "Bbps@2024", "SYSTEM", "pb")
    assert digit.post(wanted, as_="agent").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"password": "Other@2024"},
        {"roles": [{"code": "SYSTEM", "tenantId": "pb"}]},
    ],
    ids=["deactivation", "another password", "another role"],
)
def test_a_change_of_an_account_ends_its_sessions(
    faulty: Callable[..., Rehearsal], change: dict[str, object]
) -> None:
    digit = faulty()
    user = digit.system_user("agent")
    session = digit.login("agent", "Bbps@2024", "SYSTEM", "pb").json()
    digit.post("/user/users/_updatenovalidate", {"user": user | change}, "administrator")
    assert digit.post(FETCH, as_="agent").status_code == 401
    renewed = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
    assert digit.login("agent", "", "SYSTEM", "pb", **renewed).status_code == 400


def test_five_failures_lock(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty()
    for _ in range(5):
        digit.login(*CREDENTIALS, password="Wrong@2024")
    locked = digit.login(*CREDENTIALS)
    assert locked.status_code == 400
    assert locked.json()["error_description"] == "Account locked"
    digit.http.post("/reference/clock", json={"advance": 61 * 60 * 1000})
    assert digit.login(*CREDENTIALS).status_code == 200


def test_stock_breaks_on_the_fifth_failure_and_locks_nothing(
    faulty: Callable[..., Rehearsal],
) -> None:
    digit = faulty(lineage="digit-2.8")
    wrong = [digit.login(*CREDENTIALS, password="Wrong@2024") for _ in range(7)]
    assert [each.status_code for each in wrong] == [400] * 4 + [500] * 3
    assert wrong[-1].json()["error"] == "server_error"
    assert digit.login(*CREDENTIALS).status_code == 200
    assert digit.login(*CREDENTIALS, password="Wrong@2024").status_code == 400


def test_a_login_forgets_the_failures_before_it(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty()
    for _ in range(3):
        for _ in range(4):
            digit.login(*CREDENTIALS, password="Wrong@2024")
        assert digit.login(*CREDENTIALS).status_code == 200


@pytest.mark.parametrize(("lineage", "status"), [("strict", 400), ("digit-2.8", 200)])
def test_a_refresh_after_logout(
    faulty: Callable[..., Rehearsal], lineage: str, status: int
) -> None:
    digit = faulty(lineage=lineage)
    session = digit.login(*PEOPLE["citizen"]).json()
    ended = {"access_token": session["access_token"]}
    assert digit.post("/user/_logout", ended, "administrator").status_code == 200
    again = digit.login(
        "", "", "", "", grant_type="refresh_token", refresh_token=session["refresh_token"]
    )
    assert again.status_code == status
    if status == 200:
        assert again.json()["access_token"] != session["access_token"]


REFRESHES = [
    ("digit-2.8", {}, "Invalid refresh token: null"),
    ("digit-2.8", {"refresh_token": "a"}, "Invalid refresh token: a"),
    ("strict", {"refresh_token": "a"}, "Invalid refresh token"),
]


@pytest.mark.parametrize(("lineage", "sent", "text"), REFRESHES)
def test_an_unknown_refresh_token(
    faulty: Callable[..., Rehearsal], lineage: str, sent: dict[str, str], text: str
) -> None:
    answer = faulty(lineage=lineage).login("", "", "", "", grant_type="refresh_token", **sent)
    assert answer.json() == {"error": "invalid_grant", "error_description": text}


def test_stock_says_on_which_null_it_breaks(faulty: Callable[..., Rehearsal]) -> None:
    answer = faulty(lineage="digit-2.8").login(*CREDENTIALS, password="")
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert "Authentication.getCredentials()&quot; is null" in answer.json()["error_description"]


def test_the_answer_shows_whom_a_token_was_issued_to_first(
    faulty: Callable[..., Rehearsal],
) -> None:
    digit = faulty(lineage="digit-2.8")
    digit.system_user("agent")
    namesake(digit, "pb", "EMPLOYEE")
    again = digit.login("agent", "Bbps@2024", "EMPLOYEE", "pb").json()
    assert again["access_token"] == digit.token("agent")
    assert again["UserRequest"]["type"] == "SYSTEM"


def test_logout_ends_a_token_once(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty()
    token = digit.token("citizen")
    assert digit.post(FETCH, as_="citizen").status_code == 201
    ended = digit.post("/user/_logout", {"access_token": token}, "administrator")
    assert ended.status_code == 200
    assert ended.json()["status"] == "Logout successfully"
    assert digit.post(FETCH, as_="citizen").status_code == 401
    again = digit.post("/user/_logout", {"access_token": token}, "administrator")
    assert again.status_code == 400
    assert again.json()["error"]["description"] == "Logout failed"


def test_token_expires_after_seven_days(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty()
    digit.token("citizen")
    digit.http.post("/reference/clock", json={"advance": 7 * 24 * 3600 * 1000 + 1000})
    assert digit.post(FETCH, as_="citizen").status_code == 401


def test_details(digit: Rehearsal) -> None:
    token = digit.token("cashier")
    answered = digit.post(f"/user/_details?access_token={token}", as_="administrator")
    assert answered.json()["userName"] == "cashier"
    assert answered.json()["actions"] is None
    unknown = digit.post("/user/_details?access_token=x", as_="administrator")
    assert unknown.status_code == 401  # which Zuul makes of the service's 400
    assert unknown.json()["Errors"][0]["code"] == "InvalidAccessTokenException"
    absent = digit.post("/user/_details", as_="administrator")
    assert absent.json()["Errors"][0] == {
        "code": "",
        "message": "Required String parameter 'access_token' is not present",
        "description": None,
        "params": ["access_token"],
    }


@pytest.fixture(scope="module")
def outside(deployment: Deployment) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(deployment.base_url, address="127.0.0.2")
    yield rehearsal
    rehearsal.http.close()


HEADERS = [
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"Client-IP": "127.0.0.1"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_system_user_is_bound_to_its_address(
    digit: Rehearsal, outside: Rehearsal, headers: dict[str, str]
) -> None:
    if "bound-agent" not in digit._tokens:
        digit.system_user("bound-agent")
    token = digit.token("bound-agent")
    outside.http.headers.update(headers)
    try:
        login = outside.login("bound-agent", "Bbps@2024", "SYSTEM", "pb")
        used = outside.http.post(FETCH, json={"RequestInfo": {"authToken": token}})
    finally:
        for name in headers:
            del outside.http.headers[name]
    assert login.status_code == 400
    assert used.status_code == 401


def test_other_types_are_not_bound(outside: Rehearsal) -> None:
    assert outside.login(*CREDENTIALS).status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1"])
def test_forged_header_shuts_nobody_out(digit: Rehearsal, address: str) -> None:
    answer = digit.http.post(
        FETCH,
        json={"RequestInfo": {"authToken": digit.token("citizen")}},
        headers={"X-Forwarded-For": address},
    )
    assert answer.status_code == 201


def test_type_is_part_of_the_login(digit: Rehearsal) -> None:
    digit.system_user("typed-agent")
    for kind in ("EMPLOYEE", "CITIZEN", "BUSINESS"):
        answer: httpx.Response = digit.login("typed-agent", "Bbps@2024", kind, "pb")
        assert answer.status_code == 400
