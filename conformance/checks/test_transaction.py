"""Transaction: created before the money is taken, one at a time for a bill (TXN-01 to TXN-04)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.confirmations import small_bill
from conformance.bbps.dimensions.creations import (
    BLOCKING,
    CREATOR,
    DICTATED,
    ENDING,
    FREEING,
    OTHER_PAYER,
    PLACE,
    Fields,
    Placed,
)
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.flow import FAILURE, Bbps, Signal
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, Transaction, leaves, read, transaction_in
from conformance.checks.controls import granted, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import accepted, not_created_again, refused, same
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

PAISE = Decimal("0.40")


@verifies("TXN-01")
def test_creator_is_the_caller(bbps: Bbps, transaction: Transaction) -> None:
    """The creator that the transaction names is compared with the token's user."""
    uuid = read(bbps.client.login("integrator").body, "UserRequest", "uuid")

    same(transaction.created_by, str(uuid), "createdBy of the transaction")


@verifies("TXN-02")
@crossed(PLACE, DICTATED)
def test_server_state_is_not_dictated(bbps: Bbps, combination: Combination) -> None:
    """The request contains what only the server decides; each alone where all are refused."""
    bill, dictated = bbps.new_bill(), combination[DICTATED](bbps)

    created = _dictating(bbps, bill, combination[PLACE], dictated)

    if created is None:
        granted(bbps.submit_transaction(bill), "the same transaction without them")
    else:
        _server_decides(created, dictated)
        same(created.status, "PENDING", "the status of the new transaction")


@verifies("TXN-02")
@crossed(PLACE, DICTATED, ENDING, rows=5)
def test_server_state_was_not_dictated_for_later(bbps: Bbps, combination: Combination) -> None:
    """A transaction whose request contained what only the server decides ends; it is read again."""
    bill, dictated = small_bill(bbps), combination[DICTATED](bbps)
    created = _dictating(bbps, bill, combination[PLACE], dictated)
    if created is None:
        raise NotApplicable("what a client dictates is refused with the transaction")
    signal = combination[ENDING] if bbps.target.mode.pays else FAILURE

    ended = unless_hindered(lambda: _ended(bbps, created, signal), " at the end")

    reported = {name: value for name, value in dictated.items() if name != "txnStatus"}
    _server_decides(ended, reported)  # its state is the one reported, whatever was dictated


def _dictating(
    bbps: Bbps,
    bill: Bill,
    place: Callable[[Mapping[str, Any]], Placed],
    dictated: Mapping[str, Any],
) -> Transaction | None:
    """Create a transaction with what a client dictates, as search shows it; None if refused.

    Where all of it together is refused, each field is tried alone.
    """
    for fields in (dictated, *({name: value} for name, value in dictated.items())):
        placed = place(fields)
        request = {**bbps.transaction_request(bill, bill.amount), **placed.transaction}
        response = bbps.client.call(
            "transaction.create",
            query=placed.query,
            body={**placed.beside, "Transaction": request},
        )
        if taken(response, "a transaction with what a client dictates"):
            return bbps.transaction(transaction_in(response).id)
    return None


def _ended(bbps: Bbps, created: Transaction, signal: Signal) -> Transaction:
    """End a transaction without a reference of the gateway; with one where that is refused."""
    unnamed = {bbps.target.outcome.parameters.reference: None}
    if not taken(bbps.update(created, signal, also=unnamed), "a report without a reference"):
        return bbps.finish(created, signal)
    return bbps.polling.eventually(
        lambda: bbps.transaction(created.id),
        lambda seen: seen.status in {"SUCCESS", "FAILURE"},
        "the end of the transaction",
    )


def _server_decides(stored: Transaction, dictated: Fields) -> None:
    """Demand that nothing of a transaction is what a client dictated at its creation."""
    shown, sent = stored.record, dict(leaves(dictated))
    kept = [place for place, value in sent.items() if shown.get(place) == value]
    same(kept, [], "the list of what the client decided")


Wrong = Callable[[Bill], dict[str, Any]]


def _parts(bill: Bill, paid: Decimal) -> list[dict[str, Any]]:
    return [{"taxAmount": bill.amount, "amountPaid": paid, "billId": bill.id}]


WRONG_TRANSACTIONS: dict[str, Wrong] = {
    "amount one rupee less than its parts": lambda bill: {"txnAmount": f"{bill.amount - 1}"},
    "less than a paisa more than its parts": lambda bill: {
        "txnAmount": f"{bill.amount + Decimal('0.004')}"
    },
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
@crossed(BLOCKING, CREATOR, OTHER_PAYER, rows=5)
def test_bill_takes_no_second_transaction(bbps: Bbps, combination: Combination) -> None:
    """A transaction is requested on a bill that has one which is pending or successful."""
    bill = small_bill(bbps)
    first = combination[BLOCKING](bbps, bill, bbps.create_transaction(bill))
    if first.status == "FAILURE":
        raise NotApplicable("not looked at: an open outcome ends a transaction here")

    response = bbps.submit_transaction(
        bill, as_=combination[CREATOR], **combination[OTHER_PAYER](bbps, bill)
    )

    what = f"a second transaction on a bill whose first one is {first.status}"
    if first.status == "PENDING" and combination.plain_in(CREATOR, OTHER_PAYER):
        not_created_again(bbps, response, first, what)
    else:
        refused(response, what)
    shown = bbps.polling.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda seen: len(seen) < 2
    )
    same([each.id for each in shown], [first.id], "the list of transactions on the bill")


@verifies("TXN-04")
@crossed(FREEING, CREATOR, rows=3)
def test_failure_frees_the_bill(bbps: Bbps, combination: Combination) -> None:
    """After a failed transaction the bill is tried again, and again."""
    bill, creator = bbps.new_bill(), combination[CREATOR]
    combination[FREEING](bbps, bill, bbps.create_transaction(bill))

    for number in ("first", "second"):
        response = bbps.submit_transaction(bill, as_=creator)

        accepted(response, f"a new transaction after the {number} failed one")
        created = bbps.transaction(transaction_in(response).id)
        granted(bbps.update(created, FAILURE, as_=creator), "the owner's report of failure")
        _seen_failed(bbps, created)


def _seen_failed(bbps: Bbps, transaction: Transaction) -> None:
    bbps.polling.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda seen: seen.status == "FAILURE",
        "the transaction's state FAILURE",
    )


def _nothing_stored(bbps: Bbps, bill: Bill) -> None:
    stored = bbps.polling.lastingly(
        lambda: bbps.transactions(billId=bill.id), lambda seen: not seen
    )
    same([each.id for each in stored], [], "the list of transactions on the bill")
