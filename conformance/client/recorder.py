"""Turns each attempt of a call into an exchange: redacted, numbered, held against the contract."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from conformance.client.odd_records import OddRecords
from conformance.client.request_builder import Sent
from conformance.client.response import (
    Response,
    media_type,
    not_of_a_service,
    reading_of,
    skew_in,
    unreadable,
)
from conformance.client.transport import FIRST_EGRESS, RawResponse
from conformance.contracts import Operation
from conformance.contracts.effects import Effect
from conformance.core.exchange import Exchange, Numbering, SchemaViolation
from conformance.core.redaction import Redactor
from conformance.profile.error_texts import ErrorTexts


class Observer(Protocol):
    """Sees every live exchange, to learn which form of an erratum the deployment follows."""

    def see(
        self,
        operation: str,
        *,
        status: int,
        media_type: str,
        query: Mapping[str, Any],
        request_body: Any,
        response_body: Any,
        exchange_id: str,
    ) -> None:
        """Take note of one exchange."""


class Recorder:
    """Records the exchanges of one run; safe to share between threads."""

    def __init__(
        self,
        redactor: Redactor,
        keep: Callable[[Exchange], None],
        observer: Observer | None,
        texts: ErrorTexts,
    ) -> None:
        """Take what keeps an exchange, and the error texts of the target."""
        self.redactor = redactor
        self.numbering = Numbering()
        self.skew = 0  # deployment time minus local time in ms, by the latest Date header
        self._odd_records = OddRecords()
        self._keep = keep
        self._observer = observer
        self._texts = texts

    def record(
        self,
        operation: Operation,
        sent: Sent,
        came: RawResponse,
        *,
        check: str,
        actor: str,
        attempts: int,
        judged: bool,
        step: str = "",
    ) -> Response | None:
        """Record one attempt under a check; return its response, None when none came."""
        reading = reading_of(came)
        text, body = reading.text, reading.body
        unread = unreadable(came, reading)
        self.skew = skew_in(came, self.skew)
        self._learn_tokens(body)
        of_request = _request_violations(operation, sent)
        foreign = not_of_a_service(came.status or 0, text, self._texts)
        violations = list(of_request)
        if (
            came.status is not None
            and not (came.failure or foreign or reading.problem)
            and sent.raw.method == operation.method
        ):
            found = operation.check_response(
                status=came.status, media_type=media_type(came), body=body
            )
            violations += (self._weighed(each, body) for each in found)
        conforms = (
            not any(each.severity == "failure" for each in of_request)
            and sent.body is not None
            and sent.raw.method == operation.method
        )
        writes = operation.endpoint.effect is not Effect.READS
        if writes and not (conforms and judged) and (came.status or 0) // 100 != 4:
            self._odd_records.learn(sent.body, body)
        exchange = Exchange(
            id=self.numbering.next(check),
            check=check,
            operation=self.redactor.plain(operation.name),  # it may be a path, with what is in it
            actor=actor,
            method=sent.raw.method,
            url=self.redactor.url(sent.raw.url),
            request_headers=self.redactor.headers((came.sent_headers or sent.raw.headers).items()),
            request_body=self.redactor.text(sent.raw.content.decode("utf-8", errors="replace")),
            status=came.status,
            response_headers=self.redactor.headers(came.headers.items()),
            response_body=self.redactor.text(text),
            started_at=_ago(came.seconds).isoformat(timespec="milliseconds"),
            milliseconds=round(came.seconds * 1000, 2),
            failure=came.failure or unread or foreign,
            attempts=attempts,
            violations=tuple(map(self._redacted, violations)),
            request_conforms=conforms,
            judged=judged,
            step=self.redactor.plain(step),
            egress=sent.raw.egress if sent.raw.egress != FIRST_EGRESS else "",
        )
        self._keep(exchange)
        if came.status is None:
            return None
        return Response(
            status=came.status,
            headers=came.headers,
            body=body,
            text=text,
            exchange=exchange,
            texts=self._texts,
            unreadable=unread,
            spoilt=bool(reading.problem),
        )

    def observe(self, operation: Operation, sent: Sent, response: Response) -> None:
        """Show an exchange to the observer."""
        if self._observer is not None:
            self._observer.see(
                operation.name,
                status=response.status,
                media_type=media_type(response),
                query=sent.query,
                request_body=sent.body,
                response_body=response.body,
                exchange_id=response.exchange.id,
            )

    def _weighed(self, violation: SchemaViolation, body: Any) -> SchemaViolation:
        ours = self._odd_records.hold(body, violation.pointer)
        return replace(violation, severity="note") if ours else violation

    def _redacted(self, violation: SchemaViolation) -> SchemaViolation:
        plain = self.redactor.plain  # a field of unknown name may be called like a password
        return replace(violation, pointer=plain(violation.pointer), got=plain(violation.got))

    def _learn_tokens(self, body: Any) -> None:
        """Learn tokens before anything of the response is kept."""
        if isinstance(body, dict):
            for key in ("access_token", "refresh_token"):
                self.redactor.learn(str(body.get(key) or ""))


def _request_violations(operation: Operation, sent: Sent) -> list[SchemaViolation]:
    if sent.body is None:
        return []
    return operation.check_request(query=sent.query, body=sent.body, media_type=sent.media_type)


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)
