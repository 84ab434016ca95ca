"""The operations of the suite: one name each, bound to a service and to a path at the gateway.

Names are the operationIds of the contracts. Paths are those of running DIGIT; a contract that
publishes another one is found by `published`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation: `path` is whole, through the gateway; `published` as base path + path."""

    name: str
    service: str
    method: str
    path: str
    published: str = ""  # empty: no contract publishes it


def _endpoint(name: str, service: str, path: str, published: str = "") -> Endpoint:
    return Endpoint(name=name, service=service, method="POST", path=path, published=published)


ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    each.name: each
    for each in (
        _endpoint("user.create", "user", "/user/users/_createnovalidate", "/users/v110/_create"),
        _endpoint("user.update", "user", "/user/users/_updatenovalidate", "/users/v110/_update"),
        _endpoint("user.search", "user", "/user/_search", "/users/v110/_search"),
        _endpoint("user.search-v1", "user", "/user/v1/_search"),
        _endpoint("token.create", "user", "/user/oauth/token"),
        _endpoint("token.details", "user", "/user/_details"),
        _endpoint("token.revoke", "user", "/user/_logout"),
        _endpoint("access.authorize", "access-control", "/access/v1/actions/_authorize"),
        _endpoint("access.actions", "access-control", "/access/v1/actions/mdms/_get"),
        _endpoint("access.roles", "access-control", "/access/v1/roles/_search",
                  "/access/v1/roles/_search"),
        _endpoint("mdms.search", "mdms", "/egov-mdms-service/v1/_search", "/mdms/v1/_search"),
        _endpoint("mdms.get", "mdms", "/egov-mdms-service/v1/_get"),
        _endpoint("demand.create", "billing-service", "/billing-service/demand/_create",
                  "/billingservice/demand/_create"),
        _endpoint("demand.search", "billing-service", "/billing-service/demand/_search",
                  "/billingservice/demand/_search"),
        _endpoint("demand.update", "billing-service", "/billing-service/demand/_update",
                  "/billingservice/demand/_update"),
        _endpoint("bill.fetch", "billing-service", "/billing-service/bill/v2/_fetchbill",
                  "/billingservice/bill/_fetchBill"),
        _endpoint("bill.search", "billing-service", "/billing-service/bill/v2/_search",
                  "/billingservice/bill/_search"),
        _endpoint("bill.cancel", "billing-service", "/billing-service/bill/v2/_cancelbill"),
        _endpoint("transaction.create", "pg-service", "/pg-service/transaction/v1/_create",
                  "/egov-pg-service/payments/v1/_create"),
        _endpoint("transaction.search", "pg-service", "/pg-service/transaction/v1/_search",
                  "/egov-pg-service/payments/v1/_search"),
        _endpoint("transaction.update", "pg-service", "/pg-service/transaction/v1/_update",
                  "/egov-pg-service/payments/v1/_update"),
        _endpoint("gateway.search", "pg-service", "/pg-service/gateway/v1/_search"),
        _endpoint("payment.create", "collection-services", "/collection-services/payments/_create",
                  "/payments/_create"),
        _endpoint("payment.validate", "collection-services",
                  "/collection-services/payments/_validate", "/payments/_validate"),
        _endpoint("payment.search", "collection-services", "/collection-services/payments/_search",
                  "/payments/_search"),
        _endpoint("payment.module-search", "collection-services",
                  "/collection-services/payments/{module}/_search"),
        _endpoint("payment.workflow", "collection-services",
                  "/collection-services/payments/{module}/_workflow", "/payments/_workflow"),
        _endpoint("employee.create", "employee", "/egov-hrms/employees/_create"),
    )
}  # fmt: skip


def endpoint_at(service: str, base: str, path: str) -> Endpoint | None:
    """Return the operation of a service that a document states at a base path and a path."""
    candidates = [each for each in ENDPOINTS.values() if each.service == service]
    whole = _plain(base.rstrip("/") + path)
    for each in candidates:
        if whole in {_plain(each.path), _plain(each.published)}:
            return each
    # A copy with another base path: whatever the last part of the path fits best.
    fitting = [each for each in candidates if _plain(each.path).endswith(_plain(path))]
    return min(fitting, key=lambda each: len(each.path), default=None)


def _plain(path: str) -> str:
    """A path without the names of its parameters and without doubled slashes."""
    return re.sub(r"/+", "/", re.sub(r"\{[^}]*\}", "{}", path))
