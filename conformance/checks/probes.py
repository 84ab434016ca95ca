"""Calls that show whether a gateway lets an actor through, without changing anything.

A refusal of the gateway is distinguished from an answer of the service: rights are checked before
the service sees the body, so a useless body is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Unpack

from conformance.bbps.flow import Bbps
from conformance.client.client import Parts
from conformance.client.response import Response

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
        tenant = tenant or bbps.target.tenant
        own: Parts = {
            "query": {key: value.format(tenant=tenant) for key, value in self.query.items()},
            "body": _filled(self.body, tenant),
            "path": self.path,
            "tolerant": True,
        }
        if self.operation == "transaction.update":  # where it is let through, it can only fail
            own["query"] = {**own["query"], **bbps.stating_failure}
        if self.url_path:
            own["url_path"] = self.url_path
        return bbps.client.call(self.operation, as_=as_, **(own | parts))


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
)


def _filled(node: Any, tenant: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _filled(value, tenant) for key, value in node.items()}
    return node.format(tenant=tenant) if isinstance(node, str) else node
