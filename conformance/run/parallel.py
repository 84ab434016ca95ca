"""Parallel lanes: independent checks of a run, several at a time, each in a thread.

A check says itself that it is independent; whatever does not runs alone, after the lanes, as
pytest runs it. Lanes share the client, and with it connections, tokens and the pace.
"""

import inspect
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, Final, TypeVar

import pytest

T = TypeVar("T")
MARKERS: Final = (
    "independent(by=None): touches nothing that another check touches, so it may run beside them; "
    "with `by`, those that have the same value of that parameter run one after the other",
    "alone(why): runs alone, although its module is marked independent",
)
KNOWN: Final = frozenset({"independent", "verifies", "parametrize"})  # marks that lanes heed
GRACE: Final = 2.0  # seconds that calls under way are given to end, once a run is interrupted
SWITCH: Final = 0.0005  # seconds of work before a lane yields, so that an answer need not wait


def lane_of(item: pytest.Item) -> str | None:
    """Return a name shared by the checks that must share a lane; None for one that runs alone."""
    mark = item.get_closest_marker("independent")
    if mark is None or not isinstance(item, pytest.Function) or not _plain(item):
        return None
    by = mark.kwargs.get("by")
    return f"{item.path}: {item.callspec.params[by]}" if by else item.nodeid


def grouped(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """Return independent checks by lane, the largest groups first: started last, they hold up."""
    groups: dict[str | None, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(lane_of(item), []).append(item)
    return sorted(groups.values(), key=len, reverse=True)


def perform(item: pytest.Item) -> None:
    """Do what a check does, with fixtures of its own; raises whatever they or the check raise.

    pytest keeps the value of a fixture in one place for all checks, which threads cannot share.
    """
    assert isinstance(item, pytest.Function)
    definitions = item._fixtureinfo.name2fixturedefs
    made: dict[str, Any] = {}

    def given(name: str) -> Any:
        if name not in made:
            definition = definitions[name][-1]
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            request = SimpleNamespace(param=parameters.get(name))
            asked = definition.argnames
            made[name] = definition.func(
                **{each: request if each == "request" else given(each) for each in asked}
            )
        return made[name]

    item.obj(**{name: given(name) for name in item._fixtureinfo.argnames})


def run_in_lanes(
    count: int,
    groups: Sequence[Sequence[T]],
    carry_out: Callable[[T], None],
    abandon: Callable[[], None],
) -> None:
    """Carry out every group in `count` threads, within a group one after the other.

    Every other lane begins at the far end: large groups generate, and would wait for one another.
    When interrupted, calls `abandon`, which has to end the calls under way, and raises
    KeyboardInterrupt. What `carry_out` raises ends the lanes, and is raised here, too.
    """
    waiting = deque(groups)
    faults: list[BaseException] = []

    def lane(take: Callable[[], Sequence[T]]) -> None:
        while waiting and not faults:
            try:
                group = take()
            except IndexError:  # another lane was faster
                return
            try:
                for each in group:
                    carry_out(each)
            except BaseException as fault:  # noqa: BLE001  raised again by whoever waits
                faults.append(fault)

    # Daemons: a call that hangs must not keep an interrupted command from ending.
    lanes = [
        threading.Thread(
            target=lane, args=(waiting.pop if number % 2 else waiting.popleft,), daemon=True
        )
        for number in range(min(count, len(groups)))
    ]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        for each in lanes:
            each.start()
        for each in lanes:
            each.join()
    except KeyboardInterrupt:
        waiting.clear()
        abandon()
        for each in lanes:
            each.join(GRACE / len(lanes))
        raise
    finally:
        sys.setswitchinterval(usual)
    if faults:
        raise faults[0]


def _plain(item: pytest.Function) -> bool:
    """Whether a lane does all that pytest would do for a check, and nothing marks it off."""
    information = item._fixtureinfo
    makers = [each[-1].func for each in information.name2fixturedefs.values()]
    return (
        item.cls is None
        and {mark.name for mark in item.iter_markers()} <= KNOWN
        and set(information.initialnames) == set(information.argnames)  # none that works unasked
        and not any(inspect.isgeneratorfunction(make) for make in makers)  # nothing to tear down
    )
