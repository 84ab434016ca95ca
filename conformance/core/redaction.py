"""Redaction: what takes secrets and personal data out of an exchange before it is kept."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, quote_plus

from conformance.core.charsets import writable
from conformance.core.nesting import BLANK, nested_deeper

REDACTED: Final = "***"
BODY_LIMIT: Final = 64 * 1024  # characters of a body that are kept
LEFT_OUT: Final = "characters, the rest left out)"  # how a body ends that was longer
MARGIN: Final = 16 * 1024  # longer than any secret
SHORTEST: Final = 6  # characters of a secret; shorter ones would blank ordinary text
STRIDE: Final = 4
RECURRING: Final = 200  # characters of a text that is remembered: names and values of headers
MOST_RECURRING: Final = 4096
EMPTY: Final = frozenset({"null", '""'})
# Keys whose values never reach disk, at any depth, in any spelling of case.
SECRET_KEYS: Final = frozenset(
    {
        "authtoken", "auth-token", "access_token", "refresh_token", "token", "password",
        "existingpassword", "newpassword", "otpreference", "otp", "authorization", "cookie",
        "set-cookie", "auth", "secret", "client_secret", "x-user-info", "proxy-authorization",
    }
)  # fmt: skip
# What the name of a secret ends with, whoever gave it, without its signs: x-api-key, user_password.
_SECRET_ENDS: Final = (
    "apikey", "authtoken", "accesstoken", "refreshtoken", "idtoken", "bearertoken", "token",
    "password", "passwd", "pwd", "passphrase", "passcode", "secret", "secretkey", "accesskey",
    "privatekey", "authorization", "cookie", "otp", "jwt", "sessionid", "credential",
    "credentials", "signature", "authkey", "xauth", "xsession", "subscriptionkey", "clientkey",
    "functionskey", "merchantkey", "saltkey", "workingkey", "encryptionkey", "tokenid", "mpin",
    "cardnumber", "checksum",
)  # fmt: skip
# What it ends with as a word of its own: `pin` in userPin and user_pin, not in pinCode and spin.
_SECRET_WORDS: Final = frozenset({"pass", "pin", "cvv", "cvc", "hash", "salt", "sig"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Names that end so, and are no secrets: what kind of token, where it is requested, how long it is.
_NO_SECRETS: Final = re.compile(
    r"^(?:max|min|page|next|continuation|csrfheader|sync)token$|token(?:type|url|uri|name)$"
)
# Personal data: kept out of reports although no secret of ours.
PERSONAL_KEYS: Final = frozenset(
    {
        "mobilenumber", "emailid", "payeremail", "payeraddress", "altcontactnumber",
        "alternatemobilenumber", "pan", "aadhaarnumber", "permanentaddress",
        "correspondenceaddress", "dob", "fatherorhusbandname",
    }
)  # fmt: skip
_TEXT: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'  # of JSON; one that breaks off, too
_VALUE: Final = rf"(?P<value>{_TEXT}|[^\s\"\[\]{{}},]+)"
_KEY: Final = re.compile(r'"(?P<name>[^"\\]{1,64})"\s*:\s*')
_MEMBER_VALUE: Final = re.compile(rf"(?s){_VALUE}")
# A text with escapes, and what follows where it is a key.
_ESCAPED: Final = re.compile(
    rf'(?s)(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)++"?)(?:(?P<colon>\s*:\s*){_VALUE})?'
)
_PARAMETER: Final = re.compile(r"(?<![\w.-])(?P<name>[\w.-]{1,64}+)=(?P<value>[^&\s\"]+)")
ENVIRONMENT: Final = "BBPS_"  # how a variable of the environment begins that a scenario may read
# What stands for the value of such a variable.
GIVEN: Final = re.compile(rf"\$\{{(?P<given>{ENVIRONMENT}\w+)\}}")
_GIVEN_ALONE: Final = re.compile(rf"(?:[A-Za-z]+ )?{GIVEN.pattern}")  # maybe after its scheme


def is_shortened(text: str) -> bool:
    """Whether a kept body is not the whole one."""
    return len(text) > BODY_LIMIT and text.endswith(LEFT_OUT)


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether a name, as anybody may spell it, is that of a secret value."""
    if name.lower() in SECRET_KEYS:
        return True
    if "/" in name:  # a path, such as that of a token
        return False
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if plain.endswith(_SECRET_ENDS):
        return not _NO_SECRETS.search(plain)
    words = _WORD.findall(name)
    return bool(words) and words[-1].lower() in _SECRET_WORDS


@lru_cache(maxsize=4096)
def hides(name: str) -> bool:
    """Whether the value of a field is kept out of all files: a secret, or personal data."""
    return name.lower() in PERSONAL_KEYS or names_secret(name)


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each secret that a text names: members of JSON, parameters."""
    found = [(key["name"], value["value"]) for key, value in _members(text, names_secret)]
    if not text.lstrip(BLANK).startswith(("{", "[")):
        found += [(each["name"], each["value"]) for each in _PARAMETER.finditer(text)]
    yield from ((name, value) for name, value in found if names_secret(name) and value not in EMPTY)


def _members(
    text: str, wanted: Callable[[str], bool]
) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Yield each wanted key of a text in JSON with its value, if that is no list or object."""
    for key in _KEY.finditer(text):
        if wanted(key["name"]) and (value := _MEMBER_VALUE.match(text, key.end())):
            yield key, value


class Redactor:
    """Removes secrets and personal data: by key at any depth, and by value wherever one recurs."""

    def __init__(self) -> None:
        # Where each secret is looked for: pieces of it, with how far into it they begin. Of a text
        # every STRIDE-th piece is looked up, so that the time depends on neither the number of
        # tokens that a long run has learnt nor, much, on the length of the text.
        self._pieces: dict[str, tuple[tuple[int, str], ...]] = {}
        self._short: frozenset[str] = frozenset()  # too short for that
        self._instead: dict[str, str] = {}  # what is written for a form, if not REDACTED
        self._done: dict[str, str] = {}  # short texts that recur, until another secret is learnt
        self._lock = threading.Lock()

    def learn(self, secret: str, instead: str = REDACTED) -> None:
        """Remember a secret value (token, password), so that an echo of it is removed too.

        Also as a query, a form or JSON writes it. `instead` is what takes its place: `${NAME}` for
        what a variable of the environment gave.
        """
        if len(secret) < SHORTEST:
            return
        with self._lock:
            for form in _forms(secret):
                if instead != REDACTED:
                    self._instead.setdefault(form, instead)
                if len(form) < SHORTEST + STRIDE - 1:
                    self._short |= {form}
                    continue
                for offset in range(STRIDE):
                    piece = form[offset : offset + SHORTEST]
                    self._pieces[piece] = (*self._pieces.get(piece, ()), (offset, form))
            # A new one: who looks for fewer secrets at this moment writes into the old one.
            self._done = {}

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret learnt so far, for the scan of all artefacts at the end of a run."""
        with self._lock:
            long = {secret for known in self._pieces.values() for _, secret in known}
            return self._short | long

    def text(self, text: str) -> str:
        """Redact a body and bound it: by key where it is JSON, by known values, by parameters.

        JSON is redacted as it is written, not as it is read: what cannot be read (broken off,
        nested without end) hides no secret, and what can keeps its digits and its order.
        """
        size, deep = len(text), nested_deeper(text)
        text = text[: BODY_LIMIT + MARGIN]
        if "\\" in text:
            text = _ESCAPED.sub(self._without_escaped, text)
        text = self._without_members(text)
        if not text.lstrip(BLANK).startswith(("{", "[")):
            text = _PARAMETER.sub(self._without_parameter, text)
        text = self.plain(text)
        if size > BODY_LIMIT:  # half a secret may stand at the end of what was looked at
            text = text[:-MARGIN] if size > BODY_LIMIT + MARGIN else text
            text = f"{text[:BODY_LIMIT]}… ({size} {LEFT_OUT}"
        # Whoever reads it as JSON must see that it is none any more.
        return f"({size} characters of JSON, nested very deeply) {text}" if deep else text

    def _without_escaped(self, found: re.Match[str]) -> str:
        """Return a text of JSON, and the value that it is the key of, without what escapes hide."""
        text, colon, value = found["text"], found["colon"], found["value"]
        if colon is None:
            return self._unescaped(text)
        if value not in EMPTY and hides(_read(text)):
            return f'{text}{colon}"{self._hidden(_inner(value))}"'
        return f"{self._unescaped(text)}{colon}{self._unescaped(value)}"

    def _unescaped(self, text: str) -> str:
        """Return a text of JSON as it is written, unless a secret shows once it is read."""
        value = _read(text) if "\\" in text else ""
        redacted = self.plain(value)
        return text if redacted == writable(value) else json.dumps(redacted)

    def _without_members(self, text: str) -> str:
        """Return a text in JSON without the values of its fields that are hidden, unless empty."""
        parts, done = [], 0
        for key, value in _members(text, hides):
            if key.start() >= done and value["value"] not in EMPTY:
                hidden = self._hidden(_inner(value["value"]))
                parts += [text[done : key.end()], f'"{hidden}"']
                done = value.end()
        return "".join((*parts, text[done:])) if parts else text

    def _without_parameter(self, found: re.Match[str]) -> str:
        """Return a parameter of a query or a form, without a value that is hidden."""
        name, value = found["name"], found["value"]
        return f"{name}={self._hidden(value)}" if hides(name) else found[0]

    def _hidden(self, value: str) -> str:
        """Return what stands for a hidden value: the variable that gave it, where one did."""
        shown = self.plain(value)
        return shown if shown != value and _GIVEN_ALONE.fullmatch(shown) else REDACTED

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Redact headers: by name, and by known value."""
        return {
            name: self._hidden(value) if names_secret(name) else self.plain(value)
            for name, value in headers
        }

    def url(self, url: str) -> str:
        """Redact the query of a URL."""
        return self.plain(_PARAMETER.sub(self._without_parameter, url))

    def document(self, node: Any) -> Any:
        """Redact a JSON document; a null stays a null, so that shapes remain readable."""
        if isinstance(node, dict):
            return {self.plain(key): self._value(key, value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.document(item) for item in node]
        return self.plain(node) if isinstance(node, str) else node

    def _value(self, key: str, value: Any) -> Any:
        if hides(key) and not isinstance(value, dict | list):
            return value if value in (None, "") else self._hidden(str(value))
        return self.document(value)

    def plain(self, text: str) -> str:
        """Redact a text by known values only; every file takes the result."""
        done = self._done
        if text in done:
            return done[text]
        redacted = self._plain(writable(text))
        if len(text) <= RECURRING and len(done) < MOST_RECURRING:
            done[text] = redacted
        return redacted

    def _plain(self, text: str) -> str:
        pieces = self._pieces
        places = range(0, len(text) - SHORTEST + 1, STRIDE)
        spans = {
            (at - offset, at - offset + len(secret))
            for at in [at for at in places if text[at : at + SHORTEST] in pieces]
            for offset, secret in pieces[text[at : at + SHORTEST]]
            if at >= offset and text.startswith(secret, at - offset)
        }
        spans.update(
            found.span()
            for secret in self._short
            if secret in text
            for found in re.finditer(re.escape(secret), text)
        )
        parts, done = [], 0
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= done:
                parts += [text[done:start], self._instead.get(text[start:end], REDACTED)]
            done = max(done, end)
        return "".join((*parts, text[done:])) if parts else text


def _forms(secret: str) -> set[str]:
    """Return a secret as texts, queries, forms and JSON have it."""
    quoted = {way(secret, safe="", errors="replace") for way in (quote, quote_plus)}
    escaped = {json.dumps(secret, ensure_ascii=each)[1:-1] for each in (True, False)}
    return {writable(each) for each in {secret, *quoted, *escaped}}


def _inner(value: str) -> str:
    """Return a text of JSON without its quotes, as it is written."""
    return value.removeprefix('"').removesuffix('"')


def _read(text: str) -> str:
    """Return what a text of JSON says; nothing where it breaks off."""
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return ""
