"""Generated requests of a run: sent by the suite's own client, judged, reported once per cause.

What chance chooses names nothing that exists (see plan). Requests that are right in all but one
place name a few cheap things of the run (see supplies), so that the one place decides. That the
deployment sees it so is not certain, so that nothing of it leaves in a mode that moves no money.
"""

import copy
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

from hypothesis.strategies import SearchStrategy

from conformance.bbps.flow import Bbps
from conformance.client.client import ANONYMOUS, Parts
from conformance.client.response import Response, encode
from conformance.contracts import Contracts
from conformance.contracts.effects import NOWHERE, Effect
from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.generation.cases import CaseSource, GeneratedCase, transplanted
from conformance.generation.counterexamples import search, shrink
from conformance.generation.fields import one_field, several_fields
from conformance.generation.plan import CALLERS, DISPENSABLE, FALLBACK, IDENTIFIERS, ONE_FIELD, Plan
from conformance.generation.results import Control, GeneratedFailure, GenerationResult
from conformance.generation.right_requests import right_request
from conformance.generation.sending import Sending
from conformance.generation.supplies import Supply, filled
from conformance.profile.target import Mode

UPDATE: Final = "transaction.update"
GIVEN: Final = frozenset({"authToken", "userInfo"})


class Campaign:
    """The generated requests of one run; each operation's are sent once, when first needed."""

    def __init__(self, bbps: Bbps, contracts: Contracts, plan: Plan) -> None:
        self.plan = plan
        self.bbps = bbps
        self.contracts = contracts
        self.source = CaseSource(contracts, _pins(bbps), request_info=plan.bounds.request_info)
        self._results: dict[tuple[str, bool], GenerationResult] = {}
        self._controls: dict[str, tuple[Control, GenerationResult]] = {}
        self._supplies: dict[str, Supply] = {}

    def for_check(self, check: str) -> Self:
        """Return a view that sends for one check; what was sent so far is shared."""
        view = copy.copy(self)
        view.bbps = self.bbps.for_check(check)
        return view

    @property
    def sent(self) -> int:
        """How many requests were generated and sent so far, controls aside."""
        return sum(result.sent for result in self._results.values())

    def valid(self, operation: str) -> GenerationResult:
        """Send valid requests: at the boundaries, and with several fields changed, or one."""
        return self._once(operation, valid=True)

    def invalid(self, operation: str) -> GenerationResult:
        """Send requests that break the contract in one place."""
        return self._once(operation, valid=False)

    def control(self, operation: str) -> Control:
        """Return how the right request was answered, by the first actor who may send it."""
        return self._controlled(operation)[0]

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
        control, controlled = self._controlled(operation)
        if control.closed and operation in DISPENSABLE:
            raise NotApplicable(
                f"nothing of BBPS needs {operation}, and the gateway answers {control.answer} to "
                "every actor of the profile"
            )
        key = (operation, valid)
        if key not in self._results:
            result = GenerationResult(operation=operation)
            self._results[key] = result  # a breakdown is not repeated
            if valid or control.closed:
                result.include(controlled)
            if not control.closed:
                self._carry_out(result, valid=valid)
        return self._results[key]

    def _effect(self, operation: str) -> Effect:
        """Return what generated requests of an operation may do at most: see `_parts`."""
        endpoint = ENDPOINTS[operation]
        if operation == "bill.fetch" or (operation == UPDATE and self.bbps.stating_failure):
            assert endpoint.milder is not None
            return endpoint.milder.effect
        return endpoint.effect

    def _controlled(self, operation: str) -> tuple[Control, GenerationResult]:
        if operation not in self._controls:
            result = GenerationResult(operation=operation)
            self._controls[operation] = self._control_of(operation, result), result
        return self._controls[operation]

    def _control_of(self, operation: str, result: GenerationResult) -> Control:
        """Send the right request as one actor after another, until a service answers."""
        control = Control(caller=CALLERS[operation])
        try:
            case = right_request(self.bbps, operation)
        except Inconclusive as problem:
            control.answer, control.remedy = problem.reason, problem.remedy
            return control
        for caller in dict.fromkeys((CALLERS[operation], FALLBACK)):
            response = self._tried(case, caller, result)
            if response is None:
                control.answer, control.remedy = result.trouble, "see what is in front of it"
                return control
            control.answer, control.closed = response.description, response.denied
            if not response.denied:
                control.caller, control.accepted = caller, response.succeeded
                break
        control.remedy = self._remedy(operation, control)
        return control

    def _tried(self, case: GeneratedCase, caller: str, result: GenerationResult) -> Response | None:
        """Send the right request as an actor; return the first answer, if one came."""
        answers: list[Response] = []

        def send(case: GeneratedCase) -> Response:
            answers.append(self._send(case, caller))
            return answers[-1]

        Sending(send, result, 1).causes(case)
        return answers[0] if answers else None

    def _remedy(self, operation: str, control: Control) -> str:
        if control.closed:
            return f"let the {control.caller} call it at the gateway"
        trouble = self._supply(operation).trouble
        if trouble is not None:
            return f"{trouble.reason}; {trouble.remedy}"
        return "correct bills.* and outcome.gateway in the profile, or see what refuses it"

    def _supply(self, operation: str) -> Supply:
        if operation not in self._supplies:
            self._supplies[operation] = Supply(operation, self.plan.bounds.accepted)
        return self._supplies[operation]

    def _carry_out(self, result: GenerationResult, *, valid: bool) -> None:
        bounds, operation = self.plan.bounds, result.operation
        if not valid:
            self._supply(operation).allow(bounds.accepted)
        count = bounds.boundaries if valid else bounds.invalid
        cases = self._boundaries(operation, count, valid=valid)
        if valid and bounds.fuzzed:
            cases += self._mixed(operation, cases)
        sending = Sending(self._send, result, count + bounds.fuzzed)
        for case in cases:
            sending.causes(case)
        self._make_smaller(result)
        if operation in ONE_FIELD:
            self._search(result, self._one_field(operation, valid=valid), bounds.properties)

    def _boundaries(self, operation: str, count: int, *, valid: bool) -> list[GeneratedCase]:
        """Return boundary cases; one that breaks the contract is right in all other places."""
        cases = self.source.boundaries(operation, count, self.plan.seed, valid=valid)
        if valid:
            return cases
        described = self.contracts.operations[operation]
        try:
            right = right_request(self.bbps, operation)
        except Inconclusive:
            return cases
        return [transplanted(each, right, described) for each in cases]

    def _make_smaller(self, result: GenerationResult) -> None:
        """Look for a smaller request of each cause; `result` keeps the smallest."""
        sending = Sending(self._send, result, self.plan.bounds.shrinking)
        for (requirement, cause), failure in list(result.found.items()):
            shrink(failure.case, partial(sending.shows, f"{requirement}: {cause}"))

    def _search(
        self, result: GenerationResult, strategy: SearchStrategy[GeneratedCase], examples: int
    ) -> None:
        if strategy.is_empty:
            return
        sending = Sending(self._send, result, examples + self.plan.bounds.shrinking)
        search(strategy, sending.causes, examples=examples, seed=self.plan.seed)

    def _one_field(self, operation: str, *, valid: bool) -> SearchStrategy[GeneratedCase]:
        right, described = right_request(self.bbps, operation), self.contracts.operations[operation]
        return one_field(right, described, IDENTIFIERS, self.source.pinned, valid=valid)

    def _mixed(self, operation: str, boundaries: list[GeneratedCase]) -> list[GeneratedCase]:
        """Return requests that differ from the longest and the right one.

        The shortest may name no criterion: many like it would each be answered with a whole city.
        """
        bases = sorted(boundaries, key=lambda case: case.size)[-1:]
        with suppress(Inconclusive):
            bases.append(replace(right_request(self.bbps, operation), real=False))
        made = several_fields(
            bases,
            self.contracts.operations[operation],
            self.source.pins,
            count=self.plan.bounds.fuzzed,
            seed=self.plan.seed,
        )
        return list(made)

    def _send(self, case: GeneratedCase, caller: str = "") -> Response:
        caller = caller or self.control(case.operation).caller
        if caller != ANONYMOUS and caller not in self.bbps.client.actors:
            caller = "integrator"
        response = self.bbps.client.call(case.operation, as_=caller, **self._parts(case))
        if case.real and response.succeeded:
            self._supply(case.operation).accepted()
        return response

    def _parts(self, case: GeneratedCase) -> Parts:
        query, body = case.query, case.body
        if case.real:
            filling = self._supply(case.operation).filling(self.bbps, [query, body])
            query, body = filled(query, filling), filled(body, filling)
        parts: Parts = {
            "query": dict(query),
            "path": {"module": self.bbps.target.bills.search_module},
            "tolerant": True,
            "unobserved": True,
        }
        if case.operation == UPDATE and not self.bbps.target.mode.pays:
            parts["query"] = {**query, **self.bbps.stating_failure}
        if case.operation == "bill.fetch":
            # Without it, some lines make bills for everybody.
            parts["query"] = {"consumerCode": NOWHERE, **query}
        if case.form and isinstance(body, dict):
            parts["form"] = {name: str(value) for name, value in body.items()}
        elif isinstance(body, dict):
            parts["body"], parts["request_info"] = _with_own_token(body)
        else:
            parts["raw"] = encode(body)
        return parts


def _pins(bbps: Bbps) -> dict[str, str]:
    """Names whose values the profile chooses, in requests by chance."""
    bills = bbps.target.bills
    return {
        "tenantId": bbps.target.tenant,
        "gateway": bbps.target.outcome.gateway,
        "businessService": bills.business_service,
        "module": bills.business_service,
    }


def _with_own_token(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a body from its RequestInfo: the client supplies the token, a gateway the user."""
    info = body.get("RequestInfo")
    if not isinstance(info, dict):
        return body, {}
    rest = {key: value for key, value in body.items() if key != "RequestInfo"}
    return rest, {key: value for key, value in info.items() if key not in GIVEN}
