"""The judging verbs of checks: each raises Violation with both halves, required and observed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, Transaction
from conformance.client.response import Answer
from conformance.core.verdicts import Inconclusive, Violation


def demand(condition: bool, *, required: str, observed: str) -> None:
    """Raise Violation unless the condition holds; both halves are sentences for an outsider."""
    if not condition:
        raise Violation(required, observed)


def same(observed: Any, required: Any, what: str) -> None:
    """Demand that two values are equal; `what` names the thing compared."""
    demand(
        observed == required,
        required=f"{what} is {_shown(required)}",
        observed=f"{what} is {_shown(observed)}",
    )


def accepted(answer: Answer, what: str) -> None:
    """Demand a 2xx; a breakdown (5xx) is a refusal of what should have been accepted, too."""
    demand(
        answer.succeeded,
        required=f"{what} is accepted",
        observed=f"it was answered {answer.in_words}",
    )


def granted(answer: Answer, what: str) -> None:
    """Make sure, as a precondition, of a 2xx: Inconclusive otherwise."""
    if not answer.succeeded:
        raise Inconclusive(
            f"{what} could not be had: {answer.in_words}",
            "see the requirement that demands it, or the actor's rights",
        )


def refused(answer: Answer, what: str) -> None:
    """Demand a 4xx. A 5xx decides nothing here: the deployment broke down, it did not decide."""
    demand(
        not answer.succeeded,
        required=f"{what} is refused",
        observed=f"it was accepted with {answer.in_words}",
    )
    if answer.status >= 500 and not answer.no_session:  # some gateways tell it with a 500
        raise Inconclusive(
            f"{what} was answered {answer.in_words}: a breakdown, not a refusal",
            "see CON-02 and CON-07 for breakdowns",
        )


def unchanged(bbps: Bbps, before: Transaction) -> None:
    """Demand that a transaction reads as before, and keeps doing so for the quiet time."""
    after = bbps.patience.lastingly(
        lambda: bbps.transaction(before.id), lambda sight: state(sight) == state(before)
    )
    demand(
        state(after) == state(before),
        required=f"the transaction stays as it was: {in_words(before)}",
        observed=f"it reads {in_words(after)}",
    )


def no_receipt(bbps: Bbps, transaction: Transaction, when: str) -> None:
    """Demand that no payment carries the transaction's id, and that none appears."""
    payments = bbps.patience.lastingly(lambda: bbps.payments_of(transaction), lambda seen: not seen)
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


def same_amount(observed: Decimal | None, required: Decimal | None, what: str) -> None:
    """Demand that two amounts in rupees are equal, whatever their scale."""
    demand(
        observed == required,
        required=f"{what} is ₹ {required}",
        observed=f"it is ₹ {observed}" if observed is not None else "it is missing",
    )


def each(items: list[Any], holds: Callable[[Any], bool], *, required: str) -> None:
    """Demand that something holds for every item, and that there is at least one."""
    strays = [item for item in items if not holds(item)]
    demand(
        bool(items) and not strays,
        required=required,
        observed=f"not so for {strays[:3]}" if items else "there is nothing to look at",
    )


def state(transaction: Transaction) -> tuple[Any, ...]:
    """Return what no refused or ignored update may change of a transaction."""
    return (
        transaction.status,
        transaction.amount,
        transaction.created_by,
        transaction.created_at,
        transaction.modified_by,
        transaction.modified_at,
        transaction.raw.get("receipt"),
        transaction.raw.get("gatewayTxnId"),
    )


def in_words(transaction: Transaction) -> str:
    """Return a transaction as part of a sentence."""
    return (
        f"{transaction.status}, ₹ {transaction.amount}, created {transaction.created_at}, "
        f"last modified {transaction.modified_at} by {transaction.modified_by}, "
        f"gateway's reference {transaction.raw.get('gatewayTxnId')}"
    )


def _settled(bbps: Bbps, read: Callable[[], list[Payment]]) -> list[Payment]:
    """Return the payments that show, once one does, and no second one for the quiet time."""
    bbps.patience.within_deadline(read, bool)
    return bbps.patience.lastingly(read, lambda seen: len(seen) < 2)


def _numbers(payments: list[Payment]) -> str:
    return ", ".join(number for payment in payments for number in payment.receipt_numbers)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)
