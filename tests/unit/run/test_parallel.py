"""Which checks may run in parallel, and how threads share them out and end."""

import threading
from contextlib import closing

import pytest

from conformance.run.parallel import declare_markers, grouped, in_parallel, parallel_group
from conformance.run.planning import place_of

PLACES = ("independent", "afterwards", "alone")
pytest_plugins = ["pytester"]

CHECKS = """
import pytest

@pytest.fixture
def number():
    return [7]

@pytest.fixture
def torn_down():
    yield 1

@pytest.mark.independent
def test_independent(number):
    number.append(8)

@pytest.mark.independent(by="word")
@pytest.mark.parametrize("case", [1, 2])
@pytest.mark.parametrize("word", ["x", "y"])
def test_together(word, case):
    pass

def test_unmarked():
    pass

@pytest.mark.independent
@pytest.mark.alone("reads what all others exchanged")
def test_alone():
    pass

@pytest.mark.independent
@pytest.mark.afterwards("moves the clock by seconds")
def test_afterwards():
    pass

@pytest.mark.independent
def test_with_tear_down(torn_down):
    pass

@pytest.mark.independent
@pytest.mark.usefixtures("number")
def test_with_a_fixture_automatic():
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


def test_only_marked_checks_are_independent(items: dict[str, pytest.Item]) -> None:
    serial = {name for name, item in items.items() if parallel_group(item) is None}
    assert serial == {"test_unmarked", "test_alone", "test_with_a_fixture_automatic"}


def test_automatic_fixtures_keep_checks_alone(pytester: pytest.Pytester) -> None:
    automatic = (
        "@pytest.fixture(autouse=True)\ndef automatic():\n    pass\n\n@pytest.mark.independent"
    )
    found = pytester.getitems(CHECKS.replace("@pytest.mark.independent", automatic, 1))
    assert {parallel_group(item) for item in found} == {None}


def test_those_that_share_come_together_and_first(items: dict[str, pytest.Item]) -> None:
    groups = [[item.name for item in group] for group in grouped(items.values())]
    assert groups[:2] == [
        ["test_together[x-1]", "test_together[x-2]"],
        ["test_together[y-1]", "test_together[y-2]"],
    ]
    single = ["test_independent", "test_afterwards", "test_with_tear_down", "test_method"]
    assert groups[2:] == [[each] for each in single]


def test_what_disturbs_others_comes_after_them_with_what_runs_alone(
    items: dict[str, pytest.Item],
) -> None:
    first, then, alone = (place_of(items[f"test_{each}"]) for each in PLACES)
    assert first < then
    assert then == alone


def test_threads_run_at_the_same_time_and_groups_in_order() -> None:
    both = threading.Barrier(2, timeout=10)
    done: list[int] = []

    def execute(number: int) -> int:
        if number in (1, 2):
            both.wait()  # passes only if the two meet
        done.append(number)
        return -number

    results = list(in_parallel(2, [[1, 10, 100], [2]], execute, pytest.fail))
    assert sorted(results) == [-100, -10, -2, -1]
    assert [number for number in done if number != 2] == [1, 10, 100]


def test_one_thread_takes_groups_in_order() -> None:
    assert list(in_parallel(1, [[3, 4], [1], [2]], str, pytest.fail)) == ["3", "4", "1", "2"]
    assert list(in_parallel(8, [], str, pytest.fail)) == []


def test_a_fault_of_the_suite_ends_the_threads() -> None:
    abandoned = threading.Event()

    def execute(number: int) -> None:
        raise OSError(f"the disk is full at {number}")

    with pytest.raises(OSError, match="the disk is full"):
        list(in_parallel(2, [[1], [2], [3], [4]], execute, abandoned.set))
    assert abandoned.is_set()


@pytest.mark.parametrize("ending", [KeyboardInterrupt, GeneratorExit])
def test_an_interrupt_gives_up_what_is_under_way(ending: type[BaseException]) -> None:
    abandoned = threading.Event()
    started: list[int] = []

    def execute(number: int) -> int:
        started.append(number)
        if number == 2:
            assert abandoned.wait(10)
        return number

    results = in_parallel(1, [[1], [2], [3]], execute, abandoned.set)
    with closing(results):
        assert next(results) == 1
        if ending is KeyboardInterrupt:
            with pytest.raises(KeyboardInterrupt):
                results.throw(KeyboardInterrupt())
    assert abandoned.is_set()
    assert 3 not in started
