"""The gateway: what it asks before any service sees a request."""

from collections.abc import Callable

import pytest

from tests.reference.conftest import Rehearsal, codes, newcomer

FETCH = "/billing-service/bill/v2/_fetchbill?tenantId=pb.amritsar&businessService=PT&consumerCode=X"
DEMANDS = "/billing-service/demand/_search"


@pytest.fixture(scope="module")
def bbps(digit: Rehearsal) -> Rehearsal:
    digit.system_user("gateway-agent")
    return digit


MALFORMED = [
    # body, media type, status, code
    (b"{", "application/json", 400, "JsonParseException"),
    (b'{"a": tru', "application/json", 400, "JsonParseException"),
    (b'{"RequestInfo": 3}', "application/json", 400, "ClassCastException"),
    (b'{"RequestInfo": {"authToken": 3}}', "application/json", 400, "ClassCastException"),
    (b"[]", "application/json", 401, "CustomException"),
    (b"", "application/json", 401, "CustomException"),
    (b"null", "application/json", 401, "CustomException"),
    (b"{}", "application/json", 401, "CustomException"),
    (b"NaN", "application/json", 400, "JsonParseException"),
    (b'{"RequestInfo": {}}', "text/plain", 401, "CustomException"),
    (b"[" * 100_000, "application/json", 400, "JsonParseException"),
    (b"\xff\xfe", "application/json", 400, "JsonParseException"),
]


@pytest.mark.parametrize(("content", "media_type", "status", "code"), MALFORMED)
def test_malformed_body(
    digit: Rehearsal, content: bytes, media_type: str, status: int, code: str
) -> None:
    answer = digit.http.post(FETCH, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert codes(answer) == {code}
    assert answer.json()["ResponseInfo"] is None


def test_token_is_read_from_body_then_header(bbps: Rehearsal) -> None:
    token = bbps.token("gateway-agent")
    for body, header, status in [
        ({"RequestInfo": {"authToken": token}}, None, 201),
        ({"requestInfo": {"authToken": token}}, None, 201),
        ({"RequestInfo": {}}, token, 201),
        ({"RequestInfo": {"authToken": "unknown"}}, token, 401),
        ({"RequestInfo": {}}, "", 401),
        ({"RequestInfo": {}}, None, 401),
    ]:
        headers = {} if header is None else {"auth-token": header}
        assert bbps.http.post(FETCH, json=body, headers=headers).status_code == status, body


def test_bad_token_is_not_answered_as_a_missing_one(digit: Rehearsal) -> None:
    missing = digit.http.post(FETCH, json={"RequestInfo": {}})
    bad = digit.http.post(FETCH, json={"RequestInfo": {"authToken": "unknown"}})
    assert codes(missing) == {"CustomException"}
    assert "InvalidAccessTokenException" in bad.text
    assert "InvalidAccessTokenException" not in missing.text


def test_error_and_answer_carry_gateway_headers(bbps: Rehearsal) -> None:
    for as_ in (None, "gateway-agent"):
        answer = bbps.post(FETCH, as_=as_)
        assert answer.headers["x-correlation-id"]
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("application/json")


GRID = [
    ("gateway-agent", FETCH, 201),
    ("gateway-agent", "/pg-service/transaction/v1/_search", 403),
    ("gateway-agent", "/collection-services/payments/_search?tenantId=pb.amritsar", 403),
    ("gateway-agent", "/user/v1/_search", 403),
    ("gateway-agent", "/billing-service/conf/anything", 403),
    ("citizen", "/collection-services/payments/_create", 403),
    ("citizen", "/user/users/_createnovalidate", 403),
    ("administrator", "/access/v1/roles/v1/_search", 403),
    ("neighbour", DEMANDS + "?tenantId=pb.amritsar&consumerCode=X", 403),
    ("cashier", DEMANDS + "?tenantId=pb.amritsar&consumerCode=X", 200),
]


@pytest.mark.parametrize(("who", "path", "status"), GRID)
def test_roles_open_paths(bbps: Rehearsal, who: str, path: str, status: int) -> None:
    answer = bbps.post(path, as_=who)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["Errors"][0]["message"] == ("Not authorized to access this resource")


@pytest.mark.parametrize(
    "path",
    [
        DEMANDS + "/",
        "/" + DEMANDS,
        DEMANDS + ";x=1",
        "/billing-service/%64emand/_search",
        "/billing-service/./demand/_search",
        DEMANDS.upper(),
        "/billing-service/bill/v2/_fetchbill/",
    ],
)
def test_spelling_opens_nothing(bbps: Rehearsal, path: str) -> None:
    assert bbps.post(path + "?tenantId=pb.amritsar", as_="gateway-agent").status_code in {403, 404}


TENANTS = [
    # role at, query, body, status
    ("pb", "pb.amritsar", None, 201),
    ("pb", "pb.jalandhar", "pb.jalandhar", 201),
    ("pb.amritsar", "pb.amritsar", None, 201),
    ("pb.amritsar", "pb.jalandhar", None, 403),
    ("pb.amritsar", "pb", None, 403),
    ("pb.amritsar", "pb.jalandhar", "pb.amritsar", 403),
    ("pb", "pb.jalandhar", "pb.amritsar", 403),
    ("pb", "xx.city", None, 403),
    ("pb", "PB.AMRITSAR", None, 403),
]


@pytest.mark.parametrize(("role_at", "query", "body", "status"), TENANTS)
def test_tenants(digit: Rehearsal, role_at: str, query: str, body: str | None, status: int) -> None:
    name = f"agent-of-{role_at.replace('.', '-')}"
    if name not in digit._tokens:
        digit.system_user(name, role_tenant=role_at)
    document = {} if body is None else {"tenantId": body}
    path = f"/billing-service/bill/v2/_fetchbill?tenantId={query}&businessService=PT&consumerCode=X"
    assert digit.post(path, document, as_=name).status_code == status


DETAILS = [
    # role at, tenants of the demand and of its detail, faults, whether it passes the gateway
    ("pb.amritsar", "pb.amritsar", "pb.amritsar", (), True),
    ("pb.amritsar", "pb", "pb.amritsar", (), False),
    ("pb.amritsar", "pb.amritsar", "pb", (), False),
    ("pb.amritsar", "pb.amritsar", "pb.jalandhar", (), False),
    ("pb", "pb", "pb.amritsar", (), True),
    ("pb", "pb.amritsar", "pb", (), True),
    ("pb.amritsar", "pb.amritsar", "pb.jalandhar", ("detail-tenant-unchecked",), True),
    ("pb.amritsar", "pb.jalandhar", "pb.amritsar", ("detail-tenant-unchecked",), False),
    ("pb.amritsar", "pb", "pb.amritsar", ("state-tenant-unchecked",), True),
    ("pb.amritsar", "pb", "pb.jalandhar", ("state-tenant-unchecked",), False),
]


@pytest.mark.parametrize(("role_at", "of_demand", "of_detail", "faults", "passes"), DETAILS)
def test_a_role_covers_every_tenant_of_a_body(
    faulty: Callable[..., Rehearsal],
    role_at: str,
    of_demand: str,
    of_detail: str,
    faults: tuple[str, ...],
    passes: bool,
) -> None:
    digit = faulty(*faults)
    described = newcomer("clerk", role_tenant=role_at)
    described["user"]["roles"][0]["code"] = "SUPERUSER"
    digit.post("/user/users/_createnovalidate", described, "administrator")
    digit.learn("clerk", digit.login("clerk", "Bbps@2024", "SYSTEM", "pb").json()["access_token"])
    demand = {"tenantId": of_demand, "demandDetails": [{"tenantId": of_detail}]}
    answer = digit.post("/billing-service/demand/_create", {"Demands": [demand]}, "clerk")
    assert (answer.status_code != 403) == passes, answer.text


def test_claimed_identity_is_replaced(bbps: Rehearsal) -> None:
    claim = {"userInfo": {"uuid": "me", "roles": [{"code": "SUPERUSER", "tenantId": "pb"}]}}
    answer = bbps.post(DEMANDS, {"RequestInfo": claim, "tenantId": "pb.amritsar"}, "gateway-agent")
    assert answer.status_code == 403


def test_unknown_prefix_meets_no_filter(digit: Rehearsal) -> None:
    answer = digit.post("/nobody-knows/v1/_search")
    assert answer.status_code == 404
    assert "x-correlation-id" not in answer.headers
    assert set(answer.json()) == {"timestamp", "status", "error", "message", "path"}


SERVICE_LEVEL = [
    ("PUT", b'{"RequestInfo":{"authToken":"%s"}}', "application/json",
     "HttpRequestMethodNotSupportedException"),
    ("POST", b'{"RequestInfo":{"authToken":"%s"}}', "text/plain", "UnsupportedMediaType"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "content", "media_type", "code"), SERVICE_LEVEL)
def test_wrong_method_and_media_type_give_400(
    bbps: Rehearsal, method: str, content: bytes, media_type: str, code: str
) -> None:
    token = bbps.token("gateway-agent")
    answer = bbps.http.request(
        method,
        FETCH,
        content=content.replace(b"%s", token.encode()),
        headers={"Content-Type": media_type, "auth-token": token},
    )
    assert answer.status_code == 400
    assert codes(answer) == {code}


def test_rate_limit(faulty: Callable[..., Rehearsal]) -> None:
    limited = faulty(rate_limit=3)
    token = limited.token("citizen")
    answers = [
        limited.http.post(FETCH, json={"RequestInfo": {"authToken": token}}) for _ in range(12)
    ]
    over = [answer for answer in answers if answer.status_code == 429]
    assert over
    assert codes(over[0]) == {"RateLimitExceededException"}
    assert over[0].headers["retry-after"] == "1"


LINEAGES = [
    # lineage, status without role, status for a bad token
    ("strict", 403, 401),
    ("digit-2.8", 403, 500),
    ("digit-lts", 401, 401),
    ("mseva", 403, 500),
]


@pytest.mark.parametrize(("lineage", "forbidden", "bad_token"), LINEAGES)
def test_lineages_refuse_in_their_way(
    faulty: Callable[..., Rehearsal], lineage: str, forbidden: int, bad_token: int
) -> None:
    digit = faulty(lineage=lineage)
    assert digit.post("/user/v1/_search", {"tenantId": "pb"}, "citizen").status_code == forbidden
    bad = digit.http.post(FETCH, json={"RequestInfo": {"authToken": "unknown"}})
    assert bad.status_code == bad_token
    assert "InvalidAccessTokenException" in bad.text
