"""Sends a recorded request to a reference: recorded ids become those of the scene, masks values."""

import itertools
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx

from tests.agreement.recording import MASK, Answer, Exchange
from tests.agreement.scenes import named_in, scene_of
from tests.agreement.stage import Props, Stage
from tests.reference.conftest import PEOPLE

NUMBERS: Final = itertools.count(1)
UNKNOWN_TOKEN: Final = "0" * 32
PASSWORD: Final = "Bbps@2024"
RACES: Final = 10  # at most, until two requests met
LONG: Final = 5000  # characters of a text that a recording cut off
CUT: Final = re.compile(r"^(.)\1+\.\.\.$")
MORE: Final = re.compile(r"^\.\.\. \d+ more$")  # stands for the rest of a long list
DEEP: Final = '{"a":' * 500 + "1" + "}" * 500
# What a masked field may have been, and what it was where the answer names a broken rule of it.
PLAUSIBLE: Final = {
    "name": "Test payer", "userName": "9876543210", "mobileNumber": "9876543210",
    "paidBy": "Test payer", "payerName": "Test payer", "payerEmail": "payer@example.org",
    "payerAddress": "1 Mall Road", "emailId": "payer@example.org", "password": PASSWORD,
}  # fmt: skip
BREAKING: Final = {  # the first that fits: what is unsafe or too long has no pattern either
    "SafeHtml": "<script>alert(1)</script>", "Size": "x" * 300, "Pattern": "12", "Email": "@",
}  # fmt: skip
NO_PAYER: Final = '"userList" is null'  # no user may have the payer's name
NO_NAME: Final = 101  # characters, too many for a user, few enough for a payment


def replayed(exchange: Exchange, stage: Stage) -> Answer:
    """Build the scene of an exchange, send its request, return the reference's answer."""
    if exchange.moment is not None:
        stage.go_to(exchange.moment)
    scene = scene_of(exchange)
    if not scene.race:
        return answer_of(Request(exchange, stage, stage.build(scene)).send())
    for _ in range(RACES):
        answers = _raced(Request(exchange, stage, stage.build(scene)))
        alike = [each for each in answers if each.codes == exchange.answer.codes]
        if alike:
            return alike[0]
    return answers[0]


def answer_of(response: httpx.Response) -> Answer:
    """Return an answer as recordings hold it."""
    try:
        body: Any = response.json()
    except ValueError:
        body = response.text or None
    return Answer(status=response.status_code, body=body)


def _raced(request: "Request") -> list[Answer]:
    """Send the same request twice at the same moment."""
    with ThreadPoolExecutor(2) as pool:
        return [answer_of(each) for each in pool.map(lambda _: request.send(), range(2))]


class Request:
    """One recorded request, made fit to be sent to a stage."""

    def __init__(self, exchange: Exchange, stage: Stage, props: Props) -> None:
        self._exchange = exchange
        self._stage = stage
        self._ids = renamed(exchange, props)
        self.query = self._in_query(exchange.query)
        self.content, self.media_type = self._content()

    def send(self) -> httpx.Response:
        """Send it; the path goes out as it was recorded."""
        http = self._stage.digit.http
        target = self._exchange.path + (f"?{self.query}" if self.query else "")
        url = http.base_url.copy_with(raw_path=target.encode())
        headers = {"Accept": "application/json"}
        if self.content:
            headers["Content-Type"] = self.media_type
        if "UnsupportedMediaType" in self._exchange.answer.codes:  # the gateway let it pass
            headers["auth-token"] = self._stage.token("cashier")
        if self._exchange.method == "GET" and b"authToken" in self.content:
            headers["auth-token"] = self._token()
        auth = None
        if self._exchange.operation == "token.create":
            auth = httpx.BasicAuth("egov-user-client", "")
        request = http.build_request(
            self._exchange.method, url, content=self.content, headers=headers
        )
        return http.send(request, auth=auth or httpx.USE_CLIENT_DEFAULT)

    def _content(self) -> tuple[bytes, str]:
        body = self._exchange.body
        if self._exchange.operation == "token.create" and isinstance(body, str):
            return self._form(body).encode(), "application/x-www-form-urlencoded"
        check = self._exchange.check
        plain = "plain text" in check or "UnsupportedMediaType" in self._exchange.answer.codes
        media_type = "text/plain" if plain else "application/json"
        if isinstance(body, str) and "nested too deeply" in body:
            return DEEP.encode(), media_type
        if isinstance(body, str) and "XML" in check:
            return body.encode(), "application/xml"
        if isinstance(body, str) and not body.isalnum():  # no JSON at all
            return body.encode(), media_type
        text = json.dumps(self._filled(body, ""))
        return self._with_ids(text).encode(), media_type

    def _with_ids(self, text: str) -> str:
        for old, new in self._ids.items():
            text = text.replace(old, new)
        return text

    def _in_query(self, query: str) -> str:
        parts = []
        for part in query.split("&"):
            name, _, value = part.partition("=")
            parts.append(f"{name}={self._value(name)}" if value == MASK else part)
        return self._with_ids("&".join(parts))

    def _form(self, body: str) -> str:
        fields = dict(parse_qsl(body, keep_blank_values=True))
        given = {name: self._credential(name) for name in fields if fields[name] == MASK}
        return urlencode(fields | given)

    def _credential(self, name: str) -> str:
        """Return the user name or the password of the caller; nobody's for a caller without one."""
        actor = self._exchange.actor
        if actor == "anonymous":
            return "nobody"
        if actor in PEOPLE:
            return PEOPLE[actor][0 if name == "username" else 1]
        self._stage.token(actor)
        return actor if name == "username" else PASSWORD

    def _filled(self, value: Any, name: str) -> Any:
        """Return a body with every mask replaced by a plausible value, every cut text by a long."""
        if isinstance(value, dict):
            return {key: self._filled(each, key) for key, each in value.items()} | self._master(
                value, name
            )
        if isinstance(value, list):
            kept = [each for each in value if not (isinstance(each, str) and MORE.match(each))]
            return [self._filled(each, name) for each in kept]
        if value == MASK:
            return self._value(name)
        if isinstance(value, str) and CUT.match(value):
            return value[0] * LONG
        return value

    def _master(self, value: Mapping[str, Any], name: str) -> dict[str, str]:
        """Return the name of a master, which was masked: the answer tells it."""
        if name != "masterDetails" or value.get("name") != MASK:
            return {}
        body = self._exchange.answer.body
        found = re.findall(r'"MdmsRes": \{"[^"]*": \{"([^"]+)"', _text(body))
        return {"name": found[0] if found else "roles"}

    def _value(self, name: str) -> str:
        if name == "authToken":
            return self._token()
        if name == "access_token":
            return self._named_token()
        if self._exchange.operation == "user.create" and name == "userName":
            return f"newcomer-{next(NUMBERS)}"
        if self._exchange.operation == "user.search" and name == "userName":
            return "administrator" if self._exchange.answer.listed("user") else "nobody"
        if "InvalidUserSearchCriteriaException" in self._exchange.answer.codes:
            return ""  # masked although empty: nothing was left to search for
        if name == "name" and self._said(NO_PAYER):
            return "x" * NO_NAME
        codes = self._exchange.answer.codes
        for rule, value in BREAKING.items():
            if any(code.startswith(f"{rule}.") and code.endswith(f".{name}") for code in codes):
                return value
        return PLAUSIBLE.get(name, "Test payer")

    def _token(self) -> str:
        """Return the caller's token, or one that nobody has where the answer says so."""
        if self._exchange.actor == "anonymous" or self._token_was_unknown():
            return UNKNOWN_TOKEN
        return self._stage.token(self._exchange.actor)

    def _token_was_unknown(self) -> bool:
        texts = [str(each.get("message")) for each in self._exchange.answer.errors]
        return any(text.startswith("400 ") for text in texts)

    def _said(self, words: str) -> bool:
        """Whether an error was described with some words."""
        return any(words in str(each.get("description")) for each in self._exchange.answer.errors)

    def _named_token(self) -> str:
        """Return the token that a request is about."""
        if self._exchange.operation == "token.revoke":
            return self._stage.token(f"leaver-{next(NUMBERS)}")
        if self._exchange.answer.status == 200:
            return self._stage.token("cashier")
        return UNKNOWN_TOKEN


def renamed(exchange: Exchange, props: Props) -> dict[str, str]:
    """Return the id of the scene for each recorded one; of several of a kind, for the first."""
    named, ids = named_in(exchange), {}
    for olds, new in (
        (named.transactions, props.transaction.get("txnId")),
        (named.bills, props.bill.get("id")),
        (named.payments, props.payment.get("id")),
        (named.codes, props.demand.get("consumerCode")),
    ):
        if olds and new:
            ids[olds[0]] = str(new)
    if exchange.operation == "demand.create" and not props.demand:
        ids |= {code: f"CONF-AGREED-{next(NUMBERS)}" for code in named.codes}
    if exchange.operation == "demand.update" and props.demand:
        ids |= _demand_ids(exchange, props)
    return ids


def _demand_ids(exchange: Exchange, props: Props) -> dict[str, str]:
    old, new = exchange.sent["Demands"][0], props.demand
    details = zip(old["demandDetails"], new["demandDetails"], strict=True)
    return {old["id"]: new["id"]} | {each["id"]: own["id"] for each, own in details}


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)
