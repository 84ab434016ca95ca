"""Live answers: what a check reads. Numbers are Decimal; nothing of it is written to disk."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.client.transport import UNDECIDED_STATUSES, Reply
from conformance.core.exchange import Exchange
from conformance.profile.error_texts import DIGIT, ErrorTexts, says


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A live answer: `body` is parsed JSON with Decimal numbers, or None if it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str
    exchange: Exchange
    texts: ErrorTexts = DIGIT

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def codes(self) -> tuple[str, ...]:
        """Error codes, from whichever key this lineage puts them in."""
        items = self.body.get("Errors") if isinstance(self.body, dict) else None
        return tuple(
            str(item.get(key))
            for item in items or ()
            if isinstance(item, dict)
            for key in ("id", "code")
            if item.get(key)
        )

    @property
    def no_session(self) -> bool:
        """Whether it says that the token is not, or no more, valid."""
        return says(self.text, self.texts.no_session)

    @property
    def not_allowed(self) -> bool:
        """Whether it says that a gateway refused, in words that no service uses."""
        return self.no_session or says(self.text, self.texts.not_allowed)

    @property
    def in_words(self) -> str:
        """The answer in one line, for `observed` sentences."""
        detail = ", ".join(self.codes) or ("" if self.succeeded else _clipped(self.text))
        return f"HTTP {self.status}" + (f" ({detail})" if detail else "")


def encode(document: Any) -> bytes:
    """Return JSON for the wire; a Decimal keeps its digits."""
    return json.dumps(document, default=_wire_number, ensure_ascii=False).encode()


def decode(text: str) -> Any:
    """Return parsed JSON with Decimal for every fraction, or None when it is no JSON."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _wire_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no place in a request")


def trouble(reply: Reply, answer: Answer | None, *, tolerant: bool) -> str:
    """Say why an answer decides nothing; empty when it does.

    `tolerant` takes a refusal that cannot be read for an answer, but never a 2xx.
    """
    if answer is None:
        return reply.failure
    if answer.status in UNDECIDED_STATUSES:
        return f"HTTP {answer.status}, which comes from before the service"
    return "" if tolerant and not answer.succeeded else unreadable(reply, answer.body)


def unreadable(reply: Reply, body: Any) -> str:
    """Say that an answer is no JSON where JSON is due; empty when it can be read."""
    if body is not None or reply.status is None:
        return ""
    if not reply.content and reply.status in {200, 201, 401, 429}:
        return ""  # some gateways refuse, and some services find nothing, without a body
    kind = "an HTML page" if "html" in media_type(reply) else "an answer that is no JSON"
    return f"HTTP {reply.status} with {kind}"


def media_type(reply: Reply) -> str:
    """Return the media type of a reply, without parameters, in lower case."""
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def skew_in(reply: Reply, otherwise: int) -> int:
    """Return the deployment's clock minus ours in ms, by its Date header, to half a second."""
    try:
        said = parsedate_to_datetime(reply.headers["date"]).timestamp() + 0.5
    except (KeyError, ValueError):
        return otherwise
    return round((said - time.time()) * 1000)


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}..."
