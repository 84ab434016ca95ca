"""Two sights of a record: what counts as a difference, and what a reader may see otherwise."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.bbps.audit.differences import differences

SAME: dict[str, tuple[Any, Any]] = {
    "a number in another scale": ({"txnAmount": "100"}, {"txnAmount": "100.00"}),
    "a number as text": ({"amount": 100}, {"amount": Decimal("100.0")}),
    "less is shown": ({"module": "PT"}, {"module": None}),
    "more is shown": ({}, {"receipt": "R"}),
    "masked by stars": ({"mobileNumber": "9876543210"}, {"mobileNumber": "98******10"}),
    "masked by letters": ({"mobileNumber": "9876543210"}, {"mobileNumber": "XXXXXX3210"}),
    "a mask that is longer than the name": ({"name": "K"}, {"name": "KXXXXXK"}),
    "masked by other signs": ({"name": "Payer"}, {"name": "P##••"}),
    "redacted when it was recorded": ({"emailId": "***"}, {"emailId": "a@b.example"}),
    "another order": ({"d": [{"id": 1, "n": 1}, {"id": 2, "n": 2}]},
                      {"d": [{"id": 2, "n": 2}, {"id": 1, "n": 1}]}),
    "an empty list as an empty text": ({"modes": []}, {"modes": [""]}),
}  # fmt: skip
DIFFERENT: dict[str, tuple[Any, Any]] = {
    "another text": ({"productInfo": "for tax"}, {"productInfo": "for"}),
    "another number": ({"amount": 100}, {"amount": 101}),
    "a text of digits without its zeros": ({"number": "0012"}, {"number": "12"}),
    "deep inside": (
        {"a": [{"billId": "b", "c": {"d": 1}}]},
        {"a": [{"billId": "b", "c": {"d": 2}}]},
    ),
    "another element": ({"a": [{"id": 1}]}, {"a": [{"id": 2}]}),
    "one element less": ({"a": [1, 2]}, {"a": [1]}),
    "a kept field that is gone": ({"kept": "x"}, {"more": "y"}),
    "a mask of another number": ({"mobileNumber": "9876543210"}, {"mobileNumber": "******9999"}),
    "true and 1": ({"flag": True}, {"flag": 1}),
}


@pytest.mark.parametrize("case", SAME)
def test_a_reader_may_see_it_so(case: str) -> None:
    assert not list(differences(*SAME[case], kept={"kept"}))


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_difference_is_named(case: str) -> None:
    (text,) = differences(*DIFFERENT[case], kept={"kept"})
    assert text.startswith(next(iter(DIFFERENT[case][0])))


def test_a_field_that_may_change_is_left_out() -> None:
    assert not list(differences({"status": "NEW"}, {"status": "PAID"}, left_out={"status"}))
