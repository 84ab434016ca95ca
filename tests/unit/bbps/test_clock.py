"""The clock that a rehearsal moves: what its control answers may be anything."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.clock import DAY, Clock
from conformance.client.client import Client
from conformance.core.verdicts import Inconclusive


@pytest.mark.parametrize("answer", [None, [], {}, {"now": None}, {"now": "1"}, {"now": True}])
def test_answer_without_a_time_is_inconclusive_and_names_the_control(answer: Any) -> None:
    target = SimpleNamespace(clock_url="/clock")
    client = SimpleNamespace(target=target, control=lambda *_: answer)
    with pytest.raises(Inconclusive, match="the clock at /clock shows no time"):
        Clock(cast(Client, client)).now()


def test_first_look_that_overlaps_a_move_leaves_no_earlier_time() -> None:
    looks, moved = threading.Event(), threading.Event()
    times = {"now": DAY}

    def control(_: str, command: dict[str, int] | None) -> dict[str, int]:
        if command is None:
            before = dict(times)
            looks.set()
            moved.wait(0.2)  # the answer is on its way; a move that waits for it comes later
            return before
        times["now"] += command["advance"]
        moved.set()
        return dict(times)

    target = SimpleNamespace(clock_url="/clock")
    sessions = SimpleNamespace(age=lambda _: None)
    client = SimpleNamespace(target=target, control=control, sessions=sessions)
    clock = Clock(cast(Client, client))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(clock.now)
        assert looks.wait(10)
        clock.advance(DAY)
        first.result(10)
    assert clock.now() >= 2 * DAY
