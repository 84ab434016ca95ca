"""Exchanges of a run as a Postman collection (v2.1) that repeats them.

What an answer gave, later requests take from the new answer. Exchanges are redacted: a token comes
from a login, any other secret is a variable.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.core.exchange import Exchange
from conformance.core.json_text import loaded
from conformance.core.redaction import ENVIRONMENT, GIVEN, REDACTED, names_secret

SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
LOGIN: Final = "token.create"
LOGIN_PATH: Final = "/user/oauth/token"
DEFAULTS: Final = {"client_id": "egov-user-client"}
ANONYMOUS: Final = "anonymous"
SHORTEST: Final = 8  # characters of what is taken from an answer
OWN_HEADERS: Final = frozenset(
    {"host", "accept-encoding", "connection", "user-agent", "content-length", "traceparent"}
)
TOKENS: Final = frozenset({"authtoken", "auth-token", "access_token", "token", "x-user-info"})
# Personal data that is redacted -> what is sent in its place.
PLAUSIBLE: Final = {"mobilenumber": "9876543210", "emailid": "payer@example.org"}
# What is redacted, with the field that it stands in, if it stands in one.
MARK: Final = re.compile(
    rf"""(?P<before>(?P<field>[\w-]+)(?:"\s*:\s*"|=))?(?P<mark>{re.escape(REDACTED)})"""
)
WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/.@:-]{7,}")
# A code of an account or a user, which a second creation would have to find unused.
CREATED: Final = re.compile(r'"(?:consumerCode|userName)"\s*:\s*"([^"{}*]{4,})"')


def collection_of(exchanges: Iterable[Exchange], title: str) -> dict[str, Any]:
    """Return exchanges in their order as a collection: logins, then a folder for each check."""
    writer = _ExchangeWriter()
    folders: dict[str, list[dict[str, Any]]] = {}
    for each in exchanges:
        folders.setdefault(each.check, []).append(writer.item(each))
    items = [{"name": name, "item": found} for name, found in folders.items()]
    strangers = [actor for actor in writer.actors if actor not in writer.logged_in]
    logins = [_login(actor) for actor in strangers]
    names = [*writer.variables, "client_id", "client_secret"]
    fields = ("username", "password", "tenant", "type")
    names += [f"{actor}.{field}" for actor in strangers for field in fields]
    variables = [
        {"key": name, "value": {**DEFAULTS, **writer.variables}.get(name, ""), **_secret(name)}
        for name in dict.fromkeys(names)
    ]
    return {
        "info": {"name": title, "schema": SCHEMA},
        "variable": [{"key": "base_url", "value": writer.base_url}, *variables],
        "item": ([{"name": "Log in", "item": logins}] if logins else []) + items,
    }


class _ExchangeWriter:
    """Writes exchanges one after the other, and knows what the answers before them gave."""

    def __init__(self) -> None:
        self.base_url = ""
        self.actors: dict[str, None] = {}
        self.logged_in: set[str] = set()
        self.variables: dict[str, str] = {}
        self._given: dict[str, tuple[dict[str, Any], str]] = {}  # value -> who gives it, and where
        self._seen: set[str] = set()
        self._created: dict[str, str] = {}  # code -> its variable
        self._saved: dict[str, str] = {}  # value -> its variable

    def item(self, exchange: Exchange) -> dict[str, Any]:
        """Return the request of an exchange, with a test of its status."""
        parts = urlsplit(exchange.url)
        self.base_url = self.base_url or f"{parts.scheme}://{parts.netloc}"
        before = self._new_codes(exchange)
        address = listed(parts.path + (f"?{parts.query}" if parts.query else ""))
        headers = {
            name: value
            for name, value in exchange.request_headers.items()
            if name.lower() not in OWN_HEADERS
        }
        login = exchange.operation == LOGIN and parts.path.endswith(LOGIN_PATH)
        request: dict[str, Any] = {"method": exchange.method}
        if login:
            headers = {key: each for key, each in headers.items() if key.lower() != "authorization"}
            request["auth"] = _basic()
        request["url"] = "{{base_url}}" + self._text(address, exchange)
        request["header"] = [
            {"key": name, "value": self._header(name, value, exchange)}
            for name, value in headers.items()
        ]
        if exchange.request_body:
            text = self._text(exchange.request_body, exchange)
            request["body"] = {"mode": "raw", "raw": text}
        tests = ["// what was answered then"]
        if exchange.status is not None:
            tests.append(
                f'pm.test("HTTP {exchange.status}", () => '
                f"pm.response.to.have.status({exchange.status}));"
            )
        if login and exchange.status == 200:
            self.logged_in.add(exchange.actor)
            token = json.dumps(f"{exchange.actor}.token")
            tests.append(f"pm.collectionVariables.set({token}, pm.response.json().access_token);")
        item = {
            "name": f"{exchange.id} {exchange.step or exchange.operation} as {exchange.actor}",
            "event": [_event("test", tests), *([_event("prerequest", before)] if before else [])],
            "request": request,
        }
        self._remember(exchange, item)
        return item

    def _new_codes(self, exchange: Exchange) -> list[str]:
        """Return the script that makes the codes new which a creation sends."""
        if not exchange.operation.endswith(".create") or exchange.operation == LOGIN:
            return []
        lines = []
        for code in dict.fromkeys(CREATED.findall(exchange.request_body)):
            if code not in self._created and code not in self._given and code not in self._seen:
                name = f"code {len(self._created) + 1}"
                self._created[code] = name
                lines.append(
                    f"pm.collectionVariables.set({json.dumps(name)}, "
                    f"{json.dumps(code + '-')} + Date.now());"
                )
        return lines

    def _text(self, text: str, exchange: Exchange) -> str:
        """Return a text with variables for what is redacted, created or was answered before."""

        def known(found: re.Match[str]) -> str:
            word = found[0]
            if word in self._created:
                return "{{" + self._created[word] + "}}"
            if word in self._given:
                return "{{" + self._save(word) + "}}"
            self._seen.add(word)
            return word

        marked = MARK.sub(lambda found: self._secret(found, exchange), self._given_by_user(text))
        parts = re.split(r"(\{\{[^{}]*\}\})", marked)
        return "".join(part if part.startswith("{{") else WORD.sub(known, part) for part in parts)

    def _header(self, name: str, value: str, exchange: Exchange) -> str:
        value = self._given_by_user(value)
        if REDACTED not in value:
            return value
        if name.lower() in TOKENS or name.lower() == "authorization":
            return value.replace(REDACTED, self._token(exchange.actor))
        return value.replace(REDACTED, self._variable(name))

    def _given_by_user(self, text: str) -> str:
        """Return a text with variables for what variables of the environment gave."""
        return GIVEN.sub(lambda found: self._variable(found["given"]), text)

    def _secret(self, found: re.Match[str], exchange: Exchange) -> str:
        """Return a field with the variable that takes the place of what is redacted in it."""
        before, field = found["before"] or "", (found["field"] or "").lower()
        if field in TOKENS:
            return before + self._token(exchange.actor)
        if field == "password" and exchange.operation == LOGIN:
            user = dict(parse_qsl(exchange.request_body)).get("username", "")
            created = user in self._created
            return before + self._variable(
                f"password of {user}" if created else f"{exchange.actor}.password"
            )
        if field == "password":
            user = next(iter(CREATED.findall(exchange.request_body)), "somebody")
            return before + self._variable(f"password of {user}", "Repeat@2026")
        return before + self._variable(found["field"] or "secret", PLAUSIBLE.get(field, ""))

    def _token(self, actor: str) -> str:
        if actor == ANONYMOUS:
            return self._variable("token")
        self.actors[actor] = None
        return "{{" + f"{actor}.token" + "}}"

    def _variable(self, name: str, value: str = "") -> str:
        self.variables.setdefault(name, value)
        return "{{" + name + "}}"

    def _remember(self, exchange: Exchange, item: dict[str, Any]) -> None:
        """Remember the values of an answer that nobody sent before."""
        try:
            body = loaded(exchange.response_body)
        except ValueError:
            return
        for path, value in _leaves(body, self._created):
            fit = len(value) >= SHORTEST and WORD.fullmatch(value) and REDACTED not in value
            if fit and value not in self._seen and value not in self._created:
                self._given.setdefault(value, (item, path))

    def _save(self, value: str) -> str:
        """Let the request whose answer had a value keep it; return the variable."""
        item, path = self._given[value]
        name = self._saved.get(value)
        if name is None:
            name = self._saved[value] = f"{item['name'].partition(' ')[0]} {len(self._saved) + 1}"
            item["event"][0]["script"]["exec"].append(
                f"pm.collectionVariables.set({json.dumps(name)}, pm.response.json(){path});"
            )
        return name


def needed(exchanges: Iterable[Exchange], check: str, cited: Iterable[str]) -> list[Exchange]:
    """Return what a check sent and cites, and what that needs: logins, users, demands, bills.

    All in the order in which it took place.
    """
    whole = sorted(exchanges, key=lambda each: (each.started_at, each.id))
    places = {each.id: place for place, each in enumerate(whole)}
    logins: dict[str, int] = {}
    givers: dict[str, int] = {}
    for place, each in enumerate(whole):
        if each.operation == LOGIN and each.status == 200:
            logins.setdefault(each.actor, place)
        for word in {*WORD.findall(each.response_body), *CREATED.findall(each.request_body)}:
            givers.setdefault(word, place)
    waiting = [place for place, each in enumerate(whole) if each.check == check]
    waiting += [places[id_] for id_ in cited if id_ in places]
    found: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        each = whole[place]
        words = WORD.findall(f"{listed(each.url)} {each.request_body}")
        waiting += [givers[word] for word in words if givers.get(word, place) < place]
        if each.actor in logins and logins[each.actor] < place:
            waiting.append(logins[each.actor])
    return [whole[place] for place in sorted(found)]


def _leaves(node: Any, created: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each text in a document, with the JavaScript that leads to it.

    An entry that belongs to an account is found by its code: the order may be another one.
    """
    waiting: list[tuple[str, Any]] = [("", node)]
    while waiting:
        path, each = waiting.pop(0)
        if isinstance(each, dict):
            waiting += [(f"{path}?.[{json.dumps(key)}]", inner) for key, inner in each.items()]
        elif isinstance(each, list):
            for number, inner in enumerate(each):
                code = inner.get("consumerCode") if isinstance(inner, dict) else None
                if isinstance(code, str) and code in created:
                    wanted = f"pm.collectionVariables.get({json.dumps(created[code])})"
                    step = f"?.find((each) => each.consumerCode === {wanted})"
                else:
                    step = f"?.[{number}]"
                waiting.append((path + step, inner))
        elif isinstance(each, str):
            yield path, each


def listed(address: str) -> str:
    """Return an address with the commas of its lists as such."""
    return re.sub("%2C", ",", address, flags=re.IGNORECASE)


def _login(actor: str) -> dict[str, Any]:
    fields = {
        "grant_type": "password",
        "scope": "read",
        **{key: "{{" + f"{actor}.{key}" + "}}" for key in ("username", "password")},
        "tenantId": "{{" + f"{actor}.tenant" + "}}",
        "userType": "{{" + f"{actor}.type" + "}}",
    }
    token = json.dumps(f"{actor}.token")
    tests = [
        f'pm.test("the {actor} gets a token", () => pm.response.to.have.status(200));',
        f"pm.collectionVariables.set({token}, pm.response.json().access_token);",
    ]
    pairs = [{"key": key, "value": value} for key, value in fields.items()]
    return {
        "name": f"Log in as {actor}",
        "event": [_event("test", tests)],
        "request": {
            "method": "POST",
            "url": "{{base_url}}" + LOGIN_PATH,
            "auth": _basic(),
            "header": [],
            "body": {"mode": "urlencoded", "urlencoded": pairs},
        },
    }


def _basic() -> dict[str, Any]:
    pairs = {"username": "{{client_id}}", "password": "{{client_secret}}"}
    return {"type": "basic", "basic": [{"key": key, "value": each} for key, each in pairs.items()]}


def _event(listen: str, lines: list[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": lines}}


def _secret(name: str) -> Mapping[str, str]:
    hidden = names_secret(name) or re.match(rf"password of |secret|{ENVIRONMENT}", name)
    return {"type": "secret"} if hidden else {}
