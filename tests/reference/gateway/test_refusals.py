"""Each kind of gateway refuses malformed requests in its own words (a table per line of DIGIT)."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from conformance.reference import Settings, serve
from tests.reference.conftest import Rehearsal, codes

PROTECTED = "/billing-service/bill/v2/_fetchbill?tenantId=pb.amritsar&businessService=PT"
OPEN = "/egov-mdms-service/v1/_search"
NO_TOKEN = "You are not authorized to access this resource"
LINES = ("strict", "digit-2.8", "digit-lts", "mseva")

Answered = tuple[int, str]
NO_JSON, EARLY_END = (400, "JsonParseException"), (500, "JsonEOFException")
MISMATCH, DECODING = (500, "MismatchedInputException"), (500, "DecodingException")
CUSTOM, CAST = (401, "CustomException"), (500, "ClassCastException")
NULL = (500, "NullPointerException")
# body, then status and code of the strict form, of Zuul (2.8, mSeva) and of the newer gateway
MALFORMED: list[tuple[bytes, Answered, Answered, Answered]] = [
    (b"", CUSTOM, MISMATCH, NULL),
    (b"{,}", NO_JSON, NO_JSON, DECODING),
    (b'{"RequestInfo": {', NO_JSON, EARLY_END, DECODING),
    (b'{"RequestInfo": {"authToken": "', NO_JSON, EARLY_END, DECODING),
    (b"[]", CUSTOM, MISMATCH, DECODING),
    (b'"text"', CUSTOM, MISMATCH, DECODING),
    (b"null", CUSTOM, CUSTOM, NULL),
    (b"{}", CUSTOM, CUSTOM, CUSTOM),
    (b'{"RequestInfo": 3}', (400, "ClassCastException"), CAST, CUSTOM),
    (b'{"RequestInfo": {"authToken": 3}}', (400, "ClassCastException"), CAST, CUSTOM),
]


@pytest.fixture(scope="module")
def lines() -> Iterator[dict[str, Rehearsal]]:
    """One deployment of each line."""
    with ExitStack() as stack:
        served = {
            name: Rehearsal(stack.enter_context(serve(Settings(lineage=name))).base_url)
            for name in LINES
        }
        for each in served.values():
            stack.callback(each.http.close)
        yield served


@pytest.mark.parametrize(("content", "strict", "zuul", "spring"), MALFORMED)
def test_malformed_body(
    lines: dict[str, Rehearsal], content: bytes, strict: Answered, zuul: Answered, spring: Answered
) -> None:
    headers = {"Content-Type": "application/json"}
    for name, answered in zip(LINES, (strict, zuul, spring, zuul), strict=True):
        answer = lines[name].http.post(PROTECTED, content=content, headers=headers)
        (item,) = answer.json()["Errors"]
        assert (answer.status_code, item["code"]) == answered, name
        assert set(item) == {"code", "message", "description", "params"}


WORDS = [
    # line, status and text without the role, x-correlation-id and media type on a refusal
    ("strict", 403, "Not authorized to access this resource", True),
    ("digit-2.8", 403, "Not authorized to access this resource", True),
    ("digit-lts", 401, NO_TOKEN, False),
    ("mseva", 403, "Not authorized to access this resource", True),
]


@pytest.mark.parametrize(("name", "status", "text", "headers"), WORDS)
def test_without_the_role(
    lines: dict[str, Rehearsal], name: str, status: int, text: str, headers: bool
) -> None:
    answer = lines[name].post("/user/v1/_search", {"tenantId": "pb"}, "citizen")
    assert answer.status_code == status
    assert answer.json()["Errors"][0]["message"] == text
    assert ("x-correlation-id" in answer.headers) is headers
    assert ("content-type" in answer.headers) is headers


@pytest.mark.parametrize("name", LINES)
def test_without_a_token(lines: dict[str, Rehearsal], name: str) -> None:
    answer = lines[name].post(PROTECTED)
    assert (answer.status_code, answer.json()["Errors"][0]["message"]) == (401, NO_TOKEN)


def test_token_sources_of_the_newer_gateway(lines: dict[str, Rehearsal]) -> None:
    digit = lines["digit-lts"]
    token = digit.token("citizen")
    for body, header, status in [
        ({"RequestInfo": {"authToken": token}}, None, 201),
        ({"RequestInfo": {}}, token, 401),
        ({"requestInfo": {"authToken": token}}, None, 401),
    ]:
        headers = {} if header is None else {"auth-token": header}
        path = PROTECTED + "&consumerCode=X"
        assert digit.http.post(path, json=body, headers=headers).status_code == status, body


def test_newer_gateway_wants_a_tenant(lines: dict[str, Rehearsal]) -> None:
    digit = lines["digit-lts"]
    token = digit.token("citizen")
    body = {"RequestInfo": {"authToken": token}}
    silent = digit.http.post("/pg-service/transaction/v1/_update", json=body)
    assert silent.status_code == 401
    assert silent.json()["Errors"][0]["message"] == "Failed to parse request at API gateway"
    named = digit.http.post("/pg-service/transaction/v1/_update", json=body | {"tenantId": "pb"})
    assert named.json()["Errors"][0]["code"] == "MISSING_UPDATE_TXN_ID"


def test_malformed_json_on_an_open_path(lines: dict[str, Rehearsal]) -> None:
    headers = {"Content-Type": "application/json"}
    strict = lines["strict"].http.post(OPEN, content=b"{,}", headers=headers)
    assert strict.json()["Errors"][0]["code"] == "JsonParseException"
    zuul = lines["mseva"].http.post(OPEN, content=b"{,}", headers=headers)
    assert zuul.status_code == 500
    assert zuul.json()["message"] == "pre:RequestEnrichmentFilter"


def test_path_that_is_granted_and_no_service_knows(lines: dict[str, Rehearsal]) -> None:
    for name in LINES:
        answer = lines[name].post(
            "/egov-hrms/employees/_search", {"tenantId": "pb"}, "administrator"
        )
        assert answer.status_code == 404, name
        if name != "digit-lts":  # the newer gateway passes the service's own page through
            assert answer.json()["Errors"][0]["code"] == "ResourceNotFoundException"


def test_the_newer_gateway_breaks_on_every_body_that_it_cannot_read(
    lines: dict[str, Rehearsal],
) -> None:
    for name, media_type, content, code in (
        ("digit-lts", "text/plain", b"{}", "UnsupportedMediaTypeException"),
        ("digit-lts", "application/xml", b"<a/>", "UnsupportedMediaTypeException"),
        ("digit-lts", "text/plain", b"", "NullPointerException"),
        ("digit-2.8", "text/plain", b"{}", "CustomException"),
    ):
        headers = {"Content-Type": media_type}
        answer = lines[name].http.post(PROTECTED, content=content, headers=headers)
        assert answer.status_code == (500 if name == "digit-lts" else 401), (name, media_type)
        assert codes(answer) == {code}


def test_zuul_passes_a_get_on_without_its_body(lines: dict[str, Rehearsal]) -> None:
    for name, code in (
        ("digit-2.8", "MissingJsonException"),
        ("mseva", "MissingJsonException"),
        ("strict", "TXN_UPDATE_NOT_FOUND"),
    ):
        digit = lines[name]
        answer = digit.http.request(
            "GET",
            "/pg-service/transaction/v1/_update?eg_pg_txnid=NONE&tenantId=pb.amritsar",
            json={"RequestInfo": {"authToken": digit.token("administrator")}},
            headers={"auth-token": digit.token("administrator")},
        )
        assert (answer.status_code, codes(answer)) == (400, {code}), name


def test_an_encoded_slash_meets_the_page_of_the_server_before_zuul(
    lines: dict[str, Rehearsal],
) -> None:
    answer = lines["digit-2.8"].post("/billing-service/demand%2F_search", {"tenantId": "pb"})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert lines["digit-lts"].post("/billing-service/demand%2F_search", {}).status_code == 401


def test_zuul_says_nothing_to_a_user_who_may_not_log_anybody_out(
    lines: dict[str, Rehearsal],
) -> None:
    digit = lines["digit-2.8"]
    digit.system_user("agent")
    refused = digit.post("/user/_logout", {"access_token": "x", "tenantId": "pb"}, "agent")
    assert (refused.status_code, refused.content) == (403, b"")


def test_where_no_route_leads_each_gateway_has_its_own_page(lines: dict[str, Rehearsal]) -> None:
    for path in ("/BILLING-SERVICE/DEMAND/_SEARCH", "//billing-service/demand/_search"):
        answer = at(lines["digit-lts"], path)
        assert answer.status_code == 404
        assert set(answer.json()) == {"timestamp", "path", "status", "error", "requestId"}
    assert at(lines["digit-2.8"], "//billing-service/demand/_search").status_code == 401


def at(digit: Rehearsal, path: str) -> httpx.Response:
    """Post to a path exactly as it is spelt."""
    base_url = str(digit.http.base_url).rstrip("/")
    return digit.http.post(base_url + path, json={"RequestInfo": {}})


def test_a_scalar_on_an_open_path_breaks_the_filter_of_zuul(lines: dict[str, Rehearsal]) -> None:
    headers = {"Content-Type": "application/json"}
    page = lines["mseva"].http.post(OPEN, content=b"0", headers=headers)
    assert page.status_code == 500
    assert set(page.json()) == {"timestamp", "status", "error", "message"}
    newer = lines["digit-lts"].http.post(OPEN, content=b"0", headers=headers)
    assert (newer.status_code, codes(newer)) == (500, {"DecodingException"})
