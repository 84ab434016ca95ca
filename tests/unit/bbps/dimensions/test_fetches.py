"""What a way of fetch wants, and what it may be offered."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.dimensions.fetches import (
    BY_DEMAND,
    BY_NUMBER,
    FETCH,
    LIST_BY_NUMBER,
    Wanted,
    unknown,
)
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.core.verdicts import NotApplicable

NOBODY: Any = None
FREE = (
    "in a list with a due one", "in a list with a paid one", BY_NUMBER, LIST_BY_NUMBER, BY_DEMAND,
)  # fmt: skip


def bill(code: str, **raw: Any) -> Bill:
    return cast(Bill, SimpleNamespace(consumer_code=code, raw=raw))


@pytest.mark.parametrize("way", FETCH.without(*FREE).values)
def test_a_list_of_codes_wants_the_one_in_question(way: str) -> None:
    wanted = FETCH.values[way](NOBODY, bill("c"))
    assert "c" in wanted.codes
    assert {*wanted.codes} <= {"c", unknown("c")}


def test_no_number_is_sent_that_the_bill_does_not_show_whole() -> None:
    assert FETCH.values[BY_NUMBER](NOBODY, bill("c", mobileNumber="9876543210")).mobile
    for shown in ({}, {"mobileNumber": "98******10"}):
        with pytest.raises(NotApplicable, match="mobile number"):
            FETCH.values[BY_NUMBER](NOBODY, bill("c", **shown))


def test_other_codes_are_wanted_of_the_payer_with_the_number_only() -> None:
    by_code = Wanted(codes=("c",))
    assert by_code.covers(bill("c"))
    assert not by_code.covers(bill("d", mobileNumber="9876543210"))
    by_number = Wanted(codes=("c",), mobile="9876543210")
    assert by_number.covers(bill("d", mobileNumber="9876543210"))
    assert by_number.covers(bill("d", mobileNumber="98******10"))
    assert not by_number.covers(bill("d", mobileNumber="9876543211"))
    assert not by_number.covers(bill("d"))


def test_other_codes_are_wanted_with_the_demand_only() -> None:
    asked = bill("c", billDetails=[{"demandId": "d1"}, {"demandId": "d2"}])
    by_demand = FETCH.values[BY_DEMAND](NOBODY, asked)
    assert by_demand.demand == "d1"
    assert by_demand.covers(bill("d", billDetails=[{"demandId": "d1"}]))
    assert not by_demand.covers(bill("d", billDetails=[{"demandId": "d3"}]))


@pytest.mark.parametrize("details", [None, [], [None], [{}], {"demandId": "d1"}])
def test_no_demand_is_sent_that_the_bill_does_not_show(details: Any) -> None:
    with pytest.raises(NotApplicable, match="demand"):
        FETCH.values[BY_DEMAND](NOBODY, bill("c", billDetails=details))


def test_codes_are_fetched_with_commas_between() -> None:
    fetched = SimpleNamespace(fetch=lambda code, *, mobile, demand: (code, mobile, demand))
    wanted = Wanted(codes=("c", "d"), mobile="9876543210", demand="d1")
    assert wanted.fetch(cast(Bbps, fetched)) == cast(Any, ("c,d", "9876543210", "d1"))
