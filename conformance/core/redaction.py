"""Redaction: what takes secrets and personal data out of an exchange before it is kept."""

import json
import re
import threading
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, quote_plus

from conformance.core.nesting import nested_deeper

REDACTED: Final = "***"
BODY_LIMIT: Final = 64 * 1024  # characters of a body that are kept
SHORTEST: Final = 6  # characters of a secret; shorter ones would blank ordinary text
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


class Redactor:
    """Removes secrets and personal data: by key at any depth, and by value wherever one recurs."""

    def __init__(self) -> None:
        # Secrets by their first characters, the longest first: one may begin with another. So the
        # time that a text takes does not depend on how many tokens a long run has learnt.
        self._by_prefix: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def learn(self, secret: str) -> None:
        """Remember a secret value (token, password), so that an echo of it is removed too.

        Also as a query or a form has it: percent-encoded.
        """
        if len(secret) < SHORTEST:
            return
        with self._lock:
            for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
                known = {*self._by_prefix.get(form[:SHORTEST], ()), form}
                self._by_prefix[form[:SHORTEST]] = tuple(sorted(known, key=len, reverse=True))

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret learnt so far, for the scan of all artefacts at the end of a run."""
        with self._lock:
            return frozenset(secret for known in self._by_prefix.values() for secret in known)

    def text(self, text: str) -> str:
        """Redact a text: JSON by key, anything else by known values and query parameters."""
        if nested_deeper(text):  # rather nothing than something unredacted
            return f"({len(text)} characters of JSON, nested too deeply to be kept)"
        document = _parsed(text)
        if isinstance(document, dict | list):
            text = json.dumps(self.document(document), ensure_ascii=False)
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
        known, size = self._by_prefix, SHORTEST
        hits = [at for at in range(len(text) - size + 1) if text[at : at + size] in known]
        parts, done = [], 0
        for at in hits:
            secret = next(
                (each for each in known[text[at : at + size]] if text.startswith(each, at)), ""
            )
            if secret and at >= done:
                parts += [text[done:at], REDACTED]
                done = at + len(secret)
        return "".join((*parts, text[done:])) if parts else text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _shortened(text: str) -> str:
    if len(text) <= BODY_LIMIT:
        return text
    return f"{text[:BODY_LIMIT]}… ({len(text)} characters, the rest left out)"
