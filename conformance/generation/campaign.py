"""Generated requests of a run: sent by the suite's own client, judged, reported once per cause.

Nothing of it can move money: what is paid, finished or cancelled does not exist (see plan). That
the deployment sees it so is not certain, so that nothing of it leaves in a mode that moves none.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.bbps.flow import Bbps
from conformance.client.client import ANONYMOUS, Parts
from conformance.client.response import Response, encode
from conformance.contracts import Contracts
from conformance.contracts.effects import NOWHERE, Effect
from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.generation.cases import CaseSource, GeneratedCase
from conformance.generation.counterexamples import search, shrink
from conformance.generation.plan import CALLERS, Plan
from conformance.generation.response_rules import failures_of
from conformance.generation.values import allowed, changed, forbidden, places
from conformance.profile.target import Mode

TRIES: Final = 3  # a failing answer must last; noise on the line blames nobody
UPDATE: Final = "transaction.update"
GIVEN: Final = frozenset({"authToken", "userInfo"})
UNANSWERED_IN_A_ROW: Final = (
    5  # requests in a row without an answer, before an operation is left alone
)


@dataclass(slots=True, kw_only=True)
class GeneratedFailure:
    """One way in which an operation fails: its cause, how often, and the smallest request."""

    requirement: str
    cause: str
    detail: str
    case: GeneratedCase
    exchange: str
    times: int = 0

    @property
    def description(self) -> str:
        """The cause in one clause, for `observed` sentences."""
        requests = "1 request" if self.times == 1 else f"{self.times} requests"
        return f"{self.cause}{self.detail} ({requests})"


@dataclass(slots=True, kw_only=True)
class GenerationResult:
    """What came of the generated requests of one operation."""

    operation: str
    sent: int = 0
    accepted: int = 0
    undecided: int = 0
    in_a_row: int = 0  # without an answer
    gave_up: bool = False  # requests were left out, for so many had no answer
    trouble: str = ""
    last: str = ""  # id of the latest exchange
    found: dict[tuple[str, str], GeneratedFailure] = field(default_factory=dict)

    def of(self, requirement: str) -> list[GeneratedFailure]:
        """Return the failures of one requirement, the most frequent first."""
        own = [each for each in self.found.values() if each.requirement == requirement]
        return sorted(own, key=lambda each: -each.times)

    @property
    def description(self) -> str:
        """How many requests, and how they were answered."""
        refused = self.sent - self.accepted - self.undecided
        undecided = f", {self.undecided} without an answer" if self.undecided else ""
        return (
            f"{self.sent} generated requests: {self.accepted} accepted, {refused} refused"
            + undecided
        )


class Campaign:
    """The generated requests of one run; each operation's are sent once, when first needed."""

    def __init__(self, bbps: Bbps, contracts: Contracts, plan: Plan) -> None:
        self.plan = plan
        self.bbps = bbps
        self.contracts = contracts
        pins = {"tenantId": bbps.target.tenant}
        self.source = CaseSource(contracts, pins, request_info=plan.bounds.request_info)
        self._results: dict[tuple[str, bool], GenerationResult] = {}

    @property
    def sent(self) -> int:
        """How many requests were generated and sent so far."""
        return sum(result.sent for result in self._results.values())

    def valid(self, operation: str) -> GenerationResult:
        """Send valid requests: at the boundaries, by chance, and one field changed at a time."""
        return self._once(operation, valid=True)

    def invalid(self, operation: str) -> GenerationResult:
        """Send requests that break the contract in one place."""
        return self._once(operation, valid=False)

    def repeat(self, failure: GeneratedFailure) -> Response:
        """Send the smallest request of a failure again, as the evidence of the current check."""
        return self._send(failure.case)

    def _once(self, operation: str, *, valid: bool) -> GenerationResult:
        """Return the outcome; NotApplicable where the profile or the contract leaves it out.

        NotAllowed where the target lets no such request leave.
        """
        effect = self._effect(operation)
        if self.bbps.target.mode is Mode.INSPECT and effect is not Effect.READS:
            raise NotApplicable("mode inspect generates only requests that read")
        self.bbps.client.require(effect)
        if not self.source.documents(operation):
            raise NotApplicable(f"the contract does not document {operation}")
        key = (operation, valid)
        if key not in self._results:
            self._results[key] = GenerationResult(
                operation=operation
            )  # a breakdown is not repeated
            self._carry_out(self._results[key], valid=valid)
        return self._results[key]

    def _effect(self, operation: str) -> Effect:
        """Return what generated requests of an operation may do at most: see `_parts`."""
        endpoint = ENDPOINTS[operation]
        if operation == "bill.fetch" or (operation == UPDATE and self.bbps.stating_failure):
            assert endpoint.milder is not None
            return endpoint.milder.effect
        return endpoint.effect

    def _carry_out(self, result: GenerationResult, *, valid: bool) -> None:
        bounds, operation = self.plan.bounds, result.operation
        count = bounds.boundaries if valid else bounds.invalid
        cases = self.source.boundaries(operation, count, self.plan.seed, valid=valid)
        sending = _Sending(self._send, result, count)
        for case in cases:
            sending.causes(case)
        self._make_smaller(result)
        if valid and bounds.fuzzed:
            self._search_field(result, self.source.fuzzed(operation), bounds.fuzzed)
        if operation in BASES:
            self._search_field(result, self._one_field(operation, valid=valid), bounds.properties)

    def _make_smaller(self, result: GenerationResult) -> None:
        """Look for a smaller request of each cause; `result` keeps the smallest."""
        sending = _Sending(self._send, result, self.plan.bounds.shrinking)
        for (requirement, cause), failure in list(result.found.items()):
            shrink(failure.case, partial(sending.shows, f"{requirement}: {cause}"))

    def _search_field(
        self, result: GenerationResult, strategy: SearchStrategy[GeneratedCase], examples: int
    ) -> None:
        sending = _Sending(self._send, result, examples + self.plan.bounds.shrinking)
        search(strategy, sending.causes, examples=examples, seed=self.plan.seed)

    def _one_field(self, operation: str, *, valid: bool) -> SearchStrategy[GeneratedCase]:
        """Change one field of a request that is right, so that the change alone is judged."""
        described = self.contracts.operations[operation]
        body = BASES[operation](self.bbps)
        schema = described.request_schema
        fields = [each for each in places(schema, described.bundle, body) if len(each.path) > 1]
        value_of = allowed if valid else forbidden
        real = operation == "payment.validate"  # stores nothing, so that the bill may be a real one

        def with_value(place: Any) -> SearchStrategy[GeneratedCase]:
            return value_of(place).map(lambda value: as_case(changed(body, place.path, value)))

        def as_case(document: dict[str, Any]) -> GeneratedCase:
            return GeneratedCase(
                operation=operation, body=document if real else self.source.pinned(document)
            )

        def fits(case: GeneratedCase) -> bool:
            return valid != bool(case.broken_places(described))

        able = [each for each in fields if not value_of(each).is_empty]
        return st.sampled_from(able).flatmap(with_value).filter(fits)

    def _send(self, case: GeneratedCase) -> Response:
        caller = CALLERS[case.operation]
        if caller != ANONYMOUS and caller not in self.bbps.client.actors:
            caller = "integrator"
        return self.bbps.client.call(case.operation, as_=caller, **self._parts(case))

    def _parts(self, case: GeneratedCase) -> Parts:
        parts: Parts = {
            "query": dict(case.query),
            "path": {"module": self.bbps.target.bills.search_module},
            "tolerant": True,
            "unobserved": True,
        }
        if case.operation == UPDATE and not self.bbps.target.mode.pays:
            parts["query"] = {**case.query, **self.bbps.stating_failure}
        if case.operation == "bill.fetch":
            # Without it, some lines make bills for everybody.
            parts["query"] = {"consumerCode": NOWHERE, **case.query}
        if case.form and isinstance(case.body, dict):
            parts["form"] = {name: str(value) for name, value in case.body.items()}
        elif isinstance(case.body, dict):
            parts["body"], parts["request_info"] = _with_own_token(case.body)
        else:
            parts["raw"] = encode(case.body)
        return parts


class _Sending:
    """Sends cases within an allowance, remembers them, and files how they fail."""

    def __init__(
        self, send: Callable[[GeneratedCase], Response], result: GenerationResult, allowance: int
    ) -> None:
        self._send = send
        self._result = result
        self._left = allowance
        self._seen: dict[str, frozenset[str]] = {}

    def causes(self, case: GeneratedCase) -> Collection[str]:
        """Send a case unless it was sent before; return how it fails, if that lasts."""
        if case.key not in self._seen:
            if self._left <= 0:
                return ()
            if self._result.in_a_row >= UNANSWERED_IN_A_ROW:
                self._result.gave_up = True
                return ()
            self._left -= 1
            self._seen[case.key] = self._judged(case)
        return self._seen[case.key]

    def shows(self, cause: str, case: GeneratedCase) -> bool:
        """Whether a case fails in a certain way."""
        return cause in self.causes(case)

    def _judged(self, case: GeneratedCase) -> frozenset[str]:
        result = self._result
        result.sent += 1
        failures: dict[tuple[str, str], tuple[str, str]] = {}
        for attempt in range(TRIES):
            try:
                response = self._send(case)
            except Inconclusive as undecided:
                result.undecided += 1
                result.in_a_row += 1
                result.trouble = str(undecided)
                return frozenset()
            result.in_a_row = 0
            result.last = response.exchange.id
            result.accepted += response.succeeded and not attempt
            now = {
                (requirement, cause): (detail, response.exchange.id)
                for requirement, cause, detail in failures_of(response)
            }
            failures = {key: now[key] for key in now if not attempt or key in failures}
            if not failures:
                return frozenset()
        for key, (detail, exchange) in failures.items():
            self._file(key, detail, case, exchange)
        return frozenset(": ".join(key) for key in failures)

    def _file(self, key: tuple[str, str], detail: str, case: GeneratedCase, exchange: str) -> None:
        found = self._result.found
        times = found[key].times if key in found else 0
        if key not in found or case.size < found[key].case.size:
            requirement, cause = key
            found[key] = GeneratedFailure(
                requirement=requirement, cause=cause, detail=detail, case=case, exchange=exchange
            )
        found[key].times = times + 1


def _validation(bbps: Bbps) -> dict[str, Any]:
    """A payment of a real bill where one may be had, else of none."""
    try:
        bill = bbps.new_bill()
    except Inconclusive:
        return _payment(bbps)
    return {"Payment": bbps.payment_request(bill, "CASH", bill.amount)}


def _payment(bbps: Bbps) -> dict[str, Any]:
    nowhere = bbps.unknown_bill(NOWHERE, NOWHERE)
    return {"Payment": bbps.payment_request(nowhere, "CASH", nowhere.amount)}


def _transaction(bbps: Bbps) -> dict[str, Any]:
    nowhere = bbps.unknown_bill(NOWHERE, NOWHERE)
    return {"Transaction": bbps.transaction_request(nowhere, nowhere.amount)}


# Requests that are right, to change one field of.
BASES: Final[dict[str, Callable[[Bbps], dict[str, Any]]]] = {
    "payment.validate": _validation,
    "payment.create": _payment,
    "transaction.create": _transaction,
}


def _with_own_token(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a body from its RequestInfo: the client supplies the token, a gateway the user."""
    info = body.get("RequestInfo")
    if not isinstance(info, dict):
        return body, {}
    rest = {key: value for key, value in body.items() if key != "RequestInfo"}
    return rest, {key: value for key, value in info.items() if key not in GIVEN}
