"""Redaction: what takes secrets and personal data out of an exchange before it is kept."""

import json
import re
import threading
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, quote_plus

from conformance.core.charsets import writable
from conformance.core.nesting import BLANK, nested_deeper

REDACTED: Final = "***"
BODY_LIMIT: Final = 64 * 1024  # characters of a body that are kept
MARGIN: Final = 16 * 1024  # longer than any secret
SHORTEST: Final = 6  # characters of a secret; shorter ones would blank ordinary text
STRIDE: Final = 4
EMPTY: Final = frozenset({"null", '""'})
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
_TEXT: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'  # of JSON; one that breaks off, too
_VALUE: Final = rf"(?P<value>{_TEXT}|[^\s\"\[\]{{}},]+)"


def _of_any_case(names: Iterable[str]) -> str:
    """Return a pattern of names, which fails fast at any other one: by the first letter."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(
        f"[{letter}{letter.upper()}](?i:{'|'.join(rest)})" for letter, rest in by_letter.items()
    )


_NAMES: Final = _of_any_case(SECRET_KEYS | PERSONAL_KEYS)
_MEMBER: Final = re.compile(rf'(?s)(?P<before>"(?:{_NAMES})"\s*:\s*){_VALUE}')
# A text with escapes, and what follows where it is a key.
_ESCAPED: Final = re.compile(
    rf'(?s)(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)++"?)(?:(?P<colon>\s*:\s*){_VALUE})?'
)
_QUERY_SECRET: Final = re.compile(
    r"(?i)\b((?:access_token|refresh_token|auth-token|token|password|mobileNumber)=)[^&\s\"]+"
)


class Redactor:
    """Removes secrets and personal data: by key at any depth, and by value wherever one recurs."""

    def __init__(self) -> None:
        # Where each secret is looked for: pieces of it, with how far into it they begin. Of a text
        # every STRIDE-th piece is looked up, so that the time depends on neither the number of
        # tokens that a long run has learnt nor, much, on the length of the text.
        self._pieces: dict[str, tuple[tuple[int, str], ...]] = {}
        self._short: frozenset[str] = frozenset()  # too short for that
        self._lock = threading.Lock()

    def learn(self, secret: str) -> None:
        """Remember a secret value (token, password), so that an echo of it is removed too.

        Also as a query, a form or JSON writes it.
        """
        if len(secret) < SHORTEST:
            return
        with self._lock:
            for form in _forms(secret):
                if len(form) < SHORTEST + STRIDE - 1:
                    self._short |= {form}
                    continue
                for offset in range(STRIDE):
                    piece = form[offset : offset + SHORTEST]
                    self._pieces[piece] = (*self._pieces.get(piece, ()), (offset, form))

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
        text = self.plain(_MEMBER.sub(_without_member, text))
        if not text.lstrip(BLANK).startswith(("{", "[")):
            text = _QUERY_SECRET.sub(rf"\1{REDACTED}", text)
        if size > BODY_LIMIT:  # half a secret may stand at the end of what was looked at
            text = text[:-MARGIN] if size > BODY_LIMIT + MARGIN else text
            text = f"{text[:BODY_LIMIT]}… ({size} characters, the rest left out)"
        # Whoever reads it as JSON must see that it is none any more.
        return f"({size} characters of JSON, nested very deeply) {text}" if deep else text

    def _without_escaped(self, found: re.Match[str]) -> str:
        """Return a text of JSON, and the value that it is the key of, without what escapes hide."""
        text, colon, value = found["text"], found["colon"], found["value"]
        if colon is None:
            return self._unescaped(text)
        if value not in EMPTY and _read(text).lower() in SECRET_KEYS | PERSONAL_KEYS:
            return f'{text}{colon}"{REDACTED}"'
        return f"{self._unescaped(text)}{colon}{self._unescaped(value)}"

    def _unescaped(self, text: str) -> str:
        """Return a text of JSON as it is written, unless a secret shows once it is read."""
        value = _read(text) if "\\" in text else ""
        redacted = self.plain(value)
        return text if redacted == writable(value) else json.dumps(redacted)

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
        """Redact a text by known values only; every file takes the result."""
        text = writable(text)
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
                parts += [text[done:start], REDACTED]
            done = max(done, end)
        return "".join((*parts, text[done:])) if parts else text


def _forms(secret: str) -> set[str]:
    """Return a secret as texts, queries, forms and JSON have it."""
    quoted = {way(secret, safe="", errors="replace") for way in (quote, quote_plus)}
    escaped = {json.dumps(secret, ensure_ascii=each)[1:-1] for each in (True, False)}
    return {writable(each) for each in {secret, *quoted, *escaped}}


def _read(text: str) -> str:
    """Return what a text of JSON says; nothing where it breaks off."""
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return ""


def _without_member(found: re.Match[str]) -> str:
    """Return a member of a JSON object without its value, unless that is empty."""
    return found[0] if found["value"] in EMPTY else f'{found["before"]}"{REDACTED}"'
