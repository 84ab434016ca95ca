"""Calls that show whether a gateway lets an actor through, without changing anything.

A refusal of the gateway is told from an answer of the service: rights are checked before the
service sees the body, so a useless body is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Unpack

from conformance.bbps.flow import Bbps
from conformance.checks.expect import demand
from conformance.client.client import Parts
from conformance.client.response import Answer
from conformance.core.verdicts import Inconclusive, Violation

NOBODY: Final = "CONF-NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One harmless call of an operation; `body` and `query` may hold {tenant}."""

    operation: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    url_path: str = ""

    def __str__(self) -> str:
        return self.url_path or self.operation

    def call(
        self, bbps: Bbps, *, as_: str = "integrator", tenant: str = "", **parts: Unpack[Parts]
    ) -> Answer:
        """Make the call as an actor in a city; `parts` replace or add what the client knows."""
        tenant = tenant or bbps.target.tenant
        own: Parts = {
            "query": {key: value.format(tenant=tenant) for key, value in self.query.items()},
            "body": _filled(self.body, tenant),
            "path": self.path,
            "tolerant": True,
        }
        if self.operation == "transaction.update":  # whoever gets through: it can only fail
            own["query"] = {**own["query"], **bbps.stating_failure}
        if self.url_path:
            own["url_path"] = self.url_path
        return bbps.client.call(self.operation, as_=as_, **(own | parts))


UPDATE: Final = Probe(
    operation="transaction.update",
    query={"transactionId": NOBODY},
    body={"tenantId": "{tenant}"},
)
BBPS_ACTIONS: Final = (
    Probe(
        operation="bill.fetch",
        query={"tenantId": "{tenant}", "consumerCode": NOBODY},
        body={"tenantId": "{tenant}"},
    ),
    Probe(operation="transaction.create", body={"Transaction": {"tenantId": "{tenant}"}}),
    UPDATE,
    Probe(operation="payment.create", body={"Payment": {"tenantId": "{tenant}"}}),
)


def was_denied(answer: Answer) -> bool:
    """Whether a gateway (or something before it) refused the call."""
    if answer.status in {401, 403}:
        return True
    return answer.status >= 400 and answer.not_allowed


def was_reached(answer: Answer) -> bool:
    """Whether a service answered: a 2xx, or a 400 with a code of its own."""
    return answer.succeeded or (answer.status == 400 and not was_denied(answer))


def denied(answer: Answer, what: str) -> None:
    """Demand that a call was refused before a service saw it."""
    if was_reached(answer):
        raise Violation(f"{what} is refused", f"it reached the service: {answer.in_words}")
    if not was_denied(answer):
        raise Inconclusive(
            f"{what} was answered {answer.in_words}: neither a refusal nor a service's answer",
            "see what stands at this path on the deployment",
        )


def closed_to_get(answer: Answer, what: str) -> None:
    """Demand that a call by GET was refused; a deployment that knows no GET there refuses it."""
    if answer.status not in {404, 405}:
        denied(answer, what)


def reached(
    bbps: Bbps, probe: Probe, *, as_: str = "integrator", headers: Mapping[str, str] | None = None
) -> None:
    """Make sure, as a control, that an actor gets through: Inconclusive if it does not."""
    answer = probe.call(bbps, as_=as_, headers=headers or {})
    if not was_reached(answer):
        raise Inconclusive(
            f"the control call {probe} as {as_} did not get through: {answer.in_words}",
            "see MDM-04 for the role's mapping",
        )


def outside(answer: Answer, requirement: str) -> None:
    """Make sure, as a control, that an address is shut out: Inconclusive if it is not."""
    if was_reached(answer) and "error" not in (answer.body or {}):
        raise Inconclusive(
            f"the other address is not shut out in the first place ({answer.in_words})",
            f"see {requirement} for the binding itself",
        )


def gets_through(answer: Answer, what: str) -> None:
    """Demand that a call reached its service."""
    demand(
        was_reached(answer),
        required=f"{what} reaches its service",
        observed=f"it was answered {answer.in_words}",
    )


def _filled(node: Any, tenant: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _filled(value, tenant) for key, value in node.items()}
    return node.format(tenant=tenant) if isinstance(node, str) else node
