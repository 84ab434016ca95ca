"""Transactions of a second BBPS user keep the rules; the other checks are about those of the first.

A profile without a rival leaves these checks out.
"""

from decimal import Decimal

import pytest

from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, success
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Transaction
from conformance.checks.controls import granted
from conformance.checks.expect import kept_out, never_succeeds, no_receipt, unchanged
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent


@verifies("TXN-08")
def test_first_user_finishes_nothing_of_the_second(bbps: Bbps) -> None:
    """The integrator reports success of the rival's transaction; the rival ends it."""
    transaction = _pending(bbps)

    kept_out(bbps.update(transaction, SUCCESS), "an update of the rival's transaction")

    unchanged(bbps, transaction)
    granted(bbps.update(transaction, FAILURE, as_="rival"), "the rival's update of its own")


@verifies("TXN-12")
def test_other_amount_of_the_second_user_never_succeeds(bbps: Bbps) -> None:
    """The rival reports success of its transaction with one rupee more than it promised."""
    transaction = _pending(bbps)
    promised = transaction.amount or Decimal(0)
    other = promised + 1

    response = bbps.update(transaction, success(amount=other), as_="rival")

    never_succeeds(bbps, transaction, response, f"₹ {other} reported by the rival for ₹ {promised}")


@verifies("TXN-10")
def test_failure_of_the_second_user_is_final(bbps: Bbps) -> None:
    """The rival's transaction failed; the rival reports success."""
    transaction = _pending(bbps)
    granted(bbps.update(transaction, FAILURE, as_="rival"), "the rival's report of failure")
    failed = bbps.polling.eventually(
        lambda: bbps.transaction(transaction.id),
        lambda sight: sight.status == "FAILURE",
        "the transaction's state FAILURE",
    )

    bbps.update(failed, SUCCESS, as_="rival")  # whatever it answers: the record decides

    unchanged(bbps, failed)
    no_receipt(bbps, failed, "after a failure, whatever is reported later")


def _pending(bbps: Bbps) -> Transaction:
    """Have a pending transaction of the rival."""
    unless_hindered(lambda: bbps.client.token("rival"))
    return bbps.create_transaction(bbps.new_bill(), as_="rival")
