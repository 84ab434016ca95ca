"""The judging verbs of checks: each raises Violation with both halves, required and observed.

`__all__` names them. What an answer alone shows stands in `bbps.answers`; the others read again
what the deployment holds.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.answers import (
    accepted,
    answered_4xx,
    demand,
    denied,
    gets_through,
    gives_no_token,
    judged,
    kept_out,
    opens_nothing,
    refused,
    shut,
)
from conformance.bbps.clock import SECOND
from conformance.bbps.flow import Bbps
from conformance.bbps.models import (
    Bill,
    Payment,
    Transaction,
    differences,
    masked,
    transaction_in,
)
from conformance.client.response import Response

__all__ = [
    "accepted", "answered_4xx", "dated_at_creation", "demand", "denied", "gets_through",
    "gives_no_token", "kept", "kept_out", "never_succeeds", "no_receipt",
    "not_created_again", "one_receipt", "opens_nothing", "paid_once", "refused", "same", "shown",
    "shut", "unchanged",
]  # fmt: skip
# The remedy where answers were too large to be kept.
WHOLE_ANSWERS: Final = (
    "let the deployment, and the proxies between, answer with what the contract names"
)


def same(observed: Any, required: Any, what: str) -> None:
    """Demand that two values are equal; `what` names what is compared. A Decimal is in rupees."""
    demand(
        observed == required,
        required=f"{what} is {_shown(required)}",
        observed=f"{what} is {_shown(observed)}",
    )


def kept(observed: Any, required: str, what: str) -> None:
    """Demand that a text was kept whole, as far as its reader may see it.

    What is masked, not shown or null is no mismatch.
    """
    if observed is not None and not masked(str(observed), required):
        same(observed, required, what)


def unchanged(bbps: Bbps, before: Transaction) -> None:
    """Demand that a transaction reads as before, and keeps doing so for the quiet time."""
    after = bbps.polling.lastingly(
        lambda: bbps.transaction(before.id), lambda sight: state(sight) == state(before)
    )
    found = differences(before.record, after.record)
    demand(
        not found,
        required=f"the transaction stays as it was: {description(before)}",
        observed=f"it reads {description(after)}; {'; '.join(found)}",
    )


def never_succeeds(bbps: Bbps, transaction: Transaction, response: Response, what: str) -> None:
    """Demand that a transaction has no success, and gets none after a report that was judged.

    `response` answers the report, and `what` names it, such as "₹ 3 reported for ₹ 2". Whatever
    is answered, the record decides (TXN-12).
    """
    judged(response, what)
    last = bbps.polling.lastingly(
        lambda: bbps.transaction(transaction.id), lambda sight: sight.status != "SUCCESS"
    )
    demand(
        last.status != "SUCCESS",
        required=f"{what} never ends in success",
        observed=f"the transaction is {last.status} with ₹ {last.amount}",
    )


def not_created_again(bbps: Bbps, response: Response, first: Transaction, what: str) -> None:
    """Demand that a repeated creation creates nothing while the first transaction is pending.

    It is refused, or answered with the first transaction, which stays as it was: what decides is
    whether there is a second id (TXN-04).
    """
    if response.succeeded:
        answered = transaction_in(response).id
        demand(
            answered == first.id,
            required=f"{what} is refused, or answered with the pending one, {first.id}",
            observed=f"it was accepted with {response.description}, as {answered}",
        )
        unchanged(bbps, first)
        return
    refused(response, what)


def shown(bbps: Bbps, transaction: Transaction, status: str) -> Transaction:
    """Demand that search shows a status within the declared delay; return what it shows."""
    sight, reached = bbps.polling.within_deadline(
        lambda: bbps.transaction(transaction.id), lambda seen: seen.status == status
    )
    demand(
        reached,
        required=f"search shows {status} within {bbps.target.limits.settle_seconds:g} s",
        observed=f"search shows {sight.status}",
    )
    return sight


def no_receipt(bbps: Bbps, transaction: Transaction, when: str) -> None:
    """Demand that no payment carries the transaction's id, and that none appears."""
    payments = bbps.polling.lastingly(lambda: bbps.payments_of(transaction), lambda seen: not seen)
    demand(
        not payments,
        required=f"no receipt exists {when}",
        observed=f"{len(payments)} payment(s) carry the transaction's id: {_numbers(payments)}",
    )


def one_receipt(bbps: Bbps, transaction: Transaction) -> Payment:
    """Demand exactly one payment for the transaction, each detail with a receipt number."""
    payments = _settled(bbps, lambda: bbps.payments_of(transaction))
    demand(
        len(payments) == 1,
        required="exactly one payment carries the transaction's id as transactionNumber",
        observed=f"{len(payments)} do: {_numbers(payments) or 'none'}",
    )
    payment = payments[0]
    demand(
        bool(payment.receipt_numbers) and all(payment.receipt_numbers),
        required="each detail of the payment has a receipt number",
        observed=f"the receipt numbers are {list(payment.receipt_numbers)}",
    )
    return payment


def paid_once(bbps: Bbps, bill: Bill) -> Payment:
    """Demand exactly one payment of a bill."""
    payments = _settled(bbps, lambda: bbps.payments_of_bill(bill))
    demand(
        len(payments) == 1,
        required="the bill has exactly one payment",
        observed=f"it has {len(payments)}: {_numbers(payments) or 'none'}",
    )
    return payments[0]


def dated_at_creation(bbps: Bbps, created: Transaction, receipt: Payment) -> None:
    """Demand that each receipt of a transaction has the day on which it was created."""
    day = bbps.clock.day(created.created_at)
    dated = [(bbps.clock.day(date), _utc(date)) for date in receipt.receipt_dates]
    shown = ", ".join(f"{on} ({moment})" for on, moment in dated)
    demand(
        {on for on, _ in dated} == {day},
        required=f"each receipt is dated {day}, the day the transaction was created",
        observed=f"the dates are: {shown or 'none'}",
    )


def state(transaction: Transaction) -> tuple[Any, ...]:
    """Return what no refused or ignored update may change: the whole record that search shows."""
    return tuple(sorted(transaction.record.items(), key=lambda item: item[0]))


def description(transaction: Transaction) -> str:
    """Return a transaction as part of a sentence."""
    return (
        f"{transaction.status}, ₹ {transaction.amount}, created {transaction.created_at}, "
        f"last modified {transaction.modified_at} by {transaction.modified_by}, "
        f"gateway's reference {transaction.raw.get('gatewayTxnId')}"
    )


def _settled(bbps: Bbps, read: Callable[[], list[Payment]]) -> list[Payment]:
    """Return the payments that show, once one does, and no second one for the quiet time."""
    return bbps.polling.settled(read, bool, lambda seen: len(seen) < 2)


def _numbers(payments: list[Payment]) -> str:
    return ", ".join(number for payment in payments for number in payment.receipt_numbers)


def _utc(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(epoch_ms / SECOND, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"₹ {value}"
    return repr(value) if isinstance(value, str) else str(value)
