"""What surrounds a payment: validation, search, workflow (PAY-10, PAY-11, PAY-12)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import DAY, SECOND
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, payments_in, read
from conformance.checks.controls import granted, taken
from conformance.checks.expect import accepted, demand, refused, same
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

PART: Final = Decimal(40)  # rupees
Criterion = Callable[[Payment], dict[str, Any]]
CRITERIA: Final[dict[str, Criterion]] = {
    "ids": lambda payment: {"ids": payment.id},
    "billIds": lambda payment: {"billIds": payment.bill_ids[0]},
    "receiptNumbers": lambda payment: {"receiptNumbers": payment.receipt_numbers[0]},
    "consumerCodes": lambda payment: {"consumerCodes": _consumer_code(payment)},
    "transactionNumber": lambda payment: {"transactionNumber": payment.transaction_number},
}
# Criteria that many payments match are tried together with one that only ours matches.
SHARED_CRITERIA: Final[dict[str, tuple[Criterion, dict[str, Any]]]] = {
    "status": (lambda payment: {"status": payment.status}, {"status": "CANCELLED"}),
    "instrumentStatus": (
        lambda payment: {"instrumentStatus": payment.instrument_status},
        {"instrumentStatus": "DISHONOURED"},
    ),
    "paymentModes": (lambda payment: {"paymentModes": payment.mode}, {"paymentModes": "DD"}),
    "mobileNumber": (
        lambda payment: {"mobileNumber": payment.raw.get("mobileNumber")},
        {"mobileNumber": "6000000000"},
    ),
    "fromDate": (
        lambda payment: {"fromDate": payment.transaction_date - DAY},
        {"fromDate": 4102444800000},
    ),
    "toDate": (
        lambda payment: {"toDate": payment.transaction_date},
        {"toDate": 1},
    ),
    "payerIds": (
        lambda payment: {"payerIds": read(payment.raw, "payerId")},
        {"payerIds": "CONF-NONE"},
    ),
}


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_finds_by_criterion(bbps: Bbps, bill: Bill, name: str) -> None:
    """A payment is searched by one criterion, then by a value that matches nothing."""
    ours, _ = _stored(bbps, bill), _payment(bbps, bbps.new_bill())

    found = bbps.payments(**CRITERIA[name](ours))
    none = bbps.payments(**dict.fromkeys(CRITERIA[name](ours), "CONF-NONE"))

    same([each.id for each in found], [ours.id], f"the payments found by {name}")
    same([each.id for each in none], [], f"the payments found by a {name} that matches nothing")


@verifies("PAY-11")
@pytest.mark.parametrize("name", SHARED_CRITERIA)
def test_search_narrows_by_criterion(bbps: Bbps, bill: Bill, name: str) -> None:
    """A criterion that others match too is tried together with our bill's id."""
    ours = _stored(bbps, bill)
    matching, missing = SHARED_CRITERIA[name]

    found = bbps.payments(billIds=bill.id, **matching(ours))
    none = bbps.payments(billIds=bill.id, **missing)

    same([each.id for each in found], [ours.id], f"the payments found by bill and {name}")
    same([each.id for each in none], [], f"the payments found with a {name} that does not match")


@verifies("PAY-11")
def test_search_narrows_by_business_service(bbps: Bbps) -> None:
    """A payment is searched with its business service, then with another one."""
    service = needs.second_service(bbps)
    bill = bbps.bill_of(service)
    ours = _stored(bbps, bill)

    found = bbps.payments(billIds=bill.id, businessServices=service.business_service)
    none = bbps.payments(billIds=bill.id, businessServices=bbps.target.bills.business_service)

    same([each.id for each in found], [ours.id], "the payments found by bill and business service")
    same([each.id for each in none], [], "the payments found with another business service")


@verifies("PAY-11")
@pytest.mark.parametrize("name", ["ids", "billIds", "consumerCodes"])
def test_search_finds_by_each_of_a_list(bbps: Bbps, bill: Bill, name: str) -> None:
    """Two payments are searched by two values of one criterion."""
    pair = [_stored(bbps, bill), _stored(bbps, bbps.new_bill())]
    values = [CRITERIA[name](each)[name] for each in pair]

    found = bbps.payments(**{name: ",".join(values)})

    same(sorted(each.id for each in found), sorted(each.id for each in pair), "the payments found")


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_keeps_tenants_apart(bbps: Bbps, bill: Bill, name: str) -> None:
    """A payment is searched by one criterion in another tenant."""
    criterion = CRITERIA[name](_stored(bbps, bill))
    at_home = bbps.search_payments(as_="administrator", **criterion)
    granted(at_home, "the same search in the payment's own tenant")

    response = bbps.search_payments(
        as_="administrator", **(criterion | {"tenantId": bbps.target.second_city})
    )

    if taken(response, "a search in another tenant"):
        same(
            [each.id for each in payments_in(response)], [], "the payments found in another tenant"
        )


@verifies("PAY-12")
def test_cash_is_cancelled(bbps: Bbps, bill: Bill) -> None:
    """A fresh CASH payment is cancelled; its state is read back."""
    payment = _payment(bbps, bill)

    accepted(_workflow(bbps, payment, "CANCEL"), "the cancellation of a fresh CASH payment")

    stored = _becomes(bbps, payment, "CANCELLED", "after cancellation")
    same(stored.instrument_status, "CANCELLED", "the instrument status after cancellation")


@verifies("PAY-12")
def test_cheque_is_dishonoured(bbps: Bbps) -> None:
    """A CHEQUE bounces; its state is read back."""
    payment = _payment(bbps, bbps.bill_of(needs.taking(bbps, "CHEQUE")), "CHEQUE")

    accepted(_workflow(bbps, payment, "DISHONOUR"), "the dishonour of a CHEQUE")

    _becomes(bbps, payment, "DISHONOURED", "after dishonour")


@verifies("PAY-12")
def test_cash_is_remitted_then_final(bbps: Bbps, bill: Bill) -> None:
    """CASH is remitted; afterwards it can no longer be cancelled."""
    payment = _payment(bbps, bill)
    bbps.polling.eventually(
        lambda: bbps.bills_for(bill), lambda bills: not bills, "that nothing is due"
    )

    accepted(_workflow(bbps, payment, "REMIT"), "the remittance of CASH")

    _becomes(bbps, payment, "DEPOSITED", "after remittance")
    _nothing_due(bbps, bill)
    refused(_workflow(bbps, payment, "CANCEL"), "the cancellation of remitted money")


@verifies("PAY-12")
def test_cancelled_money_is_due_again(bbps: Bbps, bill: Bill) -> None:
    """A fresh CASH payment is cancelled; the integrator fetches again."""
    granted(_workflow(bbps, _payment(bbps, bill), "CANCEL"), "the cancellation of a CASH payment")

    due, offered = bbps.polling.within_deadline(lambda: bbps.bills_for(bill), bool)

    demand(
        offered,
        required="a bill is offered again after its payment was cancelled",
        observed="fetchBill offers none",
    )
    same(due[0].amount, bill.amount, "the amount due again")


@pytest.mark.alone("moves the clock")
@verifies("PAY-12")
def test_only_the_newest_receipt_is_cancelled(bbps: Bbps) -> None:
    """Two part payments are made for one consumer code: the older is cancelled, then the newer."""
    bill = bbps.bill_of(needs.part_payment(bbps))
    older = _payment(bbps, bill, amount=PART)
    bbps.clock.pass_by(SECOND)  # else their dates do not show their order
    newer = _payment(bbps, _rest(bbps, bill), amount=PART)

    refused(_workflow(bbps, older, "CANCEL"), "the cancellation of a receipt that has a newer one")
    _stays(bbps, older, "NEW", "of the older payment")
    accepted(_workflow(bbps, newer, "CANCEL"), "the cancellation of the newest receipt")


@verifies("PAY-12")
@pytest.mark.parametrize("action", ["CANCEL", "DISHONOUR", "REMIT"])
def test_online_money_is_left_alone(bbps: Bbps, action: str) -> None:
    """A workflow action is tried on an ONLINE payment, which is deposited already."""
    payment = _payment(bbps, bbps.bill_of(needs.taking(bbps, "ONLINE")), "ONLINE")

    refused(_workflow(bbps, payment, action), f"{action} of an ONLINE payment")
    _stays(bbps, payment, "DEPOSITED", "afterwards")


def _payment(
    bbps: Bbps, bill: Bill, mode: str = "CASH", *, amount: Decimal | None = None
) -> Payment:
    response = bbps.submit_payment(bill, mode, amount=amount)
    granted(response, f"a payment in mode {mode}")
    return payments_in(response)[0]


def _stored(bbps: Bbps, bill: Bill) -> Payment:
    """Have a payment in CASH, as a search by its id shows it."""
    return bbps.payment(_payment(bbps, bill).id)


def _rest(bbps: Bbps, bill: Bill) -> Bill:
    """Have the bill of what a part payment left due."""
    offered = bbps.polling.eventually(
        lambda: bbps.bills_for(bill),
        lambda bills: bool(bills) and bills[0].id != bill.id,
        "the bill for the rest",
    )
    return offered[0]


def _becomes(bbps: Bbps, payment: Payment, status: str, when: str) -> Payment:
    """Demand that a payment reaches a status within the declared delay."""
    stored, _ = bbps.polling.within_deadline(
        lambda: bbps.payment(payment.id), lambda sight: sight.status == status
    )
    same(stored.status, status, f"the payment status {when}")
    return stored


def _stays(bbps: Bbps, payment: Payment, status: str, when: str) -> None:
    """Demand that a payment keeps its status for the quiet time."""
    stored = bbps.polling.lastingly(
        lambda: bbps.payment(payment.id), lambda sight: sight.status == status
    )
    same(stored.status, status, f"the payment status {when}")


def _nothing_due(bbps: Bbps, bill: Bill) -> None:
    due = bbps.polling.lastingly(lambda: bbps.bills_for(bill), lambda bills: not bills)
    demand(
        not due,
        required="nothing is due on a bill that stays paid",
        observed=f"fetchBill offers ₹ {sum(each.amount for each in due)}",
    )


def _workflow(bbps: Bbps, payment: Payment, action: str) -> Any:
    return bbps.client.call(
        "payment.workflow",
        as_="cashier",
        path={"module": bbps.target.bills.search_module},
        body={
            "PaymentWorkflows": [
                {
                    "paymentId": payment.id,
                    "action": action,
                    "tenantId": bbps.target.tenant,
                    "reason": "conformance check",
                }
            ]
        },
    )


def _consumer_code(payment: Payment) -> str:
    return str(payment.raw["paymentDetails"][0]["bill"]["consumerCode"])
