"""No credential of a collection is written anywhere; the report names each place."""

import base64
import json
from pathlib import Path

import pytest

from conformance.scenarios.postman.credentials import Credentials, looks_random
from tests.unit.scenarios.importing import imported, item, only, raw

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
BASIC = base64.b64encode(b"client:s3cr3t-of-the-client").decode()
SECRETS = {
    "a header": item("s", "{{h}}/x", header=[{"key": "auth-token", "value": "S3CRET-abc"}]),
    "a cookie": item("s", "{{h}}/x", header=[{"key": "Cookie", "value": "SESSION=S3CRET-abc"}]),
    "RequestInfo": item("s", "{{h}}/x", body=raw({"requestInfo": {"authToken": "S3CRET-abc"}})),
    "a password": item("s", "{{h}}/x", body=raw({"user": {"password": "S3CRET-abc"}})),
    "a broken body": item("s", "{{h}}/x", body=raw('{"a": [}, "client_secret": "S3CRET-abc"')),
    "the query": item("s", "{{h}}/x?access_token=S3CRET-abc&token=S3CRET-abc"),
    "the user of a URL": item("s", "https://admin:S3CRET-abc@city.example/x"),
    "a name": item("s S3CRET-abc", "{{h}}/x?token=S3CRET-abc"),
    "a form": item("s", "{{h}}/user/oauth/token", body={
        "mode": "urlencoded", "urlencoded": [{"key": "password", "value": "S3CRET-abc"}]}),
    "a script": item("s", "{{h}}/x", prerequest="pm.environment.set('authToken', 'S3CRET-abc');"),
    "a line that is listed": item("s", "{{h}}/x", test="foo({password: 'S3CRET-abc'});"),
    "a comparison": item("s", "{{h}}/x", test="pm.expect(j.token).to.eql('S3CRET-abc');"),
    "an example": item("s", "{{h}}/x/S3CRET-abc", response=[
        {"code": 200, "body": '{"access_token": "S3CRET-abc"}'}]),
    "a description": item("s", "{{h}}/x/S3CRET-abc", description="password: S3CRET-abc"),
    "a JWT": item("s", f"{{{{h}}}}/x?q={JWT}"),
    "a basic header": item("s", "{{h}}/x/s3cr3t-of-the-client", header=[
        {"key": "Authorization", "value": f"Basic {BASIC}"}]),
    "a token by its form": item("s", "{{h}}/x", body=raw({"k": "ghp_S3CRETabcdefghijklmnop12"})),
    "XML": item("s", "{{h}}/x", body=raw("<a><n:password>S3CRET-abc</n:password></a>")),
    "an attribute of XML": item("s", "{{h}}/x", body=raw('<a password="S3CRET-abc"/>')),
    "a URL in a value": item("s", "{{h}}/x", body=raw({"callback": "https://u:S3CRET@h/"})),
    "the query of a URL in a value": item("s", "{{h}}/x", body=raw(
        {"callback": "https://h/?a=1&access_token=S3CRET-abc"})),
    "an encoded query in the query": item(
        "s", "{{h}}/x?back=https%3A%2F%2Fh%2F%3Faccess_token%3DS3CRET-abc"),
    "a JWT in the path": item("s", f"{{{{h}}}}/x/{JWT}/y"),
    "a long number in the path": item("s", "{{h}}/x/5f4dcc3b5aa765d61d8327deb882cf99.json"),
    "a short number": item("s", "{{h}}/x", body=raw('{"a": {{b}}, "otp": 314159}')),
    "a short number in a broken body": item("s", "{{h}}/x", body=raw('{"otp": 314159, [}')),
    "a short number in XML": item("s", "{{h}}/x", body=raw("<otp>314159</otp>")),
    "a short number in a script": item("s", "{{h}}/x", test="foo({otp: 314159})"),
    "the name of a test": item("s", "{{h}}/x?token=S3CRET-abc", test=(
        "pm.test('logs in with S3CRET-abc', () => pm.response.to.have.status(200));")),
    "a place of an answer": item("s", "{{h}}/x?token=S3CRET-abc", test=(
        "pm.environment.set('a', pm.response.json()['S3CRET-abc']);")),
    "a pair of name and value": item("s", "{{h}}/x", body=raw(
        {"attributes": [{"name": "password", "value": "S3CRET-abc"}]})),
    "a list": item("s", "{{h}}/x", body=raw({"tokens": ["S3CRET-abc", "S3CRET-def"]})),
    "a list of lists": item("s", "{{h}}/x", body=raw({"token": [["S3CRET-abc"]]})),
    "a mapping": item("s", "{{h}}/x", body=raw({"password": {"current": "S3CRET-abc"}})),
    "a mapping deep below": item("s", "{{h}}/x", body=raw(
        {"secret": {"a": [{"b": "S3CRET-abc", "otp": "314159"}]}})),
    "an argument": item("s", "{{h}}/x", test="login('clerk', 'S3CRET-abc');"),
    "an argument of a method": item("s", "{{h}}/x", test="page.setPassword(`S3CRET-abc`);"),
    "auth in the query": item("s", "{{h}}/x?auth=S3CRET-abc"),
    "a random word": item("s", "{{h}}/x?v=Zx8Kq2Lm9Rt4Wp7Vn3Bc6"),
}  # fmt: skip


@pytest.mark.parametrize("place", SECRETS)
def test_no_credential_is_written(place: str, tmp_path: Path) -> None:
    environment = {"password": "S3CRET-env", "x": "{{password}}"}
    document = {
        "info": {"name": "C"},
        "variable": [{"key": "apiKey", "value": "S3CRET-var"}],
        "item": [SECRETS[place], item("v", "{{h}}/x?a={{apiKey}}&b={{x}}&c=S3CRET-env")],
    }
    found, done = imported(tmp_path, document, environment=environment)
    text = "".join(each.read_text("utf-8") for each in (tmp_path / "out").iterdir())
    for said in (text, done.output):
        for secret in ("S3CRET", JWT, BASIC, "s3cr3t-of-the-client", "Zx8Kq2Lm9Rt4Wp7Vn3Bc6",
                       "314159", "5f4dcc3b5aa765d61d8327deb882cf99"):  # fmt: skip
            assert secret not in said
    assert "credential: " in done.output
    last = found["c"]["steps"][-1]
    assert last["query"] == {"a": "{{apiKey}}", "b": "{{password}}", "c": "{{password}}"}


def test_each_place_of_a_credential_is_one_line(tmp_path: Path) -> None:
    request = item(
        "Pay", "{{h}}/x?token=tok3n-abc", header=[{"key": "X-Api-Key", "value": "k3y-abcdef"}],
        body={"mode": "urlencoded", "urlencoded": [{"key": "password", "value": "Passw0rd!x"}]},
        auth={"type": "bearer", "bearer": [{"key": "token", "value": "tok3n-abc"}]},
        test="foo();\npm.environment.set('token', 'tok3n-abc');",
        response=[{"code": 200, "body": '{"access_token": "tok3n-abc"}'}],
    )  # fmt: skip
    document = {
        "info": {"name": "C"},
        "variable": [{"key": "secret", "value": "s3cret-var"}],
        "item": [{"name": "F", "item": [request]}],
    }
    _, done = imported(tmp_path, document, "--json", environment={"apiKey": "k3y-abcdef"})
    found = [each["place"] for each in json.loads(done.output)["credentials"]]
    assert sorted(found) == [
        "C, variable secret",
        "F / Pay, address token",
        "F / Pay, auth token",
        "F / Pay, body password",
        "F / Pay, header X-Api-Key",
        "F / Pay, saved answer access_token",
        "F / Pay, test script, line 2",
        "the environment, variable apiKey",
    ]


@pytest.mark.parametrize(
    "text",
    ["pm.expect(j).to.have.all.keys('token', 'transactionId');", "const names = ['otp', 'amount'];",
     "Basic auth-check of the token-based log-in", "password: optional", "The token: see below"],
)  # fmt: skip
def test_words_near_the_name_of_a_secret_are_none(text: str) -> None:
    assert Credentials().clean(text) == text
    assert Credentials().clean(text, code=True) == text


def test_what_stands_beside_a_secret_is_none() -> None:
    body = {"token": {"type": "bearer", "expires_in": 3600, "id": "T-1"}, "lessons": ["a1"]}
    assert Credentials().document(body, "a place") == body


def test_other_calls_keep_their_arguments() -> None:
    text = "check('PB_PG_2024', 'Payment 12'); login(user, password);"
    assert Credentials().clean(text, code=True) == text


def test_ids_are_no_credentials() -> None:
    for text in (
        "PB_PG_2018_08_06_000072_14", "80458c19-3b48-4aa8-b86e-e2e195e6753a", "1016000001",
        "consumerCodePropertyTax2024Amritsar", "billing-service/demand/_create",
        "98765432109876543210",
    ):  # fmt: skip
        assert not looks_random(text)
        assert Credentials().clean(f"a={text}") == f"a={text}"


def test_a_file_with_a_credential_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"a": 1, "password": "Secret@2024x"}', encoding="utf-8")
    step = only(tmp_path, item("U", "{{h}}/x", body={"mode": "file", "file": {"src": "in.json"}}))
    assert step["body"]["a"] == 1
    assert not (tmp_path / "out" / "in.json").exists()
    written = "".join(each.read_text("utf-8") for each in (tmp_path / "out").iterdir())
    assert "Secret@2024x" not in written


def test_a_file_that_is_no_text_hides_no_credential(tmp_path: Path) -> None:
    (tmp_path / "in.bin").write_bytes(b"\xff\xfe password=S3CRET-abc1 \xff")
    step = only(tmp_path, item("U", "{{h}}/x", body={"mode": "file", "file": {"src": "in.bin"}}))
    assert step["text"] == ""
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["c.yaml"]
