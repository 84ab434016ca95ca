"""What the master of a business service allows, so that no check refuses what it permits."""

from decimal import Decimal

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.core.verdicts import NotApplicable
from conformance.mdms.role_actions import business_service


def wrong_amount(bbps: Bbps, bill: Bill, amount: Decimal) -> None:
    """Make sure that an amount in rupees is wrong for a bill; NotApplicable where it is permitted.

    Part payment permits less than due, advance payment more; nothing permits less than a rupee.
    """
    setting, what = ("partPaymentAllowed", "less than due may be paid")
    if amount > bill.amount:
        setting, what = ("isAdvanceAllowed", "more than due may be paid")
    if amount <= 0 or amount == bill.amount:
        return
    if business_service(bbps.client, bill.business_service).get(setting):
        raise NotApplicable(f"{what} for {bill.business_service}: its master has {setting}")
