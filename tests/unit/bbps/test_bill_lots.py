"""Lots of bills: fetched in one request, and each used once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

from conformance.bbps.bill_lots import BillLots
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive
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
    lots, fetch, lot = BillLots(), FetchBill(), ("a", "b", "c")

    taken = [lots.take(code, lot, fetch) for code in ("b", "a", "c", "b")]

    assert [each and each.id for each in taken] == ["b", "a", "c", None]
    assert fetch.requests == ["a,b,c"]


def test_those_of_a_lot_that_is_being_fetched_wait_for_it() -> None:
    lots, fetch, lot = BillLots(), FetchBill(), tuple("abcdefgh")
    begun = threading.Barrier(len(lot))

    def slowly(codes: str) -> Response:
        begun.wait(10)  # all but this one are about to take theirs
        return fetch(codes)

    def take(code: str) -> str:
        if code != lot[0]:
            begun.wait(10)
        found = lots.take(code, lot, slowly)
        return found.id if found else ""

    with ThreadPoolExecutor(len(lot)) as pool:
        assert tuple(pool.map(take, lot)) == lot
    assert fetch.requests == ["a,b,c,d,e,f,g,h"]


def test_code_alone_is_left_to_be_fetched_by_itself() -> None:
    fetch = FetchBill()
    for lot in ((), ("a",)):
        assert BillLots().take("a", lot, fetch) is None
    assert not fetch.requests


def test_bill_of_another_code_is_none_of_these() -> None:
    lots, lot = BillLots(), ("a", "b")
    assert lots.take("a", lot, FetchBill(lists=False)) is None
    assert lots.take("b", lot, FetchBill()) is None


def unanswered(_codes: str) -> Response:
    raise Inconclusive("no answer came")


def test_what_is_refused_unreadable_or_lost_gives_no_bill() -> None:
    odd = (FetchBill(status=400), FetchBill(body={"Bill": [{}]}), FetchBill(body="page"))
    for fetch in (*odd, unanswered):
        lots = BillLots()
        assert lots.take("a", ("a", "b"), fetch) is None
        assert lots.take("b", ("a", "b"), fetch) is None
