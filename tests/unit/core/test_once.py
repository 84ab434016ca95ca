"""What is made once for a run: when it is first needed, for all threads, or with what it raised."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive


def test_each_name_is_made_once_for_all_threads() -> None:
    once, made = Once(), []

    def make() -> int:
        made.append("a")
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: once("a", make), range(32)))
    assert (set(results), made) == ({1}, ["a"])
    assert once("b", lambda: 2) == 2


def test_what_is_forgotten_is_made_again() -> None:
    once = Once()
    assert once("a", lambda: 1) == 1
    once.forget("a")
    once.forget("a")
    assert once("a", lambda: 2) == 2


def test_what_was_raised_is_raised_again() -> None:
    once, tried = Once(), []

    def fail() -> None:
        tried.append(1)
        raise ValueError("no bill")

    for _ in range(2):
        with pytest.raises(ValueError, match="no bill"):
            once("bill", fail)
    assert tried == [1]


def test_one_thing_may_need_another() -> None:
    once = Once()
    assert once("sum", lambda: once("part", lambda: 3) + 1) == 4


def test_others_are_made_while_one_is() -> None:
    once, needed = Once(), threading.Event()

    def slow() -> bool:
        return needed.wait(10)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(once, "slow", slow)
        once("quick", needed.set)
        assert waiting.result(10)


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, pytest.fail.Exception])
def test_who_is_ended_while_making_it_ends_alone(end: type[BaseException]) -> None:
    once, begun, ending = Once(), threading.Event(), threading.Event()
    made = itertools.count(1)

    def ended() -> int:
        begun.set()
        ending.wait(10)
        raise end("out of here")

    def first() -> BaseException | None:
        try:
            once("bill", ended)
        except BaseException as problem:  # noqa: BLE001  a pool would end with it
            return problem
        return None

    with ThreadPoolExecutor(5) as pool:
        ender = pool.submit(first)
        assert begun.wait(10)
        waiting = [pool.submit(once, "bill", lambda: next(made)) for _ in range(4)]
        ending.set()
        assert isinstance(ender.result(10), end)
        assert [each.result(10) for each in waiting] == [1] * 4
    assert once("bill", lambda: 2) == 1


def test_a_verdict_is_remembered() -> None:
    once, tried = Once(), []

    def undecided() -> None:
        tried.append(1)
        raise Inconclusive("no bill")

    for _ in range(2):
        with pytest.raises(Inconclusive, match="no bill"):
            once("bill", undecided)
    assert tried == [1]
