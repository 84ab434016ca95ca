"""A bill may be rounded by a tax head that it shows, and by nothing else (BIL-02)."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.checks.test_bill import test_bill_keeps_paise as keeps_paise
from conformance.core.verdicts import Violation


def deployment(total: str, **heads: str) -> Bbps:
    """A deployment that makes a bill over some tax heads of a demand over 100.50."""
    accounts = [{"taxHeadCode": head, "amount": amount} for head, amount in heads.items()]
    raw: dict[str, Any] = {"billDetails": [{"amount": total, "billAccountDetails": accounts}]}
    bill = Bill(
        id="b", tenant="pb.amritsar", business_service="PT", consumer_code="c",
        amount=Decimal(total), expires_at=0, status="ACTIVE", raw=raw,
    )  # fmt: skip
    target = SimpleNamespace(bills=SimpleNamespace(tax_head="PT_TAX"))
    return cast(
        Bbps, SimpleNamespace(new_bill=lambda **_: bill, bills_for=lambda _: [bill], target=target)
    )


def test_rounding_that_a_tax_head_shows_is_taken() -> None:
    keeps_paise(deployment("100.50", PT_TAX="100.50"))
    keeps_paise(deployment("101", PT_TAX="100.50", PT_ROUNDOFF="0.50"))
    keeps_paise(deployment("100", PT_TAX="100.50", PT_ROUNDOFF="-0.50"))


@pytest.mark.parametrize(
    ("total", "heads"),
    [
        ("101", {"PT_TAX": "101"}),
        ("101", {"PT_TAX": "100.50"}),
        ("100", {"PT_TAX": "100"}),
        ("101", {"PT_TAX": "100", "PT_ROUNDOFF": "1"}),
        ("101", {"PT_TAX": "100.75", "PT_ROUNDOFF": "0.25"}),
        ("110.50", {"PT_TAX": "100.50", "PT_CESS": "10"}),
    ],
)
def test_rounding_without_its_tax_head_is_hidden(total: str, heads: dict[str, str]) -> None:
    with pytest.raises(Violation):
        keeps_paise(deployment(total, **heads))
