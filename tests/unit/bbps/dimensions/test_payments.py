from dataclasses import replace
from decimal import Decimal

import pytest

from conformance.bbps.dimensions.payments import (
    PLACE,
    SAME_BILL,
    SHARE,
    TOTAL,
    WAY,
    WRONG_AMOUNT,
    lawful,
)
from conformance.bbps.needs import Terms
from conformance.bbps.payloads import due, total
from conformance.profile.target import Service
from tests.unit.bill_documents import bill

SERVICE = Service(business_service="PT", tax_head="PT_TAX")
STRICT = Terms(service=SERVICE, row={"code": "PT"})
IN_PARTS = Terms(service=SERVICE, row={"code": "PT", "partPaymentAllowed": True})
BILLS = [replace(bill(), id=f"b-{number}", amount=Decimal(7)) for number in range(3)]


@pytest.mark.parametrize("name", SHARE.values)
def test_only_the_share_in_question_and_the_one_that_evens_it_out_differ(name: str) -> None:
    place = SHARE.values[name]
    shares = place.shares(BILLS[: place.bills], Decimal(6))
    assert shares[place.index].paid == 6
    others = [each.paid for number, each in enumerate(shares) if number != place.index]
    assert others == ([Decimal(8)] if place.evened_out else [Decimal(7)] * (place.bills - 1))


@pytest.mark.parametrize("name", WRONG_AMOUNT.values)
def test_no_amount_of_the_dimension_is_right_where_only_all_may_be_paid(name: str) -> None:
    wrong = WRONG_AMOUNT.values[name](Decimal(7))
    allowed = [
        each for each in SHARE.values.values()
        if lawful(each.shares(BILLS[: each.bills], wrong), STRICT)
    ]  # fmt: skip
    assert allowed == []


def test_less_is_lawful_where_parts_are_but_paise_nothing_and_more_are_not() -> None:
    lawful_alone = {
        name
        for name, amount in WRONG_AMOUNT.values.items()
        if lawful(PLACE.values["the only one"].shares(BILLS[:1], amount(Decimal(7))), IN_PARTS)
    }
    assert lawful_alone == {"one rupee less"}
    assert lawful(due(BILLS), STRICT)


def test_totals_and_shares_of_one_bill_differ_from_what_is_due() -> None:
    assert total(due(BILLS)) not in {each(total(due(BILLS))) for each in TOTAL.values.values()}
    assert all(len(each(Decimal(7))) == 2 for each in SAME_BILL.values.values())


def test_only_a_transaction_is_no_payment_at_the_counter() -> None:
    assert [name for name, each in WAY.values.items() if each.by_transaction] == ["a transaction"]
