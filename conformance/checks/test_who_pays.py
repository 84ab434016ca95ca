"""Others who may pay at the counter keep its rules; the other checks pay as the cashier.

Who may not pay a right bill is left out: then there is nothing to misjudge.
"""

from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.dimensions.payments import (
    BESIDE_THE_CASHIER,
    FIVE,
    LACK,
    WRONG_AMOUNT,
    Way,
    lawful,
)
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill
from conformance.bbps.payloads import Share, due
from conformance.bbps.shelf import cheap_bill, lent
from conformance.checks.controls import granted
from conformance.checks.crossed import crossed
from conformance.checks.expect import paid_once, refused
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

ONLINE: Final = Way(mode="ONLINE")
OFF_BY_ONE: Final = WRONG_AMOUNT.only("one rupee less", "one rupee more")


@verifies("PAY-06")
@crossed(BESIDE_THE_CASHIER)
def test_payer_needs_the_numbers_of_the_mode(bbps: Bbps, combination: Combination) -> None:
    """An online payment without its instrument number is created by others than the cashier."""
    payer, service = _payer(bbps, combination), needs.taking(bbps, ONLINE.mode)
    lacking = LACK.values["no instrument number"](bbps.clock.now())

    with lent(bbps, service) as loan:
        response = ONLINE.submit(bbps, due(loan.bills), as_=payer, **lacking)
        refused(response, f"{ONLINE} by the {payer} without an instrument number")


@verifies("PAY-07")
@crossed(BESIDE_THE_CASHIER)
def test_payer_uses_a_mode_that_is_allowed(bbps: Bbps, combination: Combination) -> None:
    """A payment in a mode that its service disallows is created by others than the cashier."""
    payer, terms = _payer(bbps, combination), needs.disallowing(bbps)
    way = Way(mode=next(mode for mode in terms.shut if mode in FIVE))

    with lent(bbps, terms.service) as loan:
        response = way.submit(bbps, due(loan.bills), as_=payer)
        refused(response, f"{way} by the {payer}, which is not allowed")


@verifies("PAY-08")
@crossed(BESIDE_THE_CASHIER, OFF_BY_ONE)
def test_payer_pays_the_amount_due(bbps: Bbps, combination: Combination) -> None:
    """Another amount than is due is paid by others than the cashier."""
    payer, terms = _payer(bbps, combination), _terms(bbps)

    with lent(bbps, terms.service) as loan:
        bill = loan.bills[0]
        share = Share(bill=bill, paid=combination[OFF_BY_ONE](bill.amount))
        if lawful([share], terms):
            raise NotApplicable(f"{terms.code} allows to pay {combination.name(OFF_BY_ONE)}")
        response = ONLINE.submit(bbps, [share], as_=payer)
        refused(response, f"{ONLINE} by the {payer} of ₹ {share.paid} for ₹ {bill.amount} due")


@verifies("PAY-09")
@crossed(BESIDE_THE_CASHIER)
def test_payer_pays_a_bill_once(bbps: Bbps, combination: Combination) -> None:
    """A bill that was paid is paid again by others than the cashier, and then by the cashier."""
    payer = _payer(bbps, combination)
    bill = _paid(bbps, payer)

    for again in (payer, "cashier"):
        response = ONLINE.submit(bbps, due([bill]), as_=again)
        refused(response, f"{ONLINE} by the {again} on a bill that the {payer} has paid")

    paid_once(bbps, bill)


def _terms(bbps: Bbps) -> needs.Terms:
    """Have the terms of a certified business service that takes mode ONLINE."""
    service = needs.taking(bbps, ONLINE.mode)
    return next(each for each in needs.certified(bbps) if each.service == service)


def _payer(bbps: Bbps, combination: Combination) -> str:
    """Have somebody who may pay a right bill; NotApplicable if that is refused."""
    payer = combination[BESIDE_THE_CASHIER]
    unless_hindered(lambda: _paid(bbps, payer))
    return payer


def _paid(bbps: Bbps, payer: str) -> Bill:
    """Have a bill that somebody has paid, the same for a whole run."""

    def pay() -> Bill:
        bill = cheap_bill(bbps, needs.taking(bbps, ONLINE.mode))
        granted(ONLINE.submit(bbps, due([bill]), as_=payer), f"{ONLINE} by the {payer}")
        return bill

    return bbps.made_once(f"{ONLINE} by the {payer}", pay)
