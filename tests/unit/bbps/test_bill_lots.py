"""Lots of bills: fetched in one request, and each used once."""

from types import SimpleNamespace
from typing import Any, cast

from conformance.bbps.bill_lots import BillLots
from conformance.client.response import Response
from tests.unit.bill_documents import bill


class FetchBill:
    """Answers with the bills of some consumer codes; `lists` is whether it takes several."""

    def __init__(self, *, lists: bool = True, status: int = 200, body: Any = None) -> None:
        self.lists, self.status, self.body = lists, status, body
        self.requests: list[str] = []

    def __call__(self, codes: str) -> Response:
        self.requests.append(codes)
        each = codes.split(",") if self.lists else [codes]
        rows = [{**bill("ACTIVE").raw, "id": code, "consumerCode": code} for code in each]
        body = {"Bill": rows} if self.body is None else self.body
        answer = SimpleNamespace(
            succeeded=self.status < 300,
            refused=self.status >= 400,
            turned_away=False,
            body=body,
            status=self.status,
            description="answer",
        )
        return cast(Response, answer)


def test_bills_of_several_codes_are_fetched_together_and_used_once() -> None:
    lots, fetch = BillLots(), FetchBill()

    first = lots.take("a", ["b", "c"], fetch)

    assert first is not None
    assert first.id == "a"
    others = [lots.take(code, (), fetch) for code in ("b", "c", "b")]
    assert [each and each.id for each in others] == ["b", "c", None]
    assert fetch.requests == ["a,b,c"]


def test_code_alone_is_left_to_be_fetched_by_itself() -> None:
    fetch = FetchBill()
    assert BillLots().take("a", (), fetch) is None
    assert not fetch.requests


def test_bill_of_another_code_is_none_of_these() -> None:
    lots = BillLots()
    assert lots.take("a", ["b"], FetchBill(lists=False)) is None
    assert lots.take("b", (), FetchBill()) is None


def test_what_is_refused_or_unreadable_gives_no_bill() -> None:
    for fetch in (FetchBill(status=400), FetchBill(body={"Bill": [{}]}), FetchBill(body="page")):
        assert BillLots().take("a", ["b"], fetch) is None
