"""Which line of DIGIT each service is of, by signs that any client sees; nothing is changed.

A deployment may mix them: a fork's pg-service beside a stock billing service.
"""

from collections.abc import Mapping
from typing import Any, Final, Unpack

from conformance.bbps.flow import Bbps
from conformance.client.client import ANONYMOUS, Parts
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Mode

STOCK, NEWER, FORK = "DIGIT 2.8", "Digit-Core LTS", "Punjab mSeva fork"
UNKNOWN: Final = "not seen"
GATEWAYS: Final = {"zuul": "Zuul", "spring": "Spring Cloud Gateway"}
NO_NUMBER: Final = "CONF"  # where a number is due: the service refuses it in its form of errors
NOBODYS: Final = "CONF-NONE"
ADDED, NO_MODE = "QR_CODE", "CONF-NONE"  # a mode that the fork adds, and one that nobody has
# Gateways that the pg-service of the fork has, and no other.
FORKS_GATEWAYS: Final = frozenset({"NTTDATA", "PAYGOV"})


def detected(bbps: Bbps, gateway: str, nothing_due: Response | None) -> str:
    """Return the line of the gateway and of each service, in one sentence.

    `gateway` is its kind, `nothing_due` the answer of fetchBill to a code without a bill.
    """
    lines = {
        "gateway": _gateway(bbps, gateway),
        "pg-service": _pg(bbps),
        "collection-services": _collection(bbps),
        "billing-service": _billing(bbps, nothing_due),
        "MDMS": _mdms(bbps),
    }
    return "; ".join(f"{service}: {line}" for service, line in lines.items())


def _gateway(bbps: Bbps, kind: str) -> str:
    """Return the kind of the gateway; stock ones break down on a body that is not JSON."""
    name = GATEWAYS.get(kind, UNKNOWN)
    response = _answer_to(bbps, "mdms.search", ANONYMOUS, raw=b"{")
    if kind and response is not None and 400 <= response.status < 500 and not response.denied:
        return f"{name}, which refuses a body that is not JSON"
    return name


def _pg(bbps: Bbps) -> str:
    tenant = {"tenantId": bbps.target.tenant}
    reader = bbps.target.readers.transactions
    line = _by_form(
        _answer_to(bbps, "transaction.search", reader, query={**tenant, "limit": NO_NUMBER})
    )
    if line == NEWER:
        return line
    listed = _answer_to(bbps, "gateway.search", reader)
    names = listed.body if listed is not None and isinstance(listed.body, list) else []
    if FORKS_GATEWAYS & {str(name) for name in names}:
        return FORK
    if bbps.target.mode is Mode.INSPECT:
        return f"{line} or a fork of it (mode inspect creates nothing)"
    empty = _answer_to(bbps, "transaction.create", "integrator", body={"Transaction": tenant})
    if empty is not None and any(code.endswith(".businessService") for code in empty.codes):
        return FORK
    return line


def _collection(bbps: Bbps) -> str:
    """Return the line by which mode of payment is known: nothing is stored by a validation."""
    added, none = (_validated(bbps, mode) for mode in (ADDED, NO_MODE))
    if added is not None and none is not None and not (added.denied or none.denied):
        return _by_form(none) if added.codes == none.codes else FORK
    line = _by_form(
        _answer_to(
            bbps,
            "payment.module-search",
            bbps.target.readers.payments,
            path={"module": bbps.target.bills.search_module},
            query={"tenantId": bbps.target.tenant, "limit": NO_NUMBER},
        )
    )
    return line if line == UNKNOWN else f"{line} or a fork of it (no payment may be validated)"


def _validated(bbps: Bbps, mode: str) -> Response | None:
    detail = {"businessService": bbps.target.bills.business_service, "billId": NOBODYS,
              "totalDue": 1, "totalAmountPaid": 1}  # fmt: skip
    payment = {"tenantId": bbps.target.tenant, "paymentMode": mode, "totalDue": 1, "paidBy": "Test",
               "totalAmountPaid": 1, "mobileNumber": "9876543210",
               "paymentDetails": [detail]}  # fmt: skip
    return _answer_to(bbps, "payment.validate", "cashier", body={"Payment": payment})


def _billing(bbps: Bbps, nothing_due: Response | None) -> str:
    if nothing_due is not None and nothing_due.succeeded and nothing_due.body is None:
        return FORK
    query = {"tenantId": bbps.target.tenant, "offset": NO_NUMBER}
    return _by_form(_answer_to(bbps, "bill.search", bbps.target.readers.bills, query=query))


def _mdms(bbps: Bbps) -> str:
    """Return the line of MDMS, which a gateway may open to everybody."""
    for actor in (ANONYMOUS, "administrator"):
        line = _by_form(_answer_to(bbps, "mdms.search", actor, body={}))
        if line != UNKNOWN:
            return line
    return UNKNOWN


def _by_form(response: Response | None) -> str:
    """Return the line by the keys of an error that a service itself wrote."""
    if response is None or not response.refused or response.denied:
        return UNKNOWN
    body: Mapping[str, Any] = response.body if isinstance(response.body, dict) else {}
    errors = body.get("Errors")
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return UNKNOWN
    return NEWER if "parentId" in errors[0] else STOCK


def _answer_to(bbps: Bbps, operation: str, actor: str, **parts: Unpack[Parts]) -> Response | None:
    """Return an answer that is judged by nobody; None if none came or the call may not leave."""
    own: Parts = {"tolerant": True, "unobserved": True}
    try:
        return bbps.client.call(operation, as_=actor, **(own | parts))
    except Inconclusive:
        return None
