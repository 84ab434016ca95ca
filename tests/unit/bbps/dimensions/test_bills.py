from decimal import Decimal

import pytest

from conformance.bbps.dimensions.amounts import AMOUNT, GREAT, INDIVISIBLE, NOTATION
from conformance.bbps.dimensions.bills import BILL, DEMANDS, LINES, LOWERING, SPLIT, UNPAID_BILL

AMOUNTS = [each for each in (*AMOUNT.values.values(), *GREAT.values.values(), Decimal("100.50"))
           if each is not None]  # fmt: skip


@pytest.mark.parametrize("name", BILL.values)
def test_whatever_a_bill_is_made_of_the_amount_is_due(name: str) -> None:
    odd = [
        (amount, demands)
        for amount in AMOUNTS
        for demands in [BILL.values[name].split(amount)]
        if sum((sum(lines.values()) for lines in demands), Decimal(0)) != amount
    ]
    assert odd == []


@pytest.mark.parametrize("name", LINES.values)
def test_whatever_its_lines_the_amount_of_the_profile_is_due(name: str) -> None:
    demands = LINES.values[name].split(Decimal(100))
    lines = [rupees for each in demands for rupees in each.values()]
    assert sum(lines) == 100
    assert (name == LINES.plain) == all(each % 1 == 0 for each in lines)


def test_every_line_but_that_of_nothing_has_rupees_and_only_rebates_lower() -> None:
    odd = [
        (name, amount, kind)
        for name in BILL.without("a tax head of nothing").values
        for amount in AMOUNTS
        if name not in SPLIT or f"₹ {amount}" not in INDIVISIBLE
        for lines in BILL.values[name].split(amount)
        for kind, rupees in lines.items()
        if (rupees < 0) != (kind == LOWERING) or rupees == 0
    ]
    assert odd == []


def test_what_needs_a_payment_or_an_outcome_is_left_out_where_there_is_none() -> None:
    needy = {name for name, each in BILL.values.items() if each.before}
    assert set(UNPAID_BILL.values) == set(BILL.values) - needy


def test_each_last_digit_is_among_the_amounts() -> None:
    assert {int(each) % 10 for each in AMOUNT.values.values() if each} == set(range(10))


@pytest.mark.parametrize("amount", [Decimal(100), Decimal("7.50"), Decimal(1), Decimal("0.25")])
def test_a_notation_writes_the_same_amount(amount: Decimal) -> None:
    assert {Decimal(write(amount)) for write in NOTATION.values.values()} == {amount}


def test_notations_differ() -> None:
    assert [write(Decimal("100.00")) for write in NOTATION.values.values()] == list(NOTATION.values)


@pytest.mark.parametrize("name", DEMANDS.values)
def test_a_bill_of_so_many_demands_has_something_due_on_each(name: str) -> None:
    demands = DEMANDS.values[name].split(Decimal(20))
    lines = [rupees for each in demands for rupees in each.values()]
    assert name == f"{len(demands)} demands"
    assert sum(lines) == 20
    assert min(lines) > 0
