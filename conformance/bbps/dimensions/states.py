"""The states of a transaction: what was reported of it, and what became of its bill meanwhile.

A value brings a new transaction into a state: `value(bbps, bill, transaction)` returns it as search
shows it then.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import FAILURE, OPEN, SUCCESS, Bbps, Signal, success
from conformance.bbps.models import Bill, Transaction, transaction_in
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, NotApplicable

State = Callable[[Bbps, Bill, Transaction], Transaction]
ANOTHER_AMOUNT: Final = Decimal(3)  # rupees more that a demand is changed to


def _fresh(_bbps: Bbps, _bill: Bill, transaction: Transaction) -> Transaction:
    return transaction


def _opened(bbps: Bbps, _bill: Bill, transaction: Transaction) -> Transaction:
    """Report that the outcome is open; the deployment may end a transaction at that."""
    _may_succeed(bbps)
    answered = transaction_in(_reported(bbps, transaction, OPEN))
    shown, _ = bbps.polling.within_deadline(
        lambda: bbps.transaction(transaction.id),
        lambda seen: (seen.status, seen.modified_at) == (answered.status, answered.modified_at),
    )
    return shown


def _bill_replaced(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
    """Change the demand, and fetch the bill that replaces the transaction's."""
    if bbps.target.bills.provision != "demands":
        raise NotApplicable("not looked at: the demands of a pool's bills are not changed")
    bbps.provision.change_demand(bill, bill.amount + ANOTHER_AMOUNT)
    bbps.fetch(bill.consumer_code, service=bill.business_service, tenant=bill.tenant)
    return transaction


def _paid_at_the_counter(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
    paid = bbps.submit_payment(bill, "CASH")
    if not paid.succeeded:
        raise NotApplicable(f"not looked at: the counter took no cash: {paid.description}")
    return transaction


def _ended(signal: Signal) -> State:
    return lambda bbps, _bill, transaction: bbps.finish(transaction, signal)


def _by_get(bbps: Bbps, _bill: Bill, transaction: Transaction) -> Transaction:
    """Report success by GET; leave that out where no such update is served."""
    _may_succeed(bbps)
    response = bbps.update(transaction, SUCCESS, method="GET")
    if not response.succeeded:
        raise NotApplicable(f"not looked at: no update by GET here: {response.description}")
    return bbps.polling.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda seen: seen.status == "SUCCESS",
        "the transaction's state SUCCESS",
    )


def _amount_refused(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
    """Report success with one rupee more than was promised, which ends the transaction."""
    _may_succeed(bbps)
    response = bbps.update(transaction, success(amount=bill.amount + 1))
    if response.turned_away:
        raise Inconclusive("the owner's updates do not reach a service", response.missing_grant)
    if not response.succeeded:
        raise NotApplicable(
            f"not looked at: another amount ends no transaction here: {response.description}"
        )
    shown, ended = bbps.polling.within_deadline(
        lambda: bbps.transaction(transaction.id), lambda seen: seen.status != "PENDING"
    )
    if not ended:
        raise NotApplicable("not looked at: another amount leaves a transaction pending here")
    if shown.status != "FAILURE":
        raise Inconclusive(f"another amount ended a transaction in {shown.status}", "see TXN-12")
    return shown


def _may_succeed(bbps: Bbps) -> None:
    """Leave out what could succeed by mistake, where no money may move."""
    if not bbps.target.mode.pays:
        raise NotApplicable(f"not looked at: mode {bbps.target.mode} sends nothing that could pay")


def _after_open(signal: Signal) -> State:
    def reach(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
        opened = _opened(bbps, bill, transaction)
        if opened.status != "PENDING":
            raise NotApplicable("not looked at: an open outcome ends a transaction here")
        return bbps.finish(opened, signal)

    return reach


def _tried_again(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
    failed = bbps.finish(transaction, FAILURE)
    bbps.create_transaction(bill)
    return failed


def _paid_by_another(bbps: Bbps, bill: Bill, transaction: Transaction) -> Transaction:
    failed = bbps.finish(transaction, FAILURE)
    bbps.pay(bill)
    return failed


def _reported(bbps: Bbps, transaction: Transaction, signal: Signal) -> Response:
    response = bbps.update(transaction, signal)
    if response.refused and not response.turned_away:
        raise NotApplicable(
            f"not looked at: an update without an outcome is refused here: {response.description}"
        )
    if not response.succeeded:
        raise Inconclusive(
            f"the owner could not report an open outcome: {response.description}",
            response.missing_grant or "see TXN-05 and TXN-06 for the update itself",
        )
    return response


FRESH: Final = "fresh"
STATE: Final[Dimension[State]] = Dimension(
    name="state",
    source="TXN-08 to TXN-10 name no state: they hold in each",
    values={
        FRESH: _fresh,
        "an open outcome was reported": _opened,
        "its bill was replaced": _bill_replaced,
        "its bill was paid at the counter": _paid_at_the_counter,
        "successful": _ended(SUCCESS),
        "successful after an open outcome": _after_open(SUCCESS),
        "successful, reported by GET": _by_get,
        "failed": _ended(FAILURE),
        "failed for its amount": _amount_refused,
        "failed after an open outcome": _after_open(FAILURE),
        "failed, and tried again": _tried_again,
        "failed, and paid by another": _paid_by_another,
    },
)
PENDING: Final = STATE.only(
    FRESH,
    "an open outcome was reported",
    "its bill was replaced",
    "its bill was paid at the counter",
)
REPORTED: Final = PENDING.only(FRESH, "an open outcome was reported")
SUCCESSFUL: Final = STATE.only(*(name for name in STATE.values if name.startswith("successful")))
FAILED: Final = STATE.only(*(name for name in STATE.values if name.startswith("failed")))
