"""What a business service permits is no wrong amount."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill
from conformance.checks.business_rules import wrong_amount
from conformance.core.verdicts import NotApplicable

BILL = Bill(
    id="b", tenant="pb.amritsar", business_service="PT", consumer_code="c", amount=Decimal(100),
    expires_at=0, status="ACTIVE", raw={},
)  # fmt: skip


def bbps(**settings: bool) -> Bbps:
    """A deployment whose master of PT holds some settings."""
    master = {"BillingService": {"BusinessService": [{"code": "PT", **settings}]}}
    response = SimpleNamespace(status=200, body={"MdmsRes": master})
    client = SimpleNamespace(
        target=SimpleNamespace(state_tenant="pb"), call=lambda *_, **__: response
    )
    return cast(Bbps, SimpleNamespace(client=client))


@pytest.mark.parametrize(
    ("setting", "amount"), [("partPaymentAllowed", "99"), ("isAdvanceAllowed", "100.40")]
)
def test_permitted_amount_is_not_judged(setting: str, amount: str) -> None:
    with pytest.raises(NotApplicable, match=setting):
        wrong_amount(bbps(**{setting: True}), BILL, Decimal(amount))
    wrong_amount(bbps(**{setting: False}), BILL, Decimal(amount))


@pytest.mark.parametrize("amount", ["-1", "0", "100"])
def test_what_no_setting_permits_is_judged(amount: str) -> None:
    wrong_amount(bbps(partPaymentAllowed=True, isAdvanceAllowed=True), BILL, Decimal(amount))


def test_each_direction_has_its_own_setting() -> None:
    only_part: Any = bbps(partPaymentAllowed=True)
    wrong_amount(only_part, BILL, Decimal(101))
    only_advance = bbps(isAdvanceAllowed=True)
    wrong_amount(only_advance, BILL, Decimal(99))
