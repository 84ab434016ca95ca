"""Evidence: what was learnt as a secret never survives; what is kept can be repeated."""

import base64
import json
import re
import shlex
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.curl import curl
from conformance.core.exchange import Exchange, SchemaViolation
from conformance.core.redaction import BODY_LIMIT, PERSONAL_KEYS, REDACTED, SECRET_KEYS, Redactor

# Secrets as passwords and tokens are made of: long enough to be learnt, and not the mark itself.
SECRETS = st.text(string.ascii_letters + string.digits + "-._~+/=$!", min_size=6, max_size=24)
KEYS = st.sampled_from([*sorted(SECRET_KEYS), "name", "remarks", "txnId"])


def documents(secret: str) -> st.SearchStrategy[Any]:
    """JSON documents in which the secret stands somewhere: as value, in a text, under any key."""
    leaf = st.one_of(
        st.none(), st.integers(), st.text(max_size=8), st.just(secret), st.just(f"see {secret}!")
    )
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    )


def exchange_of(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "id": "x1", "check": "c", "operation": "token.create", "actor": "integrator",
        "method": "POST", "url": "http://127.0.0.1:1/user/oauth/token", "request_headers": {},
        "request_body": "", "status": 200, "response_headers": {}, "response_body": "",
        "started_at": "2026-01-10T09:30:01+05:30", "milliseconds": 1.0,
    }  # fmt: skip
    return Exchange(**{**values, **changes})


@given(secret=SECRETS, data=st.data())
def test_a_learnt_secret_never_survives_in_a_document(secret: str, data: st.DataObject) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    document = data.draw(documents(secret))
    assert secret not in redactor.text(json.dumps(document)).replace(REDACTED, "")


@given(secret=SECRETS, before=st.text(max_size=10), after=st.text(max_size=10))
def test_a_learnt_secret_never_survives_in_plain_text(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    text = f"{before}{secret}{after}"
    assert secret not in redactor.text(text).split(REDACTED)
    assert secret not in redactor.url(f"http://127.0.0.1:1/?q={secret}")
    assert secret not in redactor.headers([("X-Echo", text)])["X-Echo"].split(REDACTED)


@pytest.mark.parametrize("key", sorted(SECRET_KEYS | PERSONAL_KEYS))
def test_a_secret_key_hides_its_value_in_any_case_and_depth(key: str) -> None:
    body = json.dumps({"a": [{key.upper(): "unlearnt value"}]})
    assert json.loads(Redactor().text(body)) == {"a": [{key.upper(): REDACTED}]}


def test_null_and_empty_stay_so_that_shapes_remain_readable() -> None:
    body = json.dumps({"authToken": None, "password": ""})
    assert json.loads(Redactor().text(body)) == {"authToken": None, "password": ""}


def test_forms_and_queries_are_redacted_by_name() -> None:
    redactor = Redactor()
    assert redactor.text("username=A&password=p%40ss&scope=read") == (
        f"username=A&password={REDACTED}&scope=read"
    )
    assert redactor.url("http://127.0.0.1:1/x?access_token=abc&tenantId=pb") == (
        f"http://127.0.0.1:1/x?access_token={REDACTED}&tenantId=pb"
    )


def test_secret_headers_are_hidden_by_name() -> None:
    basic = "Basic " + base64.b64encode(b"egov-user-client:").decode()
    found = Redactor().headers([("Authorization", basic), ("Accept", "application/json")])
    assert found == {"Authorization": REDACTED, "Accept": "application/json"}


def test_short_values_are_not_learnt_since_they_would_blank_ordinary_text() -> None:
    redactor = Redactor()
    redactor.learn("pb")
    assert redactor.secrets == frozenset()
    assert redactor.text("tenant pb") == "tenant pb"


def test_long_bodies_are_cut_and_say_so() -> None:
    text = Redactor().text("x" * (BODY_LIMIT + 1))
    assert len(text) < BODY_LIMIT + 100
    assert text.endswith(f"({BODY_LIMIT + 1} characters, the rest left out)")


def test_an_exchange_survives_the_way_to_json_and_back() -> None:
    exchange = exchange_of(
        violations=(SchemaViolation(side="response", pointer="/a", expected="1", got="2"),)
    )
    assert Exchange.from_json(json.loads(json.dumps(exchange.as_json()))) == exchange


def test_curl_repeats_the_exchange_with_secrets_as_variables() -> None:
    body = json.dumps({"RequestInfo": {"authToken": REDACTED}, "name": "O'Neil"})
    headers = {"content-type": "application/json", "Host": "x", "content-length": "9"}
    command = curl(exchange_of(request_headers=headers, request_body=body))
    assert "content-length" not in command
    assert "Host" not in command
    note, _, line = command.partition("\n")
    assert note.startswith("# INTEGRATOR_TOKEN: a token of the integrator")
    words = shlex.split(line.replace("\\\n", " "))
    assert words[:5] == ["curl", "-sS", "-X", "POST", "http://127.0.0.1:1/user/oauth/token"]
    sent = json.loads(words[-1].replace("${INTEGRATOR_TOKEN}", "filled in"))
    assert sent == {"RequestInfo": {"authToken": "filled in"}, "name": "O'Neil"}


def test_curl_of_a_token_call_tells_client_and_password_apart() -> None:
    body = f"grant_type=password&password={REDACTED}"
    headers = {"Authorization": REDACTED, "X-Api-Key": REDACTED}
    command = curl(exchange_of(request_headers=headers, request_body=body))
    assert "-H 'Authorization: '\"${OAUTH_BASIC}\"''" in command
    assert re.findall(r"\$\{(\w+)\}", command) == [
        "OAUTH_BASIC", "INTEGRATOR_SECRET", "INTEGRATOR_PASSWORD",
    ]  # fmt: skip
    assert "# INTEGRATOR_PASSWORD: the password of the integrator" in command


def test_curl_names_personal_data_after_its_field() -> None:
    body = json.dumps({"authToken": REDACTED, "Payment": {"mobileNumber": REDACTED, "id": "x"}})
    url = f"http://127.0.0.1:1/x?mobileNumber={REDACTED}&token={REDACTED}"
    command = curl(exchange_of(url=url, request_body=body, request_headers={"x": REDACTED}))
    assert re.findall(r"\$\{(\w+)\}", command) == [
        "MOBILE_NUMBER", "INTEGRATOR_TOKEN", "INTEGRATOR_SECRET", "INTEGRATOR_TOKEN",
        "MOBILE_NUMBER",
    ]  # fmt: skip
    assert REDACTED not in command


def test_curl_says_from_where_a_call_left() -> None:
    note, _, line = curl(exchange_of(egress="second")).partition("\n")
    assert note == "# send it from the second address (network.second_egress of the profile)"
    assert line == curl(exchange_of(egress="second"), notes=False)


def test_a_secret_is_removed_as_a_query_has_it() -> None:
    redactor = Redactor()
    redactor.learn("a+b/c=d e")
    text = "https://d/x?authToken=a%2Bb%2Fc%3Dd+e&other=a%2Bb%2Fc%3Dd%20e"
    assert redactor.plain(text) == "https://d/x?authToken=***&other=***"
