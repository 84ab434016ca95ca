"""Bills that are lent: those that stay unpaid are lent again, others are not."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.bbps import shelf
from conformance.bbps.models import Bill
from conformance.bbps.shelf import lent
from conformance.core.once import Once
from conformance.profile.target import Service
from tests.unit.bill_documents import bill

SERVICE = Service(business_service="PT", tax_head="PT_TAX")
OTHER = Service(business_service="SMP", tax_head="SMP_TAX")


@pytest.fixture
def bbps(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A flow that provides numbered bills; those of the service SMP are about to expire."""
    numbers = iter(range(100))

    def provide(_: Any, service: Service) -> Bill:
        code = service.business_service
        return replace(bill(), id=f"{code} {next(numbers)}", business_service=code,
                       expires_at=code == "PT")  # fmt: skip

    monkeypatch.setattr(shelf, "cheap_bill", provide)
    return SimpleNamespace(once=Once(), clock=SimpleNamespace(soon=lambda moment: not moment))


def test_unpaid_bills_are_lent_again_to_whom_they_fit(bbps: Any) -> None:
    with lent(bbps, SERVICE, SERVICE) as loan:
        first = [each.id for each in loan.bills]
    with lent(bbps, SERVICE, OTHER) as loan:
        assert [each.id for each in loan.bills] == [first[0], "SMP 2"]


def test_what_is_spent_about_to_expire_or_in_error_is_not_lent_again(bbps: Any) -> None:
    with lent(bbps, SERVICE) as loan:
        loan.spent = True
    with pytest.raises(ZeroDivisionError), lent(bbps, SERVICE):
        raise ZeroDivisionError
    with lent(bbps, OTHER):
        pass
    with lent(bbps, SERVICE, OTHER) as loan:
        assert [each.id for each in loan.bills] == ["PT 3", "SMP 4"]
