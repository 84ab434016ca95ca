"""The rules of the audit: what they find in the exchanges of a run, and what they leave alone."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

import pytest

from conformance.bbps.audit import rules
from conformance.bbps.audit.rules import Rule
from conformance.bbps.audit.sights import Sights
from conformance.core.exchange import Exchange

DAY: Final = 86_400_000
SENT: Final[dict[str, Any]] = {
    "tenantId": "pb.a",
    "txnAmount": "100",
    "billId": "b",
    "productInfo": "a bill",
    "taxAndPayments": [{"billId": "b", "amountPaid": 100}],
    "user": {"name": "Payer"},
}


def transaction(**changes: Any) -> dict[str, Any]:
    audit = {"createdTime": DAY, "createdBy": "u"}
    return SENT | {"txnId": "t", "txnStatus": "PENDING", "auditDetails": audit} | changes


def payment(**changes: Any) -> dict[str, Any]:
    detail = {"billId": "b", "totalAmountPaid": 100, "receiptNumber": "r", "receiptDate": DAY}
    return {
        "id": "p",
        "tenantId": "pb.a",
        "totalAmountPaid": 100,
        "paymentMode": "ONLINE",
        "payerName": "Payer",
        "transactionNumber": "t",
        "paymentDetails": [detail | changes.pop("detail", {})],
    } | changes


def ended(second: float = 1, **changes: Any) -> Exchange:
    audit = {"createdTime": DAY, "createdBy": "u", "lastModifiedTime": changes.pop("at", DAY)}
    record = transaction(txnStatus="SUCCESS", auditDetails=audit, **changes)
    return exchange("transaction.update", {"Transaction": [record]}, second=second)


def exchange(
    operation: str, answer: Any, *, request: Any = None, query: str = "", second: float = 0
) -> Exchange:
    return Exchange(
        id=f"x{second}",
        check="c",
        operation=operation,
        actor="integrator",
        method="POST",
        url=f"http://host/collection-services/payments/PT/_search?{query}",
        request_headers={},
        request_body=json.dumps(request or {}),
        status=200,
        response_headers={},
        response_body=json.dumps(answer),
        started_at=datetime.fromtimestamp(second, UTC).isoformat(),
        milliseconds=10,
    )


def created(second: float = 0, **changes: Any) -> Exchange:
    answer = {"Transaction": transaction(**changes)}
    return exchange("transaction.create", answer, request={"Transaction": SENT}, second=second)


def shown(query: str = "txnId=t", second: float = 2, **changes: Any) -> Exchange:
    answer = {"Transaction": [transaction(**changes)]}
    return exchange("transaction.search", answer, query=query, second=second)


def receipt(query: str = "ids=p", second: float = 3, **changes: Any) -> Exchange:
    answer = {"Payments": [payment(**changes)]}
    return exchange("payment.module-search", answer, query=query, second=second)


def day(epoch_ms: int) -> date:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).date()


stays = partial(rules.ends_stay, settle_seconds=1)
dated = partial(rules.receipts_are_dated_at_creation, day=day)
taken = partial(rules.payments_keep, mode="ONLINE")
BROKEN: Final[dict[str, tuple[Rule, list[Exchange], str]]] = {
    "a text is cut": (rules.creations_keep, [created(), shown(productInfo="a")], "productInfo"),
    "a field is gone": (rules.creations_keep, [created(), shown(gateway=None, txnAmount=None)],
                        "txnAmount"),
    "the answer is not what was sent": (rules.creations_keep, [created(productInfo="x")], "'x'"),
    "an end is not shown": (stays, [created(), ended(), shown(second=9)], "PENDING"),
    "an id is given twice": (rules.ids_are_unique, [created(), created(1, billId="c")], "id t"),
    "a clock is wrong": (
        rules.created_in_order,
        [created(), created(1, txnId="u", auditDetails={"createdTime": DAY - 330 * 60_000})],
        "19800 s earlier",
    ),
    "another one is shown": (rules.transactions_were_sought, [shown("billId=c")], "billId"),
    "another payment is shown": (
        rules.payments_were_sought, [receipt("ids=p&paymentModes=CASH")], "paymentModes"
    ),
    "a receipt number is given twice": (
        rules.receipts_are_unique, [receipt(), receipt(id="q", second=4)], "number r"
    ),
    "a receipt has another amount": (
        rules.receipts_repeat_transactions,
        [created(), receipt(detail={"totalAmountPaid": 99})],
        "totalAmountPaid was 100, and is 99",
    ),
    "a receipt has no number": (
        rules.receipts_repeat_transactions, [created(), receipt(detail={"receiptNumber": ""})],
        "numbered",
    ),
    "a receipt is of another bill": (
        rules.receipts_repeat_transactions, [created(), receipt(detail={"billId": "c"})], "no more"
    ),
    "a receipt is dated later": (
        dated,
        [created(), ended(at=3 * DAY), receipt(detail={"receiptDate": 3 * DAY})],
        "created on 1970-01-02",
    ),
    "a second payment": (
        rules.one_receipt_each, [created(), receipt(), receipt(id="q", second=4)], "p, q"
    ),
    "a receipt changes": (
        rules.receipts_keep,
        [created(), receipt(), receipt(second=4, payerName="Other")],
        "payerName",
    ),
}  # fmt: skip
RIGHT: Final[dict[str, tuple[Rule, list[Exchange], int]]] = {
    "a transaction of somebody else": (rules.creations_keep, [shown(productInfo="a")], 0),
    "the outcome": (rules.creations_keep, [created(), ended(gatewayTxnId="g")], 1),
    "the amount that was confirmed": (rules.creations_keep, [created(), ended(txnAmount="99")], 1),
    "an end that had no time to show": (stays, [created(), ended(), shown(second=1.5)], 1),
    "pending, then ended": (stays, [created(), shown(second=0.5), ended()], 1),
    "the same second": (
        rules.created_in_order, [created(), created(1, txnId="u")], 1
    ),
    "created at the same time": (
        rules.created_in_order, [created(), created(0.001, txnId="u")], 0
    ),
    "answered again, under the same id": (
        rules.created_in_order,
        [created(), created(1, txnId="u", auditDetails={"createdTime": 9 * DAY}), created(2)],
        1,
    ),
    "an odd search": (rules.transactions_were_sought, [shown("tenantId=a&tenantId=b")], 0),
    "one payment in several searches": (
        rules.receipts_are_unique, [receipt(), receipt("billIds=b", second=4)], 1
    ),
    "a receipt on the same day": (dated, [created(), ended(), receipt()], 0),
    "a receipt dated at creation": (dated, [created(), ended(at=3 * DAY), receipt()], 1),
    "a payment at the counter": (rules.receipts_repeat_transactions, [created(txnId="u"),
                                                                      receipt()], 0),
    "a receipt that was cancelled": (
        rules.receipts_keep, [created(), receipt(), receipt(second=4, paymentStatus="CANCELLED")],
        1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_a_rule_is_found(case: str) -> None:
    rule, exchanges, text = BROKEN[case]
    (found,) = rules.judged(rule, Sights.of(exchanges)).mismatches
    assert text in found.text
    assert set(found.exchanges) <= {each.id for each in exchanges}


@pytest.mark.parametrize("case", RIGHT)
def test_what_keeps_a_rule_is_left_alone(case: str) -> None:
    rule, exchanges, applied = RIGHT[case]
    judged = rules.judged(rule, Sights.of(exchanges))
    assert (judged.applied, judged.mismatches) == (applied, [])


@pytest.mark.parametrize(
    ("change", "number"), [({}, 0), ({"paidBy": "Other"}, 1), ({"additionalDetails": None}, 1)]
)
def test_a_payment_at_the_counter_is_kept(change: dict[str, Any], number: int) -> None:
    record = payment(paidBy="Payer", additionalDetails={"a": "1"})
    paid = exchange("payment.create", {"Payments": [record]}, request={"Payment": record})
    again = exchange("payment.search", {"Payments": [record | change]}, second=1)
    assert len(rules.judged(taken, Sights.of([paid, again])).mismatches) == number


@pytest.mark.parametrize(
    ("exchanges", "found"),
    [
        ([created(), ended(), shown(txnStatus="SUCCESS")], {"b": ["SUCCESS"]}),
        ([created(), shown(second=0.5), ended()], {}),
        ([created(), shown()], {"b": ["PENDING"]}),
        ([created(), shown(), created(3, txnId="u")], {}),
        ([created()], {}),
    ],
    ids=["ended", "changed later", "pending", "another one later", "never shown"],
)
def test_what_a_search_showed_last_is_known(
    exchanges: list[Exchange], found: dict[str, list[str]]
) -> None:
    shown_last = Sights.of(exchanges).read_back
    assert {
        bill: [each["txnStatus"] for each in records] for bill, records in shown_last.items()
    } == found


def test_exchanges_that_cannot_be_read_are_left_aside() -> None:
    broken: Callable[[str], Exchange] = lambda text: Exchange(  # noqa: E731
        **{**shown().as_json(), "response_body": text, "violations": ()}
    )
    sights = Sights.of(
        [broken("{... 70000 characters"), broken("[]"), broken('{"Transaction": 1}')]
    )
    assert not sights.records["Transaction"]


ODD: Final = (None, [], {}, [None], [[]], 5, -1, 10**30, "x", "1e999999", True)
RULES: Final[tuple[Rule, ...]] = (
    rules.creations_keep, rules.ids_are_unique, rules.created_in_order, rules.receipts_are_unique,
    rules.receipts_repeat_transactions, rules.one_receipt_each, rules.receipts_keep,
    rules.transactions_were_sought, rules.payments_were_sought,
    partial(rules.ends_stay, settle_seconds=1), partial(rules.payments_keep, mode="CASH"),
    partial(rules.receipts_are_dated_at_creation, day=day),
)  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_odd_records_break_no_rule(value: Any) -> None:
    """CON-01 judges what is no record as the contract has it; others are judged all the same."""
    odd = [{name: value} for name in ("taxAndPayments", "user", "auditDetails", "txnAmount")]
    odd_payments = [{name: value} for name in ("paymentDetails", "totalAmountPaid", "payerName")]
    exchanges = [
        *(
            exchange("transaction.create", {"Transaction": transaction(txnId=f"t{number}") | each})
            for number, each in enumerate(odd)
        ),
        *(
            ended(2 + number, at=2 * DAY, txnId=f"t{number}", **each)
            for number, each in enumerate(odd)
            if "auditDetails" not in each
        ),
        *(
            exchange(
                "payment.module-search",
                {"Payments": [payment(id=f"p{number}", transactionNumber=f"t{number}") | each]},
                second=3 + number,
            )
            for number, each in enumerate([*odd_payments, {}])
        ),
        exchange("transaction.search", {"Transaction": value}),
    ]
    sights = Sights.of(exchanges)
    assert len(sights.records["Transaction"]) == len(odd)
    found = {rule: rules.judged(rule, sights).mismatches for rule in RULES}
    assert [each.text for each in found[rules.receipts_are_unique]] == [
        "receipt number r is of payment p1 of bill b and of payment p2 of bill b"
    ]
