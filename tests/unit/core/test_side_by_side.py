import threading

import pytest

from conformance.core.side_by_side import all_of, side_by_side


def test_things_are_done_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)
    done: list[str] = []

    def act(thing: str) -> None:
        both.wait()
        done.append(thing)

    side_by_side(["a", "b"], act, jobs=2, abandon=done.clear)

    assert sorted(done) == ["a", "b"]


def test_one_job_keeps_the_order() -> None:
    done: list[int] = []

    side_by_side(range(5), done.append, jobs=1, abandon=done.clear)

    assert done == [0, 1, 2, 3, 4]


def test_what_breaks_is_raised_and_ends_the_calls_under_way() -> None:
    abandoned: list[bool] = []

    def act(thing: int) -> None:
        if thing == 1:
            raise LookupError(thing)

    with pytest.raises(LookupError):
        side_by_side([1, 2, 3], act, jobs=2, abandon=lambda: abandoned.append(True))

    assert abandoned == [True]


@pytest.mark.parametrize("jobs", [1, 3])
def test_all_are_done_before_the_first_problem_is_raised(jobs: int) -> None:
    done: list[int] = []

    def act(thing: int) -> None:
        done.append(thing)
        if thing in (2, 3):
            raise LookupError(thing)

    with pytest.raises(LookupError, match="2"):
        all_of([1, 2, 3, 4], act, jobs=jobs, abandon=done.clear)

    assert sorted(done) == [1, 2, 3, 4]
