"""Updates of a transaction: finished once, by what was promised, and never changed afterwards."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from conformance.bbps.dimensions.amounts import NOTATION
from conformance.bbps.dimensions.confirmations import (
    CONFIRMED,
    OTHER_AMOUNT,
    PLAIN,
    confirm,
    small_bill,
)
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.dimensions.states import FAILED, REPORTED, SUCCESSFUL
from conformance.bbps.dimensions.updates import (
    AS_USUAL,
    CONTENT,
    LOOKALIKES,
    REPORT,
    SERVED,
    SPELLINGS,
)
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps
from conformance.bbps.models import (
    Payment,
    Transaction,
    differences,
    leaves,
    transaction_in,
)
from conformance.bbps.payloads import PAYER
from conformance.checks.controls import granted, reached, taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import (
    accepted,
    demand,
    kept,
    never_succeeds,
    no_receipt,
    one_receipt,
    refused,
    same,
    shown,
    unchanged,
)
from conformance.checks.probes import UPDATE
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

BODY: Final = CONTENT.only("none", "a transaction in the body")
OUTCOME: Final = REPORT.only("success", "failure", "another amount", "an open outcome")
WITHOUT_SUCCESS: Final = ("failure", "another amount", "an open outcome", "nothing")
# Of a payment that is read back, what its services may add or change later.
LATER: Final = ("fileStoreId", "bill")


@verifies("TXN-05")
@crossed(CONFIRMED, NOTATION, REPORTED, rows=5)
def test_owner_marks_success(bbps: Bbps, combination: Combination) -> None:
    """The integrator reports that the customer has paid what was promised, in any notation."""
    bill = small_bill(bbps)
    promised = combination[NOTATION](bill.amount)
    created = bbps.create_transaction(bill, txnAmount=promised)
    transaction = _pending(combination[REPORTED](bbps, bill, created))

    response = confirm(bbps, transaction, combination[CONFIRMED](bill.amount))

    if combination.name(CONFIRMED) not in PLAIN and not taken(response, "an odd notation"):
        unchanged(bbps, transaction)  # it may be refused, but not taken for another amount
        return
    accepted(response, "the owner's report of success")
    same(transaction_in(response).status, "SUCCESS", "the status in the answer to the update")
    shown(bbps, transaction, "SUCCESS")


@verifies("TXN-06")
@crossed(CONTENT, REPORTED, SERVED, rows=3)
def test_owner_marks_failure(bbps: Bbps, combination: Combination) -> None:
    """The integrator reports that the payment failed, whatever else the update contains."""
    bill = bbps.new_bill()
    created = bbps.create_transaction(bill)
    transaction = _pending(combination[REPORTED](bbps, bill, created))
    content = combination[CONTENT]
    if combination.name(CONTENT) != CONTENT.plain and not bbps.target.mode.pays:
        raise NotApplicable("not looked at: such an update could succeed, and no money may move")

    response = bbps.update(
        transaction,
        FAILURE,
        method=combination[SERVED].name,
        body=content.body(transaction),
        also=content.parameters(transaction),
    )

    if combination.name(SERVED) != SERVED.plain and not response.succeeded:
        raise NotApplicable(f"not looked at: no update by GET here: {response.description}")
    accepted(response, "the owner's report of failure")
    same(transaction_in(response).status, "FAILURE", "the status in the answer to the update")
    shown(bbps, transaction, "FAILURE")
    no_receipt(bbps, transaction, "after a failure")


@verifies("TXN-07")
@pytest.mark.parametrize("id_", [None, "", "  "], ids=["none", "empty", "blank"])
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

    _said_why(response, "an update of an unknown transaction")


@verifies("TXN-07")
def test_unknown_ids_that_look_right_are_refused(bbps: Bbps, transaction: Transaction) -> None:
    """Updates name ids that differ from a real one in a character, and belong to nothing."""
    for how, change in LOOKALIKES.items():
        id_ = change(transaction.id)
        if id_ != transaction.id and not bbps.transactions(txnId=id_):
            _said_why(bbps.update(id_, FAILURE), f"an update of an unknown id ({how})")

    unchanged(bbps, transaction)
    bbps.finish(transaction, FAILURE)  # the control: with its id it may be updated


@verifies("TXN-09")
@crossed(SUCCESSFUL, REPORT, SERVED, SPELLINGS, BODY, rows=4)
def test_success_cannot_be_taken_back(bbps: Bbps, combination: Combination) -> None:
    """After success the owner reports something else, then success and failure once more."""
    bill = small_bill(bbps)
    paid = combination[SUCCESSFUL](bbps, bill, bbps.create_transaction(bill))
    receipt = bbps.receipt_of(paid)

    _report(bbps, paid, combination)  # whatever they answer: the record decides
    bbps.update(paid, SUCCESS)
    bbps.update(paid, FAILURE)

    unchanged(bbps, paid)
    found = differences(_lasting(receipt), _lasting(one_receipt(bbps, paid)))
    demand(not found, required="the receipt stays as it was", observed="; ".join(found))


@verifies("TXN-10")
@crossed(
    FAILED,
    REPORT,
    SERVED,
    SPELLINGS,
    BODY,
    never=(  # that bill is paid: a success would be refused for it
        never(
            FAILED,
            ("failed, and paid by another",),
            REPORT,
            tuple(name for name in REPORT.values if name not in WITHOUT_SUCCESS),
        ),
    ),
    rows=6,
)
def test_failure_cannot_become_success(bbps: Bbps, combination: Combination) -> None:
    """After failure the owner reports something else, then success."""
    bill = small_bill(bbps)
    failed = combination[FAILED](bbps, bill, bbps.create_transaction(bill))

    _report(bbps, failed, combination)  # whatever they answer: the record decides
    bbps.update(failed, SUCCESS)

    unchanged(bbps, failed)
    no_receipt(bbps, failed, "after a failure, whatever is reported later")


@verifies("TXN-12")
@crossed(OTHER_AMOUNT, REPORTED, SERVED, BODY, rows=6)
def test_other_amount_never_succeeds(bbps: Bbps, combination: Combination) -> None:
    """Success is reported with another amount than promised, which the body may promise, too."""
    bill = bbps.new_bill()
    promised, other = bill.amount, combination[OTHER_AMOUNT](bill.amount)
    created = bbps.create_transaction(bill)
    transaction = _pending(combination[REPORTED](bbps, bill, created))
    body = {}
    if combination.name(BODY) != BODY.plain:
        body = {"Transaction": {**transaction.raw, "txnAmount": other}}

    response = confirm(bbps, transaction, other, method=combination[SERVED].name, body=body)

    never_succeeds(bbps, transaction, response, f"₹ {other} reported for ₹ {promised}")
    no_receipt(bbps, transaction, "for an amount that was not promised")


@verifies("TXN-13")
@crossed(CONTENT, OUTCOME, SERVED, rows=4)
def test_update_changes_nothing_of_the_creation(bbps: Bbps, combination: Combination) -> None:
    """An update contains other creation data; search shows what it answered, and the old data."""
    bill = small_bill(bbps)
    transaction, content = bbps.create_transaction(bill), combination[CONTENT]

    response = combination[OUTCOME].by(
        bbps,
        transaction,
        method=combination[SERVED].name,
        body=content.body(transaction),
        also=content.parameters(transaction),
    )

    if taken(response, "the owner's update"):
        updated = transaction_in(response)
        sight = shown(bbps, transaction, updated.status)
        same(updated.created_at, transaction.created_at, "createdTime in the answer to the update")
    else:
        sight = bbps.transaction(transaction.id)
    same(sight.amount, bill.amount, "the amount after the update")
    found = differences(transaction.creation, sight.creation)
    demand(
        not found,
        required="the creation data stay as they were",
        observed=f"after the update {'; '.join(found)}",
    )


@verifies("RCP-06")
def test_receipt_is_of_the_creation(bbps: Bbps) -> None:
    """The update of a success contains another payer and bill; the receipt has the first."""
    transaction = bbps.create_transaction(small_bill(bbps))
    body = CONTENT.values["a transaction in the body"].body(transaction)

    granted(bbps.update(transaction, SUCCESS, body=body), "the owner's report of success")

    bbps.polling.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda seen: seen.status == "SUCCESS",
        "the transaction's state SUCCESS",
    )
    payment = one_receipt(bbps, transaction)
    kept(payment.raw.get("payerName"), PAYER["name"], "the payer's name on the receipt")
    same(payment.amount, transaction.amount, "the amount of the receipt")
    same(payment.bill_ids, (transaction.bill_id,), "the bill of the receipt")


def _report(bbps: Bbps, ended: Transaction, combination: Combination) -> None:
    """Report something of a transaction that has ended, as a combination has it."""
    also: Mapping[str, Any] = {}
    if combination.name(SPELLINGS) != AS_USUAL:
        named = combination[SPELLINGS].parameters("", ended.id)
        also = {bbps.target.outcome.parameters.id: None, **named}
    combination[REPORT].by(
        bbps,
        ended,
        also=also,
        method=combination[SERVED].name,
        body=combination[BODY].body(ended),
        tolerant=True,
    )


def _pending(transaction: Transaction) -> Transaction:
    """Return a transaction; NotApplicable where an open outcome has ended it."""
    if transaction.status != "PENDING":
        raise NotApplicable("not looked at: an open outcome ends a transaction here")
    return transaction


def _lasting(payment: Payment) -> dict[str, Any]:
    """Return what of a payment may not change any more, by its places."""
    return {
        place: value
        for place, value in leaves(payment.raw)
        if not set(place.split("/")) & set(LATER)
    }


def _said_why(response: Response, what: str) -> None:
    refused(response, what)
    demand(
        bool(response.codes),
        required=f"the refusal of {what} says why, in the platform's error form",
        observed=f"it was answered {response.description}",
    )
