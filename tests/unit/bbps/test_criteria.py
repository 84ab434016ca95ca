"""Which records a search may show: all criteria hold, and what is masked or absent says nothing."""

from typing import Any, Final

import pytest

from conformance.bbps.clock import DAY
from conformance.bbps.criteria import PAYMENT, unmet

RECORD: Final[dict[str, Any]] = {
    "id": "p",
    "tenantId": "pb.amritsar",
    "paymentMode": "CASH",
    "mobileNumber": "9876543210",
    "transactionDate": 1000 + DAY,
    "paymentDetails": [{"billId": "a", "businessService": "PT"}, {"billId": "b"}],
}
MET: Final[dict[str, dict[str, str]]] = {
    "blank": {"ids": " "},
    "one of a list": {"ids": "o,p"},
    "any case of a mode": {"paymentModes": "card,cash"},
    "the second detail": {"billIds": "b"},
    "the state of the city": {"tenantId": "pb"},
    "a day added to the last date": {"toDate": "1000"},
    "what no record holds": {"limit": "1"},
}
UNMET: Final[dict[str, tuple[str, str]]] = {
    "ids": ("ids", "o"),
    "a tenant that begins alike": ("tenantId", "pb.am"),
    "another number": ("mobileNumber", "9876543211"),
    "a later first date": ("fromDate", str(1001 + DAY)),
    "a service of no detail": ("businessServices", "WS"),
    "a field that is not shown": ("transactionNumber", "t"),
}


@pytest.mark.parametrize("case", MET)
def test_a_record_meets(case: str) -> None:
    assert unmet(PAYMENT, RECORD, MET[case]) == []


@pytest.mark.parametrize("case", UNMET)
def test_a_record_does_not_meet(case: str) -> None:
    name, text = UNMET[case]
    assert unmet(PAYMENT, RECORD, {"billIds": "a", name: text}) == [name]


@pytest.mark.parametrize("number", ["******3210", "XXXXXX3210", None, ""])
def test_hidden_number_says_nothing(number: str | None) -> None:
    assert unmet(PAYMENT, RECORD | {"mobileNumber": number}, {"mobileNumber": "9876543210"}) == []
