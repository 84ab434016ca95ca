"""What is made once for a run: when it is first needed, for all threads, or with what it raised."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.core.once import Once


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
