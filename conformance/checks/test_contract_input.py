"""Contract: how input outside of it is answered (CON-03, CON-05, CON-06, CON-07).

Noise on the network must not count against a service: a suspicious call is repeated first.
"""

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest

from conformance.bbps.flow import TOKEN_HEADER, Bbps
from conformance.bbps.models import Bill, payment_in, read, transaction_in
from conformance.checks.controls import granted, reached
from conformance.checks.expect import answered_4xx, demand, kept, same
from conformance.checks.leaks import traces
from conformance.checks.probes import BBPS_ACTIONS
from conformance.client.exchange_log import ExchangeLog
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

TRIES: Final = 3
SHOWN: Final = 5  # leaks in one finding
READS: Final = ("bill.fetch", "transaction.create", "transaction.update", "payment.create")

MALFORMED: Final[dict[str, dict[str, Any]]] = {
    "no body": {"raw": b""},
    "truncated JSON": {"raw": b'{"RequestInfo": {"apiId": "x"'},
    "no JSON": {"raw": b"<a>1</a>"},
    "a list": {"raw": b"[]"},
    "null": {"raw": b"null"},
    "not a number": {"raw": b'{"RequestInfo": NaN}'},
    "plain text": {"raw": b"{}", "content_type": "text/plain"},
    "XML": {"raw": b"<a/>", "content_type": "application/xml"},
    "method PUT": {"method": "PUT"},
    "RequestInfo of the wrong type": {"body": {"RequestInfo": 7}},
    "an unknown token": {"token": "0" * 32},
    "deeply nested": {"raw": b'{"a":' * 500 + b"1" + b"}" * 500},
}


@verifies("CON-07")
@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_input_gets_a_4xx(bbps: Bbps, operation: str, case: str) -> None:
    """An operation is called with a body, a method or a token that cannot be right."""
    # Whatever is made of the body, the query lets nothing come of it.
    query = {
        "transaction.update": bbps.stating_failure,
        "bill.fetch": {"consumerCode": "CONF-NONE"},
    }.get(operation, {})
    sent = MALFORMED[case]
    # A body of this kind carries no token: with one in the header it gets past many gateways.
    known = {"token_header": TOKEN_HEADER} if "raw" in sent else {}

    _answered_in_form(
        bbps,
        operation,
        lambda: bbps.client.call(
            operation, tolerant=True, unobserved=True, query=query, **(known | sent)
        ),
        f"{operation} with {case}",
        body_expected=case != "method PUT",
    )


ODD_FIELDS: Final[dict[str, Any]] = {
    "an object for text": {"a": 1},
    "a list for text": ["a"],
    "an empty text": "",
    "a very long text": "x" * 5000,
    "a control character": "a\u0000b",
    "astral characters": "\U0001f4b0" * 20,
    "a huge number": 10**400,
    "a negative number": -1,
}
FIELDS: Final = {
    "transaction.create": (
        "Transaction",
        ("txnAmount", "billId", "consumerCode", "gateway", "user"),
    ),
    "payment.create": ("Payment", ("totalAmountPaid", "paymentMode", "paidBy", "paymentDetails")),
}


@verifies("CON-07")
@pytest.mark.parametrize("operation", FIELDS)
@pytest.mark.parametrize("odd", ODD_FIELDS)
def test_odd_value_breaks_nothing(bbps: Bbps, operation: str, odd: str) -> None:
    """Each field in turn holds an odd value, on a bill that does not exist."""
    wrapper, fields = FIELDS[operation]
    for name in fields:
        body = {wrapper: _nowhere(bbps, operation) | {name: ODD_FIELDS[odd]}}
        # Some readers lose their place in an object, and RequestInfo with it: no form shows.
        call = functools.partial(
            bbps.client.call, operation, tolerant=True, unobserved=True, body=body
        )
        _answered_in_form(bbps, operation, call, f"{operation} with {odd} in {name}")


VIOLATIONS: Final[dict[str, dict[str, Any]]] = {
    "tenantId missing": {"tenantId": None},
    "paidBy missing": {"paidBy": None},
    "totalAmountPaid missing": {"totalAmountPaid": None},
    "paymentMode missing": {"paymentMode": None},
    "paymentMode of no enum": {"paymentMode": "BARTER"},
    "totalAmountPaid of the wrong type": {"totalAmountPaid": "a lot"},
    "paymentDetails of the wrong type": {"paymentDetails": "none"},
    "paidBy too long": {"paidBy": "x" * 300},
    "mobileNumber of no pattern": {"mobileNumber": "12"},
}


@verifies("CON-03")
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_contract_violation_is_refused(bbps: Bbps, bill: Bill, violation: str) -> None:
    """A payment breaks the contract in one place; without that it is accepted."""
    control = bbps.submit_payment(bill, "CASH", operation="payment.validate")
    granted(control, "the same payment without the violation")

    response = bbps.submit_payment(
        bill, "CASH", operation="payment.validate", **VIOLATIONS[violation]
    )
    answered_4xx(response, f"a payment with {violation}")


TRANSACTION_VIOLATIONS: Final[dict[str, dict[str, Any]]] = {
    "txnAmount missing": {"txnAmount": None},
    "txnAmount of the wrong type": {"txnAmount": "a lot"},
    "gateway missing": {"gateway": None},
    "callbackUrl missing": {"callbackUrl": None},
    "productInfo missing": {"productInfo": None},
    "productInfo too long": {"productInfo": "x" * 600},
    "consumerCode missing": {"consumerCode": None},
    "consumerCode too long": {"consumerCode": "x" * 200},
    "taxAndPayments of the wrong type": {"taxAndPayments": "none"},
}


@verifies("CON-03")
@pytest.mark.parametrize("violation", TRANSACTION_VIOLATIONS)
def test_transaction_violation_is_refused(bbps: Bbps, bill: Bill, violation: str) -> None:
    """A transaction breaks the contract in one place; without that it is accepted."""
    response = bbps.submit_transaction(bill, **TRANSACTION_VIOLATIONS[violation])

    answered_4xx(response, f"a transaction with {violation}")
    granted(bbps.submit_transaction(bill), "the same transaction without the violation")


HOSTILE: Final = {
    "markup": "Street <b>5</b> & Co",
    "SQL": "5'; drop table payments; --",
    "quotes": "\"5\" 'a' \\ /",
    "other scripts": "ਅੰਮ੍ਰਿਤਸਰ अमृतसर",
    "astral characters": "House \U0001f3e0 5",
    "long": "Long street " * 40,
    "very long": "Long street " * 80,
}


@verifies("CON-05")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_kept_or_refused(bbps: Bbps, bill: Bill, kind: str) -> None:
    """A payer's address holds hostile text; it is read back."""
    text = HOSTILE[kind]

    response = bbps.submit_payment(bill, "CASH", payerAddress=text)
    if not response.succeeded:
        answered_4xx(response, "hostile text that is not stored literally")
        granted(bbps.submit_payment(bill, "CASH"), "the same payment without hostile text")
        return

    stored = bbps.payment(payment_in(response).id)
    kept(stored.raw.get("payerAddress") or "", text, "the payer's address, read back,")


@verifies("CON-05")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_product_text_is_kept_or_refused(bbps: Bbps, bill: Bill, kind: str) -> None:
    """A transaction's product text is hostile; it is read back."""
    text = HOSTILE[kind]

    response = bbps.submit_transaction(bill, productInfo=text)
    if not response.succeeded:
        answered_4xx(response, "hostile text that is not stored literally")
        granted(bbps.submit_transaction(bill), "the same transaction without hostile text")
        return

    id_ = transaction_in(response).id
    found, _ = bbps.polling.within_deadline(lambda: bbps.transactions(txnId=id_), bool)
    demand(
        bool(found),
        required="a transaction with hostile text is refused or stored",
        observed=f"{id_} was answered {response.description}, and no search finds it",
    )
    same(read(found[0].raw, "productInfo"), text, "the product text, read back,")


@verifies("CON-06")
def test_connection_is_encrypted(bbps: Bbps) -> None:
    """The deployment is called; its certificate was verified with the connection."""
    if bbps.target.loopback:
        raise NotApplicable("the deployment is on this machine")
    bbps.client.call("gateway.search", tolerant=True)

    demand(
        bbps.target.base_url.startswith("https://"),
        required="a remote deployment speaks HTTPS",
        observed=f"its base_url is {bbps.target.base_url}",
    )


@pytest.mark.alone("reads what all others exchanged")
@verifies("CON-06")
def test_no_answer_leaks_internals(recorded: ExchangeLog) -> None:
    """Every answer of the run so far is searched for stack traces and SQL."""
    found: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for exchange in recorded.all():
        for sign in traces(exchange.response_body):
            found[exchange.operation, sign] += 1
            first.setdefault((exchange.operation, sign), exchange.id)
    for id_ in first.values():
        recorded.cite_id(id_)

    shown = [
        f"{operation} answered {sign!r} ({count} times, first in {first[operation, sign]})"
        for (operation, sign), count in found.most_common(SHOWN)
    ]
    demand(
        not found,
        required="no answer holds a stack trace, the classes that failed, or SQL",
        observed="; ".join(shown),
    )


def _answered_in_form(
    bbps: Bbps,
    operation: str,
    call: Callable[[], Response],
    what: str,
    *,
    body_expected: bool = True,
) -> None:
    """Demand a 4xx in the platform's error form; only an answer that lasts counts against it.

    One to the caller instead of the input shows something where the same caller gets through.
    """
    response = call()
    for _ in range(TRIES - 1):
        if _in_form(response, body_expected):
            break
        response = call()
    if response.turned_away:
        reached(bbps, next(each for each in BBPS_ACTIONS if each.operation == operation))
    demand(
        _in_form(response, body_expected),
        required=f"{what} is answered with a 4xx in the platform's error form",
        observed=f"it was answered {response.description}, {TRIES} times",
    )


def _in_form(response: Response, body_expected: bool) -> bool:
    if response.no_session or (response.denied and not response.text):
        return True  # some gateways refuse a bad token with a 500 of their own, or without a body
    readable = response.in_error_form or (not body_expected and isinstance(response.body, dict))
    return 400 <= response.status < 500 and readable


def _nowhere(bbps: Bbps, operation: str) -> dict[str, Any]:
    """Return a valid request on a bill that does not exist: it can move no money."""
    nowhere = bbps.unknown_bill("CONF-NONE", "CONF-NO-BILL")
    if operation == "payment.create":
        return bbps.payment_request(nowhere, "CASH", nowhere.amount)
    return bbps.transaction_request(nowhere, nowhere.amount)
