"""Which checks may run in lanes, what a lane does for a check, and how lanes end."""

import threading
from collections.abc import Callable

import pytest

from conformance.run.parallel import grouped, lane_of, perform, run_in_lanes
from conformance.run.plugin import declare_markers

pytest_plugins = ["pytester"]

CHECKS = """
import pytest

@pytest.fixture
def number():
    return [7]

@pytest.fixture(params=["a", "b"])
def letter(request, number):
    return request.param, number

@pytest.fixture
def torn_down():
    yield 1

@pytest.mark.independent
def test_independent(number):
    number.append(8)
    assert number == [7, 8]

@pytest.mark.independent
@pytest.mark.parametrize("more", [1, 2])
def test_parameters(letter, number, more):
    assert letter[0] in "ab" and letter[1] is number and more in (1, 2)

@pytest.mark.independent(by="word")
@pytest.mark.parametrize("case", [1, 2])
@pytest.mark.parametrize("word", ["x", "y"])
def test_together(word, case):
    pass

@pytest.mark.independent
def test_breaks(number):
    raise LookupError("it broke")

def test_unmarked():
    pass

@pytest.mark.independent
@pytest.mark.alone("moves the clock")
def test_alone():
    pass

@pytest.mark.independent
def test_with_tear_down(torn_down):
    pass

@pytest.mark.independent
@pytest.mark.skipif(True, reason="a mark that lanes do not heed")
def test_with_another_mark():
    pass

@pytest.mark.independent
class TestOfAClass:
    def test_method(self):
        pass
"""


@pytest.fixture
def items(pytester: pytest.Pytester) -> dict[str, pytest.Item]:
    found = pytester.getitems(CHECKS)
    declare_markers(found[0].config)
    return {item.name: item for item in found}


def test_only_plain_and_marked_checks_are_independent(items: dict[str, pytest.Item]) -> None:
    serial = {name for name, item in items.items() if lane_of(item) is None}
    assert serial == {
        "test_unmarked",
        "test_alone",
        "test_with_tear_down",
        "test_with_another_mark",
        "test_method",
    }


def test_what_works_unasked_runs_as_pytest_runs_it(pytester: pytest.Pytester) -> None:
    unasked = "@pytest.fixture(autouse=True)\ndef unasked():\n    pass\n\n@pytest.mark.independent"
    found = pytester.getitems(CHECKS.replace("@pytest.mark.independent", unasked, 1))
    assert {lane_of(item) for item in found} == {None}


def test_those_that_share_come_together_and_first(items: dict[str, pytest.Item]) -> None:
    independent = [item for item in items.values() if lane_of(item) is not None]
    groups = [[item.name for item in group] for group in grouped(independent)]
    assert groups[:2] == [
        ["test_together[x-1]", "test_together[x-2]"],
        ["test_together[y-1]", "test_together[y-2]"],
    ]
    assert all(len(group) == 1 for group in groups[2:])


def test_each_check_has_its_own_fixtures(items: dict[str, pytest.Item]) -> None:
    perform(items["test_independent"])
    perform(items["test_independent"])  # a shared list would have grown
    for name in ("[a-1]", "[a-2]", "[b-1]", "[b-2]"):
        perform(items[f"test_parameters{name}"])
    with pytest.raises(LookupError, match="it broke"):
        perform(items["test_breaks"])


def test_lanes_run_at_the_same_time_and_groups_in_order() -> None:
    both = threading.Barrier(2, timeout=10)
    done: list[int] = []

    def carry_out(number: int) -> None:
        if number in (1, 2):
            both.wait()  # passes only if the two meet
        done.append(number)

    run_in_lanes(2, [[1, 10, 100], [2]], carry_out, pytest.fail)
    assert sorted(done) == [1, 2, 10, 100]
    assert [number for number in done if number != 2] == [1, 10, 100]


def test_one_lane_takes_groups_in_order() -> None:
    done: list[int] = []
    run_in_lanes(1, [[3, 4], [1], [2]], done.append, pytest.fail)
    assert done == [3, 4, 1, 2]
    run_in_lanes(8, [], done.append, pytest.fail)


def test_a_fault_of_the_suite_ends_the_lanes() -> None:
    def carry_out(number: int) -> None:
        raise OSError(f"the disk is full at {number}")

    with pytest.raises(OSError, match="the disk is full"):
        run_in_lanes(2, [[1], [2], [3], [4]], carry_out, pytest.fail)


def test_an_interrupt_gives_up_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    abandoned, begun = threading.Event(), threading.Event()
    started: list[int] = []
    join: Callable[..., None] = threading.Thread.join

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        if timeout is None:
            assert begun.wait(10)
            raise KeyboardInterrupt
        join(thread, timeout)

    def carry_out(number: int) -> None:
        started.append(number)
        begun.set()
        assert abandoned.wait(10)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_in_lanes(1, [[1], [2]], carry_out, abandoned.set)
    assert started == [1]
