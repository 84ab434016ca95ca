"""Does the same with several things, some at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def side_by_side(
    things: Sequence[T], act: Callable[[T], None], *, jobs: int, abandon: Callable[[], None]
) -> None:
    """Call `act` with each thing, in `jobs` threads, and raise what the first one raised.

    `abandon` has to end the calls under way, for an interrupt that must not wait for them.
    """
    if jobs == 1 or len(things) < 2:
        for each in things:
            act(each)
        return
    with ThreadPoolExecutor(min(jobs, len(things))) as pool:
        try:
            for future in [pool.submit(act, each) for each in things]:
                future.result()
        except BaseException:
            abandon()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
