"""Payers and texts that are legal and unusual: kept whole on both ways in, or refused (CON-05).

The payments are valid under the contract, so that a breakdown is found by CON-02, too.
"""

from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.answers import judged
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.limits import BEYOND, TEXT
from conformance.bbps.dimensions.payers import PAYER, TEXTS, Payer
from conformance.bbps.dimensions.payments import WAY, Way
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import payment_in, read, transaction_in
from conformance.bbps.payloads import due
from conformance.bbps.shelf import lent
from conformance.checks.crossed import crossed
from conformance.checks.expect import answered_4xx, demand, kept
from conformance.checks.paying import works
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

BOTH: Final = WAY.only("CASH", "a transaction")


@verifies("CON-05")
@crossed(BOTH, PAYER, rows=2 * len(PAYER.values))
def test_unusual_payer_is_kept_or_refused(bbps: Bbps, combination: Combination) -> None:
    """A payer's name or number is unusual; the payment, or transaction and receipt, show it."""
    way, payer = combination[BOTH], combination[PAYER]
    service = needs.taking(bbps, way.mode)

    with lent(bbps, service) as loan:
        response = way.submit(bbps, due(loan.bills), **_fields(bbps, way, payer))
        loan.spent = response.succeeded
    if not response.succeeded:
        answered_4xx(response, f"{way} of {payer.name}, {payer.number}")
        works(bbps, way, service)
        return

    if not way.by_transaction:
        _shows(bbps.payment(payment_in(response).id).raw, payer, "payment")
        return
    transaction = bbps.transaction(transaction_in(response).id)
    stored = read(transaction.raw, "user")
    kept(stored.get("name"), payer.name, "the name of the payer of the transaction, read back,")
    update = bbps.update(transaction, SUCCESS)
    judged(update, "the success of the transaction")
    demand(
        not update.broke_down,
        required=f"the success of a transaction of {payer.name} breaks nothing",
        observed=f"it was answered {update.description}",
    )
    if update.succeeded:
        _shows(bbps.receipt_of(transaction).raw, payer, "receipt")


@verifies("CON-05")
@crossed(TEXTS)
def test_unusual_text_is_kept_or_refused(bbps: Bbps, combination: Combination) -> None:
    """A text of a payment is unusual and legal; it is read back."""
    texts, way = combination[TEXTS], WAY.values["CASH"]
    service = needs.taking(bbps, way.mode)

    with lent(bbps, service) as loan:
        response = way.submit(bbps, due(loan.bills), **texts)
        loan.spent = response.succeeded
    if not response.succeeded:
        answered_4xx(response, f"a payment with {combination.name(TEXTS)}")
        works(bbps, way, service)
        return

    stored = bbps.payment(payment_in(response).id)
    for name, text in texts.items():
        kept(stored.raw.get(name), text, f"{name}, read back,")


@verifies("CON-05")
@crossed(TEXT, BEYOND, rows=len(TEXT.values) * len(BEYOND.values))
def test_text_is_never_cut(bbps: Bbps, combination: Combination) -> None:
    """A text of a payment is as long as the contract allows, or longer; it is read back."""
    text, way = combination[TEXT], WAY.values[combination[TEXT].mode]
    sent = text.of_length(text.longest + combination[BEYOND])
    service = needs.taking(bbps, way.mode)

    with lent(bbps, service) as loan:
        response = way.submit(bbps, due(loan.bills), **{text.field: sent})
        loan.spent = response.succeeded
    if not response.succeeded:
        answered_4xx(response, f"a payment whose {text.field} has {len(sent)} characters")
        works(bbps, way, service)
        return

    stored = bbps.payment(payment_in(response).id)
    kept(stored.raw.get(text.field), sent, f"{text.field}, read back,")


def _fields(bbps: Bbps, way: Way, payer: Payer) -> dict[str, Any]:
    """Return the fields of a request that name a payer."""
    if not way.by_transaction:
        return {"paidBy": payer.name, "payerName": payer.name, "mobileNumber": payer.number}
    user = {"name": payer.name, "mobileNumber": payer.number, "userName": payer.number}
    return {"user": {**user, "tenantId": bbps.target.state_tenant}}


def _shows(shown: Any, payer: Payer, what: str) -> None:
    """Demand that a payment shows a payer as he was named, as far as its reader may see him."""
    kept(shown.get("paidBy"), payer.name, f"paidBy of the {what}, read back,")
    kept(shown.get("payerName"), payer.name, f"payerName of the {what}, read back,")
    kept(shown.get("mobileNumber"), payer.number, f"mobileNumber of the {what}, read back,")
