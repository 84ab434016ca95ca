"""The operations of the suite: one name each, bound to a service and to a path at the gateway.

Names are the operationIds of the contracts. Paths are those of running DIGIT; a contract that
publishes another one is found by `published`. What an operation does to a deployment stands here,
and nowhere else; `client.policy` enforces it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from conformance.contracts.effects import Condition, Creation, Effect, Milder
from conformance.core.ledger import ACCOUNT, DEMAND, NO_ACCOUNT, PAYMENT, TRANSACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation: `path` is whole, through the gateway; `published` as base path + path.

    `effect` is the gravest that a request may have; one that fits `milder` has less.
    `repeatable`: a second attempt changes nothing that a first, perhaps lost, one did not change.
    """

    name: str
    service: str
    method: str
    path: str
    published: str = ""  # empty: no contract publishes it
    effect: Effect
    repeatable: bool
    milder: Milder | None = None
    creates: Creation | None = None

    @property
    def depends_on_content(self) -> bool:
        """Whether what a request says decides what it may do, or creates."""
        return self.milder is not None or self.creates is not None


def _reads(name: str, service: str, path: str, published: str = "") -> Endpoint:
    return Endpoint(
        name=name,
        service=service,
        method="POST",
        path=path,
        published=published,
        effect=Effect.READS,
        repeatable=True,
    )


def _writes(name: str, service: str, path: str, published: str = "", **more: Any) -> Endpoint:
    declared: dict[str, Any] = {"effect": Effect.WRITES, "repeatable": False, **more}
    return Endpoint(
        name=name, service=service, method="POST", path=path, published=published, **declared
    )


def _moves_money(
    name: str, service: str, path: str, published: str, *, milder: Milder, **more: Any
) -> Endpoint:
    declared = {"effect": Effect.MOVES_MONEY, "milder": milder, **more}
    return _writes(name, service, path, published, **declared)


# What is requested; a refused account is entered as such, since it may be somebody else's.
_AN_ACCOUNT: Final = Creation(
    kind=ACCOUNT, key="user.userName", tenant="user.tenantId", refused=NO_ACCOUNT
)
_DEMANDS: Final = Creation(kind=DEMAND, key="Demands.*.consumerCode", tenant="Demands.*.tenantId")
# Its rupees are reserved against the cap: a later report of success makes them move.
_A_TRANSACTION: Final = Creation(
    kind=TRANSACTION,
    key="Transaction.billId",
    tenant="Transaction.tenantId",
    rupees=("Transaction.txnAmount", "Transaction.taxAndPayments.*.amountPaid"),
)
_A_PAYMENT: Final = Creation(
    kind=PAYMENT,
    key="Payment.paymentDetails.*.billId",
    tenant="Payment.tenantId",
    rupees=("Payment.totalAmountPaid", "Payment.paymentDetails.*.totalAmountPaid"),
)
# The service fetches a bill that has no valid one by writing it down; behind nobody's code there
# is no demand, so that nothing is written.
_LOOKING: Final = Milder(when=Condition.NOBODYS_CODE, effect=Effect.READS)
# Success finishes a transaction and takes its payment. An update that states no outcome lets the
# payment gateway decide, so that it may do the same.
_FAILING: Final = Milder(when=Condition.STATES_FAILURE, effect=Effect.WRITES)
# A payment pays the bills that it names; with neither bill nor amount there is nothing to pay.
_PAYING_NOTHING: Final = Milder(
    when=Condition.NAMES_NO_FIELD,
    effect=Effect.WRITES,
    fields=("paymentDetails", "billId", "totalAmountPaid"),
)
# A cancelled or dishonoured payment has to be given back: its money moves, too.
_CANCELLING_NOTHING: Final = Milder(
    when=Condition.NAMES_NO_FIELD, effect=Effect.WRITES, fields=("paymentId",)
)

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    each.name: each
    for each in (
        _writes("user.create", "user", "/user/users/_createnovalidate", "/users/v110/_create",
                creates=_AN_ACCOUNT),
        _writes("user.update", "user", "/user/users/_updatenovalidate", "/users/v110/_update"),
        _reads("user.search", "user", "/user/_search", "/users/v110/_search"),
        _reads("user.search-v1", "user", "/user/v1/_search"),
        _reads("token.create", "user", "/user/oauth/token"),
        _reads("token.details", "user", "/user/_details"),
        _writes("token.revoke", "user", "/user/_logout"),
        _reads("access.authorize", "access-control", "/access/v1/actions/_authorize"),
        _reads("access.actions", "access-control", "/access/v1/actions/mdms/_get"),
        _reads("access.roles", "access-control", "/access/v1/roles/_search",
               "/access/v1/roles/_search"),
        _reads("mdms.search", "mdms", "/egov-mdms-service/v1/_search", "/mdms/v1/_search"),
        _reads("mdms.get", "mdms", "/egov-mdms-service/v1/_get"),
        _writes("demand.create", "billing-service", "/billing-service/demand/_create",
                "/billingservice/demand/_create", creates=_DEMANDS),
        _reads("demand.search", "billing-service", "/billing-service/demand/_search",
               "/billingservice/demand/_search"),
        _writes("demand.update", "billing-service", "/billing-service/demand/_update",
                "/billingservice/demand/_update"),
        _writes("bill.fetch", "billing-service", "/billing-service/bill/v2/_fetchbill",
                "/billingservice/bill/_fetchBill", repeatable=True, milder=_LOOKING),
        _reads("bill.search", "billing-service", "/billing-service/bill/v2/_search",
               "/billingservice/bill/_search"),
        _writes("bill.cancel", "billing-service", "/billing-service/bill/v2/_cancelbill"),
        _writes("transaction.create", "pg-service", "/pg-service/transaction/v1/_create",
                "/egov-pg-service/payments/v1/_create", creates=_A_TRANSACTION),
        _reads("transaction.search", "pg-service", "/pg-service/transaction/v1/_search",
               "/egov-pg-service/payments/v1/_search"),
        _moves_money("transaction.update", "pg-service", "/pg-service/transaction/v1/_update",
                     "/egov-pg-service/payments/v1/_update", milder=_FAILING),
        _reads("gateway.search", "pg-service", "/pg-service/gateway/v1/_search"),
        _moves_money("payment.create", "collection-services",
                     "/collection-services/payments/_create", "/payments/_create",
                     milder=_PAYING_NOTHING, creates=_A_PAYMENT),
        _reads("payment.validate", "collection-services",
               "/collection-services/payments/_validate", "/payments/_validate"),
        _reads("payment.search", "collection-services", "/collection-services/payments/_search",
               "/payments/_search"),
        _reads("payment.module-search", "collection-services",
               "/collection-services/payments/{module}/_search"),
        _moves_money("payment.workflow", "collection-services",
                     "/collection-services/payments/{module}/_workflow", "/payments/_workflow",
                     milder=_CANCELLING_NOTHING),
        _writes("employee.create", "employee", "/egov-hrms/employees/_create"),
    )
}  # fmt: skip
# Kinds of entries of a ledger whose money may move.
SPENDING: Final = frozenset(
    each.creates.kind for each in ENDPOINTS.values() if each.creates and each.creates.rupees
)


SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that by RFC 9110 only read


def any_endpoint(method: str, path: str) -> Endpoint:
    """Return what is no operation as one: it reads by a safe method, or where searches do."""
    effect = Effect.READS if method in SAFE and not owners_of(path) else gravest_at(path)
    return Endpoint(
        name=f"{method} {path}",
        service="",
        method=method,
        path=path,
        effect=effect,
        repeatable=effect is Effect.READS,
    )


def operation_at(path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """Return the operation that has exactly this path, and the values of its parameters."""
    for each in ENDPOINTS.values():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(each.path))
        if found := re.fullmatch(pattern, path):
            return each, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


def gravest_at(path: str) -> Effect:
    """Return the gravest effect that a path may have which no operation states as its own.

    It is that of the operations of a service of whose path it has the first and the last part,
    however it is spelt and wherever they stand: clients, proxies and gateways resolve `..`,
    `%5fsearch`, `_search/`, `;x`, `#x` and `_SEARCH` differently. Another path reads if it ends as
    DIGIT's searches do, else it may write.
    """
    last = _parts(re.split(r"[?#]", path)[0])[-1:]
    unknown = Effect.READS if last in (["_search"], ["_get"]) else Effect.WRITES
    return max((each.effect for each in owners_of(path)), default=unknown)


def owners_of(path: str) -> list[Endpoint]:
    """Return the operations that a path may be, however it is spelt: see `gravest_at`."""
    parts = _parts(path)
    return [
        each
        for each in ENDPOINTS.values()
        if (ends := _parts(each.path))[0] in parts and ends[-1] in parts
    ]


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


def _parts(path: str) -> list[str]:
    """The parts of a path in lower case, decoded; also what follows `;`, `?` and `#`."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return [part for part in re.split(r"[/\\;?#]+", path.lower()) if part]
