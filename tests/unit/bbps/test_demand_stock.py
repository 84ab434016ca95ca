"""The stock of demands: raised together, more each time, and each handed out once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.bbps.demand_stock import AT_ONCE, DemandStock
from conformance.core.verdicts import Inconclusive


class Register:
    """Raises demands for consumer codes 1, 2, 3 ...; `requests` says how many each time."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self.wanted: list[int] = []
        self.requests: list[int] = []
        self.most = most

    def demands(self, count: int) -> Sequence[str]:
        first = sum(self.requests) + 1
        self.wanted.append(count)
        self.requests.append(min(count, self.most))
        return [str(first + number) for number in range(self.requests[-1])]


def test_first_is_raised_alone_and_then_more_each_time() -> None:
    stock, register = DemandStock(), Register()

    taken = [stock.take("kind", register.demands) for _ in range(104)]

    assert taken == [str(number) for number in range(1, 105)]
    assert register.requests == [1, 4, 16, 40, 40, 40]


def test_each_kind_has_its_own() -> None:
    stock, one, other = DemandStock(), Register(), Register()
    for _ in range(2):
        stock.take("one", one.demands)

    assert stock.take("other", other.demands) == "1"
    assert (one.requests, other.requests) == ([1, 4], [1])


def test_as_few_are_raised_as_a_service_takes() -> None:
    stock, register = DemandStock(), Register(most=1)

    assert [stock.take("kind", register.demands) for _ in range(4)] == ["1", "2", "3", "4"]
    assert register.wanted == [1, 4, 1, 1]


def test_nobody_gets_what_another_has() -> None:
    stock, register = DemandStock(), Register()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: stock.take("kind", register.demands), range(40)))
    assert len(set(taken)) == 40


def test_failure_leaves_the_stock_as_it_was() -> None:
    stock, register = DemandStock(), Register()

    def fail(_count: int) -> Sequence[str]:
        raise Inconclusive("no demand could be raised")

    with pytest.raises(Inconclusive):
        stock.take("kind", fail)
    assert stock.take("kind", register.demands) == "1"
