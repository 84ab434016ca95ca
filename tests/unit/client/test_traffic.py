"""While a race is under way no other request is, and what belongs to the race is not held up."""

import threading
from contextvars import copy_context

import pytest

from conformance.client import traffic as traffic_room
from conformance.client.traffic import Traffic


def test_a_race_waits_for_what_is_under_way_and_holds_up_the_rest() -> None:
    traffic, order = Traffic(), []
    under_way, go_on, racing = threading.Event(), threading.Event(), threading.Event()

    def before() -> None:
        with traffic.passing():
            under_way.set()
            assert go_on.wait(10)
            order.append("before")

    def race() -> None:
        with traffic.race():
            order.append("race")
            racing.set()
            later.start()
            later.join(0.05)
            order.append("race ends")

    def after() -> None:
        with traffic.passing():
            order.append("after")

    later = threading.Thread(target=after)
    first, second = threading.Thread(target=before), threading.Thread(target=race)
    first.start()
    assert under_way.wait(10)
    second.start()
    assert not racing.wait(0.05)
    go_on.set()
    for each in (first, second):
        each.join(10)
    later.join(10)
    assert order == ["before", "race", "race ends", "after"]


def test_what_belongs_to_the_race_passes() -> None:
    traffic, passed = Traffic(), threading.Event()

    def call() -> None:
        with traffic.passing():
            passed.set()

    with traffic.race():
        thread = threading.Thread(target=copy_context().run, args=(call,))
        thread.start()
        assert passed.wait(10)
        thread.join(10)


def test_races_follow_one_another() -> None:
    traffic, inside, most = Traffic(), [], []

    def race() -> None:
        with traffic.race():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=race) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert most == [1] * 8


def test_a_race_may_wait_for_what_others_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_room, "PATIENCE", 0.05)
    traffic, made = Traffic(), threading.Event()

    def make() -> None:
        with traffic.passing():
            made.set()

    maker = threading.Thread(target=make)
    with traffic.race():
        maker.start()
        assert made.wait(10)
    maker.join(10)
