"""The one way to call a deployment: operation + actor -> response, recorded and redacted.

What decides nothing about conformance (time-outs, 429, 502, proxies' pages) ends here as
`Inconclusive`; everything else is for the check to judge.
"""

import copy
import math
import time
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self, Unpack

from conformance.client.actors import Actors
from conformance.client.http_fields import NEVER
from conformance.client.parts import JSON, Parts, leads_elsewhere, path_of, request_of
from conformance.client.policy import Permit, Policy
from conformance.client.recorder import Observer, Recorder
from conformance.client.request_builder import (
    LOGIN,
    Sent,
    build,
    carries_request_info,
)
from conformance.client.response import Response, encode, reading_of, trouble
from conformance.client.tokens import Sessions
from conformance.client.transport import FIRST_EGRESS, RawRequest, Transport
from conformance.contracts import Contracts, Operation
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import any_endpoint
from conformance.core.exchange import SET_UP, Exchange, Numbering
from conformance.core.ledger import Ledger
from conformance.core.once import Once
from conformance.core.redaction import Redactor
from conformance.core.sharing import SHARED, is_made_for_all, made_for_all
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor, Target

__all__ = ["ANONYMOUS", "Client", "Observer", "Parts", "Unanswered"]

ANONYMOUS: Final = "anonymous"
TOO_MANY: Final = "lower limits.requests_per_second in the profile; then run again"  # of a 429
RENEWALS: Final = 2  # of a token for one call: a login of somebody else may end the first, too
# Nothing stands there, and nobody has a right to it: whoever refuses a call of it is no service.
NOWHERE: Final = "/billing-service/conformance/_search"


class Unanswered(Inconclusive):
    """The deployment gave no usable response; whether the request arrived is not known.

    `response` is what came all the same, if anything did.
    """

    def __init__(self, reason: str, remedy: str = "", response: Response | None = None) -> None:
        super().__init__(reason, remedy)
        self.response = response


class Client:
    """Calls operations of one target as its actors; safe to share between threads.

    Each view (`for_check`) files its exchanges, its entries of the ledger and the actors that it
    enlists under one check; the client itself files them under the set-up.
    """

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
        self.contracts = contracts
        self.redactor = redactor
        self.policy = Policy(target, ledger, unlocked=unlocked)
        self.check = SET_UP
        self.judged = True
        self.actors = Actors(target.actors)
        self.sessions = Sessions(self._requested_token, self.actors.identity)
        self.cite: Callable[[str, str], None] = _cited_nowhere  # (check, id) -> its evidence
        self._recorder = Recorder(redactor, record, observer, target.error_texts)
        self._transport = Transport(target)
        self._admitted: set[tuple[Hashable, str]] = set()  # who was answered what
        self.masters = Once()  # master data that was read
        self._refusing = Once()  # how the gateway refuses
        self._acts: dict[str, float] = {}  # check -> when its latest call that does more than read
        for actor in target.actors.values():
            redactor.learn(actor.password.get_secret_value())
        for secret in (target.oauth.client_secret.get_secret_value(), *target.network.secrets):
            redactor.learn(secret)

    def for_check(self, check: str) -> Self:
        """Return a view that files under a check; it shares everything else with this client.

        One that is not planned has its place in the order in which the views are requested.
        """
        self.numbering.plan([check])
        view = copy.copy(self)
        view.check = check
        view.actors = self.actors.for_check(check)
        view.sessions = self.sessions.for_client(view._requested_token, view.actors.identity)
        return view

    def unjudged(self) -> Self:
        """Return a view for odd questions, whose answers are no departures from the contract."""
        view = copy.copy(self)
        view.judged = False
        return view

    def call(self, operation: str, *, as_: str = "integrator", **parts: Unpack[Parts]) -> Response:
        """Call an operation as an actor.

        Raises Unanswered when the deployment gave no usable response: transport faults, 429 after
        every attempt, 502/503/504, an unreadable response (a refusal, unless `tolerant`);
        NotAllowed, before anything leaves, where the target forbids what the call may do; else
        Inconclusive where the profile lacks something, or no token can be obtained.
        """
        return self._performed(self.contracts.operations[operation], as_, parts)

    def request(
        self, method: str, path: str, /, *, as_: str = "integrator", **parts: Unpack[Parts]
    ) -> Response:
        """Send a request that no operation of the suite is; raises as `call` does.

        What it may do follows from method and path; no contract judges its answer.
        """
        return self._performed(Operation(any_endpoint(method, path), _no_contract), as_, parts)

    def _performed(self, bound: Operation, as_: str, parts: Parts) -> Response:
        """Send a call where the target permits it, and enter what it creates."""
        operation, ours = bound.name, _brings_own_token(as_, parts)
        permit = self._permit(bound, parts)
        # First: without it nothing is sent that could need undoing.
        token = self.token(as_) if ours else parts.get("token") or ""
        if permit.entries:
            self.policy.enter(permit)
        response = self._called(bound, as_, parts, permit.effect, token)
        for _ in range(RENEWALS if ours and "egress" not in parts else 0):
            # Some gateways say in other words, or in none, that a session has ended.
            refused = response.no_session or response.status == 401
            if not refused or not self.sessions.over(as_, token):
                break
            former, token = token, self.token(as_)
            if token == former and not response.no_session:  # alive: it is about something else
                break
            # Refused before any service saw it: safe to repeat.
            response = self._called(bound, as_, parts, permit.effect, token)
        if ours and not response.no_session:
            self.sessions.used(as_)
        self.policy.answered(permit, response.status)
        as_meant = carries_request_info(parts) and not {"url_path", "method"} & parts.keys()
        if ours and as_meant and response.reached:  # else a gateway may have refused the form
            self._admitted.add((self.actors.key(as_), operation))
        return replace(
            response,
            admitted=partial(self.admitted, as_, operation),
            served=partial(self._served, operation),
            foreign=self._foreign,
        )

    def admitted(self, actor: str, operation: str) -> bool:
        """Whether a service has answered an actor's call of an operation in this run.

        A token request is open to everybody: whoever refuses it judges it.
        """
        return operation == LOGIN or (self.actors.key(actor), operation) in self._admitted

    def _served(self, operation: str) -> bool:
        """Whether a service has answered anybody's call of an operation in this run."""
        return any(each == operation for _, each in set(self._admitted))

    def _foreign(self, codes: Collection[str]) -> bool:
        """Whether the gateway was seen to refuse the integrator, and with none of some codes."""
        known = self._refusing("codes", self._codes_of_gateway)
        return known is not None and not known.intersection(codes)

    def _codes_of_gateway(self) -> frozenset[str] | None:
        """Return the codes with which the gateway refuses who has no right; None if not seen."""
        try:
            refusal = self.unjudged().call("bill.search", url_path=NOWHERE, tolerant=True)
        except Inconclusive:
            return None
        return frozenset(refusal.codes) if refusal.status in {401, 403} else None

    def _permit(self, operation: Operation, parts: Parts) -> Permit:
        """Return what a call may do; NotAllowed where the target forbids it."""
        path = path_of(operation.path, parts) if leads_elsewhere(parts) else ""
        return self.policy.permit(
            operation.endpoint,
            request_of(parts, operation.endpoint),
            path="" if path == operation.path else path,
            tenant=parts.get("ledger_tenant", ""),
            check=self.check,
        )

    def _called(
        self, bound: Operation, as_: str, parts: Parts, effect: Effect, token: str
    ) -> Response:
        """Send a call, and again where that is harmless; Unanswered if no attempt succeeds."""
        sent = build(self.target, bound, parts, token)
        repeatable = bound.endpoint.repeatable and not parts.get("once", False)
        retries = 0 if parts.get("together", False) else self.target.limits.retries
        for attempt in range(retries + 1):
            raw_response = self._transport.send(sent.raw)
            if effect is not Effect.READS:
                self._act()
            response = self._recorder.record(
                bound,
                sent,
                raw_response,
                check=self._filed_under,
                actor=as_,
                attempts=attempt + 1,
                judged=self.judged,
                step=parts.get("step", ""),
            )
            problem = trouble(raw_response, response, tolerant=parts.get("tolerant", False))
            if response is not None and not problem:
                return self._observed(bound, sent, parts, response)
            harmless = repeatable or raw_response.status == 429 or not raw_response.sent
            if not harmless or attempt == retries:
                break
            self._transport.pause(raw_response, attempt)
        raise Unanswered(
            f"{bound.name} as {as_}: {problem}",
            TOO_MANY
            if raw_response.status == 429
            else "check the deployment and the proxies before it; then run again",
            response,
        )

    @property
    def _filed_under(self) -> str:
        """What an exchange is filed under: the check, unless something is made for several."""
        return SHARED if is_made_for_all() and self.check != SET_UP else self.check

    def _observed(self, bound: Operation, sent: Sent, parts: Parts, response: Response) -> Response:
        if not parts.get("unobserved", False):
            self._recorder.observe(bound, sent, response)
        return response

    def token(self, actor: str) -> str:
        """Return the actor's token, requested the first time; Inconclusive if refused."""
        return self.sessions.token(actor)

    def login(
        self,
        actor: str,
        changes: Mapping[str, str] | None = None,
        *,
        way: Callable[[Mapping[str, str]], Parts] | None = None,
        egress: str = FIRST_EGRESS,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Request a token of an actor; `changes` replace form fields, an empty one removes it.

        `way` returns the parts of the request by which the fields are sent, if not as a form.
        From then on the actor acts with that token: some deployments end the session before.
        """
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
        fields = {name: value for name, value in form.items() if value}
        parts: Parts = way(fields) if way is not None else {"form": fields}
        parts |= {"headers": {**parts.get("headers", {}), **(headers or {})}}
        parts |= {"egress": egress, "once": bool(changes), "tolerant": way is not None}
        with self.sessions.being_replaced(actor):
            began = time.monotonic()
            response = self.call(LOGIN, as_=actor, **parts)
            if token := _token_in(response):
                usual = not changes and egress == FIRST_EGRESS  # else another one is due
                until = began + _lifetime_in(response)
                self.sessions.put(actor, token if usual else "", until)
            return response

    def enlist(self, name: str, actor: Actor) -> None:
        """Add an actor that came into being during the run; one of a check is known to it alone."""
        self.redactor.learn(actor.password.get_secret_value())
        self.actors.enlist(name, actor)
        self.sessions.forget(name)

    def adopt(self, name: str, actor: Actor) -> None:
        """Let this check use an account that another one enlisted, and its session."""
        self.actors.enlist(name, actor)

    def actor(self, name: str) -> Actor:
        """Return an actor of the target; Inconclusive when the profile names none."""
        return self.actors.named(name)

    @property
    def numbering(self) -> Numbering:
        """The numbers of the run's exchanges."""
        return self._recorder.numbering

    @property
    def skew(self) -> int:
        """Deployment time minus local time in ms, by the Date header of the latest response."""
        return self._recorder.skew

    def require(self, effect: Effect) -> None:
        """Raise NotAllowed early where nothing with such an effect may leave for the target."""
        self.policy.require(effect)

    def control(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """Read a rehearsal control of the deployment (its virtual clock), or set it; no evidence.

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
        for attempt in range(self.target.limits.retries):
            if raw_response.status != 429:
                break
            self._transport.pause(raw_response, attempt)
            raw_response = self._transport.send(raw_request)
        self._act()
        if raw_response.status != 200:
            raise Inconclusive(
                f"the control {path} answers {raw_response.status or raw_response.failure}"
            )
        return reading_of(raw_response).body

    def last_act(self) -> float | None:
        """Return when this check last did more than read (`time.monotonic`), if it did."""
        return self._acts.get(self.check)

    def race(self) -> AbstractContextManager[None]:
        """Let nothing else be under way, so that calls meet each other and nothing more."""
        return self._transport.traffic.race()

    def abandon(self) -> None:
        """Let every further call, of any thread, end with `Abandoned`."""
        self._transport.abandon()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _act(self) -> None:
        self._acts[self.check] = time.monotonic()

    def _requested_token(self, actor: str) -> tuple[str, str]:
        """Request a token; return it, or an empty text, with how the deployment responded."""
        known_to_all = self.actors.key(actor)[0] == SET_UP  # and so is the token
        with made_for_all() if known_to_all else nullcontext():
            response = self.login(actor)
        return _token_in(response), response.description


def _brings_own_token(as_: str, parts: Parts) -> bool:
    """Whether a call carries the token that its actor has, in its RequestInfo or in a header."""
    own = as_ != ANONYMOUS and "token" not in parts
    return own and (carries_request_info(parts) or "token_header" in parts)


def _no_contract() -> None:
    """Let a request that is no operation have no contract."""


def _cited_nowhere(_check: str, _exchange: str) -> None:
    """Let a client that no run has count no evidence."""


def _token_in(response: Response) -> str:
    """Return the token that an answer to a token request holds; empty if it holds none."""
    body = response.body if isinstance(response.body, dict) else {}
    return str(body.get("access_token") or "") if response.succeeded else ""


def _lifetime_in(response: Response) -> float:
    """Return for how many seconds a token is issued; without end where that is not stated.

    A deployment that repeats a token in its last second states 0.
    """
    stated = response.body.get("expires_in") if isinstance(response.body, dict) else None
    if not isinstance(stated, int) or not 0 <= stated < NEVER:  # a larger one may be no float
        return math.inf
    return max(stated, 1)
