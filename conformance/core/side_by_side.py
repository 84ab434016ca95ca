"""Does the same with several things, some at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from conformance.core.lanes import Lanes, threads_for

T = TypeVar("T")


def side_by_side(
    things: Sequence[T], act: Callable[[T], None], *, jobs: int, abandon: Callable[[], None]
) -> None:
    """Call `act` with each thing, `jobs` at a time, and raise what the first one raised.

    Where one waits, another goes on (`core.lanes`).
    `abandon` has to end the calls under way, for an interrupt that must not wait for them.
    """
    if jobs == 1 or len(things) < 2:
        for each in things:
            act(each)
        return
    lanes = Lanes(jobs)

    def in_a_lane(thing: T) -> None:
        with lanes.taken():
            act(thing)

    with ThreadPoolExecutor(threads_for(jobs, len(things))) as pool:
        try:
            for future in [pool.submit(in_a_lane, each) for each in things]:
                future.result()
        except BaseException:
            abandon()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def all_of(
    things: Sequence[T], act: Callable[[T], None], *, jobs: int, abandon: Callable[[], None]
) -> None:
    """Do as `side_by_side`, whatever comes of each; raise the Exception of the first in the end."""
    problems: dict[int, Exception] = {}

    def tried(place: int) -> None:
        try:
            act(things[place])
        except Exception as problem:  # noqa: BLE001  raised below
            problems[place] = problem

    side_by_side(range(len(things)), tried, jobs=jobs, abandon=abandon)
    if problems:
        raise problems[min(problems)]
