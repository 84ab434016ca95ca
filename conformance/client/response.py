"""Live responses: what a check reads. Numbers are Decimal; nothing of it is written to disk."""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.client.content import GZIP
from conformance.client.http_fields import moment
from conformance.client.transport import UNDECIDED_STATUSES, RawResponse
from conformance.core.charsets import text_of
from conformance.core.exchange import Exchange
from conformance.core.json_text import NotRead, read_json
from conformance.profile.error_texts import DIGIT, ErrorTexts, says

HTML: Final = "text/html"
MARKUP: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
UNCHANGED: Final = 304
REDIRECTS: Final = frozenset(range(300, 400))  # 304 and 300, too, are no decision of a service
_CHARSET: Final = re.compile(r"(?i);\s*charset\s*=\s*([^;,\s]+)")
# What routers and proxies refuse with, too, before any service sees the request.
OF_A_ROUTER: Final = frozenset({404, 405, 406, 408, 413, 414, 415, 431})
# Codes by which the framework of a service, or a gateway, says that nothing stands at a path.
NOTHING_THERE: Final = frozenset(
    {"ResourceNotFoundException", "NoHandlerFoundException", "NoResourceFoundException"}
)


def _nobody() -> bool:
    """Take note that no service is known to have answered the caller."""
    return False


def _unknown(_codes: Collection[str]) -> bool:
    """Take note that nothing is known of how the gateway refuses."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A live response: `body` is parsed JSON with Decimal numbers, or None if it is not JSON.

    `admitted` says whether, in this run, a service answered such a call of the same caller,
    `served` whether one answered anybody's, and `foreign` whether the gateway was seen to refuse
    with other codes than these. `unreadable` is why it cannot be read where JSON is due; `spoilt`
    says that it means to be JSON all the same: then its status, too, decides nothing.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str
    exchange: Exchange
    texts: ErrorTexts = DIGIT
    admitted: Callable[[], bool] = _nobody
    served: Callable[[], bool] = _nobody
    foreign: Callable[[Collection[str]], bool] = _unknown
    unreadable: str = ""
    spoilt: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx; one whose body lists errors is a refusal."""
        return 200 <= self.status < 300 and not self._errors

    @property
    def refused(self) -> bool:
        """Whether the platform refused: a 4xx in its error form, or what its gateway refuses with.

        So is a 2xx that lists errors; that it should be a 4xx is a matter of the contract.

        That is an empty 401 or 403, or a text that `error_texts` of the profile lists, also in a
        page, and with any status where it reports a lost session.
        """
        if self.not_allowed or (self.status in {401, 403} and not self.text):
            return True
        listed = 200 <= self.status < 300 and bool(self._errors)
        return listed or (400 <= self.status < 500 and self.in_error_form)

    @property
    def denied(self) -> bool:
        """Whether a gateway refused, before any service saw the request.

        A 401 or 403 is the gateway's, but for a 403 with a code that it does not refuse with.
        """
        if self.not_allowed or not self.refused or self.status not in {401, 403}:
            return self.not_allowed
        own = self.status == 403 and bool(self.codes) and self.foreign(self.codes)
        return not own

    @property
    def turned_away(self) -> bool:
        """Whether a gateway refused the caller as such, so that no service judged the request.

        Any 401 or 403 may be that, unless the gateway let the caller through on another occasion.
        """
        return self.no_session or (self.denied and not self.admitted())

    @property
    def missing_grant(self) -> str:
        """What would let a caller through whom a gateway turned away; empty for any other."""
        if not self.turned_away:
            return ""
        path, actor = urlsplit(self.exchange.url).path, self.exchange.actor
        return (
            f"grant {path} to a role of the {actor}; where that is granted, see whether its "
            "token is alive"
        )

    @property
    def unserved(self) -> str:
        """What would let a request arrive that found no service at its path; empty for any other.

        A 404 that only a router writes is that, unless a service answered somebody there.
        """
        if self.status != 404 or not self.refused or self.denied or self.reached or self.served():
            return ""
        path = urlsplit(self.exchange.url).path
        return f"start the service behind {path}, or correct network.prefixes"

    @property
    def reached(self) -> bool:
        """Whether a service answered: a 2xx, or a refusal in the error form that no gateway wrote.

        Contracts name 400; some services say 403, 409 or 422, and 404 of what they do not find.
        A router that knows no such path writes no code, or one that is listed above.
        """
        if self.succeeded or not self.refused or self.denied:
            return self.succeeded
        if self.status == 404:
            return bool(self.codes) and not NOTHING_THERE.intersection(self.codes)
        return self.status not in OF_A_ROUTER

    @property
    def broke_down(self) -> bool:
        """Whether the platform broke down: a 5xx as JSON, except a gateway's refusal of a token."""
        return self.status >= 500 and self.body is not None and not self.no_session

    @property
    def kind(self) -> str:
        """What the response is, as a noun; the last five decide nothing about the platform."""
        if self.succeeded:
            return "a success"
        if self.refused:
            return "a refusal"
        if self.broke_down:
            return "a breakdown"
        if self.status in REDIRECTS:
            return "a redirect"
        if media_type(self) == HTML:
            return "an HTML page"
        if not self.text:
            return "an empty answer"
        return "an answer that is no JSON" if self.body is None else "an answer in no error form"

    @property
    def in_error_form(self) -> bool:
        """Whether the body is an error as services, gateways and their framework write it."""
        if not isinstance(self.body, dict):
            return False
        return "error" in self.body or any(
            item.get(key) for item in self._errors for key in ("id", "code", "message")
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """Error codes, from whichever key this lineage puts them in."""
        return tuple(
            str(item.get(key)) for item in self._errors for key in ("id", "code") if item.get(key)
        )

    @property
    def _errors(self) -> list[dict[str, Any]]:
        items = self.body.get("Errors") if isinstance(self.body, dict) else None
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    @property
    def no_session(self) -> bool:
        """Whether its text reports that the token is not, or no longer, valid."""
        return self.status >= 400 and says(self.text, self.texts.no_session)

    @property
    def not_allowed(self) -> bool:
        """Whether its text reports that a gateway refused, as no service would."""
        reported = 400 <= self.status < 500 and says(self.text, self.texts.not_allowed)
        return reported or self.no_session

    @property
    def description(self) -> str:
        """The response in one line, for `observed` sentences."""
        detail = ", ".join(self.codes) or ("" if self.succeeded else self._excerpt)
        return f"HTTP {self.status}" + (f" ({detail})" if detail else "")

    @property
    def _excerpt(self) -> str:
        """Where a redirect leads, without its query, or how the body begins."""
        if self.status in REDIRECTS:
            return f"to {to}" if (to := leads_to(self.headers)) else ""
        start = self.text[:10_000]
        return _clipped(MARKUP.sub(" ", start) if media_type(self) == HTML else start)


def encode(document: Any) -> bytes:
    """Return JSON as it is sent; a Decimal keeps its digits, half of a character its code."""
    try:
        return json.dumps(document, default=_wire_number, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(document, default=_wire_number).encode()


def decode(text: str) -> Any:
    """Return parsed JSON with Decimal for every fraction, or None when it is not JSON."""
    try:
        return read_json(text)
    except NotRead:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRead:
    """What a body says: its text, its value or None, and why it is not read where that is known."""

    text: str
    body: Any
    problem: str = ""


def reading_of(raw_response: RawResponse) -> BodyRead:
    """Read the body of an answer as the standards say."""
    content = raw_response.content
    declared = _CHARSET.search(raw_response.headers.get("content-type", ""))
    text, problem = text_of(content, declared[1] if declared else "")
    if problem and content.startswith(GZIP):
        problem = "it is compressed, and no Content-Encoding says so"
    if problem and (raw_response.failure or content.startswith(GZIP)):  # it may hide a secret
        text = f"({len(content)} bytes that are no text, beginning with {content[:16].hex(' ')})"
    if problem or raw_response.failure:  # shown, and not believed
        return BodyRead(text=text, body=None, problem=problem)
    try:
        return BodyRead(text=text, body=read_json(text))
    except NotRead as reason:
        return BodyRead(text=text, body=None, problem=str(reason))


def _wire_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no place in a request")


def trouble(raw_response: RawResponse, response: Response | None, *, tolerant: bool) -> str:
    """Return why a response decides nothing; empty when it decides something.

    A refusal always does; with `tolerant`, so does what is neither that nor a 2xx.
    """
    if response is None or raw_response.failure:
        return raw_response.failure
    if cause := not_of_a_service(response.status, response.text, response.texts):
        return cause
    if response.status in REDIRECTS:
        return redirecting(response.status, response.headers)
    if response.refused or (tolerant and not response.succeeded and not response.spoilt):
        return ""
    return response.unreadable


def not_of_a_service(status: int, text: str, texts: ErrorTexts) -> str:
    """Return why an answer comes from before any service; empty where it need not."""
    if status in UNDECIDED_STATUSES:
        return f"HTTP {status}, which comes from before the service"
    if status >= 600:
        return f"HTTP {status}, which is no status of HTTP; firewalls answer so"
    if status >= 500 and says(text, texts.service_down):
        return f"HTTP {status}, by which the gateway reports that it cannot reach the service"
    return ""


def unreadable(raw_response: RawResponse, reading: BodyRead) -> str:
    """Return that a response is not JSON where JSON is due; empty when it can be read."""
    if raw_response.status in REDIRECTS:
        return redirecting(raw_response.status, raw_response.headers)
    if reading.body is not None or raw_response.status is None:
        return ""
    if not raw_response.content and raw_response.status in {200, 201, 401, 403, 429}:
        return ""  # some gateways refuse, and some services find nothing, without a body
    kind = "an HTML page" if "html" in media_type(raw_response) else "an answer that is no JSON"
    if reading.problem:
        kind = f"an answer that cannot be read: {reading.problem}"
    return f"HTTP {raw_response.status} with {kind}"


def redirecting(status: int, headers: Mapping[str, str]) -> str:
    """Return what a status from 300 to 399 says, in words."""
    if status == UNCHANGED:
        return f"HTTP {status}, which refers to the copy of a cache, and the suite keeps none"
    to = leads_to(headers)
    return f"HTTP {status}, " + (f"which redirects to {to}" if to else "a redirect to no address")


def leads_to(headers: Mapping[str, str]) -> str:
    """Return where a redirect leads, without its query, which may hold what is secret."""
    return headers.get("location", "").partition("?")[0]


def media_type(raw_response: RawResponse | Response) -> str:
    """Return the media type of a response, without parameters, in lower case."""
    return raw_response.headers.get("content-type", "").partition(";")[0].strip().lower()


def skew_in(raw_response: RawResponse, otherwise: int) -> int:
    """Return the deployment's clock minus ours in ms, by its Date header, to half a second."""
    theirs = moment(raw_response.headers.get("date", ""))
    if theirs is None:
        return otherwise
    return round((theirs.timestamp() + 0.5 - time.time()) * 1000)


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}..."
