"""Calls that show whether a gateway lets an actor through, without changing anything.

A refusal of the gateway is distinguished from an answer of the service: rights are checked before
the service sees the body, so a useless body is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Unpack

from conformance.bbps.dimensions.channels import Carrier, Claimed
from conformance.bbps.flow import Bbps
from conformance.client.client import Parts
from conformance.client.response import Response
from conformance.client.transport import FIRST_EGRESS

NOBODY: Final = "CONF-NONE"
TENANT: Final = {"tenantId": "{tenant}"}


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
    ) -> Response:
        """Make the call as an actor in a city; `parts` replace or add what the client knows."""
        query, body = self._filled(bbps, tenant)
        own: Parts = {"query": query, "body": body, "path": self.path, "tolerant": True}
        if self.url_path:
            own["url_path"] = self.url_path
        return bbps.client.call(self.operation, as_=as_, **(own | parts))

    def carried(
        self, bbps: Bbps, carrier: Carrier, token: str, *, as_: str, egress: str = FIRST_EGRESS
    ) -> Response:
        """Make the call with a token that is brought in a certain way; an empty one is none."""
        parts = carrier.parts(token, *self._filled(bbps))
        place: Parts = {"path": self.path, "egress": egress}
        return bbps.client.call(self.operation, as_=as_, **(parts | place))

    def claiming(self, bbps: Bbps, claim: Claimed, *, as_: str = "integrator") -> Response:
        """Make the call while claiming an identity."""
        query, body = self._filled(bbps)
        return self.call(bbps, as_=as_, **claim.parts(query, body))

    def _filled(self, bbps: Bbps, tenant: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
        """Return query and body for a city."""
        tenant = tenant or bbps.target.tenant
        query = {key: value.format(tenant=tenant) for key, value in self.query.items()}
        if self.operation == "transaction.update":  # where it is let through, it can only fail
            query |= bbps.stating_failure
        return query, _filled(self.body, tenant)


def harmless(operation: str, url_path: str = "") -> Probe:
    """A harmless, useless call of an operation, or of a path that no operation names."""
    path = {"module": "PT"} if operation in {"payment.module-search", "payment.workflow"} else {}
    return Probe(operation=operation, query=TENANT, body=TENANT, path=path, url_path=url_path)


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

# What is none of the four actions, and of no use to whoever only integrates.
FORBIDDEN: Final = (
    harmless("payment.search"),
    harmless("payment.module-search"),
    harmless("payment.workflow"),
    harmless("payment.validate"),
    harmless("transaction.search"),
    harmless("gateway.search"),
    harmless("bill.search"),
    harmless("bill.cancel"),
    harmless("demand.create"),
    harmless("demand.search"),
    harmless("demand.update"),
    harmless("user.update"),
    harmless("user.search-v1"),
    harmless("access.roles"),
    harmless("access.authorize"),
    harmless("employee.create"),
    harmless("demand.search", "/egov-hrms/employees/_search"),
    harmless("demand.search", "/property-services/property/_search"),
    harmless("demand.search", "/user/password/_update"),
    harmless("user.update", "/user/profile/_update"),
)


def _filled(node: Any, tenant: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _filled(value, tenant) for key, value in node.items()}
    return node.format(tenant=tenant) if isinstance(node, str) else node
