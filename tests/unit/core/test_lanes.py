"""Lanes: so many go on at a time, who waits lets others go on, and no one waits for ever."""

import threading
from collections.abc import Callable

from conformance.core.lanes import Lanes, in_turn, sleep, threads_for, while_waiting
from conformance.core.once import Once
from conformance.core.side_by_side import side_by_side


def test_no_more_go_on_than_there_are_lanes() -> None:
    lock, going_on, most = threading.Lock(), 0, 0

    def act(_: int) -> None:
        nonlocal going_on, most
        for _ in range(3):
            with lock:
                going_on += 1
                most = max(most, going_on)
            threading.Event().wait(0.001)
            with lock:
                going_on -= 1
            sleep(0.001)

    side_by_side(range(12), act, jobs=3, abandon=lambda: None)
    assert 1 <= most <= 3


def test_another_goes_on_while_one_waits() -> None:
    other_was_here = threading.Event()

    def act(place: int) -> None:
        if place == 0:
            with while_waiting():
                assert other_was_here.wait(10)
        else:
            other_was_here.set()

    lanes = Lanes(1)
    threads = [threading.Thread(target=lambda n=n: _in(lanes, act, n)) for n in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert not any(each.is_alive() for each in threads)


def _in(lanes: Lanes, act: Callable[[int], None], place: int) -> None:
    with lanes.taken():
        act(place)


def test_who_waits_for_what_another_makes_lets_it_be_made() -> None:
    once, made = Once(), []

    def make() -> int:
        sleep(0.001)
        made.append(1)
        return len(made)

    got: list[int] = []
    side_by_side(range(9), lambda _: got.append(once("a", make)), jobs=2, abandon=got.clear)
    assert got == [1] * 9


def test_who_has_waited_goes_on_although_the_lane_is_never_given_back() -> None:
    lanes, asleep, done = Lanes(1), threading.Event(), threading.Event()

    def first() -> None:
        with lanes.taken():
            with while_waiting():
                asleep.set()
                assert taken.wait(10)
            done.set()

    taken = threading.Event()

    def second() -> None:
        assert asleep.wait(10)
        with lanes.taken():
            taken.set()
            assert done.wait(10)  # keeps the lane, and waits for the other

    threads = [threading.Thread(target=each) for each in (first, second)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert done.is_set()
    with lanes.taken():
        pass  # it is free again


def test_who_awaits_a_lock_lets_its_holder_go_on() -> None:
    lanes, lock, held, awaited = Lanes(1), threading.Lock(), threading.Event(), threading.Event()
    done: list[str] = []

    def holder() -> None:
        with lanes.taken(), in_turn(lock):
            with while_waiting():
                held.set()
                assert awaited.wait(10)
            done.append("holder")

    def other() -> None:
        assert held.wait(10)
        with lanes.taken():
            awaited.set()
            with in_turn(lock):
                done.append("other")

    threads = [threading.Thread(target=each) for each in (holder, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert done == ["holder", "other"]
    assert not lock.locked()


def test_nothing_is_lent_where_nothing_else_goes_on() -> None:
    with while_waiting():
        sleep(0)


def test_threads_are_limited() -> None:
    assert threads_for(1, 1000) == 1
    assert threads_for(8, 1000) == 64
    assert threads_for(8, 3) == 3
    assert threads_for(64, 1000) == 128
    assert threads_for(200, 1000) == 200
