"""How an update comes in: its method, how it names its transaction, what it claims and reports."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import FAILURE, OPEN, SUCCESS, Bbps, Signal
from conformance.bbps.models import Transaction
from conformance.client.response import Response

Fields = Mapping[str, Any]
OTHER_USER: Final = {
    "name": "Smuggled payer", "userName": "Smuggled payer", "mobileNumber": "9123456780",
    "emailId": "smuggled@example.org",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The HTTP method of an update, and whether its parameters are a form."""

    name: str = "POST"
    as_form: bool = False


METHOD: Final[Dimension[Method]] = Dimension(
    name="method",
    source="an update is served by POST and GET; Spring serves HEAD where it serves GET, and forms",
    values={
        "POST": Method(),
        "GET": Method(name="GET"),
        "a form": Method(as_form=True),
        **{name: Method(name=name) for name in ("HEAD", "PUT", "PATCH", "DELETE")},
    },
)
SERVED: Final = METHOD.only("POST", "GET")
UNSERVED: Final = ("a form", "HEAD", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How an update names a transaction: parameters and body from the caller's own id and its id.

    `two` is whether it names the caller's own transaction, too.
    """

    parameters: Callable[[str, str], Fields]
    body: Callable[[str, str], Fields] = lambda _own, _id: {}
    two: bool = False


def _as(name: str) -> Naming:
    return Naming(parameters=lambda _, id_: {name: id_})


def _spelt(change: Callable[[str], str]) -> Naming:
    return Naming(parameters=lambda _, id_: {"eg_pg_txnid": change(id_)})


def _both(parameters: Callable[[str, str], Fields]) -> Naming:
    return Naming(parameters=parameters, two=True)


AS_USUAL: Final = "eg_pg_txnid"
NAMES: Final = (
    "transactionId", "txnid", "ORDERID", "vpc_MerchTxnRef", "EG_PG_TXNID", "txnId",
)  # fmt: skip
NAMING: Final[Dimension[Naming]] = Dimension(
    name="id",
    source="pg-service finds an id under five names, in any case, and takes the first it finds",
    values={
        AS_USUAL: _as(AS_USUAL),
        **{f"as {name}": _as(name) for name in NAMES},
        "in lower case": _spelt(str.lower),
        "with a blank after it": _spelt(lambda id_: f"{id_} "),
        "with a blank before it": _spelt(lambda id_: f" {id_}"),
        "in the body only": Naming(
            parameters=lambda _own, _id: {},
            body=lambda _, id_: {"transactionId": id_, "Transaction": {"txnId": id_}},
        ),
        "own id first": _both(lambda own, id_: {"eg_pg_txnid": own, "transactionId": id_}),
        "own id last": _both(lambda own, id_: {"eg_pg_txnid": id_, "transactionId": own}),
        "twice, own id first": _both(lambda own, id_: {"eg_pg_txnid": [own, id_]}),
        "twice, own id last": _both(lambda own, id_: {"eg_pg_txnid": [id_, own]}),
        "both in one value": _both(lambda own, id_: {"eg_pg_txnid": f"{own},{id_}"}),
        "own id in the query, another in the body": Naming(
            parameters=lambda own, _: {"eg_pg_txnid": own},
            body=lambda _, id_: {"transactionId": id_, "Transaction": {"txnId": id_}},
            two=True,
        ),
    },
)
NAMING_ALONE: Final = NAMING.only(*(name for name, each in NAMING.values.items() if not each.two))
SPELLINGS: Final = NAMING.only(AS_USUAL, *(f"as {name}" for name in NAMES[:-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a request claims of its caller, in each place where a service might look."""

    request_info: Fields = field(default_factory=dict)
    body: Fields = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Fields = field(default_factory=dict)


Claiming = Callable[[Fields, Transaction], Claim]
# Headers by which gateways, proxies and single sign-on hand on who calls, by what they hold.
USER_HEADERS: Final = ("x-user-info", "x-userinfo", "user-info", "x-user", "x-auth-user-info")
ID_HEADERS: Final = (
    "x-user-id", "x-user-uuid", "x-uuid", "user-id", "userid", "uuid", "x-userid",
    "x-auth-user-id", "x-authenticated-userid", "x-consumer-custom-id", "x-owner-id",
)  # fmt: skip
NAME_HEADERS: Final = (
    "x-user-name", "x-username", "x-remote-user", "remote-user", "x-forwarded-user",
    "x-auth-request-user", "x-consumer-username", "x-authenticated-user",
)  # fmt: skip
ID_PARAMETERS: Final = (
    "createdBy", "userUuid", "user_uuid", "userId", "uuid", "ownerId", "lastModifiedBy",
    "requesterUuid",
)  # fmt: skip


def identity_headers(user: Fields) -> dict[str, str]:
    """Return every header that claims to be a user."""
    id_, name = str(user.get("uuid")), str(user.get("userName"))
    return {
        **dict.fromkeys(USER_HEADERS, json.dumps(dict(user))),
        **dict.fromkeys(ID_HEADERS, id_),
        **dict.fromkeys(NAME_HEADERS, name),
    }


def _in_the_body(owner: Fields, transaction: Transaction) -> Claim:
    """Claim the owner in every field of a body that might be believed."""
    id_ = owner.get("uuid")
    own = {
        "user": owner,
        "userInfo": owner,
        "createdBy": id_,
        "auditDetails": {**transaction.raw.get("auditDetails", {}), "lastModifiedBy": id_},
    }
    return Claim(
        request_info={"userInfo": owner, "userId": id_, "requesterId": id_},
        body={
            "requestInfo": {"apiId": "bbps-conformance", "userInfo": owner},
            "Transaction": {**transaction.raw, **own},
            **own,
        },
    )


CLAIM: Final[Dimension[Claiming]] = Dimension(
    name="claim",
    source="TXN-08: also when the outsider's body claims the owner; a gateway that sets a header "
    "must remove the client's",
    values={
        "none": lambda _owner, _: Claim(),
        "the owner in the body": _in_the_body,
        "the owner in headers": lambda owner, _: Claim(headers=identity_headers(owner)),
        "the owner in parameters": lambda owner, _: Claim(
            parameters=dict.fromkeys(ID_PARAMETERS, owner.get("uuid"))
        ),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported of a transaction; `also` are parameters beside those of the signal."""

    signal: Signal
    also: Callable[[Bbps, Transaction], Fields] = lambda _bbps, _transaction: {}

    def by(
        self, bbps: Bbps, transaction: Transaction, *, also: Fields | None = None, **parts: Any
    ) -> Response:
        """Send the update; `parts` are those of `Bbps.update`."""
        beside = {**self.also(bbps, transaction), **(also or {})}
        return bbps.update(transaction, self.signal, also=beside, **parts)


def _same_reference(bbps: Bbps, transaction: Transaction) -> Fields:
    return {bbps.target.outcome.parameters.reference: transaction.raw.get("gatewayTxnId")}


def _nothing(bbps: Bbps, _: Transaction) -> Fields:
    names = bbps.target.outcome.parameters
    return dict.fromkeys((names.status, names.amount, names.reference))


def _no_amount(bbps: Bbps, _: Transaction) -> Fields:
    return {bbps.target.outcome.parameters.amount: None}


def _one_rupee_more(bbps: Bbps, transaction: Transaction) -> Fields:
    promised = transaction.amount or 0
    return {bbps.target.outcome.parameters.amount: f"{promised + 1}"}


REPORT: Final[Dimension[Report]] = Dimension(
    name="report",
    source="TXN-08 to TXN-10: no report changes anything, whatever it states",
    values={
        "success": Report(signal=SUCCESS),
        "failure": Report(signal=FAILURE),
        "another amount": Report(signal=SUCCESS, also=_one_rupee_more),
        "no amount": Report(signal=SUCCESS, also=_no_amount),
        "an open outcome": Report(signal=OPEN),
        "nothing": Report(signal=OPEN, also=_nothing),
        "success with the same reference": Report(signal=SUCCESS, also=_same_reference),
        "failure with the same reference": Report(signal=FAILURE, also=_same_reference),
    },
)
# A success may be reported in each of these ways, where they are served.
AS_EVER: Final = "as usual"
SUCCESS_REPORT: Final[Dimension[Callable[[Bbps, Transaction], Response]]] = Dimension(
    name="report of success",
    source="an update is served by POST and GET, and need not state an amount (TXN-12)",
    values={
        AS_EVER: lambda bbps, transaction: bbps.update(transaction, SUCCESS),
        "by GET": lambda bbps, transaction: bbps.update(transaction, SUCCESS, method="GET"),
        "without an amount": lambda bbps, transaction: REPORT.values["no amount"].by(
            bbps, transaction
        ),
    },
)
FIRST_REPORT: Final = REPORT.without(
    "success with the same reference", "failure with the same reference"
)


def _smuggling(transaction: Transaction) -> dict[str, Any]:
    """Return a whole transaction with another value in each field that its creation decided."""
    raw = transaction.raw
    state = str(raw.get("tenantId")).partition(".")[0]  # which whoever may update reaches, too
    gateway = "AXIS" if raw.get("gateway") == "PAYTM" else "PAYTM"
    user = {**(raw.get("user") or {}), **OTHER_USER, "uuid": "CONF-SMUGGLED"}
    parts = [{"taxAmount": 1, "amountPaid": 1, "billId": "CONF-SMUGGLED"}]
    return {
        **raw,
        **dict.fromkeys(("productInfo", "consumerCode", "billId", "module"), "CONF-SMUGGLED"),
        "txnAmount": "1",
        "taxAndPayments": parts,
        "callbackUrl": "https://smuggled.example.org/back",
        "tenantId": state,
        "gateway": gateway,
        "user": user,
        "additionalDetails": {**(raw.get("additionalDetails") or {}), "smuggled": "CONF"},
        "auditDetails": {"createdBy": "CONF-SMUGGLED", "createdTime": 1},
        "receipt": "CONF-SMUGGLED",
        "txnStatus": "SUCCESS",
        "txnStatusMsg": "CONF-SMUGGLED",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an update says of its transaction beyond the outcome: in its body, in its query."""

    body: Callable[[Transaction], Fields] = lambda _: {}
    parameters: Callable[[Transaction], Fields] = lambda _: {}


def _texts(transaction: Transaction) -> Fields:
    kept = ("productInfo", "consumerCode", "billId", "module", "callbackUrl", "receipt")
    return {name: _smuggling(transaction)[name] for name in kept}


CONTENT: Final[Dimension[Content]] = Dimension(
    name="content",
    source="TXN-13: creation data never changes, whatever an update's body carries",
    values={
        "none": Content(),
        "a transaction in the body": Content(body=lambda each: {"Transaction": _smuggling(each)}),
        "a list of one in the body": Content(body=lambda each: {"Transaction": [_smuggling(each)]}),
        "a transaction in lower case": Content(
            body=lambda each: {"transaction": _smuggling(each), "transactions": [_smuggling(each)]}
        ),
        "the fields themselves in the body": Content(body=_smuggling),
        "fields in the query": Content(parameters=_texts),
    },
)


def _changed(id_: str, place: int) -> str:
    """Return an id with another character at a place."""
    old = id_[place]
    new = str((int(old) + 5) % 10) if old.isdigit() else ("X" if old != "X" else "Y")
    return id_[:place] + new + (id_[place + 1 :] if place != -1 else "")


# Ids that look like one of the deployment's own, and are none.
LOOKALIKES: Final[Mapping[str, Callable[[str], str]]] = {
    "its last digit changed": lambda id_: _changed(id_, -1),
    "its last two digits changed": lambda id_: _changed(_changed(id_, -1), -2),
    "its first character changed": lambda id_: _changed(id_, 0),
    "a character in the middle changed": lambda id_: _changed(id_, len(id_) // 2),
    "its last character left out": lambda id_: id_[:-1],
    "one digit more": lambda id_: f"{id_}0",
    "a wildcard at its end": lambda id_: f"{id_[:-1]}%",
    "a wildcard for its last character": lambda id_: f"{id_[:-1]}_",
}
