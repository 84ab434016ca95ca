"""Recorded exchanges, as real DIGIT answered them: one JSON object per line."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

MASK: Final = "***"  # stands where a secret or a personal field was
# Epoch ms; a time outside of these was generated, for it is older or newer than any recording.
EARLIEST: Final = 1_780_000_000_000
LATEST: Final = 4_000_000_000_000
NEEDED: Final = (
    "method", "path", "actor", "check", "request", "status", "response", "deployment",
)  # fmt: skip
# Spellings of a path that only differ for the gateway are operations of their own.
OPERATIONS: Final = {
    "/billing-service/bill/v2/_fetchbill": "bill.fetch",
    "/billing-service/bill/v2/_search": "bill.search",
    "/billing-service/bill/v2/_cancelbill": "bill.cancel",
    "/billing-service/demand/_create": "demand.create",
    "/billing-service/demand/_update": "demand.update",
    "/billing-service/demand/_search": "demand.search",
    "/pg-service/transaction/v1/_create": "transaction.create",
    "/pg-service/transaction/v1/_update": "transaction.update",
    "/pg-service/transaction/v1/_search": "transaction.search",
    "/collection-services/payments/_create": "payment.create",
    "/collection-services/payments/_validate": "payment.validate",
    "/collection-services/payments/_search": "payment.search",
    "/collection-services/payments/PT/_search": "payment.search",
    "/collection-services/payments/PT/_workflow": "payment.workflow",
    "/user/users/_createnovalidate": "user.create",
    "/user/oauth/token": "token.create",
    "/user/_details": "token.details",
    "/user/_logout": "token.revoke",
    "/user/_search": "user.search",
    "/user/v1/_search": "user.search",
}


class BadRecording(Exception):
    """The file holds no recorded exchanges; the message names file, line and fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the status, and the body as JSON, as text, or None for an empty one."""

    status: int
    body: Any

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of DIGIT's envelope that are known in full."""
        found = self.body.get("Errors") if isinstance(self.body, dict) else None
        return [each for each in found or () if isinstance(each, dict)]

    @property
    def codes(self) -> set[str]:
        """The error codes of DIGIT's envelope."""
        return {str(each.get("code")) for each in self.errors}

    def listed(self, key: str) -> list[dict[str, Any]]:
        """Return the objects under a key, none when the body has no such list."""
        found = self.body.get(key) if isinstance(self.body, dict) else None
        return [each for each in found or () if isinstance(each, dict)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request that a real deployment was sent, and its answer."""

    number: int  # line in the file, from 1
    deployment: str
    check: str
    actor: str
    method: str
    path: str
    query: str
    body: Any  # JSON, or text that was sent as it is
    answer: Answer

    @property
    def operation(self) -> str:
        """The operation, or the bare path where nothing needs to be prepared for it."""
        return OPERATIONS.get(self.path, self.path)

    @property
    def endpoint(self) -> str:
        """Method and path, as the table names them."""
        return f"{self.method} {self.path}"

    @property
    def sent(self) -> dict[str, Any]:
        """The body as an object, an empty one when it was something else."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def moment(self) -> datetime | None:
        """When it was sent, in UTC; None when the request did not say."""
        info = self.sent.get("RequestInfo")
        stamp = info.get("ts") if isinstance(info, dict) else None
        if not isinstance(stamp, int) or not EARLIEST <= stamp <= LATEST:
            return None
        return datetime.fromtimestamp(stamp / 1000, UTC)


def recorded(path: Path) -> list[Exchange]:
    """Return the exchanges of a file in their order; BadRecording when it holds none."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadRecording(f"{path} cannot be read: {problem}") from None
    found = [_exchange(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise BadRecording(f"{path} is empty: it needs one recorded exchange per line")
    return found


def _exchange(path: Path, number: int, line: str) -> Exchange:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise BadRecording(f"{path}, line {number} is no JSON: {problem}") from None
    if not isinstance(entry, dict):
        raise BadRecording(f"{path}, line {number} is no object")
    missing = [name for name in NEEDED if name not in entry]
    if missing:
        raise BadRecording(f"{path}, line {number} lacks {', '.join(missing)}")
    if wrong := _wrong(entry):
        raise BadRecording(f"{path}, line {number}: {wrong}")
    bare, _, query = entry["path"].partition("?")
    return Exchange(
        number=number,
        deployment=entry["deployment"],
        check=entry["check"],
        actor=entry["actor"],
        method=entry["method"],
        path=bare,
        query=query,
        body=entry["request"],
        answer=Answer(status=entry["status"], body=entry["response"] or None),
    )


def _wrong(entry: dict[str, Any]) -> str:
    """Return what an entry holds that no exchange has, empty when all is well."""
    for name in ("method", "path", "actor", "check", "deployment"):
        if not isinstance(entry[name], str):
            return f"{name} is no text"
    if type(entry["status"]) is not int:
        return "status is no number"
    if not entry["method"].isalpha():
        return f"method {entry['method']!r} is none of HTTP"
    if not entry["path"].startswith("/") or not entry["path"].isprintable():
        return "path does not begin with /, or has characters that no path has"
    body = entry["response"]
    if isinstance(body, dict) and not isinstance(body.get("Errors"), list | None):
        return "Errors is no list"
    return ""
