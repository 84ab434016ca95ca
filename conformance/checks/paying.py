"""What the checks of payments share: that a right payment is taken, and bills that are paid."""

from collections.abc import Sequence
from typing import TypeVar

from conformance.bbps import trials
from conformance.bbps.dimensions.payments import Way
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Payment, transaction_in
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill
from conformance.checks.controls import granted, taken
from conformance.checks.expect import demand, never_succeeds, refused, same
from conformance.client.response import Response
from conformance.profile.target import Service

T = TypeVar("T")


def works(bbps: Bbps, way: Way, *services: Service) -> None:
    """Make sure, once a run, that what is due on bills of some services is taken by a way in.

    A transaction may stay pending: so it costs nothing, and no outcome need be reported.
    """
    if not way.by_transaction:
        paid_bills(bbps, way, *services)
        return
    payable_together(bbps, way, *services)
    name = f"{way} on bills of {_codes(services)}"

    def request() -> None:
        bills = [cheap_bill(bbps, each) for each in services]
        granted(way.submit(bbps, due(bills)), name)

    bbps.made_once(name, request)


def paid_bills(bbps: Bbps, way: Way, *services: Service) -> Sequence[Bill]:
    """Have bills that were paid together, one of each service, the same for a whole run."""
    payable_together(bbps, way, *services)
    name = f"{way} of what is due for {_codes(services)}"

    def pay() -> Sequence[Bill]:
        bills = [cheap_bill(bbps, each) for each in services]
        response = way.submit(bbps, due(bills))
        granted(response, name)
        if way.by_transaction:
            paid = bbps.finish(bbps.transaction(transaction_in(response).id), SUCCESS)
            bbps.receipt_of(paid)  # a success without a payment is no control
        return bills

    return bbps.made_once(name, pay)


def payable_together(bbps: Bbps, way: Way, *services: Service) -> None:
    """See that a way in pays so many bills at once: a transaction need not take several."""
    if way.by_transaction and len(services) > 1:
        trials.several_bills(bbps)


def _codes(services: Sequence[Service]) -> str:
    return ", ".join(each.business_service for each in services)


def not_paid_again(bbps: Bbps, way: Way, response: Response, why: str) -> bool:
    """Demand a refusal; of a transaction that is taken, that no money is taken with it.

    Return whether one is taken.
    """
    if not way.by_transaction:
        refused(response, f"{way} {why}")
        return False
    if not taken(response, f"{way} {why}"):
        return False
    transaction = transaction_in(response)
    never_succeeds(bbps, transaction, bbps.update(transaction, SUCCESS), f"a transaction {why}")
    return True


def act(bbps: Bbps, action: str, *payments: Payment) -> Response:
    """Request one action of the workflow on some payments, as the cashier."""
    return bbps.client.call(
        "payment.workflow",
        as_="cashier",
        path={"module": bbps.target.bills.search_module},
        body={
            "PaymentWorkflows": [
                {
                    "paymentId": each.id,
                    "action": action,
                    "tenantId": bbps.target.tenant,
                    "reason": "conformance check",
                }
                for each in payments
            ]
        },
    )


def becomes(bbps: Bbps, payment: Payment, status: str, when: str) -> Payment:
    """Demand that a payment reaches a status within the declared delay."""
    stored, _ = bbps.polling.within_deadline(
        lambda: bbps.payment(payment.id), lambda sight: sight.status == status
    )
    same(stored.status, status, f"the payment status {when}")
    return stored


def stays(bbps: Bbps, before: Payment, when: str) -> None:
    """Demand that the whole record of a payment stays as it was, for the quiet time."""
    after = bbps.polling.lastingly(
        lambda: bbps.payment(before.id), lambda sight: sight.raw == before.raw
    )
    changed = sorted(
        key for key in {*before.raw, *after.raw} if before.raw.get(key) != after.raw.get(key)
    )
    demand(
        not changed,
        required=f"the payment stays as it was {when}",
        observed=f"it differs in {', '.join(changed)}; its status is {after.status}",
    )


def due_again(bbps: Bbps, bill: Bill, when: str) -> None:
    """Demand that the whole amount of a bill is due again; `when` says after what."""
    due_now, offered = bbps.polling.within_deadline(lambda: bbps.bills_for(bill), bool)
    demand(offered, required=f"a bill is offered again {when}", observed="fetchBill offers none")
    same(due_now[0].amount, bill.amount, f"the amount due again {when}")


def nothing_due(bbps: Bbps, bill: Bill, what: str) -> None:
    """Demand that a bill is not offered any more; `what` describes it."""
    due_still, gone = bbps.polling.within_deadline(
        lambda: bbps.bills_for(bill), lambda bills: not bills
    )
    demand(
        gone,
        required=f"{what} is not offered again",
        observed=f"fetchBill offers ₹ {sum(each.amount for each in due_still)}",
    )
