"""Counting payments while others pay: what moves to the next page counts once."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.models import Payment
from conformance.checks import test_payment_search
from conformance.checks.test_payment_search import Sought
from conformance.core.verdicts import NotApplicable, Violation

PAGE = 3  # payments that the search shows at most


class Searched:
    """Payments of two services, newest first; somebody pays for the other one after each page."""

    def __init__(self, counted_too_many: int = 0) -> None:
        self.bbps = self
        self.services = ["SMP", "PT", "SMP"]
        self.all = [SimpleNamespace(service="SMP")]
        self.counted_too_many = counted_too_many

    def search_payments(self, **_: Any) -> Any:
        count = self.services.count("SMP") + self.counted_too_many
        return SimpleNamespace(body={"Count": count}, succeeded=True, description="")

    def found(self, query: dict[str, str]) -> list[Payment]:
        start = int(query["offset"])
        oldest_first = [*enumerate(self.services)]
        page = oldest_first[::-1][start : start + PAGE]
        if len(self.services) < 2 * PAGE:
            self.services += ["PT", "PT", "SMP"]
        return [cast(Payment, self._payment(number, service)) for number, service in page]

    def _payment(self, number: int, service: str) -> Any:
        raw = {"paymentDetails": [{"businessService": service}]}
        return SimpleNamespace(id=f"payment {number}", raw=raw)


def counted(searched: Searched) -> None:
    test_payment_search.test_count_is_of_what_a_search_shows(cast(Sought, searched))


def test_what_a_page_repeats_counts_once() -> None:
    counted(Searched())


def test_payments_of_another_service_that_are_too_many_to_read_blame_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Newest first, so that the counted ones come after what is read."""
    monkeypatch.setattr(test_payment_search, "COUNTED", 2 * PAGE)
    searched = Searched()
    searched.services += ["PT"] * 5 * PAGE
    with pytest.raises(NotApplicable, match="a search by SMP shows too many others"):
        counted(searched)


def test_what_no_page_shows_is_missing() -> None:
    with pytest.raises(Violation, match="counted before and after: 3, 4; shown: 2"):
        counted(Searched(counted_too_many=1))
