"""The one way to talk to a deployment: operation + actor -> answer, recorded and redacted.

Whatever says nothing about conformance (time-outs, 429, 502, proxies' pages) ends here as
`Inconclusive`; everything else is for the check to judge.
"""

import base64
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, Unpack
from urllib.parse import urlencode

from conformance.client.actors import Actors
from conformance.client.parts import FORM, JSON, Parts, leads_elsewhere, path_of, request_of
from conformance.client.policy import Permit, Policy
from conformance.client.response import Response, decode, encode, media_type, skew_in, unreadable
from conformance.client.response import trouble as trouble_in
from conformance.client.tokens import Sessions
from conformance.client.transport import (
    FIRST_EGRESS,
    UNDECIDED_STATUSES,
    RawRequest,
    RawResponse,
    Transport,
)
from conformance.contracts import Contracts, Operation
from conformance.contracts.effects import Effect
from conformance.core.exchange import CURRENT_CHECK, Exchange, Numbering, SchemaViolation
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor, Target

__all__ = ["ANONYMOUS", "Client", "Observer", "Parts", "Unanswered"]

ANONYMOUS: Final = "anonymous"


class Unanswered(Inconclusive):
    """No answer of the deployment could be had; whether the request arrived is not known."""


class Observer(Protocol):
    """Sees every live exchange, to tell which form of an erratum the deployment follows."""

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


class Client:
    """Calls operations of one target as its actors; safe to share between threads."""

    def __init__(
        self,
        target: Target,
        contracts: Contracts,
        redactor: Redactor,
        record: Callable[[Exchange], None],
        observer: Observer | None = None,
        *,
        ledger: Ledger,
        unlocked: bool = False,
    ) -> None:
        """Take what a run has; `unlocked` allows to change a production deployment."""
        self.target = target
        self.policy = Policy(target, ledger, unlocked=unlocked)
        self.contracts = contracts
        self.redactor = redactor
        self.actors = Actors(target.actors)
        self.numbering = Numbering()
        self._record = record
        self._observer = observer
        self._transport = Transport(target)
        self.sessions = Sessions(self._asked_for_token, self.actors.key)
        self._skew = 0
        self._acts: dict[str, float] = {}  # check -> when its last call returned that was no look
        for actor in target.actors.values():
            redactor.learn(actor.password.get_secret_value())
        for secret in (target.oauth.client_secret.get_secret_value(), *target.network.secrets):
            redactor.learn(secret)

    def call(self, operation: str, *, as_: str = "integrator", **parts: Unpack[Parts]) -> Response:
        """Call an operation as an actor.

        Raises Unanswered when no answer of the deployment could be had: transport faults, 429
        beyond patience, 502/503/504, an unreadable answer (a refusal, unless `tolerant`);
        NotAllowed, before anything leaves, where the target forbids what the call may do; else
        Inconclusive where the profile, or a token, lacks.
        """
        bound = self.contracts.operations[operation]
        permit = self._permit(bound, parts)
        ours = as_ != ANONYMOUS and not {"token", "form", "raw"} & parts.keys()
        token = self.sessions.held(as_)
        if permit.entries:
            if ours:
                self.token(as_)  # first: without it nothing is sent that could need undoing
            self.policy.enter(permit)
        response = self._called(bound, as_, parts, permit.effect)
        if ours and not response.no_session:
            self.sessions.used(as_)
        elif ours and self.sessions.renewed(as_, token):
            # Refused before any service saw it: safe to repeat.
            response = self._called(bound, as_, parts, permit.effect)
        self.policy.answered(permit, response.status)
        return response

    def _permit(self, operation: Operation, parts: Parts) -> Permit:
        """Return what a call may do; NotAllowed where the target forbids it."""
        path = path_of(operation.path, parts) if leads_elsewhere(parts) else ""
        return self.policy.permit(
            operation.endpoint,
            request_of(parts),
            path="" if path == operation.path else path,
            tenant=parts.get("ledger_tenant", ""),
        )

    def _called(self, bound: Operation, as_: str, parts: Parts, effect: Effect) -> Response:
        operation = bound.name
        raw_request, sent = self._raw_request(bound, as_, parts)
        repeatable = bound.endpoint.repeatable and not parts.get("once", False)
        retries = 0 if parts.get("together", False) else self.target.limits.retries
        for attempt in range(retries + 1):
            raw_response = self._transport.send(raw_request)
            if effect is not Effect.READS:
                self._act()
            response = self._response(bound, as_, raw_request, sent, raw_response, attempt)
            trouble = trouble_in(raw_response, response, tolerant=parts.get("tolerant", False))
            if not trouble:
                assert response is not None
                if not parts.get("unobserved", False):
                    self._observe(bound, sent, raw_response, response)
                return response
            harmless = repeatable or raw_response.status == 429 or not raw_response.sent
            if not harmless or attempt == retries:
                break
            self._transport.pause(raw_response, attempt)
        raise Unanswered(
            f"{operation} as {as_}: {trouble}",
            "see whether the deployment, or a proxy before it, is in trouble; then run again",
        )

    def token(self, actor: str) -> str:
        """Return the actor's token, asking for one the first time; Inconclusive if refused."""
        return self.sessions.token(actor)

    def login(
        self,
        actor: str,
        changes: Mapping[str, str] | None = None,
        *,
        egress: str = FIRST_EGRESS,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Ask for a token of an actor; `changes` replace form fields, an empty one removes it."""
        identity = self.actor(actor)
        form = {
            "grant_type": "password",
            "scope": self.target.oauth.scope,
            "username": identity.username,
            "password": identity.password.get_secret_value(),
            "tenantId": identity.tenant or self.target.tenant,
            "userType": identity.type,
            **(changes or {}),
        }
        return self.call(
            "token.create",
            as_=actor,
            form={name: value for name, value in form.items() if value},
            egress=egress,
            headers=headers or {},
            once=bool(changes),
        )

    def enlist(self, name: str, actor: Actor, token: str = "") -> None:
        """Add an actor that came into being during the run; one of a check is known to it alone."""
        self.redactor.learn(actor.password.get_secret_value())
        self.actors.enlist(name, actor)
        self.sessions.forget(name)
        if token:
            self.sessions.put(name, token)

    def actor(self, name: str) -> Actor:
        """Return an actor of the target; Inconclusive when the profile names none."""
        return self.actors.named(name)

    @property
    def skew(self) -> int:
        """Deployment time minus local time in ms, as the Date header of the latest answer says."""
        return self._skew

    def require(self, effect: Effect) -> None:
        """Raise NotAllowed early where nothing with such an effect may leave for the target."""
        self.policy.require(effect)

    def control(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """Ask a rehearsal control of the deployment (its virtual clock), or set it; not evidence.

        NotAllowed where the target may not be changed.
        """
        if document is not None:
            self.require(Effect.WRITES)
        raw_request = RawRequest(
            method="GET" if document is None else "POST",
            url=f"{self.target.base_url}{path}",
            headers={"Accept": JSON, "Content-Type": JSON},
            content=b"" if document is None else encode(document),
        )
        raw_response = self._transport.send(raw_request)
        self._act()
        if raw_response.status != 200:
            raise Inconclusive(
                f"the control {path} answers {raw_response.status or raw_response.failure}"
            )
        return decode(raw_response.content.decode("utf-8", errors="replace"))

    def last_act(self) -> float | None:
        """Return when the current check last did more than look (`time.monotonic`), if it did."""
        return self._acts.get(CURRENT_CHECK.get())

    def abandon(self) -> None:
        """Let whoever calls from now on give up with `Abandoned`."""
        self._transport.abandon()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _act(self) -> None:
        self._acts[CURRENT_CHECK.get()] = time.monotonic()

    def _asked_for_token(self, actor: str) -> tuple[str, str]:
        response = self.login(actor)
        body = response.body if isinstance(response.body, dict) else {}
        return str(
            body.get("access_token") or ""
        ) if response.succeeded else "", response.description

    def _raw_request(self, operation: Operation, as_: str, parts: Parts) -> tuple[RawRequest, Any]:
        """Build the request; return it with the document that the contract judges."""
        query = {key: value for key, value in parts.get("query", {}).items() if value is not None}
        path = self.target.network.placed(path_of(operation.path, parts))
        encoded = urlencode({key: _wire_value(value) for key, value in query.items()}, doseq=True)
        headers = {"Accept": JSON, "Accept-Language": "en", "traceparent": _traceparent()}
        document, content, content_type = self._content(as_, query, parts)
        if operation.name == "token.create":
            headers["Authorization"] = self._client_credential()
        if content or content_type != JSON:
            headers["Content-Type"] = content_type
        headers |= parts.get("headers", {})
        url = f"{self.target.base_url}{path}" + (f"?{encoded}" if encoded else "")
        raw_request = RawRequest(
            method=parts.get("method", operation.method),
            url=url,
            headers=headers,
            content=content,
            egress=parts.get("egress", FIRST_EGRESS),
            paced=not parts.get("together", False),
        )
        return raw_request, {"query": query, "body": document, "media_type": content_type}

    def _content(self, as_: str, query: Mapping[str, Any], parts: Parts) -> tuple[Any, bytes, str]:
        if "raw" in parts:
            return None, parts["raw"], parts.get("content_type", JSON)
        if "form" in parts:
            form = dict(parts["form"])
            return form, urlencode(form).encode(), parts.get("content_type", FORM)
        body = dict(parts.get("body", {}))
        if "RequestInfo" not in body:
            body = {"RequestInfo": self._request_info(as_, parts), **body}
        if "tenantId" not in query and not _names_tenant(body):
            body["tenantId"] = self.target.tenant  # role checks of some gateways need one
        return body, encode(body), parts.get("content_type", JSON)

    def _request_info(self, as_: str, parts: Parts) -> dict[str, Any]:
        info: dict[str, Any] = {
            "apiId": "bbps-conformance",
            "ver": "1.0",
            "ts": int(time.time() * 1000),
            "action": "",
            "msgId": "conformance|en_IN",
        }
        token = parts["token"] if "token" in parts else self._token_or_none(as_)
        if token:
            info["authToken"] = token
        return info | dict(parts.get("request_info", {}))

    def _token_or_none(self, as_: str) -> str | None:
        return None if as_ == ANONYMOUS else self.token(as_)

    def _client_credential(self) -> str:
        client = self.target.oauth
        pair = f"{client.client_id}:{client.client_secret.get_secret_value()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def _response(
        self,
        operation: Operation,
        as_: str,
        raw_request: RawRequest,
        sent: Any,
        raw_response: RawResponse,
        attempt: int,
    ) -> Response | None:
        """Record one attempt, held against the contract; return its answer if there is one."""
        text = raw_response.content.decode("utf-8", errors="replace")
        body = decode(text)
        self._skew = skew_in(raw_response, self._skew)
        self._learn_tokens(body)
        asked = operation.check_request(**sent) if sent["body"] is not None else []
        judged = asked + self._judged(operation, raw_request, raw_response, body)
        exchange = Exchange(
            id=self.numbering.next(CURRENT_CHECK.get()),
            check=CURRENT_CHECK.get(),
            operation=operation.name,
            actor=as_,
            method=raw_request.method,
            url=self.redactor.url(raw_request.url),
            request_headers=self.redactor.headers(raw_request.headers.items()),
            request_body=self.redactor.text(raw_request.content.decode("utf-8", errors="replace")),
            status=raw_response.status,
            response_headers=self.redactor.headers(raw_response.headers.items()),
            response_body=self.redactor.text(text),
            started_at=_ago(raw_response.seconds).isoformat(timespec="milliseconds"),
            milliseconds=round(raw_response.seconds * 1000, 2),
            failure=raw_response.failure or unreadable(raw_response, body),
            attempts=attempt + 1,
            violations=tuple(map(self._redacted, judged)),
            request_conforms=not any(violation.severity == "failure" for violation in asked)
            and sent["body"] is not None
            and raw_request.method == operation.method,
        )
        self._record(exchange)
        if raw_response.status is None:
            return None
        return Response(
            status=raw_response.status,
            headers=raw_response.headers,
            body=body,
            text=text,
            exchange=exchange,
            texts=self.target.error_texts,
        )

    def _redacted(self, violation: SchemaViolation) -> SchemaViolation:
        plain = self.redactor.plain  # a field of unknown name may be called like a password
        return replace(violation, pointer=plain(violation.pointer), got=plain(violation.got))

    def _observe(
        self, operation: Operation, sent: Any, raw_response: RawResponse, response: Response
    ) -> None:
        if self._observer is not None:
            self._observer.see(
                operation.name,
                status=response.status,
                media_type=media_type(raw_response),
                query=sent["query"],
                request_body=sent["body"],
                response_body=response.body,
                exchange_id=response.exchange.id,
            )

    def _judged(
        self, operation: Operation, raw_request: RawRequest, raw_response: RawResponse, body: Any
    ) -> list[SchemaViolation]:
        if raw_response.status is None or raw_response.status in UNDECIDED_STATUSES:
            return []
        if raw_request.method != operation.method:
            return []
        return operation.check_response(
            status=raw_response.status, media_type=media_type(raw_response), body=body
        )

    def _learn_tokens(self, body: Any) -> None:
        """Learn tokens before anything of the answer is kept."""
        if isinstance(body, dict):
            for key in ("access_token", "refresh_token"):
                self.redactor.learn(str(body.get(key) or ""))


def _wire_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return str(value)


def _names_tenant(node: Any) -> bool:
    """Whether a tenantId stands anywhere in a body, outside of RequestInfo."""
    if isinstance(node, dict):
        return "tenantId" in node or any(
            _names_tenant(value) for key, value in node.items() if key != "RequestInfo"
        )
    return isinstance(node, list) and any(_names_tenant(item) for item in node)


def _traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)
