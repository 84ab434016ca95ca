"""How much a run generates, and what of it where: depths, seeds, and the operations concerned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conformance.client.client import ANONYMOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How many requests are generated per operation; `shrinking` bounds the search for less."""

    boundaries: int  # valid ones at the contract's boundaries, deterministic
    fuzzed: int  # valid ones in which chance changes some fields
    invalid: int  # ones that break the contract in one place
    properties: int  # changes of one field in a request that reaches behind id lookups, either way
    shrinking: int  # further requests to make a failing one small
    accepted: int  # requests, at most, that use up a bill of the run; as many violations may
    request_info: bool = False  # vary RequestInfo too, which every operation shares


DEPTHS: Final[Mapping[str, Depth]] = {
    "quick": Depth(boundaries=8, fuzzed=0, invalid=7, properties=10, shrinking=20, accepted=1),
    "standard": Depth(boundaries=8, fuzzed=1, invalid=7, properties=10, shrinking=60, accepted=2),
    "deep": Depth(
        boundaries=400,
        fuzzed=250,
        invalid=400,
        properties=250,
        shrinking=200,
        accepted=10,
        request_info=True,
    ),
}
STANDARD: Final = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is to generate; the same seed makes the same requests each time.

    `jobs` is how much of it may be sent at the same time.
    """

    depth: str = STANDARD
    seed: int = 0
    jobs: int = 1

    @property
    def bounds(self) -> Depth:
        """The numbers of the depth."""
        return DEPTHS[self.depth]


# Each operation that is generated, with the actor who calls it. Left out are those that would
# create demands, accounts or roles of arbitrary content, or cancel bills.
CALLERS: Final[Mapping[str, str]] = {
    "bill.fetch": "integrator",
    "bill.search": "administrator",
    "demand.search": "administrator",
    "transaction.create": "integrator",
    "transaction.update": "integrator",
    "transaction.search": "cashier",
    "gateway.search": "administrator",
    "payment.create": "cashier",
    "payment.validate": "cashier",
    "payment.search": "citizen",
    "payment.module-search": "cashier",
    "payment.workflow": "cashier",
    "user.search": "administrator",
    "user.search-v1": "administrator",
    "token.create": ANONYMOUS,
    "token.details": "administrator",
    "access.authorize": "administrator",
    "access.actions": "administrator",
    "access.roles": "administrator",
    "mdms.search": "administrator",
    "mdms.get": "administrator",
}
OPERATIONS: Final = tuple(CALLERS)
FALLBACK: Final = "administrator"  # calls what the gateway opens to no one else
# Nothing of BBPS needs them, and most gateways open some of them to nobody.
DISPENSABLE: Final = frozenset({"access.authorize", "gateway.search", "mdms.get"})
# Those of which one field after another of the right request is changed.
ONE_FIELD: Final = frozenset({"payment.validate", "payment.create", "transaction.create"})
# Names whose values chance does not choose: there is nothing behind NOWHERE, so that no bill is
# paid, no transaction finished, no receipt cancelled and nobody's account locked.
IDENTIFIERS: Final = frozenset(
    {
        "billId", "consumerCode", "transactionId", "eg_pg_txnid", "txnId", "paymentId",
        "ORDERID", "txnid", "vpc_MerchTxnRef", "username",
    }
)  # fmt: skip
