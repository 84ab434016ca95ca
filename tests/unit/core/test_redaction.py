"""Bodies are redacted as they are written: whole or broken, in any order, and lose nothing else."""

import json

import pytest

from conformance.core.redaction import BODY_LIMIT, Redactor, names_secret, secrets_in

SECRET = "4be2-S3cret-token"


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn(SECRET)
    return redactor


@pytest.mark.parametrize(
    "text",
    [
        '{"amount":100.10,"big":123456789012345678901234567890.10,"n":1E+2}',
        '{ "a" : 1,\n\t"a" : 2 }',
        '{"a": NaN, "b": -Infinity, "c": "half \\ud83d", "d": "\\u0000"}',
        '{"n": ' + "9" * 5000 + "}",
        '{"name": "J\u00fcrgen \\/ \\u0905"}',
        '{"password": null, "otp": "", "token": {"a": 1}, "pan": []}',
        "<html>no JSON</html>",
        '["mobileNumber", "password"]',
    ],
)
def test_what_is_no_secret_is_kept_as_it_was_written(redactor: Redactor, text: str) -> None:
    assert redactor.text(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password": "a\\"b", "n": 1}', '{"password": "***", "n": 1}'),
        ('{"PassWord" :\n123.4}', '{"PassWord" :\n"***"}'),
        ('{"mobileNumber":true}', '{"mobileNumber":"***"}'),
        ('{"password":"a","password":"b"}', '{"password":"***","password":"***"}'),
        ('{"access_token":"broken of', '{"access_token":"***"'),
        ('{"pass\\u0077ord": "abc", "\\"": 1}', '{"pass\\u0077ord": "***", "\\"": 1}'),
        (f'{{"a": "x{SECRET}y {SECRET}"}}', '{"a": "x***y ***"}'),
        (f'{{"a": NaN, "b": "{SECRET}"', '{"a": NaN, "b": "***"'),
        ('{"a": "4be2\\u002dS3cret-token"}', '{"a": "***"}'),
        ("username=a&password=b c&x=1", "username=a&password=*** c&x=1"),
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(redactor: Redactor, text: str, kept: str) -> None:
    assert redactor.text(text) == kept


@pytest.mark.parametrize("secret", ['qu"ote\\d', "J\u00fcrgen 5", "half \ud83d x", "per%cent&x"])
def test_a_secret_is_known_in_the_forms_that_json_gives_it(secret: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    for ascii_ in (True, False):
        text = json.dumps({"message": f"not {secret}!"}, ensure_ascii=ascii_)
        assert redactor.text(text) == '{"message": "not ***!"}'


@pytest.mark.parametrize("length", [6, 7, 8, 9, 10, 40])
@pytest.mark.parametrize("before", range(9))
def test_a_secret_is_found_at_any_place(length: int, before: int) -> None:
    redactor = Redactor()
    secret = "abcdefghij0123456789ABCDEFGHIJ0123456789"[:length]
    redactor.learn(secret)
    assert redactor.plain("-" * before + secret + "-") == "-" * before + "***-"
    assert redactor.plain("-" * before + secret) == "-" * before + "***"
    assert secret in redactor.secrets


def test_the_longest_of_two_secrets_is_taken_out() -> None:
    redactor = Redactor()
    for secret in ("abcdef", "abcdefghij", "ghijklmnopqrst"):
        redactor.learn(secret)
    assert redactor.plain("x abcdefghij y") == "x *** y"
    assert redactor.plain("x abcdefghijklmnopqrst y") == "x *** y"


@pytest.mark.parametrize("place", [BODY_LIMIT - 5, BODY_LIMIT + 16_370, BODY_LIMIT + 16_390])
def test_half_a_secret_at_the_end_of_what_is_kept_is_none(redactor: Redactor, place: int) -> None:
    text = f'"{"x" * (place - 1)}{SECRET}{"y" * 50_000}"'
    kept = redactor.text(text)
    assert kept.endswith(f"… ({len(text)} characters, the rest left out)")
    assert SECRET[:6] not in kept
    assert len(kept) < BODY_LIMIT + 100


def test_many_megabytes_take_no_time(redactor: Redactor) -> None:
    assert len(redactor.text('{"a":"' + '\\"' * 8_000_000)) < BODY_LIMIT + 100


def test_headers_and_addresses_are_redacted_and_writable(redactor: Redactor) -> None:
    assert redactor.headers([("Cookie", "a=b"), ("X", f"{SECRET} \ud83d")]) == {
        "Cookie": "***",
        "X": "*** \\ud83d",
    }
    assert redactor.url("http://x/?access_token=abc&b=1") == "http://x/?access_token=***&b=1"


SECRETS = """
X-Api-Key X-Auth Ocp-Apim-Subscription-Key X-Session Client-Key x-functions-key pass pin mPin cvv
cardNumber merchantKey saltKey workingKey encryptionKey checksum hash tokenId sig password userPin
user_pin PIN MPIN txnHash X-Access-Token client_secret sessionId checkSum card_number
"""
READABLE = """
pinCode pincode PINCODE pin_code spin passed bypass hashed hashCode signal design assign sign
cvvRequired tokenType token_type maxToken key keys primaryKey billNumber transactionNumber
consumerCode
instrumentNumber businessService passbook cardType authorizedBy compass
"""


@pytest.mark.parametrize("name", SECRETS.split())
def test_a_name_of_a_secret_hides_its_value_everywhere(name: str) -> None:
    redactor = Redactor()
    assert names_secret(name)
    assert redactor.headers([(name, "abc")]) == {name: "***"}
    assert redactor.text(f'{{"{name}": "abc", "n": 1}}') == f'{{"{name}": "***", "n": 1}}'
    assert redactor.text(f"a=1&{name}=abc&n=1") == f"a=1&{name}=***&n=1"
    assert redactor.url(f"http://x/y?{name}=abc") == f"http://x/y?{name}=***"
    assert redactor.document({name: 12}) == {name: "***"}


@pytest.mark.parametrize("name", READABLE.split())
def test_a_name_that_resembles_one_hides_nothing(name: str) -> None:
    redactor = Redactor()
    text = f'{{"{name}": "abc"}}'
    assert redactor.text(text) == text
    assert redactor.headers([(name, "abc")]) == {name: "abc"}
    assert redactor.url(f"http://x/y?{name}=abc") == f"http://x/y?{name}=abc"


def test_an_address_names_no_secret() -> None:
    assert Redactor().document({"/user/oauth/token": "why"}) == {"/user/oauth/token": "why"}


def test_what_a_variable_gave_is_named_after_it() -> None:
    redactor = Redactor()
    redactor.learn("from-the-user", "${BBPS_API_KEY}")
    assert redactor.headers(
        [("X-Api-Key", "from-the-user"), ("Authorization", "Bearer from-the-user")]
    ) == {"X-Api-Key": "${BBPS_API_KEY}", "Authorization": "Bearer ${BBPS_API_KEY}"}
    assert redactor.headers([("X-Api-Key", "from-the-user and more")]) == {"X-Api-Key": "***"}
    assert redactor.headers([("X-Api-Key", "${BBPS_API_KEY}")]) == {"X-Api-Key": "***"}
    assert redactor.text('{"password":"from-the-user"}') == '{"password":"${BBPS_API_KEY}"}'
    assert redactor.text("a=b&pin=from-the-user") == "a=b&pin=${BBPS_API_KEY}"
    assert redactor.url("http://x/?token=from-the-user") == "http://x/?token=${BBPS_API_KEY}"


def test_a_secret_behind_an_unescaped_quote_is_taken_out() -> None:
    broken = '{"message":"not "password":"abc" but x","n":1}'
    assert "abc" not in Redactor().text(broken)


def test_secrets_of_a_text_are_found_with_their_values() -> None:
    assert list(secrets_in('{"a": {"password": "x", "pin": 1}, "otp": ""}')) == [
        ("password", '"x"'),
        ("pin", "1"),
    ]
    assert list(secrets_in("user=a&password=b")) == [("password", "b")]


@pytest.mark.parametrize("secret", ["later-S3cret", "s3cret"], ids=["long", "short"])
def test_a_text_is_redacted_also_where_its_secret_is_learnt_later(secret: str) -> None:
    redactor = Redactor()
    header = {"X-Echo": f"of {secret}"}
    assert redactor.headers(header.items()) == header
    redactor.learn(secret)
    assert redactor.headers(header.items()) == {"X-Echo": "of ***"}
