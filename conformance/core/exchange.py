"""Exchanges, and what is kept of them: redacted when captured, reproducible as a curl line.

What a check works with is the live answer (see client.py); what may reach disk is an Exchange.
"""

import json
import re
import shlex
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any, Final

REDACTED: Final = "***"
OAUTH_BASIC: Final = "OAUTH_BASIC"  # the variable of a curl line for the client's credential
BODY_LIMIT: Final = 64 * 1024
SET_UP: Final = "set-up"
# The check on whose behalf calls are made; calls outside of any check belong to the set-up.
CURRENT_CHECK: ContextVar[str] = ContextVar("current_check", default=SET_UP)

# Keys whose values never reach disk, at any depth, in any spelling of case.
SECRET_KEYS: Final = frozenset(
    {
        "authtoken", "auth-token", "access_token", "refresh_token", "token", "password",
        "existingpassword", "newpassword", "otpreference", "otp", "authorization", "cookie",
        "set-cookie", "secret", "client_secret", "x-user-info", "proxy-authorization",
    }
)  # fmt: skip
# Personal data: kept out of reports although no secret of ours.
PERSONAL_KEYS: Final = frozenset(
    {
        "mobilenumber", "emailid", "payeremail", "payeraddress", "altcontactnumber",
        "alternatemobilenumber", "pan", "aadhaarnumber", "permanentaddress",
        "correspondenceaddress", "dob", "fatherorhusbandname",
    }
)  # fmt: skip
_QUERY_SECRET: Final = re.compile(
    r"(?i)\b((?:access_token|refresh_token|auth-token|token|password|mobileNumber)=)[^&\s\"]+"
)
_MARKED: Final = re.compile(
    rf"""(?P<before>(?:(?P<field>\w+)(?:"\s*:\s*"|=|:\ ))?){re.escape(REDACTED)}"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One place where an exchange departs from the contract.

    `pointer` is a JSON pointer into the document; `severity` is `failure` or, for what the
    contract does not forbid (unknown fields), `note`.
    """

    side: str  # "request" | "response"
    pointer: str
    expected: str
    got: str
    severity: str = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded, redacted request/response pair; `status` is None when no answer came."""

    id: str
    check: str
    operation: str
    actor: str
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int | None
    response_headers: Mapping[str, str]
    response_body: str
    started_at: str  # ISO 8601 with offset
    milliseconds: float
    failure: str = ""  # transport failure in words
    attempts: int = 1
    breaches: tuple[Breach, ...] = field(default=())
    request_conforms: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as a JSON object, for journal and reports."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"breaches": [asdict(breach) for breach in self.breaches]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Exchange":
        """Rebuild an exchange from `as_json`."""
        breaches = tuple(Breach(**breach) for breach in data["breaches"])
        return cls(**{**data, "breaches": breaches})


class Numbering:
    """Ids of exchanges: place of the check in the plan, then a count within the check.

    So an id does not depend on what runs at the same time, and ids sort as the plan does.
    """

    def __init__(self) -> None:
        self._places = {SET_UP: 0}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def plan(self, checks: Iterable[str]) -> None:
        """Give each check its place; others get one behind them when they are first seen."""
        with self._lock:
            for check in checks:
                self._places.setdefault(check, len(self._places))

    def go_on(self, checks: Iterable[str], exchanges: Iterable["Exchange"]) -> None:
        """Number after the exchanges that an earlier part of the run, of that plan, recorded."""
        self.plan(checks)
        self._counts.update(each.check for each in exchanges)
        self.plan(self._counts)

    def next(self, check: str) -> str:
        """Return the id of the next exchange of a check."""
        with self._lock:
            place = self._places.setdefault(check, len(self._places))
            self._counts[check] += 1
            return f"x{place:03d}-{self._counts[check]:04d}"


class Redactor:
    """Removes secrets and personal data: by key at any depth, and by value wherever one recurs."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, secret: str) -> None:
        """Remember a secret value (token, password), so that an echo of it is removed too."""
        if len(secret) < 6 or secret in self._values:  # shorter ones would blank ordinary text
            return
        with self._lock:
            self._values.add(secret)
            # The longest first: one secret may begin with another.
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(value) for value in longest_first))

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret learnt so far, for the scan of all artefacts at the end of a run."""
        return frozenset(self._values)

    def text(self, text: str) -> str:
        """Redact a text: JSON by key, anything else by known values and query parameters."""
        document = _parsed(text)
        if isinstance(document, dict | list):
            try:
                text = json.dumps(self.document(document), ensure_ascii=False)
            except RecursionError:  # rather nothing than something unredacted
                text = f"({len(text)} characters of JSON, nested too deeply to be kept)"
        else:
            text = _QUERY_SECRET.sub(rf"\1{REDACTED}", self.plain(text))
        return _shortened(text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Redact headers: by name, and by known value."""
        return {
            name: REDACTED if name.lower() in SECRET_KEYS else self.plain(value)
            for name, value in headers
        }

    def url(self, url: str) -> str:
        """Redact the query of a URL."""
        return self.plain(_QUERY_SECRET.sub(rf"\1{REDACTED}", url))

    def document(self, node: Any) -> Any:
        """Redact a JSON document; a null stays a null, so that shapes remain readable."""
        if isinstance(node, dict):
            return {self.plain(key): self._value(key, value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.document(item) for item in node]
        return self.plain(node) if isinstance(node, str) else node

    def _value(self, key: str, value: Any) -> Any:
        secret = key.lower() in SECRET_KEYS or key.lower() in PERSONAL_KEYS
        if secret and not isinstance(value, dict | list):
            return value if value in (None, "") else REDACTED
        return self.document(value)

    def plain(self, text: str) -> str:
        """Redact a text by known values only."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text


def curl(exchange: Exchange) -> str:
    """Return a shell line that repeats the exchange, with the secrets as variables to fill in."""
    lines = [f"curl -sS -X {exchange.method} {_quoted(exchange.url)}"]
    for name, value in exchange.request_headers.items():
        if name.lower() not in {"host", "content-length", "accept-encoding", "connection"}:
            lines.append(f"  -H {_quoted(f'{name}: {value}')}")
    if exchange.request_body:
        lines.append(f"  --data-raw {_quoted(exchange.request_body)}")
    return _with_variables(" \\\n".join(lines), exchange.actor)


def _with_variables(command: str, actor: str) -> str:
    """Turn each redaction mark of a command into a shell variable.

    Personal data is named after its field, the header of a token call after what it holds, any
    other secret after the actor.
    """

    def variable(found: re.Match[str]) -> str:
        field = found["field"] or ""
        personal = field.lower() in PERSONAL_KEYS
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field) if personal else f"{actor}_SECRET"
        if field.lower() == "authorization":
            name = OAUTH_BASIC
        return f"{found['before']}'\"${{{name.upper().replace('-', '_')}}}\"'"

    return _MARKED.sub(variable, command)


def _quoted(text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shortened(text: str) -> str:
    if len(text) <= BODY_LIMIT:
        return text
    return f"{text[:BODY_LIMIT]}… ({len(text)} characters, the rest left out)"
