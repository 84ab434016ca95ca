"""Transaction: created before the money is taken, finished once by its owner (TXN-*)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from conformance.bbps import needs
from conformance.bbps.flow import FAILURE, OPEN, SUCCESS, Bbps, Signal, success
from conformance.bbps.models import Bill, Transaction, read, rupees, transaction_in
from conformance.checks.controls import granted, reached
from conformance.checks.expect import (
    accepted,
    demand,
    judged,
    no_receipt,
    one_receipt,
    refused,
    same,
    unchanged,
)
from conformance.checks.probes import UPDATE
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

PAISE = Decimal("0.40")
DICTATED_AUDIT = {
    "createdBy": "somebody-else",
    "createdTime": 1,
    "lastModifiedBy": "somebody-else",
    "lastModifiedTime": 1,
}
SKEW_ALLOWED = 5_000  # ms between the deployment's clocks; a Date header has whole seconds only
# What the owner may report after the end, and by which method.
LATER = {
    "success again": (SUCCESS, "POST"),
    "failure": (FAILURE, "POST"),
    "success with another amount": (success(amount=Decimal(1)), "POST"),
    "no outcome": (OPEN, "POST"),
    "success by GET": (SUCCESS, "GET"),
    "failure by GET": (FAILURE, "GET"),
}


@verifies("TXN-01")
def test_creation_answers_with_a_pending_transaction(bbps: Bbps, bill: Bill) -> None:
    """The integrator requests a transaction before the customer pays."""
    before = bbps.clock.now()
    response = bbps.submit_transaction(bill)
    after = bbps.clock.now()

    accepted(response, "a transaction on a payable bill")
    raw = read(response.body, "Transaction")
    demand(bool(raw.get("txnId")), required="the transaction has an id", observed="it has none")
    same(raw.get("txnStatus"), "PENDING", "the status of the new transaction")
    same(rupees(raw.get("txnAmount")), bill.amount, "the transaction's amount")
    same(raw.get("billId"), bill.id, "the transaction's bill")
    created = int(read(raw, "auditDetails", "createdTime"))
    demand(
        before - SKEW_ALLOWED <= created <= after + SKEW_ALLOWED,
        required=f"createdTime is now ({before} to {after})",
        observed=f"createdTime is {created}",
    )


@verifies("TXN-01")
def test_creator_is_the_caller(bbps: Bbps, transaction: Transaction) -> None:
    """The creator that the transaction names is compared with the token's user."""
    uuid = read(bbps.client.login("integrator").body, "UserRequest", "uuid")

    same(transaction.created_by, str(uuid), "createdBy of the transaction")


@verifies("TXN-01")
def test_ids_are_unique(bbps: Bbps) -> None:
    """Several transactions are created; their ids are compared."""
    ids = [bbps.create_transaction(bbps.new_bill()).id for _ in range(3)]

    same(len(set(ids)), 3, "the number of different transaction ids among three")


@verifies("TXN-02")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("txnStatus", "SUCCESS"),
        ("txnId", "CONF-DICTATED"),
        ("receipt", "CONF-RECEIPT"),
        ("gatewayTxnId", "CONF-GATEWAY"),
        ("auditDetails", DICTATED_AUDIT),
    ],
    ids=lambda value: value if isinstance(value, str) and value[0].islower() else "",
)
def test_server_state_is_not_dictated(bbps: Bbps, bill: Bill, name: str, value: Any) -> None:
    """The request carries a field that only the server decides."""
    response = bbps.submit_transaction(bill, **{name: value})
    if not response.succeeded:
        refused(response, f"a transaction with a client-sent {name}")
        granted(bbps.submit_transaction(bill), f"the same transaction without {name}")
        return

    stored = bbps.transaction(transaction_in(response).id)
    if isinstance(value, dict):
        audit = read(stored.raw, "auditDetails")
        kept = [key for key in value if audit.get(key) == value[key]]
        same(kept, [], "the list of audit details set by the client")
    else:
        same(stored.raw.get(name) == value, False, f"{name} set by the client")
    same(stored.status, "PENDING", "the status of the new transaction")


Wrong = Callable[[Bill], dict[str, Any]]


def _parts(bill: Bill, paid: Decimal) -> list[dict[str, Any]]:
    return [{"taxAmount": bill.amount, "amountPaid": paid, "billId": bill.id}]


WRONG_TRANSACTIONS: dict[str, Wrong] = {
    "amount one rupee less than its parts": lambda bill: {"txnAmount": f"{bill.amount - 1}"},
    "paise more than its parts": lambda bill: {"txnAmount": f"{bill.amount + PAISE}"},
    "paise more than due": lambda bill: {
        "txnAmount": f"{bill.amount + PAISE}",
        "taxAndPayments": _parts(bill, bill.amount + PAISE),
    },
    "amount one rupee more than its parts": lambda bill: {"txnAmount": f"{bill.amount + 1}"},
    "one rupee less than due": lambda bill: {
        "txnAmount": f"{bill.amount - 1}",
        "taxAndPayments": _parts(bill, bill.amount - 1),
    },
    "one rupee more than due": lambda bill: {
        "txnAmount": f"{bill.amount + 1}",
        "taxAndPayments": _parts(bill, bill.amount + 1),
    },
    "negative amount": lambda bill: {
        "txnAmount": f"{-bill.amount}",
        "taxAndPayments": _parts(bill, -bill.amount),
    },
    "zero on a positive bill": lambda bill: {
        "txnAmount": "0",
        "taxAndPayments": _parts(bill, Decimal(0)),
    },
    "unknown bill": lambda bill: {
        "billId": "CONF-NO-BILL",
        "taxAndPayments": [{"amountPaid": bill.amount, "billId": "CONF-NO-BILL"}],
    },
    "unknown gateway": lambda _: {"gateway": "CONFGATEWAY"},
}


@verifies("TXN-03")
@pytest.mark.parametrize("wrong", WRONG_TRANSACTIONS)
def test_wrong_transaction_is_refused(bbps: Bbps, wrong: str) -> None:
    """A transaction is requested with one thing wrong; the right one is accepted afterwards."""
    less, more = "less than due" in wrong, "more than due" in wrong
    terms = needs.refusing(bbps, less=less, more=more) if less or more else None
    bill = bbps.bill_of(terms.service) if terms else bbps.new_bill()
    changes = WRONG_TRANSACTIONS[wrong](bill)

    response = bbps.submit_transaction(bill, **changes)

    refused(response, f"a transaction with: {wrong}")
    _nothing_stored(bbps, bill)
    granted(bbps.submit_transaction(bill), "the right transaction on the same bill")


@verifies("TXN-03")
def test_inactive_gateway_is_refused(bbps: Bbps, bill: Bill) -> None:
    """A transaction names a gateway that is registered but not active."""
    gateway = needs.inactive_gateway(bbps)

    response = bbps.submit_transaction(bill, gateway=gateway)

    refused(response, f"a transaction through the inactive gateway {gateway}")
    _nothing_stored(bbps, bill)
    granted(bbps.submit_transaction(bill), "the right transaction on the same bill")


@verifies("TXN-03")
def test_bill_of_another_tenant_is_refused(bbps: Bbps) -> None:
    """A transaction of one city names the bill of another city."""
    bill = bbps.new_bill(tenant=bbps.target.second_city)

    response = bbps.submit_transaction(bill, tenantId=bbps.target.tenant)

    refused(response, "a transaction on another tenant's bill")
    _nothing_stored(bbps, bill)
    granted(bbps.submit_transaction(bill), "a transaction on the same bill in its own city")


@verifies("TXN-04")
def test_second_transaction_waits_for_the_first(bbps: Bbps, bill: Bill) -> None:
    """A second transaction is requested while the first is pending."""
    bbps.create_transaction(bill)

    response = bbps.submit_transaction(bill)

    refused(response, "a second transaction on a bill that has one pending")


@verifies("TXN-04")
def test_another_users_transaction_waits_for_the_first(bbps: Bbps, bill: Bill) -> None:
    """Another SYSTEM user requests a transaction while the integrator's is pending."""
    bbps.create_transaction(bill)

    response = bbps.submit_transaction(bill, as_="rival")

    refused(response, "a rival's transaction on a bill that has one pending")


@verifies("TXN-04")
def test_paid_bill_takes_no_transaction(bbps: Bbps, bill: Bill) -> None:
    """A transaction is requested on a bill that another one has paid already."""
    bbps.pay(bill)

    refused(bbps.submit_transaction(bill), "a transaction on a bill that is paid")


@verifies("TXN-04")
def test_failure_frees_the_bill(bbps: Bbps, bill: Bill) -> None:
    """After a failed transaction the bill is tried again."""
    bbps.finish(bbps.create_transaction(bill), FAILURE)

    accepted(bbps.submit_transaction(bill), "a new transaction after a failed one")


@verifies("TXN-05")
def test_owner_marks_success(bbps: Bbps, transaction: Transaction) -> None:
    """The integrator reports that the customer has paid."""
    response = bbps.update(transaction, SUCCESS)

    accepted(response, "the owner's report of success")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the update")
    _shown(bbps, transaction, "SUCCESS")


@verifies("TXN-06")
def test_owner_marks_failure(bbps: Bbps, transaction: Transaction) -> None:
    """The integrator reports that the payment failed."""
    response = bbps.update(transaction, FAILURE)

    accepted(response, "the owner's report of failure")
    same(transaction_in(response).status, "FAILURE", "the status in the answer to the update")
    _shown(bbps, transaction, "FAILURE")
    no_receipt(bbps, transaction, "after a failure")


@verifies("TXN-07")
@pytest.mark.parametrize("id_", [None, ""], ids=["none", "empty"])
def test_update_needs_an_id(bbps: Bbps, transaction: Transaction, id_: str | None) -> None:
    """An update names no transaction."""
    query = {bbps.target.outcome.parameters.id: id_, **bbps.stating_failure}

    response = bbps.client.call("transaction.update", query=query)

    refused(response, "an update without a transaction id")
    unchanged(bbps, transaction)
    bbps.finish(transaction, FAILURE)  # the control: with its id it may be updated


@verifies("TXN-07")
def test_update_of_an_unknown_id_is_refused(bbps: Bbps) -> None:
    """An update names a transaction that does not exist; the call reaches the service."""
    reached(bbps, UPDATE)

    response = bbps.update("CONF-NO-TRANSACTION", FAILURE)

    refused(response, "an update of an unknown transaction")
    demand(
        bool(response.codes),
        required="the refusal says why, in the platform's error form",
        observed=f"it was answered {response.description}",
    )


@verifies("TXN-09")
@pytest.mark.parametrize("later", LATER)
def test_success_cannot_be_taken_back(bbps: Bbps, bill: Bill, later: str) -> None:
    """After success the owner reports something else."""
    paid = bbps.pay(bill)
    receipt = bbps.receipt_of(paid)

    _report(bbps, paid, later)  # whatever it answers: the record decides

    unchanged(bbps, paid)
    again = one_receipt(bbps, paid)
    same(again.receipt_numbers, receipt.receipt_numbers, "the receipt numbers")
    same(again.receipt_dates, receipt.receipt_dates, "the receipt dates")


@verifies("TXN-10")
@pytest.mark.parametrize("later", LATER)
def test_failure_cannot_become_success(bbps: Bbps, bill: Bill, later: str) -> None:
    """After failure the owner reports something else."""
    failed = bbps.finish(bbps.create_transaction(bill), FAILURE)

    _report(bbps, failed, later)  # whatever it answers: the record decides

    unchanged(bbps, failed)
    no_receipt(bbps, failed, "after a failure, whatever is reported later")


OTHER_AMOUNTS: dict[str, Callable[[Decimal], Decimal]] = {
    "one rupee less": lambda promised: promised - 1,
    "one rupee more": lambda promised: promised + 1,
    "one paisa less": lambda promised: promised - Decimal("0.01"),
    "one paisa more": lambda promised: promised + Decimal("0.01"),
    "nothing": lambda _: Decimal(0),
    "as many rupees as paise were promised": lambda promised: promised * 100,
}


@verifies("TXN-12")
@pytest.mark.parametrize("other", OTHER_AMOUNTS)
def test_other_amount_never_succeeds(
    bbps: Bbps, bill: Bill, transaction: Transaction, other: str
) -> None:
    """Success is reported with another amount than promised."""
    promised, confirmed = bill.amount, OTHER_AMOUNTS[other](bill.amount)

    response = bbps.update(transaction, success(amount=confirmed))

    judged(response, f"an update with ₹ {confirmed}")
    after = bbps.polling.lastingly(
        lambda: bbps.transaction(transaction.id), lambda sight: sight.status != "SUCCESS"
    )
    demand(
        after.status != "SUCCESS",
        required=f"₹ {confirmed} reported for ₹ {promised} never ends in success",
        observed=f"the transaction is {after.status} with ₹ {after.amount}",
    )
    no_receipt(bbps, transaction, "for an amount that was not promised")


@verifies("TXN-13")
@pytest.mark.parametrize(
    "signal",
    [SUCCESS, FAILURE, success(amount=Decimal(1))],
    ids=["success", "failure", "another amount"],
)
def test_search_shows_what_the_update_answered(
    bbps: Bbps, bill: Bill, transaction: Transaction, signal: Signal
) -> None:
    """A transaction is read back after its update; creation data is compared."""
    response = bbps.update(transaction, signal)
    granted(response, "the owner's update")
    updated = transaction_in(response)

    sight = _shown(bbps, transaction, updated.status)

    same(sight.created_by, transaction.created_by, "createdBy after the update")
    same(sight.created_at, transaction.created_at, "createdTime after the update")
    same(sight.bill_id, bill.id, "the bill after the update")
    same(sight.amount, bill.amount, "the amount after the update")
    same(updated.created_at, transaction.created_at, "createdTime in the answer to the update")


def _report(bbps: Bbps, ended: Transaction, later: str) -> None:
    """Report something of a transaction that has ended."""
    signal, method = LATER[later]
    token = {"auth-token": bbps.client.token("integrator")} if method == "GET" else {}
    bbps.update(ended, signal, method=method, headers=token)


def _shown(bbps: Bbps, transaction: Transaction, status: str) -> Transaction:
    """Demand that search shows a status within the declared delay."""
    sight, reached = bbps.polling.within_deadline(
        lambda: bbps.transaction(transaction.id), lambda seen: seen.status == status
    )
    demand(
        reached,
        required=f"search shows {status} within {bbps.target.limits.settle_seconds:g} s",
        observed=f"search shows {sight.status}",
    )
    return sight


def _nothing_stored(bbps: Bbps, bill: Bill) -> None:
    stored = bbps.polling.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda seen: not seen
    )
    same([each.id for each in stored], [], "the list of transactions on the bill")
